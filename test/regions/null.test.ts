// Null calibration of the region rules: what they report when nothing happened, and whether the chances they print
// are chances. Nothing happened: the losses of both clips are independent stretches of one process.

import { describe, expect, test } from 'vitest';
import { NULL_SOURCES } from '../../src/regions/calibrate.js';
import type { CleanCurve } from '../../src/regions/other_music.js';
import { type Profile, type ProfileOptions, profileOf } from '../../src/regions/profile.js';
import { RULES, type RuleName } from '../../src/regions/region.js';
import { findRegions } from '../../src/regions/rules.js';
import { mean } from '../../src/stats/describe.js';
import { generator, type Random, seedOf } from '../../src/stats/random.js';

const FRAMES = 600;
const WINDOW = { start: 150, end: 200 };
/** First frame that the disturbance can touch: 4 of the codec and 3 of the delay pattern before the window. */
const FRONTIER = 143;

/** AR(1) of s.d. `sd` around 5 nats. */
function lossCurve(random: Random, sd: number, phi = 0.3): Float64Array {
  let state = random.normal() * sd;
  return Float64Array.from({ length: FRAMES }, () => {
    state = phi * state + Math.sqrt(1 - phi * phi) * sd * random.normal();
    return 5 + state;
  });
}

/** Clean loss, and a delta that is nothing but the difference of two such curves from the frontier on. */
function nothing(name: string, i: number, sd = 1): { clean: Float64Array; delta: Float64Array } {
  const random = generator(seedOf('nothing', name, i));
  const clean = lossCurve(random, sd);
  const disturbed = lossCurve(random, sd);
  return { clean, delta: disturbed.map((loss, t) => (t < FRONTIER ? 0 : loss - clean[t])) };
}

/** Share of curves in which a region is found with a chance of at most alpha, by region. */
function rejections(profiles: readonly Profile[], alpha: number): Record<string, number> {
  const rates: Record<string, number> = {};
  for (const { regions } of profiles) {
    for (const { name, chance = 1 } of regions) {
      rates[name] = (rates[name] ?? 0) + (chance <= alpha ? 1 / profiles.length : 0);
    }
  }
  return rates;
}

const COUNT = 140;
const bound = (alpha: number, count = COUNT): number => 3 * Math.sqrt((alpha * (1 - alpha)) / count);

