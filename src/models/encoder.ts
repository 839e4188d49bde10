// EnCodec's encoder at work: sound -> codes, in blocks of frames at fixed places. A block's features are a function of
// the samples of its window, its codes one of the sequence around it, and the LSTM's state goes from block to block;
// whatever is computed is computed in these shapes. So a version of a sound gives, to the bit, the codes of an encode
// from the start when only the blocks that differ are run again, and memory does not grow with the sound.
//
// Versions go through the LSTM side by side: its time is that of reading its weights. Each row of a run has the bits
// it has alone (onnxruntime sums a row's products in one order, however many rows there are); a test holds that.

import type { Codes } from '../audio/codes.js';
import {
  apart,
  type Block,
  blocksOf,
  equal,
  joined,
  type Margin,
  type Span,
  sideBySide,
  widened,
} from './blocks.js';
import type { CodecConfig } from './config.js';
import { clockOf, shortFrames } from './encodec.js';
import { convolutionMargin, type EncoderGraphs, quantiserMargin, widthOf } from './encodec_encoder.js';
import type { ModelGraph, Session, Tensor } from './runtime.js';

/** Frames of a block: half a second. Shorter ones cost more in margins, longer ones more for a short disturbance. */
const BLOCK = 25;
/** Most sounds in one run of the LSTM: more gain nothing. */
const ROWS = 12;

/** One channel of sound to codes. */
export interface Encoder {
  /** [samples] -> codes [K, ceil(samples / hop)]. */
  encode(audio: Float32Array): Promise<Codes>;
  /** The same, keeping what versions can begin with. */
  keep(audio: Float32Array): Promise<KeptAudio>;
}

export interface KeptAudio {
  readonly codes: Codes;
  /** Codes of versions of as many samples; all frames of each before its `end` are what `encode` gives. */
  encode(versions: readonly AudioVersion[]): Promise<Codes[]>;
}

export interface AudioVersion {
  readonly audio: Float32Array;
  /** Frames from here on are not looked at and get the kept sound's codes. Default: all are. */
  readonly end?: number | undefined;
}

export interface EncoderParts {
  /** For sounds of so many frames. */
  readonly graphs: (frames: number) => EncoderGraphs;
  readonly open: (graph: ModelGraph) => Promise<Session>;
  /** K. */
  readonly codebooks: number;
  /** For errors. */
  readonly name: string;
}

export function encoderOf(config: CodecConfig, parts: EncoderParts): Encoder {
  const { hop } = clockOf(config);
  const { codebooks, open } = parts;
  const trackOf = (audio: Float32Array, base?: Track, end?: number): Track => {
    const frames = Math.ceil(audio.length / hop);
    const data = base ? base.codes.data.slice() : new Int32Array(codebooks * frames);
    return {
      audio,
      end: end ?? frames,
      features: new Map(),
      states: new Map(),
      sequence: new Map(),
      codes: { codebooks, frames, data },
    };
  };
  const passOf = (frames: number, base?: Track): Pass => ({
    open,
    codebooks,
    who: `${parts.name}: the encoder`,
    form: parts.graphs(frames),
    frames,
    blocks: blocksOf(frames, Math.max(BLOCK, shortFrames(config) + 1)),
    hop,
    width: widthOf(config),
    stateRows: 2 * config.num_lstm_layers,
    margins: { convolutions: convolutionMargin(config), quantiser: quantiserMargin(config) },
    base,
  });
  return {
    async encode(audio) {
      const track = trackOf(audio);
      await run(passOf(track.codes.frames), [track], { keep: false });
      return track.codes;
    },
    async keep(audio) {
      const base = trackOf(audio);
      await run(passOf(base.codes.frames), [base], { keep: true });
      return {
        codes: base.codes,
        async encode(versions) {
          const tracks = versions.map((version) => trackOf(version.audio, base, version.end));
          await run(passOf(base.codes.frames, base), tracks, { keep: false });
          return tracks.map(({ codes }) => codes);
        },
      };
    },
  };
}

