// The melody of a sound as MusicGen Melody reads it: per frame, the pitch class with the most energy (Copet et al. 2023,
// arXiv 2306.05284, section 2.3). Facts: Hugging Face's MusicgenMelodyFeatureExtractor, without the separation of
// drums and bass (Demucs) that audiocraft does first; the filter bank is librosa's (Ellis, "Chroma feature analysis
// and synthesis", 2007). Centred frames, reflected at both ends, Hann, power normalised by the window's energy.

import FFT from 'fft.js';

/** Samples per second that the analysis is defined for. */
export const CHROMA_RATE = 32_000;
/** C, C sharp, ... B. */
const CLASSES = 12;
const WINDOW = 16_384;
const HOP = 4096;
const BINS = WINDOW / 2 + 1;
/** Frequencies count by a Gaussian around this octave above 27.5 Hz, in octaves: 880 Hz, two octaves wide. */
const CENTER_OCTAVE = 5;
const OCTAVES_WIDE = 2;

/** Samples that the first so many frames are computed from, wherever the sound ends. */
export function samplesOfChroma(frames: number): number {
  return (frames - 1) * HOP + WINDOW / 2;
}

export interface Chroma {
  readonly frames: number;
  /** [frames, 12] row-major from C: energy, in squares of full scale. */
  readonly energies: Float32Array;
  /** [frames] the loudest pitch class, 0..11; 0 for silence. */
  readonly classes: Int32Array;
}

/** Chroma of mono samples at CHROMA_RATE, a frame every 4096 samples: floor(samples / 4096) + 1, from 4 on. */
export function chromaOf(samples: Float32Array): Chroma {
  if (samples.length === 0) throw new Error('chroma: no samples');
  const signal = reflected(atLeastOneWindow(samples));
  const frames = Math.floor((signal.length - WINDOW) / HOP) + 1;
  const window = Float64Array.from(
    { length: WINDOW },
    (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / WINDOW),
  );
  const windowEnergy = window.reduce((sum, weight) => sum + weight * weight, 0);
  const fft = new FFT(WINDOW);
  const filters = filterBank();
  const energies = new Float32Array(frames * CLASSES);
  const classes = new Int32Array(frames);
  const spectrum = fft.createComplexArray();
  for (let frame = 0; frame < frames; frame++) {
    const windowed = window.map((weight, i) => weight * signal[frame * HOP + i]);
    fft.realTransform(spectrum, windowed);
    for (let c = 0; c < CLASSES; c++) {
      let energy = 0;
      for (let bin = 0; bin < BINS; bin++) {
        const power = spectrum[2 * bin] ** 2 + spectrum[2 * bin + 1] ** 2;
        energy += filters[c * BINS + bin] * power;
      }
      energies[frame * CLASSES + c] = energy / windowEnergy;
    }
    const row = energies.subarray(frame * CLASSES, (frame + 1) * CLASSES);
    classes[frame] = row.indexOf(Math.max(...row));
  }
  return { frames, energies, classes };
}

/** Zeros around a signal shorter than a window, one more after it than before where they are odd. */
function atLeastOneWindow(samples: Float32Array): Float32Array {
  if (samples.length >= WINDOW) return samples;
  const longer = new Float32Array(WINDOW);
  longer.set(samples, Math.floor((WINDOW - samples.length) / 2));
  return longer;
}

/** Half a window more on either side, mirrored at the first and the last sample. */
function reflected(samples: Float32Array): Float32Array {
  const half = WINDOW / 2;
  const last = samples.length - 1;
  return Float32Array.from({ length: samples.length + WINDOW }, (_, i) => {
    const at = Math.abs(i - half);
    return samples[at > last ? 2 * last - at : at];
  });
}

/**
 * [12, BINS]: how much each frequency counts for each pitch class. Gaussian in the distance on the circle of pitch
 * classes, half a semitone wide or (in the bass, where bins are further apart) half a bin; every bin's squares sum
 * to 1 over the classes before they are weighed by octave.
 */
function filterBank(): Float32Array {
  const filters = new Float32Array(CLASSES * BINS);
  // In semitones above 27.5 Hz, an A; the bin at 0 Hz is taken to be 1.5 octaves below the first.
  const semitones = (bin: number): number =>
    bin === 0 ? semitones(1) - 1.5 * CLASSES : CLASSES * Math.log2((bin * CHROMA_RATE) / WINDOW / 27.5);
  for (let bin = 0; bin < BINS; bin++) {
    const pitch = semitones(bin);
    const width = Math.max(semitones(bin + 1) - pitch, 1);
    const bumps = Array.from({ length: CLASSES }, (_, c) => {
      // Class 0 is C, three semitones above A.
      const above = pitch - c - 3;
      const distance = above - CLASSES * Math.round(above / CLASSES);
      return Math.exp(-0.5 * ((2 * distance) / width) ** 2);
    });
    const norm = Math.hypot(...bumps);
    const octave = Math.exp(-0.5 * ((pitch / CLASSES - CENTER_OCTAVE) / OCTAVES_WIDE) ** 2);
    bumps.forEach((bump, c) => {
      filters[c * BINS + bin] = (bump / norm) * octave;
    });
  }
  return filters;
}
