// The report of a study: figures as committed SVGs, the page on findings full and empty, PNGs with text in them.

import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { answersOf } from '../../src/analysis/answers.js';
import type { Findings } from '../../src/analysis/findings.js';
import { openDrawing } from '../../src/node/document.js';
import { svgToPng } from '../../src/node/png.js';
import { writeReport } from '../../src/node/report.js';
import { reportStyle, servedReport } from '../../src/node/serve/report.js';
import { asDrawing } from '../../src/report/figures.js';
import { compareLines, compareReport } from '../../src/report/study/compare_page.js';
import { legibleTicks } from '../../src/report/study/figure.js';
import { lossLines } from '../../src/report/study/line_figures.js';
import { studyReport } from '../../src/report/study/page.js';
import { axisOf, lineName, panelOf, variantsOf } from '../../src/report/study/slices.js';
import { estimateText } from '../../src/report/study/tables.js';
import { studyLines } from '../../src/report/study/terminal.js';
import { emptyFindings, syntheticComparison, syntheticFindings } from './synthetic_findings.js';

const drawing = asDrawing(await openDrawing());
const full = syntheticFindings();

/** Two groups, one protocol, two lengths: every kind of figure once, small enough to be committed. */
const small = syntheticFindings({
  groups: ['TrainingSet', 'OOD'],
  protocols: ['delayed'],
  lengths: [50, 100],
  clips: 6,
});

// Drawn once: a report of this size takes seconds.
const fullReport = studyReport(drawing, full);
const smallReport = studyReport(drawing, small);

const GOLDEN = fileURLToPath(new URL('../golden/figures/study', import.meta.url));

/** Findings as if all of them were of notes. */
function ofNotes<T>(value: T): T {
  if (Array.isArray(value)) return value.map(ofNotes) as T;
  if (value === null || typeof value !== 'object' || ArrayBuffer.isView(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      if (key === 'domain') return [key, 'notes'];
      if (key === 'quantity' && typeof inner === 'string')
        return [key, inner.replace('nats per code', 'nats per token of a note')];
      return [key, ofNotes(inner)];
    }),
  ) as T;
}

/** Every string of findings wrapped, so that a page that forgets to escape one is found out. */
function hostile<T>(value: T): T {
  if (typeof value === 'string') return `<script>alert("${value}")</script>` as T;
  if (Array.isArray(value)) return value.map(hostile) as T;
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      // Words of a fixed set stay what they are; group names are keys as well.
      key,
      [
        'question',
        'reference',
        'region',
        'definition',
        'axis',
        'quantity',
        'domain',
        'verdict',
        'factor',
        'kind',
        'protocol',
      ].includes(key)
        ? inner
        : key === 'clips' && typeof inner === 'object'
          ? Object.fromEntries(Object.entries(inner as object).map(([group, n]) => [hostile(group), n]))
          : hostile(inner),
    ]),
  ) as T;
}

/** Every number that may be undefined is. */
function undefinedEverywhere(findings: Findings): Findings {
  const none = { value: null, low: null, high: null, n: 0, missing: 3, why: 'no clips' };
  const blank = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(blank);
    if (value === null || typeof value !== 'object') return value;
    if ('missing' in value && 'low' in value) return none;
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => {
        if (['mean', 'low', 'high', 'before', 'inside', 'after'].includes(key) && Array.isArray(inner)) {
          return [key, inner.map(() => null)];
        }
        if (key === 'byCodebook') return [key, (inner as unknown[][]).map((row) => row.map(() => null))];
        if (['values', 'curve', 'outliers'].includes(key)) return [key, []];
        if (['p', 'holm', 'sd', 'equivalenceP', 'equivalenceHolm', 'ours'].includes(key)) return [key, null];
        return [key, key === 'counts' ? inner : blank(inner)];
      }),
    );
  };
  return blank(findings) as Findings;
}

