// A DOM to draw figures in, outside a browser. Loaded only when a page is wanted: it takes a second.

import type { Drawing } from '../report/figures.js';

/** Observable Plot and a happy-dom document for it. */
export async function openDrawing(): Promise<Drawing> {
  const [{ Window }, plotting] = await Promise.all([import('happy-dom'), import('@observablehq/plot')]);
  return { plotting, document: new Window().document };
}
