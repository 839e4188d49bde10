// losscope compare: two studies at the points that both have.

import path from 'node:path';
import type { Command } from 'commander';
import { type Comparison, compareStudies } from '../analysis/comparison.js';
import { writeComparison } from '../node/report.js';
import { openStore } from '../node/store/index.js';
import { compareLines } from '../report/study/compare_page.js';
import { takeOutput, wholeNumber } from './options.js';
import { goOnWithoutReader, printJson, printLine, say } from './output.js';

interface Options {
  readonly out?: string;
  readonly seed: number;
  readonly json?: boolean;
}

export function addCompare(losscope: Command): void {
  const command = losscope
    .command('compare')
    .description('compare two studies: loss differences at the points that both have, paired by clip')
    .argument('<first>', 'the store of a study')
    .argument('<second>', 'the store of another, as of another model')
    .option('-o, --out <file>', 'write a page too, and its figures beside it')
    .option('--seed <n>', 'root seed of intervals and permutations', wholeNumber({ min: 0 }), 1)
    .option('--json', 'print the comparison as one JSON line');
  takeOutput(command, '<file>').action(run);
}

async function run(first: string, second: string, options: Options): Promise<void> {
  if (options.out !== undefined) goOnWithoutReader();
  const comparison = await comparisonOf(first, second, options);
  if (options.json) printJson(comparison);
  else for (const line of compareLines(comparison)) printLine(line);
  if (options.out === undefined) return;
  await writeComparison(comparison, { page: options.out, folder: path.dirname(options.out) });
  say(`wrote ${options.out}`);
}

async function comparisonOf(first: string, second: string, { seed }: Options): Promise<Comparison> {
  const a = await openStore(first);
  try {
    const b = await openStore(second);
    try {
      return await compareStudies(a, b, { seed });
    } finally {
      await b.close();
    }
  } finally {
    await a.close();
  }
}
