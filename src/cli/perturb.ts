// losscope perturb: only make the disturbed sound.

import type { Command } from 'commander';
import { sampleCount } from '../audio/clip.js';
import { writeWav } from '../audio/wav.js';
import { formatOf } from '../loss/encode.js';
import { writeWhole } from '../node/output.js';
import { readClip } from '../node/sound.js';
import { describe } from '../perturb/parse.js';
import { disturb } from '../probe/probe.js';
import { openForCommand } from './model.js';
import {
  addDisturbanceOptions,
  addModelOptions,
  type DisturbanceOptions,
  type ModelOptions,
  perturbationOf,
} from './options.js';
import { printJson, printLine, warn } from './output.js';

interface Options extends ModelOptions, DisturbanceOptions {
  readonly output: string;
  readonly json?: boolean;
}

export function addPerturb(losscope: Command): void {
  const command = losscope
    .command('perturb')
    .description('disturb a clip (noise, shuffling, deletion, ...) and write it as 32-bit float WAV')
    .argument(
      '<audio>',
      'WAV, MP3, FLAC, Ogg Vorbis or Opus; converted to mono at the rate of the model’s codec',
    )
    .requiredOption('-o, --output <wav>', 'the WAV file to write')
    .option('--json', 'print the event as JSON');
  addDisturbanceOptions(addModelOptions(command)).action(run);
}

async function run(audio: string, options: Options): Promise<void> {
  const perturbation = perturbationOf(options);
  const model = await openForCommand(options);
  try {
    const read = (file: string) => readClip(file, formatOf(model), warn);
    const clip = await read(audio);
    const { clip: disturbed, events } = await disturb(model, clip, [perturbation], { otherClip: read });
    const [event] = events;
    await writeWhole(options.output, writeWav(disturbed, { format: 'float32' }));
    if (options.json) {
      printJson({
        file: audio,
        output: options.output,
        sampleRate: clip.sampleRate,
        samples: sampleCount(clip),
        event,
      });
      return;
    }
    const level = event.levelDbfs === undefined ? '' : `, ${event.levelDbfs.toFixed(1)} dBFS`;
    const { start, end } = event.removed ?? event;
    printLine(
      `${options.output}: ${describe(event.perturbation)} = samples ${start} to ${end - 1} of ` +
        `${sampleCount(clip)} at ${clip.sampleRate} Hz${level}`,
    );
  } finally {
    await model.close();
  }
}
