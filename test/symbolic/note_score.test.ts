// Notes written as MIDI are the same notes when they are read again, in the same order; what a model does not read is kept.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { codesOf, rowsOf } from '../../src/audio/codes.js';
import { parsePerturbation } from '../../src/perturb/schema.js';
import { disturbNotes } from '../../src/symbolic/disturb.js';
import { readMidi, writeMidi } from '../../src/symbolic/midi.js';
import { codeOf, PITCHED } from '../../src/symbolic/note_code.js';
import { type NoteScoreOptions, scoreOfNotes } from '../../src/symbolic/note_score.js';
import { type Passage, passageOf } from '../../src/symbolic/passage.js';
import type { Score } from '../../src/symbolic/score.js';
import { file, header, meter, piece, tempo, track } from './midi_file.js';

const CASES: Record<string, { midi: string }> = JSON.parse(
  readFileSync(new URL('../golden/note_tokens.json', import.meta.url), 'utf8'),
);
const scoreOf = (name: string): Score =>
  readMidi(new Uint8Array(Buffer.from(CASES[name].midi, 'base64')), name);

/** Written as a file, and read again. */
function again(codes: Passage['codes'], options: Omit<NoteScoreOptions, 'name'> = {}): Score {
  return readMidi(writeMidi(scoreOfNotes(codes, { name: 'again.mid', ...options })), 'again.mid');
}

/** Four bars of three quarters, then of four. */
function oneTempo(microseconds: number): Score {
  return readMidi(
    file(
      header(1, 2, 96),
      track(tempo(0, microseconds), meter(0, 3, 4), meter(3 * 96 * 4, 4, 4)),
      track(
        [0, 0xc2, 42],
        ...Array.from({ length: 30 }, (_, i) => [
          [0, 0x92, 50 + i, 70],
          [96, 0x82, 50 + i, 0],
        ]).flat(),
      ),
    ),
    'like.mid',
  );
}

describe('what is written', () => {
  test.each(Object.keys(CASES))('of "%s" reads as the same notes', (name) => {
    const like = scoreOf(name);
    const { codes } = passageOf(like);
    for (const options of [{}, { like }]) expect(passageOf(again(codes, options)).codes).toEqual(codes);
  });

  test.each([
    'nonsense at=4s length=8s',
    'nonsense share=50%',
    'bars at=4s length=16s',
    'transpose semitones=-24',
    'foreign clip=other from=2s at=4s length=4s',
  ])('after %s reads as what was scored', (line) => {
    const passages = new Map([['other', passageOf(scoreOf('drawn 1'))]]);
    for (const name of ['drawn 0', 'drawn 3']) {
      const like = scoreOf(name);
      for (const seed of [1, 2]) {
        const done = parsePerturbation(line, { seed });
        const { codes } = disturbNotes(passageOf(like), [done], { passages });
        expect(passageOf(again(codes, { like })).codes).toEqual(codes);
      }
    }
  });

  test('keeps an order that is not that of tracks or ends, and notes of one key that overlap', () => {
    const note = (pitch: number, instrument = 0): number => codeOf({ instrument, pitch, velocity: 5 });
    const rows = [
      [note(60), note(60, 4), PITCHED + 47, note(60), note(60), PITCHED + 3, note(64), note(60)],
      [7, 7, 7, 7, 7, 7, 7, 500],
      [500, 30, 0, 500, 10, 0, 1, 1],
    ];
    const score = again(codesOf(rows));
    expect(rowsOf(passageOf(score).codes).map((row) => [...row])).toEqual(rows);
    // 0.1 ms each: what begins together sounds together.
    expect(
      score.notes
        .map(({ start }) => start - 700)
        .slice(0, 7)
        .every((late) => late >= 0 && late < 10),
    ).toBe(true);
    const many = codesOf([
      Array.from({ length: 50 }, (_, i) => note(40 + i)),
      new Array(50).fill(0),
      Array.from({ length: 50 }, (_, i) => 400 - i),
    ]);
    expect(() => scoreOfNotes(many, { name: 'x.mid' })).toThrow(
      /^x\.mid: too many notes begin with note \d+ for MIDI/,
    );
  });

  test('keeps programs, and of a piece with one tempo its tempo and bars, in an excerpt too', () => {
    const like = oneTempo(652_174);
    const whole = passageOf(like);
    const written = again(whole.codes, { like });
    expect(passageOf(written)).toMatchObject({ bars: whole.bars, codes: whole.codes });
    expect(written.messages.find(({ bytes }) => bytes[0] >> 4 === 12)?.bytes[1]).toBe(42);
    const even = oneTempo(600_000);
    const offset = 3 * 4 * 0.6;
    const part = passageOf(even, { offset });
    const partly = passageOf(again(part.codes, { like: even, offset }));
    expect(partly.codes).toEqual(part.codes);
    expect([...partly.bars]).toEqual([...part.bars].filter((bar) => bar >= 0));
    // The published tokenizer reads several tempi in its own way: its time is written at one tempo.
    const several = readMidi(piece(), 'piece.mid');
    const { codes } = passageOf(several);
    expect(passageOf(again(codes, { like: several })).codes).toEqual(codes);
  });
});
