// Leak map: which codes a disturbance really changed. The codec smears: it sees some frames ahead of and behind each
// sample, and its recurrent layers carry the past on without bound; only in the token domain nothing leaks.

import type { Codes } from '../audio/codes.js';

/** Frames [start, end) of the disturbed clip. */
export interface Frames {
  readonly start: number;
  readonly end: number;
}

/** How many codes changed, of how many. */
export interface Changed {
  readonly changed: number;
  readonly of: number;
}

/** Changes of one codebook, by where they are. */
export interface CodebookLeak {
  readonly before: Changed;
  readonly inside: Changed;
  readonly after: Changed;
  /** First and last frame with a changed code; absent when nothing changed. */
  readonly first?: number;
  readonly last?: number;
}

/** Changes over all codebooks. */
export interface LeakMap {
  /** Shares of codes that changed, before, inside and after the window; NaN where there are no frames. */
  readonly before: number;
  readonly inside: number;
  readonly after: number;
  /** First and last frame with a changed code; absent when nothing changed. */
  readonly first?: number;
  readonly last?: number;
  /** [K]. */
  readonly byCodebook: readonly CodebookLeak[];
}

/**
 * Compares codes by frame. After a deletion `clean` gives the clean frame that each disturbed frame stands for
 * (see alignment); without it frames are compared at the same time.
 * @throws when codebooks differ, or frames do and no alignment is given.
 */
export function leakMap(
  clean: Codes,
  disturbed: Codes,
  window: Frames,
  options: { readonly alignment?: Int32Array } = {},
): LeakMap {
  const { codebooks, frames } = disturbed;
  const mask = changedCodes(clean, disturbed, options);
  const byCodebook = Array.from({ length: codebooks }, (_, k) =>
    leakOf(mask.subarray(k * frames, (k + 1) * frames), window),
  );
  const share = (part: 'before' | 'inside' | 'after'): number => {
    const changed = byCodebook.reduce((sum, book) => sum + book[part].changed, 0);
    const of = byCodebook.reduce((sum, book) => sum + book[part].of, 0);
    return changed / of;
  };
  return {
    before: share('before'),
    inside: share('inside'),
    after: share('after'),
    ...extent(byCodebook.flatMap(({ first, last }) => [first, last].filter((t) => t !== undefined))),
    byCodebook,
  };
}

/** [K, T'] 1 where a code differs from the clean one it stands for, else 0: the leak map as a picture. */
export function changedCodes(
  clean: Codes,
  disturbed: Codes,
  { alignment }: { readonly alignment?: Int32Array } = {},
): Uint8Array {
  const { codebooks, frames } = disturbed;
  const counterparts = alignment?.length ?? clean.frames;
  if (clean.codebooks !== codebooks || counterparts !== frames) {
    throw new Error(
      `leak map: disturbed codes are [${codebooks}, ${frames}], expected [${clean.codebooks}, ${counterparts}] as the ` +
        'clean ones; after a deletion hand in the alignment',
    );
  }
  return Uint8Array.from(disturbed.data, (code, i) => {
    const t = i % frames;
    const from = alignment ? alignment[t] : t;
    return code === clean.data[Math.floor(i / frames) * clean.frames + from] ? 0 : 1;
  });
}

function leakOf(row: Uint8Array, { start, end }: Frames): CodebookLeak {
  const part = (values: Uint8Array): Changed => ({
    changed: values.reduce((sum, value) => sum + value, 0),
    of: values.length,
  });
  return {
    before: part(row.subarray(0, start)),
    inside: part(row.subarray(start, end)),
    after: part(row.subarray(end)),
    ...extent(row.includes(1) ? [row.indexOf(1), row.lastIndexOf(1)] : []),
  };
}

function extent(frames: readonly number[]): { first?: number; last?: number } {
  return frames.length === 0 ? {} : { first: Math.min(...frames), last: Math.max(...frames) };
}
