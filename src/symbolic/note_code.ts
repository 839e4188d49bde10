// A note of the first row of codes, and what it says: an instrument class with pitch and velocity, or a drum.

/** The family of eight General MIDI programs that each class is: piano, organ, guitar, bass, strings, ensemble, brass, reed, pipe, synth lead. */
export const FAMILIES: readonly number[] = [0, 2, 3, 4, 5, 6, 7, 8, 9, 10];
/** Instrument classes that have pitches. */
const CLASSES = FAMILIES.length;
const PITCHES = 128;
/** Steps of velocity, a tenth of MIDI's each; 0 is none that a note has. */
export const VELOCITIES = 13;
/** Codes from here on are drums. */
export const PITCHED = CLASSES * PITCHES * VELOCITIES;

/** Pitches of the drums that have a code each; all others share the one after the last. */
export const DRUMS = { lowest: 35, highest: 81 } as const;
/** Milliseconds of a step of onsets and durations. */
export const STEP_MS = 10;

export interface PitchedNote {
  /** 0..9: piano, organ, guitar, ... */
  readonly instrument: number;
  /** 0..127. */
  readonly pitch: number;
  /** 1..12. */
  readonly velocity: number;
}

/** The instrument that a code is of: its class, or one number for all drums. */
export function instrumentOf(code: number): number {
  return code >= PITCHED ? CLASSES : Math.floor(code / (PITCHES * VELOCITIES));
}

/** What a code of a pitched note says; undefined for a drum. */
export function pitchedOf(code: number): PitchedNote | undefined {
  if (code >= PITCHED) return undefined;
  const velocity = code % VELOCITIES;
  return { instrument: instrumentOf(code), pitch: Math.floor(code / VELOCITIES) % PITCHES, velocity };
}

export function codeOf({ instrument, pitch, velocity }: PitchedNote): number {
  return (instrument * PITCHES + pitch) * VELOCITIES + velocity;
}
