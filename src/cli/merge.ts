// losscope merge: the shards of a study put together.

import type { Command } from 'commander';
import { counted } from '../counted.js';
import { mergeStores } from '../node/store/index.js';
import { printLine, say } from './output.js';

export function addMerge(losscope: Command): void {
  losscope
    .command('merge')
    .description('put the stores of several shards of one study together')
    .argument('<out>', 'the store to put them in; it may be there already, with the same plan')
    .argument('<folders...>', 'stores that losscope run made')
    .action(run);
}

async function run(out: string, folders: readonly string[]): Promise<void> {
  const { copied, parts, cells, planned, maps, parity, absent } = await mergeStores(out, folders);
  printLine(
    `${out}: ${counted(copied, 'part')} put there, ${parts} in all; ${cells} of ${counted(planned, 'planned cell')}` +
      (maps > 0 ? `; ${counted(maps, 'map')} put there` : '') +
      (parity > 0 ? `; ${counted(parity, 'comparison')} with fp32 put there` : ''),
  );
  for (const line of absent) say(`losscope: not merged: ${line}`);
  if (absent.length > 0) process.exitCode = 1;
}
