// EnCodec's encoder at work: sound -> codes, in blocks of frames at fixed places. A frame's features are a function of
// the samples of its window, its codes one of the sequence around it, and the LSTM's state goes from block to block.
// So of a version of a sound only the frames whose windows sound different go through the convolutions again, the LSTM
// goes on from the first of their blocks, and memory does not grow with the sound.
//
// A version has the codes of an encode from the start to the bit, because each row of a run has the bits it has alone,
// whatever is beside it (seanet.ts): frames in any window, and versions that go through the LSTM side by side, whose
// time is that of reading its weights. Tests hold that.

import type { Codes } from '../../audio/codes.js';
import { firstNonFinite } from '../finite.js';
import type { ModelGraph, Session, Tensor } from '../runtime.js';
import {
  apart,
  atLeast,
  type Block,
  type BlockSpan,
  blocksOf,
  differing,
  joined,
  type Margin,
  sideBySide,
  widened,
} from './blocks.js';
import type { CodecConfig } from './config.js';
import { clockOf, shortFrames } from './encodec.js';
import {
  convolutionMargin,
  type EncoderGraphs,
  leastFrames,
  quantiserMargin,
  widthOf,
} from './encoder_graphs.js';

/** Frames of a block: half a second. Shorter ones cost more in margins, longer ones more at a version's two ends. */
const BLOCK = 25;
/** Most sounds in one run of the LSTM: more gain nothing. */
const ROWS = 12;

/** One channel of sound to codes. */
export interface Encoder {
  /** [samples] -> codes [K, ceil(samples / hop)]. To `keep`, with all that versions can begin with. */
  encode(audio: Float32Array, options?: { readonly keep?: boolean }): Promise<EncoderTrack>;
  /** Codes of versions of as many samples; all frames of each before its `end` are what `encode` gives. */
  encodeVersions(base: EncoderTrack, versions: readonly AudioVersion[]): Promise<Codes[]>;
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
  const passOf = (frames: number, base?: EncoderTrack): Pass => ({
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
    least: leastFrames(config),
    base,
  });
  return {
    async encode(audio, { keep = false } = {}) {
      const frames = Math.ceil(audio.length / hop);
      const codes = { codebooks, frames, data: new Int32Array(codebooks * frames) };
      const track = { audio, first: 0, end: frames, codes, ...nothingKnown() };
      await run(passOf(frames), [track], { keep });
      return track;
    },
    async encodeVersions(base, versions) {
      const pass = passOf(base.codes.frames, base);
      const tracks = versions.map(({ audio, end = pass.frames }): EncoderTrack => {
        const codes = { ...base.codes, data: base.codes.data.slice() };
        return { audio, first: firstBlock(pass, audio), end, codes, ...nothingKnown() };
      });
      await run(pass, tracks, { keep: false });
      return tracks.map(({ codes }) => codes);
    },
  };
}

/** A sound on its way through the encoder, and what is known of it by block. */
export interface EncoderTrack {
  readonly audio: Float32Array;
  /** The first block that is run: all before it are the base's. */
  readonly first: number;
  /** Frames from here on are not wanted. */
  readonly end: number;
  /** [frames, H]: what the convolutions made of each block; the base's own where it sounds the same. */
  readonly features: Map<number, Float32Array>;
  /** [2 layers, H]: the LSTM's state before each block. */
  readonly states: Map<number, Float32Array>;
  /** [frames, H]: what the LSTM made of it. */
  readonly sequence: Map<number, Float32Array>;
  readonly codes: Codes;
}

function nothingKnown(): Pick<EncoderTrack, 'features' | 'states' | 'sequence'> {
  return { features: new Map(), states: new Map(), sequence: new Map() };
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
  /** Frames that the convolutions take at least. */
  readonly least: number;
  /** The sound that the tracks are versions of. */
  readonly base: EncoderTrack | undefined;
}

/** A block of a track. */
interface Turn {
  readonly track: EncoderTrack;
  readonly block: Block;
}

