// A study as commands open it: the file read, its models ready, its clips at hand.

import path from 'node:path';
import { CATALOG } from '../models/catalog.js';
import type { Model } from '../models/model.js';
import type { Precision } from '../models/precision.js';
import { openLibrary } from '../node/dataset.js';
import type { DeviceChoice } from '../node/device.js';
import { isFolder } from '../node/folders.js';
import { readText } from '../node/input.js';
import { isBundled, isHubId } from '../node/open.js';
import type { Threads } from '../node/runtime.js';
import type { Fault } from '../perturb/issues.js';
import { meant } from '../perturb/nearest.js';
import type { Library } from '../study/dataset.js';
import { errorOf, faultLines } from '../study/faults.js';
import type { StudyModel } from '../study/plan.js';
import { STUDY_LIMITS, studySource } from '../study/source.js';
import { checkStudy, type ModelSpec, type Study } from '../study/spec.js';
import { openForCommand } from './model.js';
import { warn } from './output.js';

interface StudyOptions {
  readonly threads?: Threads;
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
  const folder = path.dirname(file);
  const study = await readStudy(file);
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

/** Reads a study's file. @throws all that is wrong with it, also models that are nowhere. */
export async function readStudy(file: string): Promise<Study> {
  const source = studySource(await readText(file, { limit: LARGEST }), file);
  const { study, models, faults } = checkStudy(source);
  const nowhere = await Promise.all(
    models.map((spec, i) => modelFault(spec, ['models', i], path.dirname(file))),
  );
  const found = [...faults, ...nowhere.flat().map(source.place)];
  if (study && found.length === 0) return study;
  throw errorOf(faultLines(source, found));
}

/** Bytes of a study's file. */
const LARGEST = 4 * STUDY_LIMITS.text;

/** A name that is no bundled model, no folder and cannot be a Hub id. */
async function modelFault(spec: ModelSpec | undefined, at: Fault['path'], folder: string): Promise<Fault[]> {
  if (!spec) return [];
  const { model } = spec;
  const known = CATALOG.map(({ id }) => id);
  if (isBundled(model) || isHubId(model) || (await isFolder(path.join(folder, model)))) return [];
  if (await isFolder(model)) return [];
  const expected = `expected ${known[0]}, a folder with a checkpoint, or a Hub id like ${known[1]}`;
  return [{ path: at, message: `no model ${model}: ${expected}${meant(model, known)}` }];
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
