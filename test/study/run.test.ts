// Studies that run: what a row holds, that order, restarts and shards change nothing, and that what fails is kept.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Clip } from '../../src/audio/clip.js';
import type { Codes } from '../../src/audio/codes.js';
import { score } from '../../src/loss/loss.js';
import { meanLoss } from '../../src/loss/means.js';
import { codecOf } from '../../src/models/model.js';
import { openNamedModel } from '../../src/node/open.js';
import { perturb } from '../../src/perturb/apply.js';
import { perturbCodes } from '../../src/perturb/tokens.js';
import { generator, seedOf } from '../../src/stats/random.js';
import type { Library } from '../../src/study/dataset.js';
import { linesOf } from '../../src/study/faults.js';
import { rowDigest } from '../../src/study/key.js';
import { type Job, type PlannedStudy, planStudy } from '../../src/study/plan.js';
import type { CellRow } from '../../src/study/row.js';
import { pendingJobs, runStudy } from '../../src/study/run.js';
import { parseStudy } from '../../src/study/spec.js';
import { memoryLibrary, memoryStore } from './memory.js';

const STUDY = `
study: test
seed: 3
clip: { length: 2s }
models: [tiny]
protocols: [delayed, undelayed]
groups:
  A: { files: a }
  Drawn: { files: d, codes: true }
disturbances:
  white: { kind: noise, color: white, at: 20, length: [5, 30], amnesia: true, protocols: delayed }
  cut: { kind: delete, at: 1s, length: 10, groups: A }
  tokens: { domain: codes, kind: noise, color: white, at: 20, length: 5 }
  moved: { domain: codes, kind: shuffle, at: 0, length: 50, block: 5, protocols: delayed }
  two: { kind: silence, length: 5, events: [{ at: 20 }, { at: 60 }], protocols: delayed }
  other: { kind: foreign, clip: next, from: 0s, at: 1s, length: 10, groups: A, protocols: delayed }
`;

const model = await openNamedModel({ model: 'tiny', threads: 1 });
afterAll(() => model.close());

/** Chords of a few sines with a little noise: codes that change. */
function chords(name: string): Clip {
  const random = generator(seedOf('chords', name));
  const pitches = Array.from({ length: 12 }, () => 110 * 2 ** (random.integer(36) / 12));
  const samples = Float32Array.from({ length: 80_000 }, (_, i) => {
    const pitch = pitches[Math.floor(i / 8000) % 12];
    return 0.2 * Math.sin((2 * Math.PI * pitch * i) / 32_000) + 0.02 * random.normal();
  });
  return { name, sampleRate: 32_000, channels: [samples] };
}

const sounds: Record<string, Clip | Codes> = { 'A/one': chords('one'), 'A/two': chords('two') };
let planned: PlannedStudy;
let rows: CellRow[];
const library = memoryLibrary(sounds);

beforeAll(async () => {
  sounds['Drawn/d'] = await codecOf(model).encode([chords('d').channels[0].subarray(0, 64_000)]);
  planned = await planStudy(parseStudy(STUDY, 'test.yaml'), { library, models: modelsOf() });
  rows = await rowsAfter((store) => runStudy(planned, { library, store }));
});

function modelsOf() {
  return [{ spec: { name: 'tiny', model: 'tiny' }, model, condition: {} }];
}

async function rowsAfter(
  run: (store: ReturnType<typeof memoryStore>) => Promise<unknown>,
): Promise<CellRow[]> {
  const store = memoryStore();
  await run(store);
  return store.sorted();
}

const find = (clip: string, variant: string | null, more: Partial<CellRow> = {}): CellRow => {
  const wanted = Object.entries({ clip, variant, context: null, protocol: 'delayed', ...more });
  const found = rows.filter((row) => wanted.every(([key, value]) => row[key as keyof CellRow] === value));
  expect(found).toHaveLength(1);
  return found[0];
};
const codesOfRow = ({ codebooks, frames, codes }: CellRow): Codes => ({
  codebooks: codebooks ?? 0,
  frames: frames ?? 0,
  data: codes ?? new Int32Array(0),
});

