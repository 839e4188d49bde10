// losscope decode: codes back to sound.

import type { Command } from 'commander';
import { sampleCount } from '../audio/clip.js';
import { framesOf } from '../audio/codes.js';
import { writeWav } from '../audio/wav.js';
import { counted } from '../counted.js';
import { codecOf } from '../models/model.js';
import { writeWhole } from '../node/output.js';
import { clipReader } from './clip_reader.js';
import { eachClip, namedClips, requireAll } from './clips.js';
import { addExcerptOptions, type ExcerptFlags, excerptOf } from './excerpt.js';
import { openForCommand } from './model.js';
import { addModelOptions, addOutOption, type ModelOptions } from './options.js';
import { printLine } from './output.js';
import { writtenFiles } from './written_files.js';

interface Options extends ModelOptions, ExcerptFlags {
  readonly out: string;
}

export function addDecode(losscope: Command): void {
  const command = losscope
    .command('decode')
    .description('turn codes back into sound')
    .argument(
      '<codes...>',
      'what `losscope encode` prints (.json, .jsonl), or any JSON object with codes[K][T]; files, folders, globs, lists',
    );
  addOutOption(command, '<wav>', 'the 32-bit float WAV file to write; of several clips, a folder');
  addExcerptOptions(addModelOptions(command), 'all').action(run);
}

async function run(entries: readonly string[], options: Options): Promise<void> {
  const clips = await namedClips(entries, { onlyCodes: true });
  const files = await writtenFiles(options.out, clips.sources, 'sound');
  const model = await openForCommand(options);
  try {
    const reader = clipReader(model, excerptOf(model, { duration: 'all', ...options }));
    const failures = await eachClip(clips, { label: 'decode', model }, async (source) => {
      const file = files.get(source) ?? options.out;
      const clip = await reader.sound(source);
      await writeWhole(file, writeWav(clip, { format: 'float32' }));
      const samples = sampleCount(clip);
      const frames = framesOf(codecOf(model).clock, samples);
      printLine(
        `${file}: ${counted(frames, 'frame')}, ${counted(samples, 'sample')} at ${clip.sampleRate} Hz`,
      );
    });
    await requireAll(failures);
  } finally {
    await model.close();
  }
}
