// Delta curves for the region tests: made ones, whose regions are known, and the four published ones.

import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { REGION_NAMES, type Region, type RegionFindings, type RegionName } from '../../src/regions/region.js';
import { generator, seedOf } from '../../src/stats/random.js';

export interface Made {
  readonly frames?: number;
  readonly window?: { readonly start: number; readonly end: number };
  /** Offset of the whole curve, and s.d. of noise: before the onset, and from it on. */
  readonly offset?: number;
  readonly noiseBefore?: number;
  readonly noise?: number;
  readonly seed?: number;
  readonly peak?: { readonly at: number; readonly width: number; readonly height: number };
  /** Level from the end of the Peak (or the window's start) to 3 frames before the window's end. */
  readonly level?: number;
  readonly rebound?: { readonly at: number; readonly width: number; readonly height: number };
  /** Alternating signs of size amplitude 2^(-t / halfLife) after the Rebound, t from the window's end. */
  readonly recovery?: { readonly amplitude: number; readonly halfLife: number };
}

export const WINDOW = { start: 250, end: 350 };

/** A delta curve with known regions. */
export function made(spec: Made): Float64Array {
  const { frames = 750, window = WINDOW, offset = 0, noiseBefore = 0, noise = 0, seed = 0 } = spec;
  const random = generator(seedOf('regions.test', seed));
  const { peak, level = 0, rebound, recovery } = spec;
  const inside = (part: Made['peak'], t: number) =>
    part !== undefined && t >= part.at && t < part.at + part.width;
  return Float64Array.from({ length: frames }, (_, t) => {
    const disturbed = t >= window.start - 7;
    let value = offset + (disturbed ? noise : noiseBefore) * random.normal();
    if (peak && inside(peak, t)) value += peak.height;
    else if (rebound && inside(rebound, t)) value += rebound.height;
    else if (t >= window.start && t < window.end - 3) value += level;
    else if (recovery && t >= window.end) {
      value += (t % 2 ? -1 : 1) * recovery.amplitude * 2 ** (-(t - window.end) / recovery.halfLife);
    }
    return value;
  });
}

export function find(findings: RegionFindings, name: RegionName): Region | undefined {
  return findings.regions.find((region) => region.name === name);
}

export function spanOf(region: Region | undefined): [number, number] | undefined {
  return region && [region.start, region.end];
}

/** What is drawn of a region: a searched Peak or Rebound, else the region itself. */
export function drawnOf(region: Region | undefined): [number, number] | undefined {
  return spanOf(region && { ...region, ...region.drawn });
}

/** Nothing that JSON would turn into null, and every region name accounted for at most once. */
export function isReadyForJson(findings: RegionFindings): void {
  expect(JSON.parse(JSON.stringify(findings))).toEqual(findings);
  expect(JSON.stringify(findings)).not.toContain('null');
  const names = [...findings.regions, ...findings.absent].map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(REGION_NAMES).toContain(name);
}

interface Published {
  readonly pieces: Record<string, { readonly first_token: number; readonly delta: readonly number[] }>;
}

export const published = JSON.parse(
  readFileSync(new URL('../golden/published/loss-difference.json', import.meta.url), 'utf8'),
) as Published;

/** A published curve on the frame axis: figure token i is frame i + 1; frames before the picture are undefined. */
export function publishedCurve(
  piece: string,
  change: (value: number) => number = (value) => value,
): Float64Array {
  const { first_token: first, delta } = published.pieces[piece];
  const curve = new Float64Array(first + 1 + delta.length).fill(Number.NaN);
  delta.forEach((value, i) => {
    curve[first + 1 + i] = change(value);
  });
  return curve;
}