describe('figures', () => {
  test('equal findings give equal bytes: the committed SVGs, each with its title and its axes', async () => {
    const { figures } = smallReport;
    // One of each kind; the second disturbance looks as the first.
    const shown = figures.filter(({ name }) => !/^(white-codes|white-length-50)/.test(name));
    for (const { name, svg } of shown)
      await expect(`${svg}\n`).toMatchFileSnapshot(join(GOLDEN, `${name}.svg`));
    const committed = await readdir(GOLDEN);
    expect(committed.sort()).toEqual(shown.map(({ name }) => `${name}.svg`).sort());
  });

  test('every figure is as wide, names its unit and has no undefined coordinate', () => {
    const { figures } = fullReport;
    expect(new Set(figures.map(({ name }) => name)).size).toBe(figures.length);
    for (const { name, svg } of figures) {
      expect(svg, name).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" role="img"[^>]* width="960"/);
      expect(svg, name).not.toMatch(/NaN|undefined|Infinity/);
      expect(svg, name).toMatch(/\((nats|tokens|s|%)\)|nats per|tokens\)|AUC|amnesia index|codebook/);
    }
  });

  test('of a study of notes no figure and no verdict speaks of codes or tokens of sound', () => {
    const notes = ofNotes(small);
    const findings = { ...notes, answers: answersOf(notes), maps: undefined, published: [] };
    const { figures, html } = studyReport(drawing, findings);
    expect(figures.length).toBeGreaterThan(8);
    const ofSound = /nats per code|\(tokens\)|disturbed token\b/;
    expect(figures.filter(({ svg }) => ofSound.test(svg)).map(({ name }) => name)).toEqual([]);
    expect(figures.filter(({ svg }) => svg.includes('nats per token of a note')).length).toBeGreaterThan(1);
    expect(html.match(/[^<>]*nats per code[^<>]*/g) ?? []).toEqual([]);
  });

  test('the paper’s values stand beside ours where model, group and protocol are theirs, and say whose they are', () => {
    const figureOf = (report: typeof fullReport, name: string) =>
      report.figures.find((figure) => figure.name === name);
    const [lines, perToken] = ['white-loss', 'white-loss-per-token'].map((name) =>
      figureOf(fullReport, name),
    );
    // One panel of two, and a dotted line a group: not for all groups together, which the paper does not have.
    expect(lines?.svg.match(/◇ the paper’s Fig. 2/g)).toHaveLength(1);
    expect(lines?.svg.match(/stroke-dasharray="1,3"/g)).toHaveLength(3);
    const hollow = /<g[^>]* fill="#fff" stroke="#[^>]*>(?:\n?<path [^>]*>(?:<\/path>)?)+/g;
    const marks = (lines?.svg.match(hollow) ?? []).map((group) => group.match(/<path /g)?.length);
    expect(marks).toEqual([6, 6, 6]);
    expect(lines?.caption).toContain('Li, Liu and Wang, ICASSP 2026, Fig. 2');
    // Room is made for a value beyond all of ours.
    const deeper = full.published.map((row) => (row.beside ? { ...row, published: -2 } : row));
    const points = full.clipLoss.filter(({ disturbance }) => disturbance === 'white');
    const options = { disturbance: 'white', groups: ['TrainingSet', 'Generated', 'OOD'] };
    const drawn = lossLines(drawing, points, { ...options, quantity: 'difference', published: deeper });
    expect(drawn?.svg).toContain('−2.0');
    for (const other of [
      perToken,
      figureOf(fullReport, 'white-codes-loss'),
      figureOf(smallReport, 'white-loss'),
    ]) {
      expect(other?.svg.includes('paper')).toBe(false);
      expect(other?.caption.includes('paper')).toBe(false);
    }
    expect(fullReport.html).toContain('0.365 (140)');
  });

  test('the sign of a codebook’s change is told by place as well as by colour', () => {
    const heat = smallReport.figures.find(({ name }) => name.includes('codebooks'));
    const channel = (color: string, at: number): number => Number.parseInt(color.slice(at, at + 2), 16);
    const heights = { rise: new Set<number>(), fall: new Set<number>() };
    for (const [, color, d] of (heat?.svg ?? '').matchAll(/<path stroke="(#\w+)" d="([^"]+)"/g)) {
      const sign = channel(color, 1) > channel(color, 5) ? 'rise' : 'fall';
      // Rows are 20 pixels high: where in its row a stroke lies.
      for (const [, y] of d.matchAll(/M[\d.]+,([\d.]+)/g)) heights[sign].add(Math.round(Number(y)) % 20);
    }
    expect([heights.rise.size, heights.fall.size]).toEqual([1, 1]);
    expect([...heights.rise]).not.toEqual([...heights.fall]);
  });
});

