// A sound file that is read in order: what its header says, then its samples, piece by piece, as far as they are asked
// for. So an excerpt of a long file costs what it needs, and memory does not grow with the file.

/** Hears one line for each thing about a file that is odd but usable. */
export type Warn = (line: string) => void;

/** Options of every reader of a format. */
export interface SoundStreamOptions {
  /** Byte of the file where the format begins. */
  readonly start: number;
  /** Of the file, for messages. */
  readonly name: string;
  readonly warn: Warn;
}

/** Some samples of a file: all channels have the same length, full scale is +-1. */
export interface SoundPiece {
  /** Place of the first of them in the file. */
  readonly at: number;
  /** [channel][sample]. */
  readonly channels: readonly Float32Array[];
}

export interface SoundStream {
  /** "FLAC", for messages. */
  readonly coding: string;
  readonly sampleRate: number;
  readonly channels: number;
  /** Samples per channel that the headers promise; undefined where they do not say. */
  readonly samples: number | undefined;
  /**
   * The samples in order, at least from `from` on: readers that cannot jump begin earlier. A generator that is left early
   * reads no further. What is odd about the file is told when it is met; damage that leaves nothing to go on with is
   * thrown, one line naming the file.
   */
  pieces(from: number): AsyncGenerator<SoundPiece>;
}

/** Samples per channel. */
export function lengthOf({ channels }: SoundPiece): number {
  return channels[0]?.length ?? 0;
}

/** Pieces as one. */
export function joined(pieces: readonly SoundPiece[], channels: number): Float32Array[] {
  const length = pieces.reduce((sum, piece) => sum + lengthOf(piece), 0);
  return Array.from({ length: channels }, (_, c) => {
    const whole = new Float32Array(length);
    let at = 0;
    for (const piece of pieces) {
      whole.set(piece.channels[c], at);
      at += lengthOf(piece);
    }
    return whole;
  });
}
