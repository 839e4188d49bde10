// losscope run: a whole study from one YAML file, resumable.

import type { Command } from 'commander';
import { counted } from '../counted.js';

import type { DeviceChoice } from '../node/device.js';
import { openStore, processesAt, storedTwice } from '../node/store/index.js';
import { costOf, passesOf } from '../study/cost.js';
import { type Job, type PlannedStudy, planStudy } from '../study/plan.js';
import { pendingJobs, runStudy, type StudyRunOptions, type StudyRunResult } from '../study/run.js';
import type { Store } from '../study/store.js';
import { TASK_KINDS, type TaskKind, taskName, tasksOf } from '../study/task.js';
import { onFirstInterrupt } from './interrupt.js';
import { deviceOption, wholeNumber } from './options.js';
import { printLine, progress, say } from './output.js';
import { parseShard } from './shard.js';
import { openStudy, standardStore } from './study.js';
import { countedTasks, duration, LABELS, quoted } from './task_words.js';

interface Options {
  readonly out?: string;
  readonly limit?: number;
  readonly shard?: { readonly index: number; readonly of: number };
  readonly dryRun?: boolean;
  readonly retryFailed?: boolean;
  readonly threads?: number;
  readonly device: DeviceChoice;
}

export function addRun(losscope: Command): void {
  losscope
    .command('run')
    .description('run a study: every disturbance of every clip, scored under every model; resumable')
    .argument('<study>', 'a YAML file: models, groups of clips, disturbances')
    .option('-o, --out <folder>', 'the store; a run that was interrupted goes on there (default: runs/STUDY)')
    .option('--limit <n>', 'only the first clips of each group', wholeNumber({ min: 1 }))
    .option(
      '--shard <i/n>',
      'only this machine’s part: 1/4, 2/4, ..., or auto: as SLURM, Kubernetes and others number their tasks',
      parseShard,
    )
    .option('--dry-run', 'only check the study and print the plan')
    .option('--retry-failed', 'score cells again that failed before')
    .option('--threads <n>', 'threads of the model runtime (default: one per core)', wholeNumber({ min: 1 }))
    .addOption(deviceOption())
    .action(run);
}

async function run(file: string, options: Options): Promise<void> {
  const opened = await openStudy(file, options);
  const { study, library, models } = opened;
  let store: Store | undefined;
  try {
    const planned = await planStudy(study, { library, models });
    const standard = standardStore(study);
    const out = options.out ?? standard;
    if (options.dryRun) {
      await printPlan(planned, await pendingJobs(planned, options));
      return;
    }
    store = await openStore(out, { create: true });
    await store.writePlan(planned.plan);
    const pending = await pendingJobs(planned, { ...options, store });
    await printPlan(planned, pending, await storedOf(planned, store));
    if (pending.length === 0) {
      printLine(`nothing to do; losscope report ${out} makes the report`);
      return;
    }
    const since = Date.now();
    const others = await processesAt(out);
    if (others.length > 0 && options.shard === undefined) {
      say(
        `${out}: process ${others.join(', ')} works there too; what both score is done twice (losscope work shares a study)`,
      );
    }
    const result = await walk(planned, countsOf(pending), {
      ...options,
      library,
      store,
      openExact: opened.openExact,
    });
    await requireKept(planned, pending, { result, out });
    const twice = await storedTwice(out, { since });
    if (twice > 0)
      say(
        `${out}: another run has stored ${counted(twice, 'cell')} too; losscope work shares a study among many`,
      );
    tellEnd(result, { file, out, standard });
  } finally {
    await store?.close();
    await opened.close();
  }
}

/** @throws when the store has not what was put into it: somebody has deleted or changed it meanwhile. */
async function requireKept(
  { plan }: PlannedStudy,
  jobs: readonly Job[],
  { result, out }: { readonly result: StudyRunResult; readonly out: string },
): Promise<void> {
  const done = TASK_KINDS.reduce((sum, kind) => sum + result[kind].done, 0);
  const kept = await keptIn(out, jobs);
  if (kept.plan === plan.hash && kept.tasks >= done) return;
  const lost =
    kept.plan === plan.hash
      ? `${done - kept.tasks} of ${counted(done, 'result')} are gone`
      : 'its plan is gone';
  throw new Error(
    `${out}: was changed while the study ran: ${lost}; run the study again, what is still there is kept`,
  );
}

/** What a store holds now, read anew: the hash of its plan, and how many tasks of some jobs. */
async function keptIn(
  out: string,
  jobs: readonly Job[],
): Promise<{ plan: string | undefined; tasks: number }> {
  // Where no store is left, nothing is kept.
  const store = await openStore(out).catch(() => undefined);
  if (!store) return { plan: undefined, tasks: 0 };
  try {
    const results = await store.results();
    const tasks = jobs.flatMap((job) => job.tasks.filter(({ key }) => results.has(key))).length;
    return { plan: (await store.plan())?.hash, tasks };
  } finally {
    await store.close();
  }
}

