// A sensitivity map: how the model reacts to a short disturbance at each place of the clip.

import type { MapPoint } from '../../probe/map_record.js';
import { type Scene, tokenSeconds } from '../viewer/scene.js';
import { clipped, type Lane, type LanePlace, numberText, rangeOf, scaleOf, xOf, yAxis } from './lane.js';
import type { Pen } from './pen.js';
import { diverging, painted } from './tokens.js';

export function reactionLane(scene: Scene): Lane | undefined {
  const { map } = scene;
  if (!map) return undefined;
  const band = map.calibration?.bands.peak;
  const seen = map.points.flatMap(({ peak, rebound }) => [peak, rebound ?? peak]);
  const { low, high } = rangeOf([0, ...seen, ...(band ? [band.q05, band.q95] : [])]);
  return {
    id: 'reaction',
    name: 'Where it reacts',
    what: 'a short noise was put at each dot in turn; the dot shows how much the model was startled there (orange: at its start, yellow: at its end). Inside the grey band 90% of dots lie when nothing happens',
    height: 130,
    draw(pen, place) {
      const { colours, height } = place;
      const y = scaleOf(low, high, { top: 8, bottom: height - 8 });
      yAxis(pen, place, { low, high, y, signed: true });
      clipped(pen, place, () => {
        if (band) {
          pen.globalAlpha = 0.22;
          pen.fillStyle = colours.quiet;
          pen.fillRect(place.left, y(band.q95), place.width - place.left, y(band.q05) - y(band.q95));
          pen.globalAlpha = 1;
        }
        pen.fillStyle = colours.quiet;
        pen.fillRect(place.left, Math.round(y(0)), place.width - place.left, 1);
        line(pen, place, { points: map.points, read: ({ rebound }) => rebound, y, colour: colours.rebound });
        line(pen, place, { points: map.points, read: ({ peak }) => peak, y, colour: colours.peak });
      });
    },
    valueAt(seconds) {
      const point = nearest(map.points, seconds);
      if (!point) return '';
      const chance = point.chance === undefined ? '' : `, chance ${point.chance.toFixed(3)}`;
      return `noise at ${point.seconds.toFixed(2)} s: Peak ${numberText(Number(point.peak.toFixed(2)), true)} nats${chance}`;
    },
  };
}

function line(
  pen: Pen,
  place: LanePlace,
  {
    points,
    read,
    y,
    colour,
  }: {
    points: readonly MapPoint[];
    read: (point: MapPoint) => number | undefined;
    y: (value: number) => number;
    colour: string;
  },
): void {
  const known = points.flatMap((point) => {
    const value = read(point);
    return value === undefined ? [] : [{ x: xOf(place, point.seconds), y: y(value) }];
  });
  pen.strokeStyle = colour;
  pen.fillStyle = colour;
  pen.lineWidth = 1.6;
  pen.beginPath();
  known.forEach((at, i) => {
    if (i === 0) pen.moveTo(at.x, at.y);
    else pen.lineTo(at.x, at.y);
  });
  pen.stroke();
  for (const at of known) pen.fillRect(at.x - 2.5, at.y - 2.5, 5, 5);
}

function nearest(points: readonly MapPoint[], seconds: number): MapPoint | undefined {
  let best: MapPoint | undefined;
  for (const point of points) {
    if (!best || Math.abs(point.seconds - seconds) < Math.abs(best.seconds - seconds)) best = point;
  }
  return best;
}

/** Delta around every position, token by token from its start upwards. */
export function deltaMapLane(scene: Scene): Lane | undefined {
  const { map } = scene;
  if (!map || map.points.length === 0) return undefined;
  const token = tokenSeconds(scene);
  const from = Math.min(...map.points.map(({ start, delta }) => delta.from - start));
  const to = Math.max(...map.points.map(({ start, delta }) => delta.from + delta.values.length - start));
  const rows = to - from;
  // Painted once for each theme: a column a noise, a row a token, the latest on top.
  const pictures = new Map<boolean, HTMLCanvasElement>();
  const pictureOf = (dark: boolean): HTMLCanvasElement =>
    painted({ codebooks: rows, frames: map.points.length }, (row, i) => {
      const { start, delta } = map.points[i];
      return diverging((delta.values[start + to - 1 - row - delta.from] ?? Number.NaN) / 3, dark);
    });
  return {
    id: 'deltamap',
    name: 'How long it lasts',
    what: `each column is one noise; upwards, the tokens after its start. Red: more surprised, blue: less`,
    height: Math.max(90, 5 * rows),
    draw(pen, place) {
      const { colours, height } = place;
      const y = scaleOf(from, to, { top: 4, bottom: height - 4 });
      clipped(pen, place, () => {
        const picture = pictures.get(colours.dark) ?? pictureOf(colours.dark);
        pictures.set(colours.dark, picture);
        pen.imageSmoothingEnabled = false;
        map.points.forEach(({ start }, i) => {
          const [a, b] = [xOf(place, start * token), xOf(place, (start + map.every) * token)];
          pen.drawImage(picture, i, 0, 1, rows, a, y(to), b - a + 0.5, y(from) - y(to));
        });
        pen.fillStyle = colours.ink;
        for (const boundary of [0, map.length]) {
          pen.globalAlpha = 0.5;
          pen.fillRect(place.left, Math.round(y(boundary)), place.width - place.left, 1);
          pen.globalAlpha = 1;
        }
      });
      yAxis(pen, { ...place, width: place.left }, { low: from, high: to, y });
    },
  };
}
