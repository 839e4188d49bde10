// The maps of a study: what is planned, that restarts and shards change nothing, what fails or is damaged, and what the
// report says of them.

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { drawnMaps, mapFindings } from '../../src/analysis/maps.js';
import type { Clip } from '../../src/audio/clip.js';
import type { Codes } from '../../src/audio/codes.js';
import { writeWav } from '../../src/audio/wav.js';
import { decode } from '../../src/loss/encode.js';
import { codecOf } from '../../src/models/model.js';
import { openDrawing } from '../../src/node/document.js';
import { openNamedModel } from '../../src/node/open.js';
import { sensitivityMap } from '../../src/probe/map.js';
import { scoreClip } from '../../src/probe/probe.js';
import { studyReport } from '../../src/report/study/page.js';
import { generator, seedOf } from '../../src/stats/random.js';
import { type MapPlan, mapMismatch, mapTasks, namedMap } from '../../src/study/map_task.js';
import { memoryStore } from '../../src/study/memory_store.js';
import { type Job, planStudy } from '../../src/study/plan.js';
import type { CellRow } from '../../src/study/row.js';
import { pendingJobs, runStudy } from '../../src/study/run.js';
import { parseStudy } from '../../src/study/spec.js';
import type { DocumentResult, Store } from '../../src/study/store.js';
import { filesOf } from '../node/store_files.js';
import { keptMapOf } from '../node/store_rows.js';
import { emptyFindings } from '../report/synthetic_findings.js';
import { memoryLibrary } from './memory.js';

const model = await openNamedModel({ model: 'tiny', threads: 1 });
const folder = mkdtempSync(join(tmpdir(), 'losscope-maps-'));
afterAll(async () => {
  await model.close();
  rmSync(folder, { recursive: true, force: true });
});

const STUDY = `
study: mapped
seed: 3
clip: { length: 3s }
models: [tiny]
protocols: [undelayed, delayed]
groups: { A: { files: a }, B: { files: b }, Drawn: { files: d, codes: true } }
disturbances:
  cut: { kind: silence, at: 1s, length: 5 }
`;
const mapped = (maps: string): string => `${STUDY}maps: ${maps}\n`;

/** Three seconds of sines that move from note to note. */
function sound(name: string, seconds = 3): Clip {
  const random = generator(seedOf('study maps', name));
  const pitches = Array.from({ length: 12 }, () => 110 * 2 ** (random.integer(36) / 12));
  const samples = Float32Array.from({ length: seconds * 32_000 }, (_, i) => {
    const pitch = pitches[Math.floor(i / 8000) % 12];
    return 0.2 * Math.sin((2 * Math.PI * pitch * i) / 32_000) + 0.02 * random.normal();
  });
  return { name, sampleRate: 32_000, channels: [samples] };
}

const SILENT: Clip = { name: 'silent', sampleRate: 32_000, channels: [new Float32Array(96_000)] };
const sounds: Record<string, Clip | Codes> = {
  'A/one': sound('one'),
  'A/silent': SILENT,
  'B/two': sound('two'),
  'Drawn/d': await codecOf(model).encode(sound('d').channels),
};
const library = memoryLibrary(sounds);
const models = [{ spec: { name: 'tiny', model: 'tiny' }, model, condition: {} }];
const planOf = async (yaml: string) => planStudy(parseStudy(yaml, 's.yaml'), { library, models });

