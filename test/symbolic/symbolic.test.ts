// Scores: MIDI in and out, edits, and the sound they are rendered to.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { BasicMIDI, BasicSoundBank, SpessaSynthProcessor } from 'spessasynth_core';
import { describe, expect, test } from 'vitest';
import { cut } from '../../src/audio/clip.js';
import { rmsDbfs } from '../../src/audio/spectrum.js';
import { generator, seedOf } from '../../src/stats/random.js';
import { barsWithin } from '../../src/symbolic/bars.js';
import type { ScoreEdit } from '../../src/symbolic/edit.js';
import { editScore } from '../../src/symbolic/edits.js';
import { readMidi, writeMidi } from '../../src/symbolic/midi.js';
import { readSoundFont, renderScore, secondsOf } from '../../src/symbolic/render.js';
import { eventsOf, type Note, PERCUSSION, type Score } from '../../src/symbolic/score.js';
import { tempoMap } from '../../src/symbolic/tempo.js';
import { chunk, file, header, meter, piece, tempo, track } from './midi_file.js';

const note = ([start, end, pitch, velocity, channel = 0]: readonly number[], track = 0): Note => ({
  start,
  end,
  pitch,
  velocity,
  channel,
  track,
});
const C = [0x90, 60, 80];
const OFF = [0x80, 60, 0];

