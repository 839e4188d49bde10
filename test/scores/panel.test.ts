// src/scores/reference.ts, panel.ts: the chances that the panel prints are chances, and it says what is wrong and where.

import { describe, expect, test } from 'vitest';
import { judge, PANEL_MEMBERS, scoresOf } from '../../src/scores/panel.js';
import { chanceIn, deviateOf, referenceOf, type ScoreValues } from '../../src/scores/reference.js';
import { SCORE_NAMES } from '../../src/scores/scores.js';
import { generator, seedOf } from '../../src/stats/random.js';
import { heardClip } from './heard.js';

const valuesOf = (of: (name: string) => number): ScoreValues =>
  Object.fromEntries(SCORE_NAMES.map((name) => [name, of(name)])) as ScoreValues;

describe('reference', () => {
  test('a chance is the t tail of one further value, by the direction of the score', () => {
    const reference = referenceOf([1, 2, 3, 4, 5].map((value) => valuesOf(() => value)));
    // (6 - 3) / (sd sqrt(1 + 1/5)), sd = sqrt(2.5): t = 1.7321 with 4 degrees; R: pt(sqrt(3), 4, lower = FALSE).
    expect(chanceIn(reference, 'loss', 6)).toBeCloseTo(0.0791512, 6);
    expect(chanceIn(reference, 'round-trip', 0)).toBeCloseTo(2 * 0.0791512, 6);
    expect(chanceIn(reference, 'entropy', 0)).toBeCloseTo(2 * 0.0791512, 6);
    expect(chanceIn(reference, 'loss', Number.NaN)).toBeNaN();
    expect(deviateOf(0.05)).toBeCloseTo(1.6448536, 6);
  });

  test('fewer than five clean clips are refused; a score that few of them have gives no chance', () => {
    const four = [1, 2, 3, 4].map((value) => valuesOf(() => value));
    expect(() => referenceOf(four)).toThrow(/4 clean clips given, at least 5/);
    const some = [1, 2, 3, 4, 5].map((value) =>
      valuesOf((name) => (name === 'round-trip' && value > 3 ? Number.NaN : value)),
    );
    expect(chanceIn(referenceOf(some), 'round-trip', 0)).toBeNaN();
  });

  test('small and large references raise as many false alarms as they say', () => {
    const random = generator(seedOf(1, 'false alarms'));
    for (const clips of [5, 12, 60]) {
      let alarms = 0;
      const draws = 1500;
      for (let i = 0; i < draws; i++) {
        const one = (): ScoreValues => valuesOf(() => random.normal());
        const reference = referenceOf(Array.from({ length: clips }, one));
        if (judge(one(), reference).alarm) alarms++;
      }
      // Independent members: exact. Three standard errors of 1500 draws are 0.017.
      expect(alarms / draws, `${clips} clips`).toBeGreaterThan(0.033);
      expect(alarms / draws, `${clips} clips`).toBeLessThan(0.067);
    }
  });
});

describe('panel', () => {
  const clean = Array.from({ length: 24 }, (_, i) =>
    scoresOf(heardClip({ name: `clean ${i}`, difficulty: (i % 6) / 4, roundTrip: 0.3 + (i % 5) / 50 })),
  );
  const reference = referenceOf(clean);
  const verdict = (options: Partial<Parameters<typeof heardClip>[0]>) => {
    const heard = heardClip({ name: 'new', difficulty: 0.5, roundTrip: 0.34, ...options });
    return judge(scoresOf(heard), reference, { heard });
  };

  test('nothing speaks against a clean clip', () => {
    expect(verdict({})).toMatchObject({ alarm: false, findings: [] });
  });

  test('each member hears its own kind of damage', () => {
    expect(verdict({ excess: 0.5 }).findings[0].member).toBe('excess');
    expect(verdict({ roundTrip: 0.05 }).findings.map(({ member }) => member)).toEqual(['round-trip']);
    expect(verdict({ roundTrip: 0.6 }).findings.map(({ member }) => member)).toEqual(['round-trip']);
    const burst = verdict({ poor: { start: 200, end: 300 } });
    expect(burst.findings.map(({ member }) => member).sort()).toEqual(['poorest', 'variety']);
    const { start, end } = burst.findings.find(({ where }) => where)?.where ?? { start: 0, end: 0 };
    expect(Math.abs(start - 4)).toBeLessThan(0.2);
    expect(Math.abs(end - 6)).toBeLessThan(0.2);
    const clip = heardClip({ name: 'new', difficulty: 0.5, roundTrip: 0.34 });
    const fewer = { ...clip, codes: clip.codes.map((code, i) => (i < 500 ? code % 20 : code)) };
    const poor = judge(scoresOf(fewer), reference, { heard: fewer });
    expect(poor.findings.map(({ member }) => member)).toEqual(['variety']);
    const [bad, good] = [2.5, 0.5].map((size) => {
      const loss = clip.loss.map((value, i) => value + (i % 100 < 20 ? size : -size / 4));
      return judge(scoresOf({ ...clip, loss }), reference).findings.map(({ member }) => member);
    });
    expect(bad).toContain('unevenness');
    expect(good).not.toContain('excess');
  });

  test('the strength orders clips by damage, and its chance counts the members', () => {
    const [little, much] = [verdict({ excess: 0.05 }), verdict({ excess: 0.4 })];
    expect(much.strength).toBeGreaterThan(little.strength);
    const smallest = 1 - (1 - much.chance) ** (1 / PANEL_MEMBERS.length);
    expect(deviateOf(smallest)).toBeCloseTo(much.strength, 6);
  });

  test('without any defined member there is no verdict', () => {
    const nothing = valuesOf(() => Number.NaN);
    expect(judge(nothing, reference)).toEqual({
      ...{ strength: Number.NaN, chance: Number.NaN, alarm: false, findings: [] },
    });
  });
});
