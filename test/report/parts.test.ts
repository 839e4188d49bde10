// Each figure of a report by itself: drawn from findings, left out without them; and the sentences about one probe.

import { describe, expect, test } from 'vitest';
import type { Findings } from '../../src/analysis/findings.js';
import { ALL_GROUPS } from '../../src/analysis/point.js';
import { openDrawing } from '../../src/node/document.js';
import type { ClipMap } from '../../src/probe/map_record.js';
import { demoCurves, demoSummary } from '../../src/report/demo.js';
import type { Figure } from '../../src/report/drawing.js';
import { asDrawing } from '../../src/report/figures.js';
import { matrixFigure } from '../../src/report/study/battery_matrix.js';
import { batterySection } from '../../src/report/study/battery_section.js';
import { curveFigure, heatFigure } from '../../src/report/study/curve_figures.js';
import { leakFigure } from '../../src/report/study/leak_figure.js';
import { linkOf } from '../../src/report/study/links.js';
import { mapSection } from '../../src/report/study/map_section.js';
import {
  amnesiaFigure,
  aucFigure,
  contrastFigures,
  overviewFigure,
  publishedFigures,
} from '../../src/report/study/overview_figures.js';
import type { Section } from '../../src/report/study/piece.js';
import { sidesFigure, sidesRows } from '../../src/report/study/sides_figure.js';
import { groupsOf, makerOf } from '../../src/report/study/slices.js';
import { boxFigures, violinFigures } from '../../src/report/study/spread_figures.js';
import { mapVerdictOf } from '../../src/report/view/map_verdict.js';
import { verdictOf } from '../../src/report/view/verdict.js';
import { record } from './made_record.js';
import { syntheticFindings } from './synthetic_findings.js';

const drawing = asDrawing(await openDrawing());
const findings = syntheticFindings({
  groups: ['TrainingSet', 'OOD'],
  protocols: ['delayed'],
  lengths: [50, 100],
  clips: 6,
});
const groups = groupsOf(findings);
const [curve] = findings.curves;
const set = { maker: makerOf(curve), variant: curve.variant, curves: [curve] };
type Drawn = (of: Findings) => Figure | readonly Figure[] | undefined;

/** Every region once more, of notes. */
const besideNotes = (regions: Findings['regions']): Findings['regions'] =>
  regions.flatMap((one) => [one, { ...one, domain: 'notes' as const, disturbance: 'nonsense' }]);

/** Two clips as they were mapped. */
const MAPPED: NonNullable<Findings['maps']> = {
  ...{ disturbance: 'white noise', planned: 2, missing: 0, failures: [], separations: [], features: [] },
  clips: ['one.wav', 'two.wav'].map((clip, i) => ({
    ...{
      model: 'tiny',
      protocol: 'delayed',
      condition: 'none',
      group: 'OOD',
      key: clip,
      clip,
      title: null,
      nats: 'nats per code',
    },
    ...{
      positions: 10,
      silent: 0,
      peak: { value: 1 + i, low: null, high: null },
      beyond: null,
      features: {},
    },
  })),
};

const figuresOf = ({ pieces }: Section): Figure[] =>
  pieces.flatMap((piece) => (piece.kind === 'figure' ? [piece.figure] : []));

const FIGURES: readonly (readonly [string, Drawn, keyof Findings])[] = [
  ['overview', (of) => overviewFigure(drawing, of.clipLoss, groups), 'clipLoss'],
  ['features', (of) => aucFigure(drawing, of.features, curve.disturbance), 'features'],
  ['amnesia', (of) => amnesiaFigure(drawing, of.amnesia, groups), 'amnesia'],
  ['contrasts', (of) => contrastFigures(drawing, of.contrasts), 'contrasts'],
  ['published', (of) => publishedFigures(drawing, of.published), 'published'],
  ['leak', (of) => leakFigure(drawing, of.leaks, groups), 'leaks'],
  ['violins', (of) => violinFigures(drawing, of.regions, { variant: curve.variant, groups }), 'regions'],
  ['sound and notes', (of) => sidesFigure(drawing, besideNotes(of.regions)), 'regions'],
  ['boxes', (of) => boxFigures(drawing, of.boxes, { disturbance: 'shuffle', groups }), 'boxes'],
];

