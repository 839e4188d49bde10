// What can be done to notes: each kind changes what it says and nothing else, keeps the grammar, and draws from seed, name and place.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type Codes, codesOf, rowsOf, secondsOfFrame, termsOf } from '../../src/audio/codes.js';
import { ariaTokens } from '../../src/models/rotary/aria.js';
import { isOfNotesAlone, requireOfNotes, requireOfSound } from '../../src/perturb/medium.js';
import { describe as inWords } from '../../src/perturb/parse.js';
import { PERTURBATION_KINDS, parsePerturbation } from '../../src/perturb/schema.js';
import { isHarmless, severityOf } from '../../src/perturb/severity.js';
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
  'wrong share=30% at=10s length=6s',
  'jitter by=50ms at=10s length=6s',
  'jitter by=50ms length=6s',
  'missing share=30% at=10s length=6s',
  'missing share=100%',
  'dynamics share=30% at=10s length=6s',
  'gain by=-6dB at=10s length=6s',
  'stretch factor=1.1',
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

describe('notes played badly', () => {
  const at = 'at=10s length=6s';
  const isPitched = ([note]: readonly number[]): boolean => pitchedOf(note) !== undefined;
  const windowOf = ({ event, codes }: ReturnType<typeof disturbed>): number[][] =>
    notesOf(codes, event.start / song.clock.hop, event.end / song.clock.hop);
  const clean = windowOf(disturbed(`identity ${at}`));
  const changedIn = (line: string): number[] => {
    const made = windowOf(disturbed(line));
    return [...clean.keys()].filter((i) => String(made[i]) !== String(clean[i]));
  };

  test.each([
    ['wrong', ''],
    ['wrong', ' semitones=4'],
    ['dynamics', ''],
  ])('%s%s changes a share of the pitched notes, by so much, and one number of each', (kind, more) => {
    const [some, all] = ['40%', '100%'].map((share) => `${kind} share=${share}${more} ${at}`);
    const pitched = [...clean.keys()].filter((i) => isPitched(clean[i]));
    expect(pitched.length).toBeLessThan(clean.length);
    expect(changedIn(all)).toEqual(pitched);
    expect(changedIn(some)).toHaveLength(Math.round(0.4 * pitched.length));
    const [few, every] = [some, all].map((line) => windowOf(disturbed(line)));
    for (const i of changedIn(some)) expect(few[i]).toEqual(every[i]);
    const shifts = pitched.map((i) => {
      const [own, other] = [clean[i], every[i]].map(([note]) => pitchedOf(note));
      expect(every[i].slice(1)).toEqual(clean[i].slice(1));
      if (!own || !other) throw new Error('a drum');
      expect(other).toEqual({ ...own, [kind === 'wrong' ? 'pitch' : 'velocity']: expect.any(Number) });
      expect(other.velocity).toBeGreaterThan(0);
      return Math.abs(other.pitch - own.pitch);
    });
    const most = kind === 'dynamics' ? 0 : more === '' ? 1 : 4;
    expect(new Set(shifts)).toEqual(
      new Set(most === 0 ? [0] : Array.from({ length: most }, (_, i) => i + 1)),
    );
  });

  test('a wrong pitch goes the other way where MIDI ends', () => {
    const ends = [0, 127].map((pitch) => codeOf({ instrument: 2, pitch, velocity: 8 }));
    const codes = codesOf([
      Array.from({ length: 20 }, (_, i) => ends[i % 2]),
      Array.from({ length: 20 }, (_, i) => 10 * i),
      Array.from({ length: 20 }, () => 5),
    ]);
    const [wrong] = disturbed('wrong share=100%', passageOfCodes(codes, 'ends')).rows;
    expect(Array.from(wrong, (note) => pitchedOf(note)?.pitch)).toEqual(
      Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? 1 : 126)),
    );
  });

  test('jitter moves each note by its own share of the most, within the window', () => {
    const sorted = (notes: readonly (readonly number[])[]): string[] =>
      notes.map(([note, , duration]) => `${note} ${duration}`).sort();
    const spread = (line: string): number[] => {
      const made = disturbed(line);
      expect(sorted(windowOf(made))).toEqual(sorted(clean));
      return windowOf(made).map(([, onset]) => onset);
    };
    const own = clean.map(([, onset]) => onset);
    const farthest = (onsets: readonly number[]): number =>
      Math.max(...onsets.map((onset, i) => Math.abs(onset - own[i])));
    // In order of time notes are no further from where they were than the farthest that one was moved.
    const [near, far] = ['30ms', '300ms'].map((by) => spread(`jitter by=${by} ${at}`));
    expect(farthest(near)).toBeGreaterThan(0);
    expect(farthest(near)).toBeLessThanOrEqual(3);
    expect(farthest(far)).toBeGreaterThan(3);
    expect(farthest(far)).toBeLessThanOrEqual(30);
    expect(Math.min(...far)).toBeGreaterThanOrEqual(own[0]);
    expect(changedIn(`jitter by=300ms share=20% ${at}`).length).toBeGreaterThan(0);
    const slow = passageOfCodes(
      codesOf([
        [1, 1, 1].map((velocity) => codeOf({ instrument: 0, pitch: 60, velocity })),
        [7, 100, 200],
        [5, 5, 5],
      ]),
      'slow',
    );
    const onsets = [1, 2, 3, 4, 5, 6].map((seed) => disturbed(`jitter by=300ms seed=${seed}`, slow).rows[1]);
    expect(onsets.map(([first]) => first)).toEqual([7, 7, 7, 7, 7, 7]);
    expect(new Set(onsets.map(([, second]) => second)).size).toBeGreaterThan(3);
  });

  test('missing notes are a share, a larger one holds a smaller one, and each instrument keeps its first', () => {
    const left = (share: string): number[][] => windowOf(disturbed(`missing share=${share} ${at}`));
    const [most, few] = [left('20%'), left('80%')];
    expect(most.length).toBe(clean.length - Math.round(0.2 * clean.length));
    expect(most.map(String)).toEqual(expect.arrayContaining(few.map(String)));
    expect(clean.map(String)).toEqual(expect.arrayContaining(most.map(String)));
    const none = disturbed('missing share=100%');
    const instruments = Array.from(rowsOf(song.codes)[0], instrumentOf);
    expect(notesOf(none.codes, 0, none.codes.frames)).toEqual(
      notesOf(song.codes, 0, song.codes.frames).filter((_, i) => instruments.indexOf(instruments[i]) === i),
    );
    expect(none.event.stretched).toBeDefined();
  });

  test('another seed or name draws anew', () => {
    for (const line of ['wrong share=30%', 'jitter by=50ms', 'missing share=30%', 'dynamics share=30%']) {
      const { codes } = disturbed(line);
      expect(disturbed(`${line} seed=8`).codes).not.toEqual(codes);
      expect(disturbed(line, { ...song, name: 'twin' }).codes).not.toEqual(codes);
    }
  });
});

