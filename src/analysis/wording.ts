// Numbers in sentences: signed, with their interval and the clips they rest on.

import { termsOf } from '../audio/codes.js';
import { counted } from '../counted.js';
import type { Estimate } from './estimated.js';
import { ALL_GROUPS, type Point, type Slice } from './point.js';

/** "-0.34" with a true minus sign. */
export function signed(value: number, digits = 2): string {
  const text = Math.abs(value).toFixed(digits);
  if (Number(text) === 0) return text;
  return `${value < 0 ? '−' : '+'}${text}`;
}

/** "-0.34 nats per code (95% interval -0.50 to -0.18, 20 clips)". */
export function withInterval(
  estimate: Estimate,
  unit = '',
  show: (value: number) => string = signed,
): string {
  const { value, low, high, n } = estimate;
  if (value === null) return 'undefined';
  const interval =
    low === null || high === null ? 'no interval' : `95% interval ${show(low)} to ${show(high)}`;
  return `${show(value)}${unit} (${interval}, ${counted(n, 'clip')})`;
}

export function percent(value: number): string {
  return `${signed(100 * value, 0).replace('+', '')}%`;
}

/** "white noise, 100 tokens, group OOD, tiny, delayed". */
export function pointWords(point: Point): string {
  const { lengthTokens, blockTokens, levelDbfs, domain } = point;
  const { position } = termsOf(domain === 'notes' ? 'event' : 'frame');
  return [
    sortWords(point),
    ...(blockTokens === null ? [] : [`blocks of ${counted(blockTokens, position)}`]),
    ...(lengthTokens === null ? [] : [counted(lengthTokens, position)]),
    ...(levelDbfs === null ? [] : [`${levelDbfs} dBFS`]),
    ...placeWords(point),
  ].join(', ');
}

/** "white noise, group OOD, tiny, delayed". */
export function sliceWords(slice: Slice): string {
  return [sortWords(slice), ...placeWords(slice)].join(', ');
}

function sortWords({ kind, color, edit, domain, disturbance }: Slice): string {
  const own = color ?? edit;
  const sort = kind === 'events' ? disturbance : own === null ? kind : `${own} ${kind}`;
  return domain === 'codes' ? `${sort} on codes` : sort;
}

function placeWords({ group, model, protocol, condition }: Slice): string[] {
  return [
    group === ALL_GROUPS ? group : `group ${group}`,
    model,
    protocol,
    ...(condition === 'none' ? [] : [condition]),
  ];
}