describe('page', () => {
  test('answers come first, then a section a disturbance, then provenance; nothing is loaded from elsewhere', () => {
    const { html } = fullReport;
    const order = ['Does the loss of the whole clip see', '<nav ', 'id="overview"', 'id="disturbance-white"']
      .concat(['id="disturbance-shuffle"', 'id="leak"', 'id="amnesia"', 'id="contrasts"', 'id="published"'])
      .concat(['id="counts"', 'id="makers"', 'id="reproduce"'])
      .map((text) => html.indexOf(text));
    expect(order).not.toContain(-1);
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(html).not.toMatch(/(src|href)="?(https?:)?\/\/|@import|<link|<script|url\(http/);
    expect(html).not.toMatch(/NaN|>undefined|>null</);
    expect(html).toContain('−0.180 [−0.219, −0.141]');
    expect(html).toContain('fingerprint f00df00d');
    expect(html).toContain('3.20 s of sound, the excerpt needs 15 s');
    for (const anchor of html.matchAll(/href="#([^"]+)"/g)) expect(html).toContain(`id="${anchor[1]}"`);
  });

  test('every question is a card: its verdict, a figure that says in words what it shows, the rest behind a line', () => {
    const cards = [...fullReport.html.matchAll(/<section class="card">[\s\S]*?<\/section>/g)].map(
      ([card]) => card,
    );
    expect(cards).toHaveLength(5);
    for (const card of cards) {
      expect(card).toMatch(/<p class="verdict">Partly\.<\/p>\n<svg class="small wide" role="img"/);
      expect(card).toContain(
        'aria-label="change of the loss (nats): 2 of 9, from shuffle block=1 +0.30 down to white length=100 −0.18; 0 is no change"',
      );
      // Two points, drawn once for a wide screen and once for a phone.
      expect(card).toMatch(/<svg class="small narrow" role="img"/);
      expect(card.match(/class="dot"/g)).toHaveLength(4);
    }
  });

  test('what there are several of is chosen by radio buttons, and all of it is in the page; filters know every group', () => {
    const { html, figures } = fullReport;
    const choices = html.split('<div class="choice"').slice(1);
    expect(choices.length).toBeGreaterThan(2);
    for (const choice of choices) {
      const name = /name="(pick-[^"]+)"/.exec(choice)?.[1];
      expect(choice.split(`name="${name}"`).length - 1).toBeGreaterThan(1);
      expect(choice.match(/ checked>/g)).toHaveLength(1);
    }
    const ids = [...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { name } of figures) expect(html).toContain(`href="figures/${name}.pdf"`);
    expect(html).toContain('[data-group]:not([data-group="ood"]) { display: none; }');
    expect(html).toContain('<tr data-group="ood">');
    expect(html).toContain('[data-disturbance]:not([data-disturbance="white"]) { display: none; }');
  });

  test('folders of the machine that scored are not told', () => {
    const [failure] = full.counts.failures;
    const failures = [{ ...failure, error: '/home/me/songs/a b.wav: damaged; /data/x/y.flac: too short' }];
    const { html } = studyReport(drawing, { ...emptyFindings(), counts: { ...full.counts, failures } });
    expect(html).toContain('y.flac: too short');
    expect(html).not.toMatch(/\/home|\/data/);
  });

  test('what users typed is text, never markup', () => {
    const findings = hostile(small);
    const { html, figures } = studyReport(drawing, findings);
    expect(html).not.toMatch(/<script/i);
    expect(html.match(/&lt;script>|&lt;script&gt;/g)?.length).toBeGreaterThan(50);
    expect(figures.some(({ name }) => /[^a-z0-9-]/.test(name))).toBe(false);
  });

  test('an empty study, one clip, and numbers that are all undefined still make a page', () => {
    const empty = studyReport(drawing, emptyFindings());
    expect(empty.figures).toEqual([]);
    expect(empty.html).toContain('No answers');
    expect(empty.html).toContain('No disturbed clip was scored.');
    expect(empty.html).toContain('the study shuffles nothing');

    const one = studyReport(
      drawing,
      syntheticFindings({ groups: ['alone'], protocols: ['delayed'], clips: 1 }),
    );
    expect(one.figures.length).toBeGreaterThan(10);
    expect(one.html).toContain('title="1 clips give no interval"');
    expect(one.html).not.toMatch(/NaN|Infinity/);

    const blank = studyReport(drawing, undefinedEverywhere(small));
    expect(blank.html).not.toMatch(/NaN|Infinity|>null</);
    expect(blank.html).toContain('0 (3 missing)');
  });
});

