// A study's plan: every task with its key, known before the first score. Tasks that share a clean clip form a job, the unit
// that is walked and that a machine can claim: one model, one clip, in one form. A model's comparison with its exact form
// is a job of its own.

import type { Condition } from '../models/condition.js';
import { type Model, readsNotes } from '../models/model.js';
import type { Perturbation } from '../perturb/perturbation.js';
import type { Item, Library } from './dataset.js';
import { type CellForm, factsOf, instructionsOf } from './facts.js';
import { errorOf } from './faults.js';
import type { Variant } from './grid.js';
import { jobId, planHash } from './key.js';
import { type MapTask, mapTasks } from './map_task.js';
import { type ParityTask, parityTask } from './parity_task.js';
import {
  batteryFaults,
  equalFaults,
  lengthsOf,
  mapFaults,
  protocolFaults,
  unusedFaults,
  variantFaults,
} from './plan_checks.js';
import { type CellFacts, CONTEXTS, type Form } from './row.js';
import type { ModelSpec, Study } from './spec.js';
import type { Plan } from './store.js';
import type { ScoreTask } from './task.js';
import { type Twins, twinFaults, withoutTwins } from './twins.js';

/** A model of the study, ready. */
export interface StudyModel {
  readonly spec: ModelSpec;
  readonly model: Model;
  readonly condition: Condition;
}

/** One cell of a job. */
export interface Cell extends ScoreTask, CellForm {}

/** All tasks of one clip in one form, under one model; first the clean cells. */
export interface ClipJob {
  readonly kind: 'clip';
  /** Names the job by its tasks: the same on every machine. */
  readonly id: string;
  readonly model: StudyModel;
  readonly item: Item;
  /** How the clip enters: its sound (`codes` are decoded), its codes, or its score, played or as notes. */
  readonly form: Form;
  readonly tasks: readonly (Cell | MapTask)[];
}

/** The comparison of one model with the same in fp32 on the CPU. */
export interface ParityJob {
  readonly kind: 'parity';
  readonly id: string;
  readonly model: StudyModel;
  readonly items: readonly Item[];
  readonly tasks: readonly ParityTask[];
}

export type Job = ClipJob | ParityJob;

/** The cells of a job, without what else is to be done with its clip. */
export function cellsOf(job: Job): Cell[] {
  return job.kind === 'clip' ? job.tasks.filter((task) => task.kind === 'score') : [];
}

export interface PlannedStudy {
  readonly study: Study;
  readonly plan: Plan;
  readonly jobs: readonly Job[];
  /** Every clip, by name: a foreign splice takes its sound from one. */
  readonly items: ReadonlyMap<string, Item>;
  /** Clips that are left out since another one is the same sound. */
  readonly leftOut: readonly Twins[];
}

/** Lists every cell. Reads all files once, to know their content; decodes nothing. @throws all that is wrong. */
export async function planStudy(
  study: Study,
  { library, models }: { readonly library: Library; readonly models: readonly StudyModel[] },
): Promise<PlannedStudy> {
  const named = new Map<string, readonly Item[]>();
  const absent: string[] = [];
  for (const group of study.groups) {
    try {
      named.set(group.name, await library.items(group));
    } catch (error) {
      // Only what the library says of a group has a place in the study.
      if (!(error instanceof Error) || error.constructor !== Error) throw error;
      absent.push(study.say(['groups', group.name], error.message));
    }
  }
  refuse(absent);
  const hashes = new Map<string, string>();
  for (const item of [...named.values()].flat()) hashes.set(item.name, await library.contentHash(item));
  const { groups, twins } = withoutTwins(named, hashes);
  if (study.duplicates === 'refuse') refuse(twinFaults(study, twins));
  const items = new Map([...groups.values()].flat().map((item) => [item.name, item]));
  for (const model of models) await requireScores(model);
  const protocols = new Set(models.flatMap(({ model }) => namesOf(model)));
  refuse(protocolFaults(study, [...protocols]));
  const lengths = await lengthsOf(study, items.values(), library);
  refuse(models.flatMap(({ model }) => variantFaults(study, model, { items, lengths })));
  const clips = models.flatMap((model) => jobsOf(study, model, { groups, items, hashes }));
  const cells = clips.flatMap((job) => cellsOf(job).map(({ facts }) => facts));
  refuse([
    ...unusedFaults(study, groups, { cells, models: models.map(({ model }) => model) }),
    ...batteryFaults(study, cells),
    ...equalFaults(study, cells),
  ]);
  const hash = planHash(cells.map(({ key }) => key));
  const plan: Plan = {
    study: study.name,
    hash,
    yaml: study.yaml,
    cells,
    ...(study.maps ? { maps: study.maps } : {}),
    ...parityPlan(study, { models, groups, hashes }),
  };
  refuse(mapFaults(study, plan));
  const jobs = [...parityJobs(plan, models, items), ...withMaps(clips, plan)];
  return { study, plan, jobs, items, leftOut: twins };
}

