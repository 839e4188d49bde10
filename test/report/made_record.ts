// A probe's record with known regions, for tests of what is drawn and said of it.

import type { Codes } from '../../src/audio/codes.js';
import { difference } from '../../src/loss/delta.js';
import type { Loss } from '../../src/loss/loss.js';
import { meanByFrame, meanLoss } from '../../src/loss/means.js';
import type { ProbeRecord, Scored } from '../../src/probe/record.js';
import { profileOf } from '../../src/regions/profile.js';

export const FRAMES = 300;
const CLOCK = { sampleRate: 32_000, hop: 640 };

/** A clip whose loss is `level` + a ripple, and `shape` on top; the last frame of codebook 1 is undefined. */
function scored(shape: (t: number) => number): Scored {
  const values = new Float32Array(2 * FRAMES);
  for (let k = 0; k < 2; k++) {
    for (let t = 0; t < FRAMES; t++) values[k * FRAMES + t] = 4 + Math.sin(t * (k + 1)) + shape(t);
  }
  values[2 * FRAMES - 1] = Number.NaN;
  const loss: Loss = { protocol: 'delayed', codebooks: 2, frames: FRAMES, values };
  const codes: Codes = { codebooks: 2, frames: FRAMES, data: new Int32Array(2 * FRAMES) };
  return { codes, loss, mean: meanLoss(loss), byFrame: meanByFrame(loss) };
}

/** Peak of 2 nats at the onset, -1.5 inside, Rebound of 3 at the end. */
export function record(name: string, length = 100, inside = -1.5): ProbeRecord {
  const window = { start: 100, end: 100 + length };
  const clean = scored(() => 0);
  const disturbed = scored((t) => {
    if (t < window.start || t >= window.end + 3) return 0;
    if (t < window.start + 3) return 2;
    return t < window.end ? inside : 3;
  });
  const delta = difference(clean.loss, disturbed.loss);
  return {
    provenance: {
      losscope: '0.1.0',
      model: 'synthetic <model>',
      fingerprint: 'f00d',
      protocol: 'delayed',
      condition: 'none',
      runtime: 'none',
      device: 'cpu',
      instructions: 'avx2',
      precision: 'fp32',
      resampler: 'none',
    },
    clip: { name, title: `Title of ${name}`, sampleRate: 32_000, samples: FRAMES * 640 },
    clock: CLOCK,
    event: {
      kind: 'noise',
      start: window.start * 640,
      end: window.end * 640,
      levelDbfs: -20,
      perturbation: {
        kind: 'noise',
        color: 'white',
        at: { tokens: 100 },
        length: { tokens: length },
        level: 'match',
        seed: 1,
      },
    },
    disturbance: `white noise, ${length} tokens`,
    window,
    clean,
    disturbed,
    delta,
    lossDifference: disturbed.mean - clean.mean,
    changed: { before: 0, inside: 1, after: 0.01, first: 99, last: 204, byCodebook: [] },
    profile: profileOf(delta.mean, window, { clean: clean.byFrame, seed: 1, name, draws: 99 }),
    reach: { reach: 4, lag: 3 },
  };
}
