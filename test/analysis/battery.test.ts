// src/analysis/battery.ts: which score hears which damage, on made-up clips where the answer is known.

import { describe, expect, test } from 'vitest';
import { batteryOf } from '../../src/analysis/battery.js';
import { batteryAnswers } from '../../src/analysis/battery_answer.js';
import { JUDGED } from '../../src/analysis/battery_findings.js';
import type { BatteryVersion } from '../../src/analysis/battery_versions.js';
import type { ScoreValues } from '../../src/scores/reference.js';
import { SCORE_NAMES } from '../../src/scores/scores.js';
import { generator, seedOf } from '../../src/stats/random.js';

const CLIPS = Array.from({ length: 14 }, (_, i) => `clip-${String(i).padStart(2, '0')}`);

/** Independent normal values; `moved` shifts some of them. */
function valuesOf(name: string, moved: Partial<Record<string, number>> = {}): ScoreValues {
  const random = generator(seedOf(1, name));
  return Object.fromEntries(
    SCORE_NAMES.map((score) => [score, random.normal() + (moved[score] ?? 0)]),
  ) as ScoreValues;
}

const groups = new Map(CLIPS.map((clip) => [clip, 'g']));
const clean = new Map(CLIPS.map((clip) => [clip, valuesOf(clip)]));
const own = (clip: string, shift: Partial<Record<string, number>>): ScoreValues => valuesOf(clip, shift);

const version = (damage: string, order: number, shift: Partial<Record<string, number>>, harmless = false) =>
  CLIPS.map(
    (clip): BatteryVersion => ({
      ...{ clip, damage, severity: `level ${order}`, order, harmless },
      values: own(clip, shift),
    }),
  );

const versions = [
  ...version('disorder', 1, { loss: 0.3, excess: 1.5, surprise: 1.5 }),
  ...version('disorder', 2, { loss: 0.6, excess: 4, surprise: 4 }),
  ...version('noise', 1, { loss: -3, poorest: 5, contour: 5, notch: 4 }),
  ...version('narrow', 1, { entropy: -6, 'round-trip': -5 }),
  ...version('gain', 1, { loss: -0.8 }, true),
  ...version('delay', 1, { loss: 0.1 }, true),
];
const battery = batteryOf({ model: 'm', protocol: 'delayed', clean, groups, versions }, { seed: 1 });
const row = (damage: string, severity: string, score: string) =>
  battery.rows.find((each) => each.damage === damage && each.severity === severity && each.score === score);

