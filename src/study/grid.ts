// Variant: one member of a disturbance's grid. Every field of a disturbance may be a list; `domain`, `groups`,
// `protocols` and `amnesia` are the study's own, all others are the perturbation's (perturb/schema.ts) or the score
// edit's.

import * as z from 'zod';
import { describe, parseLevel, parseSpan } from '../perturb/parse.js';
import type { Perturbation } from '../perturb/perturbation.js';
import { readPerturbation } from '../perturb/schema.js';
import { EDITS, type ScoreEdit } from '../symbolic/edit.js';
import { nearest } from './nearest.js';
import { DOMAINS, type Domain, type GridValue } from './row.js';

export interface Variant {
  /** Name of the disturbance: "white". */
  readonly disturbance: string;
  /** Unique in the study: "white length=100". */
  readonly name: string;
  readonly domain: Domain;
  /** In waveform and codes: what is done, at one place or several. Empty in the symbolic domain. */
  readonly perturbations: readonly Perturbation[];
  /** In the symbolic domain. */
  readonly edit?: ScoreEdit;
  /** Only for these; absent: for all. */
  readonly groups?: readonly string[];
  readonly protocols?: readonly string[];
  /** Also score the tail after counterfactual contexts. */
  readonly amnesia: boolean;
  /** What varies within the disturbance, in the order of the file, and this member's values. */
  readonly grid: readonly GridValue[];
  /** In words. */
  readonly words: string;
}

interface ExpandOptions {
  readonly seed: number;
  /** Names of the study's groups. */
  readonly groups: readonly string[];
  /** The study's protocols; absent: each model's own. */
  readonly protocols: readonly string[] | undefined;
  /** For errors: "study.yaml: white". */
  readonly where: string;
}

type Fields = Readonly<Record<string, unknown>>;

/** All members of a grid, the last list running fastest. @throws one line naming what is wrong. */
export function expand(disturbance: string, fields: Fields, options: ExpandOptions): Variant[] {
  const { groups, protocols, amnesia, ...grid } = fields;
  const own = ownFields({ groups, protocols, amnesia }, options);
  return members(grid).map(({ values, varied }): Variant => {
    const label = varied.map(([key, choice]) => `${key}=${writtenOf(choice)}`);
    const name = [disturbance, ...label].join(' ');
    const { domain = 'waveform', events, edit, ...rest } = values;
    const common = { disturbance, name, grid: varied.map(gridValue), ...own };
    const where = `${options.where}${label.length === 0 ? '' : ` (${label.join(' ')})`}`;
    if (edit !== undefined)
      return { ...common, domain: 'symbolic', perturbations: [], ...editOf({ ...values }, where, options) };
    const perturbations = perturbationsOf(events, rest, where, options);
    const words = perturbations.map(describe).join('; ');
    return { ...common, domain: domainOf(domain, where), perturbations, words };
  });
}

/** A field that is a list, and the member's choice. */
type Varied = readonly [string, unknown];

/** Every combination of the fields that are lists. */
function members(grid: Fields): { readonly values: Fields; readonly varied: readonly Varied[] }[] {
  let all: { values: Fields; varied: readonly Varied[] }[] = [{ values: {}, varied: [] }];
  for (const [key, value] of Object.entries(grid)) {
    // Events are a list by nature.
    const choices = Array.isArray(value) && key !== 'events' ? value : undefined;
    all = all.flatMap(({ values, varied }) =>
      (choices ?? [value]).map((choice: unknown) => ({
        values: { ...values, [key]: choice },
        varied: choices ? [...varied, [key, choice] as const] : varied,
      })),
    );
  }
  return all;
}

function writtenOf(choice: unknown): string {
  return typeof choice === 'object' ? JSON.stringify(choice) : String(choice);
}

/** Fields whose plain numbers are frames. */
const IN_TOKENS = ['at', 'length', 'block', 'from', 'fade'];

/** A choice as a number with its unit where it is one: "100ms" is 0.1 s, "-20dB" is -20 dBFS. */
function gridValue([name, choice]: Varied): GridValue {
  const text = writtenOf(choice);
  const inTokens = IN_TOKENS.includes(name);
  for (const read of [inSpan, inDbfs]) {
    const quantity = read(text);
    if (quantity && (quantity.unit !== 'tokens' || inTokens)) return { name, ...quantity };
  }
  const value = Number(text);
  return { name, value: text.trim() === '' || !Number.isFinite(value) ? text : value, unit: null };
}

