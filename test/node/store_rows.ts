// A small made-up study for the tests of the store: 2 models, 3 clips, a clean cell and 4 disturbed ones each.

import { generator, seedOf } from '../../src/stats/random.js';
import { cellKey, planHash } from '../../src/study/key.js';
import type { KeptMap } from '../../src/study/map_task.js';
import type { CellFacts, CellRow } from '../../src/study/row.js';
import type { Plan } from '../../src/study/store.js';

const CODEBOOKS = 4;
/** Together with the codebooks more than the 2048 values of one of DuckDB's vectors. */
const FRAMES = 600;

export const PLAN = planOf({});

/** The plan, with some facts of all cells changed. */
export function planOf(changes: Partial<CellFacts>): Plan {
  const cells: CellFacts[] = [];
  for (const model of ['small', 'lärge']) {
    for (const clip of ['Set/one', 'Set/"two", zwei', 'Set/三 🎵']) {
      const clean = factsOf({ model, clip, fingerprint: `weights of ${model}`, content: clip, ...changes });
      cells.push(clean);
      for (const lengthTokens of [5, 10, 50, 100]) {
        const spec = JSON.stringify({ kind: 'noise', length: lengthTokens });
        const variant = `white length=${lengthTokens}`;
        const disturbance = { role: 'disturbed', cleanKey: clean.key, variant, spec, lengthTokens } as const;
        // 2 ** 53 - 1: a seed may be any safe integer.
        cells.push(factsOf({ ...clean, ...disturbance, domain: 'waveform', seed: Number.MAX_SAFE_INTEGER }));
      }
    }
  }
  return { study: 'made up', hash: planHash(cells.map(({ key }) => key)), yaml: 'study: made up\n', cells };
}

function factsOf(facts: Partial<CellFacts>): CellFacts {
  const all: Omit<CellFacts, 'key'> = {
    role: 'clean',
    cleanKey: null,
    study: 'made up',
    model: '',
    fingerprint: '',
    protocol: 'delayed',
    condition: 'none',
    precision: 'fp32',
    conditionHash: null,
    runtime: 'none 1.0',
    device: 'cpu',
    instructions: 'avx2',
    measurement: 1,
    losscope: '0.1.0',
    resampler: 'sinc',
    lag: 3,
    group: 'Set',
    clip: '',
    title: null,
    source: 'audio',
    content: '',
    offsetSeconds: 0.1,
    lengthSeconds: null,
    loudness: null,
    roundTripSeconds: null,
    disturbance: null,
    variant: null,
    domain: null,
    grid: null,
    kind: null,
    color: null,
    edit: null,
    lengthTokens: null,
    blockTokens: null,
    level: null,
    levelDbfs: null,
    severityName: null,
    severity: null,
    reach: null,
    words: null,
    spec: null,
    seed: null,
    context: null,
    ...facts,
  };
  return { ...all, key: cellKey(all) };
}

/** What scoring a cell gives, always the same: losses with NaN where undefined. */
export function rowOf(facts: CellFacts): CellRow {
  const random = generator(seedOf('store row', facts.key));
  const values = CODEBOOKS * FRAMES;
  const loss = Float32Array.from({ length: values }, (_, i) =>
    i % FRAMES < 3 ? Number.NaN : random.uniform(),
  );
  const isClean = facts.role === 'clean';
  return {
    ...facts,
    status: 'ok',
    error: null,
    scoredWith: 'avx2',
    sampleRate: 32_000,
    hop: 640,
    codebooks: CODEBOOKS,
    frames: FRAMES,
    events: isClean ? null : '[{"start":1,"words":"it\'s \\"noise\\""}]',
    windowStart: isClean ? null : 250,
    windowEnd: isClean ? null : 350,
    meanLoss: random.uniform(),
    roundTrip: random.uniform(),
    loss,
    entropy: loss.map((value) => value / 2),
    spread: loss.map((value) => value / 3),
    codes: Int32Array.from({ length: values }, () => Math.floor(random.uniform() * 2048)),
  };
}

export function failedRowOf(facts: CellFacts, error = 'the clip is too short, by 3 samples'): CellRow {
  return {
    ...rowOf(facts),
    status: 'failed',
    error,
    scoredWith: null,
    sampleRate: null,
    hop: null,
    codebooks: null,
    frames: null,
    events: null,
    windowStart: null,
    windowEnd: null,
    meanLoss: null,
    roundTrip: null,
    loss: null,
    entropy: null,
    spread: null,
    codes: null,
  };
}

/** The rows in another order, by a seed. */
export function shuffled<T>(values: readonly T[], seed: string): T[] {
  const random = generator(seedOf('order', seed));
  return values
    .map((value) => ({ value, place: random.uniform() }))
    .sort((a, b) => a.place - b.place)
    .map(({ value }) => value);
}

/** A map with given Peaks and mean loss; the other numbers are made up. */
export function keptMapOf(peaks: readonly number[], loss: number): KeptMap {
  return {
    samples: 64_000,
    clock: { sampleRate: 32_000, hop: 640 },
    disturbance: 'white noise',
    ...{ every: 10, length: 5, tail: 5 },
    clean: { frames: 100, mean: loss, byFrame: new Float64Array(100).fill(loss) },
    entropy: new Float64Array(100).fill(1),
    envelope: new Float64Array(100).fill(0.5),
    points: peaks.map((peak, i) => ({
      ...{ start: 50 + 10 * i, seconds: 1 + i / 5, peak, inside: peak, highest: { value: peak, at: 52 } },
      ...{ levelDbfs: -20, changed: 1, delta: { from: 50 + 10 * i, values: Float64Array.of(peak, 0) } },
    })),
    silent: [],
    uncalibrated: 'too short',
  };
}
