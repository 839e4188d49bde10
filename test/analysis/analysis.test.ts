// Findings from made rows: what was planted is found, what was not is not claimed, what is missing is counted.

import { beforeAll, describe, expect, test } from 'vitest';
import { analyse } from '../../src/analysis/analyse.js';
import type { Findings } from '../../src/analysis/findings.js';
import { ALL_GROUPS } from '../../src/analysis/point.js';
import { studyLines } from '../../src/report/study/terminal.js';
import type { CellRow } from '../../src/study/row.js';
import { damaged, type Made, madeStudy, START, storeOf, white } from './rows.js';

const FRAMES = 300;
const LENGTHS = [10, 40, 100];

/** One code in 600 is undefined under the delay pattern of two codebooks. */
const CODES = 2 * FRAMES - 1;

const study: Made = {
  groups: { TrainingSet: 4, OOD: 6 },
  variants: [
    ...white(LENGTHS),
    { disturbance: 'shuffle', variant: 'shuffle block=10', kind: 'shuffle', length: 100, block: 10 },
    { disturbance: 'shuffle', variant: 'shuffle block=20', kind: 'shuffle', length: 100, block: 20 },
  ],
  // Noise is one nat easier than the music at every code; shuffling does nothing.
  effect: ({ kind }) => (kind === 'noise' ? -1 : 0),
  scatter: 0.3,
};

function point<T extends { readonly group: string; readonly variant: string }>(
  rows: readonly T[],
  variant: string,
  group = ALL_GROUPS,
): T {
  const found = rows.find((row) => row.variant === variant && row.group === group);
  if (!found) throw new Error(`no row for ${variant} in ${group}`);
  return found;
}

/** Every number of a JSON value, with the way to it. */
function numbers(value: unknown, path = ''): [string, number][] {
  if (typeof value === 'number') return [[path, value]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => numbers(inner, `${path}.${key}`));
}

