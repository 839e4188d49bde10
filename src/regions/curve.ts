// Loss curves that were made elsewhere: CSV with the columns token_position, avg_loss_value, as the authors' scripts
// write them (position from 0, loss in nats averaged over codebooks).

/** Columns read; others are left alone. */
const POSITION = 'token_position';
const LOSS = 'avg_loss_value';

export interface CurveOptions {
  /**
   * Frame of token_position 0. Default 1: the authors' scripts score without a start token, so that their first
   * value is the loss of predicting frame 1, and white noise from frame 250 on begins at their position 249.
   */
  readonly firstFrame?: number;
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
  const lines = csv.replace(/^\uFEFF/, '').split(/\r?\n/);
  const header = fields(lines[0]);
  const columns = [POSITION, LOSS].map((column) => header.indexOf(column));
  if (columns.includes(-1)) {
    throw new Error(
      `${name}: columns ${POSITION},${LOSS} expected in the first line, got "${lines[0].slice(0, 80)}"`,
    );
  }
  const losses = new Map<number, number>();
  lines.slice(1).forEach((line, i) => {
    if (line.trim() === '') return;
    const row = fields(line);
    const [position, loss] = columns.map((column) => row[column] ?? '');
    const token = numberOf(position);
    if (!(Number.isInteger(token) && token >= 0) || losses.has(token)) {
      const what = losses.has(token) ? 'twice the same position' : 'not a position';
      throw new Error(`${name}: line ${i + 2}: "${position}" is ${what}; whole numbers from 0, each once`);
    }
    losses.set(token, lossOf(loss, `${name}: line ${i + 2}`));
  });
  if (losses.size === 0) throw new Error(`${name}: no values below the header`);
  const last = [...losses.keys()].reduce((a, b) => Math.max(a, b));
  if (last > 100 * losses.size + 100_000) {
    throw new Error(`${name}: position ${last} among ${losses.size} values; positions count tokens from 0`);
  }
  const curve = new Float64Array(last + 1 + firstFrame).fill(Number.NaN);
  for (const [token, loss] of losses) curve[token + firstFrame] = loss;
  return curve;
}

/** disturbed - clean for two curves by frame [T], nats. Both must have the same number of frames. */
export function curveDifference(clean: Float64Array, disturbed: Float64Array): Float64Array {
  if (clean.length !== disturbed.length) {
    throw new Error(
      `delta: lengths differ (clean: ${clean.length} frames, disturbed: ${disturbed.length}); ` +
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
