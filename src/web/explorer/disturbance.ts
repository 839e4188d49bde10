// The disturbance that the chips stand for.

import type { Level, NoiseColor, Perturbation, Span } from '../../perturb/perturbation.js';

/** What can be chosen, by the word on its chip. */
export const KINDS = {
  'white noise': { kind: 'noise', color: 'white' },
  'pink noise': { kind: 'noise', color: 'pink' },
  'brown noise': { kind: 'noise', color: 'brown' },
  'blue noise': { kind: 'noise', color: 'blue' },
  tone: { kind: 'tone' },
  silence: { kind: 'silence' },
  shuffled: { kind: 'shuffle' },
  backwards: { kind: 'reverse' },
  stutter: { kind: 'repeat' },
  'cut out': { kind: 'delete' },
  nothing: { kind: 'identity' },
} as const satisfies Readonly<
  Record<string, { readonly kind: Perturbation['kind']; readonly color?: NoiseColor }>
>;
export type KindName = keyof typeof KINDS;

/** The paper's lengths, in tokens. */
export const LENGTHS = [5, 10, 50, 100, 150, 200] as const;

export const LEVELS = {
  'as loud': 'match',
  '−20 dB': { dbfs: -20 },
  '−40 dB': { dbfs: -40 },
} as const satisfies Readonly<Record<string, Level>>;
export type LevelName = keyof typeof LEVELS;

/** What is chosen. */
export interface Choice {
  readonly kind: KindName;
  /** Tokens. */
  readonly length: number;
  readonly level: LevelName;
  /** Token where it starts. */
  readonly at: number;
}

export const FIRST_CHOICE: Choice = { kind: 'white noise', length: 100, level: 'as loud', at: 250 };

/** Whether a kind has a level. */
export function hasLevel(name: KindName): boolean {
  const { kind } = KINDS[name];
  return kind === 'noise' || kind === 'tone';
}

/** Frequency of the tone in Hz, and tokens of a shuffled or repeated block. */
const HZ = 440;
const BLOCK = 5;

export function perturbationOf({ kind: name, length, level, at }: Choice): Perturbation {
  const place = { at: { tokens: at }, length: { tokens: length }, seed: 1 };
  const chosen = KINDS[name];
  switch (chosen.kind) {
    case 'noise':
      return { kind: 'noise', color: chosen.color, level: LEVELS[level], ...place };
    case 'tone':
      return { kind: 'tone', hz: HZ, level: LEVELS[level], ...place };
    case 'shuffle':
      return { kind: 'shuffle', block: { tokens: blockOf(length) }, ...place };
    case 'repeat':
      return { kind: 'repeat', block: { tokens: blockOf(length) }, ...place };
    case 'silence':
    case 'reverse':
    case 'delete':
    case 'identity':
      return { kind: chosen.kind, ...place };
  }
}

/** A short window has shorter blocks: at least two must fit. */
function blockOf(length: number): number {
  return Math.max(1, Math.min(BLOCK, Math.floor(length / 2)));
}

/** The choice moved and shortened until it fits into so many tokens; at least 5 are left on both sides. */
export function fitted(choice: Choice, frames: number): Choice {
  const length = Math.max(1, Math.min(choice.length, Math.floor(frames / 3)));
  const at = Math.max(1, Math.min(choice.at, frames - length - 5));
  return { ...choice, length, at };
}

/** The choice that a disturbance came from, as far as chips can say it. */
export function choiceOf(perturbation: Perturbation): Choice | undefined {
  const tokens = (span: Span | undefined): number | undefined =>
    span && 'tokens' in span
      ? span.tokens
      : span && 'seconds' in span
        ? Math.round(span.seconds * 50)
        : undefined;
  const { at } = perturbation;
  const start = at && !('draw' in at) ? tokens(at) : undefined;
  const length = tokens(perturbation.length);
  const kind = (Object.keys(KINDS) as KindName[]).find((name) => {
    const one: { kind: string; color?: string } = KINDS[name];
    return (
      one.kind === perturbation.kind && (perturbation.kind !== 'noise' || one.color === perturbation.color)
    );
  });
  if (start === undefined || length === undefined || kind === undefined) return undefined;
  const own = 'level' in perturbation ? perturbation.level : 'match';
  const level = (Object.keys(LEVELS) as LevelName[]).find(
    (name) => JSON.stringify(LEVELS[name]) === JSON.stringify(own),
  );
  return { kind, length, at: start, level: level ?? 'as loud' };
}
