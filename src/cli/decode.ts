// losscope decode: codes back to sound.

import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { z } from 'zod';
import { type Codes, codesOf } from '../audio/codes.js';
import { writeWav } from '../audio/wav.js';
import { writeWhole } from '../node/output.js';
import { openForCommand } from './model.js';
import { addModelOptions, type ModelOptions } from './options.js';
import { printLine } from './output.js';

interface Options extends ModelOptions {
  readonly output: string;
}

/** What `losscope encode` prints, as far as decoding needs it. */
const encoded = z.object({
  model: z.string().optional(),
  codes: z.array(z.array(z.int32().min(0)).min(1)).min(1),
});

export function addDecode(losscope: Command): void {
  const command = losscope
    .command('decode')
    .description('turn codes back into sound')
    .argument('<codes>', 'a file with one line of `losscope encode`, or any JSON object with codes[K][T]')
    .requiredOption('-o, --output <wav>', 'the 32-bit float WAV file to write');
  addModelOptions(command).action(run);
}

async function run(file: string, options: Options): Promise<void> {
  const codes = parseCodes(await readText(file), file);
  const model = await openForCommand(options);
  try {
    const channels = await model.decode(codes);
    const { sampleRate } = model.clock;
    await writeWhole(options.output, writeWav({ name: file, sampleRate, channels }, { format: 'float32' }));
    printLine(`${options.output}: ${codes.frames} frames, ${channels[0].length} samples at ${sampleRate} Hz`);
  } finally {
    await model.close();
  }
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new Error(`${file}: cannot be read (${error instanceof Error ? error.message : error})`);
  }
}

function parseCodes(text: string, file: string): Codes {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // JSON lines of several clips parse line by line, not as a whole: that deserves another hint.
    const several = lines.length > 1 && lines.every((line) => line.trimStart().startsWith('{"file"'));
    throw new Error(
      several
        ? `${file}: holds ${lines.length} clips; decode takes one line of encode at a time (head -n 1, or one file each)`
        : `${file}: not JSON; expected one line of \`losscope encode\`: {"codes": [[...], ...]}`,
    );
  }
  const parsed = encoded.safeParse(json);
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0];
    throw new Error(
      `${file}: ${path.length ? `${path.join('.')}: ` : ''}${message}; expected codes[K][T], whole numbers from 0`,
    );
  }
  return codesOf(parsed.data.codes);
}
