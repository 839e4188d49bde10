// Makes the bundled clips, 15 s each (480000 samples, 32 kHz, mono, 16 bit), as FLAC: the six of the demo with
// clips.json, and twelve more for the demo study, a folder a group with metadata.jsonl.
//
//   npx tsx tools/tiny/clips.ts --audio SCRATCH/audio --out demo --study studies/demo
//
// Held-out and training clips are exact crops of the rendered corpus. The out-of-style clips are synthesised
// here, with neither the composer nor the SoundFont: inharmonic bells, and plucked strings in 17 equal steps
// an octave. Needs the `flac` command.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { random } from './random.js';
import { encodeWav } from './wav.js';

const RATE = 32000; // Hz
const SAMPLES = 15 * RATE;
const LOUDNESS = -20; // dBFS RMS of the synthesised clips

interface Clip {
  readonly file: string;
  readonly group: 'heldout' | 'training' | 'ood';
  readonly title: string;
  readonly what: string;
}

/** `piece` and `start` (seconds) of the corpus crops. */
const CROPS: readonly (Clip & { readonly piece: string; readonly start: number })[] = JSON.parse(
  readFileSync(new URL('crops.json', import.meta.url), 'utf8'),
);

const readSamples = (path: string): Float32Array => {
  const bytes = readFileSync(path);
  const pcm = new Int16Array(bytes.buffer.slice(bytes.byteOffset + 44, bytes.byteOffset + bytes.length));
  return Float32Array.from(pcm, (value) => value / 32768);
};

const normalised = (signal: Float32Array): Float32Array => {
  const rms = Math.sqrt(signal.reduce((sum, value) => sum + value * value, 0) / signal.length);
  const peak = signal.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  const gain = Math.min(10 ** (LOUDNESS / 20) / rms, 0.95 / peak);
  return signal.map((value) => value * gain);
};

/** Atonal bells in free metre: strokes of 5 to 9 inharmonic partials at random times, and some FM tones. */
const bells = (name: string): Float32Array => {
  const rng = random(name);
  const signal = new Float32Array(SAMPLES);
  let time = 0.1;
  while (time < 14.6) {
    const base = 130 * 2 ** rng.range(0, 3.6);
    const strength = 0.3 + 0.7 * rng.next();
    const first = Math.floor(time * RATE);
    const decay = rng.range(0.4, 3.5) * (400 / base) ** 0.3;
    if (rng.chance(0.35)) {
      const ratio = rng.range(0.5, 4.1),
        depth = rng.range(1, 6);
      for (let i = first; i < SAMPLES; i++) {
        const t = (i - first) / RATE;
        const envelope = Math.min(1, t / 0.01) * Math.exp(-t / decay);
        const modulation = depth * Math.exp((-2 * t) / decay) * Math.sin(2 * Math.PI * base * ratio * t);
        signal[i] =
          (signal[i] ?? 0) + 0.7 * strength * envelope * Math.sin(2 * Math.PI * base * t + modulation);
      }
    } else {
      let ratio = 1;
      for (let partial = rng.int(5, 9); partial > 0; partial--) {
        const fade = decay / (0.5 + 0.5 * ratio),
          level = (strength * rng.range(0.3, 1)) / ratio ** 0.6;
        const phase = rng.range(0, 2 * Math.PI);
        for (let i = first; i < SAMPLES && base * ratio < 15000; i++) {
          const t = (i - first) / RATE;
          const envelope = Math.min(1, t / 0.002) * Math.exp(-t / fade);
          signal[i] = (signal[i] ?? 0) + level * envelope * Math.sin(2 * Math.PI * base * ratio * t + phase);
        }
        ratio *= rng.range(1.17, 1.83);
      }
    }
    time += rng.chance(0.3) ? rng.range(0.04, 0.15) : rng.range(0.2, 1.6);
  }
  return signal;
};

/** Karplus-Strong strings, 17 equal steps an octave, flexible tempo; at times a glissando of quick plucks. */
const plucked = (name: string): Float32Array => {
  const rng = random(name);
  const signal = new Float32Array(SAMPLES);
  let time = 0.05,
    step = 17;
  while (time < 14.8) {
    const run = rng.chance(0.15) ? rng.int(4, 9) : 1;
    const direction = rng.pick([-1, 1, 2, -3]);
    for (let note = 0; note < run; note++) {
      step = Math.max(0, Math.min(51, step + (run > 1 ? direction : rng.int(-6, 6))));
      const period = RATE / (82.4 * 2 ** (step / 17));
      const length = Math.floor(period);
      const fraction = period - length;
      const line = Float32Array.from({ length: length + 1 }, () => rng.range(-1, 1));
      const damping = rng.range(0.985, 0.999),
        bright = rng.range(0.3, 0.7),
        level = rng.range(0.4, 1);
      const first = Math.floor((time + note * 0.07) * RATE);
      let previous = 0;
      for (let i = first, at = 0; i < SAMPLES; i++, at = (at + 1) % (length + 1)) {
        // Read the delay line `period` samples back (linear interpolation), average, write.
        const delayed = (1 - fraction) * (line[(at + 1) % (length + 1)] ?? 0) + fraction * (line[at] ?? 0);
        const value = damping * (bright * delayed + (1 - bright) * previous);
        previous = delayed;
        line[at] = value;
        signal[i] = (signal[i] ?? 0) + level * value;
      }
    }
    time += run * 0.07 + rng.pick([0.13, 0.21, 0.34, 0.55]) * rng.range(0.8, 1.3);
  }
  return signal;
};

