// Disturbances written as people type them: the inverse of schema.ts.

import type { Draw, Level, Perturbation, Span } from './perturbation.js';

/** Keys and values of a disturbance as text, in the order they are read best. The seed is one of them. */
export function fieldsOf(perturbation: Perturbation): (readonly [string, string])[] {
  const { kind, ...rest } = perturbation;
  return [
    ['kind', kind] as const,
    ...Object.entries(rest).flatMap(([key, value]): [string, string][] =>
      value === undefined ? [] : [[key, written(value)]],
    ),
  ];
}

/** `noise color=white at=5s length=100 level=match seed=1`: what `--do` and parsePerturbation take. */
export function lineOf(perturbation: Perturbation): string {
  const [[, kind], ...fields] = fieldsOf(perturbation);
  return [kind, ...fields.map(([key, value]) => `${key}=${/\s/.test(value) ? `"${value}"` : value}`)].join(
    ' ',
  );
}

/** `{ kind: noise, color: white, at: 5s, length: 100, level: match, seed: 1 }`: what a study takes. */
export function mappingOf(perturbation: Perturbation): string {
  const quoted = (value: string): string => (/^[\w.+-]+$/.test(value) ? value : JSON.stringify(value));
  return `{ ${fieldsOf(perturbation)
    .map(([key, value]) => `${key}: ${quoted(value)}`)
    .join(', ')} }`;
}

function written(value: Span | Draw | Level | string | number): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  if ('tokens' in value) return String(value.tokens);
  if ('seconds' in value) return `${value.seconds}s`;
  if ('dbfs' in value) return `${value.dbfs}dB`;
  return `${written(value.draw.from)}..${written(value.draw.to)}`;
}
