// What can be done to notes: each kind changes what it says and nothing else, keeps the grammar, and draws from seed, name and place.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type Codes, codesOf, rowsOf, secondsOfFrame, termsOf } from '../../src/audio/codes.js';
import { ariaTokens } from '../../src/models/rotary/aria.js';
import { isOfNotesAlone, requireOfNotes, requireOfSound } from '../../src/perturb/medium.js';
import { describe as inWords } from '../../src/perturb/parse.js';
import { PERTURBATION_KINDS, parsePerturbation } from '../../src/perturb/schema.js';
import { disturbNotes } from '../../src/symbolic/disturb.js';
import { readMidi } from '../../src/symbolic/midi.js';
import { codeOf, instrumentOf, PITCHED, pitchedOf } from '../../src/symbolic/note_code.js';
import { spanOf } from '../../src/symbolic/note_window.js';
import { type Passage, passageOf, passageOfCodes } from '../../src/symbolic/passage.js';

const CASES: Record<string, { midi: string }> = JSON.parse(
  readFileSync(new URL('../golden/note_tokens.json', import.meta.url), 'utf8'),
);
const passage = (name: string, excerpt = {}): Passage =>
  passageOf(readMidi(new Uint8Array(Buffer.from(CASES[name].midi, 'base64')), name), excerpt);
const song = passage('drawn 0');
const passages = new Map([['other', passage('drawn 1')]]);

function disturbed(line: string, of = song) {
  const { codes, events } = disturbNotes(of, [parsePerturbation(line, { seed: 7 })], { passages });
  return { codes, event: events[0], rows: rowsOf(codes) };
}
const notesOf = (codes: Codes, from: number, to: number): number[][] =>
  Array.from({ length: to - from }, (_, i) => rowsOf(codes).map((row) => row[from + i]));

describe('a passage', () => {
  test('has its notes on an axis of seconds, and windows in seconds are windows of notes', () => {
    const [, onsets] = rowsOf(song.codes);
    expect(Array.from(song.clock.times ?? [])).toEqual(Array.from(onsets, (onset) => onset / 100));
    const { event } = disturbed('identity at=10s length=5s');
    const [start, end] = [event.start, event.end].map((sample) => sample / song.clock.hop);
    const times = song.clock.times ?? new Float64Array();
    expect(times[start - 1]).toBeLessThan(10);
    expect(times[start]).toBeGreaterThanOrEqual(10);
    expect(times[end - 1]).toBeLessThan(15);
    expect(times[end]).toBeGreaterThanOrEqual(15);
    expect(secondsOfFrame(song.clock, times.length)).toBeGreaterThan(times[times.length - 1]);
    expect(event).toMatchObject({ kind: 'identity', domain: 'notes' });
    const counted = disturbed('identity at=20 length=10').event;
    expect([counted.start, counted.end]).toEqual([20, 30].map((note) => note * song.clock.hop));
  });

  test('of an excerpt begins with it: the same notes, in its own time', () => {
    const part = passage('drawn 0', { offset: 10, length: 5 });
    const times = Array.from(song.clock.times ?? []);
    const first = times.findIndex((time) => time >= 10);
    expect(part.codes.frames).toBe(times.filter((time) => time >= 10 && time < 15).length);
    expect(Array.from(part.clock.times ?? [])).toEqual(
      times.slice(first, first + part.codes.frames).map((time) => expect.closeTo(time - 10, 6)),
    );
    expect(rowsOf(part.codes)[0]).toEqual(rowsOf(song.codes)[0].slice(first, first + part.codes.frames));
    expect(() => passage('drawn 0', { offset: 1e4 })).toThrow(/^drawn 0: no note begins from 10000 s on/);
    expect(() => passageOfCodes(codesOf([[1], [2]]), 'x')).toThrow(
      'x: codes [2, 1], expected notes [3, 1 or more]',
    );
  });

  test('begins its bars where the score does', () => {
    const quarters = passage('chords in two tracks');
    // 480 ticks a quarter at 120 a minute: a bar is 2 s.
    expect(Array.from(quarters.bars)).toEqual([0, 200]);
  });
});

const EACH = [
  'nonsense at=10s length=6s',
  'nonsense share=30% at=10s length=6s',
  'nonsense length=3s',
  'nonsense',
  'bars at=6s length=20s',
  'bars share=50% at=6s length=20s',
  'transpose semitones=5 at=10s length=6s',
  'foreign clip=other from=4s at=10s length=6s',
];

