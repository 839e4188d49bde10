// An estimate and a test as every table of findings shows them.

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

/** A p-value, its name and the same corrected by Holm over its family. */
export interface Test {
  readonly p: number | null;
  readonly holm: number | null;
  /** "two-sided sign-flip permutation test by clip". */
  readonly name: string;
  /** Which p-values it was corrected with: "RQ1, clip loss". */
  readonly family: string;
}