describe('a constant effect per disturbed token', () => {
  let found: Findings;
  beforeAll(async () => {
    found = await analyse(storeOf(madeStudy(study)));
  });

  test('is the loss difference of the clip, diluted and not', () => {
    for (const length of LENGTHS) {
      const row = point(found.clipLoss, `white length=${length}`);
      const expected = (-2 * length) / CODES;
      expect(row.difference.value).toBeCloseTo(expected, 1);
      expect(row.difference.low).toBeLessThan(expected);
      expect(row.difference.high).toBeGreaterThan(expected);
      expect(row.perToken.low).toBeLessThan(-1);
      expect(row.perToken.high).toBeGreaterThan(-1);
      expect(row.disturbed.value).toBeCloseTo((row.clean.value ?? 0) + (row.difference.value ?? 0), 10);
      expect(row.difference).toMatchObject({ n: 10, missing: 0 });
    }
    // Wilson's interval for none of ten: up to z^2 / (n + z^2).
    const { rises } = point(found.clipLoss, 'white length=100');
    expect(rises).toMatchObject({ value: 0, low: expect.closeTo(0, 10), high: expect.closeTo(0.2775, 4) });
    // An effect of a third of a nat is lost in the clips' own spread of one nat.
    expect(point(found.clipLoss, 'white length=100').auc.value).toBeGreaterThan(0.3);
    expect(point(found.clipLoss, 'white length=100').auc.value).toBeLessThan(0.5);
  });

  test('slopes over length as the paper has it, and not once it is counted per token', () => {
    const [raw, perToken] = (['raw', 'perToken'] as const).map((quantity) =>
      found.trends.find((trend) => trend.quantity === quantity && trend.group === ALL_GROUPS),
    );
    expect(raw).toMatchObject({ lengths: LENGTHS, at: '' });
    expect(raw?.slope.value).toBeCloseTo(-2 / CODES, 3);
    expect(raw?.pearsonOfMeans.value).toBeLessThan(-0.99);
    expect(raw?.spearmanOfMeans.value).toBe(-1);
    expect(raw?.test.holm).toBeLessThan(0.05);
    expect(perToken?.slope.low).toBeLessThan(0);
    expect(perToken?.slope.high).toBeGreaterThan(0);
    expect(perToken?.test.holm).toBeGreaterThan(0.05);
  });

  test('has its regions, curve, leak and boxes', () => {
    const assimilation = found.regions.find(
      (row) =>
        row.variant === 'white length=100' && row.group === ALL_GROUPS && row.region === 'assimilation',
    );
    expect(assimilation?.mean.value).toBeCloseTo(-1, 1);
    expect(assimilation?.values).toHaveLength(10);
    const curve = point(found.curves, 'white length=100');
    expect(curve).toMatchObject({ from: START - 50, window: { start: START, end: START + 100 }, n: 10 });
    const at = (frame: number) => curve.mean[frame - curve.from];
    expect(at(START - 1)).toBe(0);
    expect(at(START + 50)).toBeCloseTo(-1, 0);
    expect(curve.low[60]).toBeLessThan(curve.mean[60] ?? 0);
    expect(curve.byCodebook).toHaveLength(2);
    expect(curve.bands[0]).toEqual({ name: 'peak', start: START - 1, end: START + 2 });
    expect(point(found.leaks, 'white length=100')).toMatchObject({ inside: [1, 1], after: [0, 0], n: 10 });
    const boxes = found.boxes.filter(({ group }) => group === 'OOD');
    expect(boxes.map(({ blockTokens, n }) => [blockTokens, n])).toEqual([
      [null, 6],
      [10, 6],
      [20, 6],
    ]);
    for (const { outliers, outlierCells } of found.boxes) expect(outlierCells).toHaveLength(outliers.length);
  });

  test('is seen by features that look where it is', () => {
    const auc = (feature: string) =>
      found.features.find(
        (row) => row.feature === feature && row.variant === 'white length=100' && row.group === ALL_GROUPS,
      );
    expect(auc('Assimilation depth')).toMatchObject({ needsClean: true, auc: { value: 1 } });
    expect(auc('Assimilation depth')?.overLoss.low).toBeGreaterThan(0);
    // A fall is no Peak; the direction was decided beforehand.
    expect(auc('Peak height')?.auc.high).toBeLessThan(0.5);
    expect(auc('Change point')).toMatchObject({ needsClean: false });
    expect(auc('Change point')?.auc.low).toBeGreaterThan(0.5);
    expect(auc('Whole-clip loss')?.overLoss).toMatchObject({ value: null });
  });

  test('is no Peak by any of three definitions, each beside what it gives on other music', () => {
    const rows = found.transients.filter(
      ({ region, variant, group }) =>
        region === 'peak' && variant === 'white length=100' && group === ALL_GROUPS,
    );
    expect(rows.map(({ definition }) => definition)).toEqual(['boundary', 'paper', 'searched']);
    const [boundary, paper, searched] = rows;
    // Nothing at the onset is above 0, and a search finds something in noise: in the null curves as much.
    expect(paper.mean.high).toBeLessThan(0);
    expect(boundary.mean.value).toBeLessThan(0);
    expect(searched.null.low).toBeGreaterThan(0);
    for (const { overNull, mean, null: other } of rows) {
      expect(overNull.high).toBeLessThan(0);
      expect(overNull.value).toBeCloseTo((mean.value ?? 0) - (other.value ?? 0), 10);
    }
    const features = found.features.filter(
      ({ feature, variant, group }) =>
        /^Peak/.test(feature) && variant === 'white length=100' && group === ALL_GROUPS,
    );
    expect(features.map(({ feature }) => feature)).toEqual([
      ...['Peak height', 'Peak mean', 'Peak mean of five', 'Peak searched'],
    ]);
  });

  test('differs from what does nothing, and only there', () => {
    const kinds = found.contrasts.filter(({ factor }) => factor === 'kind');
    expect(kinds.map(({ a, b, verdict, paired }) => [a, b, verdict, paired])).toEqual([
      ['shuffle block 10', 'white noise', 'different', true],
      ['shuffle block 20', 'white noise', 'different', true],
    ]);
    const groups = found.contrasts.filter(({ factor }) => factor === 'group');
    expect(groups).toHaveLength(5);
    expect(groups.every(({ verdict, paired }) => verdict !== 'different' && !paired)).toBe(true);
  });

  test('stands beside the published values, and in the answers', () => {
    const fig2 = found.published.filter(({ where }) => where === 'Fig. 2');
    const beside = fig2.find(({ what }) => what.includes('100 tokens') && what.includes('Small, OOD'));
    expect(beside).toMatchObject({ published: -0.214 });
    expect(beside?.ours).toBe(point(found.clipLoss, 'white length=100', 'OOD').difference.value);
    expect(beside?.note).toContain('another model');
    expect(fig2.filter(({ what }) => what.includes('Medium')).every(({ ours }) => ours === null)).toBe(true);
    const text = found.answers.flatMap(({ sentences }) => sentences).join(' ');
    expect(text).toContain('rises in 0 and falls in 3 by tests corrected');
    expect(text).toContain('white noise, 100 tokens, all groups, tiny, delayed: the loss changes by −0.3');
    expect(text).not.toMatch(/NaN|undefined|null/);
  });

  test('is plain JSON: no NaN, nothing infinite; and the same whatever the order of the rows', async () => {
    expect(numbers(found).filter(([, value]) => !Number.isFinite(value))).toEqual([]);
    expect(JSON.parse(JSON.stringify(found)).clipLoss).toHaveLength(found.clipLoss.length);
    const small = madeStudy({ ...study, groups: { OOD: 3 }, variants: white([10]) });
    const once = await analyse(storeOf(small));
    const reversed = {
      ...storeOf(small),
      async *rows({ roles }: { roles?: readonly string[] } = {}) {
        yield* [...small.rows].reverse().filter(({ role }) => !roles || roles.includes(role));
      },
    };
    expect(await analyse(reversed)).toEqual(once);
  });
});

