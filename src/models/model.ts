// A model as the rest of losscope sees it: sound to codes, codes to sound, and (for a MusicGen) the language model
// over codes. Graphs are built and every weight is checked when the folder is opened; a session is loaded when
// it is first needed.

import type { Codes, FrameClock } from '../audio/codes.js';
import { byChannel, interleaved } from './channels.js';
import { openCheckpoint } from './checkpoint.js';
import { type CodecConfig, type MusicgenConfig, parseConfig } from './config.js';
import { clockOf, codebooksAt, decoderGraph, shortFrames, storedCodebooks } from './encodec/encodec.js';
import { encoderOf, floatsOf, type KeptAudio } from './encodec/encoder.js';
import { encoderGraphs } from './encodec/encoder_graphs.js';
import { type Condition, languageModels } from './musicgen/condition.js';
import type { LanguageModel } from './musicgen/language.js';
import type { Precision } from './musicgen/w8a8.js';
import type { CheckpointFiles, ModelGraph, Runtime, Session } from './runtime.js';
import { type Weights, weightsOf } from './weights.js';

export interface Model {
  /** What the user called the folder. */
  readonly name: string;
  /** SHA-256 over config.json and weights: see openCheckpoint. */
  readonly fingerprint: string;
  /** What runs it, where, and with which instruction set, as recorded with every number: see Runtime. */
  readonly runtime: string;
  readonly device: string;
  readonly instructions: string;
  /** How the decoder's linear layers are computed: numbers of two precisions never belong in one comparison. */
  readonly precision: Precision;
  /** See Runtime.resumes. */
  readonly resumes: boolean;
  readonly clock: FrameClock;
  /** Channels that decode gives; encode takes as many, or one. */
  readonly channels: 1 | 2;
  /** K, of all channels together. */
  readonly codebooks: number;
  /** V. */
  readonly codebookSize: number;
  /** Without any condition (a melody model: its null condition). Absent for a codec alone. */
  readonly language?: LanguageModel;
  /** The language model under a condition. Throws one line when the model cannot be told that. */
  conditioned(condition: Condition): Promise<LanguageModel>;
  /**
   * Samples [channel][sample] at the clock's rate -> codes [K, ceil(samples / hop)]. Mono sound in a stereo model is
   * encoded once and stands for both channels, as Hugging Face does it.
   */
  encode(channels: readonly Float32Array[]): Promise<Codes>;
  /** The same, keeping what versions of the sound can begin with: 12 kB a frame and channel for the released codec. */
  keepSound(channels: readonly Float32Array[]): Promise<KeptSound>;
  /** Codes [K, T] -> samples [channel][T * hop]. */
  decode(codes: Codes): Promise<Float32Array[]>;
  /** Unloads all sessions. */
  close(): Promise<void>;
}

/** A sound encoded once. Nothing to release: it lies on the heap. */
export interface KeptSound {
  readonly codes: Codes;
  /** Codes of versions: to the bit those of `encode`, computed where they differ and, after that, as far as the LSTM carries it. */
  encode(versions: readonly SoundVersion[]): Promise<Codes[]>;
}

export interface SoundVersion {
  /** [channel][sample]: as many of both as the kept sound. */
  readonly channels: readonly Float32Array[];
  /** Frames from here on are not looked at and get the kept sound's codes. Default: all are. */
  readonly end?: number;
}

export interface OpenOptions {
  /** kbit/s, for a codec that has several: how many codebooks to use. Default: the first target bandwidth. */
  readonly bandwidth?: number;
  /** Of the decoder when it scores. Default `fp32`; `w8a8` is faster and an approximation: see `parity`. */
  readonly precision?: Precision;
  /** Hears in one line what is odd about a checkpoint that can be used. */
  readonly warn?: (line: string) => void;
}

