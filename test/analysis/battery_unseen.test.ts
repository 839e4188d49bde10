// src/analysis/battery_unseen.ts: each damage judged by what the others taught, on made-up clips where the answer is known.

import { describe, expect, test } from 'vitest';
import { batteryOf } from '../../src/analysis/battery.js';
import type { BatteryVersion } from '../../src/analysis/battery_versions.js';
import type { ScoreValues } from '../../src/scores/reference.js';
import { SCORE_NAMES } from '../../src/scores/scores.js';
import { generator, seedOf } from '../../src/stats/random.js';

type Shift = Partial<Record<string, number>>;
const CLIPS = Array.from({ length: 16 }, (_, i) => `clip-${String(i).padStart(2, '0')}`);
const groups = new Map(CLIPS.map((clip) => [clip, 'g']));

function valuesOf(name: string, moved: Shift = {}): ScoreValues {
  const random = generator(seedOf(7, name));
  return Object.fromEntries(
    SCORE_NAMES.map((score) => [score, random.normal() + (moved[score] ?? 0)]),
  ) as ScoreValues;
}

/** A damaged version differs from its clip by noise of its own and by what the damage does. */
const damaged = (damage: string, shift: Shift, draw: string): BatteryVersion[] =>
  CLIPS.map((clip) => ({
    ...{ clip, damage, severity: '', order: 1, harmless: false },
    values: valuesOf(`${draw}${clip} ${damage}`, shift),
  }));

function unseenOf(
  shifts: Readonly<Record<string, Shift>>,
  draw = '',
  measured: (version: BatteryVersion) => boolean = () => true,
) {
  const clean = new Map(CLIPS.map((clip) => [clip, valuesOf(draw + clip)]));
  const versions = Object.entries(shifts)
    .flatMap(([damage, shift]) => damaged(damage, shift, draw))
    .filter(measured);
  const battery = batteryOf({ model: 'm', protocol: 'delayed', clean, groups, versions }, { seed: 1 });
  const at = (composite: string, damage: string) => {
    const row = battery.unseen.find((each) => each.composite === composite && each.damage === damage);
    if (row === undefined) throw new Error(`no row of ${composite} on "${damage}"`);
    return row;
  };
  return { battery, at };
}

describe('leave one damage out', () => {
  test('the score is chosen on the other damages alone, and its AUC is that of the battery', () => {
    const { battery, at } = unseenOf({
      first: { excess: 2 },
      second: { excess: 2 },
      alone: { contour: 6 },
    });
    expect(at('chosen', 'alone').from).toBe('excess');
    // contour hears "alone" in every clip; whoever chose with it in sight would take it there.
    expect(at('chosen', 'alone').auc.value).toBeLessThan(0.75);
    for (const damage of ['first', 'second', 'alone']) {
      const { from, auc } = at('chosen', damage);
      const own = battery.rows.find((row) => row.damage === damage && row.score === from);
      expect(auc.value).toBeCloseTo(own?.auc.value ?? Number.NaN, 12);
      expect(auc.n).toBe(16);
    }
    const mean =
      ['first', 'second', 'alone'].reduce((sum, name) => sum + (at('chosen', name).auc.value ?? 0), 0) / 3;
    expect(at('chosen', '').auc.value).toBeCloseTo(mean, 12);
  });

  test('a weighted sum hears what several damages share, and gains nothing from what only the left-out one does', () => {
    const shared = { excess: 2, surprise: 2, 'own-codes': 2 };
    const { at } = unseenOf({ first: shared, second: shared, third: shared, alone: { contour: 2 } });
    for (const damage of ['first', 'second', 'third']) {
      expect(at('fitted', damage).auc.low, damage).toBeGreaterThan(0.55);
    }
    expect(at('fitted', 'alone').auc.value).toBeLessThan(0.75);
    expect(at('fitted', 'first').overLoss.low).toBeGreaterThan(0.1);
  });

  test('where every pair is won the interval stays open below', () => {
    const plain = { excess: 40 };
    const { at } = unseenOf({ first: plain, second: plain, third: plain });
    for (const composite of ['chosen', 'fitted']) {
      const { value, low, high } = at(composite, 'first').auc;
      expect([value, high], composite).toEqual([1, 1]);
      expect(low, composite).toBeLessThan(0.99);
      expect(low, composite).toBeGreaterThan(0.5);
    }
  });

  test('where nothing is to be heard, nothing is: no leak of the clips that are judged', () => {
    const nothing = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`nothing ${i}`, {}]));
    const found = Array.from({ length: 9 }, (_, i) => unseenOf(nothing, `${i} `).at('fitted', '').auc);
    const values = found.map(({ value }) => value ?? Number.NaN);
    // One draw has a standard deviation of 0.07 between draws of 16 clean clips.
    expect(values.reduce((sum, value) => sum + value, 0) / values.length).toBeGreaterThan(0.43);
    expect(values.reduce((sum, value) => sum + value, 0) / values.length).toBeLessThan(0.57);
    const holding = found.filter(({ low, high }) => (low ?? 1) <= 0.5 && (high ?? 0) >= 0.5);
    expect(holding.length).toBeGreaterThanOrEqual(7);
  });

  test('a version that failed is left out and takes nothing from the sum; where no score is whole there is no sum', () => {
    const plain = { excess: 6, surprise: 6 };
    const shifts = { first: plain, second: plain, third: plain };
    const failed = unseenOf(shifts, '', ({ clip, damage }) => clip !== CLIPS[3] || damage !== 'first');
    expect(failed.at('fitted', 'first').from).toBe(SCORE_NAMES.join(', '));
    expect(failed.at('fitted', 'first').auc.low).toBeGreaterThan(0.55);
    const nowhere = Object.fromEntries(SCORE_NAMES.map((name) => [name, Number.NaN]));
    const { battery } = unseenOf({
      first: { ...nowhere, loss: 1 },
      second: { loss: Number.NaN },
      third: plain,
    });
    expect(battery.unseen.map(({ composite }) => composite)).not.toContain('fitted');
  });

  test('a score that some version lacks is no part of the sum; with two damages there is nothing to learn from', () => {
    const { at } = unseenOf({
      first: { excess: 2, loss: Number.NaN },
      second: { excess: 2 },
      third: { excess: 2 },
    });
    expect(at('fitted', 'second').from.split(', ')).not.toContain('loss');
    expect(at('fitted', 'second').from.split(', ')).toContain('excess');
    expect(unseenOf({ first: { excess: 2 }, second: { excess: 2 } }).battery.unseen).toEqual([]);
  });
});
