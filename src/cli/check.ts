// losscope check: what a study's plan asks for against what its store holds.

import type { Command } from 'commander';
import { checkStore, type StoreCheck } from '../node/store/index.js';
import { printJson, printLine } from './output.js';

/** Cells that are named of each kind; --json names all. */
const NAMED = 3;

export function addCheck(losscope: Command): void {
  losscope
    .command('check')
    .description('compare a store with its plan, and look for damaged parts; exit code 0: complete')
    .argument('<folder>', 'the store that losscope run made')
    .option('--json', 'print the findings as one JSON line')
    .action(run);
}

async function run(folder: string, options: { readonly json?: boolean }): Promise<void> {
  const check = await checkStore(folder);
  if (options.json) printJson(check);
  else for (const line of lines(folder, check)) printLine(line);
  if (!check.complete) process.exitCode = 1;
}

function lines(folder: string, check: StoreCheck): string[] {
  const { failed, missing, unexpected, damaged, conflicts, maps } = check;
  const count = (what: string, n: number): string => `  ${what.padEnd(12)}${String(n).padStart(8)}`;
  return [
    `${folder}: study ${check.study}, ${check.planned} cells planned, ${check.parts} parts`,
    count('done', check.done),
    count('failed', failed.length),
    ...causes(failed),
    count('missing', missing.length),
    ...named(missing.map(({ name }) => name)),
    count('unexpected', unexpected.length),
    ...named(unexpected),
    count('damaged', damaged.length),
    ...damaged.map((line) => `    ${line}`),
    count('conflicts', conflicts.length),
    ...conflicts.map((line) => `    ${line}`),
    ...(maps
      ? [
          `${maps.planned} maps planned`,
          count('done', maps.done),
          count('failed', maps.failed.length),
          ...causes(maps.failed),
          count('missing', maps.missing.length),
          ...named(maps.missing.map(({ name }) => name)),
          count('damaged', maps.damaged.length),
          ...maps.damaged.map((line) => `    ${line}`),
        ]
      : []),
    verdict(check),
  ];
}

/** Each cause with how often and where first. */
function causes(failed: StoreCheck['failed']): string[] {
  return [...new Set(failed.map(({ error }) => error))].map((cause) => {
    const cells = failed.filter(({ error }) => error === cause);
    return `    ${cells.length} x ${cause} (first: ${cells[0].name})`;
  });
}

function named(names: readonly string[]): string[] {
  const more = names.length > NAMED ? [`    and ${names.length - NAMED} more (--json names all)`] : [];
  return [...names.slice(0, NAMED).map((name) => `    ${name}`), ...more];
}

function verdict(check: StoreCheck): string {
  const { complete, failed, missing, damaged, conflicts, unexpected, maps } = check;
  if (complete) return 'complete';
  const parts = damaged.length + conflicts.length;
  const broken = maps?.damaged.length ?? 0;
  const remedies = [
    parts > 0 && 'first delete the parts named above',
    broken > 0 && 'first delete the maps named above',
    parts + broken + missing.length + (maps?.missing.length ?? 0) > 0 &&
      'losscope run goes on where it ended',
    failed.length > 0 && 'losscope run --retry-failed tries failed cells again',
    (maps?.failed.length ?? 0) > 0 && 'losscope run --retry-failed tries failed maps again',
    unexpected.length > 0 && 'unexpected cells belong to another study and are in no result',
  ];
  return `not complete: ${remedies.filter((remedy) => remedy !== false).join('; ')}`;
}