/** A sound on its way through the encoder. What is known of it by block; what equals the base's is the base's own. */
interface Track {
  readonly audio: Float32Array;
  /** Frames from here on are not wanted. */
  readonly end: number;
  /** [frames, H]: what the convolutions made of each block. */
  readonly features: Map<number, Float32Array>;
  /** [2 layers, H]: the LSTM's state before each block. */
  readonly states: Map<number, Float32Array>;
  /** [frames, H]: what the LSTM made of it. */
  readonly sequence: Map<number, Float32Array>;
  readonly codes: Codes;
}

/** One way through the encoder for sounds of one length. */
interface Pass extends Pick<EncoderParts, 'open' | 'codebooks'> {
  /** For errors. */
  readonly who: string;
  readonly form: EncoderGraphs;
  readonly frames: number;
  readonly blocks: readonly Block[];
  readonly hop: number;
  /** H. */
  readonly width: number;
  readonly stateRows: number;
  readonly margins: { readonly convolutions: Margin; readonly quantiser: Margin };
  /** The sound that the tracks are versions of. */
  readonly base: Track | undefined;
}

/** Brings tracks through all blocks, side by side; to `keep`, nothing of them is forgotten. */
async function run(
  pass: Pass,
  tracks: readonly Track[],
  { keep }: { readonly keep: boolean },
): Promise<void> {
  const { blocks, margins } = pass;
  // The codes of a track's last frame take some frames of the sequence after it.
  const running = (block: Block) => tracks.filter(({ end }) => block.start < end + margins.quantiser.after);
  const convolveAll = (block: Block | undefined) =>
    Promise.all(block ? running(block).map((track) => convolve(pass, track, block)) : []);
  const quantiseAll = (block: Block | undefined) =>
    Promise.all(
      block ? tracks.filter(({ end }) => block.start < end).map((track) => quantise(pass, track, block)) : [],
    );
  await convolveAll(blocks[0]);
  for (const block of blocks) {
    const { index } = block;
    // The next block's convolutions and this one's LSTM do not wait for each other.
    await Promise.all([goOn(pass, running(block), block), convolveAll(blocks[index + 1])]);
    await quantiseAll(blocks[index - 1]);
    if (!keep) for (const track of tracks) forget(track, index);
  }
  await quantiseAll(blocks.at(-1));
}

/** The convolutions on one block of a track, unless its window sounds as the base's does. */
async function convolve(pass: Pass, track: Track, block: Block): Promise<void> {
  const { base, hop, width } = pass;
  const window = widened(block, pass.margins.convolutions, pass.frames);
  const audio = track.audio.subarray(window.start * hop, window.end * hop);
  const known = base?.features.get(block.index);
  if (known && base && equal(audio, base.audio.subarray(window.start * hop, window.end * hop))) {
    track.features.set(block.index, known);
    return;
  }
  const feeds = { audio: { type: 'float32', dims: [1, 1, audio.length], data: audio } as const };
  const { features } = await fetched(pass, pass.form.convolutions, feeds, ['features']);
  const rows = rowsIn(floatsOf(features, pass.who), window, block, width);
  track.features.set(block.index, rows.slice());
}

/** The LSTM on one block of all tracks that left the base's way, here or before. */
async function goOn(pass: Pass, tracks: readonly Track[], { index }: Block): Promise<void> {
  const { base, form, stateRows, width } = pass;
  const left: Track[] = [];
  for (const track of tracks) {
    const features = the(track.features, index);
    const isBase = !track.states.has(index) && features === base?.features.get(index);
    if (base && isBase) {
      track.sequence.set(index, the(base.sequence, index));
    } else if (!form.lstm) {
      track.sequence.set(index, features);
    } else {
      const state = track.states.get(index) ?? base?.states.get(index) ?? new Float32Array(stateRows * width);
      track.states.set(index, state);
      left.push(track);
    }
  }
  for (let i = 0; form.lstm && i < left.length; i += ROWS) {
    await recur(pass, form.lstm, left.slice(i, i + ROWS), index);
  }
}

