// Studies of notes, and of sound and notes side by side: which model takes which clip, what rows hold, and what their analysis gives.

import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { recordOfRow } from '../../src/analysis/cell_record.js';
import { numbersOf } from '../../src/analysis/measure.js';
import { score } from '../../src/loss/loss.js';
import { openModel } from '../../src/models/open.js';
import { openFolder } from '../../src/node/files.js';
import { openNamedModel } from '../../src/node/open.js';
import { nodeRuntime } from '../../src/node/runtime.js';
import { parsePerturbation } from '../../src/perturb/schema.js';
import { probeNotes, scoreNotes } from '../../src/probe/notes.js';
import { generator, seedOf } from '../../src/stats/random.js';
import { costOf, passesOf } from '../../src/study/cost.js';
import { linesOf } from '../../src/study/faults.js';
import { openNotes } from '../../src/study/notes_subject.js';
import { planStudy } from '../../src/study/plan.js';
import { runStudy } from '../../src/study/run.js';
import { parseStudy } from '../../src/study/spec.js';
import { readMidi } from '../../src/symbolic/midi.js';
import { passageOf } from '../../src/symbolic/passage.js';
import type { Score } from '../../src/symbolic/score.js';
import { goldenFolder } from '../golden.js';
import { memoryLibrary, memoryStore } from './memory.js';

const CASES: Record<string, { midi: string }> = JSON.parse(
  readFileSync(new URL('../golden/note_tokens.json', import.meta.url), 'utf8'),
);
const scoreOf = (name: string): Score =>
  readMidi(new Uint8Array(Buffer.from(CASES[name].midi, 'base64')), name);
const runtime = nodeRuntime({ threads: 2 });
const aria = await openModel(openFolder(goldenFolder('aria'), { name: 'aria' }), runtime);
const tiny = await openNamedModel({ model: 'tiny', threads: 1 });
afterAll(async () => {
  await tiny.close();
  await runtime.close();
});

const random = generator(seedOf('notes study'));
const channel = Float32Array.from({ length: 64_000 }, () => 0.1 * random.normal());
const sound = { name: 'x', sampleRate: 32_000, channels: [channel] };
const library = memoryLibrary({
  'Notes/a': scoreOf('drawn 0'),
  'Notes/b': scoreOf('drawn 1'),
  'Sound/a': sound,
});

const study = (
  disturbances: string,
  models = '[tiny, aria]',
  groups = '{ Notes: { midi: m }, Sound: { files: s } }',
  head = '',
) =>
  parseStudy(
    `study: both\nseed: 3\n${head}models: ${models}\ngroups: ${groups}\ndisturbances:\n${disturbances}`,
    'study.yaml',
  );
const models = [
  { spec: { name: 'tiny', model: 'tiny' }, model: tiny, condition: {} },
  { spec: { name: 'aria', model: 'aria' }, model: aria, condition: {} },
];
const LINES = `
  nonsense: { kind: nonsense, at: 8s, length: 4s }
  other: { domain: notes, kind: foreign, clip: next, from: 4s, at: 8s, length: 4s }
  white: { kind: noise, color: white, at: 20, length: 10 }
`;

