// Conditions of a language model, and the models that result: a prompt for a MusicGen, a prompt
// and a melody for a melody model. Graphs with a condition are built and loaded when one is first asked for.

import { counted } from '../../counted.js';
import type { Checkpoint } from '../checkpoint.js';
import type { Condition } from '../condition.js';
import type { LanguageModel } from '../language.js';
import type { Precision } from '../precision.js';
import type { Abilities, ModelGraph, Session } from '../runtime.js';
import type { Weights } from '../weights.js';
import { type Conditions, UNCONDITIONAL } from './conditioning.js';
import type { MelodyConfig, MusicgenConfig, TextEncoderConfig } from './config.js';
import { decoderOf } from './decoder.js';
import { decodingGraph } from './decoding_graph.js';
import { CHROMA, type Conditioning, musicgenGraph } from './graph.js';
import { musicgenLanguage } from './language.js';
import { positionsOf } from './positions.js';
import { t5Feeds, t5Graph } from './t5.js';
import { openTokenizer, type Tokenize } from './tokenizer.js';

export interface LanguageModels {
  /** As people run the model without any condition. */
  readonly unconditional: LanguageModel;
  /** Throws one line when the model does not take this condition. */
  conditioned(condition: Condition): Promise<LanguageModel>;
}

export interface LanguageSource extends Abilities {
  readonly decoder: MusicgenConfig;
  readonly text: TextEncoderConfig | undefined;
  readonly melody: MelodyConfig | undefined;
  /** See LanguageModel. */
  readonly trainedFrames: number;
  readonly precision: Precision;
  readonly checkpoint: Checkpoint;
  readonly weights: Weights;
  /** The session of a graph, the same for the same graph. */
  readonly open: (graph: ModelGraph) => Promise<Session>;
}

export function languageModels(source: LanguageSource): LanguageModels {
  const { decoder, melody, checkpoint, weights, open, resumes, trainedFrames } = source;
  const shape = {
    codebooks: decoder.num_codebooks,
    codebookSize: decoder.vocab_size,
    layers: decoder.num_hidden_layers,
    heads: decoder.num_attention_heads,
    hidden: decoder.hidden_size,
  };
  const positions = positionsOf(decoder.hidden_size);
  const graphs = graphsOf(source);
  const { name } = checkpoint;
  const under = (conditions: Conditions): LanguageModel => {
    const own = decoderOf(shape, {
      session: () => open(graphs.full(conditions.conditioning)),
      decodingSession: () => open(graphs.decoding(conditions.conditioning)),
      positions,
      name,
      conditions,
    });
    return musicgenLanguage(own, { name, channels: decoder.audio_channels, trainedFrames, resumes });
  };
  const readText = textReader(source);
  if (melody) {
    graphs.full('prepended');
    const prepend = (condition: Condition, text?: Text) => under(prepended(condition, text, melody, source));
    return {
      unconditional: prepend({}),
      conditioned: async (condition) => prepend(condition, await readText(condition)),
    };
  }
  graphs.full('none');
  const unconditional = under(UNCONDITIONAL);
  return {
    unconditional,
    async conditioned(condition) {
      if (condition.chroma) {
        throw new Error(`${name}: takes no melody; a MusicGen Melody (musicgen_melody) does`);
      }
      const text = await readText(condition);
      if (!text && condition.missing !== 'null') return unconditional;
      graphs.full('cross');
      weights.refuseMisfits();
      const states = text?.states ?? new Float32Array(decoder.hidden_size);
      return under({ ...UNCONDITIONAL, key: text?.key ?? 'null', conditioning: 'cross', text: states });
    },
  };
}

/** The decoder's graphs by how a condition enters, built when first asked for: the same again, the same graph. */
function graphsOf({ decoder, weights, precision, checkpoint, overwrites, fused }: LanguageSource) {
  const built = new Map<string, ModelGraph>();
  const once = (key: string, build: () => ModelGraph): ModelGraph => {
    const graph = built.get(key) ?? build();
    built.set(key, graph);
    return graph;
  };
  return {
    /** All columns at once. */
    full: (conditioning: Conditioning) =>
      once(`full ${conditioning}`, () => musicgenGraph(decoder, weights, { conditioning, precision, fused })),
    /** Column by column. */
    decoding(conditioning: Conditioning) {
      if (precision !== 'fp32') {
        throw new Error(`${checkpoint.name}: generates in fp32 only; leave out --precision ${precision}`);
      }
      if (!overwrites) {
        throw new Error(
          `${checkpoint.name}: this runtime cannot write over given tensors, which generation needs; ` +
            'use losscope generate on the CPU',
        );
      }
      return once(`decoding ${conditioning}`, () => decodingGraph(decoder, weights, { conditioning, fused }));
    },
  };
}

