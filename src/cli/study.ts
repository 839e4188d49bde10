// A study as commands open it: the file read, its models ready, its clips at hand.

import path from 'node:path';
import type { Model } from '../models/model.js';
import type { Precision } from '../models/precision.js';
import { openLibrary } from '../node/dataset.js';
import type { DeviceChoice } from '../node/device.js';
import { readText } from '../node/input.js';
import { isFolder } from '../node/open.js';
import type { Library } from '../study/dataset.js';
import type { StudyModel } from '../study/plan.js';
import { type ModelSpec, parseStudy, type Study } from '../study/spec.js';
import { openForCommand } from './model.js';
import { warn } from './output.js';

interface StudyOptions {
  readonly threads?: number;
  readonly device: DeviceChoice;
}

interface OpenStudy {
  readonly study: Study;
  readonly library: Library;
  readonly models: readonly StudyModel[];
  /** A model of the study in fp32 on the CPU. */
  openExact(model: StudyModel): Promise<Model>;
  close(): Promise<void>;
}

/** Where a study is stored when no folder is named. */
export function standardStore({ name }: Study): string {
  return path.join('runs', name);
}

/** Reads a study and opens its models. */
export async function openStudy(file: string, options: StudyOptions): Promise<OpenStudy> {
  const study = parseStudy(await readText(file), file);
  const folder = path.dirname(file);
  const models: StudyModel[] = [];
  const close = async (): Promise<void> => {
    for (const { model } of models) await model.close();
  };
  try {
    for (const spec of study.models) {
      models.push(await openStudyModel(spec, folder, { ...options, precision: study.precision }));
    }
  } catch (error) {
    await close();
    throw error;
  }
  return {
    study,
    library: openLibrary({ folder, warn }),
    models,
    openExact: async ({ spec }) =>
      (await openStudyModel(spec, folder, { ...options, device: 'cpu', precision: 'fp32' })).model,
    close,
  };
}

async function openStudyModel(
  spec: ModelSpec,
  folder: string,
  { threads, device, precision }: StudyOptions & { readonly precision: Precision },
): Promise<StudyModel> {
  const beside = path.join(folder, spec.model);
  const model = await openForCommand({
    model: (await isFolder(beside)) ? beside : spec.model,
    device,
    precision,
    ...(threads === undefined ? {} : { threads }),
  });
  return { spec, model, condition: spec.prompt === undefined ? {} : { prompt: spec.prompt } };
}
