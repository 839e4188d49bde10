// losscope score: token-wise loss, one JSON line a file.

import type { Command } from 'commander';
import type { Model } from '../models/model.js';
import { readCodes } from '../node/codes.js';
import { readClip } from '../node/sound.js';
import { contrast } from '../score/contrast.js';
import { meanByChannel, meanByCodebook, meanLoss, rowsOfLoss } from '../score/loss.js';
import { provenanceOf, type ScoringOptions, scoreClip, scoreCodes } from '../study/probe.js';
import type { Scored } from '../study/record.js';
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
import { printJson, printLine, progress, table, warn } from './output.js';

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
      const scored = await scoreFile(model, file, scoring);
      const { codebooks, frames } = scored.loss;
      const byCodebook = meanByCodebook(scored.loss);
      const compared = options.contrast
        ? await contrast(model, scored.codes, condition, { protocol: options.protocol })
        : undefined;
      bar.step(file);
      const gain = compared && scored.mean - meanLoss(compared.unconditional);
      rows.push([
        file,
        String(frames),
        scored.mean.toFixed(4),
        ...(gain === undefined ? [] : [gain.toFixed(4)]),
        ...byCodebook.map((mean) => mean.toFixed(4)),
      ]);
      if (json) {
        printJson({
          file,
          model: model.name,
          protocol: options.protocol,
          frames,
          codebooks,
          mean: scored.mean,
          meanByCodebook: byCodebook,
          ...(model.channels === 2 ? { meanByChannel: meanByChannel(scored.loss, 2) } : {}),
          loss: rowsOfLoss(scored.loss),
          ...(compared
            ? {
                contrast: {
                  meanUnconditional: meanLoss(compared.unconditional),
                  mean: meanLoss(compared.conditional) - meanLoss(compared.unconditional),
                  lossUnconditional: rowsOfLoss(compared.unconditional),
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
  printLine(table([head, ...rows]));
  printLine(`nats per code, model ${model.name}, protocol ${options.protocol}`);
}

/** A sound file through the codec, or codes as they are. */
async function scoreFile(model: Model, file: string, scoring: ScoringOptions): Promise<Scored> {
  if (/\.json$/i.test(file)) return scoreCodes(model, await readCodes(file), scoring);
  const { channels, clock } = model;
  const clip = await readClip(file, { sampleRate: clock.sampleRate, channels }, warn);
  return (await scoreClip(model, clip, scoring)).scored;
}