/** The LSTM on one block of some tracks. */
async function recur(pass: Pass, lstm: ModelGraph, tracks: readonly Track[], index: number): Promise<void> {
  const { stateRows, width } = pass;
  const n = tracks.length;
  const rows = tracks.map((track) => the(track.features, index));
  const states = tracks.map((track) => the(track.states, index));
  const feeds = {
    features: { type: 'float32', dims: [rows[0].length / width, n, width], data: sideBySide(rows, width) },
    states: { type: 'float32', dims: [stateRows, n, width], data: sideBySide(states, width) },
  } as const;
  const { sequence, last } = await fetched(pass, lstm, feeds, ['sequence', 'last']);
  const sequences = apart(floatsOf(sequence, pass.who), n, width);
  const lasts = apart(floatsOf(last, pass.who), n, width);
  tracks.forEach((track, row) => {
    track.sequence.set(index, sequences[row]);
    track.states.set(index + 1, lasts[row]);
  });
}

/** The codes of one block of a track, unless the sequence around it is the base's. */
async function quantise(pass: Pass, track: Track, block: Block): Promise<void> {
  const { base, blocks, frames, width, codebooks } = pass;
  const window = widened(block, pass.margins.quantiser, frames);
  const near = blocks.filter(({ start, end }) => start < window.end && end > window.start);
  // After a track's end its sequence is not known; no wanted code is made of it.
  const rows = near.map(({ index }) => track.sequence.get(index) ?? the(base?.sequence, index));
  if (base && near.every(({ index }, i) => rows[i] === base.sequence.get(index))) return;
  const around = { start: near[0].start, end: near[near.length - 1].end };
  const data = rowsIn(joined(rows), around, window, width);
  const feeds = { sequence: { type: 'float32', dims: [data.length / width, width], data } as const };
  const { codes, embeddings } = await fetched(pass, pass.form.quantiser, feeds, ['codes', 'embeddings']);
  floatsOf(embeddings, pass.who);
  if (codes?.type !== 'int32') throw new Error(`${pass.who} gave no codes`);
  const to = Math.min(block.end, track.end);
  for (let k = 0; k < codebooks; k++) {
    const row = k * (window.end - window.start) - window.start;
    track.codes.data.set(codes.data.subarray(row + block.start, row + to), k * frames + block.start);
  }
}

async function fetched(
  { open }: Pass,
  graph: ModelGraph,
  feeds: Readonly<Record<string, Tensor>>,
  fetch: readonly string[],
): Promise<Readonly<Record<string, Tensor>>> {
  return (await (await open(graph)).run(feeds, { fetch })).tensors;
}

/** What no later block needs: all before it, but the sequence of the last block, which the quantiser looks back at. */
function forget(track: Track, index: number): void {
  track.features.delete(index);
  track.states.delete(index);
  track.sequence.delete(index - 2);
}

/** The rows of frames `part` among those of `span`: a view. */
function rowsIn(rows: Float32Array, span: Span, part: Span, width: number): Float32Array {
  return rows.subarray((part.start - span.start) * width, (part.end - span.start) * width);
}

function the(known: ReadonlyMap<number, Float32Array> | undefined, index: number): Float32Array {
  const rows = known?.get(index);
  if (!rows) throw new Error(`encoder: block ${index} is asked for before it is made`);
  return rows;
}

/** The values of a float32 tensor, all of them finite. */
export function floatsOf(tensor: Tensor | undefined, what: string): Float32Array {
  if (tensor?.type !== 'float32') throw new Error(`${what} gave no float32 result`);
  if (!tensor.data.every(Number.isFinite)) {
    throw new Error(`${what} gave non-finite values; the weights are damaged`);
  }
  return tensor.data;
}
