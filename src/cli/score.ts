// losscope score: token-wise loss, one JSON line a file.

import type { Command } from 'commander';
import type { Codes } from '../audio/codes.js';
import type { Model } from '../models/model.js';
import { readCodes } from '../node/codes.js';
import { readClip } from '../node/sound.js';
import { table } from '../report/terminal.js';
import { contrast } from '../score/contrast.js';
import { encode } from '../score/encode.js';
import { type Loss, meanByChannel, meanByCodebook, meanLoss, rowsOfLoss, score } from '../score/loss.js';
import { provenanceOf, type ScoringOptions } from '../study/probe.js';
import { conditionOf, openForCommand } from './model.js';
import {
  addConditionOptions,
  addModelOptions,
  addProtocolOption,
  type ConditionOptions,
  type ModelOptions,
  type ProtocolOptions,
  UsageError,
} from './options.js';
import { printJson, printLine, progress, warn } from './output.js';

interface Options extends ModelOptions, ProtocolOptions, ConditionOptions {
  readonly json?: boolean;
  readonly contrast?: boolean;
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
    .action(run);
}

async function run(files: readonly string[], options: Options): Promise<void> {
  if (options.contrast && options.prompt === undefined && options.melody === undefined) {
    throw new UsageError('--contrast: compares with a condition and without; give --prompt or --melody');
  }
  const condition = await conditionOf(options);
  const scoring = { protocol: options.protocol, condition };
  const json = options.json ?? !process.stdout.isTTY;
  const model = await openForCommand(options);
  const bar = progress('score', files.length);
  const rows: string[][] = [];
  try {
    for (const file of files) {
      const { loss, unconditional } = await scoreFile(model, file, scoring, options);
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
        ...byCodebook.map((one) => one.toFixed(4)),
      ]);
      if (json) {
        printJson({
          file,
          model: model.name,
          protocol: options.protocol,
          frames,
          codebooks,
          mean,
          meanByCodebook: byCodebook,
          ...(model.channels === 2 ? { meanByChannel: meanByChannel(loss, 2) } : {}),
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
    ...Array.from({ length: model.codebooks }, (_, k) => `codebook ${k}`),
  ];
  for (const line of table([head, ...rows])) printLine(line);
  printLine(`nats per code, model ${model.name}, protocol ${options.protocol}`);
}

/** The loss of a sound file through the codec, or of codes as they are; to compare, also without the condition. */
async function scoreFile(
  model: Model,
  file: string,
  { protocol, condition }: Required<ScoringOptions>,
  { contrast: compare }: Options,
): Promise<{ readonly loss: Loss; readonly unconditional?: Loss }> {
  const codes = await codesOfFile(model, file);
  if (!compare) return { loss: await score(model, codes, { protocol, condition }) };
  const { conditional, unconditional } = await contrast(model, codes, condition, { protocol });
  return { loss: conditional, unconditional };
}

async function codesOfFile(model: Model, file: string): Promise<Codes> {
  if (/\.json$/i.test(file)) return readCodes(file);
  const { channels, clock } = model;
  return encode(model, await readClip(file, { sampleRate: clock.sampleRate, channels }, warn));
}