/** Opens a checkpoint folder. Throws one line naming what is wrong; nothing is loaded yet. */
export async function openModel(
  files: CheckpointFiles,
  runtime: Runtime,
  options: OpenOptions = {},
): Promise<Model> {
  const checkpoint = await openCheckpoint(files);
  for (const remark of checkpoint.remarks) options.warn?.(remark);
  const { codec, decoder, text, melody } = parseConfig(checkpoint.config, files.name);
  const weights = weightsOf(checkpoint);
  const codecWeights = decoder ? weights.under('audio_encoder.') : weights;
  const codebooks = codebooksOf({ codec, decoder, weights: codecWeights, name: files.name }, options);
  const sessions = sessionsOf(runtime, files);
  const channels = decoder?.audio_channels ?? 1;
  const graphs = codecGraphs(codec, codecWeights, codebooks / channels);
  const { precision = 'fp32' } = options;
  if (precision !== 'fp32' && runtime.device !== 'cpu') {
    throw new Error(`${files.name}: ${precision} runs on the CPU only, not on ${runtime.device}`);
  }
  const languages =
    decoder && languageModels({ decoder, text, melody, precision, checkpoint, weights, open: sessions.open });
  weights.refuseMisfits();
  const encoder = encoderOf(codec, {
    graphs: graphs.encoder,
    open: sessions.open,
    codebooks: codebooks / channels,
    name: files.name,
  });

  const clock = clockOf(codec);
  const base = {
    name: files.name,
    fingerprint: checkpoint.fingerprint,
    runtime: runtime.version,
    device: runtime.device,
    instructions: runtime.instructions,
    precision,
    resumes: runtime.resumes,
    clock,
    channels,
    codebooks,
    codebookSize: codec.codebook_size,
  };
  return {
    ...base,
    ...(languages && { language: languages.unconditional }),
    async conditioned(condition) {
      if (!languages) throw new Error(`${files.name}: a codec alone has no language model to condition`);
      return languages.conditioned(condition);
    },
    async encode(given) {
      const codes: Codes[] = [];
      for (const audio of checkedSamples(given, channels, files.name))
        codes.push(await encoder.encode(audio));
      return interleaved(codes, channels);
    },
    async keepSound(given) {
      const kept: KeptAudio[] = [];
      for (const audio of checkedSamples(given, channels, files.name)) kept.push(await encoder.keep(audio));
      return {
        codes: interleaved(
          kept.map(({ codes }) => codes),
          channels,
        ),
        async encode(versions) {
          for (const version of versions) checkVersion(version.channels, given, files.name);
          const byVersion: Codes[][] = versions.map(() => []);
          for (const [c, own] of kept.entries()) {
            const codes = await own.encode(versions.map((one) => ({ audio: one.channels[c], end: one.end })));
            for (const [i, rows] of codes.entries()) byVersion[i].push(rows);
          }
          return byVersion.map((codes) => interleaved(codes, channels));
        },
      };
    },
    async decode(codes) {
      checkCodes(codes, base);
      const sound: Float32Array[] = [];
      for (const { codebooks: rows, frames, data } of byChannel(codes, channels)) {
        const session = await sessions.open(graphs.decoder(frames));
        const feeds = { codes: { type: 'int32', dims: [rows, frames], data } as const };
        const { tensors } = await session.run(feeds, { fetch: ['audio'] });
        sound.push(floatsOf(tensors.audio, `${files.name}: the decoder`));
      }
      return sound;
    },
    close: sessions.close,
  };
}

/** Throws unless codes are of this model: K rows, at least one frame, each entry 0..V-1. */
export function checkCodes(
  codes: Codes,
  model: { readonly name: string; readonly codebooks: number; readonly codebookSize: number },
): void {
  if (codes.codebooks !== model.codebooks) {
    throw new Error(
      `${model.name}: codes have ${codes.codebooks} codebooks, the model has ${model.codebooks}`,
    );
  }
  if (codes.frames < 1 || codes.data.length !== codes.codebooks * codes.frames) {
    throw new Error(
      `${model.name}: ${codes.data.length} codes given as [${codes.codebooks}, ${codes.frames}]; at least one frame expected`,
    );
  }
  const bad = codes.data.findIndex((code) => code < 0 || code >= model.codebookSize);
  if (bad >= 0) {
    const [k, t] = [Math.floor(bad / codes.frames), bad % codes.frames];
    throw new Error(
      `${model.name}: code ${codes.data[bad]} (codebook ${k}, frame ${t}), expected 0 to ${model.codebookSize - 1}`,
    );
  }
}