describe('harmless edits of notes', () => {
  const rows = [
    [...[1, 6, 10, 12].map((velocity) => codeOf({ instrument: 2, pitch: 60, velocity })), PITCHED + 5],
    [5, 15, 105, 205, 305],
    [1, 30, 50, 500, 0],
  ];
  const four = passageOfCodes(codesOf(rows), 'four');
  const madeBy = (line: string): number[][] => disturbed(line, four).rows.map((row) => Array.from(row));

  test('gain multiplies velocities by 10^(dB / 40), within what the model has', () => {
    const velocities = ([notes]: readonly number[][]) => notes.map((note) => pitchedOf(note)?.velocity);
    // 6 dB: 1.41 times; -12 dB: half.
    expect(velocities(madeBy('gain by=6dB'))).toEqual([1, 8, 12, 12, undefined]);
    expect(velocities(madeBy('gain by=-12dB'))).toEqual([1, 3, 5, 6, undefined]);
    expect(madeBy('gain by=-12dB').slice(1)).toEqual(rows.slice(1));
    expect(madeBy('gain by=0dB')).toEqual(rows);
  });

  test('a stretch multiplies onsets behind the first, and durations, to the nearest step', () => {
    expect(madeBy('stretch factor=1.01')).toEqual([rows[0], [5, 15, 106, 207, 308], [1, 30, 51, 500, 0]]);
    expect(madeBy('stretch factor=0.5')).toEqual([rows[0], [5, 10, 55, 105, 155], [1, 15, 25, 250, 0]]);
    expect(madeBy('stretch factor=1')).toEqual(rows);
  });

  test.each([
    ['gain by=3dB', true],
    ['identity at=0 length=1', true],
    ['stretch factor=1.01', true],
    ['stretch factor=99%', true],
    ['stretch factor=1.02', false],
    ['wrong share=1%', false],
    ['transpose semitones=12', false],
  ])('%s is harmless: %s', (line, expected) => {
    expect(isHarmless(parsePerturbation(line, { seed: 1 }), song.clock)).toBe(expected);
  });

  test('a stretch of sound is a damage', () => {
    const clock = { ...song.clock, times: undefined };
    expect(isHarmless(parsePerturbation('stretch factor=1.01', { seed: 1 }), clock)).toBe(false);
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
    /noise changes sound, and these are notes; expected nonsense, bars, wrong, jitter, missing, dynamics, transpose, foreign, gain, stretch, identity$/,
  ],
  [
    'stretch factor=1.1 at=1s',
    /of notes the tempo of the whole piece is stretched; leave at and length out$/,
  ],
  ['missing share=1 at=0 length=1', /each note of the window is the first of its instrument, which stays/],
  ['missing share=1 at=20 length=1', /no note of the window would be left; make it longer/],
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
    'wrong',
    'jitter',
    'missing',
    'dynamics',
    'transpose',
    'stretch',
    'gain',
  ]);
  for (const line of ['nonsense', 'bars', 'wrong share=1', 'jitter by=1s', 'missing share=1', 'dynamics']) {
    const perturbation = parsePerturbation(line, { seed: 1 });
    const { kind } = perturbation;
    expect(isOfNotesAlone({ kind })).toBe(true);
    expect(() => requireOfSound('x.wav', perturbation)).toThrow(
      new RegExp(`^x\\.wav: ${kind} changes notes, and this is sound`),
    );
  }
});

test.each([
  ['wrong share=5%', 'share', 5],
  ['missing share=20%', 'share', 20],
  ['dynamics', 'share', 100],
  ['jitter by=50ms', 'shift', 50],
  ['gain by=-3dB', 'gain', 3],
])('%s: its severity is %s %d', (line, name, value) => {
  expect(severityOf(parsePerturbation(line, { seed: 1 }), undefined)).toEqual({ name, value });
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
