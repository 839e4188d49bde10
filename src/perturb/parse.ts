// Disturbances as text: what users type for a place, a length and a level, and how reports name them.

import { type FrameClock, type Terms, termsOf } from '../audio/codes.js';
import { counted } from '../counted.js';
import { DRAWING, damageInWords } from './damage_words.js';
import { NOTE_DAMAGES } from './note_damage.js';
import type { Draw, Level, Perturbation, Span } from './perturbation.js';

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

/** A place as of parseSpan, or a range to draw the start from for each clip: `2s..8s`, `100..400`. */
export function parseStart(text: string): Span | Draw {
  const [from, to, ...more] = text.split('..');
  if (to === undefined) return parseSpan(text);
  if (more.length > 0) throw new Error(`"${text}" is no range of starts; expected two places (2s..8s)`);
  return { draw: { from: parseSpan(from), to: parseSpan(to) } };
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

/** Kinds that draw something of their own. */
const DRAWN: readonly Perturbation['kind'][] = ['noise', 'shuffle', ...NOTE_DAMAGES, ...DRAWING];

/** "white noise, 100 tokens at token 250, level match, seed 1"; of notes "30 notes at note 100". The seed is named where something is drawn. */
export function describe(perturbation: Perturbation, clock: Pick<FrameClock, 'times'> = {}): string {
  const { lengthOf, placeOf } = spansIn(termsOf(clock));
  const { at, length, seed } = perturbation;
  const drawn = at !== undefined && 'draw' in at;
  const random = drawn || DRAWN.includes(perturbation.kind);
  return [
    nameOf(perturbation, { lengthOf, placeOf }),
    windowInWords(perturbation.kind === 'click' ? (length ?? 'one sample') : length, at, {
      lengthOf,
      placeOf,
    }),
    ...('level' in perturbation ? [levelInWords(perturbation.level)] : []),
    ...('fade' in perturbation && perturbation.fade
      ? [`joints faded over ${lengthOf(perturbation.fade)}`]
      : []),
    ...(random ? [`seed ${seed}`] : []),
  ].join(', ');
}

function nameOf(perturbation: Perturbation, { lengthOf, placeOf }: SpanWords): string {
  switch (perturbation.kind) {
    case 'noise':
      return `${perturbation.color} noise${perturbation.mode === 'add' ? ' added' : ''}`;
    case 'tone':
      return `tone of ${perturbation.hz} Hz${perturbation.mode === 'add' ? ' added' : ''}`;
    case 'click':
      return 'click added';
    case 'silence':
      return 'silence';
    case 'foreign':
      return `music of ${perturbation.clip} from ${placeOf(perturbation.from)}`;
    case 'shuffle': {
      const { block, share = 1 } = perturbation;
      return `${partOf(share)}blocks of ${lengthOf(block)} shuffled`;
    }
    case 'delete':
      return 'deletion';
    case 'repeat':
      return `the last ${lengthOf(perturbation.block)} repeated`;
    case 'reverse':
      return perturbation.grain ? `grains of ${lengthOf(perturbation.grain)} reversed` : 'reversed';
    case 'reencode': {
      const { times = 1 } = perturbation;
      return times === 1
        ? 'encoded and decoded again (control)'
        : `encoded and decoded ${counted(times, 'time')}`;
    }
    case 'identity':
      return 'nothing done (control)';
    case 'nonsense':
      return `${partOf(perturbation.share)}notes drawn anew`;
    case 'bars':
      return `${partOf(perturbation.share)}bars shuffled`;
    case 'wrong':
      return `${partOf(perturbation.share)}pitches wrong by up to ${counted(perturbation.semitones ?? 1, 'semitone')}`;
    case 'jitter':
      return `${partOf(perturbation.share)}notes moved by up to ${lengthOf(perturbation.by)}`;
    case 'missing':
      return `${partOf(perturbation.share)}notes left out`;
    case 'dynamics':
      return `${partOf(perturbation.share)}velocities drawn anew`;
    default:
      return damageInWords(perturbation, lengthOf);
  }
}

function partOf(share = 1): string {
  return share === 1 ? '' : `${Number((100 * share).toFixed(2))}% of the `;
}

function windowInWords(
  length: Span | string | undefined,
  at: Span | Draw | undefined,
  { lengthOf, placeOf }: SpanWords,
): string {
  if (length === undefined && at === undefined) return 'the whole clip';
  const long = length === undefined ? 'to the end' : typeof length === 'string' ? length : lengthOf(length);
  if (at !== undefined && 'draw' in at) {
    return `${long} at a place drawn from ${placeOf(at.draw.from)} to ${placeOf(at.draw.to)}`;
  }
  return length === undefined ? `${long} from ${placeOf(at)}` : `${long} at ${placeOf(at)}`;
}

function levelInWords(level: Level | 'own'): string {
  return `level ${typeof level === 'string' ? level : `${level.dbfs} dBFS`}`;
}

interface SpanWords {
  readonly lengthOf: (span: Span) => string;
  readonly placeOf: (at: Span | undefined) => string;
}

function spansIn({ position }: Terms): SpanWords {
  return {
    lengthOf: (span) => ('tokens' in span ? counted(span.tokens, position) : `${span.seconds} s`),
    placeOf: (at = { tokens: 0 }) => ('tokens' in at ? `${position} ${at.tokens}` : `${at.seconds} s`),
  };
}
