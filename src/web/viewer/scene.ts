// What one viewer shows: a clip, and what was measured of it.

import type { FrameClock } from '../../audio/codes.js';
import type { ClipMap } from '../../probe/map_record.js';
import type { ProbeRecord, Scored } from '../../probe/record.js';

/** Which of the two versions plays and lies on top. */
export type Side = 'clean' | 'disturbed';

/** Samples at the codec's rate, down-mixed to one channel. */
export interface SceneSound {
  readonly sampleRate: number;
  readonly clean: Float32Array;
  readonly disturbed?: Float32Array;
}

export interface Scene {
  /** Told apart from other scenes: a new one starts at its beginning. */
  readonly name: string;
  readonly title: string;
  readonly clock: FrameClock;
  readonly clean?: Scored;
  /** Clean and disturbed and their difference, where something was disturbed. */
  readonly record?: ProbeRecord;
  readonly map?: ClipMap;
  readonly sound?: SceneSound;
}

/** Seconds from the first to the last thing shown. */
export function secondsOf({ clock, clean, record, map, sound }: Scene): number {
  const frames = Math.max(
    clean?.codes.frames ?? 0,
    record?.clean.codes.frames ?? 0,
    record?.disturbed.codes.frames ?? 0,
    map?.clean.frames ?? 0,
  );
  const samples = Math.max(sound?.clean.length ?? 0, sound?.disturbed?.length ?? 0);
  return Math.max((frames * clock.hop) / clock.sampleRate, sound ? samples / sound.sampleRate : 0);
}

/** The sound of a side; the clean one where there is no other. */
export function samplesOf({ sound }: Scene, side: Side): Float32Array | undefined {
  return side === 'disturbed' ? (sound?.disturbed ?? sound?.clean) : sound?.clean;
}

/** Seconds of one token; of notes on average. */
export function tokenSeconds({ clock }: Pick<Scene, 'clock'>): number {
  return clock.hop / clock.sampleRate;
}