describe('figures of a study', () => {
  test.each(FIGURES)(
    '%s: drawn with a title and a caption, and left out where there is nothing',
    (_, draw, rows) => {
      const figures = [draw(findings)].flat().filter((figure) => figure !== undefined);
      expect(figures.length).toBeGreaterThan(0);
      for (const { title, caption, svg } of figures) {
        expect([title, caption].every((text) => text.length > 10)).toBe(true);
        expect(svg).toMatch(/^<svg[\s\S]*<\/svg>$/);
        expect(svg).not.toContain('NaN');
      }
      expect([draw({ ...findings, [rows]: [] })].flat().filter((figure) => figure !== undefined)).toEqual([]);
    },
  );

  test.each([
    ['curve', curveFigure],
    ['map by codebook', heatFigure],
  ])('%s of one variant', (_, draw) => {
    const { svg, title } = draw(drawing, set);
    expect(title).toContain(curve.variant);
    expect(svg).not.toContain('NaN');
  });

  test.each<readonly [string, (of: Findings) => readonly (Figure | undefined)[], (of: Findings) => string[]]>(
    [
      [
        'violins',
        (of) => violinFigures(drawing, of.regions, { variant: curve.variant, groups }),
        (of) => of.regions.flatMap((one) => one.clips.map((clip) => linkOf(one, clip))),
      ],
      [
        'amnesia',
        (of) => [amnesiaFigure(drawing, of.amnesia, groups)],
        (of) => of.amnesia.flatMap((one) => one.clips.map((clip) => linkOf(one, clip))),
      ],
      [
        'sound and notes',
        (of) => [sidesFigure(drawing, besideNotes(of.regions))],
        (of) => [linkOf(of.regions[0], of.regions[0].clips[0])],
      ],
      [
        'boxes',
        (of) => boxFigures(drawing, of.boxes, { disturbance: 'shuffle', groups }),
        (of) =>
          // All groups together are not drawn again.
          of.boxes
            .filter(({ group }) => group !== ALL_GROUPS)
            .flatMap((box) => box.outlierCells.map(({ clip, variant }) => linkOf({ ...box, variant }, clip))),
      ],
      [
        'maps',
        (of) => figuresOf(mapSection(drawing, { ...of, maps: MAPPED }, new Map())),
        () => MAPPED.clips.map((one) => linkOf(one, one.clip)),
      ],
    ],
  )('a point of %s that stands for one clip leads to it', (_, draw, wanted) => {
    const svg = draw(findings)
      .map((figure) => figure?.svg ?? '')
      .join('\n');
    const links = new Set(
      [...svg.matchAll(/ href="(view[^"]*)"/g)].map(([, link]) => link.replaceAll('&amp;', '&')),
    );
    const clips = wanted(findings);
    expect(clips.length).toBeGreaterThan(0);
    expect(clips.filter((link) => !links.has(link))).toEqual([]);
  });

  test('sound is set beside notes only where a study has both', () => {
    const { regions } = findings;
    expect(sidesFigure(drawing, regions)).toBeUndefined();
    const beside = sidesFigure(drawing, besideNotes(regions))?.svg ?? '';
    for (const words of ['notes: nonsense', 'sound: ', 'peak', 'assimilation', 'recovery']) {
      expect(beside).toContain(words);
    }
    expect(beside).not.toContain('rebound');
    expect(sidesRows(regions)).toEqual([]);
    const [head, ...rows] = sidesRows(besideNotes(regions));
    expect(head).toEqual(['region', 'place', 'disturbance', 'n', 'disturbed − clean (nats)']);
    expect(new Set(rows.map(([region]) => region))).toEqual(new Set(['peak', 'assimilation', 'recovery']));
  });

  test('a cell of the matrix tells every severity with its interval; bold is what the strongest one tells', () => {
    const made = { model: 'm', protocol: 'delayed' };
    const estimate = (value: number, half: number) => ({
      ...{ value, low: value - half, high: value + half, n: 9, missing: 0 },
    });
    const row = (severity: string, auc: number, half: number) => ({
      ...{ ...made, damage: 'hiss', severity, score: 'loss' as const },
      ...{ auc: estimate(auc, half), paired: estimate(0.6, 0.1) },
    });
    const power = [2, 1].map((order) => ({
      ...{
        ...made,
        damage: 'hiss',
        severity: `snr ${order}`,
        harmless: false,
        order,
        alarms: estimate(0.1, 0.1),
      },
    }));
    const mean = { meanAuc: estimate(0.61, 0.2), overLoss: estimate(0, 0.1), underBest: estimate(0, 0.1) };
    const score = { ...made, ...mean, score: 'loss' as const, worst: null, harmless: null, sentence: '' };
    const drawn = (half: number): string => {
      const rows = [row('snr 1', 0.9, 0.05), row('snr 2', 0.7, half)];
      const trends = [{ ...made, damage: 'hiss', score: 'loss' as const, correlation: estimate(0.5, 0.2) }];
      return matrixFigure(drawing, { rows, scores: [score], trends, power }, 'm (delayed)').svg;
    };
    const weightOf = (svg: string): string | undefined =>
      /font-weight="(\d+)"/.exec(svg.split('<g').find((part) => part.includes('>0.80<')) ?? '')?.[1];
    expect(drawn(0.1)).toContain(
      'hiss, loss\nsnr 1: 0.90 [0.85, 0.95]; above its own clean clip 0.60 [0.50, 0.70]\nsnr 2: ',
    );
    expect(drawn(0.1)).toContain('follows the severity (Spearman): +0.50 [+0.30, +0.70]');
    expect(weightOf(drawn(0.1))).toBe('700');
    expect(weightOf(drawn(0.3))).toBe('400');
  });

  test('a study without a battery has no section on it, nor one without maps', () => {
    expect(batterySection(drawing, { ...findings, battery: [] }).pieces).toEqual([]);
    const { maps: _, ...unmapped } = findings;
    expect(mapSection(drawing, unmapped, new Map()).pieces).toEqual([]);
  });
});

