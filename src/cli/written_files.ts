// Where a command writes the clips it makes: a file of sound (WAV) or of notes (MIDI), or of several clips a folder of them.

import path from 'node:path';
import { counted } from '../counted.js';
import { isFolder } from '../node/folders.js';
import type { ClipSource } from '../node/sources.js';
import { UsageError } from './usage.js';

/** What is written, and the endings that its files may have; the first is given to files in a folder. */
const ENDINGS = { sound: ['.wav'], notes: ['.mid', '.midi'] } as const;
export type Written = keyof typeof ENDINGS;

/** @throws a usage error for a name that says another format. */
function requireEnding(out: string, written: Written): string {
  const ending = path.extname(out).toLowerCase();
  const own: readonly string[] = ENDINGS[written];
  if (ending === '' || own.includes(ending)) return out;
  const other = `${out.slice(0, -ending.length)}${own[0]}`;
  if (written === 'notes') {
    throw new UsageError(
      `--out ${out}: notes are written as MIDI: --out ${other}; losscope render makes sound of it`,
    );
  }
  if (ENDINGS.notes.some((each) => each === ending)) {
    throw new UsageError(
      `--out ${out}: this is sound, and written as WAV: --out ${other}; a model of notes writes MIDI (--model tiny-notes)`,
    );
  }
  throw new UsageError(
    `--out ${out}: only WAV is written, in 32-bit float: --out ${other}; convert it then: ffmpeg -i ${other} ${out}`,
  );
}

/** @throws a usage error for a name that says another format than WAV. */
export function requireWav(out: string): string {
  return requireEnding(out, 'sound');
}

/**
 * The file of each clip: `out` itself for a single one, otherwise or when `out` is a folder a file in it by the clip's name.
 * @throws a usage error when `out` cannot be that, or two clips would be one file.
 */
export async function writtenFiles(
  out: string,
  sources: readonly ClipSource[],
  written: Written,
): Promise<ReadonlyMap<ClipSource, string>> {
  const isPlace = /[/\\]$/.test(out) || (await isFolder(out));
  if (sources.length === 1 && !isPlace) return new Map([[sources[0], requireEnding(out, written)]]);
  if (!isPlace && path.extname(out) !== '') {
    throw new UsageError(
      `--out ${out}: ${counted(sources.length, 'clip')} are written into a folder; name one`,
    );
  }
  const files = new Map<ClipSource, string>();
  const taken = new Map<string, ClipSource>();
  for (const source of sources) {
    const file = path.join(out, `${nameOf(source)}${ENDINGS[written][0]}`);
    const other = taken.get(file);
    if (other) throw new UsageError(`--out ${out}: ${other.name} and ${source.name} would both be ${file}`);
    taken.set(file, source);
    files.set(source, file);
  }
  return files;
}

/** Of "songs/a.flac" a; of the third clip in "b.jsonl" b-3. */
function nameOf({ name, file }: ClipSource): string {
  const { name: own } = path.parse(file.replace(/\.codes\.json$/i, ''));
  return name === file ? own : `${own}-${name.slice(file.length + 1)}`;
}

/** @throws when a clip would be written over itself. */
export function requireOther(file: string, source: ClipSource): string {
  if (path.resolve(file) !== path.resolve(source.file)) return file;
  throw new Error(`${source.name}: would be written over itself; give another --out`);
}