/** How many tasks there are of each kind. */
type Counts = Readonly<Record<TaskKind, number>>;

function countsOf(jobs: readonly Job[]): Counts {
  const of = (kind: TaskKind): number =>
    jobs.reduce((sum, { tasks }) => sum + tasks.filter((task) => task.kind === kind).length, 0);
  return { score: of('score'), map: of('map'), parity: of('parity') };
}

async function storedOf({ plan }: PlannedStudy, store: Pick<Store, 'results'>): Promise<Counts> {
  const results = await store.results();
  const stored = tasksOf(plan).filter(({ key }) => results.has(key));
  const of = (kind: TaskKind): number => stored.filter((task) => task.kind === kind).length;
  return { score: of('score'), map: of('map'), parity: of('parity') };
}

async function walk(
  planned: PlannedStudy,
  { score, map, parity }: Counts,
  options: StudyRunOptions,
): Promise<StudyRunResult> {
  let stopped = false;
  const release = onFirstInterrupt(() => {
    stopped = true;
    say('');
    say('losscope: finishing the cell or map under way (again: stop at once)');
  });
  const bar = progress('run', score + map + parity);
  try {
    return await runStudy(planned, {
      ...options,
      stopped: () => stopped,
      onTask: (task) => bar.step(taskName(task)),
    });
  } finally {
    bar.stop();
    release();
  }
}

const NOTHING: Counts = { score: 0, map: 0, parity: 0 };

async function printPlan(
  { study, plan, leftOut }: PlannedStudy,
  jobs: readonly Job[],
  there: Counts = NOTHING,
): Promise<void> {
  const { until } = study;
  const passes = passesOf(jobs, { until, lengthSeconds: study.excerpt.length });
  const now = countsOf(jobs);
  const left = plan.cells.length - there.score - now.score;
  printLine(
    `study ${study.name}: ${counted(plan.cells.length, 'cell')}, ${there.score} stored already, ${now.score} to score now` +
      (left > 0 ? `, ${left} left out` : ''),
  );
  if (leftOut.length > 0) {
    const [{ clip, first }] = leftOut;
    printLine(
      `  ${counted(leftOut.length, 'clip')} left out, the same sound as another: ${clip} as ${first}${leftOut.length > 1 ? ', ...' : ''}`,
    );
  }
  for (const { model, clips, encodes, scores } of passes) {
    printLine(
      `  ${model.spec.name}: ${counted(clips, 'clip')}, ${counted(encodes, 'encode')} and ${counted(scores, 'score')} (fewer columns where a prefix is kept)`,
    );
  }
  if (until !== undefined)
    printLine(
      `  disturbed versions are scored until ${until} s after their window; numbers of whole clips are not measured`,
    );
  if (passes.length > 0) {
    const { seconds, bytes } = await costOf(passes, study.excerpt.length);
    printLine(`  at most ${duration(seconds)} on this machine, about ${(bytes / 1e6).toFixed(1)} MB on disk`);
  }
  const tasks = tasksOf(plan);
  for (const kind of ['map', 'parity'] as const) {
    const all = tasks.filter((task) => task.kind === kind).length;
    if (all === 0) continue;
    const cost = kind === 'map' && now.map > 0 ? ', each for up to 3 clean passes' : '';
    printLine(`  ${LABELS[kind]}: ${all} planned, ${now[kind]} to make now${cost}`);
  }
}

interface Places {
  readonly file: string;
  readonly out: string;
  /** Where the study is stored when no folder is named. */
  readonly standard: string;
}

function tellEnd(result: StudyRunResult, { file, out, standard }: Places): void {
  const kinds = TASK_KINDS.filter((kind) => kind === 'score' || result[kind].done + result[kind].left > 0);
  const parts = kinds.map((kind) => {
    const { done, left } = result[kind];
    return `${countedTasks(done, kind)} stored${left > 0 ? `, ${left} left` : ''}`;
  });
  if (kinds.some((kind) => result[kind].left > 0)) {
    const where = out === standard ? '' : ` --out ${quoted(out)}`;
    say(`losscope: ${parts.join('; ')}; go on with: losscope run ${quoted(file)}${where}`);
    process.exitCode = 130;
    return;
  }
  for (const kind of kinds) {
    const { done, failed } = result[kind];
    if (failed === 0) continue;
    say(`losscope: ${failed} of ${countedTasks(done, kind)} failed; losscope check ${out} says why`);
    process.exitCode = 1;
  }
  printLine(`${parts.join('; ')} in ${out}; losscope report ${out} makes the report`);
}
