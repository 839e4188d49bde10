// losscope init: a first study that runs as it is.

import type { Command } from 'commander';
import { counted } from '../counted.js';
import { writeFirstStudy } from '../node/init.js';
import { printLine, warn } from './output.js';
import { quoted } from './task_words.js';

export function addInit(losscope: Command): void {
  losscope
    .command('init')
    .description(
      'write study.yaml, which runs as it is: on the sound or the MIDI of a folder, or on the bundled clips',
    )
    .argument('[folder]', 'your clips, and where to; it must be there, and nothing in it is overwritten', '.')
    .action(run);
}

async function run(folder: string): Promise<void> {
  const { file, clips, kind, name } = await writeFirstStudy(folder, warn);
  const own = kind === 'notes' ? 'MIDI file' : 'clip';
  const what = clips > 0 ? `${counted(clips, own)} of ${folder}` : `the bundled clips (${folder} holds none)`;
  printLine(`wrote ${file}: the bundled model${kind === 'notes' ? ' of notes (tiny-notes)' : ''} on ${what}`);
  printLine(`next: losscope run ${quoted(file)} && losscope report ${quoted(`runs/${name}`)}`);
}
