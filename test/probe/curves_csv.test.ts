// src/probe/curves_csv.ts: a line a frame, a column a score, at the seconds of the song.

import { expect, test } from 'vitest';
import { curvesCsv, sensitivityCsv } from '../../src/probe/curves_csv.js';
import { songOf } from '../../src/probe/songs.js';
import { scoreCurve } from '../../src/scores/curves.js';
import { heardClip } from '../scores/heard.js';

const rowsOf = (pieces: Iterable<string>): string[][] =>
  [...pieces].flatMap((piece) =>
    piece
      .trimEnd()
      .split('\n')
      .map((line) => line.split(',')),
  );

test('songs of different scores and lengths share their columns; what one lacks is empty', () => {
  const long = songOf('=long.wav', heardClip({ name: 'long', frames: 200, roundTrip: 0.4 }));
  const short = songOf('short.wav', heardClip({ name: 'short', frames: 40 }));
  const pieces = [...curvesCsv([short, long], { offset: 30 })];
  // One piece a song, so that a table of any size can be written.
  expect(pieces).toHaveLength(3);
  const [head, ...rows] = rowsOf(pieces);
  expect(head).toEqual([
    ...['song', 'seconds', 'loss', 'excess', 'excess-2', 'surprise', 'own-codes', 'entropy', 'notch'],
    ...[
      'contour',
      'autocorrelation',
      'maximum',
      'change',
      'unevenness',
      'variety',
      'poorest',
      'round-trip',
      'typical',
    ],
  ]);
  // The last three frames of a clip are undefined; before 4 s a quarter is left out.
  expect(rows).toHaveLength(197 - 49 + 37 - 9);
  expect(new Set(rows.map((row) => row.length))).toEqual(new Set([head.length]));
  expect(rows[0].slice(0, 2)).toEqual(['short.wav', '30.18']);
  expect(rows[0][head.indexOf('round-trip')]).toBe('');
  const row = rows[28 + 60];
  expect(row.slice(0, 2)).toEqual(["'=long.wav", String(30 + (49 + 60) / 50)]);
  expect(row).not.toContain('');
  for (const score of ['loss', 'contour', 'round-trip'] as const) {
    const curve = scoreCurve(long.heard, score);
    const value = curve?.values[109 - curve.first] ?? Number.NaN;
    expect(Number(row[head.indexOf(score)]), score).toBeCloseTo(value, 5);
    expect(row[head.indexOf(score)]).toMatch(/^-?\d+(\.\d{1,6})?$/);
  }
});

test('a round trip that reaches before the frames of scores begins the table', () => {
  const heard = heardClip({ name: 'early', frames: 200 });
  const early = { start: 5, values: new Float64Array(190).fill(0.5).fill(1, 100) };
  const rows = rowsOf(curvesCsv([songOf('a', { ...heard, roundTrip: 0.7, roundTripByFrame: early })]));
  expect([rows[1][1], rows.at(-1)?.[1], rows.length]).toEqual(['0.1', '3.92', 1 + 197 - 5]);
  expect([rows[1].at(-2), rows[1][2], rows.at(-1)?.at(-2)]).toEqual(['0.5', '', '']);
});

test('without a song there is the head alone; maps have positions of their own', () => {
  expect([...curvesCsv([])]).toEqual(['song,seconds\n']);
  const curve = {
    from: 'mean',
    seconds: Float64Array.of(1, 1.2),
    values: Float64Array.of(0.5, Number.NaN),
  } as const;
  expect([...sensitivityCsv([{ name: 'a,b', curve }], { offset: 2 })].join('')).toBe(
    'song,seconds,sensitivity\n"a,b",3,0.5\n"a,b",3.2,\n',
  );
});
