// losscope run: a whole study from one YAML file, resumable.

import path from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import type { Precision } from '../models/precision.js';
import { openLibrary } from '../node/dataset.js';
import type { DeviceChoice } from '../node/device.js';
import { readText } from '../node/input.js';
import { isFolder } from '../node/open.js';
import { openStore } from '../node/store/index.js';
import { openMaps } from '../node/store/maps.js';
import { keepParity } from '../node/study_parity.js';
import { costOf, passesOf } from '../study/cost.js';
import { plannedMaps } from '../study/map_plan.js';
import { type MapJob, type MapRunOptions, pendingMaps, runMaps } from '../study/maps.js';
import { type Job, type PlannedStudy, planStudy, type StudyModel } from '../study/plan.js';
import { pendingJobs, type RunOptions, type RunResult, runStudy } from '../study/run.js';
import { type ModelSpec, parseStudy } from '../study/spec.js';
import type { Store } from '../study/store.js';
import { onFirstInterrupt } from './interrupt.js';
import { openForCommand } from './model.js';
import { deviceOption, wholeNumber } from './options.js';
import { printLine, progress, say, warn } from './output.js';

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
      'only this machine’s part: 1/4, 2/4, ... (put together with losscope merge)',
      shardOf,
    )
    .option('--dry-run', 'only check the study and print the plan')
    .option('--retry-failed', 'score cells again that failed before')
    .option('--threads <n>', 'threads of the model runtime (default: one per core)', wholeNumber({ min: 1 }))
    .addOption(deviceOption())
    .action(run);
}

async function run(file: string, options: Options): Promise<void> {
  const study = parseStudy(await readText(file), file);
  const folder = path.dirname(file);
  const library = openLibrary({ folder, warn });
  const models: StudyModel[] = [];
  let store: Store | undefined;
  try {
    const { precision } = study;
    for (const spec of study.models) {
      models.push(await openStudyModel(spec, folder, { ...options, precision }));
    }
    const planned = await planStudy(study, { library, models });
    const out = options.out ?? path.join('runs', study.name);
    if (options.dryRun) {
      await printPlan(planned, await pendingJobs(planned, options));
      printMaps(planned, await pendingMaps(planned, options));
      return;
    }
    store = await openStore(out, { create: true });
    await store.writePlan(planned.plan);
    await keepParity(out, planned, {
      library,
      models,
      openExact: async ({ spec }) =>
        (await openStudyModel(spec, folder, { ...options, device: 'cpu', precision: 'fp32' })).model,
    });
    const todo = { ...options, library, store, maps: openMaps(out) };
    const pending = { cells: await pendingJobs(planned, todo), maps: await pendingMaps(planned, todo) };
    await printPlan(planned, pending.cells, (await store.cells()).size);
    printMaps(planned, pending.maps);
    if (pending.cells.length + pending.maps.length > 0) {
      finish(await walk(planned, pending, todo), file, out);
    } else printLine(`nothing to do; losscope report ${out} makes the report`);
  } finally {
    await store?.close();
    for (const { model } of models) await model.close();
  }
}

async function openStudyModel(
  spec: ModelSpec,
  folder: string,
  { threads, device, precision }: Pick<Options, 'threads' | 'device'> & { readonly precision: Precision },
): Promise<StudyModel> {
  const beside = path.join(folder, spec.model);
  const model = await openForCommand({
    model: (await isFolder(beside)) ? beside : spec.model,
    device,
    precision,
    ...(threads === undefined ? {} : { threads }),
  });
  return { spec, model, condition: spec.prompt === undefined ? {} : { prompt: spec.prompt } };
}

interface Pending {
  readonly cells: readonly Job[];
  readonly maps: readonly MapJob[];
}

/** How many cells and maps are done, failed and left. */
interface Walked {
  readonly cells: RunResult;
  readonly maps: RunResult;
}