describe('chances are chances', () => {
  test.each(RULES)('self: rule %s', (rule) => {
    const profiles = Array.from({ length: COUNT }, (_, i) => {
      const { clean, delta } = nothing('self', i);
      return profileOf(delta, WINDOW, { rule, clean, draws: 59, name: `nothing ${i}` });
    });
    for (const alpha of [0.1, 0.3]) {
      for (const [name, rate] of Object.entries(rejections(profiles, alpha))) {
        // A region that is too long to be judged from one clip has no chance at all.
        if (name === 'recovery') expect(rate).toBe(0);
        else {
          expect(rate, `${rule} ${name} at ${alpha}`).toBeLessThan(alpha + bound(alpha));
          expect(rate, `${rule} ${name} at ${alpha}`).toBeGreaterThan(alpha - bound(alpha));
        }
      }
    }
  });

  test.each<[ProfileOptions['source'], RuleName]>([
    ['shift', 'onset'],
    ['shift', 'fixed'],
    ['baseline', 'onset'],
    ['baseline', 'fixed'],
  ])('%s: rule %s', (source, rule) => {
    const count = 300;
    const profiles = Array.from({ length: count }, (_, i) => {
      const random = generator(seedOf('nothing', source ?? '', i));
      const delta = Float64Array.from({ length: FRAMES }, () => random.normal());
      return profileOf(delta, WINDOW, { rule, source, draws: 59, name: `nothing ${i}` });
    });
    for (const [name, rate] of Object.entries(rejections(profiles, 0.2))) {
      // What 143 frames before the onset, or 457 from there on, are too few for; and the decay of a curve that is moved as it is.
      if (name === 'recovery' || (source === 'baseline' && name === 'assimilation')) {
        const reason = source === 'shift' && rule === 'onset' ? 'source' : /too short|no stretch/;
        for (const { regions } of profiles) {
          const region = regions.find((one) => one.name === name);
          expect(region).not.toHaveProperty('chance');
          expect(region?.unjudged?.reason).toMatch(reason);
        }
        continue;
      }
      expect(rate, `${source} ${rule} ${name}`).toBeLessThan(0.2 + bound(0.2, count));
      expect(rate, `${source} ${rule} ${name}`).toBeGreaterThan(0.2 - bound(0.2, count));
    }
  });

  /** A loss curve that drifts over seconds as real ones do: two AR(1), one of frames and one of half a second and more. */
  function drifting(random: Random, frames: number): Float64Array {
    let [fast, slow] = [random.normal(), random.normal()];
    return Float64Array.from({ length: frames }, () => {
      fast = 0.3 * fast + Math.sqrt(1 - 0.09) * random.normal();
      slow = 0.97 * slow + Math.sqrt(1 - 0.97 ** 2) * random.normal();
      return 4 + 0.6 * fast + 0.4 * slow;
    });
  }

  /** A clip of 750 frames, and another stretch of it in the window: cut out of the clip, or of the clip turned about. */
  function stretchOf(whole: Float64Array, { cut, i }: { readonly cut: boolean; readonly i: number }) {
    const at = generator(seedOf('stretch', i)).integer(690);
    const clean = cut
      ? Float64Array.from([...whole.subarray(0, at), ...whole.subarray(at + 60)])
      : whole.subarray(0, 750);
    const other = clean.map((loss, t) => {
      if (!cut) return clean[(t + 60 + at) % 750];
      return t >= 243 && t < 303 ? whole[at + t - 243] : loss;
    });
    return { clean, other };
  }

  test.each([
    [50, 0],
    [200, 8],
  ])(
    'music that drifts, window of %i frames, %i other clips: other music is beyond its 5% points about that often',
    (length, clips) => {
      const count = 200;
      const beyond: Record<string, { lower: number; higher: number; judged: number }> = {};
      for (let i = 0; i < count; i++) {
        const { clean, other } = stretchOf(drifting(generator(seedOf('drift', i)), 810), {
          cut: clips === 0,
          i,
        });
        const others = Array.from({ length: clips }, (_, c) => ({
          losses: drifting(generator(seedOf('drift', i, c)), 750),
        }));
        const delta = other.map((loss, t) => (t < 243 ? 0 : loss - clean[t]));
        const window = { start: 250, end: 250 + length };
        const profile = profileOf(delta, window, { rule: 'fixed', clean, others, draws: 79, name: `${i}` });
        for (const { name, mean: value, chance, unjudged } of profile.regions) {
          beyond[name] ??= { lower: 0, higher: 0, judged: 0 };
          expect(chance === undefined).toBe(unjudged !== undefined);
          const row = profile.calibration?.table.find((one) => one.name === name)?.mean;
          if (row === undefined) continue;
          beyond[name].judged++;
          // Assimilation and Recovery by the chance that is printed, which counts either side by itself; a Peak by its mean.
          const isTwoSided = name === 'assimilation' || name === 'recovery';
          const isBeyond = isTwoSided ? (chance ?? 1) <= 0.1 : value < row.q05 || value > row.q95;
          if (isBeyond && value < row.q50) beyond[name].lower++;
          if (isBeyond && value > row.q50) beyond[name].higher++;
        }
      }
      for (const [name, { lower, higher, judged }] of Object.entries(beyond)) {
        // One clip cannot say how a Recovery of 400 frames drifts; eight others can.
        expect(judged, name).toBe(clips === 0 && name === 'recovery' ? 0 : count);
        if (judged === 0) continue;
        const slack = 3 * Math.sqrt((0.05 * 0.95) / count);
        for (const rate of [lower / count, higher / count]) expect(rate, name).toBeLessThan(0.055 + slack);
        expect((lower + higher) / (2 * count), name).toBeGreaterThan(0.05 - slack / Math.SQRT2);
      }
    },
  );

  test('what is too long has no chance and says how long it may be', () => {
    const clean = drifting(generator(seedOf('long')), 750);
    const delta = drifting(generator(seedOf('long, disturbed')), 750).map((loss, t) => loss - clean[t]);
    const window = { start: 250, end: 450 };
    const regionOf = (name: string, others: readonly CleanCurve[]) =>
      profileOf(delta, window, { rule: 'fixed', clean, others, draws: 19 }).regions.find(
        (one) => one.name === name,
      );
    const more = (n: number) =>
      Array.from({ length: n }, (_, c) => ({ losses: drifting(generator(seedOf('more', c)), 750) }));
    expect(regionOf('peak', [])?.chance).toBeDefined();
    expect(regionOf('assimilation', [])).not.toHaveProperty('chance');
    const unjudged = { reason: 'too short', frames: 193, available: 700, longest: 100 };
    expect(regionOf('assimilation', [])?.unjudged).toEqual(unjudged);
    // Two other clips are too few whatever they hold.
    expect(regionOf('assimilation', more(2))?.unjudged).toEqual(unjudged);
    expect(regionOf('assimilation', more(3))?.chance).toBeDefined();
    expect(regionOf('recovery', more(3))?.chance).toBeDefined();
  });
});

