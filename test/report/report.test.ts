// Figures and pages: drawn from a synthetic record with known regions; the SVG itself is committed and compared.

import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { openDrawing } from '../../src/node/document.js';
import { curveCsv, recordJson } from '../../src/probe/record.js';
import { drawnRegions } from '../../src/regions/profile.js';
import { asDrawing, deltaFigure, lengthFigure, lossFigure } from '../../src/report/figures.js';
import { probePage } from '../../src/report/page.js';
import { sentences, summarise } from '../../src/report/summary.js';
import { lengthRows, probeLines } from '../../src/report/terminal.js';
import { pack, unpack } from '../../src/report/view/pack.js';
import { type ClipSounds, unpackPage } from '../../src/report/view/page_data.js';
import { chance, plain, signed } from '../../src/report/words.js';
import { FRAMES, record } from './made_record.js';

const golden = (name: string): string => fileURLToPath(new URL(`../golden/figures/${name}`, import.meta.url));

describe('figures', () => {
  test('equal data gives equal bytes: the committed SVG', async () => {
    const drawing = asDrawing(await openDrawing());
    const one = record('a.wav');
    const figures = {
      'loss.svg': lossFigure(drawing, {
        title: 'Loss',
        clean: one.clean.byFrame,
        disturbed: one.disturbed.byFrame,
        window: one.window,
        clock: { sampleRate: 50, hop: 1 },
      }),
      'delta.svg': deltaFigure(drawing, {
        title: 'Difference',
        delta: one.delta.mean,
        bands: drawnRegions(one.profile),
        clock: { sampleRate: 50, hop: 1 },
      }),
      'length.svg': lengthFigure(
        drawing,
        [5, 10, 50, 100].map((length) => ({ series: 'peak', length, value: 2, low: 1.5, high: 2.5 })),
        { title: 'Length', yLabel: 'nats', colors: { peak: '#d55e00' } },
      ),
    };
    for (const [name, svg] of Object.entries(figures)) {
      await expect(`${svg}\n`).toMatchFileSnapshot(golden(name));
      expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" role="img" aria-label="\w+"/);
    }
  });

  test('the delta figure names every region it was given, with its axis and unit', async () => {
    const one = record('a.wav');
    const curve = {
      title: 'Difference',
      delta: one.delta.mean,
      bands: drawnRegions(one.profile),
      clock: { sampleRate: 50, hop: 1 },
    };
    const svg = deltaFigure(asDrawing(await openDrawing()), curve);
    for (const word of ['peak', 'assimilation', 'rebound', 'recovery', 'time (s)', 'nats']) {
      expect(svg).toContain(word);
    }
    expect(svg).not.toContain('NaN');
  });
});

describe('summary', () => {
  test('means over clips with an interval, by length, regions where they were put', () => {
    const inside = [-1.4, -1.5, -1.6, -1.5];
    const records = [100, 5].flatMap((length) => inside.map((level, i) => record(`${i}.wav`, length, level)));
    const [short, long] = summarise(records);
    expect([short.length, short.clips, long.length, long.clips]).toEqual([5, 4, 100, 4]);
    expect(short.regions.assimilation).toBeUndefined();
    expect(long.regions.assimilation?.mean).toBeCloseTo(-1.5, 6);
    expect(long.regions.assimilation?.low).toBeGreaterThan(-1.7);
    expect(long.regions.assimilation?.high).toBeLessThan(-1.3);
    // Rule `fixed` takes one frame before the onset and two after it: (0 + 2 + 2) / 3.
    expect(long.regions.peak?.mean).toBeCloseTo(4 / 3, 6);
    // The paper's five frames: three of 2 and two of -1.5; by the search at least the two that stand out.
    expect(long.peak.boundary).toMatchObject({ mean: long.regions.peak?.mean, judged: 4 });
    expect(long.peak.paper?.mean).toBeCloseTo((3 * 2 - 2 * 1.5) / 5, 6);
    expect(long.peak.searched?.mean).toBeGreaterThan(1);
    expect(lengthRows([short, long]).map((row) => row.length)).toEqual([10, 10, 10]);
    expect(sentences(long).join(' ')).toMatch(
      /which the paper calls the Peak.*Searched, .*in \d of 4, \d of 4, \d of 4 clips/s,
    );
    expect(long.lowered).toBe(4);
    expect(sentences(long).join(' ')).toMatch(/lower the mean loss of 4 of 4 clips.*Assimilation.*: a fall/s);
  });

  test('no interval from fewer than three clips, and no verdict from an interval that holds zero', () => {
    const [alone] = summarise([record('a.wav')]);
    expect(alone.lossDifference).not.toHaveProperty('low');
    const mixed = summarise([-1, 1, -1, 1].map((level, i) => record(`${i}.wav`, 100, level)));
    expect(sentences(mixed[0]).join(' ')).toMatch(
      /Assimilation\) it changes by 0\.00 \[[^\]]*\] nats, which cannot be told from none/,
    );
  });
});

