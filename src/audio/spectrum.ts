// Loudness and spectrum of a signal: RMS in dBFS, Welch's power spectrum, its slope in dB per octave.

import FFT from 'fft.js';
import { counted } from '../counted.js';

/** Sound of a lower RMS counts as silent: it is smaller than one step of 16-bit PCM. */
export const SILENCE_DBFS = -90;

/** Root mean square over all channels, samples [start, end) of each. NaN when there is no sample. */
export function rms(
  channels: readonly Float32Array[],
  { start = 0, end = channels[0]?.length ?? 0 }: { readonly start?: number; readonly end?: number } = {},
): number {
  let sum = 0;
  for (const channel of channels) {
    for (let i = start; i < end; i++) sum += channel[i] * channel[i];
  }
  return Math.sqrt(sum / ((end - start) * channels.length));
}

/** RMS in dBFS: 20 log10 of the RMS at full scale 1 (a full-scale square wave is 0, a sine -3.01); -Infinity for zeros. */
export function rmsDbfs(
  channels: readonly Float32Array[],
  range: { readonly start?: number; readonly end?: number } = {},
): number {
  return 20 * Math.log10(rms(channels, range));
}

/** One-sided power spectral density. */
export interface Spectrum {
  /** [N/2 + 1] Hz. */
  readonly frequencies: Float64Array;
  /** [N/2 + 1] power per Hz (full scale squared / Hz); sums, times the bin width, to the signal's power. */
  readonly density: Float64Array;
}

/**
 * Welch (1967): mean of the periodograms of half-overlapping Hann-windowed segments, no detrending.
 * `segment` is N, a power of two; the signal must hold at least one.
 */
export function powerSpectrum(
  signal: Float32Array,
  sampleRate: number,
  { segment = 4096 }: { readonly segment?: number } = {},
): Spectrum {
  if (signal.length < segment) {
    throw new Error(
      `spectrum: ${counted(signal.length, 'sample')}, expected at least one segment of ${segment}`,
    );
  }
  const fft = new FFT(segment);
  const window = Float64Array.from(
    { length: segment },
    (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / segment),
  );
  const power = window.reduce((sum, w) => sum + w * w, 0);
  const half = segment / 2;
  const density = new Float64Array(half + 1);
  const input = new Float64Array(segment);
  const output = new Float64Array(2 * segment);
  let segments = 0;
  for (let start = 0; start + segment <= signal.length; start += half) {
    for (let i = 0; i < segment; i++) input[i] = window[i] * signal[start + i];
    fft.realTransform(output, input);
    for (let k = 0; k <= half; k++) density[k] += output[2 * k] ** 2 + output[2 * k + 1] ** 2;
    segments++;
  }
  for (let k = 0; k <= half; k++) {
    const sides = k === 0 || k === half ? 1 : 2;
    density[k] *= sides / (segments * power * sampleRate);
  }
  const frequencies = Float64Array.from(density, (_, k) => (k * sampleRate) / segment);
  return { frequencies, density };
}

/** Least-squares slope of 10 log10(density) over log2(frequency), in dB per octave, bins in [from, to] Hz. */
export function slopeDbPerOctave(
  { frequencies, density }: Spectrum,
  { from, to }: { readonly from: number; readonly to: number },
): number {
  let count = 0;
  let sumX = 0;
  let sumY = 0;
  let sumXX = 0;
  let sumXY = 0;
  frequencies.forEach((frequency, k) => {
    if (frequency < from || frequency > to || frequency === 0) return;
    const x = Math.log2(frequency);
    const y = 10 * Math.log10(density[k]);
    count++;
    sumX += x;
    sumY += y;
    sumXX += x * x;
    sumXY += x * y;
  });
  return (count * sumXY - sumX * sumY) / (count * sumXX - sumX * sumX);
}
