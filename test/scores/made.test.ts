// src/scores/made.ts: what made scores, in words.

import { expect, test } from 'vitest';
import { madeWords, type ScoresMade } from '../../src/scores/made.js';

const MADE: ScoresMade = {
  ...{ model: 'tiny', fingerprint: '0123456789abcdef', protocol: 'delayed', condition: 'none' },
  ...{ scores: 1, loudness: -23, roundTrip: 3, seconds: 10 },
};

test.each([
  [
    {},
    'model tiny (0123456789ab), protocol delayed, scores version 1, clips at -23 LUFS, round trip of 3 s, 10 s of each',
  ],
  [
    { loudness: 80, roundTrip: 0 },
    'model tiny (0123456789ab), protocol delayed, scores version 1, clips at a mean velocity of 80, no round trip, 10 s of each',
  ],
  [
    { loudness: null, roundTrip: null, seconds: null, condition: 'prompt "jazz"' },
    'model tiny (0123456789ab), protocol delayed, condition prompt "jazz", scores version 1, clips as loud as they are, no round trip, whole clips',
  ],
  [
    { fingerprint: null, scores: null, roundTrip: 0 },
    'model tiny, protocol delayed, scores of an unknown version, clips at -23 LUFS, no round trip, 10 s of each',
  ],
])('%j', (other, words) => {
  expect(madeWords({ ...MADE, ...other })).toBe(words);
});