describe('a Peak is called at 0.05', () => {
  /** Share of 240 curves with these heights from frame `from` of the window on, and then this level, that have a Peak. */
  function called(from: number, heights: readonly number[], level: number) {
    const count = 240;
    let found = 0;
    const means = { boundary: 0, paper: 0 };
    for (let i = 0; i < count; i++) {
      const random = generator(seedOf('called', i));
      const clean = lossCurve(random, 1, 0.2);
      const disturbed = lossCurve(random, 1, 0.2);
      const delta = disturbed.map((loss, t) => {
        const height =
          heights[t - WINDOW.start - from] ?? (t >= WINDOW.start && t < WINDOW.end - 3 ? level : 0);
        return t < FRONTIER ? 0 : loss - clean[t] + height;
      });
      const { regions, transients } = profileOf(delta, WINDOW, { clean, draws: 79, name: `${i}` });
      if ((regions.find(({ name }) => name === 'peak')?.chance ?? 1) <= 0.05) found++;
      means.boundary += (transients[0]?.boundary.mean ?? 0) / count;
      means.paper += (transients[0]?.paper?.mean ?? 0) / count;
    }
    return { share: found / count, ...means };
  }

  // Each loss has s.d. 1. Over 2000 curves: 0.6, 0.35, 0.05 and 0.00; s.e. here 0.03.
  test.each<[string, number, readonly number[], number, (share: number) => boolean]>([
    ['published shape', -1, [2.1, 1.5, 1.0], -1.5, (share) => share >= 0.45],
    ['0.8 for the first five frames', 0, [0.8, 0.8, 0.8, 0.8, 0.8], 0, (share) => share >= 0.25],
    ['nothing', 0, [], 0, (share) => share <= 0.06 + 0.03],
    ['a step down is no Peak', 0, [], -1.5, (share) => share <= 0.02],
    ['a step up is no Peak', 0, [], 1.5, (share) => share <= 0.08 + 0.03],
  ])('%s', (_, from, heights, level, holds) => {
    const { share, paper } = called(from, heights, level);
    expect(holds(share), `${share}`).toBe(true);
    if (heights.length === 5) expect(Math.abs(paper - 0.8)).toBeLessThan(0.15 * 0.8 + 2 * 0.043);
  });
});

describe('null tables', () => {
  test('rules that look for extremes find a Peak in pure noise; those with fixed places do not, and what is searched is only drawn', () => {
    // White noise of s.d. 1 from the frontier on. The Peak each rule reports on average, in s.d., where it finds one.
    const found: Record<RuleName, number[]> = { onset: [], fixed: [], paper: [], released: [] };
    const searched: number[] = [];
    const count = 400;
    for (let i = 0; i < count; i++) {
      const random = generator(seedOf('white', i));
      const delta = Float64Array.from({ length: FRAMES }, (_, t) => (t < FRONTIER ? 0 : random.normal()));
      for (const rule of RULES) {
        const { regions, transients } = findRegions(delta, WINDOW, { rule });
        for (const { name, mean: value } of regions) {
          if (name === 'peak') found[rule].push(value);
        }
        if (rule === 'onset') searched.push(...(transients[0].searched ? [transients[0].searched.mean] : []));
      }
    }
    const bias = Object.fromEntries(RULES.map((rule) => [rule, mean(found[rule])]));
    const share = Object.fromEntries(RULES.map((rule) => [rule, found[rule].length / count]));
    // s.e. of the biases: 0.02, and 0.03 for the shorter regions of `fixed` and `onset`; of the shares at most 0.025.
    const expected: Record<RuleName, [number, number]> = {
      fixed: [0, 1],
      released: [0.11, 0.98],
      paper: [0.35, 0.51],
      onset: [0, 1],
    };
    expect(Math.abs(mean(searched) - 1.35)).toBeLessThan(0.07);
    expect(Math.abs(searched.length / count - 0.95)).toBeLessThan(0.05);
    for (const rule of RULES) {
      expect(Math.abs(bias[rule] - expected[rule][0]), rule).toBeLessThan(0.07);
      expect(Math.abs(share[rule] - expected[rule][1]), rule).toBeLessThan(0.05);
    }
  });

  test('the table of a profile is what the rule reports on curves of the same kind', () => {
    const { clean, delta } = nothing('table', 0, 1.2);
    const truth: Record<string, number[]> = {};
    for (let i = 1; i < 400; i++) {
      for (const { name, mean: value } of findRegions(nothing('table', i, 1.2).delta, WINDOW).regions) {
        if (!truth[name]) truth[name] = [];
        truth[name].push(value);
      }
    }
    const table = profileOf(delta, WINDOW, { clean, draws: 399 }).calibration?.table ?? [];
    // Of the Recovery, 400 frames of a clip of 600, nothing can be said.
    expect(table.map(({ name }) => name)).toEqual(['peak', 'assimilation', 'rebound']);
    for (const row of table) {
      const values = truth[row.name];
      expect(Math.abs(row.found - values.length / 399)).toBeLessThan(0.08);
      // The clean loss at the place is known, so the null lies about minus that: within two s.d. of a mean of 3 frames.
      expect(Math.abs((row.mean?.mean ?? 99) - mean(values))).toBeLessThan(2 * 1.2 * 0.75);
      expect(row.mean?.q05).toBeLessThan(row.mean?.q50 ?? 0);
      expect(row.mean?.q50).toBeLessThan(row.mean?.q95 ?? 0);
    }
    expect(table.map(({ statistic }) => statistic?.name)).toEqual(['template', 'mean', 'template']);
  });
});