/** First the cells, then the maps. */
async function walk(
  planned: PlannedStudy,
  pending: Pending,
  options: RunOptions & Pick<MapRunOptions, 'maps'>,
): Promise<Walked> {
  let stopped = false;
  const release = onFirstInterrupt(() => {
    stopped = true;
    say('');
    say('losscope: finishing the cell or map under way (again: stop at once)');
  });
  const each = { ...options, stopped: () => stopped };
  try {
    const cells = await withBar('run', cellsOf(pending.cells), (step) =>
      runStudy(planned, {
        ...each,
        onCell: ({ facts }) => step(`${facts.clip}, ${facts.variant ?? 'clean'}`),
      }),
    );
    const maps = await withBar('maps', pending.maps.length, (step) =>
      runMaps(planned, pending.maps, {
        ...each,
        onMap: ({ clean }) => step(`${clean.clip}, ${clean.model}`),
      }),
    );
    return { cells, maps };
  } finally {
    release();
  }
}

async function withBar<T>(
  label: string,
  total: number,
  work: (step: (next: string) => void) => Promise<T>,
): Promise<T> {
  if (total === 0) return work(() => undefined);
  const bar = progress(label, total);
  try {
    return await work((next) => bar.step(next));
  } finally {
    bar.stop();
  }
}

async function printPlan({ study, plan }: PlannedStudy, jobs: readonly Job[], there = 0): Promise<void> {
  const passes = passesOf(jobs);
  const now = cellsOf(jobs);
  const left = plan.cells.length - there - now;
  printLine(
    `study ${study.name}: ${plan.cells.length} cells, ${there} stored already, ${now} to score now` +
      (left > 0 ? `, ${left} left out` : ''),
  );
  for (const { model, clips, encodes, scores } of passes) {
    printLine(
      `  ${model.spec.name}: ${clips} clips, ${encodes} encodes and ${scores} scores (fewer columns where a prefix is kept)`,
    );
  }
  if (passes.length === 0) return;
  const { seconds, bytes } = await costOf(passes, study.excerpt.length);
  printLine(`  at most ${duration(seconds)} on this machine, about ${(bytes / 1e6).toFixed(1)} MB on disk`);
}

function printMaps({ plan }: PlannedStudy, jobs: readonly MapJob[]): void {
  if (!plan.maps) return;
  const planned = plannedMaps(plan).length;
  printLine(
    `  maps: ${planned} planned, ${jobs.length} to make now${jobs.length > 0 ? ', each for up to 3 clean passes' : ''}`,
  );
}

function finish({ cells, maps }: Walked, file: string, out: string): void {
  const where = out === path.join('runs', path.basename(file, path.extname(file))) ? '' : ` --out ${out}`;
  const stored = (noun: string, { done, left }: RunResult): string =>
    `${done} ${noun} stored${left > 0 ? `, ${left} left` : ''}`;
  const parts = [stored('cells', cells), ...(maps.done + maps.left > 0 ? [stored('maps', maps)] : [])];
  if (cells.left + maps.left > 0) {
    say(`losscope: ${parts.join('; ')}; go on with: losscope run ${file}${where}`);
    process.exitCode = 130;
    return;
  }
  for (const [noun, { done, failed }] of [
    ['cells', cells],
    ['maps', maps],
  ] as const) {
    if (failed === 0) continue;
    say(`losscope: ${failed} of ${done} ${noun} failed; losscope check ${out} says why`);
    process.exitCode = 1;
  }
  printLine(`${parts.join('; ')} in ${out}; losscope report ${out} makes the report`);
}

function cellsOf(jobs: readonly Job[]): number {
  return jobs.reduce((sum, { cells }) => sum + cells.length, 0);
}

function duration(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  if (seconds < 5400) return `${Math.ceil(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

function shardOf(text: string): { index: number; of: number } {
  const [, index, of] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
  const shard = { index: Number(index), of: Number(of) };
  if (index !== undefined && shard.index >= 1 && shard.index <= shard.of) return shard;
  throw new InvalidArgumentError('Expected a part and how many there are, as 1/4.');
}
