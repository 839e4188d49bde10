// What is shown, as one HTML file that needs nothing else: the same page that `losscope probe --html` writes.

import { writeWav } from '../../audio/wav.js';
import { viewerPage } from '../../report/view/page.js';
import { type EncodedSound, type PageClip, packPage } from '../../report/view/page_data.js';
import type { Scene } from '../viewer/scene.js';
import { get } from './site.js';

export async function pageOf(scene: Scene): Promise<Blob> {
  const [script, style] = await Promise.all(
    ['page.js', 'page.css'].map(async (name) => (await get(name)).text()),
  );
  const data = packPage({ clips: [clipOf(scene)], first: 0 });
  const html = viewerPage({
    title: scene.title,
    intro: scene.record ? scene.record.disturbance : '',
    bundle: { script, style },
    data: await deflated(data),
  });
  return new Blob([html], { type: 'text/html' });
}

function clipOf({ name, title, record, map, sound }: Scene): PageClip {
  return {
    name,
    title,
    probes: record ? [record] : [],
    ...(map ? { map } : {}),
    ...(sound
      ? {
          sounds: {
            sampleRate: sound.sampleRate,
            samples: sound.clean.length,
            clean: wav(sound.clean, sound.sampleRate),
            inserts: sound.disturbed
              ? [{ start: 0, samples: sound.disturbed.length, sound: wav(sound.disturbed, sound.sampleRate) }]
              : [],
          },
        }
      : {}),
  };
}

function wav(samples: Float32Array, sampleRate: number): EncodedSound {
  return {
    type: 'audio/wav',
    bytes: writeWav(
      { name: 'sound', sampleRate, channels: [samples.map((v) => Math.max(-1, Math.min(1, v)))] },
      { format: 'pcm16' },
    ),
  };
}

/** Compressed as `viewerPage` wants it. */
async function deflated(bytes: Uint8Array): Promise<string> {
  const stream = new Blob([new Uint8Array(bytes)]).stream().pipeThrough(new CompressionStream('deflate-raw'));
  const packed = new Uint8Array(await new Response(stream).arrayBuffer());
  let text = '';
  for (let at = 0; at < packed.length; at += 8192)
    text += String.fromCharCode(...packed.subarray(at, at + 8192));
  return btoa(text);
}
