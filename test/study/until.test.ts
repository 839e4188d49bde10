// `until`: versions are scored to some seconds after their window. What is scored is what a whole run scores, to the bit;
// what needs the rest is not measured and says so; and no result of one study passes for that of the other.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { analyse } from '../../src/analysis/analyse.js';
import { recordOfRow } from '../../src/analysis/cell_record.js';
import type { Findings } from '../../src/analysis/findings.js';
import type { Clip } from '../../src/audio/clip.js';
import type { Codes } from '../../src/audio/codes.js';
import { codecOf } from '../../src/models/model.js';
import { openNamedModel } from '../../src/node/open.js';
import { studyLines } from '../../src/report/study/terminal.js';
import { generator, seedOf } from '../../src/stats/random.js';
import { passesOf } from '../../src/study/cost.js';
import { cellsOf, type PlannedStudy, planStudy } from '../../src/study/plan.js';
import type { CellRow } from '../../src/study/row.js';
import { pendingJobs, runStudy } from '../../src/study/run.js';
import { parseStudy } from '../../src/study/spec.js';
import { isCut, scoredEnd, untilOf } from '../../src/study/until.js';
import { memoryLibrary, memoryStore } from './memory.js';

const STUDY = `
study: until
seed: 3
clip: { length: 5s }
models: [tiny]
protocols: [delayed, undelayed]
groups:
  A: { files: a }
  Drawn: { files: d, codes: true }
disturbances:
  white: { kind: noise, color: white, at: 40, length: [10, 30], amnesia: true, protocols: delayed }
  cut: { kind: delete, at: 1s, length: 10, groups: A }
  late: { kind: noise, color: pink, at: 200, length: 20, protocols: delayed }
  tokens: { domain: codes, kind: noise, color: white, at: 20, length: 5 }
  all: { kind: lowpass, cutoff: 1kHz, protocols: delayed }
`;
const UNTIL = `${STUDY}until: 1.5s\n`;
const FRAMES = 250;
/** 1.5 s. */
const AFTER = 75;

const model = await openNamedModel({ model: 'tiny', threads: 1 });
const models = [{ spec: { name: 'tiny', model: 'tiny' }, model, condition: {} }];
afterAll(() => model.close());

function chords(name: string): Clip {
  const random = generator(seedOf('chords', name));
  const pitches = Array.from({ length: 20 }, () => 110 * 2 ** (random.integer(36) / 12));
  const samples = Float32Array.from({ length: FRAMES * 640 }, (_, i) => {
    const pitch = pitches[Math.floor(i / 8000) % 20];
    return 0.2 * Math.sin((2 * Math.PI * pitch * i) / 32_000) + 0.02 * random.normal();
  });
  return { name, sampleRate: 32_000, channels: [samples] };
}

const sounds: Record<string, Clip | Codes> = {};
for (const name of ['one', 'two', 'three']) sounds[`A/${name}`] = chords(name);
const library = memoryLibrary(sounds);
const planOf = (yaml: string): Promise<PlannedStudy> =>
  planStudy(parseStudy(yaml, 'until.yaml'), { library, models });

interface Run {
  readonly planned: PlannedStudy;
  readonly store: ReturnType<typeof memoryStore>;
  readonly rows: readonly CellRow[];
  readonly findings: Findings;
}
let whole: Run;
let ended: Run;

async function runOf(yaml: string): Promise<Run> {
  const planned = await planOf(yaml);
  const store = memoryStore();
  await store.writePlan(planned.plan);
  await runStudy(planned, { library, store });
  return { planned, store, rows: await store.sorted(), findings: await analyse(store) };
}

beforeAll(async () => {
  const [{ length }] = chords('d').channels;
  sounds['Drawn/d'] = await codecOf(model).encode([chords('d').channels[0].subarray(0, length)]);
  whole = await runOf(STUDY);
  ended = await runOf(UNTIL);
});

const cellOf = ({ clip, source, variant, context, protocol }: CellRow): string =>
  JSON.stringify([clip, source, variant, context, protocol]);
const pairs = (): (readonly [CellRow, CellRow])[] => {
  const known = new Map(whole.rows.map((row) => [cellOf(row), row]));
  return ended.rows.flatMap((row) => {
    const other = known.get(cellOf(row));
    return other ? [[row, other] as const] : [];
  });
};

