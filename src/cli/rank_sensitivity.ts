// losscope rank --by sensitivity: clips ordered by how strongly the model reacts to a short disturbance, beside their plain loss.

import path from 'node:path';
import { termsOf } from '../audio/codes.js';
import { normalise } from '../audio/normalise.js';
import { counted } from '../counted.js';
import type { Condition } from '../models/condition.js';
import { type Model, protocolUnder, readsNotes } from '../models/model.js';
import { writeWhole } from '../node/output.js';
import type { ClipSource } from '../node/sources.js';
import { sensitivityCsv } from '../probe/curves_csv.js';
import { HEARING, hearingOf } from '../probe/hear.js';
import { sensitivityMap } from '../probe/map.js';
import type { SensitivityMap } from '../probe/map_record.js';
import { notesMap, scoreNotes } from '../probe/notes.js';
import { provenanceOf, scoreClip } from '../probe/probe.js';
import {
  FEATURE_WORDS,
  FEATURES,
  meanFeature,
  type RankedClip,
  ranked,
  rankedClip,
  type Separation,
  sensitivityCurve,
  separations,
} from '../probe/rank.js';
import { table } from '../report/terminal.js';
import { plain, signed } from '../report/words.js';
import type { SecondsCurve } from '../scores/curves.js';
import { levelWords } from '../scores/made.js';
import { FEWEST_CLIPS } from '../stats/bootstrap.js';
import { atVelocity, SCORED_VELOCITY } from '../symbolic/note_level.js';
import { clipReader, tellLong } from './clip_reader.js';
import { eachClip, type NamedClips, namedOnce, releasing, requireAll } from './clips.js';
import { excerptOf } from './excerpt.js';
import type { MapCommandOptions } from './map.js';
import { conditionOf, openForCommand } from './model.js';
import { goOnWithoutReader, printJson, printLine, say, withProgress } from './output.js';
import { UsageError } from './usage.js';

export interface SensitivityOptions extends MapCommandOptions {
  readonly against?: readonly string[];
  readonly json?: boolean;
  /** A file for the Peak over seconds. */
  readonly curves?: string;
}

export async function rankBySensitivity(
  entries: readonly string[],
  options: SensitivityOptions,
): Promise<void> {
  if (options.curves !== undefined) goOnWithoutReader();
  const clips = await namedOnce(entries);
  const others = options.against ? await namedOnce(options.against) : NOTHING;
  const [n, m] = [clips.sources.length, others.sources.length];
  if (options.against && Math.min(n, m) < FEWEST_CLIPS) {
    throw new UsageError(
      `--against: ${n} and ${counted(m, 'clip')}; at least ${FEWEST_CLIPS} in each group needed`,
    );
  }
  const model = await openForCommand(options);
  const first: RankedClip[] = [];
  const second: RankedClip[] = [];
  const isSecond = new Set(others.sources);
  const curves: { readonly name: string; readonly curve: SecondsCurve }[] = [];
  try {
    const condition = await conditionOf(model, options);
    const reader = clipReader(model, excerptOf(model, options));
    const mapOf = async (source: ClipSource): Promise<SensitivityMap> => {
      const scoring = { protocol: options.protocol, condition };
      const form = {
        ...options,
        ...(options.against && { group: isSecond.has(source) ? 'second' : 'first' }),
      };
      const name = path.basename(source.name);
      if (readsNotes(model)) {
        const notes = await reader.notes(source);
        const codes = atVelocity(notes.codes, SCORED_VELOCITY);
        const clean = await scoreNotes(model, { ...notes, codes }, scoring);
        const ofNotes = () => withProgress(name, (onPoint) => notesMap(model, clean, form, onPoint));
        return releasing(clean, ofNotes);
      }
      const clip = normalise(await reader.sound(source), HEARING.loudness);
      tellLong(model, clip);
      const clean = await scoreClip(model, clip, scoring);
      const ofSound = () => withProgress(name, (onPoint) => sensitivityMap(model, clean, form, onPoint));
      return releasing(clean, ofSound);
    };
    const all = {
      sources: [...clips.sources, ...others.sources],
      failed: [...clips.failed, ...others.failed],
    };
    const failures = await eachClip(all, { label: 'rank', model, bar: false }, async (source) => {
      const map = await mapOf(source);
      (isSecond.has(source) ? second : first).push(rankedClip(map));
      if (options.curves !== undefined) curves.push({ name: source.name, curve: sensitivityCurve(map) });
    });
    await requireAll(failures, async () => {
      if (options.curves !== undefined) {
        await writeWhole(options.curves, sensitivityCsv(curves, options));
        say(`wrote ${options.curves}`);
      }
      print({ first, second, model, condition }, options);
    });
  } finally {
    await model.close();
  }
}

const NOTHING: NamedClips = { sources: [], failed: [] };

interface RankedGroups {
  readonly first: readonly RankedClip[];
  readonly second: readonly RankedClip[];
  readonly model: Model;
  readonly condition: Condition;
}

/** Groups are told apart where enough clips of each are left. */
function print({ first, second, model, condition }: RankedGroups, options: SensitivityOptions): void {
  const order = ranked([...first, ...second]);
  const { loudness } = hearingOf(model);
  const isTold = options.against && Math.min(first.length, second.length) >= FEWEST_CLIPS;
  const told = isTold ? separations(first, second) : [];
  if (options.json) {
    const provenance = provenanceOf(model, { protocol: options.protocol, condition });
    for (const clip of order) printJson({ ...clip, loudness, provenance });
    if (isTold) printJson({ separations: told, provenance });
    return;
  }
  for (const line of table(clipRows(order))) printLine(line);
  printLine(
    `${termsOf(model.step).nats}, model ${model.name}, protocol ${protocolUnder(model, options.protocol).name}${loudness === null ? '' : `, clips at ${levelWords(loudness)}`}; Peak with 95% interval over places of the clip`,
  );
  if (!isTold) return;
  printLine();
  for (const line of table(groupRows(first, second, told))) printLine(line);
  printLine(
    `AUC: how often the number is larger in the second group; 0.5 is chance; intervals over ${told[0].paired ? 'pairs of clips' : 'clips'}`,
  );
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
