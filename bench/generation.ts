// (c) How many frames a second does a model of Small's size generate?

import { generate } from '../src/loss/generate.js';
import type { Model } from '../src/models/model.js';
import { generator, seedOf } from '../src/stats/random.js';
import { type Answer, timed } from './measure.js';

const STREAMS = [1, 4];

export async function generation(model: Model, frames: number): Promise<Answer> {
  const figures = [];
  for (const streams of STREAMS) {
    const randoms = Array.from({ length: streams }, (_, i) => generator(seedOf('bench', i)));
    if (streams === STREAMS[0]) await generate(model, { frames: 1, randoms }); // loads the session
    const [cost] = await timed(() => generate(model, { frames, randoms }));
    figures.push({ streams, frames, cost, framesPerSecond: (streams * frames) / cost.wall });
  }
  return {
    question: '(c) generation',
    rows: figures.map(({ streams, cost, framesPerSecond }) => ({
      what: `${frames} frames of ${streams === 1 ? 'one clip' : `${streams} clips side by side`}`,
      cost,
      notes: [`${framesPerSecond.toFixed(1)} frames/s`],
    })),
    figures,
  };
}