describe('two studies', () => {
  test('a page and lines with every point of both, the verdicts counted, and what only one of them has', () => {
    const comparison = syntheticComparison();
    const { html, figures } = compareReport(drawing, comparison);
    const { points } = comparison;
    expect(html.match(/<tr data-group="[^"]*"><td/g)).toHaveLength(points.length);
    const { change } = points[0];
    const at = (value: number, verdict: 'undecided' | 'equivalent') => ({
      ...points[0],
      change: { ...change, value },
      verdict,
    });
    const some = [at(0.1, 'undecided'), at(-0.3, 'undecided'), at(0.01, 'equivalent')];
    const page = compareReport(drawing, { ...comparison, points: some }).html;
    const order = [
      'cannot be decided with these clips',
      '−0.300',
      '+0.100',
      '<details>',
      '+0.010',
      '<figure>',
    ];
    expect(order.map((text) => page.indexOf(text))).toEqual(
      order.map((text) => page.indexOf(text)).toSorted((a, b) => a - b),
    );
    expect(page).toContain('No change is shown: 1 of 3 points are the same');
    expect(html).toContain(`${points.filter(({ verdict }) => verdict === 'different').length} different`);
    expect(html).toContain('<li>white length=50, tiny · delayed, TrainingSet</li>');
    expect(figures.map(({ name }) => name)).toEqual(['change']);
    expect(figures[0].svg).toContain('second − first (nats per code)');
    expect(compareReport(drawing, hostile(comparison)).html).not.toMatch(/<script/i);
    expect(compareReport(drawing, { ...comparison, points: [] }).figures).toEqual([]);

    const lines = compareLines(comparison);
    expect(lines.filter((line) => line.includes('tiny · delayed'))).toHaveLength(points.length);
    expect(lines.at(-1)).not.toContain('NaN');
  });
});

describe('slices', () => {
  test('the axis is what varies most, other varying things name panels, colours are told apart', () => {
    const [point] = full.clipLoss;
    const grid = [50, 100, 200].flatMap((lengthTokens) =>
      [-20, -10].map((levelDbfs) => ({ ...point, lengthTokens, level: 'fixed' as const, levelDbfs })),
    );
    const axis = axisOf(grid);
    expect(axis?.name).toBe('length');
    expect(axis && panelOf(grid[0], axis, grid)).toBe('tiny · delayed · level -20 dBFS');
    expect(axisOf([point])).toBeUndefined();
    const white = { ...point, at: 'level match' };
    const pink = { ...white, color: 'pink' };
    const quiet = { ...white, at: 'level -30' };
    expect([pink, quiet].map((line) => lineName(line, [white, pink]))).toEqual([
      'tiny · delayed · pink',
      'tiny · delayed · white · level -30',
    ]);
    expect(lineName(white, [white])).toBe('tiny · delayed');
    expect(variantsOf(full.curves)[0]).toBe('white length=100');
  });

  test('ticks that would touch are left out, intervals that are not there too', () => {
    expect(legibleTicks([5, 10, 50, 100, 150, 200], 300)).toEqual([10, 50, 100, 150, 200]);
    expect(legibleTicks([7], 300)).toEqual([7]);
    const none = { low: null, high: null, n: 1, missing: 0 };
    expect(estimateText({ value: -0.5, ...none })).toBe('−0.500');
    expect(estimateText({ value: null, ...none })).toBe('–');
    expect(estimateText({ ...none, value: 0.5, low: 0.4, high: 0.6 }, { digits: 1, signs: false })).toBe(
      '0.5 [0.4, 0.6]',
    );
  });
});

describe('terminal', () => {
  test('answers with their sentences, and a table whose columns line up', () => {
    const lines = studyLines(full);
    expect(lines[0]).toBe('study synthetic: 1828 of 1831 cells scored, 2 failed, 36 clips');
    expect(lines.filter((line) => /^(RQ[1-4]|Amnesia) {2}/.test(line))).toHaveLength(5);
    const head = lines.findIndex((line) => line.startsWith('disturbance'));
    const column = lines[head].indexOf('loss difference');
    expect(lines.slice(head + 1)).toHaveLength(24);
    for (const line of lines.slice(head + 1)) expect(line.slice(column)).toMatch(/^[+−]0\.\d{3} \[/);
    for (const line of lines.slice(0, head)) expect(line.length).toBeLessThanOrEqual(100);
  });
});

/** Pixels of an 8-bit RGBA PNG, as rows of the luminance of each pixel. */
function luminance(png: Uint8Array): {
  readonly width: number;
  readonly height: number;
  readonly rows: number[][];
} {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  expect([...png.subarray(24, 26)]).toEqual([8, 6]);
  const parts: Uint8Array[] = [];
  for (let at = 8; at < png.length; at += 12 + view.getUint32(at)) {
    const type = String.fromCharCode(...png.subarray(at + 4, at + 8));
    if (type === 'IDAT') parts.push(png.subarray(at + 8, at + 8 + view.getUint32(at)));
  }
  const raw = inflateSync(Buffer.concat(parts));
  const stride = 4 * width;
  let above = new Uint8Array(stride);
  const rows: number[][] = [];
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (stride + 1)];
    const line = Uint8Array.from(raw.subarray(y * (stride + 1) + 1, (y + 1) * (stride + 1)));
    for (let x = 0; x < stride; x++) {
      const [a, b, c] = [x < 4 ? 0 : line[x - 4], above[x], x < 4 ? 0 : above[x - 4]];
      const p = a + b - c;
      const [pa, pb, pc] = [Math.abs(p - a), Math.abs(p - b), Math.abs(p - c)];
      const paeth = pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
      line[x] += [0, a, b, (a + b) >> 1, paeth][filter];
    }
    rows.push(
      Array.from(
        { length: width },
        (_, x) => 0.3 * line[4 * x] + 0.59 * line[4 * x + 1] + 0.11 * line[4 * x + 2],
      ),
    );
    above = line;
  }
  return { width, height, rows };
}

