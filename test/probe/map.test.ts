// src/probe/map.ts, src/regions/reaction.ts: a probe that stops early has the bits of a whole one; the numbers of a
// reaction by hand; and the null under the null.

import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { difference } from '../../src/loss/delta.js';
import { encode } from '../../src/loss/encode.js';
import { score } from '../../src/loss/loss.js';
import { codecOf } from '../../src/models/model.js';
import { openModel } from '../../src/models/open.js';
import { openDrawing } from '../../src/node/document.js';
import { openFolder } from '../../src/node/files.js';
import { nodeRuntime } from '../../src/node/runtime.js';
import { perturb } from '../../src/perturb/apply.js';
import type { NoisePerturbation } from '../../src/perturb/perturbation.js';
import { type MapOptions, sensitivityMap } from '../../src/probe/map.js';
import { mapJson, meanReaction } from '../../src/probe/map_record.js';
import { scoreClip } from '../../src/probe/probe.js';
import { type Reaction, reactionNull, reactionOf } from '../../src/regions/reaction.js';
import { ENCODEC_REACH } from '../../src/regions/region.js';
import { mapPage, mapSentences } from '../../src/report/map_page.js';
import { quantile } from '../../src/stats/describe.js';
import { generator, seedOf } from '../../src/stats/random.js';
import { goldenFolder } from '../golden.js';
import { PROTOCOLS } from '../musicgen.js';

const runtime = nodeRuntime();
afterAll(() => runtime.close());

const TINY = path.join(import.meta.dirname, '../..', 'models', 'tiny');

/** A tone that wanders, in noise: frames differ. */
function sound(frames: number, channels: number) {
  const random = generator(seedOf('map'));
  const channel = () =>
    Float32Array.from({ length: frames * 640 - 100 }, (_, i) => {
      const t = i / 32_000;
      return 0.1 * Math.sin(2765 * t + 9 * Math.sin(3 * t)) + 0.02 * random.normal();
    });
  return { name: 'song.wav', sampleRate: 32_000, channels: Array.from({ length: channels }, channel) };
}