describe('MIDI files', () => {
  test.each<[string, Uint8Array, Note[], number]>([
    [
      'format 0, running status, velocity 0 as an end',
      file(header(0, 1, 96), track([0, ...C], [48, 64, 80], [48, 60, 0], [0, 64, 0])),
      [note([0, 96, 60, 80]), note([48, 96, 64, 80])],
      96,
    ],
    [
      'running status goes on after a meta message',
      file(header(0, 1, 96), track([0, ...C], [10, 0xff, 1, 1, 65], [10, 60, 0])),
      [note([0, 20, 60, 80])],
      96,
    ],
    [
      'overlapping notes of one pitch end in the order they began',
      file(header(0, 1, 96), track([0, ...C], [10, 60, 90], [10, 60, 0], [10, 60, 0])),
      [note([0, 20, 60, 80]), note([10, 30, 60, 90])],
      96,
    ],
    [
      'a note that never ends lasts to the end of its track; an end without beginning is nothing',
      file(header(0, 1, 96), track([0, 0x80, 61, 0], [0, ...C], [300, 0xb0, 7, 9])),
      [note([0, 300, 60, 80])],
      96,
    ],
    [
      'two tracks, a chunk of another type between them, a longer header, junk after the last',
      file(
        chunk('MThd', [0, 1, 0, 2, 0, 96, 7, 7]),
        track([5, 0x93, 60, 1], [5, 0x83, 60, 1]),
        chunk('XFIH', [1, 2, 3]),
        track([5, ...C], [5, ...OFF]),
        [0, 1, 2],
      ),
      [note([5, 10, 60, 1, 3]), note([5, 10, 60, 80], 1)],
      96,
    ],
    [
      'SMPTE: 25 frames of 40 ticks',
      file(header(0, 1, 0xe728), track([500, ...C], [0x3e8, ...OFF])),
      [note([500, 1500, 60, 80])],
      1000,
    ],
  ])('%s', (_, bytes, notes, ticksPerQuarter) => {
    const score = readMidi(bytes, 'x.mid');
    expect(score.notes).toEqual(notes);
    expect(score.ticksPerQuarter).toBe(ticksPerQuarter);
  });

  test('time: tempo changes, and SMPTE, which knows none', () => {
    const { secondsAt, tickAt } = tempoMap(readMidi(piece(), 'p'));
    // 4 bars of 4 quarters at 0.5 s, then 0.4 s a quarter.
    for (const [tick, seconds] of [
      [0, 0],
      [96, 0.5],
      [1536, 8],
      [1632, 8.4],
      [9600, 8 + 84 * 0.4],
    ]) {
      expect(secondsAt(tick)).toBeCloseTo(seconds, 12);
      expect(tickAt(seconds)).toBeCloseTo(tick, 8);
    }
    for (const [division, seconds] of [
      [0xe728, 2],
      [0xe350, 1001 / 1000], // 30 drop-frame of 80 ticks
      [0xe250, 1],
    ]) {
      const ticks = division === 0xe728 ? 2000 : 2400;
      const bytes = file(header(0, 1, division), track(tempo(0, 9_999_999), [0, ...C], [ticks, ...OFF]));
      const score = readMidi(bytes, 'p');
      expect(tempoMap(score).secondsAt(score.end)).toBeCloseTo(seconds, 12);
    }
  });

  test('written and read again it is the same score', () => {
    const sysex = [7, 0xf0, 5, 0x7e, 0x7f, 9, 1, 0xf7];
    const more = file(
      header(1, 2, 480),
      track(tempo(0, 600_000), sysex, [300_000, 0xff, 3, 2, 72, 105], meter(3, 6, 8), [0, 0xf7, 1, 3]),
      track(
        [0, 0xe5, 1, 90],
        [1, 0xd5, 3],
        [0, 0xa5, 60, 4],
        [1, 0x95, 60, 1],
        [0, 60, 0],
        [200, ...C],
        [9, 60, 0],
      ),
    );
    for (const bytes of [piece(), more]) {
      const score = readMidi(bytes, 'p');
      const written = writeMidi(score);
      expect(readMidi(written, 'p')).toEqual(score);
      expect(writeMidi(readMidi(written, 'p'))).toEqual(written);
    }
    // Another reader finds the same notes in it.
    const score = readMidi(piece(), 'p');
    const other = BasicMIDI.fromArrayBuffer(writeMidi(score).slice().buffer as ArrayBuffer);
    const ons = other.tracks.flatMap(({ events }) => events.filter((e) => e.statusByte >> 4 === 9));
    expect(ons.map((e) => [e.ticks, ...e.data])).toEqual(
      [...score.notes].sort((a, b) => a.track - b.track).map((n) => [n.start, n.pitch, n.velocity]),
    );
  });

  test('at one tick: ends, messages, beginnings, ends of notes without length', () => {
    const score = {
      notes: [note([0, 5, 60, 1]), note([5, 9, 60, 2]), note([5, 5, 61, 3])],
      messages: [{ tick: 5, track: 0, bytes: Uint8Array.of(0xc0, 3) }],
    };
    expect(
      eventsOf(score)
        .filter(({ tick }) => tick === 5)
        .map(({ bytes }) => [...bytes]),
    ).toEqual([
      [0x80, 60, 0],
      [0xc0, 3],
      [0x90, 60, 2],
      [0x90, 61, 3],
      [0x80, 61, 0],
    ]);
  });

  const good = header(0, 1, 96);
  test.each<[string, Uint8Array, RegExp]>([
    ['empty', file([]), /empty file/],
    ['another format', file([0x52, 0x49, 0x46, 0x46, 0, 0, 0, 0]), /not a MIDI file/],
    ['header only begun', file(good.slice(0, 11)), /truncated.*header/],
    ['short header', file(chunk('MThd', [0, 0, 0, 1, 0, 96], 5), track([0, ...C])), /header of 5 bytes/],
    ['format 2', file(header(2, 1, 96), track([0, ...C])), /several pieces \(format 2\)/],
    ['format 9', file(header(9, 1, 96), track([0, ...C])), /of format 9/],
    ['no ticks', file(header(0, 1, 0), track([0, ...C])), /0 ticks/],
    ['odd SMPTE', file(header(0, 1, 0x8001), track([0, ...C])), /128 frames a second/],
    ['SMPTE without ticks', file(header(0, 1, 0xe700), track([0, ...C])), /0 ticks of 25 frames/],
    ['a track is missing', file(header(1, 3, 96), track([0, ...C])), /says 3 tracks, 1 are there/],
    [
      'a track of 4 GB',
      file(good, chunk('MTrk', [0, ...C], 0xffffffff)),
      /byte 26, in track 1: its length is wrong/,
    ],
    [
      'no end of track, and its length is wrong',
      file(good, chunk('MTrk', [0, ...C]), [0, 0x80]),
      /byte 26, in track 1: its length is wrong/,
    ],
    [
      'another track within one',
      file(good, chunk('MTrk', [0, 0xff, 0x2f, 0, ...track([0, ...C])])),
      /byte 26, in track 1: another track/,
    ],
    ['data without status', file(good, track([0, 60, 60])), /data byte 60 without a status/],
    ['status for data', file(good, track([0, 0x90, 60, 0x90])), /144 where a data byte/],
    ['status of no file', file(good, track([0, 0xf1])), /status 241/],
    ['endless quantity', file(good, chunk('MTrk', [255, 255, 255, 255, 0])), /more than four bytes/],
    [
      'system exclusive of 256 MB',
      file(good, chunk('MTrk', [0, 0xf0, 255, 255, 255, 127])),
      /268435455 bytes leaves/,
    ],
    [
      'days of silence',
      file(good, chunk('MTrk', [255, 255, 255, 127, ...C, 1, ...C])),
      /later than any music/,
    ],
    ['no tempo', file(good, track(tempo(0, 0), [0, ...C])), /tempo/],
    ['tempo of two bytes', file(good, track([0, 0xff, 0x51, 2, 1, 1], [0, ...C])), /tempo/],
    ['bars of 0/4', file(good, track(meter(0, 0, 4), [0, ...C])), /time signature of 0/],
    ['bars of 4/2^200', file(good, track([0, 0xff, 0x58, 2, 4, 200], [0, ...C])), /time signature/],
    ['no notes', file(good, track([0, 0xc0, 1])), /holds no notes/],
    ['two ports', file(good, track([0, 0xff, 0x21, 1, 0], [0, 0xff, 0x21, 1, 1], [0, ...C])), /2 MIDI ports/],
  ])('refused: %s', (_, bytes, message) => {
    expect(() => readMidi(bytes, 'x.mid')).toThrow(message);
    expect(() => readMidi(bytes, 'x.mid')).toThrow(/^x\.mid: [^\n]+$/);
  });

  const FAULTS = new URL('../golden/faults/midi/', import.meta.url);
  test.each<[string, RegExp]>([
    ['01_rmid.rmi', /is a RIFF file \(RMID\) that holds MIDI from byte 20 on/],
    ['02_macbinary.mid', /is a MacBinary file that holds MIDI from byte 128 on/],
    ['03_no_eot.mid', /track 1 has no end of track; all of it was read/],
    ['05_track_len_long.mid', /track 1 says more bytes than there are; its end is there/],
    ['20_junk_between_tracks.mid', /3 bytes from byte 33 on are no track; left out/],
    ['25_realtime_f8.mid', /track 1 holds 2 real-time bytes/],
    ['32_empty_track0.mid', /track 1 has no end of track/],
  ])('%s is read, with a word, and no note is lost', (name, word) => {
    const words: string[] = [];
    const score = readMidi(new Uint8Array(readFileSync(new URL(name, FAULTS))), name, (line) =>
      words.push(line),
    );
    expect(words).toEqual([expect.stringMatching(word)]);
    expect(words[0].startsWith(`${name}: `)).toBe(true);
    expect(score.notes.map(({ pitch, start, end }) => [pitch, start, end])).toEqual(
      [60, 64, 67, 72, 71, 67, 64, 62].map((pitch, i) => [pitch, 240 * i, 240 * i + 240]),
    );
  });

  test.each<[string, RegExp]>([
    ['04_track_len_short.mid', /damaged: byte \d+, in track 1: /],
    ['06_databyte_gt127.mid', /damaged: byte \d+, in track 1: \d+ where a data byte/],
    ['06b_note_pitch253.mid', /damaged: byte \d+, in track 1: 253 where a data byte/],
    [
      '07_tracks_count_big.mid',
      /its header \(byte 10\) says 5 tracks, 2 are there up to its end at byte 117/,
    ],
    ['09_tempo0.mid', /damaged: byte \d+, in track 1: a tempo of no length/],
    ['23_timesig_0.mid', /damaged: byte \d+, in track 1: a time signature of 0/],
    ['28_last_byte_missing.mid', /damaged: byte 97, in track 1: /],
  ])('%s is refused, with the byte', (name, message) => {
    const read = () => readMidi(new Uint8Array(readFileSync(new URL(name, FAULTS))), name);
    expect(read).toThrow(message);
    expect(read).toThrow(/^[\w.]+: [^\n]+$/);
  });

  test('bytes after the end of a track, after the last track, more tracks than said: read, with a word', () => {
    const words: string[] = [];
    const bytes = file(
      header(1, 1, 96),
      chunk('MTrk', [0, ...C, 0, 0xff, 0x2f, 0, 9, 9]),
      track([0, ...C]),
      [0, 1, 2],
    );
    expect(readMidi(bytes, 'x.mid', (line) => words.push(line)).notes).toHaveLength(2);
    expect(words).toEqual([
      'x.mid: 3 bytes from byte 48 on are no track; left out',
      'x.mid: its header says 1 track, 2 are there; all were read',
      'x.mid: track 1 goes on for 2 bytes after its end (byte 30); left out',
    ]);
  });

  test('cut off anywhere it is refused in one line; with any bytes flipped it is read or refused', () => {
    const whole = piece();
    for (let length = 0; length < whole.length; length++) {
      expect(() => readMidi(whole.slice(0, length), 'x.mid')).toThrow(/^x\.mid: [^\n]+$/);
    }
    const random = generator(seedOf(1, 'flips'));
    let refused = 0;
    for (let i = 0; i < 2000; i++) {
      const bytes = whole.slice();
      for (let n = random.integer(4); n >= 0; n--) bytes[random.integer(bytes.length)] = random.integer(256);
      try {
        const score = readMidi(bytes, 'x.mid');
        expect(readMidi(writeMidi(score), 'x.mid').notes).toEqual(score.notes);
      } catch (error) {
        if (!(error instanceof Error) || error.constructor !== Error) throw error;
        expect(error.message).toMatch(/^x\.mid: [^\n]+$/);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(100);
  });
});

describe('edits', () => {
  const score = readMidi(piece(), 'folder/piece.mid');
  const edit = (spec: Partial<ScoreEdit> & Pick<ScoreEdit, 'edit'>, from?: number, to?: number): Score =>
    editScore(score, { share: 1, seed: 1, ...spec }, { name: 'piece', from, to }).score;
  const melody = ({ notes }: Score): Note[] => notes.filter(({ channel }) => channel !== PERCUSSION);
  const window = { at: { seconds: 2 }, length: { seconds: 4 } }; // bars 1 and 2: ticks 384 to 1152
  const inside = ({ start }: Note): boolean => start >= 384 && start < 1152;

  test('none is the score itself', () => {
    expect(edit({ edit: 'none', share: 0.3, ...window })).toBe(score);
  });

  test.each([
    ['rhythm', undefined],
    ['velocity', undefined],
    ['velocity', 5],
    ['pitch', undefined],
    ['pitch', 7],
  ] as const)('%s, amount %s: a share of the notes of the window, and no other', (name, amount) => {
    const takesPart = (n: Note): boolean => inside(n) && (name !== 'pitch' || n.channel !== PERCUSSION);
    const count = score.notes.filter(takesPart).length;
    let before = new Set<Note>();
    for (const share of [0.01, 0.25, 0.5, 1]) {
      const edited = edit({ edit: name, amount, share, ...window });
      const kept = new Set(edited.notes);
      const changed = new Set(score.notes.filter((n) => !kept.has(n)));
      expect(changed.size).toBe(Math.max(1, Math.round(share * count)));
      expect([...changed].every(takesPart)).toBe(true);
      // A larger share holds a smaller one.
      expect([...before].every((n) => changed.has(n))).toBe(true);
      before = changed;
      expect(edited.messages).toBe(score.messages);
      expect(edited.end).toBe(score.end);
      expect(edited.notes.length).toBe(score.notes.length - (name === 'rhythm' ? changed.size : 0));
      if (name === 'rhythm') continue;
      for (const [i, now] of edited.notes.entries()) {
        const was = score.notes[i];
        if (now === was) continue;
        const step = Math.abs(now[name] - was[name]);
        expect(step).toBeGreaterThan(0);
        expect(step).toBeLessThanOrEqual(amount ?? (name === 'pitch' ? 1 : 126));
        expect(now[name]).toBeLessThanOrEqual(127);
        expect(now[name]).toBeGreaterThanOrEqual(name === 'pitch' ? 0 : 1);
        expect({ ...now, [name]: 0 }).toEqual({ ...was, [name]: 0 });
      }
    }
  });

  test('timing: notes move by up to so many ms, keep what else they are, and stay in order and in the window', () => {
    const map = tempoMap(score);
    const at = ({ start }: Note): number => 1000 * map.secondsAt(start);
    const long = ({ start, end }: Note): number => map.secondsAt(end) - map.secondsAt(start);
    const moved: number[] = [];
    for (const [amount, share] of [
      [20, 1],
      [200, 0.5],
    ]) {
      const { notes } = edit({ edit: 'timing', amount, share, ...window });
      expect(notes.map(({ start }) => start)).toEqual(notes.map(({ start }) => start).sort((a, b) => a - b));
      const kept = new Set(notes);
      const gone = score.notes.filter((note) => !kept.has(note));
      const fresh = notes.filter((note) => !score.notes.includes(note));
      expect(gone.length).toBe(Math.round(share * score.notes.filter(inside).length));
      expect(fresh.length).toBe(gone.length);
      expect(gone.every(inside) && fresh.every(inside)).toBe(true);
      const kind = ({ channel, pitch, velocity, track }: Note) => [channel, pitch, velocity, track].join();
      expect(fresh.map(kind).sort()).toEqual(gone.map(kind).sort());
      for (const now of fresh) {
        const near = gone.filter(
          (was) => kind(was) === kind(now) && Math.abs(at(was) - at(now)) <= amount + 3,
        );
        expect(near.length).toBeGreaterThan(0);
        if (near.length === 1) {
          moved.push(at(now) - at(near[0]));
          expect(long(now)).toBeLessThanOrEqual(long(near[0]) + 0.006);
        }
      }
    }
    expect(Math.max(...moved)).toBeGreaterThan(5);
    expect(Math.min(...moved)).toBeLessThan(-5);
  });

  test('a note becomes the same at every share; draws are named by seed, piece and edit', () => {
    const few = edit({ edit: 'velocity', share: 0.3 }).notes;
    const many = edit({ edit: 'velocity', share: 0.9 }).notes;
    score.notes.forEach((was, i) => {
      if (few[i] !== was) expect(few[i]).toEqual(many[i]);
    });
    const spec = { edit: 'rhythm', share: 0.5, seed: 1 } as const;
    const of = (seed: number, name: string) => editScore(score, { ...spec, seed }, { name }).score.notes;
    expect(of(1, 'piece')).toEqual(of(1, 'OOD/piece'));
    expect(of(2, 'piece')).not.toEqual(of(1, 'piece'));
    expect(of(1, 'another')).not.toEqual(of(1, 'piece'));
  });

  test('every other velocity and pitch in reach is as likely', () => {
    const counts = new Map<number, number>();
    for (let seed = 0; seed < 300; seed++) {
      for (const { pitch, start } of melody(edit({ edit: 'pitch', amount: 2, seed }))) {
        const was = 40 + 8 * ((start / 48) % 8) + Math.floor(start / 384);
        counts.set(pitch - was, (counts.get(pitch - was) ?? 0) + 1);
      }
    }
    expect([...counts.keys()].sort((a, b) => a - b)).toEqual([-2, -1, 1, 2]);
    // 19200 draws over 4: a deviation of 60 is one standard deviation.
    for (const n of counts.values()) expect(Math.abs(n - 4800)).toBeLessThan(240);
  });

  test('a note moved onto another pitch ends where the next of that pitch begins', () => {
    const bytes = file(
      header(0, 1, 96),
      track([0, 0x90, 60, 9], [0, 0x90, 61, 9], [10, 0x90, 60, 9], [20, 60, 0], [0, 60, 0], [0, 61, 0]),
    );
    const two = readMidi(bytes, 'x');
    for (let seed = 0; seed < 20; seed++) {
      const { notes } = editScore(two, { edit: 'pitch', share: 0.34, seed }, { name: 'x' }).score;
      const unmoved = notes.filter((n) => two.notes.includes(n));
      if (notes.some((n) => n.pitch === 62)) expect(unmoved.length).toBe(2);
      for (const [i, a] of notes.entries()) {
        for (const b of notes.slice(i + 1)) {
          // Two notes that were always so stay so.
          if (a.pitch !== b.pitch || (two.notes.includes(a) && two.notes.includes(b))) continue;
          expect(a.start === b.start || a.end <= b.start).toBe(true);
        }
      }
    }
  });

  /** Value that a controller, or the tempo, has when a note begins, by an obvious walk. */
  const inForce = ({ messages }: Score, { start, channel }: Note) => {
    let [pedal, quarter] = [0, 500_000];
    for (const { tick, bytes } of messages) {
      if (tick > start) continue;
      if (bytes[0] === (0xb0 | channel) && bytes[1] === 64) pedal = bytes[2];
      if (bytes[0] === 0xff && bytes[1] === 0x51) quarter = (bytes[2] << 16) | (bytes[3] << 8) | bytes[4];
    }
    return { pedal, quarter };
  };

  test.each([1, 0.5, 0.3])('structure, share %s: every bar once, each as it was where it stood', (share) => {
    for (let seed = 0; seed < 20; seed++) {
      const edited = edit({ edit: 'structure', share, seed });
      expect(edited.notes.length).toBe(score.notes.length);
      // Melody notes are told apart by their velocity.
      const was = new Map(melody(score).map((n) => [n.velocity, n]));
      const order = Array.from({ length: 8 }, () => new Set<number>());
      for (const now of melody(edited)) {
        const old = was.get(now.velocity) as Note;
        expect(now.start % 384).toBe(old.start % 384);
        expect([now.pitch, now.end - now.start]).toEqual([old.pitch, old.end - old.start]);
        expect(inForce(edited, now)).toEqual(inForce(score, old));
        order[Math.floor(now.start / 384)].add(Math.floor(old.start / 384));
      }
      expect(order.map(({ size }) => size)).toEqual(Array.from({ length: 8 }, () => 1));
      const bars = order.map(([bar]) => bar);
      expect([...bars].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
      expect(bars.filter((bar, i) => bar !== i).length).toBe(Math.max(2, Math.round(8 * share)));
      // Tempo goes with its bar, so that the whole lasts as long.
      expect(secondsOf(edited)).toBeCloseTo(secondsOf(score), 9);
    }
  });

  test('structure: only whole bars of the window; what follows goes on as it did', () => {
    // Bars 2 and 3, then 3, 4 and 5: the pedal of bar 2 goes on in bar 3, and the tempo changes at bar 4.
    for (const [at, length, from, to] of [
      [3.9, 4.2, 2, 4],
      [5.9, 5.4, 3, 6],
    ]) {
      const spec = { edit: 'structure', at: { seconds: at }, length: { seconds: length } } as const;
      for (let seed = 0; seed < 5; seed++) {
        const edited = edit({ ...spec, seed });
        const inside = ({ start }: Note): boolean => start >= from * 384 && start < to * 384;
        const moved = melody(edited).filter((n) => !score.notes.includes(n));
        expect(moved.length).toBe(8 * (to - from));
        expect(moved.every(inside)).toBe(true);
        for (const n of melody(score).filter((n) => !inside(n))) {
          expect(edited.notes).toContain(n);
          expect(inForce(edited, n)).toEqual(inForce(score, n));
        }
      }
    }
  });

  test('a bar that nothing was set for is given what holds when nothing is set', () => {
    const settings: [number[], number[]][] = [
      [
        [0xb0, 7, 1],
        [0xb0, 7, 100],
      ],
      [
        [0xb0, 64, 1],
        [0xb0, 64, 0],
      ],
      [
        [0xe0, 1, 2],
        [0xe0, 0, 64],
      ],
      [
        [0xd0, 9],
        [0xd0, 0],
      ],
      [
        [0xa0, 60, 9],
        [0xa0, 60, 0],
      ],
      [tempo(0, 1_000_000).slice(1), tempo(0, 500_000).slice(1)],
    ];
    // Meta messages carry their length in a file, not in a Message.
    const message = (bytes: number[]) => bytes.filter((_, i) => bytes[0] !== 0xff || i !== 2);
    for (const [set, initial] of settings) {
      const bytes = file(
        header(0, 1, 96),
        track([0, ...C], [384, ...set], [0, 0x90, 62, 9], [384, 62, 0], [0, 60, 0]),
      );
      const { messages } = editScore(
        readMidi(bytes, 'x'),
        { edit: 'structure', share: 1, seed: 1 },
        { name: 'x' },
      ).score;
      expect(messages.map(({ tick, bytes }) => [tick, ...bytes])).toEqual([
        [0, ...message(set)],
        [384, ...message(initial)],
        [768, ...message(set)],
      ]);
    }
    // Programs and banks stay where they are.
    const bytes = file(
      header(0, 1, 96),
      track([0, ...C], [384, 0xc0, 5], [0, 0xb0, 0, 1], [0, ...C], [384, 60, 0], [0, 60, 0]),
    );
    const staying = readMidi(bytes, 'x');
    const edited = editScore(staying, { edit: 'structure', share: 1, seed: 1 }, { name: 'x' }).score;
    expect(edited.messages).toEqual(staying.messages);
  });

  test('bars of other lengths move as they are', () => {
    const bytes = file(
      header(0, 1, 96),
      track(
        meter(0, 3, 4),
        [0, 0x90, 60, 1],
        [288, 0x90, 61, 2],
        meter(288, 5, 8),
        [0, 0x90, 62, 3],
        [240, 0x90, 63, 4],
        [240, 0xb0, 7, 1],
      ),
    );
    const odd = readMidi(bytes, 'odd');
    expect(barsWithin(odd, { start: 0, end: 1e9 })).toEqual([0, 288, 576, 816, 1056]);
    for (let seed = 0; seed < 10; seed++) {
      const { score: edited } = editScore(odd, { edit: 'structure', share: 1, seed }, { name: 'odd' });
      const bars = barsWithin(edited, { start: 0, end: 1056 });
      const lengths = bars.slice(1).map((tick, i) => tick - bars[i]);
      expect([...lengths].sort()).toEqual([240, 240, 288, 288]);
      // Each of the four notes begins a bar of its old length.
      expect(edited.notes.map((n) => lengths[bars.indexOf(n.start)])).toEqual(
        edited.notes.map((n) => (n.pitch < 62 ? 288 : 240)),
      );
    }
  });

  test('tempo: faster inside, the same before and after', () => {
    const { secondsAt } = tempoMap(score);
    for (const [amount, at, length] of [
      [2, 2, 4],
      [0.5, 7, 2],
      [undefined, 0, 14.4],
    ] as const) {
      const edited = edit({ edit: 'tempo', amount, at: { seconds: at }, length: { seconds: length } });
      expect(edited.notes).toBe(score.notes);
      const now = tempoMap(edited);
      for (const { start } of score.notes) {
        const old = secondsAt(start);
        const within = Math.min(Math.max(old - at, 0), length);
        expect(now.secondsAt(start)).toBeCloseTo(old - within + within / (amount ?? 1.5), 4);
      }
    }
    // Half of the bars: each of the eight lasts either 1 or 1/2 of its time.
    const some = tempoMap(edit({ edit: 'tempo', amount: 2, share: 0.5 }));
    const ratios = Array.from({ length: 8 }, (_, bar) => {
      const lasts = (map: typeof some) => map.secondsAt(384 * (bar + 1)) - map.secondsAt(384 * bar);
      return lasts(some) / lasts(tempoMap(score));
    });
    expect(ratios.map((ratio) => Math.round(1e6 * ratio) / 1e6).sort()).toEqual([
      0.5, 0.5, 0.5, 0.5, 1, 1, 1, 1,
    ]);
  });

  test('the window is in the time of the clip', () => {
    const shifted = edit({ edit: 'rhythm', at: { seconds: 0.5 }, length: { seconds: 4 } }, 1.5, 10);
    expect(shifted.notes).toEqual(score.notes.filter((n) => !inside(n)));
    // Default: what the clip shows.
    expect(edit({ edit: 'rhythm' }, 2, 6).notes).toEqual(shifted.notes);
  });

  const seconds = (value: number) => ({ seconds: value });
  test.each<[Partial<ScoreEdit> & Pick<ScoreEdit, 'edit'>, RegExp]>([
    [{ edit: 'rhythm', share: 0 }, /rhythm: share 0, expected more than 0/],
    [{ edit: 'rhythm', share: 1.5 }, /share 1.5/],
    [{ edit: 'rhythm', share: Number.NaN }, /share NaN/],
    [{ edit: 'velocity', amount: 0 }, /velocity: amount 0, expected a whole number/],
    [{ edit: 'pitch', amount: 1.5 }, /pitch: amount 1.5/],
    [{ edit: 'pitch', amount: 128 }, /pitch: amount 128/],
    [{ edit: 'timing', amount: 0 }, /timing: amount 0, expected milliseconds/],
    [{ edit: 'timing', amount: 3000 }, /timing: amount 3000/],
    [{ edit: 'tempo', amount: 0 }, /tempo: amount 0, expected a factor/],
    [{ edit: 'tempo', amount: Number.POSITIVE_INFINITY }, /amount Infinity/],
    [{ edit: 'rhythm', at: { tokens: 5 } }, /window is given in tokens/],
    [{ edit: 'rhythm', at: seconds(-1) }, /leaves the clip/],
    [{ edit: 'rhythm', at: seconds(15) }, /leaves the clip/],
    [{ edit: 'rhythm', at: seconds(1), length: seconds(0) }, /is empty/],
    [{ edit: 'rhythm', at: seconds(1), length: seconds(14) }, /leaves the clip, which lasts 14.40 s/],
    [{ edit: 'rhythm', at: seconds(0.1), length: seconds(0.1) }, /no note begins in the window/],
    [{ edit: 'structure', length: seconds(2.1) }, /1 whole bar lies in the window/],
    [{ edit: 'tempo', share: 0.5, length: seconds(1) }, /no whole bar lies in the window/],
  ])('refused: %j', (spec, message) => {
    expect(() => edit(spec)).toThrow(message);
    expect(() => edit(spec)).toThrow(/^[^\n]+$/);
  });
});

describe('rendering', () => {
  const font = () => readSoundFont(new Uint8Array(BasicSoundBank.getSampleSoundBankFile()), 'saw.sf2');
  const score = readMidi(piece(), 'piece.mid');
  /** Bit for bit; comparing arrays of samples as arrays takes seconds. */
  const bits = (...channels: readonly Float32Array[]) =>
    channels.map((channel) =>
      createHash('sha256').update(new Uint8Array(channel.slice().buffer)).digest('hex'),
    );
  const mono = { sampleRate: 32_000, channels: 1 } as const;

  test('exactly as long as asked for, the same bits every time', async () => {
    const shared = font();
    const clip = await renderScore(score, shared, { format: mono, offset: 0.1, length: 3 });
    expect(clip).toMatchObject({ name: 'piece.mid', sampleRate: 32_000 });
    expect(clip.channels.map(({ length }) => length)).toEqual([96_000]);
    expect(rmsDbfs(clip.channels)).toBeGreaterThan(-60);
    for (const again of [shared, font()]) {
      const { channels } = await renderScore(score, again, { format: mono, offset: 0.1, length: 3 });
      expect(bits(...channels)).toEqual(bits(...clip.channels));
    }
    // An excerpt is the sound from the start of the piece on, cut.
    const longer = await renderScore(score, shared, { format: mono, length: 4 });
    expect(bits(...cut(longer, { offset: 0.1, length: 3 }).channels)).toEqual(bits(...clip.channels));
  });

  test('stereo, mono as its mean, another rate; to the end when no length is given', async () => {
    const shared = font();
    const stereo = await renderScore(score, shared, {
      format: { sampleRate: 44_100, channels: 2 },
      length: 1,
    });
    const mean = await renderScore(score, shared, { format: { sampleRate: 44_100, channels: 1 }, length: 1 });
    const [left, right] = stereo.channels;
    expect(bits(left)).not.toEqual(bits(right));
    expect(bits(...mean.channels)).toEqual(bits(left.map((v, i) => (v + right[i]) / 2)));
    const end = await renderScore(score, shared, { format: mono, offset: 14 });
    expect(end.channels[0].length).toBe(Math.round(secondsOf(score) * 32_000) - 14 * 32_000);
  });

  test('the control is the file as it plays: the same bits as its own messages, read by another reader', async () => {
    const bytes = piece();
    const clip = await renderScore(readMidi(bytes, 'p'), font(), {
      format: { sampleRate: 44_100, channels: 2 },
      length: 9,
    });
    const midi = BasicMIDI.fromArrayBuffer(bytes.slice().buffer as ArrayBuffer);
    const synth = new SpessaSynthProcessor(44_100, { eventsEnabled: false, maxBufferSize: 64 });
    synth.soundBankManager.addSoundBank(font(), 'main');
    await synth.processorInitialized;
    synth.setSystemParameter('autoAllocateVoices', true);
    synth.setSystemParameter('gain', 3);
    const messages: { block: number; bytes: number[] }[] = [];
    midi.iterate(({ ticks, statusByte, data }) => {
      if (statusByte < 0x80) return;
      const block = Math.round((midi.midiTicksToSeconds(ticks) * 44_100) / 64);
      messages.push({ block, bytes: [statusByte, ...data] });
    });
    const blocks = Math.ceil((9 * 44_100) / 64);
    const [left, right] = [new Float32Array(blocks * 64), new Float32Array(blocks * 64)];
    for (let block = 0; block < blocks; block++) {
      for (const message of messages) if (message.block === block) synth.processMessage(message.bytes);
      synth.process(left, right, block * 64, 64);
    }
    expect(bits(...clip.channels)).toEqual(bits(left.slice(0, 9 * 44_100), right.slice(0, 9 * 44_100)));
  });

  test('an edit changes nothing before its window', async () => {
    const shared = font();
    const render = (of: Score) => renderScore(of, shared, { format: mono, length: 6 });
    const clean = await render(score);
    for (const edit of ['rhythm', 'velocity', 'pitch', 'timing', 'tempo', 'structure'] as const) {
      const spec = { edit, share: 1, seed: 1, at: { seconds: 2 }, length: { seconds: 4 } };
      const edited = await render(editScore(score, spec, { name: 'p' }).score);
      const [a, b] = [clean.channels[0], edited.channels[0]];
      // The grid of 1.5 ms and the resampler's reach of 8 ms lie before the window.
      const before = 2 * 32_000 - 0.01 * 32_000;
      expect(bits(a.slice(0, before))).toEqual(bits(b.slice(0, before)));
      expect(bits(a)).not.toEqual(bits(b));
    }
  });

  test('refused: an excerpt beyond the piece; what is no SoundFont', async () => {
    const shared = font();
    await expect(renderScore(score, shared, { format: mono, offset: 10, length: 15 })).rejects.toThrow(
      /^piece\.mid: lasts 15\.40 s, asked for 15 s from 10 s on; [^\n]+$/,
    );
    const endless = readMidi(
      file(header(0, 1, 1), track(tempo(0, 9_000_000), [0, ...C], [2000, ...OFF])),
      'long.mid',
    );
    await expect(renderScore(endless, shared, { format: mono })).rejects.toThrow(
      /^long\.mid: 18001 s to render/,
    );
    const bytes = new Uint8Array(BasicSoundBank.getSampleSoundBankFile());
    for (const damaged of [
      new Uint8Array(0),
      new Uint8Array(100),
      piece(),
      bytes.slice(0, bytes.length / 2),
    ]) {
      expect(() => readSoundFont(damaged, 'x.sf2')).toThrow(/^x\.sf2: [^\n]+$/);
    }
  });
});
