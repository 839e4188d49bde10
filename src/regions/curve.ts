// Loss curves that were written down: CSV with the columns token_position, avg_loss_value, as the authors' scripts write
// them (position from 0, loss in nats averaged over codebooks); the CSV of `losscope demo`, which holds two curves, and of the
// explorer, which may hold one; and the JSON lines of `losscope score` and `losscope probe`.

import { z } from 'zod';
import { counted } from '../counted.js';
import { meanOfRows } from '../loss/means.js';

/** Columns read; others are left alone. */
const POSITION = 'token_position';
const LOSS = 'avg_loss_value';

/** Clean, disturbed: in a file of the demo, by frame. */
const PAIR = ['frame', 'clean', 'disturbed'] as const;

export interface CurveOptions {
  /**
   * Frame of token_position 0. Default 1: the authors' scripts score without a start token, so that their first
   * value is the loss of predicting frame 1, and white noise from frame 250 on begins at their position 249.
   */
  readonly firstFrame?: number;
}

/** Loss by frame [T], nats; NaN where it is undefined. */
export interface ReadCurves {
  /** Of a file that holds one clip. */
  readonly only?: Float64Array;
  /** Of a file that holds a clip in both versions. */
  readonly clean?: Float64Array;
  readonly disturbed?: Float64Array;
}

/**
 * The curves of a file: of a clip, or of a clean clip and a disturbed one (also two lines of `losscope score`, the clean
 * one first).
 * @param name what errors call it: the file's name.
 * @throws as readLossCurve, and of JSON that is none of losscope's.
 */
export function readLossCurves(text: string, name: string, options: CurveOptions = {}): ReadCurves {
  const plain = text.replace(/^\uFEFF/, '');
  if (plain.trimStart().startsWith('{')) return jsonCurves(plain, name);
  const header = fields(plain.split(/\r?\n/, 1)[0]);
  const [frame, clean, disturbed] = PAIR;
  const of = (loss: string) => columnCurve(plain, name, { position: frame, loss, firstFrame: 0 });
  if (PAIR.every((column) => header.includes(column))) return { clean: of(clean), disturbed: of(disturbed) };
  const isOfExplorer = header.includes(frame) && header.includes(clean);
  return { only: isOfExplorer ? of(clean) : readLossCurve(text, name, options) };
}

/**
 * Loss by frame [T], nats; NaN where the file says nothing (or `nan`, or an empty field).
 * @param name what errors call it: the file's name.
 * Throws when a column is missing, or a position is not a whole number or comes twice.
 */
export function readLossCurve(
  csv: string,
  name: string,
  { firstFrame = 1 }: CurveOptions = {},
): Float64Array {
  return columnCurve(csv.replace(/^\uFEFF/, ''), name, { position: POSITION, loss: LOSS, firstFrame });
}

interface Columns {
  readonly position: string;
  readonly loss: string;
  /** Frame of position 0. */
  readonly firstFrame: number;
}

function columnCurve(csv: string, name: string, { position, loss, firstFrame }: Columns): Float64Array {
  const lines = csv.split(/\r?\n/);
  const header = fields(lines[0]);
  const columns = [position, loss].map((column) => header.indexOf(column));
  if (columns.includes(-1)) {
    throw new Error(
      `${name}: columns ${POSITION},${LOSS} expected in the first line, got "${lines[0].slice(0, 80)}"; ` +
        'a CSV of losscope demo and JSON of losscope score are read too',
    );
  }
  const twice = [position, loss].find((column) => header.indexOf(column) !== header.lastIndexOf(column));
  if (twice !== undefined) throw new Error(`${name}: column ${twice} occurs twice`);
  const losses = new Map<number, number>();
  lines.slice(1).forEach((line, i) => {
    if (line.trim() === '') return;
    const row = fields(line);
    const [place, value] = columns.map((column) => row[column] ?? '');
    const token = numberOf(place);
    if (!(Number.isInteger(token) && token >= 0) || losses.has(token)) {
      const what = losses.has(token) ? 'twice the same position' : 'not a position';
      throw new Error(`${name}: line ${i + 2}: "${place}" is ${what}; whole numbers from 0, each once`);
    }
    losses.set(token, lossOf(value, `${name}: line ${i + 2}`));
  });
  if (losses.size === 0) throw new Error(`${name}: no values below the header`);
  const last = [...losses.keys()].reduce((a, b) => Math.max(a, b));
  if (last > 100 * losses.size + 100_000) {
    throw new Error(
      `${name}: position ${last} among ${counted(losses.size, 'value')}; positions count tokens from 0`,
    );
  }
  const curve = new Float64Array(last + 1 + firstFrame).fill(Number.NaN);
  for (const [token, value] of losses) curve[token + firstFrame] = value;
  return curve;
}

