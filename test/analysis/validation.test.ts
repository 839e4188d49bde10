// src/analysis/ratings.ts, agreement.ts, validation.ts, preferences.ts: made-up listeners whose truth is known, beside SciPy.

import { describe, expect, test } from 'vitest';
import { qualities } from '../../src/analysis/agreement.js';
import { JUDGED } from '../../src/analysis/battery_findings.js';
import { preferenceAgreement } from '../../src/analysis/preferences.js';
import { clipFinder, type Preference, type Rating, ratedClips } from '../../src/analysis/ratings.js';
import type { ScoredClip } from '../../src/analysis/scored_clips.js';
import { dimensionAgreement } from '../../src/analysis/validation.js';
import { dimensionLines, preferenceLines } from '../../src/report/validation.js';
import { judge } from '../../src/scores/panel.js';
import { referenceOf } from '../../src/scores/reference.js';
import { holm } from '../../src/stats/multiple.js';
import { generator, seedOf } from '../../src/stats/random.js';
import { valuesOf } from '../scores/values.js';

// 4 systems x 6 prompts, each clip rated twice. By hand in Python; results below by SciPy 1.17.
const LOSS = [
  4.3, 3.7, 3.9, 4.5, 3.9, 3.8, 4.7, 4.4, 4.3, 4.2, 5.5, 3.5, 5.2, 4.3, 3.8, 4.7, 5.8, 4.1, 4.5, 4.8, 5.0,
  4.5, 4.9, 5.2,
];
const RATED = [
  [4, 3, 3, 3, 3, 3, 1, 2, 2, 3, 1, 2, 2, 2, 3, 3, 1, 2, 2, 2, 1, 3, 1, 1],
  [3, 3, 3, 2, 3, 3, 2, 3, 1, 3, 1, 3, 1, 3, 2, 3, 1, 1, 2, 1, 1, 4, 1, 1],
];
const clips = LOSS.map((loss, i): ScoredClip => {
  const group = `S${Math.floor(i / 6)}`;
  return { name: `${group}/P${i % 6}`, group, values: valuesOf(`${i}`, { loss, 'round-trip': Number.NaN }) };
});
const ratings = RATED.flatMap((scores, rater) =>
  scores.map(
    (score, i): Rating => ({
      file: `P${i % 6}.wav`,
      system: `S${Math.floor(i / 6)}`,
      prompt: `P${i % 6}`,
      rater: `${rater}`,
      dimension: 'overall',
      score,
      line: i + 2,
    }),
  ),
);
const rated = (of: readonly Rating[] = ratings) => ratedClips(of, clipFinder(clips));

describe('ratings', () => {
  const found = dimensionAgreement('overall', rated().dimensions.get('overall') ?? [], { seed: 1 });
  const loss = found.scores.find(({ score }) => score === 'loss');

  test('correlations equal SciPy, with minus the loss as quality', () => {
    expect(found).toMatchObject({ clips: 24, systems: 4, prompts: 6 });
    expect(loss?.clips.spearman.value).toBeCloseTo(0.675986412204308, 12);
    expect(loss?.clips.kendall.value).toBeCloseTo(0.5296226613846017, 12);
    expect(loss?.systems.spearman.value).toBeCloseTo(0.9486832980505139, 12);
    expect(loss?.systems.kendall.value).toBeCloseTo(0.9128709291752769, 12);
    expect(loss?.within.spearman.value).toBeCloseTo(0.582847250474926, 12);
    expect(loss?.within.kendall.value).toBeCloseTo(0.4850790822710467, 12);
    expect(loss?.accuracy.value).toBeCloseTo(0.85, 12);
    expect(loss?.accuracy.n).toBe(30);
    expect(loss?.clips.spearman.low).toBeLessThan(0.67);
    expect(loss?.clips.spearman.high).toBeLessThan(1);
  });

  test('p by Holm over the scores of a level; the ceiling of two raters', () => {
    for (const level of ['clips', 'within'] as const) {
      const tests = found.scores.map((each) => each[level].test);
      const corrected = holm(tests.map(({ p }) => p ?? Number.NaN)).p;
      expect(tests.map(({ holm }) => holm ?? Number.NaN)).toEqual(corrected);
    }
    expect(found.reliability.reliability).toBeCloseTo(0.83, 1);
    expect(found.reliability.ceiling).toBeCloseTo(0.91, 1);
  });

  test('what is not measured is missing, and said', () => {
    const none = found.scores.find(({ score }) => score === 'round-trip');
    expect(none?.clips.spearman).toMatchObject({ value: null, n: 0, missing: 24 });
    const lines = dimensionLines(found);
    expect(lines[0]).toBe('overall: 24 clips, 4 systems, 6 prompts');
    expect(lines.find((line) => line.startsWith('loss '))).toContain('+0.68 [');
  });

  test('lines find their clips, by name, stem and system; what means no clip is counted', () => {
    const find = clipFinder(clips);
    expect(find('S1/P3.flac', 2)?.name).toBe('S1/P3');
    expect(find('/data/x/P3.mp3', 2, 'S2')?.name).toBe('S2/P3');
    expect(find('P9', 2)).toBeUndefined();
    expect(() => find('P3.wav', 7)).toThrow(/line 7: P3.wav may be S0\/P3 or S1\/P3/);
    const other = { ...ratings[0], file: 'lost.wav', line: 9 };
    expect(rated([...ratings, other]).unmatched).toEqual([{ file: 'lost.wav', line: 9 }]);
    expect(() => rated([...ratings, { ...ratings[0], prompt: 'other', line: 50 }])).toThrow(
      /line 50: P0.wav has the prompt other, and P0 in a line before/,
    );
  });

  test('the panel judges each clip beside all others, whatever way it takes', () => {
    const values = clips.map((clip, i) => ({ ...clip.values, 'round-trip': i / 10 }));
    const panel = qualities('panel', values);
    values.forEach((own, i) => {
      const others = referenceOf(values.filter((_, j) => j !== i));
      expect(panel[i]).toBeCloseTo(-judge(own, others).strength, 9);
    });
    const far = qualities('entropy', values);
    const order = values.map(({ entropy }) => entropy).toSorted((a, b) => a - b);
    expect(far[values.findIndex(({ entropy }) => entropy === order[0])]).toBeLessThan(-0.5);
  });
});