/**
 * Brings tracks through their blocks, side by side: in each step every track its next one, wherever that stands. To
 * `keep`, nothing of them is forgotten.
 */
async function run(
  pass: Pass,
  tracks: readonly EncoderTrack[],
  { keep }: { readonly keep: boolean },
): Promise<void> {
  const { blocks, margins } = pass;
  // The codes of a track's last frame take some frames of the sequence after it.
  const turnsAt = (step: number): Turn[] =>
    tracks.flatMap((track) => {
      const block = blocks.at(track.first + step);
      return block && block.start < track.end + margins.quantiser.after ? [{ track, block }] : [];
    });
  const convolveAll = (turns: readonly Turn[]) => Promise.all(turns.map((turn) => convolve(pass, turn)));
  let next = turnsAt(0);
  await convolveAll(next);
  for (let step = 1; next.length > 0; step++) {
    const turns = next;
    next = turnsAt(step);
    // The next block's convolutions and this one's LSTM do not wait for each other.
    await Promise.all([goOn(pass, turns), convolveAll(next)]);
    // The last codes of the block before see into this one; a track's last block is followed by none.
    const going = new Set(next.map(({ track }) => track));
    const known = turns.flatMap(({ track, block }) => {
      const before = blocks.slice(Math.max(0, block.index - 1), block.index);
      return (going.has(track) ? before : [...before, block]).map((one) => ({ track, block: one }));
    });
    await Promise.all(known.map((turn) => quantise(pass, turn)));
    if (!keep) for (const { track, block } of turns) forget(track, block.index);
  }
}

/** The first block with a frame that sounds other than the base; after the last one, if none does. */
function firstBlock({ base, blocks, hop, margins }: Pass, audio: Float32Array): number {
  if (!base) return 0;
  const changed = differing(audio, base.audio, { start: 0, end: audio.length });
  if (!changed) return blocks.length;
  const frame = Math.max(0, Math.floor(changed.start / hop) - margins.convolutions.after);
  return blocks.findIndex(({ end }) => frame < end);
}

/** The convolutions on those frames of a block that are not as the base has them. */
async function convolve(pass: Pass, { track, block }: Turn): Promise<void> {
  const { base, frames, hop, width, margins, least } = pass;
  const known = base?.features.get(block.index);
  const changed = known && base ? changedFrames(pass, { track, block }, base) : block;
  if (known && !changed) {
    track.features.set(block.index, known);
    return;
  }
  const wanted = changed ?? block;
  const window = atLeast(widened(wanted, margins.convolutions, frames), least, frames);
  const data = track.audio.subarray(window.start * hop, window.end * hop);
  const feeds = { audio: { type: 'float32', dims: [1, 1, data.length], data } as const };
  const { features } = await fetched(pass, pass.form.convolutions, feeds, ['features']);
  const rows = rowsIn(floatsOf(features, pass.who), window, wanted, width);
  const all = known ? known.slice() : new Float32Array((block.end - block.start) * width);
  all.set(rows, (wanted.start - block.start) * width);
  track.features.set(block.index, all);
}

/** Wanted frames of a block, from the first to the last that sounds other than the base. */
function changedFrames(
  { frames, hop, margins }: Pass,
  { track, block }: Turn,
  base: EncoderTrack,
): BlockSpan | undefined {
  const { convolutions, quantiser } = margins;
  const window = widened(block, convolutions, frames);
  const samples = differing(track.audio, base.audio, { start: window.start * hop, end: window.end * hop });
  if (!samples) return undefined;
  const start = Math.max(block.start, Math.floor(samples.start / hop) - convolutions.after);
  const end = Math.min(block.end, Math.ceil(samples.end / hop) + convolutions.before);
  const wanted = Math.min(end, track.end + quantiser.after);
  return start < wanted ? { start, end: wanted } : undefined;
}

