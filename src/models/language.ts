// A language model as the rest of losscope sees it: sequences of codes in, the loss of each code out. What its graphs
// look like, and in which order it reads, is its own business.

import type { Codes } from '../audio/codes.js';

/** How codes are laid out to be scored. */
export interface Protocol {
  readonly name: string;
  /** What it scores, in a clause, for help texts. */
  readonly words: string;
  /** [K] frames beyond its own that have been read, of some codebook, when a code of each codebook is predicted. */
  readonly lags: readonly number[];
}

/** Token-wise loss of one clip in nats. Entry (k, t) is the loss of code (k, t), wherever it was predicted. */
export interface Loss {
  /** Name of the protocol. */
  readonly protocol: string;
  /** K. */
  readonly codebooks: number;
  /** T. */
  readonly frames: number;
  /** [K, T] row-major, nats; NaN where the protocol leaves the loss undefined, never zero. */
  readonly values: Float32Array;
  /** Not every position has a code in every row (a drum has no duration): means by position are over those that it has. */
  readonly ragged?: true;
  /** Where they were asked for, and the model gives them. */
  readonly ranks?: Ranks;
}

/** How many codes the model held for likelier than those that came. */
export interface Ranks {
  /** V: the codes that each prediction chose among. A blind guess has a loss of ln V. */
  readonly choices: number;
  /** [K, T] row-major: 1 is the likeliest code; NaN where the loss is. */
  readonly values: Float32Array;
}

/** A loss, and the entropy and spread of the distributions that gave it. */
export interface LossAndEntropy extends Loss {
  /** [K, T] row-major, nats: entropy of what predicted code (k, t); NaN where the loss is. */
  readonly entropy: Float32Array;
  /**
   * [K, T] row-major, nats: standard deviation of -log p of a code drawn from what predicted code (k, t), the square root of the
   * varentropy sum p (-log p - entropy)^2; NaN where the loss is. Absent where the model does not give it.
   */
  readonly spread?: Float32Array;
  /** Tokens that belong to no code (the signs that divide a piece): the position that each stands before, and its loss. */
  readonly apart?: { readonly positions: Int32Array; readonly values: Float32Array };
}

export interface ScoreForm {
  /** Default: the model's first. */
  readonly protocol?: string | undefined;
  /** Codes that training never asks for (the end of lagging codebooks): `undefined` (NaN, the default), or `scored`. */
  readonly untrained?: 'undefined' | 'scored';
  /** Also the rank of every code. The logits are read for it, V numbers a code. Default: false. */
  readonly ranks?: boolean;
}

export interface LanguageModel {
  /** The first is the model's own likelihood, and the default. */
  readonly protocols: readonly Protocol[];
  /** Frames that training read at once. Absent where positions are no frames. Longer codes can be scored all the same. */
  readonly trainedFrames?: number;
  /** Scores codes [K, T]. @throws when they are none of this model, or the protocol is not. */
  score(codes: Codes, form?: ScoreForm): Promise<LossAndEntropy>;
  /** The same, keeping the model's state for versions that differ from some frame on. Release it when done. */
  keep(codes: Codes, form?: ScoreForm): Promise<KeptScoring>;
  /** Draws codes, as many sequences as asked for. Absent for a model that only scores. */
  generate?(options: GenerationOptions): Promise<Codes[]>;
}

/** Codes scored once, for versions of them. */
export interface KeptScoring {
  readonly codes: Codes;
  readonly loss: LossAndEntropy;
  /**
   * To the bit what `LanguageModel.score` gives in the same form; with `end`, of the frames before it, NaN from there on.
   * Codes of another length take a full pass.
   */
  score(version: Codes, options?: { readonly end?: number }): Promise<LossAndEntropy>;
  release(): Promise<void>;
}

/** Where a code is drawn for. */
export interface DrawnPlace {
  /** Which of the sequences. */
  readonly stream: number;
  readonly codebook: number;
  readonly frame: number;
}

export interface GenerationOptions {
  /** T. Positions beyond the training length are computed as for scoring. */
  readonly frames: number;
  /** Sequences that are made side by side and do not change each other. */
  readonly streams: number;
  /** How much the condition counts (classifier-free guidance). Default: 1, the condition as it is. */
  readonly guidance?: number;
  /** Draws a code from its logits [V]: asked once for each code, of one sequence in the order in which the model reads. */
  readonly draw: (logits: Float32Array, place: DrawnPlace) => number;
  /** Hears of every step that is done. */
  readonly onStep?: (done: number, steps: number) => void;
}

/** The protocol of a name, the first without one. @throws naming those that there are. */
export function protocolOf(
  { protocols }: Pick<LanguageModel, 'protocols'>,
  name: string | undefined,
  model: string,
): Protocol {
  const found = name === undefined ? protocols[0] : protocols.find((protocol) => protocol.name === name);
  if (found) return found;
  throw new Error(
    `${model}: no protocol ${name}; it has ${protocols.map((protocol) => protocol.name).join(', ')}`,
  );
}

/** Frames by which the last code of a frame is predicted later than the first. */
export function lagOf({ lags }: Protocol): number {
  return Math.max(...lags);
}
