// losscope perturb: only make the disturbed sound.

import type { Command } from 'commander';
import { sampleCount } from '../audio/clip.js';
import { writeWav } from '../audio/wav.js';
import { writeWhole } from '../node/output.js';
import { readClip } from '../node/sound.js';
import { perturb } from '../perturb/apply.js';
import { describe } from '../perturb/parse.js';
import { openForCommand } from './model.js';
import {
  addModelOptions,
  addNoiseOptions,
  type ModelOptions,
  type NoiseOptions,
  noiseOf,
} from './options.js';
import { printJson, printLine, warn } from './output.js';

interface Options extends ModelOptions, NoiseOptions {
  readonly output: string;
  readonly json?: boolean;
}

export function addPerturb(losscope: Command): void {
  const command = losscope
    .command('perturb')
    .description('replace a window of a clip by noise and write it as 32-bit float WAV')
    .argument(
      '<audio>',
      'WAV, MP3, FLAC, Ogg Vorbis or Opus; converted to mono at the rate of the model’s codec',
    )
    .requiredOption('-o, --output <wav>', 'the WAV file to write')
    .option('--json', 'print the event as JSON');
  addNoiseOptions(addModelOptions(command)).action(run);
}

async function run(audio: string, options: Options): Promise<void> {
  const model = await openForCommand(options);
  try {
    const clip = await readClip(audio, { sampleRate: model.clock.sampleRate, channels: 1 }, warn);
    const { clip: disturbed, event } = perturb(clip, noiseOf(options), model.clock);
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
    printLine(
      `${options.output}: ${describe(event.perturbation)} = samples ${event.start} to ${event.end - 1} of ` +
        `${sampleCount(clip)} at ${clip.sampleRate} Hz, ${event.levelDbfs.toFixed(1)} dBFS`,
    );
  } finally {
    await model.close();
  }
}
