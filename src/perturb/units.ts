// Physical quantities as text, with their units: what users type and what reports name. A bare number is in the unit that
// the function names.

const NUMBER = String.raw`[+-]?(?:\d+(?:\.\d+)?|\.\d+)`;

/** A parser of a number followed by one of a few units, each the power of ten that it multiplies by (so it is exact). */
function quantity(units: Readonly<Record<string, number>>, expected: string): (text: string) => number {
  const names = Object.keys(units).filter((name) => name !== '');
  const pattern = new RegExp(`^(${NUMBER})\\s*(${names.join('|')})?$`, 'i');
  return (text) => {
    const [, digits, unit = ''] = pattern.exec(text.trim()) ?? [];
    const power = Object.entries(units).find(([name]) => name.toLowerCase() === unit.toLowerCase())?.[1];
    if (digits === undefined || power === undefined) throw new Error(`"${text}": expected ${expected}`);
    return Number(`${digits}e${power}`);
  };
}

/** Hz: `1200Hz`, `1.2kHz`, `1200`. */
export const parseHertz = quantity({ '': 0, Hz: 0, kHz: 3 }, 'a frequency (1200Hz, 1.2kHz)');

/** dB: `10dB`, `-6dB`, `10`. */
export const parseDecibels = quantity({ '': 0, dB: 0 }, 'decibels (10dB, -6dB)');

/** A share of 1: `0.05`, `5%`. */
export const parseShare = quantity({ '': 0, '%': -2 }, 'a share (0.05, 5%)');

/** Cents of a semitone: `50 cents`, `50`. */
export const parseCents = quantity({ '': 0, ct: 0, cent: 0, cents: 0 }, 'cents (50 cents)');

/** kbit/s: `64k`, `64kbps`, `64 kbit/s`, `64`. */
export const parseBitrate = quantity({ '': 0, k: 0, kbps: 0, 'kbit/s': 0 }, 'a bit rate (64kbps)');

/** Semitones: `1`, `-0.5`, `3 semitones`, `50 cents`. */
export const parseSemitones = quantity(
  { '': 0, st: 0, semitone: 0, semitones: 0, cent: -2, cents: -2 },
  'semitones (1, -0.5) or cents (50 cents)',
);

/** Times as much: `1.1`, `1.1x`, `110%`. */
export const parseFactor = quantity({ '': 0, x: 0, '%': -2 }, 'a factor (1.1, 110%)');

/** A number with at most so many digits after the point, without trailing zeros. */
export function shown(value: number, digits = 3): string {
  return String(Number(value.toFixed(digits)));
}
