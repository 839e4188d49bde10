// losscope check: what a study's plan asks for against what its store holds.

import type { Command } from 'commander';
import { counted } from '../counted.js';
import { checkStore, type StoreCheck } from '../node/store/index.js';
import { TASK_KINDS } from '../study/task.js';
import { printJson, printLine } from './output.js';
import { countedTasks } from './task_words.js';

/** Tasks that are named of each kind; --json names all. */
const NAMED = 3;

export function addCheck(losscope: Command): void {
  losscope
    .command('check')
    .description('compare a store with its plan, and look for damaged files; exit code 0: complete')
    .argument('<folder>', 'the store that losscope run made')
    .option('--json', 'print the findings as one JSON line')
    .action(run);
}

async function run(folder: string, options: { readonly json?: boolean }): Promise<void> {
  const check = await checkStore(folder);
  if (options.json) printJson(check);
  else for (const line of checkLines(folder, check)) printLine(line);
  if (!check.complete) process.exitCode = 1;
}

export function checkLines(folder: string, check: StoreCheck): string[] {
  const { unexpected, damaged, conflicts } = check;
  return [
    `${folder}: study ${check.study}, ${counted(check.parts, 'part')}`,
    ...TASK_KINDS.filter((kind) => kind === 'score' || check[kind].planned > 0).flatMap((kind) => {
      const { planned, done, failed, missing } = check[kind];
      return [
        `${countedTasks(planned, kind)} planned`,
        tally('done', done),
        tally('failed', failed.length),
        ...causes(failed),
        tally('missing', missing.length),
        ...named(missing.map(({ name }) => name)),
      ];
    }),
    'the store',
    tally('unexpected', unexpected.length),
    ...named(unexpected),
    tally('damaged', damaged.length),
    ...damaged.map((line) => `    ${line}`),
    tally('conflicts', conflicts.length),
    ...conflicts.map((line) => `    ${line}`),
    verdict(check),
  ];
}

function tally(what: string, n: number): string {
  return `  ${what.padEnd(12)}${String(n).padStart(8)}`;
}

/** Each cause with how often and where first. */
function causes(failed: StoreCheck['score']['failed']): string[] {
  return [...new Set(failed.map(({ error }) => error))].map((cause) => {
    const tasks = failed.filter(({ error }) => error === cause);
    return `    ${tasks.length} x ${cause} (first: ${tasks[0].name})`;
  });
}

function named(names: readonly string[]): string[] {
  const more = names.length > NAMED ? [`    and ${names.length - NAMED} more (--json names all)`] : [];
  return [...names.slice(0, NAMED).map((name) => `    ${name}`), ...more];
}

function verdict(check: StoreCheck): string {
  if (check.complete) return 'complete';
  const wrong = check.damaged.length + check.conflicts.length;
  const kinds = TASK_KINDS.map((kind) => check[kind]);
  const [missing, failed] = [
    kinds.some((kind) => kind.missing.length > 0),
    kinds.some((kind) => kind.failed.length > 0),
  ];
  const retry = 'losscope run --retry-failed tries again what failed';
  const remedies = [
    wrong > 0 && 'first delete the files named above',
    (wrong > 0 || missing) && 'losscope run goes on where it ended',
    failed && retry,
    check.unexpected.length > 0 && 'unexpected cells belong to another study and are in no result',
  ].filter((remedy) => remedy !== false);
  const how = remedies.join('; ');
  return how === retry ? `every task has a result, but some failed: ${how}` : `not complete: ${how}`;
}
