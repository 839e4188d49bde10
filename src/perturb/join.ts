// Joints: blocks of a clip laid one after another, and crossfades that take the click out of where they meet.
// A fade is equal-power (cosine and sine weights: two unlike sounds keep their power), lies inside the window, and
// keeps its length: what stood before a joint continues as in the clean clip, and fades out.

import type { Place } from './perturbation.js';

/**
 * The window after laying blocks over it: its i-th `block` samples are the clean ones from `sources[i]` on (the last is
 * cut short at the window's end); what no block covers stays. A joint of two blocks that follow each other in
 * the clean clip too is none, nor is an end of the clip. A fade begins at the joint, or ends there where what follows
 * is in its own place; what goes on beyond the clip's end is mirrored there.
 */
export function laid(
  clean: Float32Array,
  { start, end }: Place,
  { block, sources, fade }: { block: number; sources: readonly number[]; fade: number },
): Float32Array {
  const out = clean.slice(start, end);
  // How far each piece was moved; around the blocks stands music that was not.
  const shifts = sources.map((source, i) => source - (start + i * block));
  const starts = sources.map((_, i) => i * block);
  starts.push(Math.min(sources.length * block, out.length));
  const heard = (sample: number): number => clean[sample] ?? clean[2 * clean.length - 1 - sample];
  sources.forEach((source, i) => {
    out.set(clean.subarray(source, source + starts[i + 1] - starts[i]), starts[i]);
  });
  for (let joint = 0; joint <= sources.length; joint++) {
    const before = shifts[joint - 1] ?? 0;
    const after = shifts[joint] ?? 0;
    const edge = joint === 0 ? start === 0 : start + starts[joint] === clean.length;
    if (before === after || edge) continue;
    const piece = after === 0 ? joint - 1 : joint;
    const length = Math.min(fade, Math.floor((starts[piece + 1] - starts[piece]) / 2));
    const from = after === 0 ? starts[joint] - length : starts[joint];
    for (let i = 0; i < length; i++) {
      const [falling, rising] = weights(i, length);
      const at = start + from + i;
      out[from + i] = falling * heard(at + before) + rising * heard(at + after);
    }
  }
  return out;
}

/** The content of a window with its first and last `fade` samples crossfaded with the clean ones. */
export function faded(
  content: Float32Array,
  clean: Float32Array,
  { start, end }: Place,
  fade: number,
): Float32Array {
  const out = content.slice();
  for (let i = 0; i < fade; i++) {
    const [falling, rising] = weights(i, fade);
    const last = out.length - fade + i;
    if (start > 0) out[i] = falling * clean[start + i] + rising * content[i];
    if (end < clean.length) out[last] = falling * content[last] + rising * clean[start + last];
  }
  return out;
}

/** Weights of the outgoing and the incoming sound at sample i of n; their squares sum to 1. */
function weights(i: number, n: number): [number, number] {
  const angle = (Math.PI / 2) * ((i + 0.5) / n);
  return [Math.cos(angle), Math.sin(angle)];
}
