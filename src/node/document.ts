// A DOM to draw figures in, outside a browser. Loaded only when a page is wanted: it takes a second.

import type { FigureDrawing } from '../report/drawing.js';

/** Observable Plot and a happy-dom document for it. */
export async function openDrawing(): Promise<FigureDrawing> {
  const [{ Window }, plotting] = await Promise.all([import('happy-dom'), import('@observablehq/plot')]);
  return { plotting, document: new Window().document };
}