describe('a study of sound and notes', () => {
  test('gives each model what it takes, and rows hold what a probe holds', async () => {
    const planned = await planStudy(study(LINES), { library, models });
    const { cells } = planned.plan;
    expect(
      cells.map(({ clip, model, source, variant, domain }) => [clip, model, source, variant, domain]),
    ).toEqual([
      ['Sound/a', 'tiny', 'audio', null, null],
      ['Sound/a', 'tiny', 'audio', 'white', 'waveform'],
      ['Notes/a', 'aria', 'notes', null, null],
      ['Notes/a', 'aria', 'notes', 'nonsense', 'notes'],
      ['Notes/a', 'aria', 'notes', 'other', 'notes'],
      ['Notes/b', 'aria', 'notes', null, null],
      ['Notes/b', 'aria', 'notes', 'nonsense', 'notes'],
      ['Notes/b', 'aria', 'notes', 'other', 'notes'],
    ]);
    const store = memoryStore();
    await store.writePlan(planned.plan);
    await runStudy(planned, { library, store });
    const rows = store.sorted();
    expect(rows.map(({ error }) => error).filter((error) => error !== null)).toEqual([]);
    const rowOf = (variant: string | null) =>
      rows.find((row) => row.clip === 'Notes/a' && row.variant === variant) ?? rows[0];
    const row = rowOf('nonsense');
    expect(row).toMatchObject({
      ...{ lengthTokens: null, loudness: null, roundTrip: null, reach: 0, lag: 0, codebooks: 3 },
      ...{ severityName: 'share', severity: 100, words: 'notes drawn anew, 4 s at 8 s, seed 3' },
    });
    const passage = { ...passageOf(scoreOf('drawn 0')), name: 'Notes/a' };
    const clean = await scoreNotes(aria, passage);
    const perturbation = parsePerturbation('nonsense at=8s length=4s', { seed: 3 });
    const record = await probeNotes(aria, clean, perturbation);
    await clean.release();
    expect(row.loss).toEqual(record.disturbed.loss.values);
    expect(row.codes).toEqual(record.disturbed.codes.data);
    expect([row.windowStart, row.windowEnd]).toEqual([record.window.start, record.window.end]);
    expect(numbersOf(row)).toMatchObject({ clock: { times: record.clock.times }, loss: { ragged: true } });
    const again = recordOfRow(row, rowOf(null));
    expect(again.delta).toEqual(record.delta);
    expect(again.clock).toEqual(record.clock);
  });

  test('says what applies to nothing', async () => {
    const planned = (lines: string, of = models, groups?: string) =>
      planStudy(study(lines, undefined, groups), { library, models: of });
    await expect(planned('  a: { kind: nonsense, domain: waveform }')).rejects.toThrow(
      /a: nonsense changes notes, and this is sound/,
    );
    await expect(planned('  a: { kind: silence, domain: notes, at: 1s, length: 1s }')).rejects.toThrow(
      /a: silence changes sound, and these are notes; expected nonsense/,
    );
    const alone = await planned(LINES, models.slice(0, 1)).catch(linesOf);
    const words = (line: string) => expect.stringContaining(line);
    expect(alone).toEqual([
      words('no disturbance of notes applies to group Notes, which holds MIDI and names no soundfont'),
      words('nonsense applies to no clip: it is of notes, and no model of notes reads a group of MIDI'),
      words('other applies to no clip: it is of notes'),
    ]);
    expect(() => study('  a: { kind: silence, at: 1, length: 9 }', '[tiny]')).toThrow(
      /group Notes holds MIDI but names no soundfont/,
    );
  });

  test('is scored up to so many seconds after a window, to the same bits', async () => {
    const [lines] = LINES.split('  other');
    const groups = '{ Notes: { midi: m } }';
    const rowsOf = async (head: string) => {
      const planned = await planStudy(study(lines, '[aria]', groups, head), {
        library,
        models: models.slice(1),
      });
      const store = memoryStore();
      await store.writePlan(planned.plan);
      await runStudy(planned, { library, store });
      return store.sorted().filter(({ clip, variant }) => clip === 'Notes/a' && variant === 'nonsense')[0];
    };
    const [whole, cut] = [await rowsOf(''), await rowsOf('until: 2s\n')];
    const [all, some] = [whole.frames ?? 0, cut.frames ?? 0];
    const times = numbersOf(whole).clock.times ?? new Float64Array();
    // The window ends at its last note, and what is scored two seconds after the next one begins.
    const after = times[whole.windowEnd ?? 0] + 2;
    expect(some).toBe(times.findIndex((time) => time >= after));
    expect(cut.meanLoss).toBeNull();
    for (let k = 0; k < 3; k++) {
      expect(cut.loss?.subarray(k * some, (k + 1) * some)).toEqual(
        whole.loss?.subarray(k * all, k * all + some),
      );
    }
  });

  test('is estimated, mapped and opened like any other', async () => {
    const planned = await planStudy(study(LINES), { library, models });
    const passes = passesOf(planned.jobs).filter(({ model }) => model.model === aria);
    const { seconds, bytes } = await costOf(passes, 4);
    expect(seconds).toBeGreaterThan(0);
    expect(bytes).toBeGreaterThan(0);
    const [item] = await library.items({ name: 'Notes' });
    const sources = { library, excerpt: { offset: 4, length: 10 }, items: planned.items };
    const subject = await openNotes({ model: models[1], item }, sources);
    expect((await subject.scoring('sequence')).loss.values).toEqual(
      (await score(aria, subject.codes)).values,
    );
    const map = await subject.map('sequence', { every: 10, length: 3, tail: 3, from: 0 });
    expect(map.clean.frames).toBe(subject.codes.frames);
    expect(await subject.roundTrip()).toBeUndefined();
    await subject.release();
  });
});
