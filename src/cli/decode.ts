// losscope decode: codes back to sound.

import type { Command } from 'commander';
import { sampleCount } from '../audio/clip.js';
import { writeWav } from '../audio/wav.js';
import { decode } from '../loss/encode.js';
import { readCodes } from '../node/codes.js';
import { writeWhole } from '../node/output.js';
import { openForCommand } from './model.js';
import { addModelOptions, type ModelOptions } from './options.js';
import { printLine } from './output.js';

interface Options extends ModelOptions {
  readonly output: string;
}

export function addDecode(losscope: Command): void {
  const command = losscope
    .command('decode')
    .description('turn codes back into sound')
    .argument('<codes>', 'a file with one line of `losscope encode`, or any JSON object with codes[K][T]')
    .requiredOption('-o, --output <wav>', 'the 32-bit float WAV file to write');
  addModelOptions(command).action(run);
}

async function run(file: string, options: Options): Promise<void> {
  const codes = await readCodes(file);
  const model = await openForCommand(options);
  try {
    const clip = await decode(model, codes, file);
    const { sampleRate } = clip;
    await writeWhole(options.output, writeWav(clip, { format: 'float32' }));
    printLine(`${options.output}: ${codes.frames} frames, ${sampleCount(clip)} samples at ${sampleRate} Hz`);
  } finally {
    await model.close();
  }
}