interface CodebookSource {
  readonly codec: CodecConfig;
  readonly decoder: MusicgenConfig | undefined;
  /** The codec's. */
  readonly weights: Weights;
  readonly name: string;
}

function codebooksOf({ codec, decoder, weights, name }: CodebookSource, options: OpenOptions): number {
  const { bandwidth = codec.target_bandwidths[0] } = options;
  if (!codec.target_bandwidths.includes(bandwidth)) {
    throw new Error(
      `${name}: no bandwidth of ${bandwidth} kbit/s; there is ${codec.target_bandwidths.join(', ')}`,
    );
  }
  const channels = decoder?.audio_channels ?? 1;
  const { stored, remark } = storedCodebooks(codec, weights, name);
  if (remark) options.warn?.(remark);
  const codebooks = channels * codebooksAt(codec, bandwidth, stored);
  if (decoder && decoder.num_codebooks !== codebooks) {
    throw new Error(
      `${name}/config.json: the decoder has ${decoder.num_codebooks} codebooks, the codec gives ${codebooks} ` +
        `at ${bandwidth} kbit/s and ${channels} channels`,
    );
  }
  if (codebooks < 1) throw new Error(`${name}/config.json: target_bandwidths leave no codebook in use`);
  return codebooks;
}

/** The codec's graphs, each in a plain form and one for very short signals. */
function codecGraphs(codec: CodecConfig, weights: Weights, codebooks: number) {
  const forms = <T>(build: (short: boolean) => T) => {
    const [plain, short] = [build(false), build(true)];
    return (frames: number): T => (frames <= shortFrames(codec) ? short : plain);
  };
  // The LSTM is the same in both: one session.
  const { lstm } = encoderGraphs(codec, weights, { codebooks, short: false });
  return {
    encoder: forms((short) => ({
      ...encoderGraphs(codec, weights, { codebooks, short }),
      ...(lstm && { lstm }),
    })),
    decoder: forms((short) => decoderGraph(codec, weights, { codebooks, short })),
  };
}

/** Sessions by graph, each loaded when first asked for; a load that failed is tried again. */
function sessionsOf(runtime: Runtime, files: CheckpointFiles) {
  const loaded = new Map<ModelGraph, Promise<Session>>();
  return {
    open(graph: ModelGraph): Promise<Session> {
      const known = loaded.get(graph);
      if (known) return known;
      const session = runtime.open(graph, files);
      loaded.set(graph, session);
      session.catch(() => loaded.delete(graph));
      return session;
    },
    async close(): Promise<void> {
      // A load that failed has told the one who asked; there is nothing of it to close.
      const outcomes = await Promise.allSettled(loaded.values());
      loaded.clear();
      await Promise.all(outcomes.map((load) => load.status === 'fulfilled' && load.value.close()));
    },
  };
}

function checkedSamples(
  given: readonly Float32Array[],
  channels: number,
  name: string,
): readonly Float32Array[] {
  if (given.length !== channels && given.length !== 1) {
    throw new Error(
      `${name}: ${given.length} channels of audio, the model takes ${channels}; down-mix first`,
    );
  }
  const [{ length }] = given;
  if (length === 0) throw new Error(`${name}: no samples to encode`);
  for (const audio of given) {
    if (audio.length !== length) {
      throw new Error(`${name}: channels of ${length} and ${audio.length} samples; they must be as long`);
    }
    const bad = audio.findIndex((sample) => !Number.isFinite(sample));
    if (bad >= 0)
      throw new Error(`${name}: sample ${bad} is ${audio[bad]}; only finite samples can be encoded`);
  }
  return given;
}

/** Throws unless a version has the kept sound's form; checks its samples. */
function checkVersion(version: readonly Float32Array[], kept: readonly Float32Array[], name: string): void {
  checkedSamples(version, kept.length, name);
  if (version.length !== kept.length || version[0].length !== kept[0].length) {
    throw new Error(
      `${name}: a version of ${version.length} x ${version[0].length} samples of a sound of ${kept.length} x ${kept[0].length}; ` +
        'both must have one form: encode it anew',
    );
  }
}
