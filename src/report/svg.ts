// The one place where Observable Plot meets a document. A report is drawn wherever there is one: the browser's
// own, or happy-dom's under Node; the caller hands it over.

import type { Markish, PlotOptions } from '@observablehq/plot';

/** What a figure needs of its platform: a DOM document, opaque to the core. */
export type FigureDocument = object;

export type Plotting = typeof import('@observablehq/plot');

/** Colours that stay apart in grey and for the colour-blind (Okabe and Ito 2008). */
export const INK = {
  text: '#1b1f24',
  quiet: '#8a929b',
  clean: '#5f6b76',
  disturbed: '#0072b2',
  delta: '#1b1f24',
  window: '#f0e442',
  peak: '#d55e00',
  assimilation: '#56b4e9',
  rebound: '#e69f00',
  recovery: '#009e73',
} as const;

/** Draws marks as one standalone SVG element; class names and styles are fixed, so equal data gives equal bytes. */
export function drawSvg(
  plotting: Plotting,
  document: FigureDocument,
  options: PlotOptions & { readonly marks: Markish[]; readonly title: string },
): string {
  const { title, ...plot } = options;
  const figure = plotting.plot({
    ...plot,
    document: document as PlotOptions['document'],
    className: 'scope',
    style: {
      fontFamily: 'Inter, system-ui, sans-serif',
      fontSize: '12px',
      color: INK.text,
      background: 'none',
    },
  }) as unknown as { outerHTML: string };
  return withoutNoise(figure.outerHTML).replace(
    /^<svg([^>]*)>/,
    `<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="${escapeXml(title)}"$1><title>${escapeXml(title)}</title>`,
  );
}

/** Coordinates to a hundredth of a pixel: the rest is size, and differs between machines. */
function withoutNoise(svg: string): string {
  return rounded(svg, 2);
}

/** Figures with coordinates to a tenth of a pixel, for pages that show them only where no script runs. */
export function inTenths(html: string): string {
  return rounded(html, 1);
}

function rounded(svg: string, decimals: number): string {
  const longer = new RegExp(`-?\\d+\\.\\d{${decimals + 1},}(?:e-\\d+)?`, 'g');
  const unit = 10 ** decimals;
  return svg.replace(/ (?:transform|d|[xyr]|[xy][12]|c[xy]|width|height)="[^"]*"/g, (attribute) =>
    attribute.replace(longer, (number) => String(Math.round(Number(number) * unit) / unit)),
  );
}

/** Figures without the names that Plot gives to its marks ("rule", "dot"): read aloud, they are noise inside a picture. */
export function withoutMarkNames(html: string): string {
  return html.replace(/<g aria-label="[a-z -]+"/g, '<g');
}

/** What is wider than a phone in a box that scrolls by itself, by keys too; the page does not. */
export function scrolled(name: string, html: string): string {
  return `<div class="scroll" tabindex="0" role="group" aria-label="${escapeXml(name)}">${html}</div>`;
}

export function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
