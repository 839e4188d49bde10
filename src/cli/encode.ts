// losscope encode: sound to codes, one JSON line a clip.

import { type Command, Option } from 'commander';
import { frameRate, rowsOf } from '../audio/codes.js';
import { codecOf } from '../models/model.js';
import { clipReader } from './clip_reader.js';
import { CLIPS, eachClip, namedClips, requireAll } from './clips.js';
import { addExcerptOptions, type ExcerptFlags, excerptOf, takenOf } from './excerpt.js';
import { openForCommand } from './model.js';
import { addModelOptions, type ModelOptions } from './options.js';
import { printJson } from './output.js';

export function addEncode(losscope: Command): void {
  const command = losscope
    .command('encode')
    .description(
      'turn sound into codec codes: JSON lines {file, model, sampleRate, frameRate, frames, codebooks, codes[K][T]}',
    )
    .argument('<clips...>', `${CLIPS}, which stay what they are`)
    .addOption(new Option('--json', 'JSON lines (the only format there is)').default(true).hideHelp());
  addExcerptOptions(addModelOptions(command)).action(run);
}

async function run(entries: readonly string[], options: ModelOptions & ExcerptFlags): Promise<void> {
  const clips = await namedClips(entries);
  const model = await openForCommand(options);
  try {
    const { clock } = codecOf(model);
    const excerpt = excerptOf(model, options);
    const reader = clipReader(model, excerpt);
    const failures = await eachClip(clips, { label: 'encode', model }, async (source) => {
      const codes = await reader.codes(source);
      printJson({
        file: source.name,
        ...takenOf(excerpt),
        model: model.name,
        sampleRate: clock.sampleRate,
        frameRate: frameRate(clock),
        frames: codes.frames,
        codebooks: codes.codebooks,
        codes: rowsOf(codes),
      });
    });
    await requireAll(failures);
  } finally {
    await model.close();
  }
}