describe('files', () => {
  test('a PNG is twice as large as its SVG and its text is really drawn, on white', () => {
    const svg = (text: string): string =>
      `<svg xmlns="http://www.w3.org/2000/svg" width="120" height="30" font-family="Inter, system-ui, sans-serif">
<text x="4" y="20" font-size="14">${text}</text></svg>`;
    const dark = (text: string): number =>
      luminance(svgToPng(svg(text)))
        .rows.flat()
        .filter((value) => value < 100).length;
    expect(luminance(svgToPng(svg(''))).rows[0]).toHaveLength(240);
    expect(dark('')).toBe(0);
    expect(dark('i')).toBeGreaterThan(10);
    expect(dark('loss (nats) −→↑')).toBeGreaterThan(5 * dark('i'));
    const figure = smallReport.figures[0];
    const drawn = luminance(svgToPng(figure.svg));
    expect(drawn.width).toBe(1920);
    // The row labels stand left of the first panel, where nothing but text is drawn.
    const labels = drawn.rows.map((row) => row.slice(0, 150).filter((value) => value < 110).length);
    expect(labels.reduce((sum, n) => sum + n, 0)).toBeGreaterThan(500);
  });

  test('a report is a page, an SVG, a PNG and a PDF for each figure, and findings that read back as they were', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'losscope-report-'));
    try {
      const findings = syntheticFindings({
        groups: ['one'],
        protocols: ['delayed'],
        lengths: [100],
        clips: 3,
      });
      const { figures } = await writeReport(findings, { page: join(folder, 'page.html'), folder });
      const names = figures.flatMap(({ name }) => [`${name}.pdf`, `${name}.png`, `${name}.svg`]).sort();
      expect((await readdir(join(folder, 'figures'))).sort()).toEqual(names);
      for (const { name } of figures) {
        const pdf = await readFile(join(folder, 'figures', `${name}.pdf`), 'latin1');
        // Vectors and the font, and no picture of them.
        expect(pdf).toMatch(/^%PDF-1\.[\s\S]*\/FontFile2/);
        expect(pdf).not.toContain('/Subtype /Image');
      }
      expect(JSON.parse(await readFile(join(folder, 'findings.json'), 'utf8'))).toEqual(findings);
      const html = await readFile(join(folder, 'page.html'), 'utf8');
      expect(html).toMatch(/^<!doctype html>/);
      // Points of the page are links, to all clips of a mean and to the one of a clip; those of files are none.
      const links = [...html.matchAll(/href="view\.html#([^"]*)"/g)].map(([, hash]) =>
        Object.fromEntries(new URLSearchParams(hash.replaceAll('&amp;', '&'))),
      );
      expect(links.length).toBeGreaterThan(10);
      const [{ variant, group }] = findings.clipLoss;
      const wanted = { group, disturbance: variant, model: 'tiny', protocol: 'delayed' };
      expect(links).toContainEqual(wanted);
      expect(links).toContainEqual({ ...wanted, sound: findings.regions[0].clips[1] });
      expect(figures.filter(({ svg }) => /<a |hear /.test(svg))).toEqual([]);
      const served = servedReport(html);
      expect([...served.matchAll(/href="\.\.\/#/g)]).toHaveLength(links.length);
      expect(served).not.toMatch(/<style|http-equiv|view\.html/);
      expect(reportStyle(html)).toContain('.cards {');
      expect(await readFile(join(folder, 'view.html'), 'utf8')).toContain('losscope view DIR');
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
