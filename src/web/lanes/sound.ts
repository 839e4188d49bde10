// The sound as its waveform.

import { type Scene, samplesOf } from '../viewer/scene.js';
import { clipped, type Lane, type LanePlace, xOf } from './lane.js';
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
