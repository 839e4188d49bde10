// src/analysis/power.ts: clips that a study needs, on pilots whose spread is known, and by simulation.

import { describe, expect, test } from 'vitest';
import { type PilotClip, powerFor } from '../../src/analysis/power.js';
import { powerLines } from '../../src/report/power.js';
import { SCORE_NAMES } from '../../src/scores/scores.js';
import { signFlipTest, twoSampleTest } from '../../src/stats/permute.js';
import { generator, seedOf } from '../../src/stats/random.js';
import { clipsForAuc, clipsForGroups, clipsForMean } from '../../src/stats/sample_size.js';
import { valuesOf } from '../scores/values.js';

const clip = (group: string, loss: number, versions: Readonly<Record<string, number>> = {}): PilotClip => ({
  group,
  clean: valuesOf('any', { loss, unigram: Number.NaN }),
  versions: new Map(
    Object.entries(versions).map(([name, value]) => [
      name,
      valuesOf('any', { loss: value, unigram: Number.NaN }),
    ]),
  ),
});
const lossOf = (pilot: readonly PilotClip[], size: number, unit: 'score' | 'sd' = 'score') =>
  powerFor(pilot, { size, unit })[SCORE_NAMES.indexOf('loss')];

describe('clips that a study needs', () => {
  test('by the spread within groups, the spread of differences, and the AUC that a shift gives', () => {
    // Groups lie 10 apart: that is no spread of clips. Within each -1, 0, 1: s.d. 1. Differences 0, 1, 2 and 4, 5, 6: s.d. 1.
    const pilot = [
      clip('a', -1, { x: -1, y: 3 }),
      clip('a', 0, { x: 1, y: 5 }),
      clip('a', 1, { x: 3, y: 7 }),
      clip('b', 9),
      clip('b', 10),
      clip('b', 11),
    ];
    const found = lossOf(pilot, 0.5);
    expect(found.groups).toMatchObject({
      sd: 1,
      clips: clipsForGroups({ effect: 0.5, sds: [1, 1], tail: 0.025 }),
    });
    expect(found.paired).toMatchObject({ sd: 1, clips: clipsForMean({ effect: 0.5, sd: 1, tail: 0.025 }) });
    // A shift of 1 in -1, 0, 1: three ordered pairs win as they were, two ties of neighbours count half, one pair still loses.
    expect(lossOf(pilot, 1).auc.auc).toBeCloseTo((1 + 1 + 1 + 0.5 + 0.5 + 0) / 6, 12);
    expect(lossOf(pilot, 1).auc.clips).toBe(clipsForAuc({ auc: 4 / 6, tail: 0.025 }));
    expect(lossOf(pilot, 0.5, 'sd').effect).toBe(0.5);
    for (const { clips, cautious } of [found.groups, found.paired, lossOf(pilot, 1).auc])
      expect(cautious).toBeGreaterThan(clips ?? 0);
  });

  test('never fewer clips than those with which the tests can reach 5%; nothing from a pilot in which nothing varies', () => {
    const pilot = [-1, 0, 1, 0.5].map((value, i) => clip('a', value, { x: value + 60 + i }));
    const sure = lossOf(pilot, 50);
    expect([sure.paired.clips, sure.groups.clips]).toEqual([6, 4]);
    expect(sure.auc.clips).toBeGreaterThanOrEqual(4);
    const smallest = (n: number, p: (values: readonly number[]) => number): number =>
      p(Array.from({ length: n }, (_, i) => 50 + i));
    expect(smallest(6, (values) => signFlipTest(values).p)).toBeLessThan(0.05);
    expect(smallest(5, (values) => signFlipTest(values).p)).toBeGreaterThan(0.05);
    expect(
      smallest(
        4,
        (values) =>
          twoSampleTest(
            values,
            values.map((value) => value - 50),
          ).p,
      ),
    ).toBeLessThan(0.05);
    expect(
      smallest(
        3,
        (values) =>
          twoSampleTest(
            values,
            values.map((value) => value - 50),
          ).p,
      ),
    ).toBeGreaterThan(0.05);
    const same = lossOf(
      [1, 1, 1, 1, 1].map((value) => clip('a', value, { x: value })),
      0.1,
    );
    expect([same.paired, same.groups]).toMatchObject([{ clips: null }, { clips: null }]);
  });

  test('what a pilot cannot tell is absent', () => {
    const alone = lossOf([clip('a', 1), clip('a', 2)], 0.5);
    expect(alone).toMatchObject({ paired: { sd: null, clips: null }, groups: { sd: null, clips: null } });
    const unigram = powerFor(
      [0, 1, 2, 3, 4].map((i) => clip('a', i)),
      { size: 1, unit: 'sd' },
    );
    expect(unigram[SCORE_NAMES.indexOf('unigram')]).toMatchObject({ effect: null, groups: { clips: null } });
    expect(powerLines(unigram).find((line) => line.startsWith('unigram'))).toMatch(/–/);
    expect(() => powerFor([], { size: 0, unit: 'sd' })).toThrow(/effect 0; expected a number above 0/);
  });

  test('so many clips find it in about 80% of studies, by the tests that reports use', () => {
    const random = generator(seedOf(1, 'power test'));
    const version = (): readonly [number, number] => {
      const music = random.normal();
      return [music + 0.5 * random.normal(), music + 0.6 + 0.5 * random.normal()];
    };
    const pilot = Array.from({ length: 600 }, () => {
      const [clean, damaged] = version();
      return clip('a', clean, { x: damaged });
    });
    const { paired, groups } = lossOf(pilot, 0.6);
    let [one, two] = [0, 0];
    for (let i = 0; i < 300; i++) {
      const differences = Array.from({ length: paired.clips ?? 0 }, () => version()).map(([a, b]) => b - a);
      one += signFlipTest(differences, { draws: 499 }).p <= 0.05 ? 1 : 0;
      const [a, b] = [0, 1].map((side) => Array.from({ length: groups.clips ?? 0 }, () => version()[side]));
      two += twoSampleTest(b, a, { draws: 499 }).p <= 0.05 ? 1 : 0;
    }
    for (const share of [one / 300, two / 300]) {
      expect(share).toBeGreaterThan(0.73);
      expect(share).toBeLessThan(0.89);
    }
  });
});
