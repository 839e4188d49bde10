// A note of the first row of codes, and what it says: an instrument class with pitch and velocity, or a drum.

/** Instrument classes that have pitches. */
const CLASSES = 10;
const PITCHES = 128;
/** Steps of velocity, a tenth of MIDI's each; 0 is none that a note has. */
export const VELOCITIES = 13;
/** Codes from here on are drums. */
export const PITCHED = CLASSES * PITCHES * VELOCITIES;

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
