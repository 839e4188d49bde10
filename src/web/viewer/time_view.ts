// The one time axis of a viewer: which stretch is seen, where the cursor is, and what was brushed. Seconds throughout.

import { signal } from '@preact/signals';

export interface Stretch {
  readonly lo: number;
  readonly hi: number;
}

/** Shortest stretch that can be seen, in tokens. */
const FEWEST_TOKENS = 8;

export class TimeView {
  readonly seen = signal<Stretch>({ lo: 0, hi: 1 });
  /** The place that a pointer or a key is at; undefined when none. */
  readonly hovered = signal<number | undefined>(undefined);
  readonly cursor = signal(0);
  readonly brushed = signal<Stretch | undefined>(undefined);
  readonly #seconds = signal(1);
  #token = 0.02;

  get seconds(): number {
    return this.#seconds.value;
  }

  get token(): number {
    return this.#token;
  }

  /** A new axis, seen whole. */
  reset(seconds: number, token: number): void {
    this.#seconds.value = seconds;
    this.#token = token;
    this.seen.value = { lo: 0, hi: seconds };
    this.brushed.value = undefined;
    this.hovered.value = undefined;
    this.cursor.value = 0;
  }

  /** Shows a stretch, kept within the clip. */
  show({ lo, hi }: Stretch): void {
    const least = Math.min(this.seconds, FEWEST_TOKENS * this.#token);
    const width = Math.max(least, Math.min(this.seconds, hi - lo));
    const middle = (lo + hi) / 2;
    const start = Math.max(0, Math.min(this.seconds - width, width > hi - lo ? middle - width / 2 : lo));
    this.seen.value = { lo: start, hi: start + width };
  }

  showAll(): void {
    this.show({ lo: 0, hi: this.seconds });
  }

  /** By a factor (below 1: closer) around a place that stays where it is. */
  zoom(factor: number, around: number): void {
    const { lo, hi } = this.seen.value;
    this.show({ lo: around - (around - lo) * factor, hi: around + (hi - around) * factor });
  }

  pan(seconds: number): void {
    const { lo, hi } = this.seen.value;
    const by = Math.max(-lo, Math.min(this.seconds - hi, seconds));
    this.show({ lo: lo + by, hi: hi + by });
  }

  /** Turns the page when a place that is followed leaves what is seen. */
  follow(place: number): void {
    const { lo, hi } = this.seen.value;
    if (place >= lo && place <= hi) return;
    this.show({ lo: place, hi: place + (hi - lo) });
  }

  /** Marks a stretch, snapped to whole tokens; one without a token marks nothing. */
  brush(a: number, b: number): void {
    const snap = (seconds: number): number =>
      Math.max(0, Math.min(this.seconds, Math.round(seconds / this.#token) * this.#token));
    const [lo, hi] = [snap(Math.min(a, b)), snap(Math.max(a, b))];
    this.brushed.value = hi - lo < this.#token / 2 ? undefined : { lo, hi };
  }
}
