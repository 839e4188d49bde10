// Time stretch by a phase vocoder with identity phase locking (Laroche and Dolson, "Improved phase vocoder time-scale
// modification of audio", IEEE Trans. Speech and Audio Processing 7, 1999). Synthesis frames lie a quarter of a frame
// apart; for each, the sound is analysed at its place and exactly one synthesis hop before it, so that a peak's phase
// goes on by what it really turned in a hop: no frequency is estimated and any factor is exact. All bins around a peak
// turn with it, in all channels alike. Attacks are smeared over a frame, as in any vocoder without transient detection.

import FFT from 'fft.js';
import type { Place } from './terms.js';

/** Length of a frame, seconds; rounded to a power of two samples (2048 at 32 kHz). */
const FRAME_S = 0.064;
/** Synthesis hops in a frame. */
const HOPS = 4;
/** A peak is higher than so many bins on either side. */
const NEIGHBOURS = 2;

/**
 * Samples [-margin, round(factor x length) + margin) of the stretched sound, where 0 is the sound at `start`. It is made of
 * what the signal has around the window too; before and after the signal there is silence.
 */
export function stretchedPart(
  channels: readonly Float32Array[],
  { start, end }: Place,
  { factor, sampleRate, margin = 0 }: { factor: number; sampleRate: number; margin?: number },
): Float64Array[] {
  const size = 2 ** Math.round(Math.log2(FRAME_S * sampleRate));
  const hop = size / HOPS;
  const length = Math.round(factor * (end - start)) + 2 * margin;
  const frame = analyser(size);
  const turn = phaseLock(size);
  const sums = channels.map(() => new Float64Array(length));
  const weights = new Float64Array(length);
  const { window, inverse } = frame;
  // Two take turns as this frame's and the last one's: new ones for each frame would be most of what a version allocates.
  const rows = (): Float64Array[] => channels.map(() => new Float64Array(2 * size));
  const before = rows();
  let [spectra, last] = [rows(), rows()];
  const first = Math.floor((-margin - size / 2) / hop);
  for (let u = first; u * hop - size / 2 < length - margin; u++) {
    const at = start + Math.round((u * hop) / factor);
    [spectra, last] = [last, spectra];
    for (const [c, channel] of channels.entries()) frame.spectrum(spectra[c], channel, at);
    if (u > first) {
      for (const [c, channel] of channels.entries()) frame.spectrum(before[c], channel, at - hop);
      turn(spectra, { before, last });
    }
    const from = u * hop - size / 2 + margin;
    spectra.forEach((spectrum, c) => {
      const sound = inverse(spectrum);
      const sum = sums[c];
      for (let i = Math.max(0, -from); i < Math.min(size, length - from); i++) {
        sum[from + i] += window[i] * sound[2 * i];
      }
    });
    for (let i = Math.max(0, -from); i < Math.min(size, length - from); i++) {
      weights[from + i] += window[i] * window[i];
    }
  }
  for (const sum of sums) for (let i = 0; i < length; i++) sum[i] /= weights[i];
  return sums;
}

/** Spectra of Hann-windowed frames around a sample, [size] complex, and the way back. */
function analyser(size: number) {
  const fft = new FFT(size);
  const window = Float64Array.from(
    { length: size },
    (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / size),
  );
  const input = new Float64Array(size);
  const sound = new Float64Array(2 * size);
  return {
    window,
    /** Into `spectrum`, [size] complex. */
    spectrum(spectrum: Float64Array, signal: Float32Array, center: number): void {
      const from = center - size / 2;
      const first = Math.max(0, -from);
      const end = Math.max(first, Math.min(size, signal.length - from));
      input.fill(0, 0, first);
      for (let i = first; i < end; i++) input[i] = window[i] * signal[from + i];
      input.fill(0, end);
      fft.realTransform(spectrum, input);
      fft.completeSpectrum(spectrum);
    },
    /** Overwritten by the next call. */
    inverse(spectrum: Float64Array): Float64Array {
      fft.inverseTransform(sound, spectrum);
      return sound;
    },
  };
}

/** Turns spectra in place: each peak by the angle that leads from the analysis a hop before to the last synthesis. */
function phaseLock(size: number) {
  const half = size / 2;
  const power = new Float64Array(half + 1);
  return (
    spectra: readonly Float64Array[],
    { before, last }: { before: readonly Float64Array[]; last: readonly Float64Array[] },
  ): void => {
    power.fill(0);
    for (const x of spectra) {
      for (let k = 0; k <= half; k++) power[k] += x[2 * k] * x[2 * k] + x[2 * k + 1] * x[2 * k + 1];
    }
    const peaks = peaksOf(power);
    peaks.forEach((peak, i) => {
      // The sum over channels of last x conj(before): the louder a channel, the more it says.
      let re = 0;
      let im = 0;
      for (const [c, y] of last.entries()) {
        const x = before[c];
        re += y[2 * peak] * x[2 * peak] + y[2 * peak + 1] * x[2 * peak + 1];
        im += y[2 * peak + 1] * x[2 * peak] - y[2 * peak] * x[2 * peak + 1];
      }
      const magnitude = Math.sqrt(re * re + im * im);
      if (magnitude === 0) return;
      const from = i === 0 ? 0 : Math.floor((peaks[i - 1] + peak) / 2) + 1;
      const to = i === peaks.length - 1 ? half : Math.floor((peak + peaks[i + 1]) / 2);
      for (const x of spectra) turnBins(x, { from, to, re: re / magnitude, im: im / magnitude });
    });
    for (const x of spectra) mirror(x, half);
  };
}

function peaksOf(power: Float64Array): number[] {
  const peaks: number[] = [];
  const { length } = power;
  for (let k = 0; k < length; k++) {
    const own = power[k];
    let highest = own > 0;
    for (let d = 1; highest && d <= NEIGHBOURS; d++) {
      highest = (k < d || own > power[k - d]) && (k + d >= length || own >= power[k + d]);
    }
    if (highest) peaks.push(k);
  }
  return peaks;
}

function turnBins(
  x: Float64Array,
  { from, to, re, im }: { from: number; to: number; re: number; im: number },
): void {
  for (let k = from; k <= to; k++) {
    const a = x[2 * k];
    const b = x[2 * k + 1];
    x[2 * k] = a * re - b * im;
    x[2 * k + 1] = a * im + b * re;
  }
}

/** The upper half as the conjugate of the lower: a real sound. */
function mirror(x: Float64Array, half: number): void {
  x[1] = 0;
  x[2 * half + 1] = 0;
  for (let k = 1; k < half; k++) {
    x[2 * (2 * half - k)] = x[2 * k];
    x[2 * (2 * half - k) + 1] = -x[2 * k + 1];
  }
}
