// An estimate as every table of findings shows it.

/** A number with its 95% interval, and what it rests on. Null where it is undefined; `why` then says so. */
export interface Estimate {
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
  /** Clips it is computed from, and clips that should have been there and were not. */
  readonly n: number;
  readonly missing: number;
  readonly why?: string;
}
