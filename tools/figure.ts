// Draws docs/probe.svg, the figure of the README: one bundled clip, clean and disturbed, by the bundled model.
//   npm run figure

import { codecOf } from '../src/models/model.js';
import { readDemoClips } from '../src/node/demo.js';
import { openDrawing } from '../src/node/document.js';
import { openNamedModel } from '../src/node/open.js';
import { writeWhole } from '../src/node/output.js';
import { demoProbes } from '../src/probe/demo.js';
import { drawnRegions } from '../src/regions/profile.js';
import { deltaFigure, lossFigure } from '../src/report/figures.js';

const CLIP = 'heldout-strings.flac';
const TOKENS = 100;

const model = await openNamedModel({ model: 'tiny' });
const clips = await readDemoClips(
  { sampleRate: codecOf(model).clock.sampleRate, channels: 1 },
  console.error,
);
const demo = clips.find(({ clip }) => clip.name === CLIP);
if (!demo) throw new Error(`figure: there is no bundled clip ${CLIP}`);
const probed = await demoProbes(model, demo, () => undefined);
await model.close();
const record = probed.map((one) => one.record).find(({ window }) => window.end - window.start === TOKENS);
if (!record) throw new Error(`figure: the demo has no probe of ${TOKENS} tokens`);

const drawing = await openDrawing();
const frameRate = record.clock.sampleRate / record.clock.hop;
const title = `${demo.title}, ${record.disturbance}`;
const loss = lossFigure(drawing, {
  title: `Loss of ${title}`,
  clean: record.clean.byFrame,
  disturbed: record.disturbed.byFrame,
  window: record.window,
  frameRate,
});
const delta = deltaFigure(drawing, {
  title: `Loss difference of ${title}`,
  delta: record.delta.mean,
  bands: drawnRegions(record.profile),
  frameRate,
});
const heights = [loss, delta].map((svg) => Number(/ height="(\d+)"/.exec(svg)?.[1]));
const [first, second] = heights;
await writeWhole(
  'docs/probe.svg',
  `<svg xmlns="http://www.w3.org/2000/svg" width="960" height="${first + second}" viewBox="0 0 960 ${first + second}">
<rect width="100%" height="100%" fill="#fff"/>
${loss}
<g transform="translate(0,${first})">${delta}</g>
</svg>
`,
);
console.log(`docs/probe.svg: ${title}`);
