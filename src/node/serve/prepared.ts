// Clips measured in advance: the bundled ones, with the demo's disturbance, as the viewer shows them.

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { sampleCount } from '../../audio/clip.js';
import { writeWav } from '../../audio/wav.js';
import { formatOf } from '../../loss/encode.js';
import type { Model } from '../../models/model.js';
import { movesTime } from '../../perturb/alignment.js';
import type { Perturbation } from '../../perturb/perturbation.js';
import { GROUPS } from '../../probe/demo_clips.js';
import { type Probed, probe, scoreClip } from '../../probe/probe.js';
import { type ClipSounds, type EncodedSound, packPage } from '../../report/view/page_data.js';
import { readClipList } from '../clip_list.js';
import { readDemoClip } from '../demo.js';
import { DEMO_FOLDER } from '../folders.js';
import { mixed, type Warn } from '../sound.js';
import { typeOf } from './resource.js';

/** What the first sight of a bundled clip shows. */
const FIRST: Perturbation = {
  kind: 'noise',
  color: 'white',
  at: { seconds: 5 },
  length: { tokens: 100 },
  level: 'match',
  seed: 1,
};

/** Packed page data (see page_data.ts) of the bundled clip with this file name. */
export async function preparedDemo(model: Model, file: string, warn: Warn): Promise<Uint8Array> {
  const entry = (await readClipList()).find((one) => one.file === file);
  if (!entry) throw new Error(`${file}: not one of the bundled clips`);
  const { clip, title, group } = await readDemoClip(entry, formatOf(model), warn);
  const clean = await scoreClip(model, clip, { ranks: true });
  const probed = await probe(model, clean, FIRST, { title, group: `${group}: ${GROUPS[group]}` });
  await clean.release();
  const bytes = await readFile(path.join(DEMO_FOLDER, file));
  const sounds: ClipSounds = {
    sampleRate: clip.sampleRate,
    samples: sampleCount(clip),
    clean: { type: typeOf(file), bytes: new Uint8Array(bytes) },
    inserts: [insertOf(probed)],
  };
  return packPage({
    clips: [{ name: file, title, group: GROUPS[group], probes: [probed.record], sounds }],
    first: 0,
  });
}

/** What stands in the window. */
function insertOf({ clip, record: { event } }: Probed): ClipSounds['inserts'][number] {
  const channel = mixed(clip).subarray(event.start, movesTime(event) ? sampleCount(clip) : event.end);
  return { start: event.start, samples: sampleCount(clip), sound: wavSound(channel, clip.sampleRate) };
}

/** Samples as a WAV file for a page on this machine, where size is nothing. Peaks beyond full scale are cut. */
export function wavSound(samples: Float32Array, sampleRate: number): EncodedSound {
  const inRange = samples.map((sample) => Math.max(-1, Math.min(1, sample)));
  return {
    type: 'audio/wav',
    bytes: writeWav({ name: 'sound', sampleRate, channels: [inRange] }, { format: 'pcm16' }),
  };
}
