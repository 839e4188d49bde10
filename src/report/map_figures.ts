// The figures of a sensitivity map, one under the other on one time axis: the sound, what the model thought of it, and
// how it reacted to a disturbance at each place.

import type { Markish } from '@observablehq/plot';
import { secondsOfFrame, termsOf } from '../audio/codes.js';
import type { ClipMap, MapPoint } from '../probe/map_record.js';
import { CURVE_LAYOUT, type CurvePoint, type Drawing, endLabels, smooth, toPoints } from './figures.js';
import { drawSvg, INK } from './svg.js';

/** Lines of text that fit into the height of a figure here. */
const LINES = 7;

function axisOf({ clock, clean }: ClipMap) {
  return { clock, domain: [0, secondsOfFrame(clock, clean.frames)] };
}

/** The sound: the largest sample of every frame, above and below zero. */
export function waveformFigure({ plotting, document }: Drawing, map: ClipMap): string {
  const { clock, domain } = axisOf(map);
  return drawSvg(plotting, document, {
    title: `Waveform of ${nameOf(map)}`,
    ...CURVE_LAYOUT,
    height: 74,
    marginTop: 4,
    marginBottom: 6,
    x: { axis: null, domain },
    y: { axis: null, domain: [-1, 1].map((side) => side * Math.max(1e-3, ...map.envelope)) },
    marks: [
      plotting.areaY(toPoints(map.envelope, clock), {
        x: 'x',
        y1: (point: CurvePoint) => -point.y,
        y2: 'y',
        fill: INK.quiet,
      }),
    ],
  });
}

/** Clean loss and the entropy of what was predicted. Thin: each frame; bold: mean of 5. */
export function cleanFigure({ plotting, document }: Drawing, map: ClipMap): string {
  const { clock, domain } = axisOf(map);
  const series = [
    { label: 'entropy', color: INK.assimilation, points: toPoints(map.entropy, clock) },
    { label: 'loss', color: INK.clean, points: toPoints(map.clean.byFrame, clock) },
  ];
  const thin = series.map(({ color, points }) =>
    plotting.lineY(points, { x: 'x', y: 'y', stroke: color, strokeWidth: 0.5, strokeOpacity: 0.45 }),
  );
  const bold = series.map(({ color, points }) =>
    plotting.lineY(smooth(points), { x: 'x', y: 'y', stroke: color, strokeWidth: 1.6 }),
  );
  return drawSvg(plotting, document, {
    title: `Loss of ${nameOf(map)}`,
    ...CURVE_LAYOUT,
    height: 190,
    x: { label: null, domain },
    y: { label: `↑ clean (${termsOf(clock).nats})`, grid: true, nice: true },
    marks: [...thin, ...bold, ...endLabels(plotting, series, LINES)],
  });
}

/** Peak and Rebound at every position; grey: where 90% of Peaks lie under the null. */
export function reactionFigure({ plotting, document }: Drawing, map: ClipMap): string {
  const { domain } = axisOf(map);
  const pointsOf = (read: (point: MapPoint) => number | undefined): CurvePoint[] =>
    map.points.flatMap((point) => {
      const y = read(point);
      return y === undefined ? [] : [{ x: point.seconds, y }];
    });
  const series = [
    { label: 'Rebound', color: INK.rebound, points: pointsOf((point) => point.rebound) },
    { label: 'Peak', color: INK.peak, points: pointsOf((point) => point.peak) },
  ].filter(({ points }) => points.length > 0);
  const band = map.calibration?.bands.peak;
  const marks: Markish[] = [
    ...(band
      ? [
          plotting.rectY([band], {
            x1: domain[0],
            x2: domain[1],
            y1: 'q05',
            y2: 'q95',
            fill: INK.quiet,
            fillOpacity: 0.16,
          }),
        ]
      : []),
    plotting.ruleY([0], { stroke: INK.quiet }),
    ...series.flatMap(({ color, points }) => [
      plotting.lineY(points, { x: 'x', y: 'y', stroke: color, strokeWidth: 1.4 }),
      plotting.dot(points, { x: 'x', y: 'y', fill: color, r: 2.2 }),
    ]),
  ];
  return drawSvg(plotting, document, {
    title: `Reaction of the model along ${nameOf(map)}`,
    ...CURVE_LAYOUT,
    height: 210,
    x: { label: null, domain },
    y: { label: '↑ disturbed − clean (nats)', grid: true, nice: true },
    marks: [...marks, ...endLabels(plotting, series, LINES)],
  });
}

/** Delta around every position, frame by frame from its start: blue below zero, red above. */
export function deltaMapFigure({ plotting, document }: Drawing, map: ClipMap): string {
  const { clock, domain } = axisOf(map);
  const cells = map.points.flatMap(({ start, delta }) =>
    Array.from(delta.values, (value, i) => ({
      x1: secondsOfFrame(clock, start),
      x2: secondsOfFrame(clock, start + map.every),
      y1: delta.from + i - start,
      y2: delta.from + i - start + 1,
      value,
    })).filter(({ value }) => !Number.isNaN(value)),
  );
  const largest = Math.max(0.1, ...cells.map(({ value }) => Math.abs(value)));
  return drawSvg(plotting, document, {
    title: `Loss difference around every position of ${nameOf(map)}`,
    ...CURVE_LAYOUT,
    height: 210,
    marginBottom: 40,
    color: { type: 'diverging', scheme: 'RdBu', reverse: true, domain: [-largest, largest] },
    x: { label: 'disturbed at (s) →', labelAnchor: 'center', domain },
    y: { label: `↑ ${termsOf(map.clock).position}s after its start` },
    marks: [
      plotting.rect(cells, { x1: 'x1', x2: 'x2', y1: 'y1', y2: 'y2', fill: 'value' }),
      plotting.ruleY([0, map.length], { stroke: INK.text, strokeDasharray: '2 3' }),
    ],
  });
}

/** What a clip is called: its title, or its file's name. */
export function nameOf({ clip }: Pick<ClipMap, 'clip'>): string {
  return clip.title ?? clip.name;
}
