// What the headers of a compressed file promise, so that a decoder's output can be held against it:
// decoders say nothing when a file is cut short or damaged.

export interface Stream {
  /** "FLAC", for messages. */
  readonly coding: string;
  readonly sampleRate: number;
  readonly channels: number;
  /** The part of the file that is whole and is to be decoded. */
  readonly sound: Uint8Array;
  /** Samples per channel that the decoder must give; undefined where the file does not say. */
  readonly samples: number | undefined;
  /** What is odd about the file though it can be used; one line each. */
  readonly warnings: readonly string[];
  /** Turns what the decoder gives into the file's samples: scale, channels, checksums. */
  restore(channels: readonly Float32Array[]): readonly Float32Array[];
}
