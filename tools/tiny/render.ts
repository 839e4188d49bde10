// Renders the corpus of `tiny`: every piece of catalogue.ts to 32 kHz mono 16-bit WAV, plus index.jsonl with
// what was made.
//
//   npx tsx tools/tiny/render.ts --soundfont FluidR3_GM.sf2 --out SCRATCH/audio [--loops 100] [--songs 125]
//     [--part 0/1]
//
// Pieces are made index by index over all styles, so that a run that was stopped has seen every style.
// Existing files are kept. --part i/n renders every n-th piece, for n processes.
import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { SoundBankLoader, SpessaSynthProcessor } from 'spessasynth_core';
import { catalogue } from './catalogue.js';
import type { NoiseLayer, Piece } from './compose.js';
import { random } from './random.js';
import { encodeWav } from './wav.js';

const SAMPLE_RATE = 32000;
const BLOCK = 128; // samples between event checks: 4 ms
type SoundBank = ReturnType<typeof SoundBankLoader.fromArrayBuffer>;

const rms = (signal: Float32Array): number =>
  Math.sqrt(signal.reduce((sum, value) => sum + value * value, 0) / Math.max(1, signal.length));

/** Plays the notes of a piece; mean of the two channels, [seconds * SAMPLE_RATE]. */
export const playNotes = async (piece: Piece, bank: SoundBank): Promise<Float32Array> => {
  const synth = new SpessaSynthProcessor(SAMPLE_RATE, { eventsEnabled: false, maxBufferSize: BLOCK });
  synth.soundBankManager.addSoundBank(bank, 'main');
  await synth.processorInitialized;
  synth.setSystemParameter('autoAllocateVoices', true);
  for (const [channel, program] of piece.programs) synth.programChange(channel, program);

  const events = [
    ...piece.controls.map((c) => ({
      time: c.time,
      order: 0,
      run: () => {
        synth.processMessage([0xb0 | c.channel, c.controller, c.value]);
      },
    })),
    ...piece.notes.flatMap((n) => [
      {
        time: n.time + n.duration,
        order: 1,
        run: () => {
          synth.noteOff(n.channel, n.key);
        },
      },
      {
        time: n.time,
        order: 2,
        run: () => {
          synth.noteOn(n.channel, n.key, n.velocity);
        },
      },
    ]),
  ].sort((a, b) => a.time - b.time || a.order - b.order);

  const length = Math.round(piece.seconds * SAMPLE_RATE);
  const left = new Float32Array(length);
  const right = new Float32Array(length);
  let next = 0;
  for (let start = 0; start < length; start += BLOCK) {
    for (; next < events.length && (events[next]?.time ?? 0) * SAMPLE_RATE <= start; next++)
      events[next]?.run();
    synth.process(left, right, start, Math.min(BLOCK, length - start));
  }
  return left.map((value, i) => (value + (right[i] ?? 0)) / 2);
};

/** Adds a noise layer to `signal` in place; `musicRms` is the level that `layer.level` refers to. */
const addNoise = (signal: Float32Array, layer: NoiseLayer, musicRms: number, name: string): void => {
  const rng = random(`${name}/${layer.kind}/${layer.start.toFixed(3)}`);
  const first = Math.max(0, Math.round(layer.start * SAMPLE_RATE));
  const last = Math.min(signal.length, Math.round((layer.start + layer.duration) * SAMPLE_RATE));
  const noise = new Float32Array(Math.max(0, last - first));
  const impulses = rng.range(4, 20) / SAMPLE_RATE; // crackle: per sample
  const colour = rng.range(0.2, 0.8); // hiss: one-pole low-pass
  let state = 0,
    band = 0,
    low = 0;
  for (let i = 0; i < noise.length; i++) {
    const progress = i / noise.length;
    if (layer.kind === 'crackle') {
      state = state * 0.7 + (rng.chance(impulses) ? rng.normal() : 0);
      noise[i] = state;
    } else if (layer.kind === 'hiss') {
      state += colour * (rng.normal() - state);
      noise[i] = state;
    } else {
      // Riser: state-variable band-pass whose centre climbs from 200 Hz to 6.4 kHz while it grows.
      const frequency = 2 * Math.sin((Math.PI * 200 * 32 ** progress) / SAMPLE_RATE);
      low += frequency * band;
      band += frequency * (rng.normal() - low - 0.7 * band);
      noise[i] = band * progress * progress;
    }
  }
  const tail = layer.kind === 'riser' ? noise.subarray(Math.floor(noise.length * 0.8)) : noise;
  const gain = (musicRms * 10 ** (layer.level / 20)) / Math.max(1e-9, rms(tail));
  for (let i = 0; i < noise.length; i++)
    signal[first + i] = (signal[first + i] ?? 0) + gain * (noise[i] ?? 0);
};

/** The finished piece: notes, noise layers, loudness; peaks bend softly above 0.7 and stay below 1. */
export const render = async (piece: Piece, bank: SoundBank): Promise<Float32Array> => {
  const signal = await playNotes(piece, bank);
  const musicRms = rms(signal);
  if (!(musicRms > 1e-5)) throw new Error(`${piece.name}: rendered silence (RMS ${musicRms})`);
  for (const layer of piece.noise) addNoise(signal, layer, musicRms, piece.name);
  const gain = 10 ** (piece.loudness / 20) / rms(signal);
  return signal.map((value) => {
    const x = value * gain;
    const over = Math.abs(x) - 0.7;
    return over <= 0 ? x : Math.sign(x) * (0.7 + 0.28 * Math.tanh(over / 0.28));
  });
};

const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      soundfont: { type: 'string' },
      out: { type: 'string' },
      loops: { type: 'string', default: '100' },
      songs: { type: 'string', default: '125' },
      part: { type: 'string', default: '0/1' },
    },
  });
  if (values.soundfont === undefined || values.out === undefined) {
    throw new Error('render: expected --soundfont FILE.sf2 and --out FOLDER');
  }
  const [part = 0, parts = 1] = values.part.split('/').map(Number);
  const data = readFileSync(values.soundfont);
  const bank = SoundBankLoader.fromArrayBuffer(
    data.buffer.slice(data.byteOffset, data.byteOffset + data.length),
  );
  mkdirSync(values.out, { recursive: true });
  const entries = catalogue({ loops: Number(values.loops), songs: Number(values.songs) });
  for (const [i, { name, make }] of entries.entries()) {
    const path = join(values.out, `${name}.wav`);
    if (i % parts !== part || existsSync(path)) continue;
    const piece = make();
    const signal = await render(piece, bank);
    writeFileSync(`${path}.part`, encodeWav(signal, SAMPLE_RATE));
    renameSync(`${path}.part`, path);
    const { style, tempo, form, noise, loudness } = piece;
    const line = {
      name,
      style,
      tempo,
      form,
      notes: piece.notes.length,
      programs: [...piece.programs],
      noise,
      loudness,
    };
    appendFileSync(join(values.out, 'index.jsonl'), `${JSON.stringify(line)}\n`);
  }
  console.log(`${new Date().toISOString()} part ${values.part} done`);
};

if (process.argv[1]?.endsWith('render.ts')) await main();
