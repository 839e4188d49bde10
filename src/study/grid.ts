// Variant: one member of a disturbance's grid. Every field of a disturbance may be a list; `domain`, `groups`,
// `protocols` and `amnesia` are the study's own, all others are the perturbation's (perturb/schema.ts) or the score
// edit's.

import * as z from 'zod';
import { counted } from '../counted.js';
import { written } from '../perturb/fields.js';
import { type Fault, pathOf, quoted, valueAt, wrongValue } from '../perturb/issues.js';
import { isOfNotesAlone } from '../perturb/medium.js';
import { meant } from '../perturb/nearest.js';
import { describe, parseLevel, parseSpan } from '../perturb/parse.js';
import type { Perturbation } from '../perturb/perturbation.js';
import { checkPerturbation } from '../perturb/schema.js';
import { repeats } from '../stats/repeated.js';
import { EDITS, type ScoreEdit } from '../symbolic/edit.js';
import { DOMAINS, type Domain, type GridValue } from './row.js';
import { STUDY_LIMITS } from './source.js';

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
}

/** A disturbance read; paths of faults begin at it. */
export interface Expanded {
  readonly variants: readonly Variant[];
  readonly faults: readonly Fault[];
}

type Fields = Readonly<Record<string, unknown>>;

/** Something read, and what is wrong with it. */
interface Read<T> {
  readonly value: T;
  readonly faults: readonly Fault[];
}

/** All members of a grid, the last list running fastest, and all that is wrong with them. */
export function expand(disturbance: string, fields: Fields, options: ExpandOptions): Expanded {
  const { groups, protocols, amnesia, ...grid } = fields;
  const own = ownFields({ groups, protocols, amnesia }, options);
  const beyond = gridFaults(grid);
  if (beyond.length > 0) return { variants: [], faults: [...own.faults, ...beyond] };
  const variants: Variant[] = [];
  // Members share their fields: what is wrong with one is said once.
  const faults = new Map<string, Fault>();
  for (const { values, varied } of members(grid)) {
    const label = varied.map(([key, choice]) => `${key}=${writtenOf(choice)}`);
    const name = [disturbance, ...label].join(' ');
    const { value, faults: wrong } = memberOf(values, options);
    for (const fault of wrong) {
      const placed = inGrid(fault, varied);
      faults.set(JSON.stringify(placed), placed);
    }
    variants.push({ disturbance, name, grid: varied.map(gridValue), ...own.value, ...value });
  }
  return { variants, faults: [...own.faults, ...faults.values()] };
}

type Member = Pick<Variant, 'domain' | 'perturbations' | 'words' | 'edit'>;

/** One member of a grid. */
function memberOf(values: Fields, options: ExpandOptions): Read<Member> {
  const { domain = 'waveform', events, edit, ...rest } = values;
  if (edit !== undefined) {
    const read = editOf(values, options);
    return { value: { domain: 'symbolic', perturbations: [], ...read.value }, faults: read.faults };
  }
  const asked = domainOf(domain);
  const { value: perturbations, faults } = perturbationsOf(events, rest, options);
  // What means nothing but on notes is of notes without saying so.
  const isImplied = values.domain === undefined && perturbations.some(isOfNotesAlone);
  const where = isImplied ? { ...asked, value: 'notes' as const } : asked;
  const words = perturbations.map((each) => describe(each)).join('; ');
  return { value: { domain: where.value, perturbations, words }, faults: [...where.faults, ...faults] };
}

/** A fault of a member, at the choice that its field takes from a list. */
function inGrid(fault: Fault, varied: readonly Varied[]): Fault {
  const [field, ...rest] = fault.path;
  const choice = varied.find(([key]) => key === field);
  return choice === undefined || fault.isKey ? fault : { ...fault, path: [field, choice[2], ...rest] };
}

/** Lists that are empty or repeat a value, and grids of more members than a study may have. */
function gridFaults(grid: Fields): Fault[] {
  const lists = Object.entries(grid).flatMap(([key, value]) => {
    const list = choicesOf(key, value);
    return list ? [{ key, list }] : [];
  });
  const members = lists.reduce((product, { list }) => product * list.length, 1);
  if (members > STUDY_LIMITS.variants) {
    const message = `a grid of ${counted(members, 'member')}, at most ${STUDY_LIMITS.variants} are scored; make its lists shorter`;
    return [{ path: [], message }];
  }
  return lists.flatMap(({ key, list }): Fault[] => {
    if (list.length === 0) return [{ path: [key], message: `${key} is an empty list; give it a value` }];
    const written = list.map(writtenOf);
    const repeated = repeats(written);
    return written.flatMap((text, i) =>
      !repeated[i] ? [] : [{ path: [key, i], message: `${key} lists ${text} twice` }],
    );
  });
}

/** A field that is a list, the member's choice, and which of the list it is. */
type Varied = readonly [field: string, choice: unknown, index: number];

/** The list of a field that varies. Events are a list by nature. */
function choicesOf(key: string, value: unknown): readonly unknown[] | undefined {
  return Array.isArray(value) && key !== 'events' ? value : undefined;
}

