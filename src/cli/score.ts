// losscope score: token-wise loss, one JSON line a file.

import type { Command } from 'commander';
import { readClip } from '../node/sound.js';
import { meanByCodebook, rowsOfLoss } from '../score/loss.js';
import { provenanceOf, scoreClip } from '../study/probe.js';
import { openForCommand } from './model.js';
import { addModelOptions, addProtocolOption, type ModelOptions, type ProtocolOptions } from './options.js';
import { printJson, printLine, progress, table, warn } from './output.js';

interface Options extends ModelOptions, ProtocolOptions {
  readonly json?: boolean;
}

export function addScore(losscope: Command): void {
  const command = losscope
    .command('score')
    .description(
      'token-wise loss: JSON lines {file, model, protocol, frames, codebooks, mean, meanByCodebook[K], loss[K][T]}',
    )
    .argument('<audio...>', 'WAV, MP3, FLAC, Ogg Vorbis or Opus')
    .option('--json', 'JSON lines at full precision, null where the loss is undefined (default when piped)');
  addProtocolOption(addModelOptions(command)).action(run);
}

async function run(files: readonly string[], options: Options): Promise<void> {
  const json = options.json ?? !process.stdout.isTTY;
  const model = await openForCommand(options);
  const bar = progress('score', files.length);
  const rows: string[][] = [];
  try {
    for (const file of files) {
      const clip = await readClip(file, { sampleRate: model.clock.sampleRate, channels: 1 }, warn);
      const { scored } = await scoreClip(model, clip, options.protocol);
      const { codebooks, frames } = scored.loss;
      const byCodebook = meanByCodebook(scored.loss);
      bar.step(file);
      rows.push([file, String(frames), scored.mean.toFixed(4), ...byCodebook.map((mean) => mean.toFixed(4))]);
      if (json) {
        printJson({
          file,
          model: model.name,
          protocol: options.protocol,
          frames,
          codebooks,
          mean: scored.mean,
          meanByCodebook: byCodebook,
          loss: rowsOfLoss(scored.loss),
          provenance: provenanceOf(model, options.protocol),
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
    ...Array.from({ length: model.codebooks }, (_, k) => `codebook ${k}`),
  ];
  printLine(table([head, ...rows]));
  printLine(`nats per code, model ${model.name}, protocol ${options.protocol}`);
}
