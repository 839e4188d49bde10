// Study: what a YAML file asks for, read and checked. One file names models, groups of clips and disturbances; any
// field of a disturbance may be a list, and the disturbance then is the grid of all its members.
//
//   study: noise
//   models: [tiny]
//   groups:
//     TrainingSet: { files: clips/*.flac }
//   disturbances:
//     white: { kind: noise, color: white, at: 5s, length: [5, 10, 50] }

import { parseDocument } from 'yaml';
import * as z from 'zod';
import { PRECISIONS, type Precision } from '../models/precision.js';
import { written } from '../perturb/fields.js';
import { parseLevel, parseSpan } from '../perturb/parse.js';
import type { Span } from '../perturb/perturbation.js';
import { unfolded } from '../perturb/schema.js';
import { MAP_DEFAULTS } from '../probe/map_record.js';
import type { Excerpt, GroupSpec } from './dataset.js';
import { expand, type Variant } from './grid.js';
import type { MapPlan } from './map_task.js';
import { nearest } from './nearest.js';

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
  /** Integrated loudness (BS.1770, LUFS) that every version is brought to before it is encoded; null: its own. */
  readonly loudness: number | null;
  /** Seconds in the middle of the clip that are decoded and encoded again; null: not measured. */
  readonly roundTrip: number | null;
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
  readonly groups: readonly GroupSpec[];
  /** Every member of every grid, in the order of the file. */
  readonly variants: readonly Variant[];
  /** How clips are mapped; absent: they are not. */
  readonly maps?: MapPlan;
  /** Scores are judged against damages; absent: they are not. */
  readonly battery?: BatterySpec;
  /** The text itself. */
  readonly yaml: string;
}

const text = z.string().min(1);
/** It becomes a folder's name: nothing that leads out of a folder, or that some system's names cannot have. */
const folderName = text
  .max(100)
  .regex(
    /^[^./\\:*?"<>|\p{Cc}][^/\\:*?"<>|\p{Cc}]*$/u,
    'a name for a folder: no / \\ : * ? " < > |, and no dot first',
  );
const several = z.union([text, z.array(text).min(1)]).transform((value) => [value].flat());
const seconds = z.union([z.string(), z.number()]).transform((value, context): number => {
  try {
    const span: Span = parseSpan(String(value));
    if ('seconds' in span) return span.seconds;
  } catch {
    // Said below, as for tokens: the same remedy.
  }
  context.addIssue({ code: 'custom', message: `"${value}" is no time; write 15s or 500ms` });
  return z.NEVER;
});

const group = z.strictObject({
  files: several.optional(),
  midi: several.optional(),
  soundfont: text.optional(),
  codes: z.boolean().optional(),
  limit: z.int().min(1).optional(),
});
const model = z.union([
  text.transform((name): ModelSpec => ({ name, model: name })),
  z.strictObject({ name: text, model: text, prompt: text.optional() }),
]);
const maps = z.strictObject({
  every: z.int().min(1).default(MAP_DEFAULTS.every),
  length: z.int().min(1).default(MAP_DEFAULTS.length),
  level: written(parseLevel).default(MAP_DEFAULTS.level),
  tail: z.int().min(0).default(MAP_DEFAULTS.tail),
  from: z.int().min(0).default(MAP_DEFAULTS.from),
  protocol: text.optional(),
  groups: several.optional(),
});
const battery = z.strictObject({
  loudness: z.union([z.number().min(-70).max(0), z.literal('own')]).default(-23),
  roundTrip: seconds.default(3),
});
const clip = z.strictObject({ offset: seconds.default(0), length: seconds.optional() });

const SHAPE = {
  study: folderName,
  seed: z.int().min(0).default(1),
  clip: clip.default({ offset: 0 }),
  models: z.array(model).min(1),
  protocols: z.array(text).min(1).optional(),
  precision: z.enum(PRECISIONS).default('fp32'),
  mix: z.boolean().default(false),
  groups: z.record(text, group),
  disturbances: z.record(text, z.record(text, z.unknown())),
  maps: maps.optional(),
  battery: battery.optional(),
} as const;
const schema = z.strictObject(SHAPE);

/** Keys that are known at each level, for the suggestion beside an unknown one. */
const KEYS: readonly (readonly string[])[] = [
  Object.keys(SHAPE),
  [...[group, clip, maps, battery].flatMap(({ shape }) => Object.keys(shape)), 'name', 'model', 'prompt'],
];