describe('maps in a study file', () => {
  test('have the defaults of losscope map, for every group', () => {
    expect(parseStudy(STUDY, 's.yaml').maps).toBeUndefined();
    const defaults = { every: 10, length: 5, level: 'match', tail: 5, from: 50 };
    const rest = { seed: 3, groups: ['A', 'B', 'Drawn'] };
    expect(parseStudy(mapped('{}'), 's.yaml').maps).toEqual({ ...defaults, ...rest });
    const given = '{ every: 20, length: 6, level: -20dB, tail: 0, from: 0, protocol: delayed, groups: B }';
    expect(parseStudy(mapped(given), 's.yaml').maps).toEqual({
      ...{ every: 20, length: 6, level: { dbfs: -20 }, tail: 0, from: 0 },
      ...{ seed: 3, protocol: 'delayed', groups: ['B'] },
    });
  });

  test.each([
    ['{ evry: 10 }', /^s\.yaml:10:9: maps has no key evry; did you mean every\?$/],
    ['{ every: 0 }', /^s\.yaml:10:\d+: maps\.every: /],
    ['{ from: 1s }', /^s\.yaml:10:\d+: maps\.from: /],
    ['{ level: loud }', /^s\.yaml:10:\d+: maps\.level: "loud" is no level; expected match/],
    ['{ protocol: unshifted }', /protocol unshifted is not the study's; name one of undelayed, delayed$/],
    ['{ groups: [A, C] }', /maps: there is no group C; name some of A, B, Drawn; did you mean A\?$/],
  ])('%s is refused in one line', (maps, message) => {
    expect(() => parseStudy(mapped(maps), 's.yaml')).toThrow(message);
  });

  test('change no key of a cell, and give every sound one of its own', async () => {
    const [without, one, other] = await Promise.all(
      ['', '{}', '{ every: 9 }'].map((maps) => planOf(maps === '' ? STUDY : mapped(maps))),
    );
    expect('maps' in without.plan).toBe(false);
    expect(one.plan.cells).toEqual(without.plan.cells);
    expect(one.plan.hash).toBe(without.plan.hash);
    const maps = mapTasks(one.plan);
    expect(maps.map(({ clean }) => [clean.clip, clean.source, clean.protocol])).toEqual(
      ['A/one', 'A/silent', 'B/two', 'Drawn/d'].map((clip) => [clip, 'audio', 'undelayed']),
    );
    const keys = [one, other].flatMap(({ plan }) => mapTasks(plan).map(({ key }) => key));
    expect(new Set(keys).size).toBe(8);
    expect(mapTasks(without.plan)).toEqual([]);
    const codes = STUDY.replace('cut: {', 'cut: { domain: codes, groups: Drawn,').replace(
      'silence',
      'shuffle, block: 1',
    );
    const bare = `${codes}  rest: { kind: silence, at: 1s, length: 5, groups: [A, B] }\nmaps: {}`;
    await expect(planOf(bare)).rejects.toThrow(/no disturbance of sound applies to group Drawn; leave/);
  });
});

describe('a run', () => {
  test('keeps what losscope map gives, and the cause where it gives nothing', async () => {
    const planned = await planOf(mapped('{ every: 30, from: 20 }'));
    const store = memoryStore();
    await store.writePlan(planned.plan);
    const mapsIn = (jobs: readonly Job[]) =>
      jobs.flatMap(({ tasks }) => tasks.flatMap((task) => (task.kind === 'map' ? [task.clean.clip] : [])));
    expect(mapsIn(await pendingJobs(planned, { store, limit: 1 }))).toEqual(['A/one', 'B/two', 'Drawn/d']);
    let heard = 0;
    const part = await runStudy(planned, {
      ...{ library, store },
      stopped: () => heard === 2,
      onTask: ({ kind }) => {
        if (kind === 'map') heard++;
      },
    });
    expect(part.map).toEqual({ done: 2, failed: 1, left: 2 });
    expect((await runStudy(planned, { library, store })).map).toEqual({ done: 2, failed: 0, left: 0 });
    expect(await pendingJobs(planned, { store })).toEqual([]);
    expect(mapsIn(await pendingJobs(planned, { store, retryFailed: true }))).toEqual(['A/silent']);

    const drawn = await decode(model, sounds['Drawn/d'] as Codes, 'Drawn/d');
    for (const clip of [{ ...sound('one'), name: 'A/one' }, drawn]) {
      const clean = await scoreClip(model, clip, { protocol: 'undelayed' });
      const {
        provenance: _,
        choices: __,
        ...map
      } = await sensitivityMap(model, clean, {
        ...{ every: 30, from: 20, seed: 3 },
        group: clip.name.slice(0, clip.name.indexOf('/')),
      });
      await clean.release();
      const own = mapTasks(planned.plan).find((each) => each.clean.clip === clip.name);
      const result = own && (await store.get('map', own.key));
      if (!own || result?.status !== 'ok') throw new Error(`${clip.name}: not mapped`);
      expect(namedMap(own, result.value)).toEqual(map);
      // A map is made on what the cells of its clip were scored with, and stands beside them.
      const cells: CellRow[] = [];
      for await (const row of store.rows({ keys: [own.clean.key] })) cells.push(row);
      expect(cells.map((row) => mapMismatch(own, result.value.clean, row))).toEqual([undefined]);
    }
    const silent = mapTasks(planned.plan).find(({ clean }) => clean.clip === 'A/silent');
    expect(await store.get('map', silent?.key ?? '')).toEqual({
      status: 'failed',
      error: expect.stringMatching(/^A\/silent: silent at every position/),
    });
  });
});

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

function losscope(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...args], { cwd: folder }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

describe('losscope', () => {
  const mapsOf = (store: string): string[] =>
    filesOf(join(folder, store), 'maps').sort((a, b) => (basename(a) < basename(b) ? -1 : 1));
  /** What the files hold, each once: two writers may have found the same failure. */
  const bytesOf = (store: string): string[] => [
    ...new Set(mapsOf(store).map((path) => readFileSync(path, 'utf8'))),
  ];

  test('runs, resumes, merges, checks and reports maps', async () => {
    for (const [group, clips] of [
      ['a', [sound('one'), sound('two'), SILENT]],
      ['b', [sound('three'), sound('four')]],
    ] as const) {
      mkdirSync(join(folder, group));
      for (const clip of clips)
        writeFileSync(join(folder, group, `${clip.name}.wav`), writeWav(clip, { format: 'pcm16' }));
    }
    const groups = 'groups: { A: { files: a/*.wav }, B: { files: b/*.wav } }';
    const yaml = mapped('{ every: 30, from: 20, protocol: delayed }').replace(/^groups: .*$/m, groups);
    writeFileSync(join(folder, 'study.yaml'), yaml);

    const dry = await losscope('run', 'study.yaml', '--dry-run', '--limit', '1');
    expect(dry.stdout).toMatch(/maps: 5 planned, 2 to make now/);
    const whole = await losscope('run', 'study.yaml', '-o', 'whole');
    expect(whole).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('20 cells stored; 5 maps stored in whole'),
    });
    expect(whole.stderr).toContain('1 of 5 maps failed; losscope check whole says why');
    const before = bytesOf('whole');
    expect(before).toHaveLength(5);
    expect(await losscope('run', 'study.yaml', '-o', 'whole')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/5 planned, 0 to make now\nnothing to do/),
    });
    expect((await losscope('run', 'study.yaml', '-o', 'whole', '--retry-failed')).stdout).toMatch(
      /1 to make now/,
    );
    expect(bytesOf('whole')).toEqual(before);

    for (const index of [1, 2])
      await losscope('run', 'study.yaml', '-o', `part-${index}`, '--shard', `${index}/2`);
    expect(mapsOf('part-1').length + mapsOf('part-2').length).toBe(5);
    expect(await losscope('merge', 'merged', 'part-1', 'part-2')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/20 of 20 planned cells; 5 maps put there/),
    });
    expect(bytesOf('merged')).toEqual(before);

    const [gone, damaged, copied, other] = mapsOf('whole').filter((path) => path.includes('.ok.'));
    const keep = new Map([gone, damaged, copied].map((path) => [path, readFileSync(path)]));
    rmSync(gone);
    writeFileSync(
      damaged,
      (keep.get(damaged) as Buffer).map((byte, i) => (i === 2000 ? byte ^ 1 : byte)),
    );
    // The map of another clip under this one's key, with a checksum that fits.
    rmSync(copied);
    const [key, stranger] = [copied, other].map((path) => basename(path).slice(0, 64));
    const text = readFileSync(other, 'utf8').replace(stranger, key);
    const hash = createHash('sha256').update(text).digest('hex');
    const forged = join(dirname(copied), `${key}.ok.${hash}.json`);
    writeFileSync(forged, text);
    const check = await losscope('check', 'whole');
    expect(check.code).toBe(1);
    expect(check.stdout).toMatch(
      /5 maps planned\n {2}done +1\n {2}failed +1\n.*1 x A\/silent: silent at every .*\n {2}missing +3\n( {4}map of .*, tiny\n){3}/,
    );
    expect(check.stdout).toMatch(/damaged +2\n/);
    expect(check.stdout).toMatch(/not the map of \w\/\w+ \(it has a mean loss of/);
    expect(check.stdout).toMatch(/^not complete: first delete the files named above; losscope run goes on/m);
    for (const args of [['report'], ['merge', 'merged']]) {
      const { code, stderr } = await losscope(...args, 'whole');
      expect([code, stderr.split('\n').at(-2)]).toEqual([
        1,
        expect.stringMatching(/^losscope: whole\/writers\/.*\/maps\/.*; delete it and run the study again$/),
      ]);
    }
    rmSync(damaged);
    rmSync(forged);
    writeFileSync(copied, keep.get(copied) as Buffer);
    const partly = await losscope('report', 'whole');
    expect(partly.code).toBe(0);
    const page = (): string => readFileSync(join(folder, 'whole', 'report', 'index.html'), 'utf8');
    expect(page()).toContain(
      '2 of 5 maps are there. 2 of 5 maps not made yet. 1 clip not mapped: A/silent: silent',
    );
    expect((await losscope('run', 'study.yaml', '-o', 'whole')).stdout).toMatch(/2 to make now/);
    expect(bytesOf('whole')).toEqual(before);

    expect(await losscope('report', 'whole')).toMatchObject({ code: 0 });
    expect(page().match(/<label for="pick-maps-[^"]*">[^<]* mean Peak /g)).toHaveLength(4);
    for (const title of ['Waveform of A/one', 'Loss of A/one', 'Reaction of the model along A/one']) {
      expect(page()).toContain(title);
    }
    const { maps } = JSON.parse(readFileSync(join(folder, 'whole', 'report', 'findings.json'), 'utf8'));
    expect(maps).toMatchObject({ planned: 5, missing: 0, failures: [{ maps: 1 }] });
    expect(maps.separations).toHaveLength(6);
    // A store of the same cells whose clips are mapped otherwise is another study's.
    writeFileSync(join(folder, 'study.yaml'), yaml.replace('every: 30', 'every: 40'));
    expect((await losscope('run', 'study.yaml', '-o', 'part-1', '--shard', '1/2')).stdout).toMatch(
      /[23] to make now/,
    );
    expect((await losscope('merge', 'both', 'part-1', 'part-2')).stderr).toMatch(
      /\(clips are mapped otherwise\)/,
    );
  });
});