test('a published value is beside a point of ours only where model, group and protocol are theirs', async () => {
  const made = { groups: { OOD: 3, Other: 3 }, variants: white([50, 200]) };
  const besides = async (models: readonly string[], protocols: readonly ('delayed' | 'undelayed')[]) => {
    const { published } = await analyse(storeOf(madeStudy({ ...made, models, protocols })));
    return published.filter(({ beside }) => beside);
  };
  const rows = await besides(['my-small', 'other'], ['delayed', 'undelayed']);
  expect(rows.map(({ published, spread }) => [published, spread])).toEqual([
    [-0.0629, { sd: 0.1002, n: 78 }],
    [-0.5005, { sd: 0.314, n: 78 }],
  ]);
  for (const { beside } of rows) {
    expect(beside).toMatchObject({
      model: 'my-small',
      protocol: 'undelayed',
      group: 'OOD',
      condition: 'none',
    });
  }
  expect(rows.map(({ beside }) => beside?.variant)).toEqual(['white length=50', 'white length=200']);
  // Another protocol of theirs, and a model that stands in for one, are in the table alone.
  expect(await besides(['my-small'], ['delayed'])).toEqual([]);
  expect(await besides(['melody'], ['undelayed'])).toEqual([]);
  expect(await besides(['tiny'], ['undelayed'])).toEqual([]);
});