describe('a run', () => {
  test('gives every planned cell a row', () => {
    expect(rows).toHaveLength(planned.plan.cells.length);
    expect(rows.filter(({ status }) => status !== 'ok')).toEqual([]);
    expect(new Set(rows.map(({ key }) => key))).toEqual(new Set(planned.plan.cells.map(({ key }) => key)));
    const roles = rows.map(({ role }) => role);
    expect(roles.filter((role) => role === 'clean')).toHaveLength(2 * 2 + 1 + 2);
    expect(roles.filter((role) => role === 'context')).toHaveLength(3 * 2 * 3);
    const keys = new Set(rows.map(({ key }) => key));
    for (const row of rows) expect(row.cleanKey === null || keys.has(row.cleanKey)).toBe(true);
  });

  test('scores what the stages give one by one', async () => {
    const [one, two] = ['A/one', 'A/two'].map((name) => ({ ...(sounds[name] as Clip), name }));
    const clip = { ...one, channels: [one.channels[0].slice(0, 64_000)] };
    const clean = find('A/one', null);
    const codes = await codecOf(model).encode(clip.channels);
    expect(clean.codes).toEqual(codes.data);
    const loss = await score(model, codes);
    expect(clean.loss).toEqual(loss.values);
    expect(clean.entropy).toEqual(loss.entropy);
    expect(clean.meanLoss).toBe(meanLoss(loss));
    expect(clean).toMatchObject({ lag: 3, reach: null, device: 'cpu', instructions: model.instructions });
    expect(clean).toMatchObject({ frames: 100, codebooks: 4, windowStart: null, words: null });

    const white = find('A/one', 'white length=30');
    const [perturbation] = planned.study.variants[1].perturbations;
    const disturbed = perturb(clip, perturbation, codecOf(model).clock);
    const whiteCodes = await codecOf(model).encode(disturbed.clip.channels);
    expect(white.codes).toEqual(whiteCodes.data);
    const whiteLoss = await score(model, whiteCodes);
    expect(white.loss).toEqual(whiteLoss.values);
    expect(white.entropy).toEqual(whiteLoss.entropy);
    expect(JSON.parse(white.grid ?? '')).toEqual([{ name: 'length', value: 30, unit: 'tokens' }]);
    expect(white).toMatchObject({
      scoredWith: model.instructions,
      reach: 4,
      windowStart: 20,
      windowEnd: 50,
      lengthTokens: 30,
      level: 'match',
      kind: 'noise',
    });
    expect(JSON.parse(white.events ?? '')).toEqual(JSON.parse(JSON.stringify([disturbed.event])));

    const cut = find('A/one', 'cut', { protocol: 'undelayed' });
    expect(cut).toMatchObject({ lag: 0, frames: 90, lengthTokens: 10 });
    expect(cut.loss).toEqual((await score(model, codesOfRow(cut), { protocol: 'undelayed' })).values);

    const other = perturb(
      clip,
      {
        kind: 'foreign',
        clip: two.name,
        from: { tokens: 0 },
        level: 'match',
        at: { seconds: 1 },
        length: { tokens: 10 },
        seed: 3,
      },
      codecOf(model).clock,
      { clips: new Map([[two.name, two]]) },
    );
    expect(find('A/one', 'other').codes).toEqual((await codecOf(model).encode(other.clip.channels)).data);
  });

  test('leaves the codec out in the codes domain', async () => {
    const clean = codesOfRow(find('A/one', null));
    const tokens = codesOfRow(find('A/one', 'tokens'));
    expect(find('A/one', 'tokens').reach).toBe(0);
    for (let k = 0; k < 4; k++) {
      const row = (codes: Codes) => Array.from(codes.data.subarray(k * 100, (k + 1) * 100));
      expect(row(tokens).filter((_, t) => t < 20 || t >= 25)).toEqual(
        row(clean).filter((_, t) => t < 20 || t >= 25),
      );
    }
    expect(tokens.data).not.toEqual(clean.data);
    // What was drawn as codes is scored as codes.
    const drawn = find('Drawn/d', null, { source: 'codes' });
    expect(drawn.codes).toEqual((sounds['Drawn/d'] as Codes).data);
    const { perturbations } = planned.study.variants.find(({ name }) => name === 'moved') ?? {
      perturbations: [],
    };
    const moved = perturbCodes(codesOfRow(drawn), perturbations[0], {
      name: 'Drawn/d',
      clock: codecOf(model).clock,
    });
    expect(find('Drawn/d', 'moved').codes).toEqual(moved.codes.data);
    expect(find('Drawn/d', 'white length=5').source).toBe('audio');
  });

  test('scores the same tail after every context', async () => {
    const clean = codesOfRow(find('A/one', null));
    const white = find('A/one', 'white length=30');
    const tailOf = (context: CellRow['context']): CellRow => find('A/one', 'white length=30', { context });
    const tail = ['prefix+noise', 'prefix', 'noise'].map((context) => tailOf(context as CellRow['context']));
    for (const row of tail) {
      expect(row).toMatchObject({ frames: 50, codebooks: 4 });
      expect(row.codes).toEqual(tail[0].codes);
    }
    const part = (codes: Codes, k: number, from: number, to: number) =>
      Array.from(codes.data.subarray(k * codes.frames + from, k * codes.frames + to));
    // The noise alone, then the clean tail: put together here by hand.
    const frames = 80;
    const data = [0, 1, 2, 3].flatMap((k) => [
      ...part(codesOfRow(white), k, 20, 50),
      ...part(clean, k, 50, 100),
    ]);
    const loss = await score(model, { codebooks: 4, frames, data: Int32Array.from(data) });
    const expected = [0, 1, 2, 3].flatMap((k) => Array.from(loss.values.subarray(k * 80 + 30, (k + 1) * 80)));
    expect(Array.from(tailOf('noise').loss ?? [])).toEqual(expected);
    expect(tailOf('prefix').loss).not.toEqual(tailOf('noise').loss);
  });

  test.each([2, 4])('%i shards cost about the same, however the jobs take turns', async (of) => {
    // A clip with all its cells, one with few, and so on: numbered shards would have all of one sort.
    const all = [0, 1, 2, 3].flatMap((copy) =>
      planned.jobs.flatMap((job): Job[] =>
        job.kind === 'parity'
          ? []
          : [
              { ...job, id: `many ${copy} ${job.id}` },
              { ...job, id: `few ${copy} ${job.id}`, tasks: job.tasks.slice(0, 1) },
            ],
      ),
    );
    const tasksIn = (jobs: readonly Job[]): number => jobs.reduce((sum, { tasks }) => sum + tasks.length, 0);
    const shards: Job[][] = [];
    for (let index = 1; index <= of; index++)
      shards.push(await pendingJobs({ ...planned, jobs: all }, { shard: { index, of } }));
    expect(shards.flatMap((jobs) => jobs.map(({ id }) => id)).sort()).toEqual(all.map(({ id }) => id).sort());
    const costs = shards.map(tasksIn);
    const largest = Math.max(...all.map(({ tasks }) => tasks.length));
    expect(Math.max(...costs) - Math.min(...costs)).toBeLessThan(largest);
    const numbered = Array.from({ length: of }, (_, i) => tasksIn(all.filter((_, j) => j % of === i)));
    expect(Math.max(...numbered) - Math.min(...numbered)).toBeGreaterThan(largest);
  });

  test('stopped and resumed, or in shards, ends with the same rows', async () => {
    const digests = (all: readonly CellRow[]) => all.map((row) => [row.key, rowDigest(row)]);
    const resumed = await rowsAfter(async (store) => {
      for (let left = 1, runs = 0; left > 0; runs++) {
        let scored = 0;
        const result = await runStudy(planned, {
          library,
          store,
          stopped: () => scored >= 5,
          onTask: () => scored++,
        });
        left = result.score.left;
        expect(result.score.done).toBeLessThanOrEqual(5);
        expect(runs).toBeLessThan(20);
      }
    });
    expect(digests(resumed)).toEqual(digests(rows));
    const sharded = await rowsAfter(async (store) => {
      for (const index of [3, 1, 2]) await runStudy(planned, { library, store, shard: { index, of: 3 } });
    });
    expect(digests(sharded)).toEqual(digests(rows));
    const limited = await rowsAfter((store) => runStudy(planned, { library, store, limit: 1 }));
    expect(new Set(limited.map(({ clip }) => clip))).toEqual(new Set(['A/one', 'Drawn/d']));
  });

  test('keeps what fails with its cause, and scores it again when asked to', async () => {
    const broken = memoryLibrary({
      ...sounds,
      'A/one': { ...chords('one'), channels: [new Float32Array(100)] },
    });
    const store = memoryStore();
    const result = await runStudy(planned, { library: broken, store });
    const failed = store.sorted().filter(({ status }) => status === 'failed');
    expect(result.score.failed).toBe(failed.length);
    expect(new Set(failed.map(({ error }) => error))).toEqual(
      new Set(['A/one: too short', 'A/one: too short']),
    );
    expect(failed.filter(({ clip }) => clip === 'A/one')).toHaveLength(
      rows.filter(({ clip }) => clip === 'A/one').length,
    );
    expect(failed.every(({ loss, meanLoss }) => loss === null && meanLoss === null)).toBe(true);
    expect(await runStudy(planned, { library, store })).toMatchObject({
      score: { done: 0, failed: 0, left: 0 },
    });
    expect(await runStudy(planned, { library, store, retryFailed: true })).toMatchObject({
      score: { done: failed.length, failed: 0 },
    });
    expect(store.sorted().map(rowDigest)).toEqual(rows.map(rowDigest));
  });
});

