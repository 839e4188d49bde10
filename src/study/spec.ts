// Study: what a YAML file asks for, read and checked. One file names models, groups of clips and disturbances; any
// field of a disturbance may be a list, and the disturbance then is the grid of all its members.
//
//   study: noise
//   models: [tiny]
//   groups:
//     TrainingSet: { files: clips/*.flac }
//   disturbances:
//     white: { kind: noise, color: white, at: 5s, length: [5, 10, 50] }

import type * as z from 'zod';
import { catalogued } from '../models/catalog.js';
import type { Precision } from '../models/precision.js';
import { type Fault, pathOf, unfolded, valueAt, wrongValue } from '../perturb/issues.js';
import { meant, nearest } from '../perturb/nearest.js';
import { repeats } from '../stats/repeated.js';
import type { Excerpt, GroupSpec } from './dataset.js';
import { errorOf, faultLines } from './faults.js';
import { type Expanded, expand, type Variant } from './grid.js';
import type { MapPlan } from './map_task.js';
import { type PlacedFault, STUDY_LIMITS, type StudySource, studySource } from './source.js';
import { BATTERY, CLIP, GROUP, MAPS, MODEL, SHAPE, STUDY, type StudyFields } from './spec_schema.js';

/** A model as a study names it. */
export interface ModelSpec {
  /** What it is called in results: "small". */
  readonly name: string;
  /** `tiny`, a folder (relative to the study's file), or a Hub id. */
  readonly model: string;
  /** Scored under this text; absent: unconditionally. */
  readonly prompt?: string;
}

/** What scores of a clip need beside its loss. */
export interface BatterySpec {
  /**
   * Integrated loudness (BS.1770, LUFS) that every version is brought to, in one polarity, before it is encoded; null: as it is.
   * Unless it is null, notes are brought to one mean velocity.
   */
  readonly loudness: number | null;
  /** Seconds in the middle of the clip that are decoded and encoded again; null: not measured. */
  readonly roundTrip: number | null;
  /** Which of the two the file itself asks for: notes have neither. */
  readonly asked: readonly string[];
}

export interface Study {
  readonly name: string;
  /** Root seed of everything random. */
  readonly seed: number;
  readonly excerpt: Excerpt;
  readonly models: readonly ModelSpec[];
  /** Absent: each model's own. */
  readonly protocols?: readonly string[];
  /** Of every model: precisions never mix in a study. */
  readonly precision: Precision;
  /** Whether its cells may be scored on processors of different instruction sets, whose last bits differ. */
  readonly mix: boolean;
  /** Seconds after its window up to which a disturbed version is scored; absent: to its end. Clean clips always are. */
  readonly until?: number;
  readonly groups: readonly GroupSpec[];
  /** Clips that are the same sound as another: an error, or left out. */
  readonly duplicates: 'refuse' | 'skip';
  /** Every member of every grid, in the order of the file. */
  readonly variants: readonly Variant[];
  /** How clips are mapped; absent: they are not. */
  readonly maps?: MapPlan;
  /** Scores are judged against damages; absent: they are not. */
  readonly battery?: BatterySpec;
  /** The text itself. */
  readonly yaml: string;
  /** A line about something in the file, with its place: "study.yaml:12:5: ...". */
  say(path: Fault['path'], message: string): string;
}

/** A study's file read: the study, or all that is wrong with it. */
export interface CheckedStudy {
  /** Absent where there are faults. */
  readonly study?: Study;
  /** In the order of the file; undefined where one cannot be read. */
  readonly models: readonly (ModelSpec | undefined)[];
  readonly faults: readonly PlacedFault[];
}

/** Reads a study. `name` stands in errors: the file. @throws all that is wrong, one line each with its place. */
export function parseStudy(yaml: string, name: string): Study {
  const source = studySource(yaml, name);
  const { study, faults } = checkStudy(source);
  if (study) return study;
  throw errorOf(faultLines(source, faults));
}

/** Reads a study, or finds all that is wrong with it. */
export function checkStudy(source: StudySource): CheckedStudy {
  if (source.faults.length > 0) return { models: [], faults: source.faults };
  const parsed = STUDY.safeParse(source.value);
  const disturbances = disturbancesOf(source.value);
  const faults = [
    ...(parsed.success ? [] : issueFaults(parsed.error.issues, source.value)),
    ...fieldFaults(source.value),
    ...disturbances.faults,
  ].map(source.place);
  const models = modelsIn(source.value);
  if (!parsed.success || faults.length > 0) return { models, faults };
  return { study: studyOf(parsed.data, disturbances.variants, source), models, faults };
}

