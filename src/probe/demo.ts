// The demo: white noise of the paper's six lengths, 5 s into each clip, as loud as the clip in the window.

import type { Clip } from '../audio/clip.js';
import type { Model } from '../models/model.js';
import type { Perturbation } from '../perturb/perturbation.js';
import { type Probed, probe, scoreClip } from './probe.js';

/** Window lengths of the paper in tokens: 0.1 s to 4 s; frame, note, beat and measure level. */
export const PAPER_LENGTHS = [5, 10, 50, 100, 150, 200] as const;

export interface DemoClip {
  readonly clip: Clip;
  readonly title: string;
  readonly group: string;
}

/** Probes a clip with each length. `onProbe` is called after each. */
export async function demoProbes(
  model: Model,
  { clip, title, group }: DemoClip,
  onProbe: (length: number) => void,
): Promise<Probed[]> {
  const clean = await scoreClip(model, clip, { ranks: true });
  const probes: Probed[] = [];
  for (const tokens of PAPER_LENGTHS) {
    const noise: Perturbation = {
      kind: 'noise',
      color: 'white',
      at: { seconds: 5 },
      length: { tokens },
      level: 'match',
      seed: 1,
    };
    probes.push(await probe(model, clean, noise, { title, group }));
    onProbe(tokens);
  }
  await clean.release();
  return probes;
}
