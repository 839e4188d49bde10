// Draws docs/probe.svg, the figure of the README: one bundled clip, clean and disturbed, by the bundled model.
//   npm run figure

import type { Markish } from '@observablehq/plot';
import { frameOfSample } from '../src/audio/codes.js';
import { codecOf } from '../src/models/model.js';
import { readDemoClips } from '../src/node/demo.js';
import { openDrawing } from '../src/node/document.js';
import { openNamedModel } from '../src/node/open.js';
import { writeWhole } from '../src/node/output.js';
import { demoProbes } from '../src/probe/demo.js';
import { drawnRegions } from '../src/regions/profile.js';
import { asDrawing, bandColor, smooth, toPoints } from '../src/report/figures.js';
import { drawSvg, INK } from '../src/report/svg.js';

const CLIP = 'heldout-strings.flac';
const TOKENS = 100;
/** What is shown, seconds. */
const SHOWN: [number, number] = [3, 11];
const LAYOUT = { width: 960, marginLeft: 58, marginRight: 84, x: { domain: SHOWN, label: null } };

const model = await openNamedModel({ model: 'tiny' });
const clips = await readDemoClips(
  { sampleRate: codecOf(model).clock.sampleRate, channels: 1 },
  console.error,
);
const demo = clips.find(({ clip }) => clip.name === CLIP);
if (!demo) throw new Error(`figure: there is no bundled clip ${CLIP}`);
const probed = await demoProbes(model, demo, () => undefined);
await model.close();
const found = probed.find(({ record: { window } }) => window.end - window.start === TOKENS);
if (!found) throw new Error(`figure: the demo has no probe of ${TOKENS} tokens`);

const { record, clip } = found;
const { clock, window, profile } = record;
const { plotting, document } = asDrawing(await openDrawing());
const frameRate = clock.sampleRate / clock.hop;
const seconds = { start: window.start / frameRate, end: window.end / frameRate };
const isShown = ({ x }: { readonly x: number }): boolean => x >= SHOWN[0] && x <= SHOWN[1];
const clipped = (values: ArrayLike<number>) => toPoints(values, clock).filter(isShown);
const shade = plotting.rectX([seconds], { x1: 'start', x2: 'end', fill: INK.window, fillOpacity: 0.3 });
const note = (x: number, y: number, text: string, fill: string = INK.text): Markish =>
  plotting.text([{ x, y }], { x: 'x', y: 'y', text: () => text, fill, fontSize: 13, textAnchor: 'middle' });

/** Lowest and highest sample of each half of a frame: the outline of the sound. */
function outline(samples: Float32Array): { x: number; low: number; high: number; noise: boolean }[] {
  const step = clock.hop / 2;
  const points = Array.from({ length: Math.floor(samples.length / step) }, (_, i) => {
    const part = samples.subarray(i * step, (i + 1) * step);
    const frame = frameOfSample(clock, i * step);
    const noise = frame >= window.start && frame < window.end;
    return { x: (i * step) / clock.sampleRate, low: Math.min(...part), high: Math.max(...part), noise };
  });
  return points.filter(isShown);
}

