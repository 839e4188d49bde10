// Findings of a study that never ran: known shapes with a little seeded noise, to draw and to read reports from.

import type { ComparedPoint, Comparison } from '../../src/analysis/comparison.js';
import type { Estimate, Test } from '../../src/analysis/estimated.js';
import type {
  Curve,
  Leak,
  LossBox,
  Published,
  RegionSample,
  TransientRow,
} from '../../src/analysis/figure_findings.js';
import type { Findings } from '../../src/analysis/findings.js';
import { ALL_GROUPS, type Point, type Slice } from '../../src/analysis/point.js';
import {
  FIG2,
  FIG2_LENGTHS,
  FIG2_SD,
  PUBLISHED_CLIPS,
  PUBLISHED_GROUPS,
} from '../../src/analysis/published_values.js';
import type {
  Amnesia,
  ClipLoss,
  Contrast,
  FeatureAuc,
  LengthTrend,
  Psychometric,
} from '../../src/analysis/question_findings.js';
import { generator, seedOf } from '../../src/stats/random.js';

export interface Synthetic {
  readonly groups?: readonly string[];
  readonly protocols?: readonly Slice['protocol'][];
  readonly lengths?: readonly number[];
  /** Clips a group. */
  readonly clips?: number;
}

const FRAME_RATE = 50;
const CODEBOOKS = 4;

const random = (...names: readonly (string | number)[]) => generator(seedOf('synthetic findings', ...names));

/** An estimate whose interval is `half` to either side; absent below three clips. */
function estimate(value: number, half: number, n: number): Estimate {
  return n < 3
    ? { value, low: null, high: null, n, missing: 0, why: `${n} clips give no interval` }
    : { value, low: value - half, high: value + half, n, missing: 0 };
}

function testOf(p: number, family: string): Test {
  return { p, holm: Math.min(1, 3 * p), name: 'two-sided sign-flip permutation test by clip', family };
}

function pointsOf({ groups = [], protocols = [], lengths = [] }: Synthetic): Point[] {
  const out: Point[] = [];
  const kinds: readonly Pick<Slice, 'disturbance' | 'kind' | 'color' | 'edit' | 'domain'>[] = [
    { disturbance: 'white', kind: 'noise', color: 'white', edit: null, domain: 'waveform' },
    { disturbance: 'white codes', kind: 'noise', color: 'white', edit: null, domain: 'codes' },
  ];
  for (const protocol of protocols) {
    for (const group of groups.length > 1 ? [...groups, ALL_GROUPS] : groups) {
      const slice = { model: 'tiny', protocol, condition: 'none', group };
      for (const kind of kinds) {
        for (const lengthTokens of lengths) {
          const variant = `${kind.disturbance} length=${lengthTokens}`;
          const words = `${kind.disturbance} noise, ${lengthTokens} tokens at 5 s`;
          const grid = [{ name: 'length', value: lengthTokens, unit: 'tokens' }];
          const level = { level: 'match', levelDbfs: null, severity: null } as const;
          out.push({ ...slice, ...kind, lengthTokens, blockTokens: null, ...level, grid, variant, words });
        }
      }
      for (const blockTokens of [1, 2, 5, 10, 35, 50, 100]) {
        out.push({
          ...slice,
          disturbance: 'shuffle',
          kind: 'shuffle',
          color: null,
          edit: null,
          domain: 'waveform',
          lengthTokens: 250,
          blockTokens,
          level: null,
          levelDbfs: null,
          severity: null,
          grid: [{ name: 'block', value: blockTokens, unit: 'tokens' }],
          variant: `shuffle block=${blockTokens}`,
          words: `shuffle in blocks of ${blockTokens} tokens, 250 tokens at 5 s`,
        });
      }
    }
  }
  return out;
}

/** The paper's value for a point, were `tiny` Small and its protocol the authors'. */
function publishedOf(point: Point): Published[] {
  const { model, protocol, condition, disturbance, variant, lengthTokens } = point;
  const group = PUBLISHED_GROUPS.find((name) => name === point.group);
  const lengths: readonly (number | null)[] = FIG2_LENGTHS;
  const i = lengths.indexOf(lengthTokens);
  if (protocol !== 'undelayed' || disturbance !== 'white' || !group || i < 0) return [];
  return [
    {
      where: 'Fig. 2',
      what: `loss difference, ${lengthTokens} tokens of white noise, MusicGen Small, ${group}`,
      published: FIG2.small[group][i],
      spread: { sd: FIG2_SD.small[group][i], n: PUBLISHED_CLIPS[group] },
      beside: { model, protocol, condition, group, disturbance, variant },
      ours: -0.1,
      note: 'ours: tiny, undelayed',
    },
  ];
}

