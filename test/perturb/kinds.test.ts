// Every kind of disturbance of the waveform: what it makes of its window, that it leaves all else alone, what it refuses.
// (Orders and joints: perturb_order.test.ts; drawn places and several at once: perturb_place.test.ts.)

import { describe, expect, test } from 'vitest';
import type { Clip } from '../../src/audio/clip.js';
import { rmsDbfs } from '../../src/audio/spectrum.js';
import { perturb } from '../../src/perturb/apply.js';
import type { Event, Perturbation, Place } from '../../src/perturb/perturbation.js';
import { type Material, materialFor, stretchOf } from '../../src/perturb/splice.js';
import { clock, music } from './clip.js';

const CLIP = music('songs/one.wav');
const material: Material = {
  clips: new Map([['other.wav', music('other.wav', 1000)]]),
  roundTrips: [music('again', 3010)],
};
const window = { at: { tokens: 100 }, length: { tokens: 50 }, seed: 1 } as const;
const same = (a: Float32Array, b: Float32Array): boolean =>
  Buffer.from(a.slice().buffer).equals(Buffer.from(b.slice().buffer));

/** One of each kind in samples [1000, 1500), or within. */
const EACH: readonly Perturbation[] = [
  { kind: 'noise', color: 'white', level: 'match', ...window },
  { kind: 'noise', color: 'brown', level: { dbfs: -20 }, mode: 'add', ...window },
  { kind: 'noise', color: 'released-blue', level: 'match', ...window },
  { kind: 'tone', hz: 110, level: 'match', ...window },
  { kind: 'tone', hz: 60.5, level: { dbfs: -6 }, mode: 'add', ...window },
  { kind: 'click', level: { dbfs: -3 }, at: window.at, seed: 1 },
  { kind: 'click', level: { dbfs: -3 }, at: window.at, length: { seconds: 0.005 }, seed: 1 },
  { kind: 'silence', ...window },
  { kind: 'foreign', clip: 'other.wav', from: { seconds: 0.3 }, level: 'own', ...window },
  { kind: 'foreign', clip: 'other.wav', from: { tokens: 0 }, level: 'match', fade: { tokens: 2 }, ...window },
  { kind: 'shuffle', block: { tokens: 5 }, ...window },
  { kind: 'shuffle', block: { tokens: 7 }, fade: { tokens: 1 }, ...window },
  { kind: 'shuffle', block: { tokens: 1 }, share: 0.3, fade: { seconds: 0.004 }, ...window },
  { kind: 'repeat', block: { tokens: 8 }, ...window },
  { kind: 'repeat', block: { tokens: 8 }, fade: { tokens: 2 }, ...window },
  { kind: 'reverse', ...window },
  { kind: 'reverse', fade: { seconds: 0.03 }, ...window },
  { kind: 'reencode', at: window.at, length: window.length, seed: 1 },
  { kind: 'identity', ...window },
];
const named = EACH.map((perturbation) => [JSON.stringify(perturbation), perturbation] as const);

/** What stands in the window of channel c. */
function inside(clip: Clip, { start, end }: Place, c = 0): Float32Array {
  return clip.channels[c].subarray(start, end);
}