const SYNTHESISED: readonly (Clip & { readonly make: () => Float32Array })[] = [
  {
    file: 'ood-atonal-bells.flac',
    group: 'ood',
    title: 'Atonal bells',
    make: () => bells('demo/bells'),
    what:
      'Inharmonic additive bells and FM tones in free metre, synthesised by tools/tiny/clips.ts; not made ' +
      'with the composer or the SoundFont of the training corpus.',
  },
  {
    file: 'ood-microtonal-strings.flac',
    group: 'ood',
    title: 'Microtonal plucked strings',
    make: () => plucked('demo/plucked'),
    what:
      'Karplus-Strong strings in 17 equal steps an octave, flexible tempo, synthesised by ' +
      'tools/tiny/clips.ts; not made with the composer or the SoundFont of the training corpus.',
  },
];

/** More of both for the study. */
const MORE = [2, 3, 4].flatMap((n) => [
  { file: `atonal-bells-${n}.flac`, title: `Atonal bells ${n}`, make: () => bells(`study/bells/${n}`) },
  {
    file: `microtonal-strings-${n}.flac`,
    title: `Microtonal plucked strings ${n}`,
    make: () => plucked(`study/plucked/${n}`),
  },
]);

/** Pieces the model was trained on, for the study; the demo has house-011 and jazz-015. */
const TRAINED: readonly { readonly piece: string; readonly title: string }[] = [
  { piece: 'ambient-012', title: 'Ambient (trained on)' },
  { piece: 'folk-013', title: 'Folk (trained on)' },
  { piece: 'funk-014', title: 'Funk (trained on)' },
  { piece: 'piano-016', title: 'Piano (trained on)' },
  { piece: 'rock-017', title: 'Rock (trained on)' },
  { piece: 'strings-018', title: 'Strings (trained on)' },
];

const { values } = parseArgs({
  options: { audio: { type: 'string' }, out: { type: 'string' }, study: { type: 'string' } },
});
const { audio, out, study } = values;
if (audio === undefined || out === undefined || study === undefined)
  throw new Error('clips: expected --audio FOLDER, --out FOLDER and --study FOLDER');

const writeFlac = (folder: string, file: string, signal: Float32Array): void => {
  if (signal.length !== SAMPLES)
    throw new Error(`${file}: expected ${SAMPLES} samples, got ${signal.length}`);
  mkdirSync(folder, { recursive: true });
  const wav = join(folder, `${file}.wav`);
  writeFileSync(wav, encodeWav(signal, RATE));
  execFileSync('flac', ['--silent', '--best', '--force', '--output-name', join(folder, file), wav]);
  rmSync(wav);
};

const crop = (piece: string, start: number): Float32Array =>
  readSamples(join(audio, `${piece}.wav`)).subarray(start * RATE, start * RATE + SAMPLES);

const clips: Clip[] = [];
for (const { piece, start, ...clip } of CROPS) {
  writeFlac(out, clip.file, crop(piece, start));
  clips.push({
    ...clip,
    what: `${clip.what} Seconds ${start} to ${start + 15} of piece ${piece}, sample for sample.`,
  });
}
for (const { make, ...clip } of SYNTHESISED) {
  writeFlac(out, clip.file, normalised(make()));
  clips.push(clip);
}
writeFileSync(join(out, 'clips.json'), `${JSON.stringify(clips, null, 2)}\n`);

const writeGroup = (
  group: string,
  members: readonly { readonly file: string; readonly title: string; readonly make: () => Float32Array }[],
): void => {
  for (const { file, make } of members) writeFlac(join(study, group), file, make());
  const rows = members.map(({ file, title }) => `${JSON.stringify({ file_name: file, title })}\n`);
  writeFileSync(join(study, group, 'metadata.jsonl'), rows.join(''));
};
const trained = TRAINED.map(({ piece, title }) => ({
  file: `${piece}.flac`,
  title,
  make: () => crop(piece, 0),
}));
writeGroup('TrainingSet', trained);
writeGroup(
  'OOD',
  MORE.map(({ make, ...member }) => ({ ...member, make: () => normalised(make()) })),
);
