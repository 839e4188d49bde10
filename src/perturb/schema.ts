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
import { type Fault, pathOf, quoted, unfolded, valueAt, wrongValue } from './issues.js';
import { meant, nearest } from './nearest.js';
import { parseLevel } from './parse.js';
import { NOISE_COLORS, type Perturbation, type Span } from './perturbation.js';

const part = share((value) => value > 0 && value <= 1, 'expected more than 0, at most 1');
/** How far notes may move, in seconds: further is another rhythm. */
const FURTHEST = 2;
const isShift = (by: Span): boolean => 'seconds' in by && by.seconds > 0 && by.seconds <= FURTHEST;

export const KINDS = {
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
    share: part.optional(),
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
  nonsense: z.strictObject({ kind: kind('nonsense'), share: part.optional(), ...anywhere }),
  bars: z.strictObject({ kind: kind('bars'), share: part.optional(), ...anywhere }),
  wrong: z.strictObject({
    kind: kind('wrong'),
    share: part,
    semitones: wholeFrom(1, 24).optional(),
    ...anywhere,
  }),
  jitter: z.strictObject({
    kind: kind('jitter'),
    by: span.refine(isShift, 'expected a time above 0, at most 2 s (50ms)'),
    share: part.optional(),
    ...anywhere,
  }),
  missing: z.strictObject({ kind: kind('missing'), share: part, ...anywhere }),
  dynamics: z.strictObject({ kind: kind('dynamics'), share: part.optional(), ...anywhere }),
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
  KINDS.nonsense,
  KINDS.bars,
  KINDS.wrong,
  KINDS.jitter,
  KINDS.missing,
  KINDS.dynamics,
  ...Object.values(DAMAGE_KINDS),
]);

export interface ReadOptions {
  /** Root seed for a perturbation that names none. */
  readonly seed: number;
  /** What it is called in errors: "a.yaml, perturbations[2]". */
  readonly name: string;
}

/** Reads the YAML form; what is wrong with it, all of it, where it is none. */
export function checkPerturbation(
  value: unknown,
  { seed }: Pick<ReadOptions, 'seed'>,
): { readonly perturbation: Perturbation } | { readonly faults: readonly Fault[] } {
  const result = perturbationSchema.safeParse(value);
  if (result.success) return { perturbation: { ...result.data, seed: result.data.seed ?? seed } };
  return { faults: faultsOf(result.error.issues, value) };
}

/** Reads the YAML form. @throws one line naming what is wrong and what is allowed. */
export function readPerturbation(value: unknown, { seed, name }: ReadOptions): Perturbation {
  const checked = checkPerturbation(value, { seed });
  if ('perturbation' in checked) return checked.perturbation;
  throw new Error(`${name}: ${checked.faults[0].message}`);
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

/** What is wrong, unknown keys before all else, since each often is a required one misspelt. */
function faultsOf(found: readonly z.core.$ZodIssue[], value: unknown): Fault[] {
  const given = valueAt(value, ['kind']);
  const kind = PERTURBATION_KINDS.find((name) => name === given);
  if (kind === undefined) {
    const expected = `expected one of ${PERTURBATION_KINDS.join(', ')}${meant(given, PERTURBATION_KINDS)}`;
    return [{ path: ['kind'], message: `kind is ${quoted(given)}, ${expected}` }];
  }
  const faults = found.flatMap(unfolded).flatMap((issue) => faultsOfIssue(issue, kind, value));
  const unknown = faults.filter(({ isKey }) => isKey);
  // A field that is missing since its name is misspelt is said once.
  const fields = Object.keys(KINDS[kind].shape);
  const meantFields = unknown.map(({ path }) => nearest(String(path.at(-1)), fields));
  const isSaid = ({ path }: Fault): boolean =>
    valueAt(value, path) === undefined && meantFields.includes(String(path[0]));
  return [...unknown, ...faults.filter((fault) => !fault.isKey && !isSaid(fault))];
}

function faultsOfIssue(issue: z.core.$ZodIssue, kind: Perturbation['kind'], value: unknown): Fault[] {
  const path = pathOf(issue);
  if (issue.code === 'unrecognized_keys') {
    const known = Object.keys(path.length === 0 ? KINDS[kind].shape : draw.shape).filter(
      (key) => key !== 'kind',
    );
    return issue.keys.slice(0, NAMED).map((key) => ({
      path: [...path, key],
      isKey: true,
      message: `${path.join('.') || kind} has no key ${key}; expected ${known.join(', ')}${meant(key, known)}`,
    }));
  }
  const field = path.join('.');
  const given = valueAt(value, path);
  const message =
    given === undefined ? `${field} is missing` : `${field} is wrong: ${wrongValue(issue, given)}`;
  return [{ path, message: `${kind}: ${message}` }];
}

/** Unknown keys of one disturbance that are named. */
const NAMED = 10;
