// The loop over songs that commands share: of each the same seconds, heard and scored.

import { type Command, Option } from 'commander';
import { type Condition, describeCondition } from '../models/condition.js';
import { type Model, readsNotes } from '../models/model.js';
import { withFurther } from '../probe/further.js';
import { hear, hearingOf, hearNotes } from '../probe/hear.js';
import { type Song, songOf } from '../probe/songs.js';
import type { ScoresMade } from '../scores/made.js';
import {
  type FurtherScore,
  SCORE_NAMES,
  SCORES_VERSION,
  type ScoreName,
  SOUND_SCORES,
} from '../scores/scores.js';
import { clipReader } from './clip_reader.js';
import { type Failures, type NamedClips, tryEachClip } from './clips.js';
import { type ExcerptFlags, excerptOf } from './excerpt.js';
import { decimal } from './options.js';
import { progress } from './output.js';
import { UsageError } from './usage.js';

/** Seconds of each song, where nothing else is said. */
const USUAL = 10;

export interface SongFlags extends ExcerptFlags {
  /** As `duration`: what it was called before. */
  readonly seconds?: number;
}

/** --seconds, beside the excerpt's options. */
export function addSecondsOption(command: Command): Command {
  return command.addOption(new Option('--seconds <n>').argParser(decimal({ min: 2, max: 60 })).hideHelp());
}

/** Seconds of each song that are judged. @throws a usage error beyond what scores are made for. */
export function judgedSeconds({ seconds = USUAL, duration = seconds }: SongFlags): number {
  if (duration !== 'all' && duration >= 2 && duration <= 60) return duration;
  throw new UsageError(`--duration ${duration}: songs are judged by 2 to 60 s of each, all by as many`);
}

export interface HeardSongs {
  readonly songs: readonly Song[];
  readonly failures: Failures;
}

export interface SongHearing {
  readonly model: Model;
  readonly protocol: string;
  readonly condition: Condition;
  /** Seconds of each song, and where they begin. */
  readonly seconds: number;
  readonly offset: number | undefined;
  /** Scores that cost further passes. Default: none. */
  readonly further?: readonly FurtherScore[];
}

/** @throws a usage error for a score that a model of notes does not give. */
export function requireDefined(model: Model, score: ScoreName, option: string): void {
  if (!readsNotes(model) || !SOUND_SCORES.includes(score)) return;
  const there = SCORE_NAMES.filter((name) => !SOUND_SCORES.includes(name));
  throw new UsageError(
    `${option} ${score}: is made for sound and its codec, and ${model.name} reads notes; expected ${there.join(', ')}`,
  );
}

/** What made the scores of songs. */
export function songsMade(
  model: Model,
  { protocol, condition, seconds }: Pick<SongHearing, 'protocol' | 'condition' | 'seconds'>,
): ScoresMade {
  return {
    ...{ model: model.name, fingerprint: model.fingerprint, protocol, seconds },
    ...{ condition: describeCondition(condition), scores: SCORES_VERSION, ...hearingOf(model) },
  };
}

/** Every song that can be heard; one that cannot be stops no other. */
export async function heardSongs(
  named: NamedClips,
  { model, protocol, condition, seconds, offset, further = [] }: SongHearing,
): Promise<HeardSongs> {
  const reader = clipReader(model, excerptOf(model, { offset, duration: seconds }));
  const songs: Song[] = [];
  const failures = await tryEachClip(named, { label: 'songs', model }, async (source) => {
    const scoring = { protocol, condition };
    const heard = readsNotes(model)
      ? await hearNotes(model, await reader.notes(source), scoring)
      : await hear(model, await reader.sound(source), scoring);
    songs.push(songOf(source.name, heard));
  });
  if (further.length === 0) return { songs, failures };
  const bar = progress('further passes', songs.length);
  const onSong = (name: string): void => bar.step(name);
  const all = await withFurther(model, songs, { scores: further, protocol, condition, onSong });
  bar.stop();
  return { songs: all, failures };
}
