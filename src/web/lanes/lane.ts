// A lane: one figure over the shared time axis. It draws a stretch of time into a place and says in words what stands there.

import type { Scene, Side } from '../viewer/scene.js';
import type { Theme } from '../viewer/theme.js';
import type { Stretch } from '../viewer/time_view.js';
import type { Pen } from './pen.js';

/** Where a lane draws: [left, width) is the time axis, what is before it is for labels. CSS pixels. */
export interface LanePlace {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly seen: Stretch;
  readonly colours: Theme;
  readonly side: Side;
  /** Milliseconds of this frame that may go into pictures that are not painted yet. */
  readonly budget: number;
}

export interface Lane {
  readonly id: string;
  readonly name: string;
  /** What it shows, for a first reader. */
  readonly what: string;
  readonly height: number;
  /** 'more' asks for another frame: a part is not painted yet. */
  draw(pen: Pen, place: LanePlace): 'more' | undefined;
  /** What stands at a place, in words; `down` is 0 at the lane's top, 1 at its bottom. */
  valueAt?(seconds: number, down: number): string;
}

/** Makes a lane of a scene, or nothing where the scene has nothing for it. */
export type LaneMaker = (scene: Scene) => Lane | undefined;

export const FONT = '11px system-ui, sans-serif';

/** Pixels from the left edge to a time. */
export function xOf({ left, width, seen }: LanePlace, seconds: number): number {
  return left + ((seconds - seen.lo) / (seen.hi - seen.lo)) * (width - left);
}

/** Draws inside the time axis only. */
export function clipped(pen: Pen, { left, width, height }: LanePlace, draw: () => void): void {
  pen.save();
  pen.beginPath();
  pen.rect(left, 0, width - left, height);
  pen.clip();
  draw();
  pen.restore();
}

/** A linear scale for values: [low, high] onto [bottom, top] pixels. */
export function scaleOf(low: number, high: number, { top, bottom }: { top: number; bottom: number }) {
  return (value: number): number => bottom - ((value - low) / (high - low)) * (bottom - top);
}

/** Round numbers between low and high, about `count` of them. */
export function ticksOf(low: number, high: number, count: number): number[] {
  const rough = (high - low) / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((one) => one >= rough) ?? rough;
  const first = Math.ceil(low / step);
  const last = Math.floor(high / step);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => (first + i) * step);
}

/** Lines across at round values, with the values before the axis. */
export function yAxis(
  pen: Pen,
  { left, width, height, colours }: LanePlace,
  { low, high, y, signed = false }: { low: number; high: number; y: (v: number) => number; signed?: boolean },
): void {
  pen.font = FONT;
  pen.textAlign = 'right';
  pen.textBaseline = 'middle';
  // Two values at least: one alone is no scale.
  for (const tick of ticksOf(low, high, 5)) {
    pen.fillStyle = colours.line;
    pen.fillRect(left, Math.round(y(tick)), width - left, 1);
    pen.fillStyle = colours.quiet;
    // Whole, at the edges too.
    pen.fillText(numberText(tick, signed), left - 6, Math.max(6, Math.min(height - 6, y(tick))));
  }
}

export function numberText(value: number, signed = false): string {
  const text = String(Math.round(Math.abs(value) * 1000) / 1000);
  if (text === '0') return '0';
  return value < 0 ? `−${text}` : signed ? `+${text}` : text;
}

/** A curve [T] with a value in the middle of every token; gaps where it is undefined. */
export function curve(
  pen: Pen,
  place: LanePlace,
  { values, token, y }: { values: ArrayLike<number>; token: number; y: (value: number) => number },
): void {
  const { seen, left, width } = place;
  const first = Math.max(0, Math.floor(seen.lo / token) - 1);
  const last = Math.min(values.length, Math.ceil(seen.hi / token) + 1);
  // More tokens than pixels: the largest and smallest of each pixel are enough.
  const perPixel = (last - first) / Math.max(1, width - left);
  const step = Math.max(1, Math.floor(perPixel / 2));
  pen.beginPath();
  let down = false;
  for (let t = first; t < last; t += step) {
    const value = values[t];
    if (Number.isNaN(value)) {
      down = false;
      continue;
    }
    const x = xOf(place, (t + 0.5) * token);
    if (down) pen.lineTo(x, y(value));
    else pen.moveTo(x, y(value));
    down = true;
  }
  pen.stroke();
}

/** Centred moving mean of five tokens over what is defined: for the eye only. */
export function smoothed(values: Float64Array): Float64Array {
  return values.map((value, t) => {
    if (Number.isNaN(value)) return value;
    let sum = 0;
    let count = 0;
    for (let i = Math.max(0, t - 2); i <= Math.min(values.length - 1, t + 2); i++) {
      if (Number.isNaN(values[i])) continue;
      sum += values[i];
      count++;
    }
    return sum / count;
  });
}

/** Smallest and largest defined value. */
export function rangeOf(values: Iterable<number>): { readonly low: number; readonly high: number } {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low <= high ? { low, high } : { low: 0, high: 1 };
}