const scored = z.object({
  loss: z.array(z.array(z.number().nullable()).min(1)).min(1),
  /** Of a model of notes, where not every note has a code in each row. */
  rows: z.array(z.string()).optional(),
});
type Scored = z.output<typeof scored>;
const probed = z.object({ clean: scored, disturbed: scored });

/** Of one clip scored, of a probe, or of two clips scored. */
function jsonCurves(text: string, name: string): ReadCurves {
  const values = jsonLines(text, name);
  const pair = probed.safeParse(values[0]);
  if (values.length === 1 && pair.success) {
    const { clean, disturbed } = pair.data;
    return { clean: meanCurve(clean, name), disturbed: meanCurve(disturbed, name) };
  }
  const curves = values.map((value) => {
    const clip = scored.safeParse(value);
    if (clip.success) return meanCurve(clip.data, name);
    throw new Error(
      `${name}: JSON without loss[K][T]; expected what losscope score or losscope probe --json print`,
    );
  });
  if (curves.length === 1) return { only: curves[0] };
  if (curves.length === 2) return { clean: curves[0], disturbed: curves[1] };
  throw new Error(
    `${name}: losses of ${counted(curves.length, 'clip')}; expected one, or a clean and a disturbed one`,
  );
}

function jsonLines(text: string, name: string): unknown[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const parsed = [lines, [text]].map((parts) => parts.map(jsonOf)).find((all) => !all.includes(undefined));
  if (parsed) return parsed;
  throw new Error(`${name}: damaged JSON; expected what losscope score or losscope probe --json print`);
}

/** Undefined when it is no JSON. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Mean over the codebooks, NaN where one of them is undefined; of notes over the rows that each has. */
function meanCurve({ loss: rows, rows: named }: Scored, name: string): Float64Array {
  const frames = rows[0].length;
  if (rows.some((row) => row.length !== frames))
    throw new Error(`${name}: loss[K][T] with rows of several lengths`);
  if (named) {
    const values = Float64Array.from(rows.flat(), (value) => value ?? Number.NaN);
    return meanOfRows(values, { codebooks: rows.length, frames });
  }
  return Float64Array.from({ length: frames }, (_, t) => {
    return rows.reduce((sum, row) => sum + (row[t] ?? Number.NaN) / rows.length, 0);
  });
}

/** disturbed - clean for two curves by frame [T], nats. Both must have the same number of frames. */
export function curveDifference(clean: Float64Array, disturbed: Float64Array): Float64Array {
  if (clean.length !== disturbed.length) {
    throw new Error(
      `delta: lengths differ (clean: ${counted(clean.length, 'frame')}, disturbed: ${disturbed.length}); ` +
        'the disturbance must keep the length',
    );
  }
  return disturbed.map((value, t) => value - clean[t]);
}

function fields(line: string): string[] {
  return line.split(',').map((field) => field.trim().replace(/^"(.*)"$/, '$1'));
}

function numberOf(field: string): number {
  return field === '' ? Number.NaN : Number(field);
}

function lossOf(field: string, where: string): number {
  if (field === '' || field.toLowerCase() === 'nan') return Number.NaN;
  const loss = Number(field);
  if (!Number.isFinite(loss))
    throw new Error(`${where}: "${field}" is not a loss; a number in nats expected`);
  return loss;
}
