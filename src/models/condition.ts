// What a language model can be told beside the codes, and the models that result: a prompt for a MusicGen, a prompt
// and a melody for a melody model. Graphs with a condition are built and loaded when one is first asked for.

import type { Checkpoint } from './checkpoint.js';
import type { MelodyConfig, MusicgenConfig, TextEncoderConfig } from './config.js';
import { decodingGraph } from './decoding_graph.js';
import { type Conditions, type LanguageModel, languageModel, UNCONDITIONAL } from './language.js';
import { CHROMA, musicgenGraph, names } from './musicgen.js';
import { positionsOf } from './positions.js';
import type { ModelGraph, Session, Tensor } from './runtime.js';
import { t5Feeds, t5Graph } from './t5.js';
import { openTokenizer, type Tokenize } from './tokenizer.js';
import type { Weights } from './weights.js';

export interface Condition {
  /** Text, read with the checkpoint's own tokenizer. */
  readonly prompt?: string;
  /** The same as token ids of T5, ending in its `</s>` (1). Padding at the end is dropped: it is masked anyway. */
  readonly textIds?: readonly number[];
  /** Melody models: [frames] pitch classes 0..11 from C, as chromaOf finds them; repeated or cut to the model's length. */
  readonly chroma?: ArrayLike<number>;
  /**
   * What stands for what is not given. `null`: what the model was trained to read as no condition (a text of one
   * zero vector, a melody of nothing but C). `absent`: nothing at all. For a MusicGen both give the same bits, and
   * `absent`, the default, is faster. For a melody model they are two different things: `null` is the default and
   * what people run, and all `absent` is known as `no-prefix`.
   */
  readonly missing?: 'null' | 'absent';
}

export interface LanguageModels {
  /** As people run the model without any condition. */
  readonly unconditional: LanguageModel;
  /** Throws one line when the model cannot be told that. */
  conditioned(condition: Condition): Promise<LanguageModel>;
}

export interface LanguageSource {
  readonly decoder: MusicgenConfig;
  readonly text: TextEncoderConfig | undefined;
  readonly melody: MelodyConfig | undefined;
  readonly checkpoint: Checkpoint;
  readonly weights: Weights;
  /** The session of a graph, the same for the same graph. */
  readonly open: (graph: ModelGraph) => Promise<Session>;
}

/**
 * A condition in words, as recorded with numbers. `none`: nothing was given, and what is missing is as the model
 * has it by default; `null` and `no-prefix`: the same, by name.
 */
export function describeCondition({ prompt, textIds, chroma, missing }: Condition): string {
  const given = [
    ...(prompt === undefined ? [] : [`prompt ${JSON.stringify(prompt)}`]),
    ...(textIds === undefined ? [] : [`text ids ${textIds.join(' ')}`]),
    ...(chroma === undefined ? [] : [`melody of ${chroma.length} frames`]),
  ];
  if (given.length === 0) return missing === undefined ? 'none' : missing === 'null' ? 'null' : 'no-prefix';
  return [...given, ...(missing === undefined ? [] : [`missing ${missing}`])].join(', ');
}

export function languageModels(source: LanguageSource): LanguageModels {
  const { decoder, melody, checkpoint, weights, open } = source;
  const shape = {
    codebooks: decoder.num_codebooks,
    codebookSize: decoder.vocab_size,
    layers: decoder.num_hidden_layers,
    heads: decoder.num_attention_heads,
    hidden: decoder.hidden_size,
  };
  const positions = positionsOf(checkpoint, decoder.hidden_size);
  const under = (graph: ModelGraph, conditions: Conditions, decodingSession?: () => Promise<Session>) => {
    const parts = { session: () => open(graph), positions, name: checkpoint.name, conditions };
    return languageModel(shape, { ...parts, ...(decodingSession && { decodingSession }) });
  };
  const readText = textReader(source);
  if (melody) {
    const graph = musicgenGraph(decoder, weights, 'prepended');
    const withText = (condition: Condition, text: Text | undefined) =>
      under(graph, prepended(condition, text, melody, source));
    return {
      unconditional: withText({}, undefined),
      conditioned: async (condition) => withText(condition, await readText(condition)),
    };
  }
  let decoding: ModelGraph | undefined;
  const unconditional = under(musicgenGraph(decoder, weights), UNCONDITIONAL, () => {
    decoding ??= decodingGraph(decoder, weights);
    return open(decoding);
  });
  let cross: ModelGraph | undefined;
  return {
    unconditional,
    async conditioned(condition) {
      if (condition.chroma) {
        throw new Error(`${checkpoint.name}: takes no melody; a MusicGen Melody (musicgen_melody) does`);
      }
      const text = await readText(condition);
      if (!text && condition.missing !== 'null') return unconditional;
      cross ??= fitting(weights, () => musicgenGraph(decoder, weights, 'cross'));
      const feeds = { [names.text]: text?.states ?? zeroVectors(1, decoder.hidden_size) };
      return under(cross, { key: text?.key ?? 'null', columns: 0, feeds, feedsAfter: feeds });
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
  const states = text?.states ?? zeroVectors(missing === 'null' ? 1 : 0, hidden);
  const feeds = (data: Int32Array, vectors: Tensor) => ({
    [names.chroma]: { type: 'int32', dims: [data.length], data } as const,
    [names.text]: vectors,
  });
  return {
    key: `chroma ${classes.join()}; ${text?.key ?? `${states.dims[0]} zero vectors`}`,
    columns: classes.length + states.dims[0],
    feeds: feeds(classes, states),
    feedsAfter: feeds(new Int32Array(0), zeroVectors(0, hidden)),
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
  /** [L, hidden] float32. */
  readonly states: Tensor;
}

/** Reads a condition's text with the checkpoint's T5, both opened when first needed. */
function textReader({ decoder, text, checkpoint, weights, open }: LanguageSource) {
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
    graph ??= fitting(weights, () => t5Graph(text, weights, decoder.hidden_size));
    const { tensors } = await (await open(graph)).run(t5Feeds(text, ids), { fetch: ['states'] });
    const { states } = tensors;
    if (states?.type !== 'float32' || !states.data.every(Number.isFinite)) {
      throw new Error(`${name}: the text encoder gave non-finite values; the weights are damaged`);
    }
    return { key: `text ${ids.join()}`, states };
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

function zeroVectors(count: number, hidden: number): Tensor {
  return { type: 'float32', dims: [count, hidden], data: new Float32Array(count * hidden) };
}

/** A graph whose weights are all there, or one error that lists what does not fit. */
function fitting(weights: Weights, build: () => ModelGraph): ModelGraph {
  const graph = build();
  weights.refuseMisfits();
  return graph;
}