/** Reads a study. `name` stands in errors: the file. @throws one line naming the place and what is allowed. */
export function parseStudy(yaml: string, name: string): Study {
  const parsed = schema.safeParse(yamlValue(yaml, name));
  if (!parsed.success) throw new Error(`${name}: ${fault(parsed.error.issues)}`);
  const { study, seed, clip: excerpt, models, protocols, precision, mix, groups, disturbances } = parsed.data;
  const variants = Object.entries(disturbances).flatMap(([disturbance, fields]) =>
    expand(disturbance, fields, {
      ...{ seed, protocols, groups: Object.keys(groups) },
      where: `${name}: ${disturbance}`,
    }),
  );
  if (variants.length === 0) throw new Error(`${name}: no disturbances; a study needs at least one`);
  requireDistinct(
    models.map((each) => each.name),
    `${name}: two models are called`,
  );
  requireDistinct(protocols ?? [], `${name}: protocols lists twice`);
  return {
    name: study,
    seed,
    excerpt,
    models,
    ...(protocols && { protocols }),
    precision,
    mix,
    groups: Object.entries(groups).map(([title, spec]) => groupOf(title, spec, name)),
    variants,
    ...(parsed.data.maps ? { maps: mapPlan(parsed.data.maps, parsed.data, name) } : {}),
    ...(parsed.data.battery ? { battery: batterySpec(parsed.data.battery) } : {}),
    yaml,
  };
}

function batterySpec({ loudness, roundTrip }: z.output<typeof battery>): BatterySpec {
  return { loudness: loudness === 'own' ? null : loudness, roundTrip: roundTrip > 0 ? roundTrip : null };
}

function mapPlan(
  { protocol, groups, ...how }: z.output<typeof maps>,
  study: Pick<z.output<typeof schema>, 'seed' | 'protocols' | 'groups'>,
  name: string,
): MapPlan {
  const [protocols, named] = [study.protocols, Object.keys(study.groups)];
  if (protocol && protocols?.includes(protocol) === false) {
    throw new Error(
      `${name}: maps: protocol ${protocol} is not the study's; name one of ${protocols.join(', ')}`,
    );
  }
  const unknown = groups?.find((group) => !named.includes(group));
  if (unknown !== undefined) {
    throw new Error(`${name}: maps: there is no group ${unknown}; name some of ${named.join(', ')}`);
  }
  return { ...how, seed: study.seed, ...(protocol && { protocol }), groups: groups ?? named };
}

function groupOf(title: string, spec: z.output<typeof group>, name: string): GroupSpec {
  if ((spec.files === undefined) === (spec.midi === undefined)) {
    throw new Error(
      `${name}: group ${title} needs either files or midi, ${spec.files ? 'not both' : 'neither is given'}`,
    );
  }
  if (spec.midi && spec.soundfont === undefined) {
    throw new Error(
      `${name}: group ${title} holds MIDI but names no soundfont; give a .sf2 file (Debian: fluid-soundfont-gm)`,
    );
  }
  if (/[/\\]/.test(title)) throw new Error(`${name}: group ${title}: a name without slashes is expected`);
  return { name: title, ...spec };
}

/** The file as plain values. YAML that repeats a key is refused: one of the two would be lost. */
function yamlValue(yaml: string, name: string): unknown {
  const document = parseDocument(yaml, { uniqueKeys: true, prettyErrors: true });
  const [error] = document.errors;
  if (error) throw new Error(`${name}: ${error.message.split('\n')[0].replace(/:$/, '')}`);
  return document.toJS({ maxAliasCount: 100 });
}

function fault(found: readonly z.core.$ZodIssue[]): string {
  const issues = found.flatMap(unfolded);
  const unknown = issues.find((issue) => issue.code === 'unrecognized_keys');
  if (unknown) {
    const [key] = unknown.keys;
    const near = nearest(key, KEYS[Math.min(unknown.path.length, 1)]);
    const place = unknown.path.length === 0 ? 'the study' : unknown.path.join('.');
    const hint =
      near === undefined
        ? `; there is ${KEYS[Math.min(unknown.path.length, 1)].join(', ')}`
        : `; did you mean ${near}?`;
    return `${place} has no key ${key}${hint}`;
  }
  const [{ path, message }] = issues;
  return `${path.join('.') || 'the study'}: ${message}`;
}

function requireDistinct(names: readonly string[], what: string): void {
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined) throw new Error(`${what} ${twice}`);
}