describe('profiles', () => {
  const { clean, delta } = nothing('profile', 0);

  test('come out the same for the same seed, name and window, and say what they were compared with', () => {
    const options = { clean, draws: 49, seed: 3, name: 'piece' };
    const profile = profileOf(delta, WINDOW, options);
    expect(profileOf(delta, WINDOW, options)).toEqual(profile);
    expect(JSON.parse(JSON.stringify(profile))).toEqual(profile);
    expect(profileOf(delta, WINDOW, { ...options, seed: 4 })).not.toEqual(profile);
    expect(profileOf(delta, WINDOW, { ...options, name: 'other' })).not.toEqual(profile);
    expect(profile.calibration).toMatchObject({
      source: 'self',
      hypothesis: 'from the onset on, the disturbed loss is that of other music of this clip',
      draws: 49,
    });
    for (const { chance = 1 } of profile.regions) {
      expect(chance).toBeGreaterThanOrEqual(1 / 50);
      expect(chance).toBeLessThanOrEqual(1);
    }
    // Beyond every draw is one in draws + 1, never 0; either side counts for an Assimilation.
    const enormous = delta.map((value, t) => (t >= 150 && t < 200 ? value - 50 : value));
    const { regions: far } = profileOf(enormous, WINDOW, options);
    expect(far.find(({ name }) => name === 'assimilation')?.chance).toBe(2 / 50);
    const { regions, calibration, ...rest } = profile;
    const bare = findRegions(delta, WINDOW);
    const withoutChances = JSON.stringify({ ...rest, regions }, (key, value) =>
      key === 'chance' || key === 'unjudged' ? undefined : value,
    );
    expect(JSON.parse(withoutChances)).toEqual(JSON.parse(JSON.stringify(bare)));
    expect(calibration?.table.length).toBe(3);
    expect(profileOf(delta, WINDOW, { draws: 19 }).calibration?.source).toBe('shift');
  });

  test('without material for a null the regions stand without a chance, and the reason is given', () => {
    const reasons = NULL_SOURCES.map((source) => {
      const profile = profileOf(delta.subarray(0, 205), { start: 150, end: 160 }, { source });
      if (source !== 'shift') expect(JSON.stringify(profile.regions)).not.toContain('chance');
      return profile.uncalibrated;
    });
    expect(reasons).toEqual([
      'self: needs the loss curve of the clean clip',
      undefined,
      'baseline: delta does not vary before the onset, so that any change at all would be beyond it',
    ]);
    const why = (curve: Float64Array, options: ProfileOptions) =>
      profileOf(curve, { start: 15, end: 30 }, options).uncalibrated;
    expect(why(delta.subarray(0, 40), {})).toBe('shift: 32 frames from the onset on, 50 needed');
    expect(why(delta.subarray(0, 40), { source: 'baseline' })).toBe(
      'baseline: 8 frames before the onset, 50 needed',
    );
    expect(why(delta.subarray(0, 90), { clean: clean.subarray(0, 90) })).toBe(
      'self: 90 frames of clean loss, 100 needed',
    );
    expect(() => profileOf(delta, WINDOW, { clean: clean.subarray(1) })).toThrow(
      'regions: the clean loss has 599 frames, delta has 600',
    );
  });

  test('draws keep what came before the onset and what is undefined', () => {
    const curve = Float64Array.from(delta);
    for (const t of [0, 300, 598, 599]) curve[t] = Number.NaN;
    const undefinedTail = Float64Array.from(clean);
    undefinedTail.fill(Number.NaN, 598);
    const profile = profileOf(curve, WINDOW, { clean: undefinedTail, draws: 49 });
    expect(profile.calibration?.table.find(({ name }) => name === 'assimilation')?.found).toBe(1);
    expect(JSON.stringify(profile)).not.toContain('null');
  });
});
