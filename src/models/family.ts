// A family of models: what opens checkpoints of one kind. It sees the interfaces of this folder and its own files, no other
// family: a MusicGen asks for the codec that its configuration describes, whichever family that is of.

import type { Checkpoint } from './checkpoint.js';
import type { Codec } from './codec.js';
import type { Model, TokenLayout } from './model.js';
import type { Precision } from './precision.js';
import type { Abilities, ModelGraph, Session } from './runtime.js';
import type { Weights } from './weights.js';

export interface Family {
  /** Values of `model_type` in config.json that it opens. */
  readonly types: readonly string[];
  /** Builds the graphs and asks for their weights. Throws one line naming what is wrong; nothing is loaded yet. */
  open(source: FamilySource): ModelParts;
  /** Only of codecs: the one that a part of a configuration describes. */
  codec?(part: CodecPart, source: FamilySource): Codec;
}

/** What a family opens a model from, and what the runtime under it can do. */
export interface FamilySource extends Abilities {
  readonly checkpoint: Checkpoint;
  readonly weights: Weights;
  /** The session of a graph, the same for the same graph. */
  readonly open: (graph: ModelGraph) => Promise<Session>;
  readonly precision: Precision;
  /** kbit/s, for a codec that has several. Default: its first. */
  readonly bandwidth: number | undefined;
  /** Hears in one line what is odd about a checkpoint that can be used. */
  readonly warn: (line: string) => void;
  /** The codec of a part of config.json, by that part's own `model_type`. */
  codec(part: CodecPart): Codec;
}

export interface CodecPart {
  /** Unchecked. */
  readonly config: unknown;
  /** Where it stands in config.json, for errors. */
  readonly path: readonly string[];
  readonly weights: Weights;
  readonly channels: 1 | 2;
}

/** What a family gives: all of a model that is its own. */
export type ModelParts = TokenLayout & Pick<Model, 'codec' | 'language' | 'melodyFrames' | 'conditioned'>;
