// Notes at one mean velocity: the same piece played louder or softer is the same to a score.

import { expect, test } from 'vitest';
import { codesOf, rowsOf } from '../../src/audio/codes.js';
import { parsePerturbation } from '../../src/perturb/schema.js';
import { disturbNotes } from '../../src/symbolic/disturb.js';
import { codeOf, PITCHED, pitchedOf } from '../../src/symbolic/note_code.js';
import { atVelocity, SCORED_VELOCITY } from '../../src/symbolic/note_level.js';
import { passageOfCodes } from '../../src/symbolic/passage.js';

const notesOf = (velocities: readonly number[]) =>
  codesOf([
    [...velocities.map((velocity) => codeOf({ instrument: 3, pitch: 40, velocity })), PITCHED + 5],
    [...velocities, 0].map((_, i) => 10 * i),
    [...velocities.map(() => 20), 0],
  ]);
const velocitiesOf = (codes: ReturnType<typeof notesOf>) =>
  Array.from(rowsOf(codes)[0], (note) => pitchedOf(note)?.velocity);

test('all velocities are multiplied so that their mean is asked for, to the nearest step from 1 to 12', () => {
  // Mean 5: 1.6 times.
  expect(velocitiesOf(atVelocity(notesOf([3, 5, 6, 6]), 80))).toEqual([5, 8, 10, 10, undefined]);
  // Mean 4: twice, and no more than 12.
  expect(velocitiesOf(atVelocity(notesOf([1, 1, 1, 7, 10]), 80))).toEqual([2, 2, 2, 12, 12, undefined]);
  expect(velocitiesOf(atVelocity(notesOf([1, 12, 12]), 10))).toEqual([1, 1, 1, undefined]);
});

test('at the level that is asked for, and of drums alone, nothing changes; nor does anything but velocities', () => {
  const codes = notesOf([6, 8, 10]);
  expect(atVelocity(codes, 80)).toEqual(codes);
  const drums = codesOf([[PITCHED], [0], [0]]);
  expect(atVelocity(drums, 80)).toEqual(drums);
  expect(rowsOf(atVelocity(codes, 40)).slice(1)).toEqual(rowsOf(codes).slice(1));
});

test.each(['3dB', '-6dB', '1dB'])('a gain of %s is undone but for rounding', (by) => {
  const velocities = Array.from({ length: 60 }, (_, i) => 6 + ((i * 7) % 5));
  const passage = passageOfCodes(notesOf(velocities), 'x');
  const louder = disturbNotes(passage, [parsePerturbation(`gain by=${by}`, { seed: 1 })]).codes;
  const [own, other] = [passage.codes, louder].map((codes) =>
    velocitiesOf(atVelocity(codes, SCORED_VELOCITY)),
  );
  expect(velocitiesOf(louder)).not.toEqual(velocitiesOf(passage.codes));
  const moved = own.map((velocity, i) => Math.abs((velocity ?? 0) - (other[i] ?? 0)));
  expect(Math.max(...moved)).toBeLessThanOrEqual(1);
});