describe('a plan', () => {
  const plan = (from: string, to: string, given = library) => {
    expect(STUDY).toContain(from);
    return planStudy(parseStudy(STUDY.replace(from, to), 'test.yaml'), {
      library: given,
      models: modelsOf(),
    });
  };

  test('names the place of every group without files', async () => {
    const items = async ({ name }: { readonly name: string }) => {
      throw new Error(`group "${name}": no sound files`);
    };
    const names = parseStudy(STUDY, 'test.yaml').groups.map(({ name }) => name);
    const lines = await plan('study: test', 'study: test', { ...library, items }).then(() => [], linesOf);
    expect(lines).toEqual(
      names.map((name) =>
        expect.stringMatching(new RegExp(`^test\\.yaml:\\d+:\\d+: group "${name}": no sound`)),
      ),
    );
  });

  test('has other keys when anything changes that can change a number, the same when only names do', async () => {
    const keys = (study: PlannedStudy): string[] => study.plan.cells.map(({ key }) => key);
    expect(keys(await plan('study: test', 'study: renamed'))).toEqual(keys(planned));
    expect((await plan('study: test', 'study: renamed')).plan.hash).toBe(planned.plan.hash);
    const clean = planned.plan.cells.filter(({ role }) => role === 'clean').map(({ key }) => key);
    for (const [from, to] of [
      ['seed: 3', 'seed: 4'],
      ['at: 20, length: [5, 30]', 'at: 21, length: [5, 30]'],
    ]) {
      const other = await plan(from, to);
      expect(other.plan.hash).not.toBe(planned.plan.hash);
      expect(keys(other)).toEqual(expect.arrayContaining(clean));
    }
    const shorter = await plan('length: 2s', 'length: 1900ms');
    expect(keys(shorter).filter((key) => keys(planned).includes(key))).toEqual([]);
  });

  test.each([
    [
      'a window beyond the clip',
      'at: 20, length: [5, 30]',
      'at: 20, length: [5, 90]',
      /white length=90: the window .*leaves the clip/,
    ],
    [
      'a click on codes',
      'domain: codes, kind: shuffle, at: 0, length: 50, block: 5',
      'domain: codes, kind: click, level: -6dB, at: 5',
      /moved.*click has no meaning on codes/,
    ],
    [
      'amnesia of a deletion',
      'cut: { kind: delete,',
      'cut: { amnesia: true, kind: delete,',
      /cut: amnesia needs/,
    ],
    ['a clip that is none', 'clip: next', 'clip: B/x', /other: B\/x is no clip of the study/],
    [
      'the same disturbance twice',
      'cut: { kind: delete, at: 1s, length: 10, groups: A }',
      'again: { kind: noise, color: white, at: 20, length: 5, protocols: delayed }',
      /"A\/one, white length=5, tiny" and "A\/one, again, tiny" are the same/,
    ],
    [
      'score edits without scores',
      'cut: { kind: delete, at: 1s, length: 10, groups: A }',
      'cut: { edit: rhythm }',
      /cut applies to no clip: no group holds MIDI that is played/,
    ],
  ])('%s is one line', async (_, from, to, message) => {
    await expect(plan(from, to)).rejects.toThrow(message);
  });

  test('a model that cannot do what is asked is refused', async () => {
    const study = parseStudy(STUDY, 'test.yaml');
    const [{ spec }] = modelsOf();
    const { language: _, ...codec } = model;
    await expect(
      planStudy(study, { library, models: [{ spec, model: codec, condition: {} }] }),
    ).rejects.toThrow(/^tiny: a codec alone/);
    const told = [{ spec, model, condition: { prompt: 'jazz' } }];
    await expect(planStudy(study, { library, models: told })).rejects.toThrow(/^tiny.*prompt/);
  });

  const CLIPS = ['A/one', 'A/two', 'B/one', 'B/three', 'B/two'];
  const manyLibrary = (given: Partial<Library>) => ({
    ...memoryLibrary(Object.fromEntries(CLIPS.map((name) => [name, chords('any')]))),
    ...given,
  });
  const many = (more: string, given: Library) =>
    planStudy(
      parseStudy(
        `study: m\nmodels: [tiny]\ngroups: { A: { files: a }, B: { files: b } }\n${more}\n`,
        'm.yaml',
      ),
      { library: given, models: modelsOf() },
    );

  test('names every clip that is there before, or leaves them out', async () => {
    const twins = manyLibrary({
      contentHash: async ({ name }) => (name === 'B/three' ? 'x' : name.slice(2)),
    });
    const silence = 'disturbances: { s: { kind: silence, at: 1s, length: 5 } }';
    const same = (first: string, clip: string): string =>
      `m.yaml:3:31: ${first} and ${clip} are the same sound; leave one out, or write duplicates: skip`;
    const refused = await many(silence, twins).catch(linesOf);
    expect(refused).toEqual([same('A/one', 'B/one'), same('A/two', 'B/two')]);
    const { plan, leftOut } = await many(`${silence}\nduplicates: skip`, twins);
    expect(leftOut.map(({ clip }) => clip)).toEqual(['B/one', 'B/two']);
    expect([...new Set(plan.cells.map(({ clip }) => clip))]).toEqual(['A/one', 'A/two', 'B/three']);
  });

  test('finds windows that leave clips whose length the study does not say, drawn ones too', async () => {
    const lengths = manyLibrary({
      seconds: async ({ name }) => (name === 'B/three' ? undefined : name.length / 2),
    });
    const refused = await many(
      [
        'clip: { offset: 500ms }',
        'disturbances:',
        '  fits: { kind: silence, at: 0s, length: 2s }',
        '  late: { kind: silence, at: 1s, length: [1s, 1001ms] }',
        '  drawn: { kind: silence, at: 1s..4s, length: 1500ms, groups: A }',
        '  codes: { domain: codes, kind: click, level: -6dB, at: 1s }',
      ].join('\n'),
      lengths,
    ).catch(linesOf);
    expect(refused).toEqual([
      expect.stringMatching(
        /^m\.yaml:7:9: late length=1001ms: the window .* leaves .*\(2\.00 s\).* \(A\/one and 3 more\)$/,
      ),
      expect.stringMatching(/^m\.yaml:8:10: drawn: the window .* \(A\/one and 1 more\)$/),
      expect.stringMatching(/^m\.yaml:9:10: codes: click has no meaning on codes/),
    ]);
  });

  test('a group that nothing disturbs is refused', async () => {
    const only = STUDY.replace(/groups: A/g, '').replace(
      /kind: (noise|silence|shuffle)/g,
      'groups: A, kind: $1',
    );
    const study = parseStudy(only.replace(/ {2}(cut|other): .*\n/g, ''), 'test.yaml');
    await expect(planStudy(study, { library, models: modelsOf() })).rejects.toThrow(/applies to group Drawn/);
  });
});