/** Everything a report can draw, from a model that behaves as the paper says. */
export function syntheticFindings(options: Synthetic = {}): Findings {
  const full = {
    groups: ['TrainingSet', 'Generated', 'OOD'],
    protocols: ['delayed', 'undelayed'] as const,
    lengths: [5, 10, 50, 100, 150, 200],
    clips: 12,
    ...options,
  };
  const points = pointsOf(full);
  const n = full.clips;
  const noisy = points.filter((point) => point.kind === 'noise');
  const slices = [
    ...new Map(noisy.map((point) => [JSON.stringify(sliceOf(point)), sliceOf(point)])).values(),
  ];
  return {
    study: 'synthetic',
    planHash: 'ab'.repeat(32),
    seed: 1,
    rule: 'onset',
    counts: {
      planned: points.length * n + 7,
      ok: points.length * n + 4,
      failed: 2,
      missing: 1,
      clips: Object.fromEntries(full.groups.map((group) => [group, n])),
      failures: [{ error: 'song-07.wav: 3.20 s of sound, the excerpt needs 15 s', cells: 2 }],
    },
    mixed: [],
    parity: [],
    makers: full.protocols.map((protocol) => ({
      model: 'tiny',
      fingerprint: 'f00d'.repeat(8),
      protocol,
      condition: 'none',
      precision: 'fp32',
      runtime: 'none',
      device: 'cpu',
      instructions: 'avx2',
      measurement: 1,
      losscope: '0.2.0',
      resampler: 'none',
    })),
    answers: answers(),
    clipLoss: points.map((point) => clipLoss(point, n)),
    trends: slices.flatMap((slice) => trends(slice, full.lengths, n)),
    psychometric: slices.flatMap((slice) => psychometric(slice, full.lengths, n)),
    features: noisy.flatMap((point) => features(point, n)),
    regions: noisy.flatMap((point) => regions(point, n)),
    transients: noisy.flatMap((point) => transients(point, n)),
    curves: noisy.map((point) => curve(point, n)),
    boxes: boxes(points, n),
    leaks: points.map((point) => leak(point, n)),
    contrasts: contrasts(n),
    amnesia: noisy.filter((point) => (point.lengthTokens ?? 0) >= 50).map((point) => amnesia(point, n)),
    published: [
      ...points.flatMap(publishedOf),
      {
        where: 'Fig. 2',
        what: 'loss difference, 100 tokens of white noise, MusicGen Small, TrainingSet',
        published: -0.214,
        ours: -0.18,
        note: 'another model',
      },
      {
        where: 'Fig. 2',
        what: 'loss difference, 200 tokens of white noise, MusicGen Small, OOD',
        published: -0.5,
        ours: -0.41,
        note: 'another model',
      },
      {
        where: 'Fig. 4',
        what: 'Peak mean, white noise, MusicGen Small',
        published: 0.79,
        ours: 0.92,
        note: 'another model',
      },
      {
        where: 'Fig. 5',
        what: 'median loss, clips shuffled in blocks of 1 token, MusicGen Medium, TrainingSet',
        published: 7.077,
        ours: null,
        note: 'Medium is not in the study',
      },
    ],
  };
}

/** Two studies that share all but one point each; in the second the loss falls further. */
export function syntheticComparison(): Comparison {
  const { clipLoss, makers } = syntheticFindings({ protocols: ['delayed'], lengths: [50, 100] });
  const points = clipLoss.map(
    ({ difference, test, ...point }, i): ComparedPoint => ({
      ...point,
      modelB: 'other',
      a: difference,
      b: estimate((difference.value ?? 0) - 0.02 * i, 0.05, 12),
      change: estimate(-0.02 * i, 0.05, 12),
      paired: i % 2 === 0,
      test,
      margin: 0.05,
      equivalenceP: 0.2,
      equivalenceHolm: 0.6,
      verdict: i > 4 ? 'different' : 'undecided',
    }),
  );
  const [first, last] = [clipLoss[0], clipLoss[clipLoss.length - 1]];
  return {
    a: { study: 'one', planHash: 'aa'.repeat(32), makers, only: [first] },
    b: { study: 'two', planHash: 'bb'.repeat(32), makers, only: [last] },
    points: points.slice(1, -1),
  };
}

