// What a page of the viewer needs of Node: the bundle that the build made, compression, and sound as Opus.

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { type Clip, sampleCount } from '../audio/clip.js';
import { movesTime } from '../perturb/alignment.js';
import type { Probed } from '../probe/probe.js';
import type { PageParts } from '../report/page.js';
import type { ClipSounds, EncodedSound } from '../report/view/page_data.js';
import { WEB_FOLDER } from './folders.js';
import { oggOpus } from './opus.js';
import { mixed } from './sound.js';

/** Bits per second: of music, and of inserted noise, which needs fewer. */
const BITRATE = { clip: 41_000, insert: 28_000 };

export async function pageParts(sounds: ReadonlyMap<string, ClipSounds>): Promise<PageParts> {
  const [script, style] = await Promise.all(
    ['page.js', 'page.css'].map((name) => readFile(path.join(WEB_FOLDER, name), 'utf8')),
  );
  return {
    bundle: { script, style },
    compress: (bytes) => deflateRawSync(bytes, { level: 9 }).toString('base64'),
    sounds,
  };
}

/** A clip (its channels' mean), and what stands in the window of each probe, to play in a page. */
export function clipSounds(clip: Clip, probed: readonly Probed[] = []): ClipSounds {
  return {
    sampleRate: clip.sampleRate,
    samples: sampleCount(clip),
    clean: opus(mixed(clip), clip.sampleRate, BITRATE.clip),
    inserts: probed.map(({ clip: disturbed, record: { event } }) => {
      const channel = mixed(disturbed);
      // After a deletion or a stretch everything that follows is elsewhere.
      const end = movesTime(event) ? channel.length : event.end;
      const piece = channel.subarray(event.start, Math.max(end, event.start + 1));
      const bitrate = event.kind === 'noise' ? BITRATE.insert : BITRATE.clip;
      return { start: event.start, samples: channel.length, sound: opus(piece, clip.sampleRate, bitrate) };
    }),
  };
}

function opus(samples: Float32Array, sampleRate: number, bitrate: number): EncodedSound {
  return { type: 'audio/ogg', bytes: oggOpus(samples, sampleRate, { bitrate }) };
}