describe('what is not there', () => {
  const made = madeStudy({ ...study, groups: { OOD: 5 }, variants: white([40]) });

  test('is counted, with its causes', async () => {
    const found = await analyse(
      storeOf(
        damaged(made, ({ role, clip }) => {
          if (role === 'clean' && clip.endsWith('000')) return 'fail';
          if (role === 'disturbed' && clip.endsWith('001')) return 'fail';
          return role === 'disturbed' && clip.endsWith('002') ? 'lose' : 'keep';
        }),
      ),
    );
    expect(found.counts).toEqual({
      planned: 10,
      ok: 7,
      failed: 2,
      missing: 1,
      clips: { OOD: 5 },
      failures: [{ error: 'out of memory', cells: 2 }],
    });
    const [row] = found.clipLoss;
    expect(row.difference).toMatchObject({
      n: 2,
      missing: 3,
      low: null,
      why: '2 of 3 clips needed for an interval',
    });
    expect(row.group).toBe('OOD');
  });

  test('one clip, or none, gives values without intervals and claims nothing', async () => {
    for (const left of [1, 0]) {
      const found = await analyse(
        storeOf(damaged(made, ({ clip }) => (Number(clip.slice(-3)) < left ? 'keep' : 'lose'))),
      );
      const [row] = found.clipLoss;
      expect(row.difference).toMatchObject({ n: left, missing: 5 - left, low: null, high: null });
      expect(row.difference.value === null).toBe(left === 0);
      expect(row.test).toMatchObject({ p: null, holm: null });
      expect(numbers(found).filter(([, value]) => !Number.isFinite(value))).toEqual([]);
      const text = found.answers.flatMap(({ sentences }) => sentences).join(' ');
      expect(text.includes('rises in 0 and falls in 0')).toBe(left > 0);
      expect(text.includes('too few clips')).toBe(left > 0);
      expect(text.includes('Not measured')).toBe(left === 0);
    }
  });

  test('a model, a group or a member without rows is not measured, and all groups are no copy of one', async () => {
    const several = madeStudy({
      ...study,
      models: ['tiny', 'small'],
      groups: { Real: 5, OOD: 5 },
      variants: [
        ...white([20, 40]),
        { disturbance: 'pink', variant: 'pink', color: 'pink', level: 'match', length: 20, amnesia: true },
      ],
    });
    const left = async (keep: (row: CellRow) => boolean) => {
      const found = await analyse(storeOf(damaged(several, (row) => (keep(row) ? 'keep' : 'lose'))));
      return { found, text: found.answers.flatMap(({ sentences }) => sentences).join(' ') };
    };
    const model = await left((row) => row.model === 'tiny');
    expect(model.text).toContain('Between models nothing is measured yet: 3 comparisons have no scored clip');
    expect(model.text).toContain('Not measured: 6 of 9 combinations, which have no scored clip');
    expect(
      model.found.contrasts.filter(({ factor, verdict }) => factor === 'model' && verdict !== 'unmeasured'),
    ).toEqual([]);
    const group = await left((row) => row.group === 'Real');
    expect(group.found.clipLoss.filter((row) => row.group === ALL_GROUPS)).toEqual([]);
    expect(group.found.clipLoss.filter(({ difference }) => difference.n > 0).map((row) => row.group)).toEqual(
      Array(6).fill('Real'),
    );
    expect(group.text).toContain('Between kinds of music nothing is measured yet: 6 comparisons');
    expect(group.text).toContain('Not measured: 6 of 12 combinations');
    const member = await left((row) => row.disturbance !== 'pink');
    expect(member.text).toContain('Between kinds of damage nothing is measured yet');
    expect(member.text).toMatch(
      /Between models, the loss difference is different in .* Not measured: 1 more/,
    );
    expect(member.text).toContain('Not measured: none of');
    const nothing = await left(() => false);
    expect(nothing.text).not.toMatch(/ in 0\b|0 of/);
    expect(studyLines(nothing.found).join('\n')).toContain('not measured');
    // A disturbance of one group: nothing of all groups stands beside it.
    const narrow = {
      ...several,
      plan: {
        ...several.plan,
        cells: several.plan.cells.filter((cell) => cell.disturbance !== 'pink' || cell.group === 'OOD'),
      },
    };
    const own = await analyse(
      storeOf({
        ...narrow,
        rows: several.rows.filter((row) => narrow.plan.cells.some(({ key }) => key === row.key)),
      }),
    );
    expect(own.clipLoss.filter(({ disturbance }) => disturbance === 'pink').map((row) => row.group)).toEqual([
      'OOD',
      'OOD',
    ]);
  });

  test('no plan, a row of another plan and a clip twice are errors of one line', async () => {
    const none = { ...storeOf(made), plan: async () => undefined };
    await expect(analyse(none)).rejects.toThrow('the store has no plan; run the study first');
    const other = madeStudy({ ...study, groups: { Other: 1 }, variants: white([40]) });
    const mixed = { ...made, rows: [...made.rows, ...other.rows] };
    await expect(analyse(storeOf(mixed))).rejects.toThrow(/cell .* is not of this plan/);
    const twice = { ...made, rows: [...made.rows, ...made.rows.filter(({ role }) => role === 'disturbed')] };
    await expect(analyse(storeOf(twice))).rejects.toThrow(/clip OOD\/clip-00\d is there twice/);
  });
});
