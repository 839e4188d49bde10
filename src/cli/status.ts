// losscope status: how a study stands while machines work on it.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { type StoreStatus, storeStatus } from '../node/store/index.js';
import { TASK_KINDS } from '../study/task.js';
import { printJson, printLine } from './output.js';
import { duration, NOUNS } from './task_words.js';

/** Between two looks with --watch, ms. */
const WATCH_MS = 10_000;
/** Writers that are listed; --json lists all. */
const LISTED = 20;

interface Options {
  readonly watch?: boolean;
  readonly json?: boolean;
}

export function addStatus(losscope: Command): void {
  losscope
    .command('status')
    .description('how far a study has come: workers, rate, time left, failures')
    .argument('<folder>', 'the store that the workers share')
    .option('--watch', 'look again every ten seconds until all is done')
    .option('--json', 'print the status as one JSON line')
    .action(run);
}

async function run(folder: string, { watch = false, json = false }: Options): Promise<void> {
  for (;;) {
    const status = await storeStatus(folder);
    if (json) printJson(status);
    else for (const line of statusLines(folder, status)) printLine(line);
    if (!watch || isDone(status)) return;
    await sleep(WATCH_MS);
    if (!json) printLine();
  }
}

function isDone({ tasks }: StoreStatus): boolean {
  return TASK_KINDS.every((kind) => tasks[kind].ok + tasks[kind].failed === tasks[kind].planned);
}

/** Who holds jobs: a worker that was lost stands there until its job is taken over. */
function holders({ held }: StoreStatus['claims']): string {
  if (held.length === 0) return '';
  const jobs = held.reduce((sum, each) => sum + each.jobs, 0);
  const names = held.slice(0, LISTED).map(({ worker }) => worker);
  const more = held.length > LISTED ? ` and ${held.length - LISTED} more` : '';
  return `, ${jobs} held by ${names.join(', ')}${more}`;
}

function statusLines(folder: string, status: StoreStatus): string[] {
  const { study, tasks, damaged, writers, rate, secondsLeft, claims } = status;
  const newest = writers[0]?.last ?? 0;
  return [
    `${folder}: study ${study}`,
    ...TASK_KINDS.filter((kind) => kind === 'score' || tasks[kind].planned > 0).map((kind) => {
      const { planned, ok, failed } = tasks[kind];
      return `  ${NOUNS[kind]}: ${ok} of ${planned} done${failed > 0 ? `, ${failed} failed (losscope check says why)` : ''}`;
    }),
    ...(damaged > 0 ? [`  ${damaged} damaged parts: losscope check names them`] : []),
    ...(secondsLeft === undefined || isDone(status)
      ? []
      : [`  ${rate.toFixed(1)} cells a minute, about ${duration(secondsLeft)} left`]),
    `  claims: ${claims.done} jobs done${holders(claims)}`,
    ...writers.slice(0, LISTED).map(({ machine, cells, last }) => {
      const ago = newest - last;
      return `  ${machine}: ${cells} cells${ago > 0 ? `, the last ${duration(ago / 1000)} before the newest` : ''}`;
    }),
    ...(writers.length > LISTED ? [`  and ${writers.length - LISTED} more writers`] : []),
  ];
}