type Quantity = Pick<GridValue, 'value' | 'unit'>;

function inSpan(text: string): Quantity | undefined {
  const span = attempt(parseSpan, text);
  if (!span) return undefined;
  return 'tokens' in span ? { value: span.tokens, unit: 'tokens' } : { value: span.seconds, unit: 's' };
}

function inDbfs(text: string): Quantity | undefined {
  const level = attempt(parseLevel, text);
  return typeof level === 'object' ? { value: level.dbfs, unit: 'dBFS' } : undefined;
}

/** What a parser reads; undefined for what it does not understand, which may be of another kind. */
function attempt<T>(parse: (text: string) => T, text: string): T | undefined {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}

function perturbationsOf(
  events: unknown,
  rest: Fields,
  where: string,
  { seed }: ExpandOptions,
): Perturbation[] {
  if (events === undefined) return [readPerturbation(rest, { seed, name: where })];
  if (!Array.isArray(events) || events.length === 0) {
    throw new Error(`${where}: events is no list of disturbances; write events: [{ kind: ... }, ...]`);
  }
  // What is written beside the list holds for every event that does not say otherwise.
  return events.map((event: unknown, i) => {
    const fields = typeof event === 'object' && event !== null ? { ...rest, ...event } : event;
    return readPerturbation(fields, { seed, name: `${where}, events[${i}]` });
  });
}

const span = z.union([z.string(), z.number()]).transform((value) => parseSpan(String(value)));
const editSchema = z.strictObject({
  edit: z.enum(EDITS),
  share: z.number().gt(0).max(1).default(1),
  amount: z.number().optional(),
  at: span.optional(),
  length: span.optional(),
  seed: z.int().min(0).optional(),
});

function editOf(values: Fields, where: string, { seed }: ExpandOptions): { edit: ScoreEdit; words: string } {
  const parsed = editSchema.safeParse(values);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    if (issue.code === 'unrecognized_keys')
      throw unknownKey(where, issue.keys[0], Object.keys(editSchema.shape));
    throw new Error(`${where}: ${issue.path.join('.')}: ${issue.message}`);
  }
  const edit: ScoreEdit = { ...parsed.data, seed: parsed.data.seed ?? seed };
  const share = edit.share === 1 ? '' : ` of ${Number((100 * edit.share).toFixed(2))}%`;
  const words =
    edit.edit === 'none'
      ? 'score rendered again (control)'
      : `${edit.edit} of the score changed${share}${edit.amount === undefined ? '' : ` by ${edit.amount}`}, seed ${edit.seed}`;
  return { edit, words };
}

function ownFields(
  { groups, protocols, amnesia = false }: Fields,
  { groups: known, protocols: listed, where }: ExpandOptions,
) {
  const names = (
    value: unknown,
    allowed: readonly string[] | undefined,
    what: string,
  ): readonly string[] | undefined => {
    if (value === undefined) return undefined;
    const list: readonly unknown[] = [value].flat();
    for (const each of list) {
      if (typeof each !== 'string' || allowed?.includes(each) === false) {
        throw new Error(
          `${where}: ${what} names ${JSON.stringify(each)}; there is ${allowed?.join(', ') ?? 'none'}`,
        );
      }
    }
    return list.map(String);
  };
  if (typeof amnesia !== 'boolean')
    throw new Error(`${where}: amnesia is ${JSON.stringify(amnesia)}, expected true or false`);
  const only = names(groups, known, 'groups');
  const under = names(protocols, listed, 'protocols');
  return {
    ...(only && { groups: only }),
    ...(under && { protocols: under }),
    amnesia,
  };
}

function domainOf(value: unknown, where: string): Domain {
  const domain = DOMAINS.find((each) => each === value);
  if (domain === 'symbolic')
    throw new Error(`${where}: for the symbolic domain write edit: rhythm (or another edit) instead of kind`);
  if (domain) return domain;
  throw new Error(`${where}: domain is ${JSON.stringify(value)}, expected waveform or codes`);
}

function unknownKey(where: string, key: string, known: readonly string[]): Error {
  const near = nearest(key, known);
  return new Error(
    `${where}: no key ${key}; ${near === undefined ? `there is ${known.join(', ')}` : `did you mean ${near}?`}`,
  );
}
