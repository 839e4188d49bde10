// MusicGen as a LanguageModel: codes go to the columns of a protocol's layout, and what the decoder gives comes back to the
// frames.

import type { Codes } from '../../audio/codes.js';
import {
  type GenerationOptions,
  type KeptScoring,
  type LanguageModel,
  type LossAndEntropy,
  type Protocol,
  protocolOf,
  type ScoreForm,
} from '../language.js';
import { checkCodes } from '../model.js';
import type { ColumnScores, Decoder, Prefix } from './decoder.js';
import {
  columnsFor,
  delayed,
  isTrained,
  type Layout,
  toColumns,
  toFrames,
  undelayed,
  unshifted,
} from './delay.js';

/** The decoder itself stays within reach, for looking closer. */
export interface MusicgenLanguage extends LanguageModel {
  readonly decoder: Decoder;
}

export interface LanguageParts {
  /** For errors. */
  readonly name: string;
  readonly channels: 1 | 2;
  /** See LanguageModel. */
  readonly trainedFrames: number;
  /** See Runtime.resumes. */
  readonly resumes: boolean;
}

export function musicgenLanguage(
  decoder: Decoder,
  { name, channels, trainedFrames, resumes }: LanguageParts,
): MusicgenLanguage {
  const layouts = layoutsOf(decoder.codebooks, channels);
  const choices = decoder.codebookSize;
  const protocols = layouts.map(({ protocol }) => protocol);
  const formOf = ({ protocol, untrained = 'undefined', ranks = false }: ScoreForm): Form => {
    const chosen = protocolOf({ protocols }, protocol, name);
    const layout = layouts[protocols.indexOf(chosen)].layout;
    return { protocol: chosen.name, layout, untrained, ranks };
  };
  const columnsOf = (codes: Codes, { layout }: Form) => {
    checkCodes(codes, { ...decoder, name });
    return toColumns(codes, layout, decoder.startToken);
  };
  const score = async (codes: Codes, form: Form, { prefix, end }: Resumed = {}): Promise<LossAndEntropy> => {
    const { layout, ranks } = form;
    const tokens = columnsOf(codes, form);
    // A single frame without a start column predicts nothing.
    if (tokens.columns <= layout.ahead) return scoringOf(NOTHING, codes, form, { end, choices });
    const columns = end === undefined ? undefined : columnsFor(layout, end, tokens.columns);
    const scores = await decoder.score(tokens, { prefix, ahead: layout.ahead, end: columns, ranks });
    return scoringOf(scores, codes, form, { end, choices });
  };
  return {
    decoder,
    protocols,
    trainedFrames,
    score: async (codes, form = {}) => score(codes, formOf(form)),
    async keep(codes, options = {}): Promise<KeptScoring> {
      const form = formOf(options);
      const tokens = columnsOf(codes, form);
      const { ahead } = form.layout;
      const prefix =
        resumes && tokens.columns > ahead
          ? await decoder.keep(tokens, { ahead, ranks: form.ranks })
          : undefined;
      return {
        codes,
        loss: prefix ? scoringOf(prefix.scores, codes, form, { choices }) : await score(codes, form),
        score: (version, { end } = {}) =>
          score(version, form, { end, prefix: version.frames === codes.frames ? prefix : undefined }),
        release: async () => prefix?.release(),
      };
    },
    generate: (options) => generate(decoder, delayed(decoder.codebooks, channels), options),
  };
}

interface Form extends Required<ScoreForm> {
  readonly layout: Layout;
}

interface Resumed {
  readonly prefix?: Prefix | undefined;
  /** Frames from here on are NaN. */
  readonly end?: number | undefined;
}

const NOTHING: ColumnScores = {
  nll: new Float32Array(0),
  entropy: new Float32Array(0),
  spread: new Float32Array(0),
};

/** MusicGen's protocols: its own first, then those of the released scripts. */
function layoutsOf(
  codebooks: number,
  channels: number,
): readonly { readonly protocol: Protocol; readonly layout: Layout }[] {
  const of = (name: string, words: string, layout: Layout) => ({
    protocol: { name, words, lags: layout.delays },
    layout,
  });
  return [
    // The last d_k frames of codebook k are undefined.
    of('delayed', "the model's own likelihood", delayed(codebooks, channels)),
    // No delay, no start token: frame 0 is undefined.
    of('undelayed', "as the paper's scripts", undelayed(codebooks)),
    // Code (k, t) is compared with the prediction made after frame t was read: how much the next frame is expected to
    // repeat this one.
    of('unshifted', 'as their Melody script, no likelihood', unshifted(codebooks)),
  ];
}

function scoringOf(
  scores: ColumnScores,
  codes: Codes,
  form: Form,
  { end = codes.frames, choices }: { readonly end?: number | undefined; readonly choices: number },
): LossAndEntropy {
  const { protocol, layout, untrained } = form;
  const { codebooks, frames } = codes;
  const onFrames = (columns: Float32Array) =>
    toFrames(columns, layout, frames).map((value, i) => {
      const [k, t] = [Math.floor(i / frames), i % frames];
      // The first codebooks' predictions reach further than the last one's: all end at one frame.
      const asked = t < end && (untrained === 'scored' || isTrained(layout, k, t, frames));
      return asked ? value : Number.NaN;
    });
  return {
    ...{ protocol, codebooks, frames, values: onFrames(scores.nll) },
    ...{ entropy: onFrames(scores.entropy), spread: onFrames(scores.spread) },
    ...(scores.rank ? { ranks: { choices, values: onFrames(scores.rank) } } : {}),
  };
}

/**
 * Draws column by column, codebooks in order. The sequence is the one that `score` reads under `delayed`, and its logits
 * are those of that reading to the bit: start tokens stand where no code does, also at the end, where a codebook has
 * its last frames drawn while those above it have ended. Training never asks for these (see delay.ts); MusicGen's own
 * generation does the same.
 */
async function generate(decoder: Decoder, layout: Layout, options: GenerationOptions): Promise<Codes[]> {
  const { frames, streams, guidance = 1, draw, onStep } = options;
  const { codebooks, codebookSize, startToken } = decoder;
  const codes = Array.from({ length: streams }, () => ({
    codebooks,
    frames,
    data: new Int32Array(codebooks * frames),
  }));
  const places = placesOf(codebooks, frames, layout);
  const columns = places.columns - 1;
  const decoding = await decoder.decoding({ columns, streams, ...(guidance === 1 ? {} : { guidance }) });
  try {
    const tokens = new Int32Array(codebooks * streams).fill(startToken);
    for (let column = 0; column < columns; column++) {
      const logits = await decoding.step(tokens);
      for (let k = 0; k < codebooks; k++) {
        const place = places.data[k * places.columns + column + 1];
        for (let stream = 0; stream < streams; stream++) {
          const at = k * streams + stream;
          tokens[at] = startToken;
          if (place === NO_CODE) continue;
          const own = logits[k].subarray(stream * codebookSize, (stream + 1) * codebookSize);
          tokens[at] = draw(own, { stream, codebook: k, frame: place % frames });
          codes[stream].data[place] = tokens[at];
        }
      }
      onStep?.(column + 1, columns);
    }
  } finally {
    await decoding.release();
  }
  return codes;
}

const NO_CODE = -1;

/** Which entry of codes [K, T] stands where in the sequence. */
function placesOf(codebooks: number, frames: number, layout: Layout) {
  const data = Int32Array.from({ length: codebooks * frames }, (_, i) => i);
  return toColumns({ codebooks, frames, data }, layout, NO_CODE);
}
