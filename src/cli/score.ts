// losscope score: token-wise loss, one JSON line a file.

import { type Command, Option } from 'commander';
import { type Codes, framesOf, termsOf } from '../audio/codes.js';
import type { SoundExcerpt } from '../audio/excerpt.js';
import { contrast } from '../loss/contrast.js';
import { type Loss, type LossAndEntropy, score } from '../loss/loss.js';
import { meanByChannel, meanByCodebook, meanLoss, rowsOfLoss } from '../loss/means.js';
import { scoreInWindows, type Windows } from '../loss/windows.js';
import type { Condition } from '../models/condition.js';
import { codecOf, type Model, protocolUnder, readsNotes } from '../models/model.js';
import type { ClipSource } from '../node/sources.js';
import { parseSpan } from '../perturb/parse.js';
import type { Span } from '../perturb/perturbation.js';
import { samplesOf } from '../perturb/place.js';
import { provenanceOf } from '../probe/probe.js';
import { table } from '../report/terminal.js';
import { mean } from '../stats/describe.js';
import { type ClipReader, clipReader } from './clip_reader.js';
import { CLIPS, eachClip, namedClips, requireAll } from './clips.js';
import { addExcerptOptions, type ExcerptFlags, excerptOf, takenOf } from './excerpt.js';
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
import { printJson, printLine, withProgress } from './output.js';
import { UsageError } from './usage.js';

interface Options extends ModelOptions, ProtocolOptions, ConditionOptions, ExcerptFlags {
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
    .argument('<clips...>', `${CLIPS}; notes (.mid) for a model of notes`)
    .option('--json', 'JSON lines at full precision, null where the loss is undefined (default when piped)');
  addExcerptOptions(addConditionOptions(addProtocolOption(addModelOptions(command))))
    .option('--contrast', 'also score without the condition, and give conditional minus unconditional loss')
    .addOption(
      new Option('--entropy', 'also give the entropy of what was predicted, in the same places').conflicts(
        'contrast',
      ),
    )
    .addOption(
      new Option(
        '--window <span>',
        'score all of each clip in windows of this length (30s); by default what is longer than the model was trained on',
      ).argParser(parsedBy(parseSpan)),
    )
    .addOption(
      new Option(
        '--overlap <span>',
        'what a window reads of the one before (default: a third of it)',
      ).argParser(parsedBy(parseSpan)),
    )
    .action(run);
}

async function run(entries: readonly string[], options: Options): Promise<void> {
  if (options.overlap && !options.window) throw new UsageError('--overlap: of what? give --window');
  if (options.contrast && options.prompt === undefined && options.melody === undefined) {
    throw new UsageError('--contrast: compares with a condition and without; give --prompt or --melody');
  }
  const clips = await namedClips(entries);
  const json = options.json ?? !process.stdout.isTTY;
  const model = await openForCommand(options);
  const rows: string[][] = [];
  try {
    const condition = await conditionOf(model, options);
    // In windows of a given length all of a clip is meant.
    const isWhole = options.window !== undefined && model.step === 'frame';
    const excerpt = excerptOf(model, { ...(isWhole && { duration: 'all' }), ...options });
    const scorer: Scorer = {
      ...{ model, options, condition, windows: windowsOf(model, options) },
      reader: clipReader(model, excerpt),
      isOnly: clips.sources.length === 1,
    };
    const failures = await eachClip(clips, { label: 'score', model }, async (source) => {
      const scored = await scoreSource(source, scorer);
      rows.push(rowOf(source, scored, model));
      if (json) printJson(jsonOf(source, scored, { ...scorer, excerpt }));
    });
    await requireAll(failures, () => {
      if (!json) printTable(rows, model, options);
    });
  } finally {
    await model.close();
  }
}

/** What all clips are scored by. */
interface Scorer {
  readonly model: Model;
  readonly reader: ClipReader;
  readonly condition: Condition;
  /** As asked for; undefined: of what is longer than training. */
  readonly windows: Windows | undefined;
  readonly options: Options;
  /** Of a single clip, the windows are told. */
  readonly isOnly: boolean;
}

interface ScoredClip {
  readonly loss: Loss;
  readonly unconditional?: Loss;
  /** In the form of a loss. */
  readonly entropy?: Loss;
  readonly windows: Windows | undefined;
  /** [T] when each note begins, seconds. */
  readonly seconds?: Float64Array;
  /** Tokens of no note: see LossAndEntropy. */
  readonly apart?: LossAndEntropy['apart'];
}

