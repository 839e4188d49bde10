// A worker among others: what it trusts and what it verifies, what it does with jobs of others, and how it ends.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Clip } from '../../src/audio/clip.js';
import { openNamedModel } from '../../src/node/open.js';
import type { Claim, Claims } from '../../src/study/claims.js';
import type { Library } from '../../src/study/dataset.js';
import { type PlannedStudy, planStudy, type StudyModel } from '../../src/study/plan.js';
import type { CellRow } from '../../src/study/row.js';
import { runStudy } from '../../src/study/run.js';
import { parseStudy } from '../../src/study/spec.js';
import { digestOf, plannedAgain, type WorkOptions, workStudy } from '../../src/study/work.js';
import { memoryLibrary, memoryStore } from './memory.js';

const STUDY = `
study: shared
clip: { length: 1s }
models: [tiny]
groups:
  A: { files: a }
disturbances:
  white: { kind: noise, color: white, at: 10, length: [2, 5] }
`;
const NAMES = ['A/one', 'A/three', 'A/two'];
const study = parseStudy(STUDY, 'shared.yaml');
const model = await openNamedModel({ model: 'tiny', threads: 1 });
afterAll(() => model.close());
const models: StudyModel[] = [{ spec: { name: 'tiny', model: 'tiny' }, model, condition: {} }];
const library = memoryLibrary(Object.fromEntries(NAMES.map((name, i) => [name, tone(name, 200 + 70 * i)])));
let planned: PlannedStudy;
let whole: CellRow[];

function tone(name: string, hertz: number): Clip {
  const samples = Float32Array.from({ length: 32_000 }, (_, i) => Math.sin((hertz * i) / 5000) / 4);
  return { name, sampleRate: 32_000, channels: [samples] };
}

beforeAll(async () => {
  planned = await planStudy(study, { library, models });
  const store = memoryStore();
  await runStudy(planned, { library, store });
  whole = store.sorted();
});

/** Hands out these claims, and notes what becomes of them. */
function claimsOf(...given: readonly Claim[]): Claims & { readonly log: string[] } {
  const log: string[] = [];
  const left = [...given];
  return {
    log,
    next: async (stopped) => (stopped() ? undefined : left.shift()),
    keep: async () => true,
    done: async ({ job }) => void log.push(`done ${job}`),
    release: async ({ job }) => void log.push(`released ${job}`),
    close: async () => undefined,
  };
}

const claimOf = ({ id }: { readonly id: string }, taken = 1): Claim => ({ job: id, taken });
const repeat: WorkOptions['repeat'] = () => () => undefined;

describe('a worker', () => {
  test('does what it claims, and what is stored already not again', async () => {
    const [store, claims] = [memoryStore(), claimsOf(...planned.jobs.map((job) => claimOf(job)))];
    expect(await workStudy(planned, { library, store, claims, repeat })).toBe(NAMES.length);
    expect(store.sorted()).toEqual(whole);
    const again = claimsOf(...planned.jobs.map((job) => claimOf(job)));
    const tasks: string[] = [];
    const onTask: WorkOptions['onTask'] = ({ key }) => tasks.push(key);
    expect(await workStudy(planned, { library, store, claims: again, repeat, onTask })).toBe(NAMES.length);
    expect(tasks).toEqual([]);
    expect(again.log).toEqual(planned.jobs.map(({ id }) => `done ${id}`));
  });

  test('does of a job that another one had only what that one has not stored', async () => {
    const store = memoryStore();
    const [first, second] = planned.jobs;
    const [theirs] = second.tasks;
    const claims = claimsOf(claimOf(first), claimOf(second, 2));
    const tasks: string[] = [];
    await workStudy(planned, {
      ...{ library, store, claims, repeat },
      onTask: ({ key }) => void tasks.push(key),
      // Meanwhile another worker stores some of the second job and is lost.
      onJob: ({ id }) => id === first.id && store.append(whole.filter(({ key }) => key === theirs.key)),
    });
    expect(tasks).toEqual([...first.tasks, ...second.tasks.slice(1)].map(({ key }) => key));
  });

  test('that is stopped and cannot finish in time gives its job back and ends', async () => {
    const [first] = planned.jobs;
    const claims = claimsOf(claimOf(first));
    let stopped = false;
    let giveUp = (): void => undefined;
    const givenUp = new Promise<void>((resolve) => {
      giveUp = resolve;
    });
    const hanging: Library = {
      ...library,
      // A file server that does not answer.
      clip: () => {
        stopped = true;
        giveUp();
        return new Promise(() => undefined);
      },
    };
    const store = memoryStore();
    const options = { library: hanging, store, claims, repeat, stopped: () => stopped, givenUp };
    expect(await workStudy(planned, options)).toBe(0);
    expect(claims.log).toEqual([`released ${first.id}`]);
    expect(store.sorted()).toEqual([]);
  });

  test('that meets a job of another plan ends with one line', async () => {
    const claims = claimsOf({ job: 'f'.repeat(32), taken: 1 });
    await expect(workStudy(planned, { library, store: memoryStore(), claims, repeat })).rejects.toThrow(
      /job f+ is of another plan; empty the queue and enqueue again/,
    );
  });
});

describe('a plan that is there', () => {
  test('is trusted: no clip is hashed before it is opened, and then once', async () => {
    const hashed: string[] = [];
    const counting: Library = {
      ...library,
      contentHash(item) {
        hashed.push(item.name);
        return library.contentHash(item);
      },
    };
    const again = await plannedAgain(study, planned.plan, { library: counting, models });
    expect(again.planned.plan).toEqual(planned.plan);
    expect(hashed).toEqual([]);
    const [job] = again.planned.jobs;
    const claims = claimsOf(claimOf(job));
    const store = memoryStore();
    await workStudy(again.planned, { library: again.library, store, claims, repeat });
    expect(hashed).toEqual([NAMES[0]]);
    expect(store.sorted().map(({ status }) => status)).toEqual(job.tasks.map(() => 'ok'));
  });

  test('holds a worker to the instruction set that it was made with, and names the constraint', async () => {
    const { instructions } = model;
    const other = { ...models[0], model: { ...model, instructions: 'sse9' } };
    await expect(plannedAgain(study, planned.plan, { library, models: [other] })).rejects.toThrow(
      `shared: is held to processors with ${instructions}, this one has sse9: the last bits would differ. Use machines of that ` +
        `kind (SLURM: --constraint=${instructions}`,
    );
  });

  test('with other weights than those that were planned is refused, at a queue too', async () => {
    const changed = { ...models[0], model: { ...model, fingerprint: 'f'.repeat(64) } };
    for (const there of [planned.plan, digestOf(planned.plan)]) {
      await expect(plannedAgain(study, there, { library, models: [changed] })).rejects.toThrow(
        /^shared: tiny here has other weights than those that were planned \(f{12}\.\.\., planned \w{12}\.\.\.\); use the/,
      );
      expect((await plannedAgain(study, there, { library, models })).planned.plan.hash).toBe(
        planned.plan.hash,
      );
    }
  });

  test('of a study that mixes instruction sets takes any', async () => {
    const mixing = parseStudy(`${STUDY}mix: true\n`, 'shared.yaml');
    const { plan } = await planStudy(mixing, { library, models });
    const other = { ...models[0], model: { ...model, instructions: 'sse9' } };
    const again = await plannedAgain(mixing, plan, { library, models: [other] });
    expect(again.planned.plan.hash).toBe(plan.hash);
  });
});