describe('every kind', () => {
  test.each(named)('%s', (_, perturbation) => {
    const kept = CLIP.channels.map((channel) => channel.slice());
    const { clip, event } = perturb(CLIP, perturbation, clock, material);
    const end = perturbation.kind !== 'click' ? 1500 : perturbation.length ? 1005 : 1001;
    expect([event.start, event.end, event.kind]).toEqual([1000, end, perturbation.kind]);
    expect(event.perturbation).toBe(perturbation);
    expect([clip.name, clip.sampleRate]).toEqual([CLIP.name, 1000]);
    clip.channels.forEach((channel, c) => {
      expect(same(channel.subarray(0, 1000), kept[c].subarray(0, 1000))).toBe(true);
      expect(same(channel.subarray(end), kept[c].subarray(end))).toBe(true);
      expect(same(channel.subarray(1000, end), kept[c].subarray(1000, end))).toBe(
        perturbation.kind === 'identity',
      );
      expect(same(CLIP.channels[c], kept[c])).toBe(true);
    });
    // The same once more, and from another folder in another format.
    const again = perturb({ ...CLIP, name: 'x/one.flac' }, perturbation, clock, material);
    expect(again.clip.channels.every((channel, c) => same(channel, clip.channels[c]))).toBe(true);
    expect(again.event).toEqual(event);
  });

  test.each(named.filter(([, { kind }]) => kind === 'noise' || kind === 'tone'))(
    'level and mode: %s',
    (_, p) => {
      if (p.kind !== 'noise' && p.kind !== 'tone') throw new Error('filtered above');
      const { clip, event } = perturb(CLIP, p, clock);
      const wanted = p.level === 'match' ? rmsDbfs(CLIP.channels, event) : p.level.dbfs;
      expect(Math.abs((event.levelDbfs ?? Number.NaN) - wanted)).toBeLessThan(1e-4);
      const added = clip.channels.map((channel, c) =>
        channel.map((v, i) => (p.mode === 'add' ? v - CLIP.channels[c][i] : v)),
      );
      expect(Math.abs(rmsDbfs(added, event) - wanted)).toBeLessThan(1e-3);
    },
  );

  test('kinds that put no other sound in have no level', () => {
    const without = new Set<string>(['silence', 'shuffle', 'repeat', 'reverse', 'reencode', 'identity']);
    for (const perturbation of EACH) {
      const { event } = perturb(CLIP, perturbation, clock, material);
      expect('levelDbfs' in event, perturbation.kind).toBe(!without.has(perturbation.kind));
    }
  });
});

describe('sounds', () => {
  test('a tone is a sine from phase 0, the same in all channels', () => {
    const { clip, event } = perturb(CLIP, { kind: 'tone', hz: 110, level: { dbfs: -20 }, ...window }, clock);
    const [left, right] = [inside(clip, event, 0), inside(clip, event, 1)];
    const amplitude = Math.SQRT2 * 10 ** (-20 / 20);
    left.forEach((v, i) => {
      expect(v).toBeCloseTo(amplitude * Math.sin((2 * Math.PI * 110 * i) / 1000), 4);
    });
    expect(same(left, right)).toBe(true);
  });

  test('a click is a pulse of its height on top of the music', () => {
    for (const [length, samples] of [
      [undefined, 1],
      [{ seconds: 0.005 }, 5],
    ] as const) {
      const p: Perturbation = {
        kind: 'click',
        at: window.at,
        level: { dbfs: -6 },
        seed: 1,
        ...(length ? { length } : {}),
      };
      const { clip, event } = perturb(CLIP, p, clock);
      expect(event.end - event.start).toBe(samples);
      expect(event.levelDbfs).toBeCloseTo(-6, 5);
      inside(clip, event).forEach((v, i) => {
        expect(v).toBeCloseTo(CLIP.channels[0][1000 + i] + 10 ** (-6 / 20), 6);
      });
    }
  });

  test('silence, foreign music and the round trip are what they say', () => {
    const [silence, foreign, reencode] = (['silence', 'foreign', 'reencode'] as const).map((kind) => {
      const p = EACH.find((one) => one.kind === kind);
      if (!p) throw new Error(`no ${kind}`);
      return perturb(CLIP, p, clock, material);
    });
    expect(inside(silence.clip, silence.event).every((v) => v === 0)).toBe(true);
    const other = material.clips?.get('other.wav');
    CLIP.channels.forEach((_, c) => {
      expect(inside(foreign.clip, foreign.event, c)).toEqual(other?.channels[c].subarray(300, 800));
      expect(inside(reencode.clip, reencode.event, c)).toEqual(
        material.roundTrips?.[0].channels[c].subarray(1000, 1500),
      );
    });
    const whole = perturb(CLIP, { kind: 'reencode', seed: 1 }, clock, material);
    expect([whole.event.start, whole.event.end]).toEqual([0, 3000]);
    expect(
      same(
        whole.clip.channels[0],
        material.roundTrips?.[0].channels[0].subarray(0, 3000) ?? new Float32Array(),
      ),
    ).toBe(true);
  });
});

