// The worker that measures: a model on onnxruntime-web, and the last clips that were scored. Requests are answered one
// after the other.

import { cut, duration } from '../../audio/clip.js';
import { decode } from '../../audio/decode.js';
import { conform } from '../../audio/resample.js';
import { formatOf } from '../../loss/encode.js';
import { codecOf, type Model } from '../../models/model.js';
import { sensitivityMap } from '../../probe/map.js';
import { type CleanClip, probe, scoreClip } from '../../probe/probe.js';
import { fetchBlobs, openBlobs, weightBytes } from '../checkpoint_files.js';
import { webRuntime } from '../runtime.js';
import { openChecked } from '../self_check.js';
import type { EngineMessage, RequestName, Requests } from './messages.js';

/** Clips whose state is kept: some 20 MB each with `tiny`. */
const KEPT = 3;
/** Seconds of a sound that are scored; what is longer is cut, and said. */
const LONGEST = 30;
const FILES = ['config.json', 'model.safetensors'];

type OnProgress = (done: number, of: number) => void;
type Answers = {
  readonly [K in RequestName]: (
    ask: Requests[K]['ask'],
    onProgress: OnProgress,
  ) => Promise<Requests[K]['answer']>;
};

let model: Model | undefined;
const clips = new Map<number, CleanClip>();
let nextClip = 1;

function opened(): Model {
  if (!model) throw new Error('no model is open yet');
  return model;
}

function known(id: number): CleanClip {
  const clip = clips.get(id);
  if (!clip) throw new Error('this clip is no longer kept: choose it again');
  return clip;
}

const ANSWERS: Answers = {
  async open({ folder, name, threads, files }, onProgress) {
    const runtime = webRuntime({ assets: new URL('.', self.location.href).href, threads });
    const counted = (of: number) => {
      let bytes = 0;
      return (more: number) => {
        bytes = Math.min(bytes + more, of || Number.POSITIVE_INFINITY);
        onProgress(bytes, of);
      };
    };
    const blobs = files ?? (await fetchBlobs(folder, FILES, counted(0)));
    const of = files ? weightBytes(name, files) : 0;
    const checked = await openChecked(openBlobs(name, blobs, of > 0 ? counted(of) : undefined), runtime);
    model = checked.model;
    return { model: name, ...(checked.warning ? { warning: checked.warning } : {}) };
  },
  async score({ name, bytes }) {
    const { clock } = codecOf(opened());
    const { clip: read, warnings } = await decode(bytes, name);
    const long = duration(read) > LONGEST;
    const part = long ? cut(read, { length: LONGEST }) : read;
    const clip = conform(part, formatOf(opened()));
    const clean = await scoreClip(opened(), clip, { ranks: true });
    const id = nextClip++;
    clips.set(id, clean);
    for (const old of [...clips.keys()].slice(0, -KEPT)) {
      await clips.get(old)?.release();
      clips.delete(old);
    }
    const told = long
      ? [...warnings, `${name}: ${duration(read).toFixed(0)} s long; the first ${LONGEST} s are scored here`]
      : warnings;
    return { id, name, clock, scored: clean.scored, samples: mixed(clip.channels), warnings: told };
  },
  async probe({ id, perturbation }) {
    const { clip, record } = await probe(opened(), known(id), perturbation);
    return { record, samples: mixed(clip.channels) };
  },
  map: ({ id }, onProgress) => sensitivityMap(opened(), known(id), {}, onProgress),
};

/** The mean of the channels. */
function mixed(channels: readonly Float32Array[]): Float32Array {
  if (channels.length === 1) return channels[0];
  return channels[0].map((_, i) => channels.reduce((sum, channel) => sum + channel[i], 0) / channels.length);
}

async function answer<K extends RequestName>({ number, kind, ask }: EngineMessage<K>): Promise<void> {
  try {
    const onProgress: OnProgress = (done, of) => self.postMessage({ number, progress: { done, of } });
    self.postMessage({ number, answer: await ANSWERS[kind](ask, onProgress) });
  } catch (error) {
    self.postMessage({ number, error: error instanceof Error ? error.message : String(error) });
  }
}

let last: Promise<void> = Promise.resolve();
self.onmessage = ({ data }: MessageEvent<EngineMessage>) => {
  last = last.then(() => answer(data));
};
