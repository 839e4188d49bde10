// (e) How many of the bundled 15 s clips does the bundled model encode and score in a second?

import { encode, formatOf } from '../src/loss/encode.js';
import { score } from '../src/loss/loss.js';
import { readDemoClips } from '../src/node/demo.js';
import { openNamedModel } from '../src/node/open.js';
import { type Answer, least, timed } from './measure.js';

export async function tiny(threads: number, runs: number): Promise<Answer> {
  const model = await openNamedModel({ model: 'tiny', threads });
  const clips = await readDemoClips(formatOf(model), (line) => {
    throw new Error(line);
  });
  const all = async () => {
    for (const { clip } of clips) await score(model, await encode(model, clip));
  };
  await all();
  const costs = [];
  for (let run = 0; run < runs; run++) costs.push((await timed(all))[0]);
  await model.close();
  const cost = least(costs);
  const clipsPerSecond = clips.length / cost.wall;
  return {
    question: '(e) the bundled model',
    rows: [
      {
        what: `${clips.length} clips, encode and score`,
        cost,
        notes: [`${clipsPerSecond.toFixed(2)} clips/s`],
      },
    ],
    figures: { clips: clips.length, cost, clipsPerSecond },
  };
}