describe('sensitivity map', () => {
  const cases: { name: string; at: string; channels: number; options: MapOptions }[] = [
    { name: 'tiny', at: TINY, channels: 1, options: {} },
    {
      name: 'stereo',
      at: goldenFolder('stereo'),
      channels: 2,
      options: { every: 7, length: 3, tail: 5, from: 0, level: { dbfs: -30 }, seed: 4 },
    },
    { name: 'mono-a', at: goldenFolder('mono-a'), channels: 1, options: { every: 31, length: 12, tail: 0 } },
  ];
  it.each(cases)(
    'of $name has the bits of whole probes at every position',
    async ({ name, at, channels, options }) => {
      const { every = 10, length = 5, tail = 5, from = 50, level = 'match', seed = 1 } = options;
      const model = await openModel(openFolder(at), runtime);
      const frames = 127;
      const clip = sound(frames, channels);
      for (const protocol of name === 'mono-a' ? PROTOCOLS : (['delayed'] as const)) {
        const clean = await scoreClip(model, clip, { protocol });
        const heard: string[] = [];
        const map = await sensitivityMap(model, clean, options, (done, of) => heard.push(`${done}/${of}`));
        const lag = protocol === 'delayed' ? 3 : 0;
        const expected = [];
        for (let start = from; start + length + tail <= frames - lag; start += every) expected.push(start);
        expect(map.points.map(({ start }) => start)).toEqual(expected);
        expect(heard).toEqual(expected.map((_, i) => `${i + 1}/${expected.length}`));
        for (const { start, delta, ...reaction } of map.points) {
          const noise: NoisePerturbation = {
            kind: 'noise',
            color: 'white',
            at: { tokens: start },
            length: { tokens: length },
            level,
            seed,
          };
          const codes = await encode(model, perturb(clip, noise, codecOf(model).clock).clip);
          const whole = difference(clean.scored.loss, await score(model, codes, { protocol })).mean;
          const first = Math.max(0, start - 4 - lag);
          expect(delta).toEqual({ from: first, values: whole.slice(first, start + length + tail) });
          expect(whole.slice(0, first).every((value) => value === 0 || Number.isNaN(value))).toBe(true);
          const window = { start, end: start + length };
          const cut = whole.map((value, t) => (t < start + length + tail ? value : Number.NaN));
          expect(reaction).toMatchObject(reactionOf(cut, window, { reach: 4, lag }));
          expect('rebound' in reaction).toBe(length >= 5);
        }
        await clean.release();
        if (protocol !== 'delayed') continue;
        const json = JSON.parse(JSON.stringify(mapJson(map)));
        expect(json).toMatchObject({ frames, frameRate: 50, every, length, tail, mean: clean.scored.mean });
        expect(json.points.length).toBe(expected.length);
        expect(map.entropy.slice(0, frames - lag).every((value) => value > 0 && value < Math.log(2048))).toBe(
          true,
        );
        expect(map.envelope.length).toBe(frames);
        if (expected.length > 5) {
          const peaks = map.points.map(({ peak }) => peak);
          const { mean, interval } = meanReaction(map, 'peak');
          expect(mean).toBeCloseTo(peaks.reduce((sum, peak) => sum + peak, 0) / peaks.length, 12);
          expect(interval && interval.low < mean && mean < interval.high).toBe(true);
        } else {
          expect(meanReaction(map, 'peak').interval).toBeUndefined();
        }
      }
      await model.close();
    },
  );

  it('is a page: sentences, four figures and a row for each position of every clip', async () => {
    const model = await openModel(openFolder(TINY), runtime);
    const maps = [];
    for (const frames of [127, 90]) {
      const clip = { ...sound(frames, 1), name: `<${frames}>.wav` };
      // Silent at its end: the last positions of the short one have no level to match.
      if (frames === 90) clip.channels[0].fill(0, 58 * 640);
      const clean = await scoreClip(model, clip);
      maps.push(await sensitivityMap(model, clean, { length: frames === 90 ? 3 : 5 }));
      await clean.release();
    }
    await model.close();
    const [long, short] = maps.map(mapSentences);
    expect(long[0]).toMatch(
      /^Mean over 7 positions, .*: peak [+−]\d\.\d\d \[.*\], inside [+−].*, rebound [+−]/,
    );
    expect(long[1]).toMatch(/^\d Peaks? \(\d+\.\d%\) beyond/);
    // Below 5 tokens start and end are one place; below 100 frames of loss there is no null.
    expect(short[0]).not.toMatch(/rebound/);
    expect(short[1]).toBe('No chances: self: 87 frames of clean loss, 100 needed.');
    expect(maps.map(({ silent }) => silent)).toEqual([[], [60, 70]]);
    expect(short.at(-1)).toBe('2 positions left out: silent there, noise has no level to match.');
    const page = mapPage(await openDrawing(), maps, {
      bundle: { script: 'run()', style: '' },
      compress: (bytes) => `${bytes.length} bytes`,
      sounds: new Map(),
    });
    expect(page.match(/<svg /g)?.length).toBe(8);
    expect(page.match(/<tr><td>/g)?.length).toBe(maps[0].points.length + maps[1].points.length);
    expect(page).toContain('&lt;127&gt;.wav');
    expect(page).not.toMatch(/NaN|undefined|<127>/);
  });

  it('refuses what cannot be mapped', async () => {
    const model = await openModel(openFolder(TINY), runtime);
    const clean = await scoreClip(model, sound(60, 1));
    const refusals: [MapOptions, RegExp][] = [
      [{}, /song\.wav: 60 tokens leave no room for 5 tokens of white noise from token 50 on and 5 after/],
      [{ every: 0 }, /map: every is 0, expected a whole number of tokens, at least 1/],
      [{ length: 2.5 }, /map: length is 2\.5/],
      [{ tail: -1 }, /map: tail is -1, expected a whole number of tokens, at least 0/],
      [{ from: -5 }, /map: from is -5/],
    ];
    for (const [options, cause] of refusals) {
      await expect(sensitivityMap(model, clean, options)).rejects.toThrow(cause);
    }
    const silence = { ...sound(60, 1), channels: [new Float32Array(60 * 640)] };
    const quiet = await scoreClip(model, silence);
    await expect(sensitivityMap(model, quiet, { from: 0 })).rejects.toThrow(
      /song\.wav: silent at every position, there is no level to match; give one/,
    );
    expect(
      (await sensitivityMap(model, quiet, { from: 0, level: { dbfs: -20 } })).points.length,
    ).toBeGreaterThan(0);
    await quiet.release();
    const { points, uncalibrated } = await sensitivityMap(model, clean, { from: 0, tail: 3 });
    expect(uncalibrated).toMatch(/self: 57 frames of clean loss, 100 needed/);
    expect(points.every((point) => point.chance === undefined)).toBe(true);
    await clean.release();
    await model.close();
  });
});

