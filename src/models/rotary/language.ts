// A rotary decoder as a LanguageModel, by what its tokens stand for: `toTokens` lays codes [K, T] out as one sequence and says
// which of its tokens is which code.

import type { Codes } from '../../audio/codes.js';
import {
  type KeptScoring,
  type LanguageModel,
  type LossAndEntropy,
  type Protocol,
  protocolOf,
  type ScoreForm,
} from '../language.js';
import type { TokenDecoder, TokenPrefix, TokenScores } from './decoder.js';

/** Codes as a sequence. */
export interface Sequence {
  readonly tokens: Int32Array;
  /** [K, T] row-major: where in `tokens` each code stands; -1 where it stands nowhere, and has no loss. */
  readonly places: Int32Array;
  /** Tokens that belong to no code, with the position that each stands before. */
  readonly apart?: readonly { readonly at: number; readonly position: number }[];
}

export interface RotaryLanguageParts {
  readonly decoder: TokenDecoder;
  readonly protocol: Protocol;
  /** Checks codes and lays them out. */
  readonly toTokens: (codes: Codes) => Sequence;
  /** See Loss.ragged. */
  readonly ragged?: true | undefined;
  /** See Runtime.resumes. */
  readonly resumes: boolean;
  readonly name: string;
}

export function rotaryLanguage(parts: RotaryLanguageParts): LanguageModel {
  const { decoder, protocol, toTokens, ragged, resumes, name } = parts;
  const protocols = [protocol];
  const score = async (codes: Codes, prefix?: TokenPrefix, end = codes.frames): Promise<LossAndEntropy> => {
    const sequence = toTokens(codes);
    const { tokens } = sequence;
    if (tokens.length < 2) return lossOf(NOTHING, codes, sequence, { protocol, ragged, end });
    if (prefix?.tokens.length !== tokens.length) {
      return lossOf(await decoder.score(tokens), codes, sequence, { protocol, ragged, end });
    }
    const scores = await decoder.score(tokens, { prefix, end: tokensBefore(codes, sequence, end) });
    return lossOf(scores, codes, sequence, { protocol, ragged, end });
  };
  return {
    protocols,
    async score(codes: Codes, form: ScoreForm = {}) {
      protocolOf({ protocols }, form.protocol, name);
      return score(codes);
    },
    async keep(codes, form = {}): Promise<KeptScoring> {
      protocolOf({ protocols }, form.protocol, name);
      const sequence = toTokens(codes);
      const prefix = resumes && sequence.tokens.length > 1 ? await decoder.keep(sequence.tokens) : undefined;
      return {
        codes,
        loss: prefix
          ? lossOf(prefix.scores, codes, sequence, { protocol, ragged, end: codes.frames })
          : await score(codes),
        score: (version, { end } = {}) => score(version, prefix, end),
        release: async () => prefix?.release(),
      };
    },
  };
}

const NOTHING: TokenScores = {
  nll: new Float32Array(0),
  entropy: new Float32Array(0),
  spread: new Float32Array(0),
};

/** Entries of a pass that hold all codes of the positions before `end`. */
function tokensBefore({ frames }: Codes, { places }: Sequence, end: number): number {
  return places.reduce((last, place, i) => (i % frames < end ? Math.max(last, place) : last), 0);
}

function lossOf(
  scores: TokenScores,
  { codebooks, frames }: Codes,
  { places, apart }: Sequence,
  {
    protocol,
    ragged,
    end,
  }: { readonly protocol: Protocol; readonly ragged: true | undefined; readonly end: number },
): LossAndEntropy {
  const at = (values: Float32Array) =>
    Float32Array.from(places, (place, i) => (place > 0 && i % frames < end ? values[place - 1] : Number.NaN));
  const known = apart?.filter(({ position }) => position < end);
  return {
    ...{ protocol: protocol.name, codebooks, frames, values: at(scores.nll) },
    ...{ entropy: at(scores.entropy), spread: at(scores.spread) },
    ...(ragged && { ragged }),
    ...(known && {
      apart: {
        positions: Int32Array.from(known, ({ position }) => position),
        values: Float32Array.from(known, ({ at: place }) => scores.nll[place - 1]),
      },
    }),
  };
}
