// Runs in a worker of the browser under test: one named scenario a message, its result as plain JSON.

import { decode as decodeSound } from '../../../src/audio/decode.js';
import { conform } from '../../../src/audio/resample.js';
import { encode, formatOf } from '../../../src/loss/encode.js';
import { generate } from '../../../src/loss/generate.js';
import { keepEncoding, keepScoring } from '../../../src/loss/keep.js';
import { score } from '../../../src/loss/loss.js';
import { codecOf, type Model } from '../../../src/models/model.js';
import { openModel } from '../../../src/models/open.js';
import type { Runtime } from '../../../src/models/runtime.js';
import { perturb } from '../../../src/perturb/apply.js';
import { parsePerturbation } from '../../../src/perturb/schema.js';
import { probe, scoreClip } from '../../../src/probe/probe.js';
import { type BlobFiles, fetchBlobs, openBlobs } from '../../../src/web/checkpoint_files.js';
import { webRuntime } from '../../../src/web/runtime.js';
import { openChecked, suffixEqualsWhole } from '../../../src/web/self_check.js';

const runtimeOf = (threads: number): Runtime => webRuntime({ assets: '/', threads, resumes: true });

async function filesOf(name: string, names = ['config.json', 'model.safetensors']): Promise<BlobFiles> {
  return openBlobs(name, await fetchBlobs(`/${name}`, names));
}

async function bytesOf(path: string): Promise<Uint8Array> {
  return new Uint8Array(await (await fetch(path)).arrayBuffer());
}

async function clipOf(path: string, model: Model) {
  const { clip } = await decodeSound(await bytesOf(path), path.slice(1));
  return conform(clip, formatOf(model));
}

/** A runtime whose runs on kept tensors differ from whole ones in the last bit of the losses. */
function unlikeWhole(runtime: Runtime): Runtime {
  return {
    ...runtime,
    async open(graph, files) {
      const session = await runtime.open(graph, files);
      return {
        ...session,
        async run(feeds, options) {
          const result = await session.run(feeds, options);
          const nll = result.tensors.nll;
          const resumed = Object.values(feeds).some((value) => 'kept' in value);
          if (resumed && nll?.type === 'float32') nll.data.set(nll.data.map((value) => value * (1 + 1e-6)));
          return result;
        },
      };
    },
  };
}

const SCENARIOS: Readonly<Record<string, (...args: never[]) => Promise<unknown>>> = {
  /** Codes, loss and sound of a clip, clean and disturbed, whole and from where it differs. */
  async measure(name: string, sound: string, disturbance: string, threads: number) {
    const model = await openModel(await filesOf(name), runtimeOf(threads));
    const clip = await clipOf(sound, model);
    const version = perturb(clip, parsePerturbation(disturbance, { seed: 1 }), codecOf(model).clock).clip;
    const encoding = await keepEncoding(model, clip);
    const scoring = await keepScoring(model, encoding.codes);
    const [codes] = await encoding.encode([version]);
    const whole = await encode(model, version);
    const loss = await scoring.score(codes);
    const wholeLoss = await score(model, codes);
    const [back] = await codecOf(model).decode(encoding.codes);
    await model.close();
    return {
      runtime: model.runtime,
      codes: [...encoding.codes.data],
      loss: [...scoring.loss.values],
      entropy: [...scoring.loss.entropy],
      spread: [...(scoring.loss.spread ?? [])],
      disturbedCodes: [...codes.data],
      disturbedLoss: [...loss.values],
      sameCodes: codes.data.every((code, i) => code === whole.data[i]),
      sameBits: loss.values.every((value, i) => Object.is(value, wholeLoss.values[i])),
      sound: [...back],
    };
  },
  /** The record of a probe, as far as it is told by numbers. */
  async probe(name: string, sound: string, disturbance: string) {
    const { model, warning } = await openChecked(await filesOf(name), runtimeOf(1));
    const clean = await scoreClip(model, await clipOf(sound, model));
    const { record } = await probe(model, clean, parsePerturbation(disturbance, { seed: 1 }));
    await model.close();
    return {
      warning,
      profile: record.profile,
      lossDifference: record.lossDifference,
    };
  },
  /** Samples of a file of any format, as a hash of their bits: they are many. */
  async decode(sound: string) {
    const { clip } = await decodeSound(await bytesOf(sound), sound);
    const hashes = clip.channels.map(async (channel) => {
      const digest = await crypto.subtle.digest('SHA-256', new Uint8Array(channel.slice().buffer));
      return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
    });
    return {
      sampleRate: clip.sampleRate,
      samples: clip.channels[0].length,
      hashes: await Promise.all(hashes),
    };
  },
  async selfCheck(name: string) {
    const honest = await openModel(await filesOf(name), runtimeOf(1));
    const other = await openChecked(await filesOf(name), unlikeWhole(runtimeOf(1)));
    return {
      honest: await suffixEqualsWhole(honest),
      warning: other.warning,
    };
  },
  /** How often the weights were read, and how many bytes at a time. */
  async reading(name: string, asArray: boolean) {
    const files = await filesOf(name);
    const reads: number[] = [];
    const real = globalThis as { FileReaderSync?: new () => { readAsArrayBuffer(blob: Blob): ArrayBuffer } };
    const Reader = real.FileReaderSync;
    if (!Reader) throw new Error('no FileReaderSync in this worker');
    real.FileReaderSync = class {
      readAsArrayBuffer(blob: Blob): ArrayBuffer {
        reads.push(blob.size);
        if (asArray) throw new Error('not this way');
        return new Reader().readAsArrayBuffer(blob);
      }
    };
    try {
      const model = await openModel(files, runtimeOf(1));
      const codes = await codecOf(model).encode([new Float32Array(4 * codecOf(model).clock.hop).fill(0.1)]);
      await model.close();
      return {
        reads: reads.length,
        largest: Math.max(...reads),
        size: await files.size('model.safetensors'),
        codes: [...codes.data],
      };
    } finally {
      real.FileReaderSync = Reader;
    }
  },
  async generate(name: string) {
    const model = await openModel(await filesOf(name), runtimeOf(1));
    await generate(model, { frames: 4, randoms: [{ uniform: () => 0.5 }] });
    return 'generated';
  },
};

self.onmessage = async ({ data }: MessageEvent<{ name: string; args: never[] }>) => {
  try {
    self.postMessage({ result: await SCENARIOS[data.name](...data.args) });
  } catch (error) {
    self.postMessage({
      error: error instanceof Error ? `${error.constructor.name}: ${error.message}` : String(error),
    });
  }
};