/** The findings of a study in which nothing was scored. */
export function emptyFindings(): Findings {
  const full = syntheticFindings({ groups: [], protocols: [] });
  return {
    ...full,
    counts: { ...full.counts, planned: 0, ok: 0, failed: 0, missing: 0, failures: [] },
    answers: [],
    contrasts: [],
    published: [],
  };
}

function sliceOf(point: Point): Slice {
  const { model, protocol, condition, group, disturbance, kind, color, edit, domain } = point;
  return { model, protocol, condition, group, disturbance, kind, color, edit, domain };
}

const FIGURE = {
  axis: 'change of the loss (nats)',
  reference: 0,
  referenceName: 'no change',
  points: [
    { name: 'shuffle block=1', value: 0.3, low: 0.2, high: 0.42 },
    { name: 'white length=100', value: -0.18, low: -0.22, high: -0.14 },
  ],
  of: 9,
};

function answers(): Findings['answers'] {
  return [
    {
      question: 'RQ1',
      title: 'Does the loss of the whole clip see the corruption?',
      verdict: 'Partly.',
      figure: FIGURE,
      sentences: [
        'No: 100 tokens of white noise change it by −0.18 [−0.22, −0.14] nats, and 33 of 36 clips get a lower loss.',
        'Told by its loss, a disturbed clip is picked from a pair with a clean one in 46% [38%, 54%] of cases; 50% is guessing.',
      ],
    },
    {
      question: 'RQ2',
      title: 'What does the length of the disturbance do?',
      verdict: 'Partly.',
      figure: FIGURE,
      sentences: ['The longer, the lower: Pearson −0.99 [−1.00, −0.97] over 6 lengths, most of it dilution.'],
    },
    {
      question: 'RQ3',
      title: 'Does the shape of the curve tell more than the loss?',
      verdict: 'Partly.',
      figure: FIGURE,
      sentences: [
        'Peak height tells disturbed from clean clips in 93% [89%, 97%] of pairs; whole-clip loss in 46%.',
      ],
    },
    {
      question: 'RQ4',
      title: 'Does it hold over groups and kinds of disturbance?',
      verdict: 'Partly.',
      figure: FIGURE,
      sentences: ['Of 6 contrasts 3 are different, 2 equivalent within 0.05 nats and 1 undecided.'],
    },
    {
      question: 'Amnesia',
      title: 'Is what came before the noise forgotten?',
      verdict: 'Partly.',
      figure: FIGURE,
      sentences: [
        'Partly: index 0.42 [0.31, 0.53] after 100 tokens; 0 is ignoring the noise, 1 forgetting the past.',
      ],
    },
  ];
}

/** Loss difference that falls with length, or with short blocks rises; groups stand apart. */
function effect(point: Point): number {
  const shift = 0.03 * point.group.length - 0.2;
  const share = (point.lengthTokens ?? 0) / 750;
  if (point.blockTokens !== null) return 0.35 / Math.sqrt(point.blockTokens) + shift * 0.2;
  return (point.domain === 'codes' ? 0.6 : -1.6) * share + shift * share + 0.02;
}

function clipLoss(point: Point, n: number): ClipLoss {
  const jitter = 0.01 * random(point.variant, point.group, point.protocol).normal();
  const value = effect(point) + jitter;
  const clean = point.protocol === 'delayed' ? 4.2 : 5.6;
  const disturbed = point.blockTokens === null ? (point.lengthTokens ?? 0) : 250;
  return {
    ...point,
    clean: estimate(clean, 0.3, n),
    disturbed: estimate(clean + value, 0.3, n),
    difference: estimate(value, 0.03 + 0.05 * Math.abs(value), n),
    sd: 0.05 + 0.1 * Math.abs(value),
    test: testOf(Math.abs(value) > 0.05 ? 0.0004 : 0.3, 'RQ1, clip loss'),
    auc: estimate(0.5 + 0.2 * value, 0.08, n),
    rises: estimate(value > 0 ? 0.8 : 0.1, 0.1, n),
    perToken: estimate((value * 750) / disturbed, 0.25, n),
  };
}

function trends(slice: Slice, lengths: readonly number[], n: number): LengthTrend[] {
  return (['raw', 'perToken'] as const).map((quantity) => ({
    ...slice,
    at: 'level match',
    quantity,
    lengths,
    pearsonOfMeans: estimate(quantity === 'raw' ? -0.99 : -0.3, 0.01, n),
    pearsonOfMeansP: quantity === 'raw' ? 0.0002 : 0.4,
    spearmanOfMeans: estimate(quantity === 'raw' ? -1 : -0.2, 0, n),
    spearmanOfMeansP: quantity === 'raw' ? 0.003 : null,
    pearson: estimate(-0.93, 0.04, n),
    spearman: estimate(-0.9, 0.05, n),
    slope: estimate(-0.0021, 0.0004, n),
    test: testOf(0.0005, 'RQ2, slopes'),
  }));
}