describe('a run with until', () => {
  test('scores what a whole run scores, to the bit, and ends there', () => {
    expect(pairs()).toHaveLength(whole.rows.length);
    for (const [row, other] of pairs()) {
      expect(row.status).toBe('ok');
      const [frames, all] = [row.frames ?? 0, other.frames ?? 0];
      const head = <T extends Float32Array | Int32Array>(values: T | null): number[] =>
        Array.from({ length: (row.codebooks ?? 0) * frames }, (_, i) => {
          return values?.[Math.floor(i / frames) * all + (i % frames)] ?? -1;
        });
      expect([...(row.loss ?? [])]).toEqual(head(other.loss));
      expect([...(row.entropy ?? [])]).toEqual(head(other.entropy));
      expect([...(row.codes ?? [])]).toEqual(head(other.codes));
      const rest = row.role === 'context' ? AFTER : (row.windowEnd ?? all) + AFTER;
      expect(frames).toBe(row.role === 'clean' ? all : Math.min(all, rest));
      expect(row.meanLoss).toBe(frames < all ? null : other.meanLoss);
      expect(isCut(row)).toBe(frames < all);
    }
    expect(ended.rows.filter(isCut).length).toBeGreaterThan(20);
  });

  test('keeps clean cells and gives all others keys of their own', async () => {
    for (const [row, other] of pairs()) {
      if (row.role === 'clean') expect(row).toEqual(other);
      else expect(row.key).not.toBe(other.key);
      expect(other.spec ?? '').not.toContain('until');
      expect(untilOf(row)).toBe(row.role === 'clean' ? undefined : 1.5);
    }
    expect((await planOf(`${STUDY}until: 2s\n`)).plan.hash).not.toBe(ended.planned.plan.hash);
    // A store of the one has only clean cells for the other.
    const left = await pendingJobs(ended.planned, { store: whole.store });
    const disturbed = ended.rows.filter(({ role }) => role !== 'clean');
    expect(left.flatMap(cellsOf)).toHaveLength(disturbed.length);
    expect(await pendingJobs(ended.planned, { store: ended.store })).toEqual([]);
  });

  test('has the same Peaks, and no number of whole clips', () => {
    const find = <T extends { readonly variant: string; readonly group: string }>(
      rows: readonly T[],
      more: Partial<T>,
    ) =>
      rows.filter((row) =>
        Object.entries({ variant: 'white length=30', group: 'A', ...more }).every(
          ([name, value]) => row[name as keyof T] === value,
        ),
      );
    for (const region of ['peak', 'assimilation', 'rebound'] as const) {
      const [own, other] = [ended, whole].map(({ findings }) => find(findings.regions, { region }));
      expect(own).toHaveLength(1);
      expect(own[0].values).toEqual(other[0].values);
    }
    for (const feature of ['Peak height', 'Window rise', 'Rebound height']) {
      const [own, other] = [ended, whole].map(({ findings }) => find(findings.features, { feature }));
      expect(own[0].auc).toEqual(other[0].auc);
      expect(own[0].overLoss.value).toBeNull();
    }
    const { findings } = ended;
    expect(find(findings.regions, { region: 'recovery' })).toEqual([]);
    expect(find(findings.features, { feature: 'Whole-clip loss' })).toEqual([]);
    expect(find(findings.clipLoss, {})[0].difference).toMatchObject({ value: null, n: 0, missing: 3 });
    expect(find(findings.leaks, {})[0].after.every((share) => share === null)).toBe(true);
    const tails = findings.amnesia.map(({ tailTokens, lost }) => [tailTokens, lost.n > 0]);
    expect(new Set(tails.map((tail) => JSON.stringify(tail)))).toEqual(
      new Set(['[10,true]', '[50,true]', '[75,false]']),
    );
    // Windows that leave nothing to end have their numbers.
    expect(find(findings.clipLoss, { variant: 'late' })[0].difference.n).toBe(3);
    expect(find(findings.clipLoss, { variant: 'all' })[0].difference.n).toBe(3);
  });

  test('is told in the record, the answers and the terminal', () => {
    const row = ended.rows.find(
      ({ role, variant, clip }) => role === 'disturbed' && variant === 'white length=30' && clip === 'A/one',
    );
    expect(row?.words).toMatch(/; scored until 1.5 s after it$/);
    expect(ended.findings.until).toBe(1.5);
    expect(whole.findings).not.toHaveProperty('until');
    for (const { sentences } of ended.findings.answers)
      expect(sentences[0]).toMatch(/until 1.5 s after.*Not measured/);
    expect(studyLines(ended.findings).join(' ')).toMatch(/until: 1.5s.*Not measured/);
    expect(studyLines(whole.findings).join(' ')).not.toContain('scored until');
    const clean = ended.rows.find(({ key }) => key === row?.cleanKey);
    if (!row || !clean) throw new Error('no such rows');
    const record = recordOfRow(row, clean);
    expect(record.delta.frames).toBe(40 + 30 + AFTER);
    expect(record.clip.samples).toBe(record.delta.frames * 640);
    expect(record.lossDifference).toBeCloseTo(record.disturbed.mean - record.clean.mean, 12);
  });

  test('costs less by what it leaves out', () => {
    const [{ wholeScores, wholeEncodes, scores, encodes }] = passesOf(ended.planned.jobs, {
      until: 1.5,
      lengthSeconds: 5,
    });
    const [before] = passesOf(whole.planned.jobs, { lengthSeconds: 5 });
    expect([before.wholeScores, before.wholeEncodes]).toEqual([scores, encodes]);
    expect(wholeScores).toBeLessThan(0.75 * scores);
    expect(wholeEncodes).toBeLessThan(encodes);
    expect(wholeEncodes).toBeGreaterThan(encodes / 3);
  });
});

describe('until in a file', () => {
  test.each([
    ['until: 1s', /until.yaml:\d+:\d+: until: .*at least 1.5s/],
    ['until: 50', /until: .*"50" is no time; write 15s/],
    [
      'until: 4s\nbattery: {}',
      /until: the scores of a battery need whole clips; leave out until, or battery/,
    ],
  ])('%s is refused', (line, message) => {
    expect(() => parseStudy(`${STUDY}${line}\n`, 'until.yaml')).toThrow(message);
  });

  test('ends at whole frames, and nowhere where the clip ends first', () => {
    const clock = { sampleRate: 32_000, hop: 640 };
    expect(scoredEnd({ end: 100 }, { frames: 250, clock, until: 1.5 })).toBe(175);
    expect(scoredEnd({ end: 100 }, { frames: 250, clock, until: 1.501 })).toBe(176);
    expect(scoredEnd({ end: 175 }, { frames: 250, clock, until: 1.5 })).toBeUndefined();
    expect(scoredEnd({ end: 100 }, { frames: 250, clock })).toBeUndefined();
  });
});
