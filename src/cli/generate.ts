// losscope generate: clips drawn from a model, as a folder that is a dataset.

import type { Command } from 'commander';
import { framesOf, sampleOfSeconds } from '../audio/codes.js';
import { counted } from '../counted.js';
import { SAMPLING } from '../loss/generate.js';
import { codecOf } from '../models/model.js';
import { generateFolder } from '../node/generate.js';
import { conditionOf, openForCommand } from './model.js';
import {
  addConditionOptions,
  addModelOptions,
  addOutOption,
  type ConditionOptions,
  decimal,
  type ModelOptions,
  wholeNumber,
} from './options.js';
import { printLine, say, sayOver } from './output.js';
import { UsageError } from './usage.js';

interface Options extends ModelOptions, ConditionOptions {
  readonly count: number;
  readonly seconds: number;
  readonly topK: number;
  readonly topP: number;
  readonly temperature: number;
  readonly guidance?: number;
  readonly seed: number;
  readonly codes?: boolean;
  readonly batch: number;
  readonly out: string;
}

export function addGenerate(losscope: Command): void {
  const command = losscope
    .command('generate')
    .description('draw clips from a model: a folder of WAVs and metadata.jsonl; run again, it goes on')
    .option('-n, --count <n>', 'how many clips', wholeNumber({ min: 1, max: 99_999 }), 1)
    .option('--seconds <s>', 'how long each is (models are trained on up to 30)', decimal({ max: 600 }), 15)
    .option(
      '--top-k <k>',
      'draw from the k likeliest codes; 1 is greedy, 0 all',
      wholeNumber({ min: 0 }),
      SAMPLING.topK,
    )
    .option(
      '--top-p <p>',
      'draw from the likeliest codes that reach p together',
      decimal({ max: 1 }),
      SAMPLING.topP,
    )
    .option('--temperature <t>', 'logits are divided by it', decimal({ max: 100 }), SAMPLING.temperature)
    .option(
      '--seed <n>',
      'root seed; clip i depends on it, the model, the options and i',
      wholeNumber({ min: 0 }),
      1,
    )
    .option('--codes', 'write the codes too, to score clips without encoding them again')
    .option(
      '--batch <n>',
      'clips made side by side: the same clips, sooner, for more memory',
      wholeNumber({ min: 1, max: 64 }),
      4,
    );
  addOutOption(command, '<folder>', 'the folder to write');
  addConditionOptions(addModelOptions(command))
    .option(
      '--guidance <g>',
      'how much prompt and melody count; 1: as they are (default: 3 with either)',
      decimal({ min: 1, max: 100 }),
    )
    .action(run);
}

async function run({ out, seconds, ...options }: Options): Promise<void> {
  const { topK, topP, temperature, guidance, count, seed, batch } = options;
  if (guidance !== undefined && options.prompt === undefined && options.melody === undefined) {
    throw new UsageError('--guidance: weighs a condition against none; give --prompt or --melody');
  }
  const model = await openForCommand(options);
  const { clock } = codecOf(model);
  const frames = Math.max(1, framesOf(clock, sampleOfSeconds(clock, seconds)));
  const telling = rate();
  try {
    const condition = await conditionOf(model, options);
    const { made, found } = await generateFolder(model, out, {
      count,
      frames,
      sampling: { topK, topP, temperature },
      condition,
      ...(guidance === undefined ? {} : { guidance }),
      seed,
      codes: options.codes ?? false,
      batch,
      onFrames: telling.frames,
      onFile: telling.file,
    });
    const kept = found > 0 ? `, ${found} found there` : '';
    printLine(`${out}: ${counted(made, 'clip')} of ${counted(frames, 'frame')} made${kept}`);
  } finally {
    await model.close();
  }
}

/** Frames and their rate on stderr: a line written over in a terminal, elsewhere a line per clip. */
function rate() {
  let start = 0;
  let told = 0;
  let text = '';
  return {
    frames(done: number, total: number) {
      const now = performance.now();
      if (start === 0) start = now; // the first column, when all is loaded
      text = `${done} of ${counted(total, 'frame')}, ${((1000 * done) / (now - start)).toFixed(0)} frames/s`;
      if (!process.stderr.isTTY || (now - told < 200 && done < total)) return;
      told = now;
      sayOver(`generate: ${text}`, { last: done === total });
    },
    file(file: string) {
      if (!process.stderr.isTTY) say(`generate: ${file}, ${text}`);
    },
  };
}
