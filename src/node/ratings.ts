// Tables of what listeners say, and lines of `losscope rank --json`, as validate reads them.

import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { Preference, Rating } from '../analysis/ratings.js';
import type { ScoredClip, ScoredClips } from '../analysis/scored_clips.js';
import { parseJson } from '../onnx/json.js';
import { madeWords, type ScoresMade } from '../scores/made.js';
import { SCORE_NAMES } from '../scores/scores.js';
import { type CsvLine, firstTwice, readCsv } from './csv.js';
import { readText } from './input.js';

/** Bytes of a table, and of scores: hundreds of thousands of lines. */
const LARGEST = 2 ** 26;

const required = z.string().trim().min(1);
/** An empty cell is no value. */
const optional = z
  .string()
  .trim()
  .optional()
  .transform((text) => text || undefined);

const rating = z.object({
  file: required,
  system: optional,
  prompt: optional,
  rater: optional,
  dimension: optional,
  score: required.transform(Number).pipe(z.number('expected a number')),
});

const preference = z.object({
  a: required,
  b: required,
  system_a: optional,
  system_b: optional,
  prompt: optional,
  rater: optional,
  winner: required,
});

/** Columns file and score; system, prompt, rater and dimension where there are any. @throws one line naming the file and the line. */
export async function readRatings(file: string): Promise<Rating[]> {
  const lines = await readCsv(file, { limit: LARGEST });
  return rows(file, lines, 'columns file, score, and perhaps system, prompt, rater, dimension').map(
    (line) => {
      const { dimension = 'overall', ...found } = checked(file, line, rating);
      return { ...found, dimension, line: line.line };
    },
  );
}

/** Columns a, b, winner (a, b, tie, or the name of one of the two); prompt, rater, system_a and system_b where there are any. */
export async function readPreferences(file: string): Promise<Preference[]> {
  const lines = await readCsv(file, { limit: LARGEST });
  return rows(file, lines, 'columns a, b, winner, and perhaps prompt, rater, system_a, system_b').map(
    (line) => {
      const { a, b, system_a, system_b, prompt, rater, winner: named } = checked(file, line, preference);
      const winner = named === a ? 'a' : named === b ? 'b' : WINNERS.get(named.toLowerCase());
      if (winner === undefined) {
        throw new Error(
          `${file}: line ${line.line}: winner ${named}; expected a, b, tie, both_bad, ${a} or ${b}`,
        );
      }
      return { a, b, systemA: system_a, systemB: system_b, prompt, rater, winner, line: line.line };
    },
  );
}

const WINNERS: ReadonlyMap<string, Preference['winner']> = new Map([
  ['a', 'a'],
  ['b', 'b'],
  ['tie', 'tie'],
  ['both_bad', 'tie'],
]);

function rows(file: string, lines: readonly CsvLine[], expected: string): readonly CsvLine[] {
  if (lines.length === 0) throw new Error(`${file}: no lines; expected ${expected}`);
  return lines;
}

function checked<T extends z.ZodType>(file: string, { line, record }: CsvLine, schema: T): z.output<T> {
  const parsed = schema.safeParse(record);
  if (parsed.success) return parsed.data;
  const { path: at, message } = parsed.error.issues[0];
  throw new Error(`${file}: line ${line}: column ${at.join('.')}: ${message}`);
}

const ranked = z.object({
  name: required,
  values: z.partialRecord(z.enum(SCORE_NAMES), z.number().nullable()),
  made: z
    .object({
      ...{ model: required, protocol: required, condition: required },
      ...{ fingerprint: required.nullable(), scores: z.number().nullable(), loudness: z.number().nullable() },
      ...{ roundTrip: z.number().nullable(), seconds: z.number().nullable() },
    })
    .optional(),
});

/** Of lines that do not say it. */
const UNKNOWN = {
  ...{ fingerprint: null, protocol: 'not known', condition: 'none', scores: null },
  ...{ loudness: null, roundTrip: null, seconds: null },
} as const;

/**
 * The clips of `losscope rank --json`; the folder of each is its group. Lines of a table of one's own may leave out what made the
 * scores. @throws one line naming the file and the line, also where two lines were made in different ways.
 */
export async function readRanked(file: string): Promise<ScoredClips> {
  const text = await readText(file, { limit: LARGEST });
  let first: { readonly made: ScoresMade; readonly line: number } | undefined;
  const clips = text.split('\n').flatMap((each, i): ScoredClip[] => {
    if (each.trim() === '') return [];
    const at = `${file}: line ${i + 1}`;
    const parsed = ranked.safeParse(parseJson(new TextEncoder().encode(each), at));
    if (!parsed.success) {
      throw new Error(`${at}: is no line of losscope rank --json (${parsed.error.issues[0].message})`);
    }
    const { name, values, made = { ...UNKNOWN, model: file } } = parsed.data;
    first ??= { made, line: i + 1 };
    if (!isDeepStrictEqual(made, first.made)) {
      throw new Error(
        `${at}: made by ${madeWords(made)}; line ${first.line} by ${madeWords(first.made)}; give lines that were made alike`,
      );
    }
    const scores = SCORE_NAMES.map((score) => [score, values[score] ?? Number.NaN]);
    return [
      {
        name,
        group: path.basename(path.dirname(name)),
        values: Object.fromEntries(scores) as ScoredClip['values'],
      },
    ];
  });
  if (first === undefined) throw new Error(`${file}: no clips; expected lines of losscope rank --json`);
  const twice = firstTwice(clips.map(({ name }) => name));
  if (twice !== undefined) throw new Error(`${file}: ${twice} is there twice; give each clip one line`);
  return { made: first.made, clips, missing: [] };
}
