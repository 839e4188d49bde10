// Whether this browser's kernels give a row the same bits whatever is computed beside it. A version of a clip may be
// computed from where it differs only if so; the check takes a second of sound, and what it loads is needed anyway.

import type { Clip } from '../audio/clip.js';
import { encode } from '../loss/encode.js';
import { keepEncoding, keepScoring } from '../loss/keep.js';
import { score } from '../loss/loss.js';
import { codecOf, type Model } from '../models/model.js';
import { openModel } from '../models/open.js';
import type { CheckpointFiles, Runtime } from '../models/runtime.js';
import { generator, seedOf } from '../stats/random.js';

const FRAMES = 60;
/** Frames at which a version begins to differ: a long, a short and the shortest suffix. */
const FROM = [7, 40, FRAMES - 1];

export interface CheckedModel {
  readonly model: Model;
  /** Absent when versions are computed from where they differ. */
  readonly warning?: string;
}

/** Opens a model that computes versions from where they differ, if that gives the bits of whole runs here; else whole. */
export async function openChecked(files: CheckpointFiles, runtime: Runtime): Promise<CheckedModel> {
  const model = await openModel(files, { ...runtime, resumes: true });
  if (await suffixEqualsWhole(model)) return { model };
  await model.close();
  return {
    model: await openModel(files, { ...runtime, resumes: false }),
    warning:
      'in this browser parts of a run differ from the whole in their last bits: everything is computed whole',
  };
}

/** Encodes and scores versions of a noise from where they differ and from the start, and compares the bits. */
export async function suffixEqualsWhole(model: Model): Promise<boolean> {
  const { hop, sampleRate } = codecOf(model).clock;
  const random = generator(seedOf('self-check'));
  const sound = Float32Array.from({ length: FRAMES * hop }, () => 0.2 * (2 * random.uniform() - 1));
  const clip: Clip = { name: 'self-check', sampleRate, channels: [sound] };
  const encoding = await keepEncoding(model, clip);
  const scoring = await keepScoring(model, encoding.codes);
  try {
    for (const from of FROM) {
      const version = { ...clip, channels: [sound.map((v, i) => (i < from * hop ? v : -0.5 * v))] };
      const [codes] = await encoding.encode([version]);
      const whole = await encode(model, version);
      if (!codes.data.every((code, i) => code === whole.data[i])) return false;
      const [part, all] = [await scoring.score(codes), await score(model, codes)];
      if (!part.values.every((value, i) => Object.is(value, all.values[i]))) return false;
    }
  } finally {
    await scoring.release();
  }
  return true;
}
