// Scores that cost further passes of the model: what the loss would be without the condition, or after another clip's past.

import { type Codes, codesOf } from '../audio/codes.js';
import { lossAfterForeignPast } from '../loss/foreign_past.js';
import { score } from '../loss/loss.js';
import { type Condition, describeCondition } from '../models/condition.js';
import type { Model } from '../models/model.js';
import type { Heard } from '../scores/heard.js';
import type { FurtherScore } from '../scores/scores.js';
import { type Song, songOf } from './songs.js';

export interface FurtherOptions {
  readonly scores: readonly FurtherScore[];
  readonly protocol: string;
  readonly condition: Condition;
  /** Hears of every song that is done. */
  readonly onSong?: (name: string) => void;
}

/**
 * The songs with what further scores need, in the same order. The foreign past of a song is that of the next one in the order
 * of names, after the last the first. What does not apply (no condition, one song) stays absent.
 */
export async function withFurther(
  model: Model,
  songs: readonly Song[],
  { scores, protocol, condition, onSong }: FurtherOptions,
): Promise<Song[]> {
  const isConditioned = !['none', 'null', 'no-prefix'].includes(describeCondition(condition));
  const byName = songs.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const places = new Map(byName.map((song, i) => [song, i]));
  const found: Song[] = [];
  for (const song of songs) {
    const codes = codesIn(song.heard);
    const next = byName[((places.get(song) ?? 0) + 1) % byName.length];
    const unconditional =
      scores.includes('conditional') && isConditioned
        ? (await score(model, codes, { protocol, condition: { missing: 'null' } })).values
        : undefined;
    const foreignPast =
      scores.includes('own-past') && next !== song
        ? await lossAfterForeignPast(model, codes, { protocol, condition, foreign: codesIn(next.heard) })
        : undefined;
    const heard = {
      ...song.heard,
      ...(unconditional && { unconditional }),
      ...(foreignPast && { foreignPast }),
    };
    found.push(songOf(song.name, heard));
    onSong?.(song.name);
  }
  return found;
}

function codesIn({ codes, codebooks, frames }: Heard): Codes {
  return codesOf(Array.from({ length: codebooks }, (_, k) => codes.subarray(k * frames, (k + 1) * frames)));
}