describe('findings', () => {
  const MAPS: MapPlan = {
    ...{ every: 10, length: 5, level: 'match', tail: 5, from: 50, seed: 1 },
    ...{ protocol: 'delayed', groups: ['A', 'B', 'Drawn'] },
  };
  test('order clips, compare groups, and say what cannot be compared', async () => {
    const { plan } = await planOf(mapped('{}'));
    const alone = ['Drawn/alone', 'Drawn/later'];
    const names = ['A/low', 'A/mid', 'A/high', 'A/broken', 'B/one', 'B/two', 'B/three', ...alone];
    const [template] = mapTasks(plan);
    const cells = names.map((clip) => ({
      ...template.clean,
      ...{ key: clip, clip, group: clip.slice(0, clip.indexOf('/')), protocol: 'delayed' as const },
    }));
    const own = { ...plan, cells, maps: MAPS };
    const kept: Readonly<Record<string, DocumentResult<'map'>>> = {
      'A/low': { status: 'ok', value: keptMapOf([0, 0.2], 3) },
      'A/high': { status: 'ok', value: keptMapOf([1, 1, 1, 1, 1, 2], 4) },
      'A/broken': { status: 'failed', error: 'no reason' },
      'A/mid': { status: 'ok', value: keptMapOf([0.25, 0.25], 3.5) },
      'B/one': { status: 'ok', value: keptMapOf([0, 0], 5) },
      'B/two': { status: 'ok', value: keptMapOf([0.5, 0.5], 6) },
      'B/three': { status: 'ok', value: keptMapOf([0.05, 0.05], 5.5) },
      'Drawn/alone': { status: 'ok', value: keptMapOf([2, 2], 6) },
    };
    const keys = new Map(mapTasks(own).map(({ key, clean }) => [key, clean.clip]));
    // Only maps are asked for.
    const get = async (_: string, key: string) => kept[keys.get(key) ?? ''];
    // One clip has a row, which its map fits.
    const row = { key: cells[0].key, status: 'ok', meanLoss: 3, frames: 100 };
    const rowsOf = (meanLoss: number) =>
      async function* () {
        yield { ...row, meanLoss };
      };
    const store = { get, rows: rowsOf(3) } as unknown as Pick<Store, 'get' | 'rows'>;
    const other = { get, rows: rowsOf(3.5) } as unknown as Pick<Store, 'get' | 'rows'>;
    await expect(mapFindings(own, other)).rejects.toThrow(
      /the map of A\/low is not its own \(it has a mean loss of 3,/,
    );
    const found = await mapFindings(own, store);
    if (!found) throw new Error('no findings');
    expect(found).toMatchObject({ planned: 9, missing: 1, failures: [{ error: 'no reason', maps: 1 }] });
    expect(found.clips.map(({ clip, peak }) => [clip, peak.value])).toEqual([
      ['Drawn/alone', 2],
      ['A/high', 7 / 6],
      ['B/two', 0.5],
      ['A/mid', 0.25],
      ['A/low', 0.1],
      ['B/three', 0.05],
      ['B/one', 0],
    ]);
    expect(found.clips[1].peak.low).toBeLessThanOrEqual(1);
    expect(found.clips[2].peak).toEqual({ value: 0.5, low: null, high: null });
    expect(found.clips[1]).toMatchObject({
      positions: 6,
      beyond: null,
      features: { loss: 4, entropy: 1, surprise: 3 },
    });
    const auc = (a: string, b: string, feature: string) =>
      found.separations.find((each) => each.a === a && each.b === b && each.feature === feature)?.auc;
    // Of 9 pairs B has the larger Peak in two, the larger loss in all.
    expect(auc('A', 'B', 'sensitivity')).toMatchObject({ value: 2 / 9, n: 6, missing: 1 });
    expect(auc('A', 'B', 'loss')).toMatchObject({ value: 1, n: 6 });
    expect(auc('B', 'Drawn', 'loss')).toEqual({
      ...{ value: null, low: null, high: null, n: 4, missing: 1 },
      why: '1 of 3 mapped clips needed of group Drawn',
    });

    // What users typed is text in the page, never markup.
    const evil = '<script>alert("map")</script>';
    const hostile = JSON.parse(
      JSON.stringify(found).replaceAll(/(Drawn|A|B|alone|no reason)(?=["/])/g, evil.replaceAll('"', '\\"')),
    );
    const drawn = await drawnMaps(own, found, store);
    expect([...drawn.keys()]).toEqual(found.clips.map(({ key }) => key));
    const maps = new Map(
      [...drawn].map(([key, map]) => [key, { ...map, clip: { ...map.clip, name: evil, title: evil } }]),
    );
    const { html, figures } = studyReport(await openDrawing(), { ...emptyFindings(), maps: hostile }, maps);
    expect(html).not.toContain('<script>alert');
    expect(html).toContain('&lt;script&gt;alert');
    expect(figures.map(({ name }) => name)).toEqual(['maps-tiny-delayed', 'maps-auc']);
    const some = studyReport(
      await openDrawing(),
      { ...emptyFindings(), maps: found },
      new Map([...drawn].slice(0, 2)),
    );
    expect(some.html).toContain('Maps of 5 further clips are not drawn');
    expect(some.html).toContain('Not compared: 1 of 3 mapped clips needed of group Drawn.');
    expect(some.html).toContain(
      'B from A (tiny · delayed): of the AUCs of 6 numbers, loss (1.00 [0.50, 1.00]), surprise (1.00 [0.50, 1.00]), ' +
        'maximum (1.00 [0.50, 1.00]) have a 95% interval without 0.5',
    );
  });
});
