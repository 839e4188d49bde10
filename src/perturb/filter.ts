// Filters without delay, from an amplitude response: the impulse response is symmetric and about a second long, and
// sound is convolved with it in blocks that lie on one grid whatever the window, so that a window of a filtered clip has
// the bits of the whole filtered clip there.

import FFT from 'fft.js';
import type { Clip } from '../audio/clip.js';
import { recent } from '../audio/kept.js';
import { type Content, musicIn } from './content.js';
import type { FilterDamage } from './damage.js';
import type { Place } from './terms.js';

/** Order of the Butterworth amplitude: 6 dB per octave each. */
const ORDER = 8;

const lastFfts = recent<FFT>(2);

/** Its tables take longer to make than a block to transform. */
function fftOf(size: number): FFT {
  return lastFfts(String(size), () => new FFT(size));
}

/** A filter for overlap-save in blocks of so many samples, as long as its impulse response. */
export interface Shape {
  readonly block: number;
  /** Of size 2 x block. */
  readonly fft: FFT;
  /** Spectrum of the impulse response, [2 x block] complex. */
  readonly transfer: Float64Array;
}

/**
 * The filter of an amplitude response over Hz: sampled at every 1 Hz or finer, zero phase, Hann-windowed in time (which
 * blurs the response by about 1 Hz). The impulse response is the least power of two of at least one second long, its
 * middle at block / 2.
 */
export function shapeOf(amplitude: (hz: number) => number, sampleRate: number): Shape {
  const block = 2 ** Math.ceil(Math.log2(sampleRate));
  const response = new Float64Array(2 * block);
  for (let k = 0; k <= block / 2; k++) {
    response[2 * k] = amplitude((k * sampleRate) / block);
    if (k > 0) response[2 * (block - k)] = response[2 * k];
  }
  const impulse = new Float64Array(2 * block);
  fftOf(block).inverseTransform(impulse, response);
  const padded = new Float64Array(2 * block);
  for (let i = 0; i < block; i++) {
    const hann = 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / block);
    padded[i] = hann * impulse[2 * ((i + block / 2) % block)];
  }
  const fft = fftOf(2 * block);
  const transfer = new Float64Array(4 * block);
  fft.realTransform(transfer, padded);
  fft.completeSpectrum(transfer);
  return { block, fft, transfer };
}

/**
 * n samples of a sound through a shape, half a block late. `fill` is asked for the sound block by block: first for the
 * block before the sound, then for each block of it.
 */
export function convolved(
  { block, fft, transfer }: Shape,
  n: number,
  fill: (into: Float64Array) => void,
): Float64Array {
  const input = new Float64Array(2 * block);
  const spectrum = new Float64Array(4 * block);
  const output = new Float64Array(4 * block);
  const sound = new Float64Array(n);
  fill(input.subarray(block));
  for (let start = 0; start < n; start += block) {
    input.copyWithin(0, block);
    fill(input.subarray(block));
    fft.realTransform(spectrum, input);
    fft.completeSpectrum(spectrum);
    for (let k = 0; k < spectrum.length; k += 2) {
      const re = spectrum[k] * transfer[k] - spectrum[k + 1] * transfer[k + 1];
      spectrum[k + 1] = spectrum[k] * transfer[k + 1] + spectrum[k + 1] * transfer[k];
      spectrum[k] = re;
    }
    fft.inverseTransform(output, spectrum);
    for (let i = 0; i < Math.min(block, n - start); i++) sound[start + i] = output[2 * (block + i)];
  }
  return sound;
}

/** As many as a battery has: one takes 1 MiB at 32 kHz. */
const lastShapes = recent<Shape>(8);

/** Low-pass or high-pass. @throws when nothing would be left. */
export function bandLimited(clip: Clip, { kind, cutoff }: FilterDamage, place: Place): Content {
  const nyquist = clip.sampleRate / 2;
  if (kind === 'highpass' && cutoff >= nyquist) {
    throw new Error(
      `${clip.name}: a high-pass at ${cutoff} Hz leaves nothing at ${clip.sampleRate} Hz; expected less than ${nyquist} Hz`,
    );
  }
  const idle = kind === 'lowpass' ? cutoff >= nyquist : cutoff === 0;
  if (idle) return { channels: musicIn(clip, place) };
  const ratio = (hz: number): number => (kind === 'lowpass' ? hz / cutoff : cutoff / hz);
  const shape = lastShapes([kind, cutoff, clip.sampleRate].join(), () =>
    shapeOf((hz) => 1 / Math.sqrt(1 + ratio(hz) ** (2 * ORDER)), clip.sampleRate),
  );
  return { channels: clip.channels.map((channel) => partThrough(shape, channel, place)) };
}

/** Samples [start, end) of a signal through a shape, in its own time; before and after the signal there is silence. */
function partThrough(shape: Shape, signal: Float32Array, { start, end }: Place): Float32Array {
  const { block } = shape;
  const first = Math.floor(start / block) * block;
  // A block earlier for what lies before, half a block later because the shape is half a block late.
  let next = first - block / 2;
  const filtered = convolved(shape, end - first, (into) => {
    const from = Math.max(0, next);
    const part = signal.subarray(from, Math.max(from, next + block));
    into.fill(0);
    into.set(part, from - next);
    next += block;
  });
  return new Float32Array(filtered.subarray(start - first));
}