/** The models, whatever else is wrong with the file. */
function modelsIn(value: unknown): (ModelSpec | undefined)[] {
  const given = valueAt(value, ['models']);
  return Array.isArray(given) ? given.map((each) => SHAPE.models.element.safeParse(each).data) : [];
}

function studyOf(fields: StudyFields, variants: readonly Variant[], source: StudySource): Study {
  const { study, clip, groups, disturbances: _, maps, battery, until, ...own } = fields;
  return {
    ...own,
    name: study,
    excerpt: clip,
    groups: Object.entries(groups).map(([name, group]) => ({ name, ...group })),
    variants,
    ...(until === undefined ? {} : { until }),
    ...(maps ? { maps: mapPlan(maps, fields) } : {}),
    ...(battery ? { battery: batterySpec(battery, valueAt(source.value, ['battery'])) } : {}),
    yaml: source.text,
    say: (path, message) => faultLines(source, [source.place({ path, message })])[0],
  };
}

function batterySpec({ loudness, roundTrip }: z.output<typeof BATTERY>, given: unknown): BatterySpec {
  const spec = {
    loudness: loudness === 'own' ? null : loudness,
    roundTrip: roundTrip > 0 ? roundTrip : null,
  };
  const asked = Object.entries(spec).flatMap(([name, value]) =>
    value !== null && valueAt(given, [name]) !== undefined ? [name] : [],
  );
  return { ...spec, asked };
}

function mapPlan(
  { protocol, groups, ...how }: z.output<typeof MAPS>,
  { seed, groups: known }: Pick<StudyFields, 'seed' | 'groups'>,
): MapPlan {
  return { ...how, seed, ...(protocol && { protocol }), groups: groups ?? Object.keys(known) };
}