describe('reaction', () => {
  const { NaN: undef } = Number;
  /** Delta by frame from frame 0. */
  const curve = (...values: number[]): Float64Array => Float64Array.from(values);

  it('is means at fixed places, the largest frame, and the time to half', () => {
    // A window [6, 11): a spike at its start, a lower level inside, another spike at its end, then nothing.
    const delta = curve(0, 0, 0, 0, 1, 3, 6, 2, 1, 1, 1, 4, 1, 0, 0, 0, 0, 0, undef);
    const expected: Reaction = {
      peak: (3 + 6 + 2) / 3,
      inside: (6 + 2 + 1 + 1 + 1) / 5,
      rebound: (1 + 4 + 1) / 3,
      highest: { value: 6, at: 6 },
      // Means of five: 2.6 at frame 6, then 2.6, 2.2, 1.8, 1.6, 1.4, and 1.2 at frame 12.
      halfTime: 6,
    };
    expect(reactionOf(delta, { start: 6, end: 11 }, ENCODEC_REACH)).toEqual(expected);
  });

  it('leaves out what is not there', () => {
    const window = { start: 4, end: 6 };
    const falling = reactionOf(curve(0, 0, 0, 0, -1, -2, -1, 0, 0, 0, 0), window, ENCODEC_REACH);
    expect(falling).toEqual({ peak: -3 / 3, inside: -1.5, highest: { value: 0, at: 0 } });
    const lasting = reactionOf(curve(0, 0, 0, 0, 2, 2, 2, 2, 2, 2, undef), window, ENCODEC_REACH);
    expect('halfTime' in lasting).toBe(false);
    expect(() => reactionOf(curve(0, 0, 0, 0, undef, undef, undef), window, ENCODEC_REACH)).toThrow(
      /delta is undefined from frame 4 on, the window starts at 4/,
    );
  });

  it('has a null whose chances are uniform where nothing happened', () => {
    // Loss with memory, as that of music: an AR(1) process.
    const random = generator(seedOf('null'));
    const process = (): Float64Array => {
      let level = 0;
      return Float64Array.from({ length: 700 }, () => {
        level = 0.9 * level + random.normal();
        return 4 + level;
      });
    };
    const chances: number[] = [];
    for (let run = 0; run < 60; run++) {
      const clean = process();
      const found = reactionNull(clean, { length: 5, reach: ENCODEC_REACH, draws: 199, seed: [run] });
      if ('why' in found) throw new Error(found.why);
      const other = process();
      const delta = clean.map((loss, t) => other[t] - loss);
      for (const start of [100, 300, 500]) {
        chances.push(found.chanceOf(reactionOf(delta, { start, end: start + 5 }, ENCODEC_REACH).peak));
      }
      expect(found.calibration.bands.peak?.sd).toBeGreaterThan(1);
    }
    // 180 chances: of uniform ones 5% lie below 0.05, 50% below a half; three standard errors to either side.
    const share = (level: number) => chances.filter((chance) => chance <= level).length / chances.length;
    expect(share(0.05)).toBeLessThan(0.05 + 3 * Math.sqrt((0.05 * 0.95) / 180));
    expect(Math.abs(share(0.5) - 0.5)).toBeLessThan(3 * Math.sqrt(0.25 / 180));
    expect(quantile(chances, 0)).toBeGreaterThanOrEqual(1 / 200);
    expect(reactionNull(new Float64Array(99), { length: 5, reach: ENCODEC_REACH, seed: [] })).toEqual({
      why: 'self: 99 frames of clean loss, 100 needed',
    });
  });
});
