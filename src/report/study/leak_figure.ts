// The leak map: which codes really changed, before, inside and after the window, by codebook.

import type { Leak } from '../../analysis/figure_findings.js';
import { ALL_GROUPS } from '../../analysis/point.js';
import type { Figure } from '../drawing.js';
import type { Drawing } from '../figures.js';
import { INK } from '../svg.js';
import { drawPanels, panelsOf } from './figure.js';
import { distinct, makerOf, variantsOf } from './slices.js';

const PLACES = ['before', 'inside', 'after'] as const;
const ROW_HEIGHT = 21;
/** Beyond this share the number is written in white. */
const DARK = 0.55;

/**
 * Mean shares of changed codes: a row of panels a disturbance (its member nearest to 100 tokens), a column a group, a
 * row a codebook. Shown for the first maker: what a codec changes does not depend on how its codes are scored.
 */
export function leakFigure(
  drawing: Drawing,
  leaks: readonly Leak[],
  all: readonly string[],
): Figure | undefined {
  const { plotting } = drawing;
  const maker = leaks.length > 0 ? makerOf(leaks[0]) : '';
  const ofMaker = leaks.filter((leak) => makerOf(leak) === maker);
  const shown = distinct(ofMaker.map(({ disturbance }) => disturbance)).flatMap((disturbance) => {
    const own = ofMaker.filter((leak) => leak.disturbance === disturbance);
    return own.filter(({ variant }) => variant === variantsOf(own)[0]);
  });
  const codebooks = Math.max(0, ...shown.map(({ inside }) => inside.length));
  if (codebooks === 0) return undefined;
  const groups = all.filter((name) => name !== ALL_GROUPS && shown.some(({ group }) => group === name));
  const nameOf = ({ variant, group }: Leak): string => `${variant}, ${group}`;
  const variants = distinct(shown.map(({ variant }) => variant));
  const names = variants.flatMap((variant) => groups.map((group) => `${variant}, ${group}`));
  const panels = panelsOf(names, Math.min(3, groups.length));
  const cells = shown
    .filter(({ group }) => groups.includes(group))
    .flatMap((leak) =>
      PLACES.flatMap((place, x) =>
        leak[place].map((share, k) => ({ ...panels.cellOf(nameOf(leak)), x, k, share })),
      ),
    );
  const at = { fx: 'fx', fy: 'fy' };
  return {
    name: 'leak',
    title: 'Which codes really changed',
    caption:
      `Share of codes that differ from those of the clean clip, mean over clips, ${maker}. A codec looks ahead and back, so a disturbance ` +
      'of the sound reaches codes outside its window; one made on the codes does not.',
    svg: drawPanels(drawing, {
      title: 'Shares of changed codes by codebook and place',
      panels,
      panelHeight: ROW_HEIGHT * codebooks,
      marginTop: 56,
      marginLeft: 60,
      marginRight: 10,
      between: { x: 0.08, y: 40 / (40 + ROW_HEIGHT * codebooks) },
      x: {
        label: 'place relative to the window',
        labelAnchor: 'center',
        labelArrow: 'none',
        domain: [-0.5, PLACES.length - 0.5],
        ticks: PLACES.map((_, i) => i),
        tickFormat: (i: number) => PLACES[i],
        tickSize: 0,
      },
      y: {
        label: 'codebook',
        labelAnchor: 'top',
        labelArrow: 'none',
        domain: [codebooks - 0.5, -0.5],
        ticks: Array.from({ length: codebooks }, (_, k) => k),
        tickFormat: (k: number) => String(k),
        tickSize: 0,
      },
      color: { type: 'identity' },
      marks: [
        plotting.rect(cells, {
          ...at,
          x1: ({ x }: { x: number }) => x - 0.5,
          x2: ({ x }: { x: number }) => x + 0.5,
          y1: ({ k }: { k: number }) => k - 0.5,
          y2: ({ k }: { k: number }) => k + 0.5,
          fill: ({ share }: { share: number | null }) => shade(share),
          inset: 0.75,
        }),
        plotting.text(cells, {
          ...at,
          x: 'x',
          y: 'k',
          text: ({ share }: { share: number | null }) =>
            share === null ? '–' : `${(100 * share).toFixed(1)}%`,
          fill: ({ share }: { share: number | null }) => ((share ?? 0) > DARK ? '#fff' : INK.text),
        }),
      ],
    }),
  };
}

/** White to dark blue: darker is more. Lightness falls evenly, so that it can be read in grey too. */
function shade(share: number | null): string {
  if (share === null) return '#fff';
  const channel = (white: number, dark: number): number => Math.round(white + (dark - white) * share);
  return `rgb(${channel(246, 0)}, ${channel(249, 70)}, ${channel(252, 128)})`;
}