/** The loss of a sound through the codec, or of codes as they are; to compare, also without the condition. */
async function scoreSource(source: ClipSource, scorer: Scorer): Promise<ScoredClip> {
  const { model, condition, options, isOnly } = scorer;
  const { codes, seconds } = await codesOfSource(source, scorer);
  const windows = scorer.windows ?? windowsOfTraining(model, codes);
  const under = async (onWindow?: (done: number, of: number) => void): Promise<ScoredClip> => {
    const form = { protocol: options.protocol, onWindow };
    if (options.contrast) {
      const both = await contrast(model, codes, condition, { ...form, ...(windows && { windows }) });
      return { loss: both.conditional, unconditional: both.unconditional, windows };
    }
    const loss = windows
      ? await scoreInWindows(model, codes, { ...form, condition, windows })
      : await score(model, codes, { protocol: options.protocol, condition });
    const { apart } = loss;
    return {
      ...{ loss, windows, ...(seconds && { seconds }), ...(apart && { apart }) },
      ...(options.entropy && { entropy: { ...loss, values: loss.entropy } }),
    };
  };
  return isOnly ? withProgress('score: windows', under) : under();
}

/** Codes of a clip, and when each position begins where positions are notes. */
async function codesOfSource(
  source: ClipSource,
  { model, reader }: Scorer,
): Promise<{ readonly codes: Codes; readonly seconds?: Float64Array }> {
  if (!readsNotes(model)) return { codes: await reader.codes(source) };
  const { codes, clock } = await reader.notes(source);
  return { codes, ...(clock.times && { seconds: clock.times }) };
}

/** Windows as long as what training read, a third of it read twice, for codes that are longer. */
function windowsOfTraining({ language }: Model, { frames }: Codes): Windows | undefined {
  const trained = language?.trainedFrames;
  if (trained === undefined || frames <= trained) return undefined;
  return { frames: trained, overlap: Math.floor(trained / 3) };
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

function jsonOf(
  { name }: ClipSource,
  { loss, unconditional, entropy, seconds, apart, windows }: ScoredClip,
  { model, options, condition, excerpt }: Scorer & { readonly excerpt: SoundExcerpt },
) {
  const { codebooks, frames } = loss;
  const average = meanLoss(loss);
  return {
    file: name,
    ...takenOf(excerpt),
    model: model.name,
    protocol: loss.protocol,
    ...(windows ? { windows } : {}),
    frames,
    codebooks,
    mean: average,
    meanByCodebook: meanByCodebook(loss),
    ...(model.codec?.channels === 2 ? { meanByChannel: meanByChannel(loss, 2) } : {}),
    ...(model.rows ? { rows: model.rows } : {}),
    ...(seconds ? { seconds: Array.from(seconds) } : {}),
    loss: rowsOfLoss(loss),
    ...(apart ? { apart: { positions: Array.from(apart.positions), loss: Array.from(apart.values) } } : {}),
    ...(unconditional
      ? {
          contrast: {
            meanUnconditional: meanLoss(unconditional),
            mean: average - meanLoss(unconditional),
            lossUnconditional: rowsOfLoss(unconditional),
          },
        }
      : {}),
    ...(entropy ? { meanEntropy: meanLoss(entropy), entropy: rowsOfLoss(entropy) } : {}),
    provenance: provenanceOf(model, { protocol: options.protocol, condition }),
  };
}

/** Of the table. */
function rowOf(
  { name }: ClipSource,
  { loss, unconditional, entropy, apart }: ScoredClip,
  model: Model,
): string[] {
  const average = meanLoss(loss);
  return [
    name,
    String(loss.frames),
    average.toFixed(4),
    ...(unconditional ? [(average - meanLoss(unconditional)).toFixed(4)] : []),
    ...(entropy ? [meanLoss(entropy).toFixed(4)] : []),
    ...meanByCodebook(loss).map((one) => one.toFixed(4)),
    ...(model.step === 'event' ? [segments(apart)] : []),
  ];
}

/** Mean loss of what stands between notes; a dash where nothing does. */
function segments(apart: LossAndEntropy['apart']): string {
  return apart && apart.values.length > 0 ? mean(apart.values).toFixed(4) : '-';
}

function printTable(rows: readonly string[][], model: Model, options: Options): void {
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
  printLine(
    `${termsOf(model.step).nats}, model ${model.name}, protocol ${protocolUnder(model, options.protocol).name}`,
  );
}
