// Which machine a writer is: kept beside what it wrote, so that two results of one cell can be told apart by their makers.

import { cpus, hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { VERSION } from '../../probe/version.js';
import { instructionSet } from '../instructions.js';
import { writeWhole } from '../output.js';
import { readSealed, sealed } from './sealed.js';

const FILE = 'writer.json';
const schema = z.object({
  host: z.string(),
  process: z.int(),
  /** The processor's name, and its instruction set. */
  processor: z.string(),
  instructions: z.string(),
  losscope: z.string(),
  started: z.string(),
});

/** Says in a writer's folder which machine it is. */
export async function writeWriter(folder: string): Promise<void> {
  const about: z.output<typeof schema> = {
    host: hostname(),
    process: process.pid,
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    instructions: instructionSet(),
    losscope: VERSION,
    started: new Date().toISOString(),
  };
  await writeWhole(join(folder, FILE), sealed(about));
}

/** What is wrong with what a writer's folder says of it; undefined where all is well, or nothing is said. */
export async function writerFault(folder: string): Promise<string | undefined> {
  const path = join(folder, FILE);
  try {
    const about = await readSealed(path);
    if (!about || schema.safeParse(about).success) return undefined;
    return `${path}: not what losscope wrote there; delete it, no result depends on it`;
  } catch (error) {
    return `${error instanceof Error ? error.message : error}; delete it, no result depends on it`;
  }
}

/** Takes what is known of a writer along to its folder in another store. */
export async function copyWriter(from: string, to: string): Promise<void> {
  const about = await readSealed(join(from, FILE));
  if (about) await writeWhole(join(to, FILE), sealed(about));
}

/** "node7-4711 (Intel Xeon, avx512)", of the writer of a part; its name where nothing else is known. */
export async function makerOf(part: string): Promise<string> {
  const folder = dirname(dirname(part));
  const found = schema.safeParse(await readSealed(join(folder, FILE)).catch(() => undefined));
  if (!found.success) return basename(folder);
  const { host, process: id, processor, instructions } = found.data;
  return `${host}-${id} (${processor}, ${instructions})`;
}
