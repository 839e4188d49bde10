// A family of models that exists in the tests only, so that nothing outside src/models can know of it: sound to one row of
// codes by loudness, and a Markov chain over them. No ONNX graph, one codebook, a lag of two frames.
//
// Code t has the logits T[code t-1], and under `ahead` 1 more for the code two frames later: the chain has then read two
// frames beyond its own, as the first codebooks of a MusicGen have when its last ones are predicted.

import type { Codes } from '../src/audio/codes.js';
import type { CheckpointTensor } from '../src/models/checkpoint.js';
import type { Codec, KeptEncoding } from '../src/models/codec.js';
import type { Family, FamilySource } from '../src/models/family.js';
import {
  type KeptScoring,
  type LanguageModel,
  type LossAndEntropy,
  lagOf,
  type Protocol,
  protocolOf,
  type ScoreForm,
} from '../src/models/language.js';
import { checkCodes } from '../src/models/model.js';
import type { CheckpointFiles } from '../src/models/runtime.js';

/** V. */
export const STATES = 12;
const CLOCK = { sampleRate: 8000, hop: 160 };

const PROTOCOLS: readonly Protocol[] = [
  { name: 'ahead', words: 'with two frames read beyond', lags: [2] },
  { name: 'chain', words: 'the chain alone', lags: [0] },
];

/** How many versions had frames scored again, and how many frames: for tests of what is kept. */
export const work = { frames: 0 };

export const toy: Family = {
  types: ['toy_markov'],
  open(source) {
    const language = languageOf(source);
    return {
      ...{
        codebooks: 1,
        codebookSize: STATES,
        step: 'frame',
        codec: codec(source.checkpoint.name),
        language,
      },
      conditioned: async () => language,
    };
  },
};

function codec(name: string): Codec {
  const encode = async ([samples, ...others]: readonly Float32Array[]): Promise<Codes> => {
    if (!samples?.length || others.length > 0)
      throw new Error(`${name}: takes one channel of sound, not none`);
    const bad = samples.findIndex((sample) => !Number.isFinite(sample));
    if (bad >= 0) throw new Error(`${name}: sample ${bad} is ${samples[bad]}`);
    const frames = Math.ceil(samples.length / CLOCK.hop);
    const data = Int32Array.from({ length: frames }, (_, t) => loudness(samples, t));
    return { codebooks: 1, frames, data };
  };
  return {
    ...{ clock: CLOCK, channels: 1, codebooks: 1, codebookSize: STATES, reach: 0 },
    encode,
    async keep(channels): Promise<KeptEncoding> {
      const codes = await encode(channels);
      return {
        codes,
        async encode(versions) {
          const made: Codes[] = [];
          for (const { channels: sound, end = codes.frames } of versions) {
            const own = await encode(sound);
            const alike = own.frames === codes.frames;
            made.push(
              alike ? { ...own, data: own.data.map((code, t) => (t < end ? code : codes.data[t])) } : own,
            );
          }
          return made;
        },
      };
    },
    async decode(codes) {
      checkCodes(codes, { name, codebooks: 1, codebookSize: STATES });
      const sound = new Float32Array(codes.frames * CLOCK.hop);
      return [
        sound.map((_, i) => ((codes.data[Math.floor(i / CLOCK.hop)] + 0.5) / STATES) * (i % 2 ? 0.5 : -0.5)),
      ];
    },
  };
}

/** Mean |sample| of a frame, 0 to 0.5 in V steps. */
function loudness(samples: Float32Array, frame: number): number {
  const part = samples.subarray(frame * CLOCK.hop, (frame + 1) * CLOCK.hop);
  const mean = part.reduce((sum, sample) => sum + Math.abs(sample), 0) / part.length;
  return Math.min(STATES - 1, Math.floor(2 * STATES * mean));
}

function languageOf({ checkpoint }: FamilySource): LanguageModel {
  const { name } = checkpoint;
  const tensor = checkpoint.tensors.get('transitions');
  if (!tensor) throw new Error(`${name}: no tensor transitions`);
  let table: Promise<Float32Array> | undefined;
  const at = async (
    codes: Codes,
    form: ScoreForm,
    known?: { readonly codes: Codes; readonly loss: LossAndEntropy; readonly end: number },
  ): Promise<LossAndEntropy> => {
    const protocol = protocolOf({ protocols: PROTOCOLS }, form.protocol, name);
    checkCodes(codes, { name, codebooks: 1, codebookSize: STATES });
    table ??= floatsOf(checkpoint.files, tensor);
    const transitions = await table;
    const lag = lagOf(protocol);
    const { frames } = codes;
    const values = new Float32Array(frames).fill(Number.NaN);
    const entropy = values.slice();
    const asked = form.untrained === 'scored' ? frames : frames - lag;
    for (let t = 0; t < Math.min(asked, known?.end ?? frames); t++) {
      const same = known && [t - 1, t, t + lag].every((i) => known.codes.data[i] === codes.data[i]);
      if (!same) work.frames++;
      [values[t], entropy[t]] = same
        ? [known.loss.values[t], known.loss.entropy[t]]
        : scored(logitsAt(codes.data, t, lag, transitions), codes.data[t]);
    }
    return { protocol: protocol.name, codebooks: 1, frames, values, entropy };
  };
  return {
    protocols: PROTOCOLS,
    score: (codes, form = {}) => at(codes, form),
    async keep(codes, form = {}): Promise<KeptScoring> {
      const loss = await at(codes, form);
      return {
        codes,
        loss,
        score: (version, { end = version.frames } = {}) =>
          version.frames === codes.frames ? at(version, form, { codes, loss, end }) : at(version, form),
        release: async () => undefined,
      };
    },
  };
}

function logitsAt(codes: Int32Array, t: number, lag: number, transitions: Float32Array): Float64Array {
  const row = t === 0 ? 0 : codes[t - 1];
  return Float64Array.from(
    { length: STATES },
    (_, code) => transitions[row * STATES + code] + (lag > 0 && codes[t + lag] === code ? 1 : 0),
  );
}

/** Loss of a code and entropy, nats. */
function scored(logits: Float64Array, code: number): [number, number] {
  const partition = Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0));
  const spread = logits.reduce((sum, logit) => sum - Math.exp(logit - partition) * (logit - partition), 0);
  return [partition - logits[code], spread];
}

async function floatsOf(
  files: CheckpointFiles,
  { file, offset, length }: CheckpointTensor,
): Promise<Float32Array> {
  const bytes = await files.read(file, offset, offset + length);
  return new Float32Array(bytes.slice().buffer);
}

/** The files of a toy model: config.json and model.safetensors with transitions [V, V] that like to stay. */
export function toyFiles(): ReadonlyMap<string, Uint8Array> {
  const transitions = Float32Array.from({ length: STATES * STATES }, (_, i) => {
    const [from, to] = [Math.floor(i / STATES), i % STATES];
    return -Math.abs(from - to) + 0.3 * Math.sin(7 * i);
  });
  const header = JSON.stringify({
    transitions: { dtype: 'F32', shape: [STATES, STATES], data_offsets: [0, 4 * transitions.length] },
  });
  const file = new Uint8Array(8 + header.length + 4 * transitions.length);
  new DataView(file.buffer).setBigUint64(0, BigInt(header.length), true);
  file.set(new TextEncoder().encode(header), 8);
  file.set(new Uint8Array(transitions.buffer), 8 + header.length);
  return new Map([
    ['config.json', new TextEncoder().encode(JSON.stringify({ model_type: 'toy_markov' }))],
    ['model.safetensors', file],
  ]);
}
