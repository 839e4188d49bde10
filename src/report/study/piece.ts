// What the sections of a study's report are made of.

import type { Figure } from '../drawing.js';

/** A figure, a table, several of them behind a line to click on, or one of several sets to choose from. */
export type Piece =
  | { readonly kind: 'figure'; readonly figure: Figure }
  | { readonly kind: 'html'; readonly html: string }
  | { readonly kind: 'folded'; readonly summary: string; readonly pieces: readonly Piece[] }
  | { readonly kind: 'choice'; readonly label: string; readonly options: readonly Option[] };

/** One of the sets of a choice; the first is shown at first. */
export interface Option {
  readonly name: string;
  readonly pieces: readonly Piece[];
}

export interface Section {
  /** Anchor of the page, unique. */
  readonly id: string;
  readonly title: string;
  /** A sentence or two of plain text. */
  readonly intro: string;
  /** The disturbance it is about, where it is about one: readers may filter by it. */
  readonly disturbance?: string;
  readonly pieces: readonly Piece[];
}

export function asPiece(figure: Figure): Piece {
  return { kind: 'figure', figure };
}
