// losscope status: how a study stands while machines work on it.

import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { counted } from '../counted.js';
import type { QueueStatus } from '../node/claims/queue.js';
import { isFolder } from '../node/folders.js';
import { type StoreStatus, storeStatus } from '../node/store/index.js';
import { TASK_KINDS } from '../study/task.js';
import { studyName } from '../study/work.js';
import { printJson, printLine } from './output.js';
import { readStudy } from './study.js';
import { duration, LABELS } from './task_words.js';

/** Between two looks with --watch, ms. */
const WATCH_MS = 10_000;
/** Writers and workers that are listed; --json lists all. */
const LISTED = 20;

interface Options {
  readonly queue?: string;
  readonly watch?: boolean;
  readonly json?: boolean;
}

/** What is known of a study: of its store, of its queue, or of both. */
interface Standing {
  readonly study: string;
  readonly store?: StoreStatus;
  readonly queue?: QueueStatus;
}

export function addStatus(losscope: Command): void {
  losscope
    .command('status')
    .description('how far a study has come: workers, rate, time left, failures')
    .argument(
      '<folder>',
      'the store that the workers share; with --queue any store of the study, or its YAML file',
    )
    .option('--queue <url>', 'the queue that they take jobs from: redis://host or postgres://host')
    .option('--watch', 'look again every ten seconds until all is done')
    .option('--json', 'print the status as one JSON line')
    .action(run);
}

async function run(place: string, { queue, watch = false, json = false }: Options): Promise<void> {
  for (;;) {
    const standing = await standingOf(place, queue);
    if (json)
      printJson({
        study: standing.study,
        ...standing.store,
        ...(standing.queue && { queue: standing.queue }),
      });
    else for (const line of linesOf(place, standing)) printLine(line);
    if (!watch || isDone(standing)) return;
    await sleep(WATCH_MS);
    if (!json) printLine();
  }
}

async function standingOf(place: string, url: string | undefined): Promise<Standing> {
  if (url === undefined) {
    const store = await storeStatus(place);
    return { study: store.study, store };
  }
  (await import('../node/claims/engine.js')).requireEngine(url);
  const { queueStatus } = await import('../node/claims/queue.js');
  if (!(await isFolder(place))) {
    const { study, plan } = await planAt(url, place);
    return { study, queue: await queueStatus({ url, plan }) };
  }
  const store = await storeStatus(place);
  return { study: store.study, store, queue: await queueStatus({ url, plan: store.plan }) };
}

/** The plan of a study that was enqueued. @throws when none was. */
async function planAt(url: string, file: string): Promise<{ readonly study: string; readonly plan: string }> {
  const { publishedPlan } = await import('../node/claims/queue.js');
  const { openLibrary } = await import('../node/dataset.js');
  const study = await readStudy(file);
  const library = openLibrary({ folder: path.dirname(file), warn: () => undefined });
  const digest = await publishedPlan({ url }, await studyName(study, library));
  if (!digest) throw new Error(`${file}: not in this queue; put it there with losscope enqueue`);
  return { study: study.name, plan: digest.hash };
}

/** A queue knows of the work of all its workers, a store of those that write to it. */
function isDone({ store, queue }: Standing): boolean {
  if (queue) return queue.waiting + queue.held.length === 0;
  return store !== undefined && hasAll(store);
}

function hasAll({ tasks }: StoreStatus): boolean {
  return TASK_KINDS.every((kind) => tasks[kind].ok + tasks[kind].failed === tasks[kind].planned);
}

/** Who holds jobs: a worker that was lost stands there until its job is taken over. */
function holders(held: QueueStatus['held']): string {
  if (held.length === 0) return '';
  const jobs = held.reduce((sum, each) => sum + each.jobs, 0);
  const names = held.slice(0, LISTED).map(({ worker }) => worker);
  const more = held.length > LISTED ? ` and ${held.length - LISTED} more` : '';
  return `, ${jobs} held by ${names.join(', ')}${more}`;
}

function linesOf(place: string, { study, store, queue }: Standing): string[] {
  const first = `${place}: study ${study}`;
  const jobs = queue ? [queueLine(queue)] : [];
  if (!store) return [first, ...jobs];
  const { done, held } = store.claims;
  // finish takes the claims of a complete store away.
  if (!queue && !(hasAll(store) && done === 0))
    jobs.push(`  claims: ${counted(done, 'job')} done${holders(held)}`);
  return [first, ...storeLines(store), ...jobs, ...writerLines(store)];
}

function queueLine({ done, waiting, failed, held }: QueueStatus): string {
  const lost =
    failed > 0 ? `, ${failed} given up by the queue (losscope enqueue --out puts them there again)` : '';
  return `  queue: ${counted(done, 'job')} done, ${waiting} wait${holders(held)}${lost}`;
}

function storeLines(status: StoreStatus): string[] {
  const { tasks, damaged, rate, secondsLeft } = status;
  return [
    ...TASK_KINDS.filter((kind) => kind === 'score' || tasks[kind].planned > 0).map((kind) => {
      const { planned, ok, failed } = tasks[kind];
      return `  ${LABELS[kind]}: ${ok} of ${planned} done${failed > 0 ? `, ${failed} failed (losscope check says why)` : ''}`;
    }),
    ...(damaged > 0 ? [`  ${counted(damaged, 'damaged part')}: losscope check names them`] : []),
    ...(secondsLeft === undefined || hasAll(status)
      ? []
      : [`  ${rate.toFixed(1)} cells a minute, about ${duration(secondsLeft)} left`]),
  ];
}

function writerLines({ writers }: StoreStatus): string[] {
  const newest = writers[0]?.last ?? 0;
  return [
    ...writers.slice(0, LISTED).map(({ machine, cells, last }) => {
      const ago = newest - last;
      return `  ${machine}: ${counted(cells, 'cell')}${ago > 0 ? `, the last ${duration(ago / 1000)} before the newest` : ''}`;
    }),
    ...(writers.length > LISTED ? [`  and ${counted(writers.length - LISTED, 'more writer')}`] : []),
  ];
}
