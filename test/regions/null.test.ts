// Null calibration of the region rules: what they report when nothing happened, and whether the chances they print
// are chances. Nothing happened: the losses of both clips are independent stretches of one process.

import { describe, expect, test } from 'vitest';
import { NULL_SOURCES } from '../../src/regions/calibrate.js';
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
const bound = (alpha: number): number => 3 * Math.sqrt((alpha * (1 - alpha)) / COUNT);

describe('chances are chances', () => {
  test.each(RULES)('self: rule %s', (rule) => {
    const profiles = Array.from({ length: COUNT }, (_, i) => {
      const { clean, delta } = nothing('self', i);
      return profileOf(delta, WINDOW, { rule, clean, draws: 59, name: `nothing ${i}` });
    });
    for (const alpha of [0.1, 0.3]) {
      for (const [name, rate] of Object.entries(rejections(profiles, alpha))) {
        // A short region's statistic is drawn as it is. The variance of a mean over hundreds of frames is learnt from
        // ten blocks only, so that its chances lean small by about 0.03: said in docs/measure.md.
        const lean = name === 'recovery' || name === 'assimilation' ? 0.03 : 0;
        expect(rate, `${rule} ${name} at ${alpha}`).toBeLessThan(alpha + lean + bound(alpha));
        expect(rate, `${rule} ${name} at ${alpha}`).toBeGreaterThan(alpha - bound(alpha));
      }
    }
  });

  test.each<[ProfileOptions['source'], RuleName]>([
    ['shift', 'onset'],
    ['shift', 'fixed'],
    ['baseline', 'onset'],
    ['baseline', 'fixed'],
  ])('%s: rule %s', (source, rule) => {
    const profiles = Array.from({ length: COUNT }, (_, i) => {
      const random = generator(seedOf('nothing', source ?? '', i));
      const delta = Float64Array.from({ length: FRAMES }, () => random.normal());
      return profileOf(delta, WINDOW, { rule, source, draws: 59, name: `nothing ${i}` });
    });
    for (const [name, rate] of Object.entries(rejections(profiles, 0.2))) {
      if (source === 'shift' && rule === 'onset' && name === 'recovery') {
        expect(
          // Rotated, the curve keeps its shape: this source cannot judge a decay.
          profiles.every(({ regions }) => regions.every((r) => r.name !== name || !('chance' in r))),
        ).toBe(true);
        continue;
      }
      expect(rate, `${source} ${rule} ${name}`).toBeLessThan(0.2 + bound(0.2));
      expect(rate, `${source} ${rule} ${name}`).toBeGreaterThan(0.2 - bound(0.2));
    }
  });

  test('what is there has a small chance, also where the rule alone would find a Peak in anything', () => {
    const chances: Record<string, number[]> = { onset: [], fixed: [], released: [] };
    for (let i = 0; i < 20; i++) {
      const { clean, delta } = nothing('there', i);
      const lift = delta.map((value, t) => {
        if (t >= 149 && t < 153) return value + 5;
        return t >= 153 && t < 197 ? value - 2 : value;
      });
      for (const rule of ['onset', 'fixed', 'released'] as const) {
        const { regions } = profileOf(lift, WINDOW, { rule, clean, draws: 199, name: `there ${i}` });
        const by = Object.fromEntries(regions.map((region) => [region.name, region]));
        expect(by.assimilation.chance).toBeLessThan(0.05);
        chances[rule].push(by.peak.chance ?? 1);
      }
    }
    // Height 5 over four frames in noise of s.d. 1.4: most curves tell, under every rule.
    for (const [rule, list] of Object.entries(chances)) {
      expect(list.filter((chance) => chance <= 0.05).length, rule).toBeGreaterThanOrEqual(13);
    }
  });
});

describe('null tables', () => {
  test('rules that look for extremes find a Peak in pure noise; the one with fixed places does not', () => {
    // White noise of s.d. 1 from the frontier on. The Peak each rule reports on average, in s.d., where it finds one.
    const found: Record<RuleName, number[]> = { onset: [], fixed: [], paper: [], released: [] };
    const count = 400;
    for (let i = 0; i < count; i++) {
      const random = generator(seedOf('white', i));
      const delta = Float64Array.from({ length: FRAMES }, (_, t) => (t < FRONTIER ? 0 : random.normal()));
      for (const rule of RULES) {
        for (const { name, mean: value } of findRegions(delta, WINDOW, { rule }).regions) {
          if (name === 'peak') found[rule].push(value);
        }
      }
    }
    const bias = Object.fromEntries(RULES.map((rule) => [rule, mean(found[rule])]));
    const share = Object.fromEntries(RULES.map((rule) => [rule, found[rule].length / count]));
    // s.e. of the biases: 0.02, and 0.03 for the shorter regions of `fixed` and `onset`; of the shares at most 0.025.
    const expected: Record<RuleName, [number, number]> = {
      fixed: [0, 1],
      released: [0.11, 0.98],
      paper: [0.35, 0.51],
      onset: [1.35, 0.95],
    };
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
    expect(table.map(({ name }) => name)).toEqual(['peak', 'assimilation', 'rebound', 'recovery']);
    for (const row of table) {
      const values = truth[row.name];
      expect(Math.abs(row.found - values.length / 399)).toBeLessThan(0.08);
      // One clip's blocks know the s.d. of its curve to about a tenth.
      expect(Math.abs((row.mean?.mean ?? 99) - mean(values))).toBeLessThan(0.25);
      expect(row.mean?.q05).toBeLessThan(row.mean?.q50 ?? 0);
      expect(row.mean?.q50).toBeLessThan(row.mean?.q95 ?? 0);
    }
    expect(table.map(({ statistic }) => statistic?.name)).toEqual(['area', 'mean', 'area', 'decay']);
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
      hypothesis: 'from the onset on, the two losses are those of unrelated stretches of the clean clip',
      draws: 49,
    });
    for (const { chance } of profile.regions) {
      expect(chance).toBeGreaterThanOrEqual(1 / 50);
      expect(chance).toBeLessThanOrEqual(1);
    }
    // Beyond every draw is one in draws + 1, never 0.
    const enormous = delta.map((value, t) => (t >= 150 && t < 200 ? value - 50 : value));
    const { regions: far } = profileOf(enormous, WINDOW, options);
    expect(far.find(({ name }) => name === 'assimilation')?.chance).toBe(1 / 50);
    const { regions, calibration, ...rest } = profile;
    const bare = findRegions(delta, WINDOW);
    expect({ ...rest, regions: regions.map(({ chance, ...region }) => region) }).toEqual(bare);
    expect(calibration?.table.length).toBe(4);
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
      'baseline: 8 frames before the onset, 20 needed',
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
    expect(profile.calibration?.table.find(({ name }) => name === 'recovery')?.found).toBe(1);
    expect(JSON.stringify(profile)).not.toContain('null');
  });
});
