// SVG figures as PNG, with the font they name: without one there would be no text.

import { createRequire } from 'node:module';
import { Resvg } from '@resvg/resvg-js';

const require = createRequire(import.meta.url);
const FONTS = [
  require.resolve('@expo-google-fonts/inter/400Regular/Inter_400Regular.ttf'),
  require.resolve('@expo-google-fonts/inter/600SemiBold/Inter_600SemiBold.ttf'),
];

export interface PngOptions {
  /** Pixels per pixel of the SVG. Default 2. */
  readonly zoom?: number;
}

/** Draws a standalone SVG on white. Text is set in Inter, whatever fonts the machine has. */
export function svgToPng(svg: string, { zoom = 2 }: PngOptions = {}): Uint8Array {
  const drawn = new Resvg(svg, {
    background: '#fff',
    fitTo: { mode: 'zoom', value: zoom },
    font: {
      fontFiles: FONTS,
      loadSystemFonts: false,
      defaultFontFamily: 'Inter',
    },
  });
  return drawn.render().asPng();
}
