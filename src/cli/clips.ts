// What every command that takes clips has in common: what is named is found, one clip after the other is worked on, and one
// that fails stops no other. Failures are told at the end.

import type { Model } from '../models/model.js';
import { type ClipSource, clipSources } from '../node/sources.js';
import { progress, warn } from './output.js';
import { type FailedItem, ItemsFailed } from './usage.js';
import { refuseClips } from './written_over.js';

/** Argument of a command that takes clips. */
export const CLIPS =
  'files, folders, globs or lists (.txt): WAV, MP3, FLAC, Ogg Vorbis or Opus; or codes (.json, .jsonl)';

/** What was named. */
export interface NamedClips {
  readonly sources: readonly ClipSource[];
  /** Entries that name nothing. */
  readonly failed: readonly FailedItem[];
}

/** Finds the clips that are named, before a model is opened. @throws when there are none. */
export async function namedClips(
  entries: readonly string[],
  { onlyCodes = false }: { readonly onlyCodes?: boolean } = {},
): Promise<NamedClips> {
  const sources: ClipSource[] = [];
  const failed: FailedItem[] = [];
  for (const entry of entries) {
    try {
      sources.push(...(await clipSources(entry, { warn, onlyCodes })));
    } catch (error) {
      failed.push(failedItem(entry, error));
    }
  }
  if (sources.length === 0) throw allFailed(failed);
  await refuseClips(sources);
  return { sources, failed };
}

/** The same, each clip once. */
export async function namedOnce(entries: readonly string[]): Promise<NamedClips> {
  const { sources, failed } = await namedClips(entries);
  const byName = new Map(sources.map((source) => [source.name, source]));
  return { sources: [...byName.values()], failed };
}

export interface EachOptions {
  /** What is done, for progress. */
  readonly label: string;
  readonly model: Model;
  /** False: the work shows its own progress. */
  readonly bar?: boolean;
}

/**
 * Works on clip after clip. Returns what failed, for `requireAll` when the rest of the command is done.
 * @throws when all fail, and at once when the model is at fault, or the program.
 */
export async function eachClip(
  clips: NamedClips,
  options: EachOptions,
  work: (source: ClipSource) => Promise<void>,
): Promise<Failures> {
  const failures = await tryEachClip(clips, options, work);
  requireSome(failures);
  return failures;
}

/** @throws when all failed. */
export function requireSome({ items, of }: Failures): void {
  if (items.length === of) throw allFailed(items);
}

/** As eachClip, where it is no error that all fail. */
export async function tryEachClip(
  { sources, failed }: NamedClips,
  { label, model, bar: hasBar = true }: EachOptions,
  work: (source: ClipSource) => Promise<void>,
): Promise<Failures> {
  const items = [...failed];
  const bar = hasBar ? progress(label, sources.length) : undefined;
  try {
    for (const source of sources) {
      const error = await errorOf(() => work(source));
      if (error !== undefined && isOfModel(error, model, source)) throw error;
      if (error !== undefined) items.push(failedItem(source.name, error));
      // The error of a single clip is all that there is to say.
      if (error === undefined || sources.length > 1) bar?.step(source.name);
    }
  } finally {
    bar?.stop();
  }
  return { items, of: sources.length + failed.length };
}

async function errorOf(work: () => Promise<void>): Promise<unknown> {
  try {
    await work();
    return undefined;
  } catch (error) {
    return error;
  }
}

export interface Failures {
  readonly items: readonly FailedItem[];
  /** Of so many. */
  readonly of: number;
}

/**
 * Does the rest of a command with what went well, and then tells what failed.
 * @throws when something failed, with what fails in the rest.
 */
export async function requireAll(
  { items, of }: Failures,
  rest: () => Promise<void> | void = () => undefined,
): Promise<void> {
  if (items.length === 0) return rest();
  const failed = [...items];
  try {
    await rest();
  } catch (error) {
    failed.push(failedItem('', error));
  }
  throw new ItemsFailed(failed, of);
}

/** Weights that are missing, damaged or have changed fail every clip. */
function isOfModel(error: unknown, { name }: Model, { file }: ClipSource): boolean {
  return error instanceof Error && error.message.startsWith(`${name}/`) && !error.message.startsWith(file);
}

function allFailed(failed: readonly FailedItem[]): Error {
  return failed.length === 1 ? failed[0].error : new ItemsFailed(failed, failed.length);
}

/** @throws the error itself, when it is no plain one: a fault of the program, or something typed wrong. */
function failedItem(name: string, error: unknown): FailedItem {
  if (!(error instanceof Error) || error.constructor !== Error) throw error;
  if (error.message.includes(name)) return { name, error };
  return { name, error: new Error(`${name}: ${error.message}`, { cause: error }) };
}

/** Gives back what a clip holds of the model, also when the work on it fails. */
export async function releasing<T>(held: { release(): Promise<void> }, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    await held.release();
  }
}
