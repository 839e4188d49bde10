// EnCodec as a Codec: its graphs, channel by channel, with what goes in and out checked.

import type { Codes } from '../../audio/codes.js';
import { counted } from '../../counted.js';
import type { Codec } from '../codec.js';
import { firstNonFinite } from '../finite.js';
import { checkCodes } from '../model.js';
import type { ModelGraph, Session } from '../runtime.js';
import type { Weights } from '../weights.js';
import { byChannel, interleaved } from './channels.js';
import { type CodecConfig, parseCodecConfig } from './config.js';
import { decoderGraphs, decoderOf } from './decoder.js';
import { clockOf, codebooksAt, shortFrames, storedCodebooks } from './encodec.js';
import { type EncoderTrack, encoderOf } from './encoder.js';
import { encoderGraphs, reachOf } from './encoder_graphs.js';

export interface EncodecParts {
  /** For errors: the folder, and where the configuration stands in config.json. */
  readonly name: string;
  readonly path: readonly string[];
  readonly weights: Weights;
  readonly channels: 1 | 2;
  readonly open: (graph: ModelGraph) => Promise<Session>;
  /** See Runtime.resumes. */
  readonly resumes: boolean;
  /** kbit/s. Default: the first target bandwidth. */
  readonly bandwidth: number | undefined;
  readonly warn: (line: string) => void;
}

/** Checks an EnCodec's configuration and builds its graphs: each channel goes through the one mono codec. */
export function encodecCodec(json: unknown, parts: EncodecParts): Codec {
  const { name, path, weights, channels, open, resumes } = parts;
  const config = parseCodecConfig(json, name, path);
  const own = codebooksOf(config, parts);
  const graphs = codecGraphs(config, weights, own);
  const encoder = encoderOf(config, { graphs: graphs.encoder, open, codebooks: own, name });
  const decodeChannel = decoderOf(config, { graphs: graphs.decoder, open, name });
  const tokens = { name, codebooks: channels * own, codebookSize: config.codebook_size };
  const encode = async (given: readonly Float32Array[]): Promise<Codes> => {
    const codes: Codes[] = [];
    for (const audio of checkedSamples(given, channels, name))
      codes.push((await encoder.encode(audio)).codes);
    return interleaved(codes, channels);
  };
  return {
    ...{ clock: clockOf(config), reach: reachOf(config), channels },
    ...{ codebooks: tokens.codebooks, codebookSize: tokens.codebookSize },
    encode,
    async keep(given) {
      const kept: EncoderTrack[] = [];
      for (const audio of checkedSamples(given, channels, name)) {
        kept.push(await encoder.encode(audio, { keep: true }));
      }
      const byChannels = kept.map(({ codes }) => codes);
      return {
        codes: interleaved(byChannels, channels),
        async encode(versions) {
          for (const version of versions) checkedSamples(version.channels, channels, name);
          const fits = versions.map((version) => resumes && haveOneForm(version.channels, given));
          const fitting = versions.filter((_, i) => fits[i]);
          const rows: Codes[][] = fitting.map(() => []);
          for (const [c, base] of kept.entries()) {
            const audio = fitting.map(({ channels: sound, end }) => ({ audio: sound[c], end }));
            for (const [i, codes] of (await encoder.encodeVersions(base, audio)).entries())
              rows[i].push(codes);
          }
          const all: Codes[] = [];
          let next = 0;
          for (const [i, version] of versions.entries()) {
            all.push(fits[i] ? interleaved(rows[next++], channels) : await encode(version.channels));
          }
          return all;
        },
      };
    },
    async decode(codes) {
      checkCodes(codes, tokens);
      const sound: Float32Array[] = [];
      for (const own of byChannel(codes, channels)) sound.push(await decodeChannel(own));
      return sound;
    },
  };
}

/** Codebooks of one channel at the bandwidth asked for. */
function codebooksOf(config: CodecConfig, parts: EncodecParts): number {
  const { name, weights, warn, bandwidth = config.target_bandwidths[0] } = parts;
  if (!config.target_bandwidths.includes(bandwidth)) {
    throw new Error(
      `${name}: no bandwidth of ${bandwidth} kbit/s; there is ${config.target_bandwidths.join(', ')}`,
    );
  }
  const { stored, remark } = storedCodebooks(config, weights, name);
  if (remark) warn(remark);
  const codebooks = codebooksAt(config, bandwidth, stored);
  if (codebooks < 1) throw new Error(`${name}/config.json: target_bandwidths leave no codebook in use`);
  return codebooks;
}

/** The codec's graphs, each in a plain form and one for very short signals. */
function codecGraphs(config: CodecConfig, weights: Weights, codebooks: number) {
  const forms = <T>(build: (short: boolean) => T) => {
    const [plain, short] = [build(false), build(true)];
    return (frames: number): T => (frames <= shortFrames(config) ? short : plain);
  };
  // The LSTM is the same in both: one session.
  const { lstm } = encoderGraphs(config, weights, { codebooks, short: false });
  return {
    encoder: forms((short) => ({
      ...encoderGraphs(config, weights, { codebooks, short }),
      ...(lstm && { lstm }),
    })),
    decoder: forms((short) => decoderGraphs(config, weights, { codebooks, short })),
  };
}

function checkedSamples(
  given: readonly Float32Array[],
  channels: number,
  name: string,
): readonly Float32Array[] {
  if (given.length !== channels && given.length !== 1) {
    throw new Error(
      `${name}: ${counted(given.length, 'channel')} of audio, the model takes ${channels}; down-mix first`,
    );
  }
  const [{ length }] = given;
  if (length === 0) throw new Error(`${name}: no samples to encode`);
  for (const audio of given) {
    if (audio.length !== length) {
      throw new Error(
        `${name}: channels of ${length} and ${counted(audio.length, 'sample')}; they must be as long`,
      );
    }
    const bad = firstNonFinite(audio);
    if (bad >= 0)
      throw new Error(`${name}: sample ${bad} is ${audio[bad]}; only finite samples can be encoded`);
  }
  return given;
}

/** Whether two sounds have as many channels, each of as many samples. */
function haveOneForm(a: readonly Float32Array[], b: readonly Float32Array[]): boolean {
  return a.length === b.length && a[0].length === b[0].length;
}