/** @throws all lines at once, if there are any. */
function refuse(lines: readonly string[]): void {
  if (lines.length > 0) throw errorOf(lines);
}

/** The jobs of one model, without maps. */
function jobsOf(
  study: Study,
  model: StudyModel,
  {
    groups,
    items,
    hashes,
  }: Pick<PlannedStudy, 'items'> & {
    readonly groups: ReadonlyMap<string, readonly Item[]>;
    readonly hashes: ReadonlyMap<string, string>;
  },
): ClipJob[] {
  return [...groups.values()].flatMap((group) =>
    group.flatMap((item, i) =>
      formsOf(item, model.model)
        .slice(0, isPlain(study) ? 1 : undefined)
        .flatMap((form) => {
          const variants = study.variants
            .filter((variant) => applies(variant, item, form))
            .map((variant) =>
              withNeighbour(variant, item, { next: group[(i + 1) % group.length], items, study }),
            );
          return variants.length === 0 && !isPlain(study)
            ? []
            : [jobOf(study, { model, item, form, variants, hashes })];
        }),
    ),
  );
}

/** Whether clips are scored as they are, and nothing else. */
function isPlain({ variants }: Study): boolean {
  return variants.length === 0;
}

/** The comparisons that the study's models need. */
function parityPlan(
  study: Study,
  {
    models,
    groups,
    hashes,
  }: {
    readonly models: readonly StudyModel[];
    readonly groups: ReadonlyMap<string, readonly Item[]>;
    readonly hashes: ReadonlyMap<string, string>;
  },
): Pick<Plan, 'parity'> {
  const parity = models.flatMap(({ spec: { name }, model }) => {
    const instructions = instructionsOf(study, model);
    const sources = { groups: groups.values(), hashes, excerpt: study.excerpt, instructions };
    return parityTask({ name, model }, sources) ?? [];
  });
  return parity.length === 0 ? {} : { parity };
}

function parityJobs(
  { parity = [] }: Plan,
  models: readonly StudyModel[],
  items: ReadonlyMap<string, Item>,
): ParityJob[] {
  return parity.flatMap((task) => {
    const model = models.find(({ spec }) => spec.name === task.model);
    const clips = task.clips.flatMap((name) => items.get(name) ?? []);
    return model ? [{ kind: 'parity', id: jobId([task]), model, items: clips, tasks: [task] }] : [];
  });
}

/** Each map beside the cells of its clip. */
function withMaps(jobs: readonly ClipJob[], plan: Plan): ClipJob[] {
  const maps = new Map(mapTasks(plan).map((task) => [task.clean.key, task]));
  return jobs.map((job) => {
    const tasks = [...job.tasks, ...job.tasks.flatMap(({ key }) => maps.get(key) ?? [])];
    return { ...job, id: jobId(tasks), tasks };
  });
}

