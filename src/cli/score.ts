// losscope score: token-wise loss, one JSON line a file.

import { type Command, Option } from 'commander';
import { type Codes, framesOf } from '../audio/codes.js';
import { contrast } from '../loss/contrast.js';
import { encode, formatOf } from '../loss/encode.js';
import { type Loss, type LossAndEntropy, score } from '../loss/loss.js';
import { meanByChannel, meanByCodebook, meanLoss, rowsOfLoss } from '../loss/means.js';
import { scoreInWindows, type Windows } from '../loss/windows.js';
import type { Condition } from '../models/condition.js';
import { codecOf, type Model, protocolUnder } from '../models/model.js';
import { readCodes } from '../node/codes.js';
import { readBytes } from '../node/input.js';
import { readClip } from '../node/sound.js';
import { parseSpan } from '../perturb/parse.js';
import type { Span } from '../perturb/perturbation.js';
import { samplesOf } from '../perturb/place.js';
import { provenanceOf, type ScoringOptions } from '../probe/probe.js';
import { table } from '../report/terminal.js';
import { mean } from '../stats/describe.js';
import { readMidi } from '../symbolic/midi.js';
import { noteTokens } from '../symbolic/note_tokens.js';
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
      'WAV, MP3, FLAC, Ogg Vorbis or Opus; codes (.json) as encode and generate write them; notes (.mid) for a model of notes',
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
      const { loss, unconditional, entropy, seconds, apart } = await scoreFile(model, file, scoring, {
        ...options,
        windows,
      });
      const { codebooks, frames } = loss;
      const average = meanLoss(loss);
      const byCodebook = meanByCodebook(loss);
      const gain = unconditional && average - meanLoss(unconditional);
      bar.step(file);
      rows.push([
        file,
        String(frames),
        average.toFixed(4),
        ...(gain === undefined ? [] : [gain.toFixed(4)]),
        ...(entropy ? [meanLoss(entropy).toFixed(4)] : []),
        ...byCodebook.map((one) => one.toFixed(4)),
        ...(model.step === 'event' ? [segments(apart)] : []),
      ]);
      if (json) {
        printJson({
          file,
          model: model.name,
          protocol: loss.protocol,
          ...(windows ? { windows } : {}),
          frames,
          codebooks,
          mean: average,
          meanByCodebook: byCodebook,
          ...(model.codec?.channels === 2 ? { meanByChannel: meanByChannel(loss, 2) } : {}),
          ...(model.rows ? { rows: model.rows } : {}),
          ...(seconds ? { seconds: Array.from(seconds) } : {}),
          loss: rowsOfLoss(loss),
          ...(apart
            ? { apart: { positions: Array.from(apart.positions), loss: Array.from(apart.values) } }
            : {}),
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
    model.step === 'event' ? 'notes' : 'frames',
    'mean',
    ...(options.contrast ? ['contrast'] : []),
    ...(options.entropy ? ['entropy'] : []),
    ...(model.rows ?? Array.from({ length: model.codebooks }, (_, k) => `codebook ${k}`)),
    ...(model.step === 'event' ? ['between'] : []),
  ];
  for (const line of table([head, ...rows])) printLine(line);
  printLine(`nats per code, model ${model.name}, protocol ${protocolUnder(model, options.protocol).name}`);
}

interface ScoredFile {
  readonly loss: Loss;
  readonly unconditional?: Loss;
  /** In the form of a loss. */
  readonly entropy?: Loss;
  /** [T] when each note begins, seconds. */
  readonly seconds?: Float64Array;
  /** Tokens of no note: see LossAndEntropy. */
  readonly apart?: LossAndEntropy['apart'];
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
  const { codes, seconds } = await codesOfFile(model, file);
  if (compare) {
    const { conditional, unconditional } = await contrast(model, codes, scoring.condition, scoring);
    return { loss: conditional, unconditional };
  }
  const loss = windows
    ? await scoreInWindows(model, codes, { ...scoring, windows })
    : await score(model, codes, scoring);
  const { apart } = loss;
  return {
    ...{ loss, ...(seconds && { seconds }), ...(apart && { apart }) },
    ...(entropy && { entropy: { ...loss, values: loss.entropy } }),
  };
}

/** Mean loss of what stands between notes; a dash where nothing does. */
function segments(apart: LossAndEntropy['apart']): string {
  return apart && apart.values.length > 0 ? mean(apart.values).toFixed(4) : '-';
}

function windowsOf(model: Model, { window, overlap }: Options): Windows | undefined {
  if (!window) return undefined;
  if (model.step === 'event') return notesOf(window, overlap);
  const { clock } = codecOf(model);
  const framesIn = (span: Span): number => framesOf(clock, samplesOf(span, clock, 'window'));
  const frames = framesIn(window);
  return { frames, overlap: overlap ? framesIn(overlap) : Math.floor(frames / 3) };
}

/** Windows over notes, which have no common length in seconds. */
function notesOf(window: Span, overlap?: Span): Windows {
  const frames = countOf(window);
  return { frames, overlap: overlap ? countOf(overlap) : Math.floor(frames / 3) };
}

function countOf(span: Span): number {
  if ('tokens' in span) return span.tokens;
  throw new UsageError('--window, --overlap: notes are counted, not timed; give a whole number');
}

/** Codes of a file, and when each position begins where positions are notes. */
async function codesOfFile(
  model: Model,
  file: string,
): Promise<{ readonly codes: Codes; readonly seconds?: Float64Array }> {
  if (/\.json$/i.test(file)) return { codes: await readCodes(file) };
  if (!/\.(midi?|rmi)$/i.test(file))
    return { codes: await encode(model, await readClip(file, formatOf(model), warn)) };
  if (model.codec) {
    throw new Error(`${file}: notes, but ${model.name} takes sound; render it first (losscope render)`);
  }
  return noteTokens(readMidi(await readBytes(file), file, warn));
}
