// Probes and maps of notes: what the pieces give one by one, on an axis of events; drums without a duration are no gap.

import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { codesOf, rowsOf } from '../../src/audio/codes.js';
import { difference } from '../../src/loss/delta.js';
import { score } from '../../src/loss/loss.js';
import { meanByFrame } from '../../src/loss/means.js';
import { type Model, readsNotes } from '../../src/models/model.js';
import { openModel } from '../../src/models/open.js';
import { openDrawing } from '../../src/node/document.js';
import { openFolder } from '../../src/node/files.js';
import { nodeRuntime } from '../../src/node/runtime.js';
import { parsePerturbation } from '../../src/perturb/schema.js';
import { mapJson } from '../../src/probe/map_record.js';
import { cleanNotes, disturbedNotes, notesMap, probeNotes, scoreNotes } from '../../src/probe/notes.js';
import { curveCsv, type ProbeRecord, recordJson } from '../../src/probe/record.js';
import { asDrawing, deltaFigure } from '../../src/report/figures.js';
import { mapSentences } from '../../src/report/map_page.js';
import { probeLines } from '../../src/report/terminal.js';
import { packPage, unpackPage } from '../../src/report/view/page_data.js';
import { verdictOf } from '../../src/report/view/verdict.js';
import { readMidi } from '../../src/symbolic/midi.js';
import { clockOf, type Passage, passageOf } from '../../src/symbolic/passage.js';
import { goldenFolder } from '../golden.js';

const CASES: Record<string, { midi: string }> = JSON.parse(
  readFileSync(new URL('../golden/note_tokens.json', import.meta.url), 'utf8'),
);
const passage = (name: string): Passage =>
  passageOf(readMidi(new Uint8Array(Buffer.from(CASES[name].midi, 'base64')), name));
const song = passage('drawn 0');
const runtime = nodeRuntime({ threads: 2 });
let model: Model;
beforeAll(async () => {
  model = await openModel(openFolder(goldenFolder('aria'), { name: 'aria' }), runtime);
});
afterAll(() => runtime.close());

async function probed(line: string, otherPassage?: (name: string) => Promise<Passage>): Promise<ProbeRecord> {
  const clean = await scoreNotes(model, song);
  const record = await probeNotes(model, clean, parsePerturbation(line, { seed: 3 }), {
    ...{ title: 'Song', ...(otherPassage && { otherPassage }) },
  });
  await clean.release();
  return record;
}

