// losscope encode: sound to codes, one JSON line a file.

import { type Command, Option } from 'commander';
import { frameRate, rowsOf } from '../audio/codes.js';
import { encode, formatOf } from '../loss/encode.js';
import { codecOf } from '../models/model.js';
import { readClip } from '../node/sound.js';
import { addExcerptOptions, type ExcerptFlags, excerptOf } from './excerpt.js';
import { openForCommand } from './model.js';
import { addModelOptions, type ModelOptions } from './options.js';
import { printJson, progress, warn } from './output.js';

export function addEncode(losscope: Command): void {
  const command = losscope
    .command('encode')
    .description(
      'turn sound into codec codes: JSON lines {file, model, sampleRate, frameRate, frames, codebooks, codes[K][T]}',
    )
    .argument('<audio...>', 'WAV, MP3, FLAC, Ogg Vorbis or Opus')
    .addOption(new Option('--json', 'JSON lines (the only format there is)').default(true).hideHelp());
  addExcerptOptions(addModelOptions(command)).action(run);
}

async function run(files: readonly string[], options: ModelOptions & ExcerptFlags): Promise<void> {
  const model = await openForCommand(options);
  const { clock } = codecOf(model);
  const bar = progress('encode', files.length);
  try {
    for (const file of files) {
      const clip = await readClip(file, formatOf(model), warn, excerptOf(options));
      const codes = await encode(model, clip);
      bar.step(file);
      printJson({
        file,
        // Absent where the whole file was taken.
        offset: options.offset,
        duration: options.duration,
        model: model.name,
        sampleRate: clock.sampleRate,
        frameRate: frameRate(clock),
        frames: codes.frames,
        codebooks: codes.codebooks,
        codes: rowsOf(codes),
      });
    }
  } finally {
    bar.stop();
    await model.close();
  }
}
