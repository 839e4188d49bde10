// (b) What does a sensitivity map cost, against a clean pass of the same clip?

import type { Clip } from '../src/audio/clip.js';
import { encode } from '../src/loss/encode.js';
import { score } from '../src/loss/loss.js';
import type { Model } from '../src/models/model.js';
import { sensitivityMap } from '../src/probe/map.js';
import { scoreClip } from '../src/probe/probe.js';
import { type Answer, least, timed } from './measure.js';

/** First position: every 10 tokens from here on are 66 positions of 15 s. */
const FROM = 80;

interface MapOptions {
  /** Frames from one position to the next. */
  readonly every: number;
  readonly runs: number;
}

export async function map(model: Model, clip: Clip, { every, runs }: MapOptions): Promise<Answer> {
  const clean = await scoreClip(model, clip);
  const passes = [];
  const maps = [];
  let positions = 0;
  for (let run = 0; run < runs; run++) {
    const [pass] = await timed(async () => score(model, await encode(model, clip)));
    const [cost, found] = await timed(() => sensitivityMap(model, clean, { every, from: FROM }));
    passes.push(pass);
    maps.push(cost);
    positions = found.points.length;
  }
  await clean.release();
  const [pass, whole] = [least(passes), least(maps)];
  const inPasses = { wall: whole.wall / pass.wall, cpu: whole.cpu / pass.cpu };
  return {
    question: '(b) sensitivity map of that clip',
    rows: [
      { what: 'clean pass (encode, score)', cost: pass },
      {
        what: `map of ${positions} positions`,
        cost: whole,
        notes: [`${inPasses.wall.toFixed(2)} clean passes (CPU ${inPasses.cpu.toFixed(2)})`],
      },
    ],
    figures: { positions, pass, map: whole, passes: inPasses },
  };
}
