// losscope perturb: only make the disturbed sound.

import type { Command } from 'commander';
import { sampleCount } from '../audio/clip.js';
import { writeWav } from '../audio/wav.js';
import { writeWhole } from '../node/output.js';
import { describe } from '../perturb/parse.js';
import type { Event } from '../perturb/perturbation.js';
import { disturb } from '../probe/probe.js';
import { clipReader, otherSound } from './clip_reader.js';
import { CLIPS, eachClip, namedClips, requireAll } from './clips.js';
import { addDisturbanceOptions, type DisturbanceOptions, perturbationOf } from './disturbance_options.js';
import { addExcerptOptions, type ExcerptFlags, excerptOf, takenOf } from './excerpt.js';
import { openForCommand } from './model.js';
import { addModelOptions, addOutOption, type ModelOptions } from './options.js';
import { printJson, printLine } from './output.js';
import { requireOther, wavFiles } from './wav_files.js';

interface Options extends ModelOptions, DisturbanceOptions, ExcerptFlags {
  readonly out: string;
  readonly json?: boolean;
}

export function addPerturb(losscope: Command): void {
  const command = losscope
    .command('perturb')
    .description('disturb a clip (noise, shuffling, deletion, ...) and write it as 32-bit float WAV')
    .argument('<clips...>', `${CLIPS}; converted to the rate and channels of the model’s codec`)
    .option('--json', 'print the event as JSON');
  addOutOption(command, '<wav>', 'the WAV file to write; of several clips, a folder');
  addExcerptOptions(addDisturbanceOptions(addModelOptions(command))).action(run);
}

async function run(entries: readonly string[], options: Options): Promise<void> {
  const perturbation = perturbationOf(options);
  const clips = await namedClips(entries);
  const files = await wavFiles(options.out, clips.sources);
  const model = await openForCommand(options);
  try {
    const excerpt = excerptOf(model, options);
    const reader = clipReader(model, excerpt);
    const otherClip = otherSound(model);
    const failures = await eachClip(clips, { label: 'perturb', model }, async (source) => {
      const output = requireOther(files.get(source) ?? options.out, source);
      const clip = await reader.sound(source);
      const { clip: disturbed, events } = await disturb(model, clip, [perturbation], { otherClip });
      const [event] = events;
      await writeWhole(output, writeWav(disturbed, { format: 'float32' }));
      const { sampleRate } = clip;
      const samples = sampleCount(clip);
      const told = { output, sampleRate, samples, event };
      if (options.json) printJson({ file: source.name, ...takenOf(excerpt), ...told });
      else printLine(inWords(told));
    });
    await requireAll(failures);
  } finally {
    await model.close();
  }
}

interface Written {
  readonly output: string;
  readonly sampleRate: number;
  /** Of the clip before. */
  readonly samples: number;
  readonly event: Event;
}

function inWords({ output, sampleRate, samples, event }: Written): string {
  const level = event.levelDbfs === undefined ? '' : `, ${event.levelDbfs.toFixed(1)} dBFS`;
  const { start, end } = event.removed ?? event;
  const place = `samples ${start} to ${end - 1} of ${samples} at ${sampleRate} Hz`;
  return `${output}: ${describe(event.perturbation)} = ${place}${level}`;
}
