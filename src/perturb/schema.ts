// Perturbations as people write them: a YAML mapping in a study, or one line on a command line.
//   { kind: shuffle, block: 10, at: 5s, length: 100 }          shuffle block=10 at=5s length=100
// Places and lengths are tokens (100) or time (5s, 100ms), a start may be a range to draw from (2s..8s), levels are
// match or dBFS (-20dB). Both forms have the same keys; unknown keys are refused.

import { z } from 'zod';
import { parseLevel, parseSpan, parseStart } from './parse.js';
import { type Draw, NOISE_COLORS, type Perturbation, type Span } from './perturbation.js';

/** Runs a parser inside a schema: what it throws becomes the issue. */
function parsed<T>(parse: (text: string) => T, text: string, context: z.RefinementCtx): T {
  try {
    return parse(text);
  } catch (error) {
    context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) });
    return z.NEVER;
  }
}

/** A field written as text (or a bare number) that a parser understands. */
export function written<T>(parse: (text: string) => T) {
  return z
    .union([z.string(), z.number()], { error: 'expected text or a number' })
    .transform((value, context): T => parsed(parse, String(value), context));
}

const span = written(parseSpan);
const draw = z.strictObject({ from: span, to: span, name: z.string().min(1).optional() });
const start = z
  .union([z.string(), z.number(), z.strictObject({ draw })], {
    error: 'expected a place (250, 5s) or a range (2s..8s)',
  })
  .transform((value, context): Span | Draw =>
    typeof value === 'object' ? value : parsed(parseStart, String(value), context),
  );
const level = written(parseLevel).default('match');
const number = written((text) => {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new Error(`"${text}" is no number`);
  return value;
});
const seed = number.refine(
  (value) => Number.isSafeInteger(value) && value >= 0,
  'expected a whole number, 0 or more',
);
const mode = z.enum(['replace', 'add']).optional();
const fade = span.optional();
const height = written((text) => {
  const own = parseLevel(text);
  if (own === 'match') throw new Error('"match": a click needs its height in dBFS (-6dB)');
  return own;
});

const common = { seed: seed.optional() };
const windowed = { ...common, at: start, length: span };
const anywhere = { ...common, at: start.optional(), length: span.optional() };
const kind = <K extends Perturbation['kind']>(name: K) => z.literal(name);

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
    fade,
    ...windowed,
  }),
  shuffle: z.strictObject({
    kind: kind('shuffle'),
    block: span,
    share: number.refine((value) => value > 0 && value <= 1, 'expected more than 0, at most 1').optional(),
    fade,
    ...anywhere,
  }),
  delete: z.strictObject({ kind: kind('delete'), ...windowed }),
  repeat: z.strictObject({ kind: kind('repeat'), block: span, fade, ...windowed }),
  reverse: z.strictObject({ kind: kind('reverse'), fade, ...windowed }),
  reencode: z.strictObject({ kind: kind('reencode'), ...anywhere }),
  identity: z.strictObject({ kind: kind('identity'), ...windowed }),
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
]);

export interface ReadOptions {
  /** Root seed for a perturbation that names none. */
  readonly seed: number;
  /** What it is called in errors: "studies/a.yaml, perturbations[2]". */
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
  const name = `perturbation "${text}"`;
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