function psychometric(slice: Slice, lengths: readonly number[], n: number): Psychometric[] {
  const centre = 20 + 3 * slice.group.length;
  const p = (x: number): number => 1 / (1 + Math.exp(-1.4 * Math.log2(x / centre)));
  return ['clip loss falls', 'Peak beyond chance'].map((detector) => ({
    ...slice,
    detector,
    axis: 'length',
    severityName: null,
    at: 'level match',
    points: lengths.map((x) => ({ x, hits: Math.round(n * p(x)), n })),
    threshold: { value: centre, low: centre * 0.7, high: centre * 1.4, n, missing: 0 },
    slope: estimate(1.4, 0.3, n),
    curve: Array.from({ length: 41 }, (_, i) => 5 * 40 ** (i / 40)).map((x) => ({ x, p: p(x) })),
  }));
}

function features(point: Point, n: number): FeatureAuc[] {
  const loss = 0.5 + 0.2 * effect(point);
  const reach = Math.min(1, (point.lengthTokens ?? 0) / 80);
  const named: readonly (readonly [string, boolean, number])[] = [
    ['whole-clip loss', false, loss],
    ['local maximum', false, 0.55 + 0.3 * reach],
    ['local variance', false, 0.52 + 0.2 * reach],
    ['change point', false, 0.5 + 0.33 * reach],
    ['Peak height', true, 0.62 + 0.35 * reach],
    ['Assimilation mean', true, 0.5 + 0.48 * reach],
    ['Rebound mean', true, 0.6 + 0.36 * reach],
    ['Recovery spread', true, 0.51 + 0.25 * reach],
  ];
  return named.map(([feature, needsClean, auc]) => ({
    ...point,
    feature,
    needsClean,
    against: needsClean ? 'unrelated stretches of the clean clips' : 'the same clips undisturbed',
    auc: estimate(auc, 0.05, n),
    overLoss: estimate(auc - loss, 0.06, n),
  }));
}

function transients(point: Point, n: number): TransientRow[] {
  return (['boundary', 'paper', 'searched'] as const).map((definition, i) => ({
    ...point,
    ...{ region: 'peak', definition, test: testOf(0.001, 'RQ3, Peak and Rebound by definition') },
    mean: estimate(0.4 + i, 0.3, n),
    null: estimate(i, 0.3, n),
    overNull: estimate(0.4, 0.3, n),
  }));
}

function regions(point: Point, n: number): RegionSample[] {
  const means = { peak: 1.4, assimilation: -1.6, rebound: 2.1, recovery: 0.05 };
  const room = (point.lengthTokens ?? 0) >= 50;
  return (Object.keys(means) as (keyof typeof means)[])
    .filter((region) => room || region === 'peak' || region === 'recovery')
    .map((region) => {
      const draw = random(point.variant, point.group, point.protocol, region);
      const mean = means[region] * (point.group === 'OOD' ? 0.7 : 1);
      const values = Array.from(
        { length: n },
        () => mean + (region === 'recovery' ? 0.1 : 0.5) * draw.normal(),
      );
      const clips = values.map((_, i) => `${point.group} ${i}.wav`);
      return {
        ...{ ...point, region, values, clips },
        ...{ mean: estimate(mean, 0.3, n), test: testOf(0.001, 'RQ3, regions') },
      };
    });
}

function curve(point: Point, n: number): Curve {
  const window = { start: 250, end: 250 + (point.lengthTokens ?? 0) };
  const from = 200;
  const draw = random(point.variant, point.group, point.protocol, 'curve');
  const shape = (t: number): number => {
    if (t < window.start - 3) return 0;
    if (t < window.start + 3) return 2.4;
    if (t < window.end - 2) return -1.5;
    return t < window.end + 3 ? 3 : 0.8 * Math.exp(-(t - window.end) / 60) * Math.sin(t);
  };
  const byCodebook = Array.from({ length: CODEBOOKS }, (_, k) =>
    Array.from({ length: 350 }, (_, i) => (shape(from + i) + 0.3 * draw.normal()) * (1.3 - 0.2 * k)),
  );
  // The last frames of the delay pattern are undefined in the later codebooks.
  const mean = byCodebook[0].map((_, i) =>
    i > 346 ? null : byCodebook.reduce((sum, row) => sum + row[i], 0) / CODEBOOKS,
  );
  return {
    ...point,
    from,
    frameRate: FRAME_RATE,
    window,
    mean,
    low: mean.map((value) => (value === null ? null : value - 0.4)),
    high: mean.map((value) => (value === null ? null : value + 0.4)),
    byCodebook: byCodebook.map((row, k) => row.map((value, i) => (i > 349 - k ? null : value))),
    bands: [
      { name: 'peak', start: window.start - 3, end: window.start + 3 },
      ...(window.end - window.start < 20
        ? []
        : [
            { name: 'assimilation', start: window.start + 3, end: window.end - 2 },
            { name: 'rebound', start: window.end - 2, end: window.end + 3 },
          ]),
      { name: 'recovery', start: window.end + 3, end: 540 },
    ],
    n,
  };
}