describe('battery', () => {
  test('an AUC is over pairs of different clips, a paired share over the same', () => {
    for (const score of ['loss', 'excess'] as const) {
      let [won, pairs] = [0, 0];
      for (const a of CLIPS) {
        for (const b of CLIPS) {
          if (a === b) continue;
          pairs++;
          won += own(a, { loss: 0.3, excess: 1.5 })[score] > (clean.get(b)?.[score] ?? 0) ? 1 : 0;
        }
      }
      const found = row('disorder', 'level 1', score);
      expect(found?.auc.value, score).toBeCloseTo(won / pairs, 12);
      expect(found?.paired).toMatchObject({ value: 1, n: 14, missing: 0 });
      expect(found?.auc.low).toBeLessThan(found?.auc.value ?? 0);
    }
  });

  test('scores are turned by their direction, and two-sided ones by how far they are from clean clips', () => {
    expect(row('narrow', 'level 1', 'round-trip')?.auc.value).toBeGreaterThan(0.98);
    expect(row('narrow', 'level 1', 'entropy')?.auc.value).toBeGreaterThan(0.98);
    expect(row('noise', 'level 1', 'loss')?.auc.value).toBeLessThan(0.05);
  });

  test('the panel hears what each of its members hears', () => {
    for (const [damage, severity] of [
      ['disorder', 'level 2'],
      ['noise', 'level 1'],
      ['narrow', 'level 1'],
    ]) {
      expect(row(damage, severity, 'panel')?.auc.value, damage).toBeGreaterThan(0.9);
    }
    const scores = new Map(battery.scores.map((each) => [each.score, each]));
    expect(scores.get('panel')?.overLoss.low).toBeGreaterThan(0.2);
    expect(scores.get('loss')?.overLoss.value).toBe(0);
    expect(scores.get('excess')?.worst?.damage).not.toBe('disorder');
    expect(scores.get('loss')?.worst?.damage).toBe('noise');
    expect([...scores.keys()]).toEqual([...JUDGED]);
  });

  test('mean AUC weighs damages alike, whatever number of severities they have', () => {
    const of = (damage: string): number => {
      const auc = battery.rows.filter((each) => each.damage === damage && each.score === 'excess');
      return auc.reduce((sum, each) => sum + (each.auc.value ?? 0), 0) / auc.length;
    };
    const expected = (of('disorder') + of('noise') + of('narrow')) / 3;
    expect(battery.scores.find(({ score }) => score === 'excess')?.meanAuc.value).toBeCloseTo(expected, 12);
  });

  test('clips of two groups are never compared: a group that differs in everything changes nothing', () => {
    const far = (values: ScoreValues): ScoreValues =>
      Object.fromEntries(SCORE_NAMES.map((score) => [score, values[score] + 100])) as ScoreValues;
    const isFar = (clip: string): boolean => Number(clip.slice(-2)) >= 7;
    const moved = (clip: string, values: ScoreValues): ScoreValues => (isFar(clip) ? far(values) : values);
    const two = new Map(CLIPS.map((clip) => [clip, isFar(clip) ? 'far' : 'near']));
    const of = (shifted: boolean) =>
      batteryOf(
        {
          ...{ model: 'm', protocol: 'delayed', groups: two },
          clean: new Map([...clean].map(([clip, each]) => [clip, shifted ? moved(clip, each) : each])),
          versions: versions.map((each) => ({
            ...each,
            values: shifted ? moved(each.clip, each.values) : each.values,
          })),
        },
        { seed: 1 },
      ).scores.map(({ score, meanAuc, harmless }) => [
        score,
        meanAuc.value?.toFixed(9),
        harmless?.value?.toFixed(9),
      ]);
    expect(of(true)).toEqual(of(false));
  });

  test('harmless edits are told in standard deviations between clean clips', () => {
    const loss = battery.scores.find(({ score }) => score === 'loss');
    const values = CLIPS.map((clip) => clean.get(clip)?.loss ?? 0);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const sd = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
    expect(loss?.harmless?.edit).toBe('gain level 1');
    expect(loss?.harmless?.value).toBeCloseTo(-0.8 / sd, 10);
    expect(loss?.sentence).toMatch(/takes noise for an improvement; moved by \d\.\d+ clean s\.d\./);
  });

  test('where every pair is won the interval stays open below; with groups there are fewer pairs', () => {
    const lowOf = (groupOf: (clip: string) => string): number =>
      batteryOf(
        {
          ...{ model: 'm', protocol: 'delayed', clean },
          groups: new Map(CLIPS.map((clip) => [clip, groupOf(clip)])),
          versions: version('broken', 1, { loss: 50 }),
        },
        { seed: 1 },
      ).scores.find(({ score }) => score === 'loss')?.meanAuc.low ?? Number.NaN;
    const one = lowOf(() => 'g');
    expect(one).toBeGreaterThan(0.7);
    expect(one).toBeLessThan(0.95);
    expect(lowOf((clip) => (Number(clip.slice(-2)) < 7 ? 'a' : 'b'))).toBeLessThan(one);
  });

  test('scores beside the one with the highest mean AUC', () => {
    const single = battery.scores.filter(({ score }) => score !== 'panel');
    const best = single.toSorted((a, b) => (b.meanAuc.value ?? 0) - (a.meanAuc.value ?? 0))[0];
    expect(best.underBest.value).toBe(0);
    for (const { score, meanAuc, underBest } of single) {
      expect(underBest.value, score).toBeCloseTo((meanAuc.value ?? 0) - (best.meanAuc.value ?? 0), 12);
    }
  });

  test('severity: every clip grows with it', () => {
    const trend = battery.trends.find((each) => each.damage === 'disorder' && each.score === 'excess');
    expect(trend?.correlation).toMatchObject({ value: 1, n: 14 });
    expect(battery.trends.some(({ damage }) => damage === 'noise')).toBe(false);
  });

  test('power of the panel beside its false alarms', () => {
    const alarms = (damage: string, severity = 'level 1') =>
      battery.power.find((each) => each.damage === damage && each.severity === severity)?.alarms.value;
    expect(alarms('clean', '')).toBeLessThan(0.3);
    expect(alarms('disorder', 'level 2')).toBeGreaterThan(0.6);
    expect(alarms('delay')).toBe(alarms('clean', ''));
  });

  test('the first lines of a report name the best score, the panel and what nothing hears', () => {
    const [answer] = batteryAnswers(battery);
    expect(answer.sentences[0]).toMatch(
      /^Best single score: \S+, mean AUC 0\.\d\d \[0\.\d\d, [01]\.\d\d\]; plain loss has/,
    );
    expect(answer.sentences[1]).toMatch(
      /raises an alarm in \d+% of clean clips, and finds \d of 3 damages at their strongest/,
    );
    expect(answer.sentences.at(-1)).toBe(
      'Every damage is heard by some score at some severity (AUC of at least 0.8, its interval above 0.5).',
    );
    expect(batteryAnswers({ rows: [], scores: [], trends: [], power: [], unseen: [] })).toEqual([]);
  });

  test('what was not measured is said to be not measured; too few clips say nothing', () => {
    const without = (values: ScoreValues): ScoreValues => ({ ...values, 'round-trip': Number.NaN });
    const blind = batteryOf(
      {
        ...{ model: 'm', protocol: 'delayed', groups },
        clean: new Map([...clean].map(([clip, values]) => [clip, without(values)])),
        versions: versions.map((each) => ({ ...each, values: without(each.values) })),
      },
      { seed: 1 },
    );
    const trip = blind.scores.find(({ score }) => score === 'round-trip');
    expect(trip).toMatchObject({ worst: null, sentence: 'round-trip: not measured in this study.' });
    expect(trip?.meanAuc.value).toBeNull();
    const few = new Map([...clean].slice(0, 5));
    expect(batteryOf({ model: 'm', protocol: 'p', clean: few, groups, versions }, { seed: 1 }).rows).toEqual(
      [],
    );
  });
});
