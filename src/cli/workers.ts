// Several workers on one machine: processes of their own, each with its part of the cores or a GPU of its own.

import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { counted } from '../counted.js';
import type { DeviceChoice } from '../node/device.js';
import { askToStop, codeOfEnded, onFirstInterrupt } from './interrupt.js';
import { UsageError } from './usage.js';

/**
 * With one arena of its allocator for all threads a worker's memory stays flat, and is a quarter less: large blocks that threads
 * give to each other leave holes in each thread's own. Systems with another allocator do not read it.
 */
const ONE_ARENA = { MALLOC_ARENA_MAX: '1' } as const;

/** Whether a process started with this environment has what a worker needs from its start on. */
export function isPrepared(environment: NodeJS.ProcessEnv = process.env): boolean {
  return process.platform !== 'linux' || environment.MALLOC_ARENA_MAX !== undefined;
}

/** The program itself, for scripts and processes that call it again. */
export const MAIN = fileURLToPath(new URL('main.js', import.meta.url));

/** Threads for each of some workers of one command: of what SLURM gave, or of all cores. */
export function threadsOf(workers: number, environment: NodeJS.ProcessEnv = process.env): number {
  return Math.max(1, Math.floor((coresGiven(environment) ?? availableParallelism()) / workers));
}

/** Cores that SLURM gave to this task alone. */
export function coresGiven(environment: NodeJS.ProcessEnv = process.env): number | undefined {
  const given = Number(environment.SLURM_CPUS_PER_TASK);
  return Number.isInteger(given) && given > 0 ? given : undefined;
}

/**
 * What each worker's environment has more: with CUDA one device, of those that CUDA_VISIBLE_DEVICES leaves.
 * @throws UsageError when there are fewer devices than workers.
 */
export function placesOf(
  workers: number,
  device: DeviceChoice,
  { CUDA_VISIBLE_DEVICES: visible }: NodeJS.ProcessEnv = process.env,
): NodeJS.ProcessEnv[] {
  if (device === 'cpu' || workers === 1) return Array.from({ length: workers }, () => ({}));
  if (device !== 'cuda') {
    throw new UsageError(
      `--workers ${workers}: expected --device cpu or cuda, got ${device}; one worker uses one device, so start one`,
    );
  }
  // Devices are numbered or named by their UUID; the list ends at the first that is no device, as -1.
  const named = visible?.split(',').map((name) => name.trim());
  const end = named?.findIndex((name) => name === '' || name.startsWith('-')) ?? -1;
  const devices = named?.slice(0, end < 0 ? named.length : end);
  if (devices && devices.length < workers) {
    throw new UsageError(
      `--workers ${workers}: CUDA_VISIBLE_DEVICES leaves ${counted(devices.length, 'device')}; one worker uses one: start no more workers than that`,
    );
  }
  return Array.from({ length: workers }, (_, i) => ({ CUDA_VISIBLE_DEVICES: devices?.[i] ?? String(i) }));
}

/** Starts a process with these arguments in each place; ends when all have, with the highest of their exit codes. */
export async function startWorkers(
  places: readonly NodeJS.ProcessEnv[],
  args: readonly string[],
): Promise<void> {
  const children = places.map((place) =>
    fork(MAIN, args, { env: { ...ONE_ARENA, ...process.env, ...place } }),
  );
  const release = onFirstInterrupt(() => {
    for (const child of children) askToStop(child);
  });
  const codes = await Promise.all(
    children.map(
      (child) =>
        new Promise<number>((resolve, reject) => {
          child.on('error', reject);
          child.on('exit', (...end) => resolve(codeOfEnded(...end)));
        }),
    ),
  );
  release();
  process.exitCode = Math.max(...codes);
}
