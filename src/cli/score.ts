// losscope score: token-wise loss, one JSON line a file.

import { type Command, Option } from 'commander';
import { type Codes, framesOf } from '../audio/codes.js';
import { contrast } from '../loss/contrast.js';
import { encode, formatOf } from '../loss/encode.js';
import { type Loss, score } from '../loss/loss.js';
import { meanByChannel, meanByCodebook, meanLoss, rowsOfLoss } from '../loss/means.js';
import { scoreInWindows, type Windows } from '../loss/windows.js';
import type { Condition } from '../models/condition.js';
import { codecOf, type Model, protocolUnder } from '../models/model.js';
import { readCodes } from '../node/codes.js';
import { readClip } from '../node/sound.js';
import { parseSpan } from '../perturb/parse.js';
import type { Span } from '../perturb/perturbation.js';
import { samplesOf } from '../perturb/place.js';
import { provenanceOf, type ScoringOptions } from '../probe/probe.js';
import { table } from '../report/terminal.js';
import { conditionOf, openForCommand } from './model.js';
import {
  addConditionOptions,
  addModelOptions,
  addProtocolOption,
  type ConditionOptions,
  type ModelOptions,
  type ProtocolOptions,
  parsedBy,
} from './options.js';
import { printJson, printLine, progress, warn } from './output.js';
import { UsageError } from './usage.js';

interface Options extends ModelOptions, ProtocolOptions, ConditionOptions {
  readonly json?: boolean;
  readonly contrast?: boolean;
  readonly entropy?: boolean;
  readonly window?: Span;
  readonly overlap?: Span;
}

export function addScore(losscope: Command): void {
  const command = losscope
    .command('score')
    .description(
      'token-wise loss: JSON lines {file, model, protocol, frames, codebooks, mean, meanByCodebook[K], loss[K][T]}',
    )
    .argument(
      '<audio...>',
      'WAV, MP3, FLAC, Ogg Vorbis or Opus; or codes (.json) as encode and generate write them',
    )
    .option('--json', 'JSON lines at full precision, null where the loss is undefined (default when piped)');
  addConditionOptions(addProtocolOption(addModelOptions(command)))
    .option('--contrast', 'also score without the condition, and give conditional minus unconditional loss')
    .addOption(
      new Option('--entropy', 'also give the entropy of what was predicted, in the same places').conflicts(
        'contrast',
      ),
    )
    .addOption(
      new Option('--window <span>', 'long clips: score in windows of this length (30s)').argParser(
        parsedBy(parseSpan),
      ),
    )
    .addOption(
      new Option(
        '--overlap <span>',
        'what a window reads of the one before (default: a third of it)',
      ).argParser(parsedBy(parseSpan)),
    )
    .action(run);
}

async function run(files: readonly string[], options: Options): Promise<void> {
  if (options.overlap && !options.window) throw new UsageError('--overlap: of what? give --window');
  if (options.window && options.contrast) {
    throw new UsageError('--window: scores without a comparison; leave --contrast out');
  }
  if (options.contrast && options.prompt === undefined && options.melody === undefined) {
    throw new UsageError('--contrast: compares with a condition and without; give --prompt or --melody');
  }
  const condition = await conditionOf(options);
  const scoring = { protocol: options.protocol, condition };
  const json = options.json ?? !process.stdout.isTTY;
  const model = await openForCommand(options);
  const windows = windowsOf(model, options);
  const bar = progress('score', files.length);
  const rows: string[][] = [];
  try {
    for (const file of files) {
      const { loss, unconditional, entropy } = await scoreFile(model, file, scoring, {
        ...options,
        windows,
      });
      const { codebooks, frames } = loss;
      const mean = meanLoss(loss);
      const byCodebook = meanByCodebook(loss);
      const gain = unconditional && mean - meanLoss(unconditional);
      bar.step(file);
      rows.push([
        file,
        String(frames),
        mean.toFixed(4),
        ...(gain === undefined ? [] : [gain.toFixed(4)]),
        ...(entropy ? [meanLoss(entropy).toFixed(4)] : []),
        ...byCodebook.map((one) => one.toFixed(4)),
      ]);
      if (json) {
        printJson({
          file,
          model: model.name,
          protocol: loss.protocol,
          ...(windows ? { windows } : {}),
          frames,
          codebooks,
          mean,
          meanByCodebook: byCodebook,
          ...(model.codec?.channels === 2 ? { meanByChannel: meanByChannel(loss, 2) } : {}),
          loss: rowsOfLoss(loss),
          ...(unconditional
            ? {
                contrast: {
                  meanUnconditional: meanLoss(unconditional),
                  mean: gain,
                  lossUnconditional: rowsOfLoss(unconditional),
                },
              }
            : {}),
          ...(entropy ? { meanEntropy: meanLoss(entropy), entropy: rowsOfLoss(entropy) } : {}),
          provenance: provenanceOf(model, scoring),
        });
      }
    }
  } finally {
    bar.stop();
    await model.close();
  }
  if (json) return;
  const head = [
    'file',
    'frames',
    'mean',
    ...(options.contrast ? ['contrast'] : []),
    ...(options.entropy ? ['entropy'] : []),
    ...Array.from({ length: model.codebooks }, (_, k) => `codebook ${k}`),
  ];
  for (const line of table([head, ...rows])) printLine(line);
  printLine(`nats per code, model ${model.name}, protocol ${protocolUnder(model, options.protocol).name}`);
}

interface ScoredFile {
  readonly loss: Loss;
  readonly unconditional?: Loss;
  /** In the form of a loss. */
  readonly entropy?: Loss;
}

/** The loss of a sound file through the codec, or of codes as they are; to compare, also without the condition. */
async function scoreFile(
  model: Model,
  file: string,
  scoring: ScoringOptions & { readonly condition: Condition },
  {
    contrast: compare,
    entropy,
    windows,
  }: Pick<Options, 'contrast' | 'entropy'> & { readonly windows: Windows | undefined },
): Promise<ScoredFile> {
  const codes = await codesOfFile(model, file);
  if (compare) {
    const { conditional, unconditional } = await contrast(model, codes, scoring.condition, scoring);
    return { loss: conditional, unconditional };
  }
  const loss = windows
    ? await scoreInWindows(model, codes, { ...scoring, windows })
    : await score(model, codes, scoring);
  return { loss, ...(entropy && { entropy: { ...loss, values: loss.entropy } }) };
}

function windowsOf(model: Model, { window, overlap }: Options): Windows | undefined {
  if (!window) return undefined;
  const { clock } = codecOf(model);
  const framesIn = (span: Span): number => framesOf(clock, samplesOf(span, clock, 'window'));
  const frames = framesIn(window);
  return { frames, overlap: overlap ? framesIn(overlap) : Math.floor(frames / 3) };
}

async function codesOfFile(model: Model, file: string): Promise<Codes> {
  if (/\.json$/i.test(file)) return readCodes(file);
  return encode(model, await readClip(file, formatOf(model), warn));
}
