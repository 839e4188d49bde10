// Disturbances as text: what users type for a place, a length and a level, and how reports name them.

import type { Level, Perturbation, Span } from './perturbation.js';

const NUMBER = String.raw`(\d+(?:\.\d+)?|\.\d+)`;
const SPAN = new RegExp(`^${NUMBER}\\s*(s|ms|tokens?)?$`);
const LEVEL = new RegExp(`^([+-]?)${NUMBER}\\s*dB(?:FS)?$`, 'i');

/** `250`, `250 tokens`, `5s`, `0.1s`, `100ms` -> Span. */
export function parseSpan(text: string): Span {
  const [, digits, unit] = SPAN.exec(text.trim()) ?? [];
  if (digits === undefined)
    throw new Error(`"${text}" is no place or length; expected tokens (250) or time (5s, 100ms)`);
  const value = Number(digits);
  if (unit === 's') return { seconds: value };
  if (unit === 'ms') return { seconds: value / 1000 };
  if (!Number.isInteger(value)) throw new Error(`"${text}": tokens are whole; for time write ${digits}s`);
  return { tokens: value };
}

/** `match`, `-20dB`, `-20 dBFS` -> Level. */
export function parseLevel(text: string): Level {
  if (text.trim() === 'match') return 'match';
  const [, sign, digits] = LEVEL.exec(text.trim()) ?? [];
  if (digits === undefined)
    throw new Error(`"${text}" is no level; expected match, or an RMS level in dBFS (-20dB)`);
  const dbfs = sign === '-' ? -Number(digits) : Number(digits);
  if (dbfs > 0 || dbfs < -120) throw new Error(`"${text}": the level must lie between -120dB and 0dB`);
  return { dbfs };
}

/** "white noise, 100 tokens at token 250, level match, seed 1". */
export function describe({ color, at, length, level, seed }: Perturbation): string {
  const loud = level === 'match' ? 'match' : `${level.dbfs} dBFS`;
  const long =
    'tokens' in length
      ? `${length.tokens} ${length.tokens === 1 ? 'token' : 'tokens'}`
      : `${length.seconds} s`;
  const where = 'tokens' in at ? `token ${at.tokens}` : `${at.seconds} s`;
  return `${color} noise, ${long} at ${where}, level ${loud}, seed ${seed}`;
}
