// The sound as its spectrogram. Its picture takes a quarter of a second: it is painted piece by piece between the frames, so
// that the page answers meanwhile.

import { spectrogramColumns } from '../../audio/spectrogram.js';
import { type Scene, type Side, samplesOf } from '../viewer/scene.js';
import { clipped, FONT, type Lane, xOf } from './lane.js';

/** dB, the darkest colour. */
const FLOOR = -90;
const OTHER: Readonly<Record<Side, Side>> = { clean: 'disturbed', disturbed: 'clean' };

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
      if (!samples) return undefined;
      const picture = pictureOf(samples);
      picture.paint(place.budget);
      const { canvas } = picture;
      const seconds = samples.length / sound.sampleRate;
      pen.imageSmoothingEnabled = true;
      clipped(pen, place, () => {
        const lo = Math.min(1, seen.lo / seconds) * canvas.width;
        const hi = Math.min(1, seen.hi / seconds) * canvas.width;
        const end = Math.min(width, xOf(place, seconds));
        if (hi - lo < 1e-6) return;
        pen.drawImage(canvas, lo, 0, hi - lo, canvas.height, left, 0, end - left, height);
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
      if (!picture.isDone()) return 'more';
      // The other version's is painted before anybody switches.
      const other = samplesOf(scene, OTHER[side]);
      if (!other || pictureOf(other).isDone()) return undefined;
      pictureOf(other).paint(place.budget);
      return 'more';
    },
    valueAt: (_, down) => `${Math.round(((1 - down) * nyquist) / 10) * 10} Hz`,
  };
}

/** A spectrogram of a column a pixel, painted from left to right. */
interface Picture {
  readonly canvas: HTMLCanvasElement;
  isDone(): boolean;
  /** Paints what is missing, at most for so many milliseconds. */
  paint(milliseconds: number): void;
}

const pictures = new WeakMap<Float32Array, Picture>();

function pictureOf(samples: Float32Array): Picture {
  const known = pictures.get(samples);
  if (known) return known;
  const picture = newPicture(samples);
  pictures.set(samples, picture);
  return picture;
}

function newPicture(samples: Float32Array): Picture {
  const columns = Math.max(200, Math.min(2000, Math.round(samples.length / 320)));
  const { rows, column } = spectrogramColumns(samples, { columns, floor: FLOOR });
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width: columns, height: rows });
  const context = canvas.getContext('2d');
  if (!context) throw new Error('this browser gives no 2D canvas');
  const strip = context.createImageData(1, rows);
  const pixels = new Uint32Array(strip.data.buffer);
  const values = new Float32Array(rows);
  let next = 0;
  return {
    canvas,
    isDone: () => next === columns,
    paint(milliseconds) {
      const end = performance.now() + milliseconds;
      for (; next < columns && performance.now() < end; next++) {
        column(next, values);
        for (let row = 0; row < rows; row++) pixels[rows - 1 - row] = magma(1 - values[row] / FLOOR);
        context.putImageData(strip, next, 0);
      }
    },
  };
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

/** Colours from 0 to 1 in as many steps, as the four bytes of a pixel. */
const PALETTE = new Uint32Array(
  Uint8ClampedArray.from({ length: 4 * 1024 }, (_, i) => {
    const at = (Math.floor(i / 4) / 1023) * (STOPS.length - 1);
    const stop = Math.min(STOPS.length - 2, Math.floor(at));
    const c = i % 4;
    return c === 3 ? 255 : STOPS[stop][c] + (at - stop) * (STOPS[stop + 1][c] - STOPS[stop][c]);
  }).buffer,
);

function magma(share: number): number {
  return PALETTE[Math.round(1023 * Math.max(0, Math.min(1, share)))];
}
