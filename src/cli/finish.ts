// losscope finish: the end of a study that many machines worked on.

import type { Command } from 'commander';
import { counted } from '../counted.js';
import { finishStore } from '../node/store/index.js';
import { checkLines } from './check.js';
import { printJson, printLine } from './output.js';

export function addFinish(losscope: Command): void {
  losscope
    .command('finish')
    .description(
      'check a store and, when no result is missing, gather its small parts; exit code 0: complete',
    )
    .argument('<folder>', 'the store that the workers share')
    .option('--json', 'print what was found as one JSON line')
    .action(run);
}

async function run(folder: string, options: { readonly json?: boolean }): Promise<void> {
  const finished = await finishStore(folder);
  const { check, written, deleted } = finished;
  if (options.json) printJson(finished);
  else {
    for (const line of checkLines(folder, check)) printLine(line);
    if (written > 0) printLine(`${counted(deleted, 'small part')} gathered in ${written}`);
  }
  if (!check.complete) process.exitCode = 1;
}
