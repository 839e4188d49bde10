// What listeners say of clips, and which scored clip each line means.

import type { ScoredClip } from './scored_clips.js';

/** One rating of one clip by one listener. */
export interface Rating {
  readonly file: string;
  /** What made the clip; absent: its group. */
  readonly system?: string;
  /** What it was made for; absent: each clip has its own. */
  readonly prompt?: string;
  readonly rater?: string;
  /** What was asked: "overall", "alignment". */
  readonly dimension: string;
  /** More is better. */
  readonly score: number;
  /** Where it stands in its file, from 1. */
  readonly line: number;
}

/** One listener's choice between two clips. */
export interface Preference {
  readonly a: string;
  readonly b: string;
  /** What made each; absent: the group of the clip. */
  readonly systemA?: string;
  readonly systemB?: string;
  readonly prompt?: string;
  readonly rater?: string;
  readonly winner: 'a' | 'b' | 'tie';
  readonly line: number;
}

/** A line that means no scored clip. */
export interface Unmatched {
  readonly file: string;
  readonly line: number;
}

/** Finds the clip of a file; undefined where none was scored. @throws where several may be meant. */
export type FindClip = (file: string, line: number, system?: string) => ScoredClip | undefined;

/**
 * By the whole name (without the extension), or by what follows the last slash where that names one clip, or one of the group that
 * is called like the system.
 */
export function clipFinder(clips: readonly ScoredClip[]): FindClip {
  const whole = new Map(clips.map((clip) => [bare(clip.name), clip]));
  const byStem = new Map<string, ScoredClip[]>();
  for (const clip of clips) {
    const stem = stemOf(clip.name);
    byStem.set(stem, [...(byStem.get(stem) ?? []), clip]);
  }
  return (file, line, system) => {
    const found = whole.get(bare(file));
    if (found) return found;
    const all = byStem.get(stemOf(file)) ?? [];
    const own = all.length > 1 ? all.filter(({ group }) => group === system) : all;
    if (own.length === 1) return own[0];
    if (all.length === 0) return undefined;
    throw new Error(
      `line ${line}: ${file} may be ${all[0].name} or ${all[1].name}; name the clip as the run does, or give a system that is its group`,
    );
  };
}

function bare(name: string): string {
  return name.normalize('NFC').replace(/\.(?:wav|mp3|flac|ogg|oga|opus|json)$/i, '');
}

function stemOf(name: string): string {
  return (
    bare(name)
      .split(/[/\\:]/)
      .at(-1) ?? name
  );
}

/** What listeners say of one clip, in one dimension. */
export interface RatedClip {
  readonly clip: ScoredClip;
  readonly system: string;
  readonly prompt: string;
  readonly ratings: readonly number[];
}

/** Ratings by dimension and clip, in the order in which they come. @throws where a clip has two systems or two prompts. */
export function ratedClips(
  ratings: readonly Rating[],
  find: FindClip,
): {
  readonly dimensions: ReadonlyMap<string, readonly RatedClip[]>;
  readonly unmatched: readonly Unmatched[];
} {
  const dimensions = new Map<string, Map<string, RatedClip & { readonly ratings: number[] }>>();
  const unmatched: Unmatched[] = [];
  for (const { file, line, dimension, score, ...given } of ratings) {
    const clip = find(file, line, given.system);
    if (!clip) {
      unmatched.push({ file, line });
      continue;
    }
    const system = given.system ?? clip.group;
    const prompt = given.prompt ?? clip.name;
    const known = dimensions.get(dimension) ?? new Map();
    dimensions.set(dimension, known);
    const rated = known.get(clip.name) ?? { clip, system, prompt, ratings: [] };
    known.set(clip.name, rated);
    for (const [what, before, now] of [
      ['system', rated.system, system],
      ['prompt', rated.prompt, prompt],
    ]) {
      if (before !== now)
        throw new Error(`line ${line}: ${file} has the ${what} ${now}, and ${before} in a line before`);
    }
    rated.ratings.push(score);
  }
  return {
    dimensions: new Map([...dimensions].map(([dimension, clips]) => [dimension, [...clips.values()]])),
    unmatched,
  };
}
