// A battery of notes: every score that notes have against damages of notes, and what is said of those that they have not.

import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Battery } from '../../src/analysis/battery.js';
import { batteryAnswers } from '../../src/analysis/battery_answer.js';
import { batteryInputs, hasBattery, measureBattery } from '../../src/analysis/battery_rows.js';
import { openModel } from '../../src/models/open.js';
import { openFolder } from '../../src/node/files.js';
import { nodeRuntime } from '../../src/node/runtime.js';
import { hearNotes } from '../../src/probe/hear.js';
import { scoresOf } from '../../src/scores/panel.js';
import { SOUND_SCORES } from '../../src/scores/scores.js';
import { linesOf } from '../../src/study/faults.js';
import { planStudy } from '../../src/study/plan.js';
import { runStudy } from '../../src/study/run.js';
import { parseStudy } from '../../src/study/spec.js';
import { readMidi } from '../../src/symbolic/midi.js';
import { passageOf } from '../../src/symbolic/passage.js';
import { goldenFolder } from '../golden.js';
import { memoryLibrary, memoryStore } from '../study/memory.js';

const CASES: Record<string, { midi: string }> = JSON.parse(
  readFileSync(new URL('../golden/note_tokens.json', import.meta.url), 'utf8'),
);
const scoreOf = (i: number) =>
  readMidi(new Uint8Array(Buffer.from(CASES[`drawn ${i}`].midi, 'base64')), `drawn ${i}`);
const runtime = nodeRuntime({ threads: 1 });
const aria = await openModel(openFolder(goldenFolder('aria'), { name: 'aria' }), runtime);
afterAll(() => runtime.close());
const library = memoryLibrary(Object.fromEntries([0, 1, 2, 3, 4, 5].map((i) => [`Notes/${i}`, scoreOf(i)])));
const models = [{ spec: { name: 'aria', model: 'aria' }, model: aria, condition: {} }];

const planned = (battery: string, more = '') =>
  planStudy(
    parseStudy(
      `study: notes\nmodels: [aria]\nclip: { length: 30s }\ngroups: { Notes: { midi: m } }\nbattery: ${battery}\ndisturbances:
  nonsense: { kind: nonsense, share: [20%, 100%] }
  transposed: { domain: notes, kind: transpose, semitones: [1, 6] }
  same: { domain: notes, kind: identity, at: 1s, length: 5s }\n${more}`,
      'study.yaml',
    ),
    { library, models },
  );

describe('a battery of notes', () => {
  const store = memoryStore();
  let battery: Battery;
  beforeAll(async () => {
    const study = await planned('{}');
    await store.writePlan(study.plan);
    await runStudy(study, { library, store });
    expect(hasBattery(study.plan)).toBe(true);
    // Cells that are brought to a velocity say it; of others the study does.
    const asTheyAre = study.plan.cells.map((cell) => ({ ...cell, loudness: null }));
    const others = ['study: notes\nbattery: { loudness: own }', 'study: notes'];
    expect(others.map((yaml) => hasBattery({ ...study.plan, cells: asTheyAre, yaml }))).toEqual([
      true,
      false,
    ]);
    battery = await measureBattery(store, { seed: 1 });
  });

  test('scores clips as rank does', async () => {
    const [{ clean, made }] = await batteryInputs(store);
    const passage = passageOf(scoreOf(2), { length: 30 });
    expect(clean.get('Notes/2')).toEqual(scoresOf(await hearNotes(aria, passage)));
    expect(made).toMatchObject({ protocol: 'sequence', loudness: 80, roundTrip: null });
  });

  test('holds every score that is defined for notes against every damage', () => {
    const scores = battery.scores.map(({ score }) => score);
    expect(scores).toEqual([
      'loss',
      'excess',
      'entropy',
      'notch',
      'contour',
      'autocorrelation',
      'maximum',
      'change',
      'unevenness',
      'typical',
      'panel',
    ]);
    const points = battery.rows.filter(({ score }) => score === 'excess');
    expect(points.map(({ damage, severity, auc }) => [damage, severity, auc.n])).toEqual([
      ['nonsense', 'share 20%', 6],
      ['nonsense', 'share 100%', 6],
      ['transposed', 'semitones 1', 6],
      ['transposed', 'semitones 6', 6],
    ]);
    expect(battery.trends.filter(({ score }) => score === 'loss').map(({ damage }) => damage)).toEqual([
      'nonsense',
      'transposed',
    ]);
    // The control changes nothing, so nothing moves.
    for (const { score, harmless, meanAuc } of battery.scores) {
      expect([score, harmless?.edit, harmless?.value]).toEqual([score, 'same', 0]);
      expect([score, meanAuc.value]).toEqual([score, expect.any(Number)]);
    }
    expect(battery.power.map(({ damage }) => damage)).toContain('clean');
  });

  test('says which scores are not defined', () => {
    const [{ sentences }] = batteryAnswers(battery);
    expect(sentences.filter((sentence) => sentence.startsWith('The clips are notes:'))).toEqual([
      `The clips are notes: ${SOUND_SCORES.join(', ')} are made for sound and its codec, and are not defined. The panel judges maximum and typical.`,
    ]);
  });

  test('refuses what only sound has', async () => {
    const lines = await planned('{ loudness: -23, roundTrip: 3s }').catch(linesOf);
    expect(lines).toEqual(
      ['loudness', 'roundTrip'].map((name) =>
        expect.stringMatching(
          new RegExp(
            `^study.yaml:5:\\d+: battery: ${name} is of sound, and every clip of this study is read as notes; leave it out`,
          ),
        ),
      ),
    );
    await expect(planned('{ loudness: own, roundTrip: 0s }')).resolves.toBeDefined();
    await expect(planned('{}', '  late: { edit: timing }\n')).rejects.toThrow(
      /late applies to no clip: no group holds MIDI that is played; notes that a model reads are changed by kind: nonsense/,
    );
  });
});
