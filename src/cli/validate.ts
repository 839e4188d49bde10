// losscope validate: do listeners agree with the scores?

import { stat } from 'node:fs/promises';
import type { Command } from 'commander';
import { Option } from 'commander';
import { type PreferenceAgreement, preferenceAgreement } from '../analysis/preferences.js';
import { clipFinder, ratedClips, type Unmatched } from '../analysis/ratings.js';
import { type ScoredClip, type ScoredClips, scoredClips } from '../analysis/scored_clips.js';
import { type DimensionAgreement, dimensionAgreement } from '../analysis/validation.js';
import { counted, verb } from '../counted.js';
import { readPreferences, readRanked, readRatings } from '../node/ratings.js';
import { openStore } from '../node/store/index.js';
import { dimensionLines, preferenceLines, VALIDATION_WORDS } from '../report/validation.js';
import { madeWords, type ScoresMade } from '../scores/made.js';
import { wholeNumber } from './options.js';
import { printJson, printLine, say } from './output.js';
import { UsageError } from './usage.js';

interface Options {
  readonly ratings?: string;
  readonly pairs?: string;
  readonly seed: number;
  readonly json?: boolean;
}

/** The clips of one model, or of a file of scores, and what listeners say of them. */
interface Validated {
  readonly made: ScoresMade;
  readonly clips: number;
  /** Clips without scores, and lines that mean no scored clip. */
  readonly missing: number;
  readonly unmatched: readonly Unmatched[];
  readonly ratings?: readonly DimensionAgreement[];
  readonly pairs?: PreferenceAgreement;
}

export function addValidate(losscope: Command): void {
  losscope
    .command('validate')
    .description(
      'how far each score agrees with listeners: over clips, over systems, within systems, and by pairs, beside how far they agree with each other',
    )
    .argument('<run>', 'the store of losscope run, or the lines of losscope rank --json in a file')
    .addOption(
      new Option(
        '--ratings <csv>',
        'columns file, system, prompt, rater, dimension, score; a line a rating, more is better',
      ).conflicts('pairs'),
    )
    .option('--pairs <csv>', 'columns a, b, prompt, rater, winner (a, b, tie); a line a choice')
    .option('--seed <n>', 'root seed of the split halves', wholeNumber({ min: 0 }), 1)
    .option('--json', 'print everything, a JSON line for each model')
    .action(run);
}

async function run(place: string, options: Options): Promise<void> {
  const { ratings, pairs } = options;
  if (ratings === undefined && pairs === undefined) {
    throw new UsageError('validate: name what listeners say, --ratings FILE or --pairs FILE');
  }
  for (const { made, clips, missing } of await runsIn(place)) {
    const counts = { made, clips: clips.length, missing: missing.length };
    const found =
      ratings === undefined
        ? { ...counts, ...(await besidePairs(pairs ?? '', clips)) }
        : { ...counts, ...(await besideRatings(ratings, clips, options)) };
    if (options.json) printJson(found);
    else show(found);
  }
}

/** The makers of a store, or one file of ranked songs. */
async function runsIn(place: string): Promise<readonly ScoredClips[]> {
  const there = await stat(place).catch(() => undefined);
  if (!there?.isDirectory()) return [await readRanked(place)];
  const store = await openStore(place);
  try {
    return await scoredClips(store);
  } finally {
    await store.close();
  }
}

async function besideRatings(
  file: string,
  clips: readonly ScoredClip[],
  { seed }: Options,
): Promise<Pick<Validated, 'unmatched' | 'ratings'>> {
  const ratings = await readRatings(file);
  const { dimensions, unmatched } = inFile(file, () => ratedClips(ratings, clipFinder(clips)));
  requireSome(file, dimensions.size, { clips, unmatched });
  return {
    unmatched,
    ratings: [...dimensions].map(([dimension, rated]) => dimensionAgreement(dimension, rated, { seed })),
  };
}

async function besidePairs(
  file: string,
  clips: readonly ScoredClip[],
): Promise<Pick<Validated, 'unmatched' | 'pairs'>> {
  const preferences = await readPreferences(file);
  const { found, unmatched } = inFile(file, () => preferenceAgreement(preferences, clips, clipFinder(clips)));
  requireSome(file, found.choices + found.ties, { clips, unmatched });
  return { unmatched, pairs: found };
}

/** Errors of lines begin with the file. */
function inFile<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new Error(`${file}: ${error instanceof Error ? error.message : error}`);
  }
}

function requireSome(
  file: string,
  matched: number,
  { clips, unmatched }: { readonly clips: readonly ScoredClip[]; readonly unmatched: readonly Unmatched[] },
): void {
  if (matched > 0) return;
  throw new Error(
    `${file}: none of its files is a scored clip (it has ${unmatched[0]?.file ?? 'none'}, the run ${clips[0]?.name ?? 'none'}); name files as the run does`,
  );
}

function show({ made, clips, missing, unmatched, ratings = [], pairs }: Validated): void {
  printLine(
    `${counted(clips, 'clip')} scored${missing > 0 ? `, ${missing} without scores` : ''}: ${madeWords(made)}`,
  );
  if (unmatched.length > 0) {
    const [{ file, line }] = unmatched;
    say(
      `losscope: ${counted(unmatched.length, 'file')} ${verb(unmatched.length, 'is no scored clip', 'are no scored clips')} and left out (first: ${file} in line ${line})`,
    );
  }
  for (const each of ratings) for (const line of dimensionLines(each)) printLine(line);
  if (pairs) for (const line of preferenceLines(pairs)) printLine(line);
  printLine(VALIDATION_WORDS);
}
