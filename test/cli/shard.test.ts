// Which part of a study a machine does, as schedulers number their tasks.

import { describe, expect, test } from 'vitest';
import { automatic, parseShard } from '../../src/cli/shard.js';

describe('a shard', () => {
  test.each([
    [
      'SLURM',
      { SLURM_ARRAY_TASK_ID: '7', SLURM_ARRAY_TASK_MIN: '5', SLURM_ARRAY_TASK_COUNT: '4' },
      undefined,
      [3, 4],
    ],
    ['Kubernetes', { JOB_COMPLETION_INDEX: '0', JOB_COMPLETIONS: '8' }, undefined, [1, 8]],
    ['Kubernetes, the count written', { JOB_COMPLETION_INDEX: '7' }, '8', [8, 8]],
    ['Cloud Run', { CLOUD_RUN_TASK_INDEX: '1', CLOUD_RUN_TASK_COUNT: '2' }, undefined, [2, 2]],
  ])('is read from %s', (_, environment, count, [index, of]) => {
    expect(automatic(environment, count)).toEqual({ index, of });
  });

  test.each([
    ['no scheduler', {}, undefined, /No scheduler numbers this task; auto reads SLURM_ARRAY_TASK_ID, JOB/],
    [
      'no count',
      { JOB_COMPLETION_INDEX: '1' },
      undefined,
      /JOB_COMPLETIONS is not set: write how many tasks there are/,
    ],
    ['too few', { JOB_COMPLETION_INDEX: '4' }, '4', /auto is part 5 of 4/],
    ['no number', { SLURM_ARRAY_TASK_ID: 'x', SLURM_ARRAY_TASK_COUNT: '4' }, undefined, /part NaN of 4/],
  ])('of %s is refused', (_, environment, count, words) => {
    expect(() => automatic(environment, count)).toThrow(words);
  });

  test('is written as part and count', () => {
    expect(parseShard('2/4')).toEqual({ index: 2, of: 4 });
    for (const text of ['0/4', '5/4', '1', 'auto/', 'x/2']) expect(() => parseShard(text)).toThrow(/xpected/);
  });
});
