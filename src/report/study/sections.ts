// The parts of a study's report in their order: each with its figures and tables, and what is folded away. A part for
// which the study has nothing is absent, and said so.

import type { Curve, RegionSample } from '../../analysis/figure_findings.js';
import type { Findings } from '../../analysis/findings.js';
import type { Point } from '../../analysis/point.js';
import { counted } from '../../counted.js';
import type { DrawnMaps, Figure } from '../drawing.js';
import type { Drawing } from '../figures.js';
import { batterySection } from './battery_section.js';
import { type CurveSet, curveFigure, heatFigure } from './curve_figures.js';
import { leakFigure } from './leak_figure.js';
import { lossLines, psychometricFigures } from './line_figures.js';
import { mapSection } from './map_section.js';
import {
  amnesiaFigure,
  aucFigure,
  contrastFigures,
  overviewFigure,
  publishedFigures,
} from './overview_figures.js';
import { asPiece, type Piece, type Section } from './piece.js';
import { SIDES_TITLE, sidesFigure } from './sides_figure.js';
import { distinct, disturbancesOf, groupsOf, makerOf, only, slug, variantsOf } from './slices.js';
import { boxFigures, violinFigures } from './spread_figures.js';
import {
  amnesiaTable,
  clipLossTable,
  contrastTable,
  featureTable,
  psychometricTable,
  publishedTable,
  regionTable,
  transientTable,
  trendTable,
} from './tables.js';

export interface Sections {
  readonly sections: readonly Section[];
  /** What the study does not hold, a sentence each. */
  readonly absent: readonly string[];
}

/** Everything between the answers and the provenance. */
export function sectionsOf(drawing: Drawing, findings: Findings, maps: DrawnMaps): Sections {
  const groups = groupsOf(findings);
  const disturbances = disturbancesOf(findings);
  const candidates: readonly (Section & { readonly absent: string })[] = [
    { ...batterySection(drawing, findings), absent: 'No battery: the study asks for none.' },
    {
      id: 'overview',
      title: 'All disturbances at a glance',
      intro: 'How far each disturbance moves the loss of the whole clip.',
      pieces: figures(overviewFigure(drawing, findings.clipLoss, groups)),
      absent: 'No disturbed clip was scored.',
    },
    {
      id: 'sides',
      title: SIDES_TITLE,
      intro:
        'The same pieces and the same places: noise and other damages of sound, heard through a codec, beside damages of the notes, ' +
        'which no codec stands between. A shape that both have is the language model’s; one that only sound has may be the codec’s.',
      pieces: figures(sidesFigure(drawing, findings.regions)),
      absent: 'No sound beside notes: the study has one of them.',
    },
    ...disturbances.map((disturbance) =>
      disturbanceSection(drawing, only(findings, disturbance), { disturbance, groups }),
    ),
    {
      id: 'leak',
      title: 'Leak map',
      intro:
        'What a disturbance reaches: a codec sees some frames ahead and back, so codes change outside the window too.',
      pieces: figures(leakFigure(drawing, findings.leaks, groups)),
      absent: 'No leak map: no changed codes were recorded.',
    },
    {
      id: 'amnesia',
      title: 'Amnesia index',
      intro:
        'Does the model still use what came before the disturbance? The tail of the clip is scored after the music and the ' +
        'disturbance, after the music alone and after the disturbance alone.',
      pieces: [
        ...figures(amnesiaFigure(drawing, findings.amnesia, groups)),
        ...foldedTable('amnesia indices', findings.amnesia, amnesiaTable),
      ],
      absent: 'No amnesia index: the study scores no counterfactual contexts.',
    },
    {
      id: 'contrasts',
      title: 'Does it hold?',
      intro:
        'Differences between models, groups, kinds of disturbance, protocols and domains, everything else held equal. ' +
        'No difference is claimed only where an equivalence test says so.',
      pieces: [
        ...contrastFigures(drawing, findings.contrasts).map(asPiece),
        ...foldedTable('contrasts', findings.contrasts, contrastTable),
      ],
      absent: 'No contrasts: the study has one model, group, kind, protocol and domain.',
    },
    {
      ...mapSection(drawing, findings, maps),
      absent: findings.maps ? 'No clip was mapped.' : 'No sensitivity maps: the study asks for none.',
    },
    {
      id: 'published',
      title: 'The paper’s values beside ours',
      intro:
        'Read off the published figures of “When Noise Lowers The Loss” (Li, Liu and Wang, ICASSP 2026, arXiv 2602.02738).',
      pieces: [
        ...publishedFigures(drawing, findings.published).map(asPiece),
        ...foldedTable('published values', findings.published, publishedTable),
      ],
      absent: 'No published values stand beside this study.',
    },
  ];
  return {
    sections: candidates.filter(({ pieces }) => pieces.length > 0),
    absent: [
      ...candidates.filter(({ pieces }) => pieces.length === 0).map(({ absent }) => absent),
      ...(findings.boxes.length === 0 ? ['No boxes by length of a block: the study shuffles nothing.'] : []),
      ...(findings.psychometric.length === 0
        ? ['No psychometric curves: no disturbance has three lengths or levels.']
        : []),
    ],
  };
}