const title = `${demo.title}, ${record.disturbance}`;
const sound = drawSvg(plotting, document, {
  title: `Sound of ${title}`,
  ...LAYOUT,
  height: 104,
  marginTop: 22,
  marginBottom: 6,
  x: { ...LAYOUT.x, ticks: [] },
  y: { axis: null },
  marks: [
    shade,
    plotting.ruleX(outline(clip.channels[0]), {
      ...{ x: 'x', y1: 'low', y2: 'high', strokeWidth: 1.3 },
      stroke: ({ noise }: { noise: boolean }) => (noise ? INK.disturbed : INK.clean),
    }),
    plotting.text(['sound'], { frameAnchor: 'left', dx: -54, fill: INK.text }),
    plotting.text([seconds], {
      x: ({ start, end }: typeof seconds) => (start + end) / 2,
      text: () => 'white noise instead of music, 2 s',
      ...{ frameAnchor: 'top', dy: -16, fill: INK.disturbed, fontSize: 13, fontWeight: 600 },
    }),
  ],
});
const curves = [
  { points: clipped(record.disturbed.byFrame), stroke: INK.disturbed },
  { points: clipped(record.clean.byFrame), stroke: INK.clean },
];
const loss = drawSvg(plotting, document, {
  title: `Loss of ${title}`,
  ...LAYOUT,
  height: 190,
  x: { ...LAYOUT.x, ticks: [] },
  y: { label: '↑ loss (nats per code)', grid: true, nice: true },
  marks: [
    shade,
    ...curves.map(({ points, stroke }) =>
      plotting.lineY(points, { x: 'x', y: 'y', stroke, strokeWidth: 0.5, strokeOpacity: 0.45 }),
    ),
    ...curves.map(({ points, stroke }) =>
      plotting.lineY(smooth(points), { x: 'x', y: 'y', stroke, strokeWidth: 2 }),
    ),
    ...[
      { text: 'clean', fill: INK.clean, dy: -8 },
      { text: 'disturbed', fill: INK.disturbed, dy: 8 },
    ].map(({ text, fill, dy }) =>
      plotting.text(smooth(curves[1].points).slice(-1), {
        ...{ x: 'x', y: 'y', text: () => text, fill, dy, dx: 8, textAnchor: 'start' },
      }),
    ),
  ],
});
const bands = drawnRegions(profile).filter(({ start }) => start / frameRate < SHOWN[1]);
const delta = clipped(record.delta.mean);
const [low, high] = [Math.min(...delta.map(({ y }) => y)), Math.max(...delta.map(({ y }) => y))];
const difference = drawSvg(plotting, document, {
  title: `Loss difference of ${title}`,
  ...LAYOUT,
  height: 236,
  marginTop: 40,
  marginBottom: 38,
  x: { ...LAYOUT.x, label: 'time (s) →', labelAnchor: 'center' },
  y: { label: '↑ disturbed − clean (nats)', grid: true, domain: [low * 1.25, high * 1.05] },
  color: { type: 'identity' },
  marks: [
    plotting.rectX(bands, {
      x1: ({ start }) => start / frameRate,
      x2: ({ end }) => Math.min(SHOWN[1], end / frameRate),
      fill: ({ name }) => bandColor(name),
      fillOpacity: ({ name }) => (name === 'recovery' ? 0.1 : 0.32),
    }),
    plotting.ruleY([0], { stroke: INK.quiet }),
    plotting.lineY(delta, { x: 'x', y: 'y', stroke: INK.delta, strokeWidth: 0.5, strokeOpacity: 0.5 }),
    plotting.lineY(smooth(delta), { x: 'x', y: 'y', stroke: INK.delta, strokeWidth: 2 }),
    ...bands.map(({ name, start, end }, i) =>
      plotting.text([name], {
        x: () => (start + Math.min(end, SHOWN[1] * frameRate)) / 2 / frameRate,
        ...{ frameAnchor: 'top', dy: i % 2 === 0 ? -12 : -26, fill: INK.text, fontWeight: 600 },
      }),
    ),
    note((seconds.start + seconds.end) / 2, low * 1.13, 'easier to predict than the music'),
    note(seconds.end + 1.25, high * 0.82, 'surprised when the music comes back'),
    note(seconds.end + 2.3, low * 0.22, 'as before'),
  ],
});
const panels = [sound, loss, difference];
const heights = panels.map((svg) => Number(/ height="(\d+)"/.exec(svg)?.[1]));
const total = heights.reduce((sum, height) => sum + height, 0);
let y = 0;
const placed = panels.map((svg, i) => {
  const group = `<g transform="translate(0,${y})">${svg}</g>`;
  y += heights[i];
  return group;
});
await writeWhole(
  'docs/probe.svg',
  `<svg xmlns="http://www.w3.org/2000/svg" width="960" height="${total}" viewBox="0 0 960 ${total}">
<rect width="100%" height="100%" fill="#fff"/>
${placed.join('\n')}
</svg>
`,
);
console.log(`docs/probe.svg: ${title}`);
for (const { name, mean, chance } of profile.regions)
  console.log(`${name} ${mean.toFixed(2)}, chance ${chance}`);