/** The vectors before the first column of a melody model: chroma first, then text. */
function prepended(
  { chroma, missing = 'null' }: Condition,
  text: Text | undefined,
  { chroma_length: length }: MelodyConfig,
  { decoder: { hidden_size: hidden }, checkpoint: { name } }: LanguageSource,
): Conditions {
  const classes = chroma ? repeated(chroma, length, name) : new Int32Array(missing === 'null' ? length : 0);
  const states = text?.states ?? new Float32Array(missing === 'null' ? hidden : 0);
  return {
    key: `chroma ${classes.join()}; ${text?.key ?? `${counted(states.length / hidden, 'zero vector')}`}`,
    conditioning: 'prepended',
    chroma: classes,
    text: states,
  };
}

/** Pitch classes over and over until there are `length`, or the first so many. */
function repeated(chroma: ArrayLike<number>, length: number, name: string): Int32Array {
  const classes = Array.from(chroma);
  if (classes.length === 0) throw new Error(`${name}: a melody of no frames; leave it out`);
  const bad = classes.find((c) => !Number.isInteger(c) || c < 0 || c >= CHROMA);
  if (bad !== undefined) throw new Error(`${name}: pitch class ${bad}, expected 0 (C) to ${CHROMA - 1} (B)`);
  return Int32Array.from({ length }, (_, i) => classes[i % classes.length]);
}

interface Text {
  readonly key: string;
  /** [L, hidden]. */
  readonly states: Float32Array;
}

/** Reads a condition's text with the checkpoint's T5, both opened when first needed. */
function textReader({ decoder, text, checkpoint, weights, open, fused }: LanguageSource) {
  const { name } = checkpoint;
  let tokenizer: Promise<Tokenize> | undefined;
  let graph: ModelGraph | undefined;
  const idsOf = async ({ prompt, textIds }: Condition): Promise<readonly number[] | undefined> => {
    if (prompt === undefined) return textIds;
    if (textIds) throw new Error(`${name}: both a prompt and its token ids; give one of them`);
    if (prompt.trim() === '') throw new Error(`${name}: an empty prompt says nothing; leave it out`);
    tokenizer ??= openTokenizer(checkpoint.files);
    return (await tokenizer)(prompt);
  };
  return async (condition: Condition): Promise<Text | undefined> => {
    if (condition.prompt === undefined && condition.textIds === undefined) return undefined;
    if (!text || !weights.has('text_encoder.encoder.final_layer_norm.weight')) {
      throw new Error(`${name}: the checkpoint has no text encoder, so the model takes no prompt`);
    }
    const ids = unpadded((await idsOf(condition)) ?? [], text, name);
    graph ??= t5Graph(text, weights, { hidden: decoder.hidden_size, fused });
    weights.refuseMisfits();
    const { tensors } = await (await open(graph)).run(t5Feeds(text, ids), { fetch: ['states'] });
    const { states } = tensors;
    if (states?.type !== 'float32' || !states.data.every(Number.isFinite)) {
      throw new Error(`${name}: the text encoder gave non-finite values; the weights are damaged`);
    }
    return { key: `text ${ids.join()}`, states: states.data };
  };
}

/** Checked ids without the padding at their end. */
function unpadded(ids: readonly number[], config: TextEncoderConfig, name: string): readonly number[] {
  const bad = ids.find((id) => !Number.isInteger(id) || id < 0 || id >= config.vocab_size);
  if (bad !== undefined)
    throw new Error(`${name}: text id ${bad}, expected whole numbers 0 to ${config.vocab_size - 1}`);
  const pad = config.pad_token_id ?? 0;
  const end = ids.findLastIndex((id) => id !== pad) + 1;
  if (end === 0) throw new Error(`${name}: a text without tokens says nothing; leave it out`);
  return ids.slice(0, end);
}