/** Every disturbance, whatever else is wrong with the file. */
function disturbancesOf(value: unknown): Expanded {
  const named = valueAt(value, ['disturbances']);
  const given = named ?? {};
  if (!isMapping(given)) return { variants: [], faults: [] };
  const [seed, protocols] = [valueAt(value, ['seed']), valueAt(value, ['protocols'])];
  const options = {
    seed: typeof seed === 'number' ? seed : 1,
    groups: Object.keys(valueAt(value, ['groups']) ?? {}),
    protocols: Array.isArray(protocols) ? protocols.map(String) : undefined,
  };
  const variants: Variant[] = [];
  const faults: Fault[] = [];
  for (const [name, fields] of Object.entries(given)) {
    if (!isMapping(fields)) continue;
    const expanded = expand(name, fields, options);
    for (const { path, message, isKey } of expanded.faults)
      faults.push({ path: ['disturbances', name, ...path], message: `${name}: ${message}`, isKey });
    variants.push(...expanded.variants);
    if (variants.length <= STUDY_LIMITS.variants) continue;
    const message = `more than ${STUDY_LIMITS.variants} disturbances with this one; leave some out`;
    return { variants: [], faults: [...faults, { path: ['disturbances', name], message, isKey: true }] };
  }
  // A study with a battery may only score its clips, for `losscope validate` and `gate`.
  if (Object.keys(given).length === 0 && isMapping(value) && valueAt(value, ['battery']) === undefined) {
    const message = 'no disturbances; a study needs at least one, or battery, which scores clips as they are';
    faults.push({ path: named === undefined ? [] : ['disturbances'], message });
  }
  return { variants, faults };
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What fields say that does not go together, as far as each can be read. */
function fieldFaults(value: unknown): Fault[] {
  const models = modelsIn(value);
  const protocols = SHAPE.protocols.safeParse(valueAt(value, ['protocols'])).data ?? [];
  const groups = Object.entries(valueAt(value, ['groups']) ?? {});
  const maps = SHAPE.maps.safeParse(valueAt(value, ['maps'])).data;
  const names = models.map((model) => model?.name);
  // Models that are not known may read notes as they are; planning sees.
  const play = models.length > 0 && models.every((model) => model && hasSound(model.model));
  return [
    ...twice(names, 'models', (name) => `two models are called ${name}`),
    ...twice(protocols, 'protocols', (name) => `protocols lists ${name} twice`),
    ...protocolFaults(models, protocols),
    ...groups.flatMap(([title, spec]) => groupFaults(title, GROUP.safeParse(spec).data, play)),
    ...untilFaults(value),
    ...(maps ? mapFaults(maps, { protocols, groups: groups.map(([name]) => name) }) : []),
  ];
}

/** Scores of a battery are numbers of whole clips. */
function untilFaults(value: unknown): Fault[] {
  if (valueAt(value, ['until']) === undefined || valueAt(value, ['battery']) === undefined) return [];
  const message = 'until: the scores of a battery need whole clips; leave out until, or battery';
  return [{ path: ['until'], isKey: true, message }];
}

function twice(
  names: readonly (string | undefined)[],
  field: string,
  words: (name: string) => string,
): Fault[] {
  const repeated = repeats(names);
  return names.flatMap((name, i) =>
    name !== undefined && repeated[i] ? [{ path: [field, i], message: words(name) }] : [],
  );
}

/** Protocols that no model has, as far as all are known without opening them; planning sees the others. */
function protocolFaults(models: readonly (ModelSpec | undefined)[], protocols: readonly string[]): Fault[] {
  const entries = models.map((spec) => spec && catalogued(spec.model));
  const known = [...new Set(entries.flatMap((entry) => entry?.protocols ?? []))];
  if (entries.length === 0 || entries.includes(undefined)) return [];
  return protocols.flatMap((protocol, i) =>
    known.includes(protocol)
      ? []
      : [
          {
            path: ['protocols', i],
            message: `no model has a protocol ${protocol}; there is ${known.join(', ')}${meant(protocol, known)}`,
          },
        ],
  );
}

function mapFaults(
  { protocol, groups = [] }: z.output<typeof MAPS>,
  study: { readonly protocols: readonly string[]; readonly groups: readonly string[] },
): Fault[] {
  const faults: Fault[] = [];
  if (protocol && study.protocols.length > 0 && !study.protocols.includes(protocol)) {
    const words = `protocol ${protocol} is not the study's; name one of ${study.protocols.join(', ')}`;
    faults.push({ path: ['maps', 'protocol'], message: `maps: ${words}${meant(protocol, study.protocols)}` });
  }
  for (const [i, group] of groups.entries()) {
    if (study.groups.includes(group)) continue;
    const words = `there is no group ${group}; name some of ${study.groups.join(', ')}`;
    faults.push({ path: ['maps', 'groups', i], message: `maps: ${words}${meant(group, study.groups)}` });
  }
  return faults;
}

/** Whether a model is known to take sound. */
function hasSound(model: string): boolean {
  return catalogued(model)?.sampleRate !== undefined;
}

/** `play`: MIDI can only be played, since no model reads notes. */
function groupFaults(title: string, group: z.output<typeof GROUP> | undefined, play: boolean): Fault[] {
  if (!group) return [];
  const { files, midi, soundfont } = group;
  const faults: string[] = [];
  if ((files === undefined) === (midi === undefined)) {
    faults.push(`needs either files or midi, ${files ? 'not both' : 'neither is given'}`);
  }
  if (play && midi && soundfont === undefined) {
    faults.push('holds MIDI but names no soundfont; give a .sf2 file (Debian: fluid-soundfont-gm)');
  }
  if (/[/\\]/.test(title)) faults.push('a name without slashes is expected');
  return faults.map((words) => ({
    path: ['groups', title],
    isKey: true,
    message: `group ${title} ${words}`,
  }));
}

function issueFaults(found: readonly z.core.$ZodIssue[], value: unknown): Fault[] {
  const issues = found.flatMap(unfolded);
  const unknown = issues.flatMap((issue): Fault[] => {
    if (issue.code !== 'unrecognized_keys') return [];
    const path = pathOf(issue);
    const known = keysAt(path);
    return issue.keys.slice(0, NAMED).map((key) => ({
      path: [...path, key],
      isKey: true,
      message: `${path.join('.') || 'the study'} has no key ${key}${meant(key, known) || `; there is ${known.join(', ')}`}`,
    }));
  });
  // A section that is missing since its name is misspelt is said once.
  const meantKeys = unknown.map(({ path }) => nearest(String(path.at(-1)), keysAt(path.slice(0, -1))));
  const wrong = issues.flatMap((issue): Fault[] => {
    const path = pathOf(issue);
    if (issue.code === 'unrecognized_keys') return [];
    const given = valueAt(value, path);
    if (given !== undefined || path.length === 0) {
      return [{ path, message: `${path.join('.') || 'the study'}: ${wrongValue(issue, given)}` }];
    }
    const isSaid = meantKeys.includes(String(path.at(-1)));
    return isSaid ? [] : [{ path, message: `${path.join('.')} is missing` }];
  });
  return [...unknown, ...wrong];
}

/** Unknown keys of one place that are named. */
const NAMED = 10;

/** The keys that are known at a place of the file. */
function keysAt([section]: Fault['path']): readonly string[] {
  const shapes: Readonly<Record<string, object>> = {
    ...{
      clip: CLIP.shape,
      groups: GROUP.shape,
      models: MODEL.shape,
      maps: MAPS.shape,
      battery: BATTERY.shape,
    },
  };
  return Object.keys(section === undefined ? SHAPE : (shapes[section] ?? {}));
}
