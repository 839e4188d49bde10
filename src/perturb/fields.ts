// Fields of disturbances as people write them: places, lengths, levels, quantities with a unit.

import * as z from 'zod';
import { parseLevel, parseSpan, parseStart } from './parse.js';
import type { Draw, Perturbation, Span } from './perturbation.js';
import { parseShare } from './units.js';

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

export const span = written(parseSpan);
export const draw = z.strictObject({ from: span, to: span, name: z.string().min(1).optional() });
export const start = z
  .union([z.string(), z.number(), z.strictObject({ draw })], {
    error: 'expected a place (250, 5s) or a range (2s..8s)',
  })
  .transform((value, context): Span | Draw =>
    typeof value === 'object' ? value : parsed(parseStart, String(value), context),
  );
export const level = written(parseLevel).default('match');
export const number = written((text) => {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new Error(`"${text}" is no number`);
  return value;
});
const seed = number.refine(
  (value) => Number.isSafeInteger(value) && value >= 0,
  'expected a whole number, 0 or more',
);
/** A quantity in its unit, within limits (both included) that are named in the unit. */
export const quantity = (
  parse: (text: string) => number,
  [min, max]: readonly [number, number],
  unit: string,
) =>
  written(parse).refine(
    (value) => value >= min && value <= max,
    `expected from ${min} to ${max}${unit && ` ${unit}`}`,
  );
/** A whole number within limits. */
export const wholeFrom = (min: number, max: number) =>
  number.refine(
    (value) => Number.isInteger(value) && value >= min && value <= max,
    `expected a whole number from ${min} to ${max}`,
  );
/** A share: 0.05, 5%. */
export const share = (allows: (value: number) => boolean, expected: string) =>
  written(parseShare).refine(allows, expected);
export const mode = z.enum(['replace', 'add']).optional();
export const height = written((text) => {
  const own = parseLevel(text);
  if (own === 'match') throw new Error('"match": a click needs its height in dBFS (-6dB)');
  return own;
});

export const common = { seed: seed.optional() };
export const windowed = { ...common, at: start, length: span };
export const anywhere = { ...common, at: start.optional(), length: span.optional() };
/** The name of a kind. */
export const kind = <K extends Perturbation['kind']>(name: K) => z.literal(name);