/** Every combination of the fields that are lists. */
function members(grid: Fields): { readonly values: Fields; readonly varied: readonly Varied[] }[] {
  let all: { values: Fields; varied: readonly Varied[] }[] = [{ values: {}, varied: [] }];
  for (const [key, value] of Object.entries(grid)) {
    const choices = choicesOf(key, value);
    all = all.flatMap(({ values, varied }) =>
      (choices ?? [value]).map((choice: unknown, i) => ({
        values: { ...values, [key]: choice },
        varied: choices ? [...varied, [key, choice, i] as const] : varied,
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

/** A choice as a number with its unit where it is one: "100ms" is 0.1 s; "-20dB" is -20 dBFS of a level, else dB. */
function gridValue([name, choice]: Varied): GridValue {
  const text = writtenOf(choice);
  const inTokens = IN_TOKENS.includes(name);
  for (const read of [inSpan, name === 'level' ? inDbfs : inDb]) {
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

function inDb(text: string): Quantity | undefined {
  const quantity = inDbfs(text);
  return quantity && { ...quantity, unit: 'dB' };
}

/** What a parser reads; undefined for what it does not understand, which may be of another kind. */
function attempt<T>(parse: (text: string) => T, text: string): T | undefined {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}

function perturbationsOf(events: unknown, rest: Fields, { seed }: ExpandOptions): Read<Perturbation[]> {
  if (events === undefined) return readOne(rest, seed);
  if (!Array.isArray(events) || events.length === 0) {
    const message = 'events is no list of disturbances; write events: [{ kind: ... }, ...]';
    return { value: [], faults: [{ path: ['events'], message }] };
  }
  // What is written beside the list holds for every event that does not say otherwise.
  const read = events.map((event: unknown, i): Read<Perturbation[]> => {
    const isMapping = typeof event === 'object' && event !== null;
    const { value, faults } = readOne(isMapping ? { ...rest, ...event } : event, seed);
    const inEvent = ({ path }: Fault): boolean => !isMapping || path[0] in event || !(path[0] in rest);
    return {
      value,
      faults: faults.map((fault) =>
        inEvent(fault)
          ? { ...fault, path: ['events', i, ...fault.path], message: `events[${i}]: ${fault.message}` }
          : fault,
      ),
    };
  });
  return { value: read.flatMap(({ value }) => value), faults: read.flatMap(({ faults }) => faults) };
}

function readOne(fields: unknown, seed: number): Read<Perturbation[]> {
  const checked = checkPerturbation(fields, { seed });
  return 'perturbation' in checked
    ? { value: [checked.perturbation], faults: [] }
    : { value: [], faults: checked.faults };
}

const span = written(parseSpan);
export const EDIT = z.strictObject({
  edit: z.enum(EDITS),
  share: z.number().gt(0).max(1).default(1),
  amount: z.number().optional(),
  at: span.optional(),
  length: span.optional(),
  seed: z.int().min(0).optional(),
});

function editOf(values: Fields, { seed }: ExpandOptions): Read<Pick<Member, 'edit' | 'words'>> {
  const parsed = EDIT.safeParse(values);
  if (!parsed.success)
    return {
      value: { words: '' },
      faults: parsed.error.issues.flatMap((issue) => editFaults(issue, values)),
    };
  const edit: ScoreEdit = { ...parsed.data, seed: parsed.data.seed ?? seed };
  const share = edit.share === 1 ? '' : ` of ${Number((100 * edit.share).toFixed(2))}%`;
  const words =
    edit.edit === 'none'
      ? 'score rendered again (control)'
      : `${edit.edit} of the score changed${share}${edit.amount === undefined ? '' : ` by ${edit.amount}`}, seed ${edit.seed}`;
  return { value: { edit, words }, faults: [] };
}

function editFaults(issue: z.core.$ZodIssue, values: Fields): Fault[] {
  const path = pathOf(issue);
  if (issue.code !== 'unrecognized_keys') {
    return [{ path, message: `${path.join('.')}: ${wrongValue(issue, valueAt(values, path))}` }];
  }
  const known = Object.keys(EDIT.shape);
  return issue.keys.map((key) => ({
    path: [...path, key],
    isKey: true,
    message: `an edit has no key ${key}; expected ${known.join(', ')}${meant(key, known)}`,
  }));
}

type OwnFields = Pick<Variant, 'groups' | 'protocols' | 'amnesia'>;

function ownFields(
  { groups, protocols, amnesia = false }: Fields,
  { groups: known, protocols: listed }: ExpandOptions,
): Read<OwnFields> {
  const faults: Fault[] = [];
  const names = (
    value: unknown,
    allowed: readonly string[] | undefined,
    what: string,
  ): readonly string[] | undefined => {
    if (value === undefined) return undefined;
    const list: readonly unknown[] = [value].flat();
    for (const [i, each] of list.entries()) {
      if (typeof each === 'string' && allowed?.includes(each) !== false) continue;
      const there = `there is ${allowed?.join(', ') ?? 'none'}${meant(each, allowed ?? [])}`;
      const path = Array.isArray(value) ? [what, i] : [what];
      faults.push({ path, message: `${what} names ${quoted(each)}; ${there}` });
    }
    return list.map(String);
  };
  const only = names(groups, known, 'groups');
  const under = names(protocols, listed, 'protocols');
  if (typeof amnesia !== 'boolean')
    faults.push({ path: ['amnesia'], message: `amnesia is ${quoted(amnesia)}, expected true or false` });
  const value: OwnFields = {
    ...(only && { groups: only }),
    ...(under && { protocols: under }),
    amnesia: amnesia === true,
  };
  return { value, faults };
}

function domainOf(value: unknown): Read<Domain> {
  const domain = DOMAINS.find((each) => each === value);
  const wrong = (message: string): Read<Domain> => ({
    value: 'waveform',
    faults: [{ path: ['domain'], message }],
  });
  if (domain === 'symbolic')
    return wrong('for the symbolic domain write edit: rhythm (or another edit) instead of kind');
  if (domain) return { value: domain, faults: [] };
  return wrong(
    `domain is ${quoted(value)}, expected waveform, codes or notes${meant(value, ['waveform', 'codes', 'notes'])}`,
  );
}
