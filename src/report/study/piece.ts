// What the sections of a study's report are made of.

import type { Figure } from './figure.js';

/** A figure, a table, or several of them behind a line to click on. */
export type Piece =
  | { readonly kind: 'figure'; readonly figure: Figure }
  | { readonly kind: 'html'; readonly html: string }
  | { readonly kind: 'folded'; readonly summary: string; readonly pieces: readonly Piece[] };

export interface Section {
  /** Anchor of the page, unique. */
  readonly id: string;
  readonly title: string;
  /** A sentence or two of plain text. */
  readonly intro: string;
  readonly pieces: readonly Piece[];
}

export function asPiece(figure: Figure): Piece {
  return { kind: 'figure', figure };
}