describe('a probe of notes', () => {
  test('has the losses of a whole pass, by kind of token, and their difference', async () => {
    const line = 'nonsense at=10s length=6s';
    const record = await probed(line);
    const { codes } = await disturbedNotes(song, [parsePerturbation(line, { seed: 3 })]);
    const [clean, disturbed] = [await score(model, song.codes), await score(model, codes)];
    expect(record.disturbed.codes).toEqual(codes);
    expect(record.disturbed.loss.values).toEqual(disturbed.values);
    expect(record.delta.values).toEqual(difference(clean, disturbed).values);
    expect(record.reach).toEqual({ reach: 0, lag: 0 });
    expect(record.changed.before).toBe(0);
    // A drum has two tokens: its mean is over both, and nothing is undefined.
    const drum = rowsOf(song.codes)[2].indexOf(0);
    const rows = [0, 1].map((k) => clean.values[k * song.codes.frames + drum]);
    expect(record.clean.byFrame[drum]).toBeCloseTo((rows[0] + rows[1]) / 2, 6);
    expect(record.clean.byFrame.some(Number.isNaN)).toBe(false);
    expect(record.delta.mean.some(Number.isNaN)).toBe(false);
    expect(meanByFrame({ ...clean, ragged: undefined as never })[drum]).toBeNaN();
  });

  test('shows seconds of its notes wherever it is shown', async () => {
    const record = await probed('nonsense at=10s length=6s');
    const { window, clock } = record;
    const times = clockOf(record.disturbed.codes).times ?? new Float64Array();
    expect(clock.times).toEqual(times);
    expect(times[window.start]).toBeGreaterThanOrEqual(10);
    expect(times[window.end - 1]).toBeLessThan(16);
    expect(recordJson(record).seconds).toEqual(Array.from(times));
    const second = curveCsv(record)
      .split('\n')
      .slice(1, -1)
      .map((line) => Number(line.split(',')[1]));
    expect(second).toEqual(Array.from(times));
    expect(probeLines(record).join('\n')).toContain('disturbed − clean by note, nats:');
    expect(verdictOf(record).headline).toMatch(/^Notes drawn anew, \d(\.\d)? s long, at 1\d(\.\d)? s/);
    const bands = [{ name: 'peak', start: window.start, end: window.end }];
    const figure = (own: ProbeRecord['clock']): Promise<string> =>
      openDrawing().then((drawing) =>
        deltaFigure(asDrawing(drawing), { title: 't', delta: record.delta.mean, bands, clock: own }),
      );
    expect(await figure(clock)).not.toBe(await figure({ sampleRate: clock.sampleRate, hop: clock.hop }));
    const page = unpackPage(packPage({ clips: [{ name: 'a', title: 'a', probes: [record] }], first: 0 }));
    const [again] = page.clips[0].probes;
    expect(again.clock.times).toEqual(times);
    expect(again.delta.mean).toEqual(record.delta.mean);
  });

  test('compares what follows foreign notes with itself, however many they are', async () => {
    const record = await probed('foreign clip=b from=4s at=10s length=6s', async () => passage('drawn 1'));
    const { window, clean, disturbed } = record;
    expect(record.event.stretched).toBeDefined();
    const tail = (codes: ProbeRecord['clean']['codes']) => rowsOf(codes).map((row) => row.slice(window.end));
    expect(tail(clean.codes)).toEqual(tail(disturbed.codes));
    expect(record.changed.after).toBe(0);
  });

  test('of nothing is nothing; sound is refused, as notes are by a model of sound', async () => {
    const record = await probed('identity at=10s length=5s');
    expect(record.delta.mean.every((value) => value === 0)).toBe(true);
    await expect(probed('silence at=1s length=1s')).rejects.toThrow(
      /silence changes sound, and these are notes/,
    );
    expect(readsNotes(model)).toBe(true);
    const llama = await openModel(openFolder(goldenFolder('llama-tied'), { name: 'llama' }), runtime);
    expect(readsNotes(llama)).toBe(false);
    await expect(scoreNotes(llama, song)).rejects.toThrow(/^drawn 0: notes, but llama takes sound/);
  });
});

describe('a map of notes', () => {
  test('has the reaction of a probe at every position', async () => {
    const clean = await scoreNotes(model, song);
    const options = { every: 20, length: 5, tail: 5, from: 10, seed: 3 };
    const map = await notesMap(model, clean, options);
    const { frames } = song.codes;
    expect(map.points.map(({ start }) => start)).toEqual(
      Array.from({ length: Math.floor((frames - 20) / 20) + 1 }, (_, i) => 10 + 20 * i),
    );
    expect(map.disturbance).toBe('notes drawn anew, 5 notes every 20 notes from note 10 on, seed 3');
    const [, point] = map.points;
    const record = await probed(`nonsense at=${point.start} length=5`);
    expect(point.seconds).toBe(song.clock.times?.[point.start]);
    expect(Array.from(point.delta.values)).toEqual(
      Array.from(record.delta.mean.slice(point.delta.from, point.start + 10)),
    );
    expect(mapJson(map).noteSeconds).toHaveLength(frames);
    expect(mapSentences(map).join(' ')).not.toContain('noise');
    await clean.release();
  });

  test('stands on a scoring that is kept already', async () => {
    const codes = codesOf(rowsOf(song.codes).map((row) => row.subarray(0, 40)));
    const short: Passage = { ...song, codes, clock: clockOf(codes) };
    const scoring = await model.language?.keep(codes);
    if (!scoring) throw new Error('aria is a language model');
    const clean = cleanNotes(short, { scoring, condition: {} });
    expect(clean.scored.loss.values).toEqual((await score(model, codes)).values);
    await clean.release();
  });
});
