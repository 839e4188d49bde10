// SVG figures as PDF: vectors, with the font in it, for papers.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import PDFDocument from 'pdfkit';
import SVGtoPDF from 'svg-to-pdfkit';

const require = createRequire(import.meta.url);
const FONTS = {
  regular: fontOf('@expo-google-fonts/inter/400Regular/Inter_400Regular.ttf'),
  bold: fontOf('@expo-google-fonts/inter/600SemiBold/Inter_600SemiBold.ttf'),
};
/** Points of a pixel. */
const POINT = 0.75;

/** One page as large as the standalone SVG; equal figures give equal bytes. @throws when the SVG has no size. */
export async function svgToPdf(svg: string): Promise<Uint8Array> {
  const [, width, height] = (/<svg[^>]*? width="([\d.]+)"[^>]*? height="([\d.]+)"/.exec(svg) ?? []).map(
    Number,
  );
  if (!(width > 0 && height > 0)) throw new Error('figure: an SVG with width and height is expected');
  const size: [number, number] = [width * POINT, height * POINT];
  const document = new PDFDocument({ size, margin: 0, info: { CreationDate: new Date(0) } });
  const pieces: Buffer[] = [];
  const ended = new Promise<void>((resolve, reject) => {
    document.on('data', (piece: Buffer) => pieces.push(piece));
    document.on('end', () => resolve());
    document.on('error', reject);
  });
  for (const [name, font] of Object.entries(FONTS)) document.registerFont(name, font);
  SVGtoPDF(document, svg, 0, 0, {
    width: size[0],
    height: size[1],
    assumePt: false,
    fontCallback: (_family, bold) => (bold ? 'bold' : 'regular'),
    // What a viewer of figures would not see either; the figure is drawn without it.
    warningCallback: () => undefined,
  });
  document.end();
  await ended;
  return Buffer.concat(pieces);
}

/**
 * A font without its tables of ligatures and kerning: reading them for every figure took longer than drawing it, and labels of
 * figures do without. Their names in the directory are changed, so that nobody finds them.
 */
function fontOf(file: string): Buffer {
  const font = readFileSync(require.resolve(file));
  const tables = font.readUInt16BE(4);
  for (let i = 0; i < tables; i++) {
    const at = 12 + 16 * i;
    if (/^(GSUB|GPOS|GDEF)$/.test(font.toString('latin1', at, at + 4))) font.write('none', at, 'latin1');
  }
  return font;
}