/** The LSTM on a block of each track, side by side. */
async function goOn(pass: Pass, turns: readonly Turn[]): Promise<void> {
  const { lstm } = pass.form;
  if (!lstm) {
    for (const { track, block } of turns)
      track.sequence.set(block.index, requireBlock(track.features, block.index));
    return;
  }
  // The last block of a sound may be longer.
  const lengths = new Set(turns.map(({ block }) => block.end - block.start));
  for (const length of lengths) {
    const alike = turns.filter(({ block }) => block.end - block.start === length);
    for (let i = 0; i < alike.length; i += ROWS) await recur(pass, lstm, alike.slice(i, i + ROWS));
  }
}

/** The LSTM on blocks of one length. */
async function recur(pass: Pass, lstm: ModelGraph, turns: readonly Turn[]): Promise<void> {
  const { base, stateRows, width } = pass;
  const n = turns.length;
  const rows = turns.map(({ track, block }) => requireBlock(track.features, block.index));
  const zeros = new Float32Array(stateRows * width);
  const states = turns.map(
    ({ track, block: { index } }) => track.states.get(index) ?? base?.states.get(index) ?? zeros,
  );
  const feeds = {
    features: { type: 'float32', dims: [rows[0].length / width, n, width], data: sideBySide(rows, width) },
    states: { type: 'float32', dims: [stateRows, n, width], data: sideBySide(states, width) },
  } as const;
  const { sequence, last } = await fetched(pass, lstm, feeds, ['sequence', 'last']);
  const sequences = apart(floatsOf(sequence, pass.who), n, width);
  const lasts = apart(floatsOf(last, pass.who), n, width);
  turns.forEach(({ track, block }, row) => {
    track.states.set(block.index, states[row]);
    track.sequence.set(block.index, sequences[row]);
    track.states.set(block.index + 1, lasts[row]);
  });
}

/** The wanted codes of a block, unless the sequence around it is the base's. */
async function quantise(pass: Pass, { track, block }: Turn): Promise<void> {
  const { base, blocks, frames, width, codebooks } = pass;
  const to = Math.min(block.end, track.end);
  if (to <= block.start) return;
  const window = widened(block, pass.margins.quantiser, frames);
  const near = blocks.filter(({ start, end }) => start < window.end && end > window.start);
  // Before its first block a track is the base; after its end its sequence is not known, and no wanted code is made of it.
  const rows = near.map(({ index }) => track.sequence.get(index) ?? requireBlock(base?.sequence, index));
  if (base && near.every(({ index }, i) => rows[i] === base.sequence.get(index))) return;
  const around = { start: near[0].start, end: near[near.length - 1].end };
  const data = rowsIn(joined(rows), around, window, width);
  const feeds = { sequence: { type: 'float32', dims: [data.length / width, width], data } as const };
  const { codes, nearness } = await fetched(pass, pass.form.quantiser, feeds, ['codes', 'nearness']);
  floatsOf(nearness, pass.who);
  if (codes?.type !== 'int32') throw new Error(`${pass.who} gave no codes`);
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
function forget(track: EncoderTrack, index: number): void {
  track.features.delete(index);
  track.states.delete(index);
  track.sequence.delete(index - 2);
}

/** The rows of frames `part` among those of `span`: a view. */
function rowsIn(rows: Float32Array, span: BlockSpan, part: BlockSpan, width: number): Float32Array {
  return rows.subarray((part.start - span.start) * width, (part.end - span.start) * width);
}

function requireBlock(known: ReadonlyMap<number, Float32Array> | undefined, index: number): Float32Array {
  const rows = known?.get(index);
  if (!rows) throw new Error(`encoder: block ${index} is asked for before it is made`);
  return rows;
}

/** The values of a float32 tensor, all of them finite. */
export function floatsOf(tensor: Tensor | undefined, what: string): Float32Array {
  if (tensor?.type !== 'float32') throw new Error(`${what} gave no float32 result`);
  if (firstNonFinite(tensor.data) >= 0) {
    throw new Error(`${what} gave non-finite values; the weights are damaged`);
  }
  return tensor.data;
}
