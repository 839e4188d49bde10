// Score + SoundFont -> Clip, by spessasynth_core. Rendered from the first note on, so that what sounds at an excerpt's
// start sounds as it should, at the rate SoundFonts are recorded at, and resampled as any file is: a sampler that plays
// at a codec's lower rate folds its treble back.
// Notes begin and end, and messages take effect, on a fixed grid, so that an edit does not move the grid of the notes
// that it leaves alone: all sound before an edit's window is the same to the bit.

import { type BasicSoundBank, SoundBankLoader, SpessaLog, SpessaSynthProcessor } from 'spessasynth_core';
import { type Clip, cut } from '../audio/clip.js';
import { type ClipFormat, conform } from '../audio/resample.js';
import { eventsOf, META, type Score } from './score.js';
import { tempoMap } from './tempo.js';

/** Recorded with results. Any change to what is heard changes this name. */
export const RENDERER = 'spessasynth 4.3.22 44100 Hz grid 64 gain 3 v1';

const RATE = 44_100;
/** Samples between two looks at the score: 1.5 ms. */
const GRID = 64;
/** Of the synthesizer's own level: solo piano comes to about -22 dBFS RMS, as recordings are, not to -32. */
const GAIN = 3;
/** Seconds after the last note in which it may die away; a piece lasts that much longer than its notes. */
const RELEASE = 1;
/** Seconds rendered beyond an excerpt, so that the resampler does not meet silence there. */
const BEYOND = 0.05;
/** Seconds that are rendered at most: two hours are 2.5 GB. */
const LONGEST = 7200;

/** A SoundFont ready to play. */
export type SoundFont = BasicSoundBank;

export interface RenderOptions {
  readonly format: ClipFormat;
  /** Seconds of the score where the clip begins; default 0. */
  readonly offset?: number;
  /** Seconds; default: to a second after the last note. */
  readonly length?: number;
}

/** Reads .sf2, .sf3 or .dls. Takes the bytes over. @throws one line naming the file when it is none, or damaged. */
export function readSoundFont(bytes: Uint8Array, name: string): SoundFont {
  // It writes to the console otherwise.
  SpessaLog.setLogLevel(false, false, false);
  const whole = bytes.byteOffset === 0 && bytes.byteLength === bytes.buffer.byteLength;
  const { buffer } = whole ? bytes : bytes.slice();
  let font: SoundFont;
  try {
    font = SoundBankLoader.fromArrayBuffer(buffer as ArrayBuffer);
  } catch (error) {
    const why = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new Error(`${name}: no SoundFont that can be read (${why}); expected .sf2, .sf3 or .dls`);
  }
  if (font.presets.length === 0) throw new Error(`${name}: a SoundFont without instruments; damaged?`);
  return font;
}

/** Seconds that a score lasts, with the release of its last note. */
export function secondsOf(score: Score): number {
  return tempoMap(score).secondsAt(score.end) + RELEASE;
}

/**
 * The sound of a score, round(length x rate) samples from round(offset x rate) on; peaks may exceed full scale.
 * The same bits on every run.
 * @throws when the piece ends before the excerpt does, or it is longer than two hours.
 */
export async function renderScore(
  score: Score,
  font: SoundFont,
  { format, offset = 0, length }: RenderOptions,
): Promise<Clip> {
  const lasting = secondsOf(score);
  const until = length === undefined ? lasting : Math.min(lasting, offset + length);
  if (until > LONGEST) {
    throw new Error(
      `${score.name}: ${until.toFixed(0)} s to render, at most ${LONGEST} s are; take an earlier excerpt`,
    );
  }
  const samples = Math.ceil((until + BEYOND) * RATE);
  const clip: Clip = { name: score.name, sampleRate: RATE, channels: await play(score, font, samples) };
  return cut(cut(conform(clip, format), { length: until }), { offset, length });
}

/** Left and right, from the start of the score. */
async function play(score: Score, font: SoundFont, samples: number): Promise<Float32Array[]> {
  const synth = new SpessaSynthProcessor(RATE, { eventsEnabled: false, maxBufferSize: GRID });
  synth.soundBankManager.addSoundBank(font, 'main');
  await synth.processorInitialized;
  // Never steal a voice: which one goes would depend on all that sounds.
  synth.setSystemParameter('autoAllocateVoices', true);
  synth.setSystemParameter('gain', GAIN);

  const map = tempoMap(score);
  const events = eventsOf(score).filter(({ bytes }) => bytes[0] !== META && bytes[0] !== 0xf7);
  const blockOf = (tick: number) => Math.round((map.secondsAt(tick) * RATE) / GRID);
  const left = new Float32Array(samples);
  const right = new Float32Array(samples);
  let next = 0;
  for (let block = 0; block * GRID < samples; block++) {
    for (; next < events.length && blockOf(events[next].tick) <= block; next++) {
      synth.processMessage(events[next].bytes);
    }
    synth.process(left, right, block * GRID, Math.min(GRID, samples - block * GRID));
  }
  return [left, right];
}
