// What a study's precision or device costs in exactness, measured on its own clips and kept beside its rows.

import { stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { Clip } from '../audio/clip.js';
import { formatOf } from '../loss/encode.js';
import type { Model } from '../models/model.js';
import { PRECISIONS } from '../models/precision.js';
import { parseJson } from '../onnx/json.js';
import { type Parity, parity } from '../probe/parity.js';
import type { Library } from '../study/dataset.js';
import type { PlannedStudy, StudyModel } from '../study/plan.js';
import { readBytes } from './input.js';
import { writeWhole } from './output.js';

const FILE = 'parity.json';

export interface StudyParityOptions {
  readonly library: Library;
  readonly models: readonly StudyModel[];
  /** The same model in fp32 on the CPU; it is closed here. */
  readonly openExact: (model: StudyModel) => Promise<Model>;
}

/** Compares with fp32 on the CPU, on the first clip of each group, unless the store has the comparison already. */
export async function keepParity(
  folder: string,
  { study, items }: PlannedStudy,
  { library, models, openExact }: StudyParityOptions,
): Promise<void> {
  const inexact = models.filter(({ model }) => model.precision !== 'fp32' || model.device !== 'cpu');
  if (inexact.length === 0 || (await readParity(folder)).length > 0) return;
  const found: Parity[] = [];
  for (const each of inexact) {
    const { model } = each;
    const exact = await openExact(each);
    try {
      const clips: Clip[] = [];
      for (const { name } of study.groups) {
        const item = [...items.values()].find(
          ({ group, source }) => group === name && source.kind !== 'codes',
        );
        if (item) clips.push(await library.clip(item, { format: formatOf(model), excerpt: study.excerpt }));
      }
      if (clips.length > 0) found.push(await parity(exact, model, clips));
    } finally {
      await exact.close();
    }
  }
  await writeWhole(path.join(folder, FILE), `${JSON.stringify(found, null, 1)}\n`);
}

const distance = z.object({ mean: z.number(), p99: z.number(), max: z.number(), count: z.number() });
const codes = z.object({ equal: z.number(), of: z.number() });
const maker = z.object({ precision: z.enum(PRECISIONS), runtime: z.string(), device: z.string() });
const schema: z.ZodType<Parity[]> = z.array(
  z.object({
    losscope: z.string(),
    model: z.string(),
    fingerprint: z.string(),
    protocol: z.string(),
    disturbance: z.string(),
    first: maker,
    second: maker,
    loss: distance,
    delta: distance,
    meanDifference: z.number(),
    codes,
    clips: z.array(
      z.object({ clip: z.string(), codes, loss: distance, meanDifference: z.number(), delta: distance }),
    ),
  }),
);

/** What was kept of a store; none for a study in fp32 on the CPU. @throws when the file is damaged. */
export async function readParity(folder: string): Promise<readonly Parity[]> {
  const file = path.join(folder, FILE);
  if (!(await isFile(file))) return [];
  const found = schema.safeParse(parseJson(await readBytes(file), file));
  if (found.success) return found.data;
  throw new Error(`${file}: not what losscope run wrote there; delete it and run the study again`);
}

async function isFile(file: string): Promise<boolean> {
  try {
    return (await stat(file)).isFile();
  } catch {
    // Whatever keeps us from looking, there is nothing to read.
    return false;
  }
}
