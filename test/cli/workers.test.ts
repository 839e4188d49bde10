// Where several workers of one command run.

import { availableParallelism } from 'node:os';
import { describe, expect, test } from 'vitest';
import { coresGiven, isPrepared, placesOf, threadsOf } from '../../src/cli/workers.js';

describe('workers', () => {
  test.each([
    ['as the system numbers them', {}, ['0', '1']],
    ['of those that are visible', { CUDA_VISIBLE_DEVICES: '4, 6,7' }, ['4', '6']],
    ['by name', { CUDA_VISIBLE_DEVICES: 'GPU-1a,GPU-2b,-1,GPU-3c' }, ['GPU-1a', 'GPU-2b']],
  ])('have one CUDA device each, %s', (_, environment, devices) => {
    expect(placesOf(2, 'cuda', environment)).toEqual(
      devices.map((CUDA_VISIBLE_DEVICES) => ({ CUDA_VISIBLE_DEVICES })),
    );
  });

  test.each([
    ['cuda', { CUDA_VISIBLE_DEVICES: '5' }, /CUDA_VISIBLE_DEVICES leaves 1 device; one worker uses one/],
    ['cuda', { CUDA_VISIBLE_DEVICES: '' }, /CUDA_VISIBLE_DEVICES leaves 0 devices/],
    ['cuda', { CUDA_VISIBLE_DEVICES: '0,-1,1' }, /leaves 1 device/],
    ['auto', {}, /expected --device cpu or cuda, got auto/],
    ['webgpu', {}, /expected --device cpu or cuda, got webgpu/],
  ] as const)('without a device each are refused: %s %j', (device, environment, words) => {
    expect(() => placesOf(2, device, environment)).toThrow(words);
  });

  test('on the CPU have nothing of their own but their share of the cores, or of what SLURM gave', () => {
    expect(placesOf(2, 'cpu', { CUDA_VISIBLE_DEVICES: '0' })).toEqual([{}, {}]);
    expect(threadsOf(3, { SLURM_CPUS_PER_TASK: '8' })).toBe(2);
    expect(threadsOf(9, { SLURM_CPUS_PER_TASK: '8' })).toBe(1);
    expect(threadsOf(1, {})).toBe(availableParallelism());
    expect([{}, { SLURM_CPUS_PER_TASK: 'x' }, { SLURM_CPUS_PER_TASK: '8' }].map(coresGiven)).toEqual([
      ...[undefined, undefined, 8],
    ]);
  });

  test('alone has the devices that there are, and is started with one arena where that is read', () => {
    expect(placesOf(1, 'auto', { CUDA_VISIBLE_DEVICES: '3' })).toEqual([{}]);
    expect(isPrepared({ MALLOC_ARENA_MAX: '1' })).toBe(true);
    expect(isPrepared({})).toBe(process.platform !== 'linux');
  });
});