describe('refusals', () => {
  const mono = music('mono.wav', 1000, 1);
  const silent: Clip = { ...CLIP, name: 'silent.wav', channels: CLIP.channels.map((c) => c.map(() => 0)) };
  const foreign = {
    kind: 'foreign',
    clip: 'other.wav',
    from: { tokens: 0 },
    level: 'match',
    ...window,
  } as const;

  test.each<[Perturbation, Material, string]>([
    [{ kind: 'tone', hz: 500, level: 'match', ...window }, {}, 'a tone of 500 Hz cannot be had at 1000 Hz'],
    [{ kind: 'tone', hz: 0, level: 'match', ...window }, {}, 'expected more than 0 and less than 500'],
    [
      { kind: 'tone', hz: 5, level: 'match', at: { tokens: 1 }, length: { seconds: 0.001 }, seed: 1 },
      {},
      'a tone of 5 Hz is silent over the whole window and has no level',
    ],
    [foreign, {}, 'songs/one.wav: the clip to splice in, other.wav, was not handed in'],
    [
      { ...foreign, from: { tokens: 60 } },
      material,
      'other.wav: samples [600, 1100) are asked for, but it has only 1000',
    ],
    [
      foreign,
      { clips: new Map([['other.wav', mono]]) },
      'mono.wav: 1 channel at 1000 Hz, expected 2 at 1000 Hz',
    ],
    [
      foreign,
      { clips: new Map([['other.wav', silent]]) },
      'the music of other.wav is silent over the whole window',
    ],
    [
      { ...foreign, fade: { tokens: 26 } },
      material,
      'a fade of 260 samples is longer than half of the piece of 500',
    ],
    [{ kind: 'reencode', seed: 1 }, {}, 'its round trip through the codec was not handed in'],
    [{ kind: 'reencode', seed: 1 }, { roundTrips: [music('short', 2999)] }, 'but it has only 2999'],
    [{ kind: 'shuffle', block: { tokens: 26 }, ...window }, {}, 'holds fewer than 2 blocks of 260'],
    [{ kind: 'shuffle', block: { tokens: 0 }, ...window }, {}, 'holds fewer than 2 blocks of 0'],
    [
      { kind: 'shuffle', block: { tokens: 5 }, share: 0, ...window },
      {},
      'the share of blocks that take part is 0',
    ],
    [
      { kind: 'repeat', block: { tokens: 101 }, ...window },
      {},
      'is 1010 samples, expected at least 1 and at most the 1000',
    ],
    [{ kind: 'repeat', block: { tokens: 0 }, ...window }, {}, 'the block to repeat is 0 samples'],
    [
      { kind: 'delete', at: { tokens: 0 }, length: { tokens: 300 }, seed: 1 },
      {},
      'the whole clip would be deleted',
    ],
    [{ kind: 'shuffle', block: { tokens: 5 }, at: { tokens: 300 }, seed: 1 }, {}, 'the window is empty'],
    [
      { kind: 'shuffle', block: { tokens: 5 }, at: { tokens: 301 }, seed: 1 },
      {},
      'leaves the clip of 3000 samples',
    ],
    [
      {
        kind: 'silence',
        at: { draw: { from: { seconds: 0.101 }, to: { seconds: 0.109 } } },
        length: { tokens: 1 },
        seed: 1,
      },
      {},
      'no frame begins in the range of starts to draw from (frames 11 to 10)',
    ],
  ])('%j', (perturbation, given, message) => {
    expect(() => perturb(CLIP, perturbation, clock, given)).toThrow(message);
  });

  test('material is fetched once, and only what is needed', async () => {
    const asked: string[] = [];
    const sources = {
      clock,
      clip: async (name: string, stretch: Place) => {
        asked.push(`${name} ${stretch.start} ${stretch.end}`);
        return stretchOf(music(name), stretch);
      },
      roundTrip: async (clip: Clip) => {
        asked.push(`again ${clip.name}`);
        return clip;
      },
    };
    const none = await materialFor(CLIP, [{ kind: 'identity', ...window }], { clock });
    expect([none.clips?.size, none.roundTrips]).toEqual([0, []]);
    const fetched = await materialFor(
      CLIP,
      [foreign, { ...foreign, from: { tokens: 200 } }, { kind: 'reencode', seed: 1 }],
      sources,
    );
    expect(asked).toEqual(['other.wav 0 2500', 'again songs/one.wav']);
    const events: Event[] = [foreign, { kind: 'reencode', seed: 1 } as const].map(
      (p) => perturb(CLIP, p, clock, fetched).event,
    );
    expect(events.map(({ kind }) => kind)).toEqual(['foreign', 'reencode']);
    await expect(materialFor(CLIP, [foreign], { clock })).rejects.toThrow(
      'no source of other clips was given',
    );
    await expect(materialFor(CLIP, [{ kind: 'reencode', seed: 1 }], { clock })).rejects.toThrow(
      'no codec was given',
    );
  });
});
