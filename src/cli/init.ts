// losscope init: a first study that runs as it is.

import type { Command } from 'commander';
import { writeFirstStudy } from '../node/init.js';
import { count } from '../report/words.js';
import { printLine, warn } from './output.js';
import { quoted } from './task_words.js';

export function addInit(losscope: Command): void {
  losscope
    .command('init')
    .description('write study.yaml, which runs as it is: on the sound of a folder, or on the bundled clips')
    .argument('[folder]', 'where to; what is there is never overwritten', '.')
    .action(run);
}

async function run(folder: string): Promise<void> {
  const { file, clips, name } = await writeFirstStudy(folder, warn);
  const what = clips > 0 ? `${count(clips, 'clip')} of ${folder}` : 'the bundled clips';
  printLine(`wrote ${file}: the bundled model on ${what}`);
  printLine(`next: losscope run ${quoted(file)} && losscope report ${quoted(`runs/${name}`)}`);
}