describe('what is said of one probe', () => {
  test.each([
    ['easier', record('a.wav', 30, -1.5), /finds it easier to predict than the music it replaced/],
    ['harder', record('a.wav', 30, 1.5), /finds it harder to predict than the music it replaced/],
  ])('%s inside the window', (_, probe, headline) => {
    expect(verdictOf(probe).headline).toMatch(headline);
  });

  test('nothing beyond other music of the clip is said as that', () => {
    const { profile, ...rest } = record('a.wav');
    const regions = profile.regions.map((region) => ({ ...region, chance: 0.5 }));
    const { headline, sure, detail } = verdictOf({ ...rest, profile: { ...profile, regions } });
    expect(headline).toMatch(/^White noise, .* s: no region is more than other music of the clip gives\.$/);
    expect(sure).toBe('The least likely of them is given in 50 of 100 cases.');
    expect(detail).toContain('chance 0.500');
    const told = profile.regions.map((region) => ({ ...region, chance: 0.002 }));
    expect(verdictOf({ ...rest, profile: { ...profile, regions: told } }).sure).toBe(
      'Very sure: other music of the clip gives as much in 2 of 1,000 cases.',
    );
    const { calibration: _, ...bare } = profile;
    const unjudged = profile.regions.map(({ chance: __, ...region }) => region);
    expect(
      verdictOf({ ...rest, profile: { ...bare, uncalibrated: 'too short', regions: unjudged } }).sure,
    ).toBe('How sure this is cannot be said: too short.');
  });
});

describe('what is said of one map', () => {
  /** Peaks at places a second apart from 1 s on; `chance` of all of them. */
  const mapped = (peaks: readonly number[], chance?: number): ClipMap => ({
    clip: { name: 'a.wav', sampleRate: 32_000, samples: 32_000 * 15 },
    clock: { sampleRate: 32_000, hop: 640 },
    disturbance: 'white noise, 5 tokens every 50 tokens from token 50 on, level match, seed 1',
    ...{ every: 50, length: 5, tail: 5, choices: 512 },
    clean: { frames: 750, mean: 3, byFrame: new Float64Array(750) },
    entropy: new Float64Array(750),
    envelope: new Float64Array(750),
    points: peaks.map((peak, i) => ({
      ...{ start: 50 * (i + 1), seconds: i + 1, peak, inside: 0, levelDbfs: -20, changed: 1 },
      ...{ highest: { value: peak, at: 0 }, delta: { from: 0, values: new Float64Array(0) } },
      ...(chance === undefined ? {} : { chance }),
    })),
    silent: [],
    ...(chance === undefined
      ? { uncalibrated: 'too short' }
      : { calibration: { source: 'self', hypothesis: '', draws: 999, bands: {} } }),
  });

  test.each([
    [
      'all places',
      mapped([0.5, 1.25, -0.5], 0.01),
      /^How sure: 3 of 3 places stand out .+ hardly one would\.$/,
    ],
    [
      'none',
      mapped(Array(40).fill(0.1), 0.5),
      /^Not sure at all: 0 of 40 places stand out .+ about 2 would\.$/,
    ],
    ['no null', mapped([0.5, 1.25, -0.5]), /^How sure this is cannot be said: too short\.$/],
  ])('%s beyond other music of the clip', (_, map, sure) => {
    expect(mapVerdictOf(map).sure).toMatch(sure);
  });

  test('where it reacts most and least, and what a blind guess costs', () => {
    const { headline, unit } = mapVerdictOf(mapped([0.5, 1.25, -0.5], 0.01));
    expect(headline).toBe(
      'White noise, 0.1 s long, at 3 places in turn: the model is startled most at 2 s (+1.25 nats) and least at 3 s (−0.50).',
    );
    expect(unit).toContain('512 codes costs ln 512 = 6.2 nats');
    const { choices: _, ...kept } = mapped([0.5]);
    expect(mapVerdictOf(kept).headline).toMatch(/at one place: the model reacts at 1 s \(\+0\.50 nats\)\.$/);
    expect(mapVerdictOf(kept).unit).toContain('among N codes costs ln N nats');
  });
});

test('a demo leaves one file of curves for each probe, named in its summary', () => {
  const records = [record('a.wav', 50), record('b.flac', 100)];
  const files = demoCurves(records);
  expect(files.map(({ path }) => path)).toEqual(['curves/a-white-50.csv', 'curves/b-white-100.csv']);
  const summary = demoSummary(records) as { probes: { curve: string }[]; byLength: unknown[] };
  expect(summary.probes.map(({ curve: file }) => file)).toEqual(files.map(({ path }) => path));
  expect(JSON.stringify(summary)).not.toContain('"values"');
  expect(files[0].csv.split('\n')).toHaveLength(302);
});