describe.each(EACH)('%s', (line) => {
  const made = disturbed(line);
  const [start, end] = [made.event.start, made.event.end].map((sample) => sample / song.clock.hop);
  const after = song.codes.frames - made.codes.frames + end;

  test('changes its window and nothing else, the same way each time', () => {
    expect(notesOf(made.codes, 0, start)).toEqual(notesOf(song.codes, 0, start));
    expect(notesOf(made.codes, end, made.codes.frames)).toEqual(
      notesOf(song.codes, after, song.codes.frames),
    );
    expect(notesOf(made.codes, start, end)).not.toEqual(notesOf(song.codes, start, after));
    expect(disturbed(line)).toEqual(made);
  });

  test('keeps the grammar: a model reads it, after the same first tokens', () => {
    const { tokens } = ariaTokens(made.codes, 'disturbed');
    const prefix = tokens.indexOf(0) + 1;
    expect(tokens.slice(0, prefix)).toEqual(ariaTokens(song.codes, 'song').tokens.slice(0, prefix));
  });
});

describe('nonsense', () => {
  test('draws within what each instrument has, and another seed or name draws anew', () => {
    const whole = disturbed('nonsense');
    const ranges = (codes: Codes): Map<number, number[]> => {
      const found = new Map<number, number[]>();
      for (const note of rowsOf(codes)[0]) {
        const own = pitchedOf(note) ?? { pitch: note, velocity: 1 };
        found.set(instrumentOf(note), [...(found.get(instrumentOf(note)) ?? []), own.pitch]);
      }
      return found;
    };
    const [before, after] = [ranges(song.codes), ranges(whole.codes)];
    expect([...after.keys()].sort()).toEqual([...before.keys()].sort());
    for (const [instrument, pitches] of after) {
      const own = before.get(instrument) ?? [];
      expect(Math.min(...pitches)).toBeGreaterThanOrEqual(Math.min(...own));
      expect(Math.max(...pitches)).toBeLessThanOrEqual(Math.max(...own));
    }
    // As many notes of each instrument as before.
    expect([...after].map(([key, own]) => [key, own.length]).sort()).toEqual(
      [...before].map(([key, own]) => [key, own.length]).sort(),
    );
    expect(disturbed('nonsense seed=8').codes).not.toEqual(whole.codes);
    expect(disturbed('nonsense', { ...song, name: 'twin' }).codes).not.toEqual(whole.codes);
  });

  test('a larger share holds a smaller one, and a note becomes the same at both', () => {
    const at = 'at=10s length=6s';
    const [some, more] = ['25%', '75%'].map((share) => disturbed(`nonsense share=${share} ${at}`));
    const { event } = some;
    const [start, end] = [event.start, event.end].map((sample) => sample / song.clock.hop);
    const own = new Set(notesOf(song.codes, start, end).map(String));
    const drawn = (codes: Codes): string[] =>
      notesOf(codes, start, end)
        .map(String)
        .filter((note) => !own.has(note));
    expect(drawn(some.codes)).toHaveLength(Math.round(0.25 * (end - start)));
    expect(drawn(more.codes)).toEqual(expect.arrayContaining(drawn(some.codes)));
  });
});

describe('bars', () => {
  test('move as wholes, each with its notes, none to its own place', () => {
    const { event, codes } = disturbed('bars at=6s length=20s');
    const order = event.permutation ?? [];
    expect(order.length).toBeGreaterThan(2);
    expect(order.toSorted((a, b) => a - b)).toEqual([...order.keys()]);
    expect(order.every((from, to) => from !== to)).toBe(true);
    const sorted = (all: Codes): number[] => Array.from(rowsOf(all)[0]).sort((a, b) => a - b);
    expect(sorted(codes)).toEqual(sorted(song.codes));
  });
});

describe('transposition', () => {
  test('moves pitches alone, by octaves less where MIDI ends, and no drum', () => {
    const rows = [
      [
        codeOf({ instrument: 2, pitch: 120, velocity: 8 }),
        codeOf({ instrument: 0, pitch: 60, velocity: 3 }),
        PITCHED + 5,
      ],
      [0, 10, 20],
      [30, 40, 0],
    ];
    const high = passageOfCodes(codesOf(rows), 'high');
    const { codes } = disturbNotes(high, [parsePerturbation('transpose semitones=10', { seed: 1 })]);
    expect(rowsOf(codes).map((row) => Array.from(row))).toEqual([
      [
        codeOf({ instrument: 2, pitch: 118, velocity: 8 }),
        codeOf({ instrument: 0, pitch: 70, velocity: 3 }),
        PITCHED + 5,
      ],
      ...rows.slice(1),
    ]);
  });
});

