// From a clip as a page holds it to what the viewer shows: its sound decoded by the browser, for the ear only.

import type { ClipSounds, EncodedSound, PageClip } from '../../report/view/page_data.js';
import type { Scene, SceneSound } from './scene.js';

/** Decodes a sound file at a rate. */
export type DecodeSound = (sound: EncodedSound, sampleRate: number) => Promise<Float32Array>;

/** The browser's own decoder; it resamples where the file has another rate. */
export const decodeHere: DecodeSound = async ({ bytes }, sampleRate) => {
  const context = new OfflineAudioContext(1, 1, sampleRate);
  const buffer = await context.decodeAudioData(new Uint8Array(bytes).buffer);
  return buffer.getChannelData(0);
};

export interface OpenClip {
  /** The scene of a probe, without sound until it is decoded. */
  scene(probe: number, sound: SceneSound | undefined): Scene;
  sound(probe: number): Promise<SceneSound | undefined>;
}

/** Decodes once what several probes share. */
export function openPageClip(clip: PageClip, decode: DecodeSound = decodeHere): OpenClip {
  const { sounds } = clip;
  const known = new Map<EncodedSound, Promise<Float32Array>>();
  const decoded = (sound: EncodedSound, sampleRate: number): Promise<Float32Array> => {
    const soon = known.get(sound) ?? decode(sound, sampleRate);
    known.set(sound, soon);
    return soon;
  };
  return {
    scene: (probe, sound) => sceneOf(clip, probe, sound),
    async sound(probe) {
      if (!sounds) return undefined;
      const clean = fitted(await decoded(sounds.clean, sounds.sampleRate), sounds.samples);
      const insert = sounds.inserts[probe];
      if (!insert) return { sampleRate: sounds.sampleRate, clean };
      const piece = await decoded(insert.sound, sounds.sampleRate);
      return { sampleRate: sounds.sampleRate, clean, disturbed: disturbedOf(clean, piece, insert, sounds) };
    },
  };
}

function disturbedOf(
  clean: Float32Array,
  piece: Float32Array,
  { start, samples }: ClipSounds['inserts'][number],
  { samples: whole }: ClipSounds,
): Float32Array {
  const disturbed = fitted(clean, samples);
  // Of another length only after a deletion: then all that follows is the piece.
  const end = samples === whole ? Math.min(samples, start + piece.length) : samples;
  disturbed.set(piece.subarray(0, Math.max(0, end - start)), start);
  return disturbed;
}

/** A copy of a length: a lossy codec gives some samples more. */
function fitted(samples: Float32Array, length: number): Float32Array {
  const copy = new Float32Array(length);
  copy.set(samples.subarray(0, length));
  return copy;
}

function sceneOf(clip: PageClip, probe: number, sound: SceneSound | undefined): Scene {
  const record = clip.probes[probe];
  const clock = record?.clock ?? clip.map?.clock;
  if (!clock) throw new Error(`${clip.name}: neither a probe nor a map`);
  const { map } = clip;
  return {
    name: clip.name,
    title: clip.title,
    clock,
    ...(record ? { clean: record.clean, record } : {}),
    ...(map ? { map } : {}),
    ...(sound ? { sound } : {}),
  };
}
