// A spectrogram to look at: power of short pieces of a sound, in dB. No number of a measurement comes from here.

import FFT from 'fft.js';

export interface Spectrogram {
  /** Pieces of the sound, evenly spread over it from its first to its last sample. */
  readonly columns: number;
  /** Frequencies, from 0 to half the sample rate. */
  readonly rows: number;
  /** [columns, rows] dB, 0 for a sine at full scale; at least `floor`. */
  readonly values: Float32Array;
}

export interface SpectrogramOptions {
  readonly columns: number;
  /** N of the Fourier transform, a power of two; rows are N / 2. */
  readonly size?: number;
  /** dB; quieter values are shown as this one. */
  readonly floor?: number;
}

/** Hann-windowed pieces of N samples, centred in their columns; beyond the ends of the sound is silence. */
export function spectrogramOf(samples: Float32Array, options: SpectrogramOptions): Spectrogram {
  const { rows, column } = spectrogramColumns(samples, options);
  const values = new Float32Array(options.columns * rows);
  for (let i = 0; i < options.columns; i++) column(i, values.subarray(i * rows, (i + 1) * rows));
  return { columns: options.columns, rows, values };
}

/** The same column by column, for a page that must not stand still meanwhile: writes [rows] dB of one. */
export function spectrogramColumns(
  samples: Float32Array,
  { columns, size = 1024, floor = -100 }: SpectrogramOptions,
): { readonly rows: number; column(i: number, into: Float32Array): void } {
  const fft = new FFT(size);
  const rows = size / 2;
  const hann = Float64Array.from({ length: size }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / size));
  // A sine of amplitude 1 gives a peak of N / 4 under this window.
  const full = (size / 4) ** 2;
  const least = 10 ** (floor / 10);
  const input = new Float64Array(size);
  const output = new Float64Array(2 * size);
  return {
    rows,
    column(at, into) {
      const start = Math.round(((at + 0.5) * samples.length) / columns - size / 2);
      for (let i = 0; i < size; i++) input[i] = hann[i] * (samples[start + i] ?? 0);
      fft.realTransform(output, input);
      for (let row = 0; row < rows; row++) {
        const power = (output[2 * row] ** 2 + output[2 * row + 1] ** 2) / full;
        into[row] = 10 * Math.log10(Math.max(least, power));
      }
    },
  };
}
