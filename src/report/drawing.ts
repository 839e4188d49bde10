// What callers see of drawing: no type of Observable Plot stands here, since those need the types of d3 and of a DOM, which
// users of the package would have to install.

import type { ClipMap } from '../probe/map_record.js';

/** Observable Plot and a document, as `openDrawing` gives them. */
export interface FigureDrawing {
  readonly plotting: object;
  readonly document: object;
}

/** A figure as a page and a file have it. */
export interface Figure {
  /** Name of its file, without the ending. Unique in a report. */
  readonly name: string;
  readonly title: string;
  /** How to read it; plain text. */
  readonly caption: string;
  readonly svg: string;
}

/** Maps to be drawn, by key. */
export type DrawnMaps = ReadonlyMap<string, ClipMap>;