/** @throws when a model cannot score, or does not take the condition of the study. */
async function requireScores({ spec, model, condition }: StudyModel): Promise<void> {
  if (!model.language) throw new Error(`${spec.name}: a codec alone has no language model to score with`);
  if (Object.keys(condition).length > 0) await model.conditioned(condition);
}

/**
 * A clip that was generated as codes is disturbed as what it is, and its sound as any other sound. A model of notes takes
 * scores alone, and a score that has nothing to be played with is for models of notes alone.
 */
function formsOf({ source }: Item, model: Model): readonly Form[] {
  if (readsNotes(model)) return source.kind === 'midi' ? ['notes'] : [];
  if (source.kind === 'midi' && source.soundfont === undefined) return [];
  return source.kind === 'codes' ? ['audio', 'codes'] : [source.kind];
}

function applies(variant: Variant, item: Item, form: ClipJob['form']): boolean {
  if (variant.groups && !variant.groups.includes(item.group)) return false;
  if (variant.domain === 'notes' || form === 'notes') return variant.domain === form;
  if (variant.domain === 'symbolic') return form === 'midi';
  if (form === 'codes') return variant.domain === 'codes';
  return !(item.source.kind === 'codes' && variant.domain === 'codes');
}

/** `clip: next` of a foreign splice or a collage: the clip after this one in its group, the first after the last. */
function withNeighbour(
  variant: Variant,
  item: Item,
  { next, items, study }: { next: Item; items: ReadonlyMap<string, Item>; study: Study },
): Variant {
  const perturbations = variant.perturbations.map((perturbation): Perturbation => {
    if (!('clip' in perturbation)) return perturbation;
    const other = perturbation.clip === 'next' ? next : items.get(perturbation.clip);
    if (!other || other === item) {
      const why = other ? 'is the clip itself; a group of one has no next' : 'is no clip of the study';
      const words = `${variant.name}: ${perturbation.clip} ${why}; name one as GROUP/NAME, or write clip: next`;
      throw new Error(study.say(['disturbances', variant.disturbance, 'clip'], words));
    }
    return { ...perturbation, clip: other.name };
  });
  return { ...variant, perturbations };
}

interface JobParts extends Omit<ClipJob, 'kind' | 'id' | 'tasks'> {
  readonly variants: readonly Variant[];
  readonly hashes: ReadonlyMap<string, string>;
}

function jobOf(study: Study, parts: JobParts): ClipJob {
  const { model, item, form, variants } = parts;
  const cells: Cell[] = [];
  for (const protocol of protocolsOf(study, model)) {
    const own = variants.filter(({ protocols }) => !protocols || protocols.includes(protocol));
    if (own.length === 0 && !isPlain(study)) continue;
    const clean = cellOf({ protocol }, factsOf(study, parts, { protocol }, null));
    cells.push(clean);
    for (const variant of own) {
      const cell = { protocol, variant };
      cells.push(cellOf(cell, factsOf(study, parts, cell, clean.key)));
      if (!variant.amnesia) continue;
      for (const context of CONTEXTS) {
        const after = { ...cell, context };
        cells.push(cellOf(after, factsOf(study, parts, after, clean.key)));
      }
    }
  }
  return { kind: 'clip', id: jobId(cells), model, item, form, tasks: cells };
}

function cellOf(form: CellForm, facts: CellFacts): Cell {
  return { kind: 'score', key: facts.key, facts, ...form };
}

/** The protocols under which a model is scored: those of the study that it has, by default its own. */
function protocolsOf({ protocols, say }: Study, { spec, model }: StudyModel): readonly string[] {
  const known = namesOf(model);
  if (!protocols) return known.slice(0, 1);
  const own = protocols.filter((protocol) => known.includes(protocol));
  if (own.length > 0) return own;
  const words = `${spec.name} has none of the protocols ${protocols.join(', ')}; it has ${known.join(', ')}: add one`;
  throw new Error(say(['protocols'], words));
}

/** Names of a model's protocols. */
function namesOf({ language }: Model): readonly string[] {
  return language?.protocols.map(({ name }) => name) ?? [];
}
