// An answer of a report: one sentence, the sentences behind it and the numbers of a small figure.

/** An answer in plain words, each sentence with its numbers. */
export interface Answer {
  readonly question: 'Scores' | 'RQ1' | 'RQ2' | 'RQ3' | 'RQ4' | 'Amnesia';
  readonly title: string;
  /** The answer in one sentence of everyday words. */
  readonly verdict: string;
  readonly sentences: readonly string[];
  /** The numbers that the verdict rests on, as far as a small figure can show them. */
  readonly figure: AnswerFigure;
}

/** Dots with their intervals on one axis, largest first. */
export interface AnswerFigure {
  readonly axis: string;
  /** The value that means nothing is there, and what it means. */
  readonly reference: number;
  readonly referenceName: string;
  readonly points: readonly AnswerPoint[];
  /** How many there are; those in the middle are left out. */
  readonly of: number;
}

export interface AnswerPoint {
  readonly name: string;
  readonly value: number;
  readonly low: number | null;
  readonly high: number | null;
}