function disturbanceSection(
  drawing: Drawing,
  own: Findings,
  options: { readonly disturbance: string; readonly groups: readonly string[] },
): Section & { readonly absent: string } {
  const { disturbance, groups } = options;
  const variants = variantsOf([...own.curves, ...own.regions]);
  const lines = (['difference', 'perToken'] as const).map((quantity) =>
    lossLines(drawing, own.clipLoss, { ...options, quantity, published: own.published }),
  );
  return {
    id: slug('disturbance', disturbance),
    title: `Disturbance: ${disturbance}`,
    disturbance,
    intro: introOf(own, variants[0]),
    pieces: [
      ...figures(...lines),
      ...choice(
        'Boxes of',
        boxFigures(drawing, own.boxes, options).map((figure) => ({
          name: lastWords(figure),
          figures: [figure],
        })),
      ),
      ...foldedTable('loss differences of the clips', own.clipLoss, clipLossTable),
      ...foldedTable('trends over length', own.trends, trendTable),
      ...choice(
        'Detection by',
        psychometricFigures(drawing, own.psychometric, options).map((figure) => ({
          name: lastWords(figure),
          figures: [figure],
        })),
      ),
      ...foldedTable('thresholds', own.psychometric, psychometricTable),
      ...choice('Curves of', shapes(drawing, own, { variants, groups })),
      ...foldedTable('means of the regions', own.regions, regionTable),
      ...foldedTable('Peak and Rebound by three definitions', own.transients, transientTable),
      ...figures(aucFigure(drawing, own.features, disturbance)),
      ...foldedTable('features', own.features, featureTable),
    ],
    absent: '',
  };
}

/**
 * Curves, codebooks and regions: of the variant to show first for every maker, and of every other variant for the first
 * maker. All variants of all makers would be too many to look at; the table of means has them.
 */
function shapes(
  drawing: Drawing,
  own: Findings,
  { variants, groups }: { readonly variants: readonly string[]; readonly groups: readonly string[] },
): FigureSet[] {
  const makers = distinct([...own.curves, ...own.regions].map((one) => makerOf(one)));
  const chosen = [
    ...makers.map((maker) => ({ maker, variant: variants[0] })),
    ...variants.slice(1).map((variant) => ({ maker: makers[0], variant })),
  ];
  return chosen.map(({ maker, variant }) => {
    const isShown = (one: Curve | RegionSample): boolean => one.variant === variant && makerOf(one) === maker;
    const shown = own.curves.filter(isShown);
    const curves = groups.flatMap((group) => shown.filter((curve) => curve.group === group));
    const set: CurveSet = { maker, variant, curves };
    return {
      name: makers.length > 1 ? `${variant} · ${maker}` : variant,
      figures: [
        ...(set.curves.length > 0 ? [curveFigure(drawing, set), heatFigure(drawing, set)] : []),
        ...violinFigures(drawing, own.regions.filter(isShown), { variant, groups }),
      ],
    };
  });
}

/** What tells a figure from its like: the words after the first comma of its title. */
function lastWords({ title }: Figure): string {
  return title.slice(title.indexOf(',') + 1).trim();
}

/** "noise, white, made on the waveform; ..." */
function introOf({ clipLoss, curves }: Findings, shown: string | undefined): string {
  const points: readonly Point[] = [...clipLoss, ...curves];
  const first = points.find(({ variant }) => variant === shown) ?? points[0];
  if (!first) return '';
  const n = distinct(clipLoss.map(({ variant }) => variant)).length;
  const onWhat = {
    waveform: 'the sound',
    codes: 'the codes',
    symbolic: 'the score, before it is rendered',
    notes: 'the notes',
  };
  return `Made on ${onWhat[first.domain]}; ${counted(n, 'variant')}, among them: ${first.words}.`;
}

function figures(...given: readonly (Figure | undefined)[]): Piece[] {
  return given.filter((figure) => figure !== undefined).map(asPiece);
}

/** Sets of figures to choose from, where there is more than one. */
function choice(label: string, sets: readonly FigureSet[]): Piece[] {
  const options = sets.flatMap(({ name, figures }) =>
    figures.length === 0 ? [] : [{ name, pieces: figures.map(asPiece) }],
  );
  return options.length < 2 ? options.flatMap(({ pieces }) => pieces) : [{ kind: 'choice', label, options }];
}

/** Figures that stand together under one name. */
interface FigureSet {
  readonly name: string;
  readonly figures: readonly Figure[];
}

function foldedTable<T>(name: string, rows: readonly T[], draw: (rows: readonly T[]) => string): Piece[] {
  if (rows.length === 0) return [];
  return [
    {
      kind: 'folded',
      summary: `table: ${name} (${counted(rows.length, 'row')})`,
      pieces: [{ kind: 'html', html: draw(rows) }],
    },
  ];
}
