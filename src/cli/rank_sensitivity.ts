// losscope rank --by sensitivity: clips ordered by how strongly the model reacts to a short disturbance, beside their plain loss.

import path from 'node:path';
import { formatOf } from '../loss/encode.js';
import { protocolUnder } from '../models/model.js';
import { findFiles, SOUND } from '../node/dataset/files.js';
import { readClip } from '../node/sound.js';
import { sensitivityMap } from '../probe/map.js';
import { scoreClip } from '../probe/probe.js';
import {
  FEATURE_WORDS,
  FEATURES,
  meanFeature,
  type RankedClip,
  ranked,
  rankedClip,
  type Separation,
  separations,
} from '../probe/rank.js';
import { table } from '../report/terminal.js';
import { plain, signed } from '../report/words.js';
import { FEWEST_CLIPS } from '../stats/bootstrap.js';
import { type MapCommandOptions, withProgress } from './map.js';
import { conditionOf, openForCommand } from './model.js';
import { printJson, printLine, warn } from './output.js';
import { UsageError } from './usage.js';

export interface SensitivityOptions extends MapCommandOptions {
  readonly against?: readonly string[];
  readonly json?: boolean;
}

export async function rankBySensitivity(
  entries: readonly string[],
  options: SensitivityOptions,
): Promise<void> {
  const [files, others] = [await soundsOf(entries), await soundsOf(options.against ?? [])];
  if (options.against && Math.min(files.length, others.length) < FEWEST_CLIPS) {
    throw new UsageError(
      `--against: ${files.length} and ${others.length} clips; at least ${FEWEST_CLIPS} in each group needed`,
    );
  }
  const condition = await conditionOf(options);
  const model = await openForCommand(options);
  const of = async (file: string, group: string | undefined): Promise<RankedClip> => {
    const clip = await readClip(file, formatOf(model), warn);
    const clean = await scoreClip(model, clip, { protocol: options.protocol, condition });
    const map = await withProgress(path.basename(file), (onPoint) =>
      sensitivityMap(model, clean, { ...options, ...(group ? { group } : {}) }, onPoint),
    );
    await clean.release();
    return rankedClip(map);
  };
  const first: RankedClip[] = [];
  const second: RankedClip[] = [];
  try {
    for (const file of files) first.push(await of(file, options.against && 'first'));
    for (const file of others) second.push(await of(file, 'second'));
  } finally {
    await model.close();
  }
  const order = ranked([...first, ...second]);
  const told = options.against ? separations(first, second) : [];
  if (options.json) {
    order.forEach(printJson);
    if (options.against) printJson({ separations: told });
    return;
  }
  for (const line of table(clipRows(order))) printLine(line);
  printLine(
    `nats per code, model ${model.name}, protocol ${protocolUnder(model, options.protocol).name}; Peak with 95% interval over places of the clip`,
  );
  if (!options.against) return;
  printLine();
  for (const line of table(groupRows(first, second, told))) printLine(line);
  printLine(
    `AUC: how often the number is larger in the second group; 0.5 is chance; intervals over ${told[0].paired ? 'pairs of clips' : 'clips'}`,
  );
}

/** The sound files that entries name, each once. @throws when an entry names none. */
export async function soundsOf(entries: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const entry of entries) {
    const sounds = await findFiles(entry, { kind: SOUND, folder: '.', warn });
    if (sounds.length === 0) throw new Error(`${entry}: no sound files there`);
    found.push(...sounds.map((sound) => sound.path));
  }
  return [...new Set(found)];
}

function clipRows(clips: readonly RankedClip[]): string[][] {
  const rest = FEATURES.filter((feature) => feature !== 'sensitivity');
  return [
    ['clip', ...(clips[0].clip.group ? ['group'] : []), 'Peak', '95% interval', 'beyond null', ...rest],
    ...clips.map(({ clip, peak, beyond, features }) => [
      clip.name,
      ...(clip.group ? [clip.group] : []),
      signed(peak.mean, 3),
      intervalOf(peak.interval),
      beyond === undefined ? '–' : plain(beyond),
      ...rest.map((feature) => plain(features[feature], 3)),
    ]),
  ];
}

function groupRows(
  first: readonly RankedClip[],
  second: readonly RankedClip[],
  told: readonly Separation[],
): string[][] {
  const group = (clips: readonly RankedClip[], feature: Separation['feature']): string => {
    const { mean, interval } = meanFeature(clips, feature);
    return `${plain(mean, 3)} ${intervalOf(interval)}`;
  };
  return [
    ['number', 'first group', 'second group', 'AUC', '95% interval', ''],
    ...told.map(({ feature, auc, low, high }) => [
      feature,
      group(first, feature),
      group(second, feature),
      plain(auc),
      `[${plain(low)}, ${plain(high)}]`,
      FEATURE_WORDS[feature],
    ]),
  ];
}

function intervalOf(interval: { readonly low: number; readonly high: number } | undefined): string {
  return interval ? `[${plain(interval.low, 3)}, ${plain(interval.high, 3)}]` : '–';
}
