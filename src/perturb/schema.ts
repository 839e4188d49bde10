// Perturbations as people write them: a YAML mapping in a study, or one line on a command line.
//   { kind: shuffle, block: 10, at: 5s, length: 100 }          shuffle block=10 at=5s length=100
// Places and lengths are tokens (100) or time (5s, 100ms), a start may be a range to draw from (2s..8s), levels are
// match or dBFS (-20dB). Both forms have the same keys; unknown keys are refused.

import * as z from 'zod';
import { DAMAGE_KINDS } from './damage_schema.js';
import {
  anywhere,
  common,
  draw,
  height,
  kind,
  level,
  mode,
  number,
  share,
  span,
  start,
  wholeFrom,
  windowed,
  written,
} from './fields.js';
import { parseLevel } from './parse.js';
import { NOISE_COLORS, type Perturbation } from './perturbation.js';

const KINDS = {
  noise: z.strictObject({ kind: kind('noise'), color: z.enum(NOISE_COLORS), level, mode, ...windowed }),
  tone: z.strictObject({ kind: kind('tone'), hz: number, level, mode, ...windowed }),
  click: z.strictObject({
    kind: kind('click'),
    level: height,
    ...common,
    at: start,
    length: span.optional(),
  }),
  silence: z.strictObject({ kind: kind('silence'), ...windowed }),
  foreign: z.strictObject({
    kind: kind('foreign'),
    clip: z.string().min(1, 'expected the name of a clip'),
    from: span.default({ tokens: 0 }),
    level: written((text) => (text === 'own' ? text : parseLevel(text))).default('match'),
    fade: span.optional(),
    ...windowed,
  }),
  shuffle: z.strictObject({
    kind: kind('shuffle'),
    block: span,
    share: share((value) => value > 0 && value <= 1, 'expected more than 0, at most 1').optional(),
    fade: span.optional(),
    ...anywhere,
  }),
  delete: z.strictObject({ kind: kind('delete'), ...windowed }),
  repeat: z.strictObject({ kind: kind('repeat'), block: span, fade: span.optional(), ...windowed }),
  reverse: z.strictObject({
    kind: kind('reverse'),
    grain: span.optional(),
    fade: span.optional(),
    ...anywhere,
  }),
  reencode: z.strictObject({ kind: kind('reencode'), times: wholeFrom(0, 100).optional(), ...anywhere }),
  identity: z.strictObject({ kind: kind('identity'), ...windowed }),
  ...DAMAGE_KINDS,
} as const;

/** Names of all kinds. */
export const PERTURBATION_KINDS = Object.keys(KINDS) as Perturbation['kind'][];

/** The YAML form; `seed` is optional there and the study's otherwise (see readPerturbation). */
const perturbationSchema = z.discriminatedUnion('kind', [
  KINDS.noise,
  KINDS.tone,
  KINDS.click,
  KINDS.silence,
  KINDS.foreign,
  KINDS.shuffle,
  KINDS.delete,
  KINDS.repeat,
  KINDS.reverse,
  KINDS.reencode,
  KINDS.identity,
  ...Object.values(DAMAGE_KINDS),
]);

export interface ReadOptions {
  /** Root seed for a perturbation that names none. */
  readonly seed: number;
  /** What it is called in errors: "a.yaml, perturbations[2]". */
  readonly name: string;
}

/** Reads the YAML form. @throws one line naming what is wrong and what is allowed. */
export function readPerturbation(value: unknown, { seed, name }: ReadOptions): Perturbation {
  const result = perturbationSchema.safeParse(value);
  if (result.success) return { ...result.data, seed: result.data.seed ?? seed };
  throw new Error(`${name}: ${fault(result.error.issues, value)}`);
}

/** Reads the one-line form: a kind, then key=value; values with spaces in double quotes. @throws as readPerturbation. */
export function parsePerturbation(text: string, { seed }: Pick<ReadOptions, 'seed'>): Perturbation {
  const [kind, ...pairs] = text.match(/(?:[^\s"]|"[^"]*")+/g) ?? [];
  const name = `disturbance "${text}"`;
  const fields = pairs.map((pair): [string, string] => {
    const [, key, quoted, plain] = /^([^="]+)=(?:"([^"]*)"|([^"]+))$/.exec(pair) ?? [];
    if (key === undefined) throw new Error(`${name}: "${pair}" is no key=value`);
    return [key, quoted ?? plain];
  });
  const twice = fields.find(([key], i) => key === 'kind' || fields.findIndex(([other]) => other === key) < i);
  if (twice) throw new Error(`${name}: ${twice[0]} is given twice`);
  return readPerturbation({ kind, ...Object.fromEntries(fields) }, { seed, name });
}

/** What is wrong, in one line: an unknown key before all else, since it often is a required one misspelt. */
function fault(found: readonly z.core.$ZodIssue[], value: unknown): string {
  const given = typeof value === 'object' && value !== null && 'kind' in value ? value.kind : undefined;
  const kind = PERTURBATION_KINDS.find((name) => name === given);
  if (kind === undefined) {
    return `kind is ${JSON.stringify(given) ?? 'missing'}, expected one of ${PERTURBATION_KINDS.join(', ')}`;
  }
  const issues = found.flatMap(unfolded);
  const unknown = issues.find((issue) => issue.code === 'unrecognized_keys');
  if (unknown) {
    const path = unknown.path.join('.');
    const keys = path === '' ? Object.keys(KINDS[kind].shape) : Object.keys(draw.shape);
    const names = keys.filter((key) => key !== 'kind').join(', ');
    return `${path || kind} has no key ${unknown.keys.join(', ')}; expected ${names}`;
  }
  const path = issues[0].path.join('.');
  const missing = value instanceof Object && !(issues[0].path[0] in value);
  return `${kind}: ${path} ${missing ? 'is missing' : `is wrong: ${issues[0].message}`}`;
}

/** The issues of the form of a union that the value has, with their whole path. */
export function unfolded(issue: z.core.$ZodIssue): z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const inner = issue.errors.find(
    ([first]) => first && (first.code !== 'invalid_type' || first.path.length > 0),
  );
  return inner ? inner.map((one) => ({ ...one, path: [...issue.path, ...one.path] })) : [issue];
}