describe('page', () => {
  test('is self-contained, holds every clip, its sound and its provenance, and escapes what users typed', async () => {
    const records = [record('<b>.wav', 5), record('<b>.wav', 100), record('c.wav', 100)];
    const sound = { type: 'audio/wav', bytes: Uint8Array.of(1, 2, 3) };
    const insert = { start: 1, samples: 9, sound };
    const sounds = new Map<string, ClipSounds>([
      ['<b>.wav', { sampleRate: 32_000, samples: 9, clean: sound, inserts: [insert, insert] }],
    ]);
    const packed: Uint8Array[] = [];
    const page = probePage(await openDrawing(), records, {
      title: 'A & B',
      intro: 'x < y',
      sounds,
      bundle: { script: "const end = '</script><!--';", style: 'p {}' },
      compress: (bytes) => String(packed.push(bytes)),
    });
    expect(page).not.toMatch(/<b>|(src|href)="?https?:|@import|<link/);
    expect(page).toContain("const end = '<\\/script><\\!--';");
    // For those without scripts, each clip's curves at the first length at which all regions have room.
    expect(page.match(/<noscript>[\s\S]*<\/noscript>/)?.[0].match(/<figure/g)).toHaveLength(2);
    expect(page).toContain('Loss of Title of &lt;b&gt;.wav, white noise, 100 tokens');
    expect(page).toContain('synthetic &lt;model&gt;, fingerprint f00d');
    expect(page).toContain('<title>A &amp; B</title>');
    expect(page).toContain('protocol <code>delayed</code>');
    expect(page).not.toContain('NaN');

    const { clips, first } = unpackPage(packed[0]);
    expect(clips.map(({ name, probes }) => [name, probes.length])).toEqual([
      ['<b>.wav', 2],
      ['c.wav', 1],
    ]);
    expect(first).toBe(1);
    expect(clips[0].probes).toEqual(records.slice(0, 2));
    expect(clips[0].sounds).toEqual(sounds.get('<b>.wav'));
  });

  test('packs every number, each array once, and says when data are damaged', () => {
    const array = Float32Array.of(1, Number.NaN, -0);
    const value = {
      a: array,
      b: [array, Float64Array.of(Math.PI)],
      text: 'é "</script>" 😀',
      none: Number.NaN,
      far: -Infinity,
    };
    const bytes = pack(value);
    expect(unpack(bytes)).toEqual(value);
    expect(pack({ a: array, b: array }).length).toBeLessThan(pack({ a: array, b: array.slice() }).length);
    expect(() => unpack(bytes.subarray(1))).toThrow(/do not begin with LSV1; the file is damaged/);
    expect(() => unpack(bytes.subarray(0, bytes.length - 8))).toThrow(
      /ends before byte \d+; the file is damaged/,
    );
    expect(() => pack({ big: BigInt64Array.of(1n) })).toThrow(/cannot pack a BigInt64Array/);
  });
});

describe('terminal and files', () => {
  test('a probe as text: the curve spikes where the window is, each region has a line', () => {
    const lines = probeLines(record('a.wav'));
    const bar = lines.find((line) => line.includes('▔')) ?? '';
    expect([bar.indexOf('▔') - 8, bar.lastIndexOf('▔') - 8]).toEqual([25, 49]);
    const top = lines[4];
    expect([...top.slice(8)].indexOf('█')).toBeGreaterThanOrEqual(49);
    for (const name of ['peak', 'assimilation', 'rebound', 'recovery']) {
      expect(lines.filter((line) => line.startsWith(`${name} `))).toHaveLength(1);
    }
    // The Peak by its three definitions, and why a long region has no chance.
    expect(lines.find((line) => line.startsWith('peak: '))).toMatch(
      /^peak: at the boundary \+\d.*chance.*; the paper's five tokens .*chance.*; searched .*, too high by the search$/,
    );
    // A region and a definition with one mean have two chances, and it says why.
    expect(lines.filter((line) => line.startsWith('chances of peak and rebound as regions: '))).toHaveLength(
      1,
    );
    const told = record('a.wav').profile.regions.find(({ name }) => name === 'recovery')?.unjudged;
    expect(told?.reason).toBe('too short');
    expect(lines.find((line) => line.startsWith('recovery: no chance'))).toMatch(
      /it lasts \d+ tokens, and \d+ tokens of clean loss can judge at most \d+$/,
    );
  });

  test('CSV and JSON keep every number and leave the undefined open', () => {
    const one = record('a.wav');
    const rows = curveCsv(one).trimEnd().split('\n');
    expect(rows[0]).toBe('frame,seconds,clean,disturbed,delta,clean_0,clean_1,disturbed_0,disturbed_1');
    expect(rows).toHaveLength(FRAMES + 1);
    expect(rows[101].split(',').slice(0, 2)).toEqual(['100', '2']);
    expect(Number(rows[101].split(',')[4])).toBe(one.delta.mean[100]);
    const last = rows[FRAMES].split(',');
    expect([last[2], last[4], last[6]]).toEqual(['', '', '']);
    expect(Number(last[5])).toBe(one.clean.loss.values[FRAMES - 1]);

    const json = JSON.parse(JSON.stringify(recordJson(one)));
    expect(json.clean.loss[1][FRAMES - 1]).toBeNull();
    expect(json.delta[0][100]).toBe(one.delta.values[100]);
    expect(json.profile.regions.length).toBe(one.profile.regions.length);
  });

  test('numbers as words', () => {
    expect([signed(1.234), signed(-0.5, 1), signed(0.001), signed(undefined), plain(-2)]).toEqual([
      '+1.23',
      '−0.5',
      '0.00',
      '–',
      '−2.00',
    ]);
    expect([chance(0.0004), chance(0.25), chance(undefined)]).toEqual(['<0.001', '0.250', '–']);
  });
});