function boxes(points: readonly Point[], n: number): LossBox[] {
  return points
    .filter((point) => point.kind === 'shuffle')
    .flatMap((point) =>
      (point.blockTokens === 1 ? [null, 1] : [point.blockTokens]).map((block) => ({ point, block })),
    )
    .map(({ point, block }) => {
      const median = (point.protocol === 'delayed' ? 4.2 : 5.6) + (block === null ? 0 : effect(point));
      return {
        ...sliceOf(point),
        at: 'length 700',
        blockTokens: block,
        n,
        mean: median + 0.03,
        median,
        q1: median - 0.4,
        q3: median + 0.5,
        low: median - 0.9,
        high: median + 1.1,
        notch: (1.57 * 0.9) / Math.sqrt(n),
        outliers: block === 5 ? [median + 1.8] : [],
        outlierCells: block === 5 ? [{ clip: 'clip 1', variant: point.variant }] : [],
      };
    });
}

function leak(point: Point, n: number): Leak {
  const smear = point.domain === 'codes' ? 0 : 0.02;
  const books = Array.from({ length: CODEBOOKS }, (_, k) => k);
  return {
    ...point,
    before: books.map((k) => smear * (k + 1)),
    inside: books.map((k) => (point.domain === 'codes' ? 1 : 0.96 + 0.01 * k)),
    after: books.map((k) => 2 * smear * (k + 1)),
    n,
  };
}

function contrasts(n: number): Contrast[] {
  const rows: readonly (readonly [
    Contrast['factor'],
    string,
    string,
    string,
    number,
    Contrast['verdict'],
  ])[] = [
    ['group', 'OOD', 'TrainingSet', 'white length=100, tiny, delayed', 0.11, 'different'],
    ['group', 'Generated', 'TrainingSet', 'white length=100, tiny, delayed', 0.02, 'equivalent'],
    ['protocol', 'delayed', 'undelayed', 'white length=100, tiny, TrainingSet', -0.21, 'different'],
    ['domain', 'waveform', 'codes', 'white length=100, tiny, delayed, TrainingSet', -0.33, 'different'],
    ['domain', 'waveform', 'codes', 'white length=100, tiny, delayed, OOD', 0.06, 'undecided'],
    ['kind', 'noise', 'shuffle', 'about 250 tokens, tiny, delayed, TrainingSet', 0.01, 'equivalent'],
  ];
  return rows.map(([factor, a, b, at, value, verdict]) => ({
    factor,
    a,
    b,
    at,
    quantity: 'loss difference of the whole clip, nats per code',
    difference: estimate(value, verdict === 'undecided' ? 0.1 : 0.03, n),
    paired: factor !== 'group',
    test: testOf(verdict === 'different' ? 0.0004 : 0.4, 'RQ4'),
    margin: 0.05,
    equivalenceP: verdict === 'equivalent' ? 0.01 : 0.5,
    equivalenceHolm: verdict === 'equivalent' ? 0.03 : 1,
    verdict,
  }));
}

function amnesia(point: Point, n: number): Amnesia {
  const index = Math.min(0.9, (point.lengthTokens ?? 0) / 250) * (point.group === 'OOD' ? 0.7 : 1);
  const draw = random(point.variant, point.group, point.protocol, 'amnesia');
  return {
    ...point,
    tailTokens: 150,
    index: estimate(index, 0.12, n),
    lost: estimate(index * 0.8, 0.1, n),
    possible: estimate(0.8, 0.1, n),
    values: Array.from({ length: n }, () => index + 0.2 * draw.normal()),
    clips: Array.from({ length: n }, (_, i) => `clip ${i + 1}`),
    possibleAtLeast: 0.05,
  };
}
