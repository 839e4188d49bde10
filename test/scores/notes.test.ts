// Scores of notes: over the rows that each note has, in the time of notes; those that need a codec are not defined.

import { describe, expect, test } from 'vitest';
import { inSteps, judgeSongs, songOf } from '../../src/probe/songs.js';
import { scoreCurve } from '../../src/scores/curves.js';
import { type Heard, heardFrames, secondsAt } from '../../src/scores/heard.js';
import { judge, NOTE_PANEL_MEMBERS, scoresOf } from '../../src/scores/panel.js';
import { referenceOf } from '../../src/scores/reference.js';
import { SCORE_NAMES, SOUND_SCORES } from '../../src/scores/scores.js';
import { heardClip, type MadeUp } from './heard.js';

/** Notes at a tenth of a second, then at half a second; every third one is a drum and has no third row. */
function notesOf(options: MadeUp): Heard {
  const heard = heardClip({ frames: 200, codebooks: 3, ...options });
  const { frames } = heard;
  const isThere = (i: number): boolean => i < 2 * frames || i % 3 !== 0;
  const [loss, entropy] = [heard.loss, heard.entropy].map((values, which) =>
    // Of sound the last frames are undefined; of notes none is.
    values.map((value, i) => (isThere(i) ? (Number.isNaN(value) ? 5 - which : value) : Number.NaN)),
  );
  const times = Float64Array.from({ length: frames }, (_, i) => (i < 100 ? 3 + i / 10 : 13 + (i - 100) / 2));
  const spread = loss.map((value) => (Number.isNaN(value) ? Number.NaN : 1.5));
  return { ...heard, loss, entropy, spread, times, frameRate: 199 / 59.5 };
}

describe('scores of notes', () => {
  const heard = notesOf({ name: 'a', excess: 1 });

  test('are means over notes, each over the rows that it has, from the second second of music on', () => {
    expect(heardFrames(heard)).toEqual({ first: 10, end: 200 });
    let sum = 0;
    for (let t = 10; t < 200; t++) {
      const rows = [0, 1, 2].map((k) => heard.loss[k * 200 + t]).filter((value) => !Number.isNaN(value));
      expect(rows).toHaveLength((400 + t) % 3 === 0 ? 2 : 3);
      sum += rows.reduce((a, b) => a + b, 0) / rows.length;
    }
    expect(scoresOf(heard).loss).toBeCloseTo(sum / 190, 10);
    expect(scoresOf(heard).excess).toBeCloseTo(1, 0);
  });

  test('are undefined where they need a codec or its codebooks, and only there', () => {
    const values = scoresOf(heard, { counts: [[1], [1], [1]] });
    const undefinedNames = SCORE_NAMES.filter((name) => Number.isNaN(values[name]));
    expect(undefinedNames.sort()).toEqual([...SOUND_SCORES, 'conditional'].sort());
  });

  test('are judged by two members, and found in the seconds of the notes', () => {
    const clean = Array.from({ length: 8 }, (_, i) => scoresOf(notesOf({ name: `clean ${i}` })));
    const burst = notesOf({ name: 'b', burst: { start: 110, end: 160, depth: -4 } });
    const verdict = judge(scoresOf(burst), referenceOf(clean), { heard: burst });
    expect(verdict.alarm).toBe(true);
    const smallest = verdict.findings[0].chance;
    expect(verdict.chance).toBeCloseTo(1 - (1 - smallest) ** NOTE_PANEL_MEMBERS.length, 10);
    // 25 notes of half a second each, of the 50 that nobody expects.
    const found = verdict.findings.find(({ member }) => member === 'maximum')?.where;
    expect(found?.start).toBeGreaterThanOrEqual(18 - 1);
    expect(found?.end).toBeLessThanOrEqual(43 + 1);
    expect((found?.end ?? 0) - (found?.start ?? 0)).toBe(12.5);
    const disorder = judge(scoresOf(notesOf({ name: 'c', excess: 2 })), referenceOf(clean));
    expect(disorder.findings.map(({ member }) => member).sort()).toEqual(['maximum', 'typical']);
  });

  test('a passage of fewer notes than a maximum needs is judged by the other member', () => {
    const few = (options: MadeUp): Heard => {
      const { codebooks, frames: all, loss, entropy, spread, codes, times, ...rest } = notesOf(options);
      const cut = <T extends Float32Array | Int32Array>(rows: T): T =>
        rows.filter((_: number, i: number) => i % all < 30) as T;
      return {
        ...{ ...rest, codebooks, frames: 30, codes: cut(codes), times: times?.subarray(0, 30) },
        ...{ loss: cut(loss), entropy: cut(entropy), ...(spread && { spread: cut(spread) }) },
      };
    };
    const clean = Array.from({ length: 8 }, (_, i) => scoresOf(few({ name: `clean ${i}` })));
    const values = scoresOf(few({ name: 'c', excess: 2 }));
    expect(values.maximum).toBeNaN();
    const { alarm, findings } = judge(values, referenceOf(clean));
    expect([alarm, findings.map(({ member }) => member)]).toEqual([true, ['typical']]);
  });

  test('the curve of the excess is over seconds: a step without a note has no value', () => {
    const excess = scoreCurve(heard, 'excess');
    if (!excess) throw new Error('no excess');
    const curve = inSteps(heard, excess, 0.25);
    expect(curve.start).toBe(4);
    const after = curve.values.slice(4 * 12);
    expect(after.filter(Number.isNaN).length).toBeGreaterThan(after.length / 3);
    expect(curve.values.slice(0, 4 * 8).some(Number.isNaN)).toBe(false);
    expect(secondsAt(heard, 200)).toBeCloseTo(62.5 + 59.5 / 199, 10);
    const songs = Array.from({ length: 6 }, (_, i) => songOf(`${i}`, notesOf({ name: `${i}` })));
    for (const { excess } of judgeSongs(songs)) {
      expect(excess.low).toBeLessThan(excess.mean);
      expect(excess.high).toBeGreaterThan(excess.mean);
    }
  });
});