describe('choices', () => {
  const random = generator(seedOf(1, 'choices'));
  const pick = (): ScoredClip => clips[random.integer(clips.length)];
  const preferences = Array.from({ length: 300 }, (_, i): Preference => {
    const [a, b] = [pick(), pick()];
    // Listeners go by the loss, and err in a fifth of cases.
    const right = a.values.loss < b.values.loss ? 'a' : 'b';
    const wrong = right === 'a' ? 'b' : 'a';
    const winner = i % 10 === 9 ? 'tie' : random.uniform() < 0.2 ? wrong : right;
    return { a: a.name, b: b.name, prompt: `${i % 40}`, winner, line: i + 2 };
  });
  const { found, unmatched } = preferenceAgreement(
    [...preferences, { ...preferences[0], a: 'lost' }],
    clips,
    clipFinder(clips),
  );
  const accuracy = (score: string) => found.scores.find((each) => each.score === score);

  test('accuracy is the share of choices in which the score prefers the winner', () => {
    const loss = new Map(clips.map(({ name, values }) => [name, values.loss]));
    let [won, n] = [0, 0];
    for (const { a, b, winner } of preferences) {
      if (winner === 'tie') continue;
      const gap = ((loss.get(b) ?? 0) - (loss.get(a) ?? 0)) * (winner === 'a' ? 1 : -1);
      won += gap > 0 ? 1 : gap === 0 ? 0.5 : 0;
      n++;
    }
    expect(accuracy('loss')?.accuracy.value).toBeCloseTo(won / n, 12);
    expect(found).toMatchObject({ choices: 270, ties: 30, systems: 4, prompts: 36 });
    expect(unmatched).toEqual([{ file: 'lost', line: 2 }]);
    expect(accuracy('loss')?.accuracy.low).toBeGreaterThan(0.6);
    expect(accuracy('loss')?.test.p).toBeLessThan(0.02);
    expect(accuracy('round-trip')?.accuracy.value).toBeNull();
    expect(found.scores.map(({ score }) => score)).toEqual([...JUDGED]);
  });

  test('listeners who judge the same two clips set the ceiling; without them it is not known', () => {
    const two = ['a', 'a', 'b'].map(
      (winner, i): Preference => ({
        ...{ a: 'S0/P0', b: 'S1/P0', winner: winner as 'a' | 'b', line: i + 2 },
      }),
    );
    const once = { a: 'S0/P1', b: 'S1/P1', winner: 'a', line: 9 } as const;
    const repeated = preferenceAgreement([...two, once], clips, clipFinder(clips)).found;
    expect(repeated.raters).toEqual({ agreement: 1 / 3, pairs: 1 });
    const none = preferenceAgreement([once], clips, clipFinder(clips)).found;
    expect(none.raters).toBeNull();
    expect(preferenceLines(none).join('\n')).toContain('no two clips were judged twice');
  });
});
