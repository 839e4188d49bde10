// src/probe/songs.ts, hear.ts: songs in order, judged beside clean clips, and only by a reference that fits.

import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Clip } from '../../src/audio/clip.js';
import { codecOf, type Model } from '../../src/models/model.js';
import { openNamedModel } from '../../src/node/open.js';
import { readClip } from '../../src/node/sound.js';
import { HEARING, hear } from '../../src/probe/hear.js';
import { judgeSongs, type ReferenceFile, requireFitting, songOf } from '../../src/probe/songs.js';
import { referenceOf } from '../../src/scores/reference.js';
import { SCORES_VERSION } from '../../src/scores/scores.js';
import { heardClip } from '../scores/heard.js';

const clean = Array.from({ length: 8 }, (_, i) =>
  songOf(`clean-${i}`, heardClip({ name: `s${i}`, roundTrip: 0.3 + i / 100 })),
);

describe('songs', () => {
  test('the most suspicious comes first, with what speaks against it and where', () => {
    const burst = songOf('burst', heardClip({ name: 'b', roundTrip: 0.33, poor: { start: 200, end: 300 } }));
    const [first, ...rest] = judgeSongs([...clean, burst]);
    expect(first).toMatchObject({ name: 'burst', alarm: true });
    const found = first.findings.find(({ member }) => member === 'poorest');
    expect(found?.where?.start).toBeCloseTo(4, 0);
    expect(rest.every((song, i) => i === 0 || song.strength <= rest[i - 1].strength)).toBe(true);
    expect(first.excess.low).toBeLessThan(first.excess.mean);
  });

  test('with a reference one song is enough, without one six are needed', () => {
    const reference = referenceOf(clean.map(({ values }) => values));
    const one = songOf('one', heardClip({ name: 'one', roundTrip: 0.02 }));
    expect(judgeSongs([one], reference)[0].findings.map(({ member }) => member)).toEqual(['round-trip']);
    expect(() => judgeSongs(clean.slice(0, 5))).toThrow(
      /5 songs cannot be judged beside each other, at least 6/,
    );
  });

  test('a reference of other settings is refused, naming the first that differs', () => {
    const made = {
      fingerprint: 'a',
      protocol: 'delayed',
      hearing: HEARING,
      seconds: 10,
      version: SCORES_VERSION,
    };
    const reference: ReferenceFile = {
      ...made,
      ...referenceOf(clean.map(({ values }) => values)),
      clips: [],
    };
    expect(() => requireFitting(reference, made)).not.toThrow();
    expect(() => requireFitting(reference, { ...made, seconds: 15 })).toThrow(
      /seconds of each clip 10, the clips have 15/,
    );
    expect(() => requireFitting(reference, { ...made, fingerprint: 'b' })).toThrow(
      /model a, the clips have b/,
    );
  });
});

describe('hearing', () => {
  let model: Model;
  let clip: Clip;
  beforeAll(async () => {
    model = await openNamedModel({ model: 'tiny' });
    const file = path.join(import.meta.dirname, '../../demo/heldout-strings.flac');
    clip = await readClip(file, { sampleRate: 32000, channels: 1 }, () => undefined, {
      offset: 2,
      length: 4,
    });
  });
  afterAll(() => model.close());

  const louder = (by: number): Clip => ({
    ...clip,
    channels: clip.channels.map((x) => x.map((v) => v * by)),
  });

  test('how loud a clip is changes nothing', async () => {
    const [plain, quiet] = [await hear(model, clip), await hear(model, louder(0.25))];
    expect(songOf('q', quiet).values.loss).toBeCloseTo(songOf('p', plain).values.loss, 2);
    const own = await hear(model, louder(0.25), { loudness: null, roundTrip: 0 });
    expect(Math.abs(songOf('o', own).values.loss - songOf('p', plain).values.loss)).toBeGreaterThan(0.05);
    expect(own.roundTrip).toBeUndefined();
  });

  test('sound that has been through the codec changes less on its next way through', async () => {
    const codec = codecOf(model);
    const through = await codec.decode(await codec.encode(clip.channels));
    const again = { ...clip, channels: through.map((x) => x.slice(0, clip.channels[0].length)) };
    const [before, after] = [await hear(model, clip), await hear(model, again)];
    expect(before.roundTrip).toBeGreaterThan((after.roundTrip ?? 1) + 0.03);
  });
});
