// What a page needs of Node: the built bundle, and sound for each version that covers what was disturbed.

import { expect, test } from 'vitest';
import { clipSounds, pageParts } from '../../src/node/page_parts.js';
import type { Event } from '../../src/perturb/perturbation.js';
import type { Probed } from '../../src/probe/probe.js';

const clip = (samples: number) => ({
  name: 'a',
  sampleRate: 8000,
  channels: [new Float32Array(samples).fill(0.1)],
});
const probed = (event: Partial<Event>, samples: number) =>
  ({ clip: clip(samples), record: { event } }) as unknown as Probed;

test('only what was replaced is kept of a version, and all after the joint where time moved', () => {
  const sounds = clipSounds(clip(16_000), [
    probed({ kind: 'noise', start: 4000, end: 8000 }, 16_000),
    probed({ kind: 'delete', start: 4000, end: 4000, removed: { start: 4000, end: 8000 } }, 12_000),
  ]);
  expect(sounds).toMatchObject({ sampleRate: 8000, samples: 16_000 });
  const [noise, cut] = sounds.inserts;
  expect([noise.start, noise.samples, cut.start, cut.samples]).toEqual([4000, 16_000, 4000, 12_000]);
  // Half a second of noise at fewer bits a second than a second of music.
  expect(noise.sound?.bytes.length).toBeLessThan(cut.sound?.bytes.length ?? 0);
  expect(sounds.clean.type).toBe('audio/ogg');
});

test('the bundle of the build is there, and what is compressed is smaller', async () => {
  const { bundle, compress } = await pageParts(new Map());
  expect([bundle.script.length > 10_000, bundle.style.includes('--ink')]).toEqual([true, true]);
  expect((await compress(new Uint8Array(10_000))).length).toBeLessThan(200);
});
