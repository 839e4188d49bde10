// Where the sound of an Ogg stream begins and ends, by the granule positions of its pages: samples up to the end of each.
// A stream that was cut from a longer one begins at any position; the last page may end before its packets do.

import { counted } from '../counted.js';
import type { SoundPiece, Warn } from './stream.js';

/** What a page says of its end. */
export interface PageEnd {
  /** Samples up to it; -1 when no packet ends on the page. */
  readonly granule: number;
  readonly last: boolean;
}

export interface GranuleTrim {
  /** Hears of each page with sound, and how many samples it gives, before those are asked for. */
  page(end: PageEnd, samples: number): void;
  /** The samples that come next, without those outside of the sound; undefined when none are left. */
  piece(channels: readonly Float32Array[]): SoundPiece | undefined;
  /** A word when fewer samples were decoded than the pages promise. */
  tellMissing(name: string, warn: Warn): void;
}

/** `skip`: samples before the sound that every stream has. */
export function granuleTrim({ skip }: { readonly skip: number }): GranuleTrim {
  /** Granule position at which the first sample that is decoded stands; undefined until a page says. */
  let origin: number | undefined;
  let early = 0;
  let sum = 0;
  let position = 0;
  let begin = skip;
  let end = Number.POSITIVE_INFINITY;
  let given = 0;
  let promised = 0;
  return {
    page({ granule, last }, samples) {
      sum += samples;
      if (granule < 0 || sum === 0) return;
      if (origin === undefined) {
        early = Math.max(0, last ? 0 : sum - granule);
        origin = Math.max(0, granule - sum);
        begin = Math.max(skip, early);
      }
      promised = granule - origin + early;
      if (last) end = promised;
    },
    piece(channels) {
      const length = channels[0]?.length ?? 0;
      const from = Math.min(length, Math.max(0, begin - position));
      const to = Math.max(from, Math.min(length, end - position));
      position += length;
      if (to === from) return undefined;
      const piece = { at: given, channels: channels.map((channel) => channel.subarray(from, to)) };
      given += to - from;
      return piece;
    },
    tellMissing(name, warn) {
      const samples = promised - begin;
      if (given < samples) {
        warn(
          `${name}: truncated or damaged: its pages say ${counted(samples, 'sample')}, ${given} could be decoded`,
        );
      }
    },
  };
}