describe('foreign notes', () => {
  test('are the other piece, from where it was asked for, by instruments that are there', () => {
    const { codes, event } = disturbed('foreign clip=other from=4s at=10s length=6s');
    const [start, end] = [event.start, event.end].map((sample) => sample / song.clock.hop);
    const other = passages.get('other');
    const first = other?.clock.times?.findIndex((time) => time >= 4) ?? 0;
    const theirs = notesOf(other?.codes ?? codes, first, first + end - start);
    const begins = rowsOf(song.codes)[1][start];
    expect(notesOf(codes, start, end)).toEqual(
      theirs.map(([note, onset, duration]) => [note, onset - theirs[0][1] + begins, duration]),
    );
    // More or fewer notes: what follows is compared with itself.
    expect(event.stretched).toBeDefined();
    const cast = disturbed('foreign clip=other at=0s length=10s', passage('segments of silence'));
    expect(new Set(Array.from(cast.rows[0], instrumentOf))).toEqual(new Set([0]));
  });
});

test.each([
  ['identity at=1000s length=1s', /the window begins behind the last note \(.*\); start earlier$/],
  ['nonsense at=10s length=1ms', /no note begins in the window; make it longer$/],
  ['transpose semitones=0.5', /transpose by 0\.5 semitones; of notes a whole number is expected$/],
  [
    'bars at=10s length=1s',
    /0 whole bars in the window, behind the bar of the first note; make it longer, two are needed$/,
  ],
  [
    'foreign clip=other level=-20dB at=1s length=1s',
    /foreign notes have no level in dBFS and no fade; leave them out$/,
  ],
  ['foreign clip=none at=1s length=1s', /the notes of none were not handed in$/],
  ['foreign clip=other from=9000s at=1s length=1s', /other has no note there that could be played/],
  [
    'noise color=white at=1s length=1s',
    /noise changes sound, and these are notes; expected nonsense, bars, transpose, foreign, identity$/,
  ],
])('%s is refused in one line', (line, cause) => {
  expect(() => disturbed(line)).toThrow(cause);
});

test('nothing is taken for notes whose bars nobody knows, and no instrument is lost', () => {
  const codes = passageOfCodes(song.codes, 'codes');
  expect(() => disturbed('bars', codes)).toThrow(
    /^codes: nothing says where its bars are; give the MIDI file$/,
  );
  const played = [7, 0, 0].map((instrument) => codeOf({ instrument, pitch: 60, velocity: 8 }));
  const only = codesOf([played, [0, 100, 200], [5, 5, 5]]);
  expect(() => disturbed('foreign clip=other at=0 length=1', passageOfCodes(only, 'solo'))).toThrow(
    /^solo: the window holds every note of an instrument/,
  );
});

test('each kind is of sound, of notes, or of both', () => {
  const ofNotes = (kind: string): boolean => {
    try {
      requireOfNotes('x', { kind, semitones: 1 } as never);
      return true;
    } catch {
      return false;
    }
  };
  expect(PERTURBATION_KINDS.filter(ofNotes)).toEqual([
    'foreign',
    'identity',
    'nonsense',
    'bars',
    'transpose',
  ]);
  for (const kind of ['nonsense', 'bars'] as const) {
    expect(isOfNotesAlone({ kind })).toBe(true);
    expect(() => requireOfSound('x.wav', { kind, seed: 1 })).toThrow(
      new RegExp(`^x\\.wav: ${kind} changes notes, and this is sound`),
    );
  }
});

test('a window at the end of a passage ends behind its last note', () => {
  const rows = rowsOf(song.codes);
  const { frames } = song.codes;
  const window = { start: frames - 3, end: frames };
  expect(spanOf({ passage: song, rows, window })).toEqual([rows[1][frames - 3], rows[1][frames - 1] + 1]);
});

test('a window that leaves the notes is refused in notes, and says which way out', () => {
  const last = song.codes.frames - 1;
  expect(() => disturbed('nonsense at=4000s length=2s')).toThrow(
    /the window begins behind the last note \(\d+ notes, the last at/,
  );
  expect(() => disturbed(`nonsense at=${last} length=30`)).toThrow(
    new RegExp(
      `the window of notes ${last} to ${last + 29} leaves the passage \\(${last + 1} notes, .*start earlier`,
    ),
  );
});

test('words on notes count notes', () => {
  const line = parsePerturbation('nonsense at=10 length=1', { seed: 7 });
  expect(inWords(line, song.clock)).toBe('notes drawn anew, 1 note at note 10, seed 7');
  expect(inWords(line)).toBe('notes drawn anew, 1 token at token 10, seed 7');
  expect(termsOf(song.clock)).toEqual(termsOf('event'));
  expect(termsOf('frame').nats).toBe('nats per code');
});
