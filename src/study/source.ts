// A study's file as plain values, with the line and column of each. Its size is limited before the work: a file of a few
// kilobytes can ask for days.

import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isScalar,
  LineCounter,
  parseDocument,
  visit,
} from 'yaml';
import { counted } from '../counted.js';
import type { Fault } from '../perturb/issues.js';

/** What a study's file may hold. */
export const STUDY_LIMITS = {
  /** Characters. */
  text: 2 ** 20,
  /** Keys and members of lists, all together. */
  entries: 20_000,
  /** Disturbances, every member of a grid counted. */
  variants: 10_000,
} as const;

/** A fault and where it stands, both from 1. */
export interface PlacedFault {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

export interface StudySource {
  /** Of the file, for errors. */
  readonly name: string;
  readonly text: string;
  /** Undefined where there are faults. */
  readonly value: unknown;
  /** What is no YAML, or too much of it. */
  readonly faults: readonly PlacedFault[];
  /** Where a fault stands; what is not there stands where the last part of its path is that is there. */
  place(fault: Fault): PlacedFault;
}

/** Reads a study's text. `name` stands in errors: the file. */
export function studySource(text: string, name: string): StudySource {
  const lines = new LineCounter();
  const at = (offset: number, message: string): PlacedFault => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1), message };
  };
  const refused = (message: string): StudySource => {
    const fault = { line: 1, column: 1, message };
    return { name, text, value: undefined, faults: [fault], place: () => fault };
  };
  if (text.length > STUDY_LIMITS.text) {
    return refused(`${counted(text.length, 'character')}, at most ${STUDY_LIMITS.text} are read as a study`);
  }
  try {
    const options = { uniqueKeys: false, prettyErrors: false, lineCounter: lines } as const;
    const document = parseDocument(text, options);
    // A tag or a version that nobody knows is a warning: what is meant by it would be lost.
    const told = [...document.errors, ...document.warnings];
    const found = told.map(({ pos, message }) => at(pos[0], inWords(message)));
    const faults =
      found.length > 0 ? found : tooMuch(document).map(([offset, message]) => at(offset, message));
    const value: unknown = faults.length > 0 ? undefined : document.toJS({ maxAliasCount: 100 });
    return {
      ...{ name, text, value, faults },
      place: (fault) => at(offsetOf(document, fault), fault.message),
    };
  } catch (error) {
    // Too many aliases, or lists in lists until the stack ends.
    return refused(
      `cannot be read as YAML (${inWords(error instanceof Error ? error.message : String(error))})`,
    );
  }
}

function inWords(message: string): string {
  return message.startsWith('Maximum call stack') ? 'lists or mappings are nested too deeply' : message;
}

type Offset = readonly [offset: number, message: string];

/** More than a study may hold; keys that are there twice, since one of the two would be lost; keys that are no names. */
function tooMuch(document: Document.Parsed): Offset[] {
  let entries = 0;
  const twice: Offset[] = [];
  visit(document, {
    Collection(_, node) {
      entries += node.items.length;
      if (entries > STUDY_LIMITS.entries) return visit.BREAK;
      if (isMap(node)) twice.push(...keyFaults(node.items.map(({ key }) => key)));
      return undefined;
    },
  });
  if (entries <= STUDY_LIMITS.entries) return twice;
  return [[0, `more than ${STUDY_LIMITS.entries} keys and members of lists; a study has fewer`]];
}

function keyFaults(keys: readonly unknown[]): Offset[] {
  const known = new Set<string>();
  return keys.flatMap((key): Offset[] => {
    if (isCollection(key)) return [[startOf(key) ?? 0, 'a key is a list or a mapping; expected a name']];
    const name = nameOf(key);
    if (!known.has(name)) {
      known.add(name);
      return [];
    }
    return [[startOf(key) ?? 0, `the key ${name} is there twice; keys must be unique`]];
  });
}

/** Where the value, or the key, at the end of a path begins. */
function offsetOf(document: Document.Parsed, { path, isKey = false }: Fault): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const [i, step] of path.entries()) {
    if (isAlias(node)) node = node.resolve(document);
    if (!isCollection(node)) break;
    const pair = isMap(node) ? node.items.find(({ key }) => nameOf(key) === String(step)) : undefined;
    const next: unknown = pair ? pair.value : node.get(step, true);
    const key = startOf(pair?.key);
    const value = startOf(next);
    if (key === undefined && value === undefined) break;
    offset = (isKey && i === path.length - 1 ? key : value) ?? key ?? offset;
    node = next;
  }
  return offset;
}

function nameOf(key: unknown): string {
  return String(isScalar(key) ? key.value : key);
}

/** Of an empty value nothing is there. */
function startOf(node: unknown): number | undefined {
  if (!isNode(node) || !node.range) return undefined;
  return isScalar(node) && node.range[0] === node.range[1] ? undefined : node.range[0];
}
