// Score: a piece as notes, and everything else in its file that shapes how they sound. Time is in ticks, whole numbers
// from the start of the piece; what a tick lasts is the tempo's business (tempo.ts).
// One order of playing (eventsOf) stands behind the file that is written and the sound that is rendered.

/** A note; it sounds in ticks [start, end). */
export interface Note {
  readonly start: number;
  readonly end: number;
  /** 0..127, 60 is middle C. */
  readonly pitch: number;
  /** 1..127. */
  readonly velocity: number;
  /** 0..15; 9 is percussion. */
  readonly channel: number;
  readonly track: number;
}

/** Anything that is not a note: programs, controllers, pitch bend, tempo, time signatures, system exclusive, texts. */
export interface Message {
  readonly tick: number;
  readonly track: number;
  /**
   * Status and data: [0xB0, 64, 127]; meta messages with their type, [0xFF, 0x51, t, t, t]; system exclusive from
   * 0xF0 (or 0xF7, a continuation) on. Without the lengths that a file has.
   */
  readonly bytes: Uint8Array;
}

export interface Score {
  /** What the user called it. Seeds and errors are derived from it. */
  readonly name: string;
  /** Of a quarter note. */
  readonly ticksPerQuarter: number;
  readonly tracks: number;
  /** By start, then track, then as in the file. */
  readonly notes: readonly Note[];
  /** By tick, then track, then as in the file. */
  readonly messages: readonly Message[];
  /** Tick at which the last note of the piece ends, or ended before notes were taken away. */
  readonly end: number;
}

/** General MIDI: the channel on which a pitch is an instrument. */
export const PERCUSSION = 9;

export const META = 0xff;
export const TEMPO = 0x51;
export const TIME_SIGNATURE = 0x58;

/** Whether it is the meta message of a type. */
export function isMeta({ bytes }: Message, type: number): boolean {
  return bytes[0] === META && bytes[1] === type;
}

/**
 * All of a score in the order in which it is played and written. At one tick: notes end, messages take effect, notes
 * begin; and last, notes that began at that very tick end.
 */
export function eventsOf({ notes, messages }: Pick<Score, 'notes' | 'messages'>): Message[] {
  const off = ({ end, track, channel, pitch }: Note): Message => ({
    tick: end,
    track,
    bytes: Uint8Array.of(0x80 | channel, pitch, 0),
  });
  const lasting = notes.filter(({ start, end }) => end > start);
  const empty = notes.filter(({ start, end }) => end === start);
  const ons = notes.map(({ start, track, channel, pitch, velocity }) => ({
    tick: start,
    track,
    bytes: Uint8Array.of(0x90 | channel, pitch, velocity),
  }));
  // Sorting is stable: what stands first here comes first at its tick.
  return [...lasting.map(off), ...messages, ...ons, ...empty.map(off)].sort((a, b) => a.tick - b.tick);
}
