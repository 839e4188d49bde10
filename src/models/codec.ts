// A codec as the rest of losscope sees it: sound to codes and back.

import type { Codes, FrameClock } from '../audio/codes.js';

export interface Codec {
  readonly clock: FrameClock;
  /** Channels that decode gives; encode takes as many, or one. */
  readonly channels: 1 | 2;
  /** K, of all channels together. */
  readonly codebooks: number;
  /** V. */
  readonly codebookSize: number;
  /** Frames on either side of a sample whose codes it can change: from the codec's configuration. */
  readonly reach: number;
  /**
   * Samples [channel][sample] at the clock's rate -> codes [K, ceil(samples / hop)]. Mono sound in a stereo codec is
   * encoded once and stands for both channels.
   */
  encode(channels: readonly Float32Array[]): Promise<Codes>;
  /** The same, keeping what versions of the sound can begin with: 12 kB a frame and channel for the released codec. */
  keep(channels: readonly Float32Array[]): Promise<KeptEncoding>;
  /** Codes [K, T] -> samples [channel][T * hop]. */
  decode(codes: Codes): Promise<Float32Array[]>;
}

/** A sound encoded once, for versions of it. Nothing to release: it lies on the heap. */
export interface KeptEncoding {
  readonly codes: Codes;
  /**
   * Codes of versions: to the bit those of `Codec.encode`, for any sound. A version of the kept sound's form is encoded where
   * it differs and, after that, as far as the codec carries it; several together cost less than one by one.
   */
  encode(versions: readonly SoundVersion[]): Promise<Codes[]>;
}

export interface SoundVersion {
  /** [channel][sample] at the clock's rate. */
  readonly channels: readonly Float32Array[];
  /** Frames from here on are not looked at and get the kept sound's codes. Default: all are. Only for the kept sound's form. */
  readonly end?: number;
}
