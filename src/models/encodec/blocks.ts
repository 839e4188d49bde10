// Rows in blocks: frames [start, end) at fixed places, what stands around them, and rows of several sounds side by side.

/** Frames [start, end). */
export interface BlockSpan {
  readonly start: number;
  readonly end: number;
}

export interface Block extends BlockSpan {
  readonly index: number;
}

/** What stands beside a frame for its result to be whole: so many frames before and after. */
export interface Margin {
  readonly before: number;
  readonly after: number;
}

/** Blocks of `size` frames; the last has up to twice as many less one, so that none is short. */
export function blocksOf(frames: number, size: number): Block[] {
  const count = Math.max(1, Math.floor(frames / size));
  return Array.from({ length: count }, (_, index) => ({
    index,
    start: index * size,
    end: index + 1 === count ? frames : (index + 1) * size,
  }));
}

/** A block with its margins, as far as there are frames. */
export function widened({ start, end }: BlockSpan, { before, after }: Margin, frames: number): BlockSpan {
  return { start: Math.max(0, start - before), end: Math.min(frames, end + after) };
}

/** A span of at least so many frames, as far as there are. */
export function atLeast({ start, end }: BlockSpan, least: number, frames: number): BlockSpan {
  const from = Math.max(0, Math.min(start, frames - least));
  return { start: from, end: Math.min(frames, Math.max(end, from + least)) };
}

/** Rows [steps, width] of N sounds -> [steps, N, width]. */
export function sideBySide(sounds: readonly Float32Array[], width: number): Float32Array {
  if (sounds.length === 1) return sounds[0];
  const data = new Float32Array(sounds.length * sounds[0].length);
  sounds.forEach((rows, n) => {
    for (let t = 0; t * width < rows.length; t++) {
      data.set(rows.subarray(t * width, (t + 1) * width), (t * sounds.length + n) * width);
    }
  });
  return data;
}

/** [steps, N, width] -> rows [steps, width] of N sounds. */
export function apart(data: Float32Array, sounds: number, width: number): Float32Array[] {
  if (sounds === 1) return [data];
  return Array.from({ length: sounds }, (_, n) => {
    const rows = new Float32Array(data.length / sounds);
    for (let t = 0; t * width < rows.length; t++) {
      const at = (t * sounds + n) * width;
      rows.set(data.subarray(at, at + width), t * width);
    }
    return rows;
  });
}

/** Rows one after the other. */
export function joined(parts: readonly Float32Array[]): Float32Array {
  const data = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    data.set(part, at);
    at += part.length;
  }
  return data;
}

/** From the first to the last place in `span` where two signals of one length differ. */
export function differing(
  a: Float32Array,
  b: Float32Array,
  { start, end }: BlockSpan,
): BlockSpan | undefined {
  let [first, last] = [start, Math.min(end, a.length)];
  while (first < last && a[first] === b[first]) first++;
  while (last > first && a[last - 1] === b[last - 1]) last--;
  return first < last ? { start: first, end: last } : undefined;
}
