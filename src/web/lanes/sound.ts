// The sound: its waveform, and its spectrogram.

import { type Spectrogram, spectrogramOf } from '../../audio/spectrogram.js';
import { type Scene, samplesOf } from '../viewer/scene.js';
import { clipped, FONT, type Lane, type LanePlace, xOf } from './lane.js';
import type { Pen } from './pen.js';

/** Samples of one step of the summary of a waveform. */
const BLOCK = 64;

/** Smallest and largest sample of every block. */
interface Peaks {
  readonly low: Float32Array;
  readonly high: Float32Array;
}

const peaksKnown = new WeakMap<Float32Array, Peaks>();

function peaksOf(samples: Float32Array): Peaks {
  const known = peaksKnown.get(samples);
  if (known) return known;
  const blocks = Math.ceil(samples.length / BLOCK);
  const peaks = { low: new Float32Array(blocks), high: new Float32Array(blocks) };
  for (let i = 0; i < samples.length; i++) {
    const block = Math.floor(i / BLOCK);
    if (samples[i] < peaks.low[block]) peaks.low[block] = samples[i];
    if (samples[i] > peaks.high[block]) peaks.high[block] = samples[i];
  }
  peaksKnown.set(samples, peaks);
  return peaks;
}

/** Shades what was disturbed. */
export function shadeWindow(pen: Pen, place: LanePlace, scene: Scene): void {
  const { record, clock } = scene;
  if (!record) return;
  const seconds = clock.hop / clock.sampleRate;
  const [a, b] = [record.window.start * seconds, record.window.end * seconds].map((at) => xOf(place, at));
  pen.fillStyle = place.colours.window;
  pen.fillRect(a, 0, Math.max(1, b - a), place.height);
}

export function waveformLane(scene: Scene): Lane | undefined {
  const { sound } = scene;
  if (!sound) return undefined;
  const loudest = Math.max(
    0.01,
    ...[sound.clean, sound.disturbed].flatMap((one) => (one ? [largest(peaksOf(one))] : [])),
  );
  return {
    id: 'waveform',
    name: 'Sound',
    what: 'the waveform you hear',
    height: 76,
    draw(pen, place) {
      const { left, width, height, seen, colours, side } = place;
      const samples = samplesOf(scene, side);
      if (!samples) return;
      clipped(pen, place, () => {
        shadeWindow(pen, place, scene);
        pen.fillStyle = side === 'disturbed' && sound.disturbed ? colours.disturbed : colours.clean;
        const perPixel = ((seen.hi - seen.lo) * sound.sampleRate) / (width - left);
        const middle = height / 2;
        const scale = (height / 2 - 3) / loudest;
        for (let x = left; x < width; x++) {
          const start = seen.lo * sound.sampleRate + (x - left) * perPixel;
          const { low, high } = extremes(samples, start, start + perPixel);
          pen.fillRect(x, middle - high * scale, 1, Math.max(1, (high - low) * scale));
        }
      });
    },
    valueAt(seconds) {
      const at = samplesOf(scene, 'clean')?.[Math.floor(seconds * sound.sampleRate)];
      return at === undefined ? '' : `sample ${at.toFixed(3)}`;
    },
  };
}

function largest({ low, high }: Peaks): number {
  let most = 0;
  for (let i = 0; i < low.length; i++) most = Math.max(most, high[i], -low[i]);
  return most;
}

/** Smallest and largest of samples [start, end), from the summary where there are many. */
function extremes(samples: Float32Array, start: number, end: number): { low: number; high: number } {
  const result = { low: 0, high: 0 };
  const take = (low: number, high: number): void => {
    if (low < result.low) result.low = low;
    if (high > result.high) result.high = high;
  };
  if (end - start > 2 * BLOCK) {
    const { low, high } = peaksOf(samples);
    const last = Math.min(low.length, Math.ceil(end / BLOCK));
    for (let i = Math.max(0, Math.floor(start / BLOCK)); i < last; i++) take(low[i], high[i]);
    return result;
  }
  for (let i = Math.max(0, Math.floor(start)); i <= Math.min(samples.length - 1, end); i++)
    take(samples[i], samples[i]);
  return result;
}

const FLOOR = -90;
const pictures = new WeakMap<Float32Array, HTMLCanvasElement>();

export function spectrogramLane(scene: Scene): Lane | undefined {
  const { sound } = scene;
  if (!sound) return undefined;
  const nyquist = sound.sampleRate / 2;
  return {
    id: 'spectrogram',
    name: 'Spectrogram',
    what: 'low notes at the bottom, high ones at the top; bright is loud',
    height: 96,
    draw(pen, place) {
      const { left, width, height, seen, colours, side } = place;
      const samples = samplesOf(scene, side);
      if (!samples) return;
      const picture = pictureOf(samples);
      const seconds = samples.length / sound.sampleRate;
      pen.imageSmoothingEnabled = true;
      clipped(pen, place, () => {
        const lo = Math.min(1, seen.lo / seconds) * picture.width;
        const hi = Math.min(1, seen.hi / seconds) * picture.width;
        const end = Math.min(width, xOf(place, seconds));
        if (hi - lo < 1e-6) return;
        pen.drawImage(picture, lo, 0, hi - lo, picture.height, left, 0, end - left, height);
      });
      pen.font = FONT;
      pen.textAlign = 'right';
      pen.textBaseline = 'middle';
      pen.fillStyle = colours.quiet;
      for (const kilo of [4, 8, 12]) {
        if (kilo * 1000 >= nyquist) continue;
        // A narrow page has room for no more.
        pen.fillText(
          left < 50 ? `${kilo}k` : `${kilo} kHz`,
          left - 6,
          height * (1 - (kilo * 1000) / nyquist),
        );
      }
    },
    valueAt: (_, down) => `${Math.round(((1 - down) * nyquist) / 10) * 10} Hz`,
  };
}

function pictureOf(samples: Float32Array): HTMLCanvasElement {
  const known = pictures.get(samples);
  if (known) return known;
  const columns = Math.max(200, Math.min(2000, Math.round(samples.length / 320)));
  const picture = painted(spectrogramOf(samples, { columns, floor: FLOOR }));
  pictures.set(samples, picture);
  return picture;
}

function painted({ columns, rows, values }: Spectrogram): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = columns;
  canvas.height = rows;
  const context = canvas.getContext('2d');
  if (!context) throw new Error('this browser gives no 2D canvas');
  const image = context.createImageData(columns, rows);
  for (let column = 0; column < columns; column++) {
    for (let row = 0; row < rows; row++) {
      const share = 1 - values[column * rows + row] / FLOOR;
      image.data.set(magma(share), 4 * ((rows - 1 - row) * columns + column));
    }
  }
  context.putImageData(image, 0, 0);
  return canvas;
}

/** Stops of a map from dark to light that grows evenly in lightness (van der Walt and Smith's magma, thinned). */
const STOPS = [
  [0, 0, 4],
  [28, 16, 68],
  [79, 18, 123],
  [129, 37, 129],
  [181, 54, 122],
  [229, 80, 100],
  [251, 135, 97],
  [254, 194, 135],
  [252, 253, 191],
] as const;

function magma(share: number): [number, number, number, number] {
  const at = Math.max(0, Math.min(1, share)) * (STOPS.length - 1);
  const i = Math.min(STOPS.length - 2, Math.floor(at));
  const mix = (c: number): number => STOPS[i][c] + (at - i) * (STOPS[i + 1][c] - STOPS[i][c]);
  return [mix(0), mix(1), mix(2), 255];
}
