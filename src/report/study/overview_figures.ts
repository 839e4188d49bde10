// Figures over the whole study, and of single questions, as dots with intervals: every disturbance at one length, how
// well features tell disturbed clips from clean ones, the amnesia index, contrasts, published values beside ours.

import type { Published } from '../../analysis/figure_findings.js';
import { overall } from '../../analysis/overall.js';
import type { Amnesia, ClipLoss, Contrast, FeatureAuc } from '../../analysis/question_findings.js';
import { counted } from '../../counted.js';
import type { Figure } from '../drawing.js';
import type { Drawing } from '../figures.js';
import { domainOf, type Look, looksOf } from './figure.js';
import { type IntervalMark, intervalSvg } from './intervals.js';
import { linkOf, singlesOf } from './links.js';
import { distinct, makerOf, slug, variantsOf } from './slices.js';

/** Loss difference of the clip for every disturbance at the length nearest to 100 tokens; a panel a maker. */
export function overviewFigure(
  drawing: Drawing,
  points: readonly ClipLoss[],
  groups: readonly string[],
): Figure | undefined {
  const shown = distinct(points.map(({ disturbance }) => disturbance)).flatMap((disturbance) => {
    const own = points.filter((point) => point.disturbance === disturbance);
    return own.filter(({ variant }) => variant === variantsOf(own)[0]);
  });
  const marks = shown.flatMap(({ difference: { value, low, high }, group, variant, ...point }) =>
    value === null
      ? []
      : [
          {
            ...{ panel: makerOf(point), row: variant, series: group, value, low, high },
            link: linkOf({ ...point, variant, group }),
          },
        ],
  );
  if (marks.length === 0) return undefined;
  return {
    name: 'overview',
    title: 'Loss difference of the clip, every disturbance',
    caption:
      'Disturbed minus clean, mean over clips with its 95% interval; of each disturbance the member nearest to 100 tokens. ' +
      'Left of zero the loss prefers the disturbed clip.',
    svg: intervalSvg(drawing, marks, {
      title: 'Loss difference of the clip, every disturbance',
      xLabel: 'loss difference (nats)',
      lookOf: looksOf(groups),
      series: groups,
      guides: [{ at: 0, name: 'no change' }],
    }),
  };
}

/**
 * AUC of each feature over all groups, a panel a variant, a series a maker; features that need no clean reference are
 * hollow. Groups stand in the table.
 */
export function aucFigure(
  drawing: Drawing,
  features: readonly FeatureAuc[],
  disturbance: string,
): Figure | undefined {
  const own = overall(features);
  const makers = distinct(own.map((one) => makerOf(one)));
  const groups = distinct(own.map(({ group }) => group));
  const seriesOf = (one: FeatureAuc): string =>
    groups.length > 1 ? `${makerOf(one)} · ${one.group}` : makerOf(one);
  const marks = [...own]
    .sort((a, b) => Number(a.needsClean) - Number(b.needsClean))
    .flatMap((one): IntervalMark[] => {
      const { value, low, high } = one.auc;
      const row = `${one.feature}${one.needsClean ? '' : ' ○'}`;
      return value === null
        ? []
        : [
            {
              ...{ panel: one.variant, row, series: seriesOf(one), value, low, high },
              ...{ hollow: !one.needsClean, link: linkOf(one) },
            },
          ];
    });
  if (marks.length === 0) return undefined;
  const against = distinct(
    own.map(({ needsClean, against }) => `${needsClean ? 'filled' : 'hollow'}: told from ${against}`),
  );
  return {
    name: slug(disturbance, 'auc'),
    title: `How well features tell disturbed clips, ${groups.length > 1 ? makers.join(', ') : groups.join()}`,
    caption:
      'Area under the ROC curve by clip, with 95% intervals: 0.5 is guessing, 1 is always right, 0 always wrong. Hollow (○): ' +
      `from the disturbed clip alone; filled: needs the clean clip for reference (${against.join('; ')}).`,
    svg: intervalSvg(drawing, marks, {
      title: `AUC of features, ${disturbance}`,
      xLabel: 'AUC',
      lookOf: looksOf(distinct(marks.map(({ series }) => series))),
      domain: [-0.04, 1.04],
      ticks: [0, 0.25, 0.5, 0.75, 1],
      guides: [{ at: 0.5, name: 'guessing' }],
    }),
  };
}

/** Beyond these an index says only that its denominator is small; such values stand in the table. */
const INDEX_RANGE: readonly [number, number] = [-1, 2];

/** The amnesia index of every disturbance that has one; a panel a maker and length of the tail. */
export function amnesiaFigure(
  drawing: Drawing,
  rows: readonly Amnesia[],
  groups: readonly string[],
): Figure | undefined {
  const [least, most] = INDEX_RANGE;
  const within = (x: number | null): number | null =>
    x === null ? null : Math.max(least, Math.min(most, x));
  const marks = comparableTails(rows).flatMap(({ index: { value, low, high }, ...one }): IntervalMark[] =>
    value === null || value < least || value > most
      ? []
      : [
          {
            panel: `${makerOf(one)} · next ${counted(one.tailTokens, 'token')}`,
            row: one.variant,
            series: one.group,
            value,
            low: within(low),
            high: within(high),
            singles: singlesOf(one),
            link: linkOf(one),
          },
        ],
  );
  if (marks.length === 0) return undefined;
  const reach = marks.flatMap(({ value, low, high }) => [value, low ?? value, high ?? value]);
  return {
    name: 'amnesia',
    title: 'Amnesia index',
    caption:
      'Over the tokens that follow the disturbance: 0, the disturbance is ignored; 1, what came before it is forgotten. Large: ratio ' +
      'of means over clips with its 95% interval, cut at −1 and 2; small: single clips. Longer tails stand in the table.',
    svg: intervalSvg(drawing, marks, {
      title: 'Amnesia index',
      xLabel: 'amnesia index (share of the context’s worth that is lost)',
      lookOf: looksOf(groups),
      series: groups,
      columns: 2,
      domain: [Math.min(-0.25, ...reach), Math.max(1.25, ...reach)],
      guides: [
        { at: 0, name: 'ignored' },
        { at: 1, name: 'forgotten' },
      ],
    }),
  };
}

/** Rows of tails that every variant has: the rest of a clip is longer after a shorter disturbance. */
function comparableTails(rows: readonly Amnesia[]): readonly Amnesia[] {
  const variants = distinct(rows.map(({ variant }) => variant));
  const tails = distinct(rows.map(({ tailTokens }) => tailTokens)).filter((tail) =>
    variants.every((variant) => rows.some((row) => row.variant === variant && row.tailTokens === tail)),
  );
  return tails.length === 0 ? rows : rows.filter(({ tailTokens }) => tails.includes(tailTokens));
}

const VERDICT_LOOKS: Readonly<Record<Contrast['verdict'], Look>> = {
  different: { color: '#d55e00', ink: '#a94a00', symbol: 'triangle' },
  equivalent: { color: '#0072b2', ink: '#00629a', symbol: 'square' },
  undecided: { color: '#8a929b', ink: '#5c6670', symbol: 'circle' },
  unmeasured: { color: '#8a929b', ink: '#5c6670', symbol: 'circle' },
};

/** More rows than this are a table, not a picture. */
const MOST_CONTRASTS = 24;

/** The contrasts of one factor, those of the greatest difference where there are many. */
export function contrastFigures(drawing: Drawing, contrasts: readonly Contrast[]): Figure[] {
  const sets = distinct(contrasts.map(({ factor, quantity }) => JSON.stringify([factor, quantity])));
  return sets.flatMap((set) => {
    const [factor, quantity]: readonly string[] = JSON.parse(set);
    const own = contrasts.filter((one) => one.factor === factor && one.quantity === quantity);
    const size = ({ difference }: Contrast): number => Math.abs(difference.value ?? 0);
    const shown =
      own.length <= MOST_CONTRASTS ? own : own.toSorted((a, b) => size(b) - size(a)).slice(0, MOST_CONTRASTS);
    // What all rows hold equal is said once, in the caption.
    const partsOf = (at: string): string[] => at.split(', ');
    const shared = partsOf(own[0].at).filter((part) => own.every(({ at }) => partsOf(at).includes(part)));
    const marks = shown.flatMap(({ difference: { value, low, high }, verdict, a, b, at }) =>
      value === null
        ? []
        : [
            {
              panel: '',
              row: [`${a} − ${b}`, ...partsOf(at).filter((part) => !shared.includes(part))].join(', '),
              series: verdict,
              value,
              low,
              high,
              note: verdict,
            },
          ],
    );
    if (marks.length === 0) return [];
    const [name, unit = 'nats'] = quantity.split(', ');
    const cut = own.length > shown.length ? ` The ${shown.length} largest of ${own.length}.` : '';
    const { margin } = own[0];
    return [
      {
        name: slug('contrast', factor, name),
        title: `What the ${factor} changes: ${name}`,
        caption:
          `First minus second, mean with its 95% interval; all of them: ${shared.join(', ') || 'as named'}.${cut} Shaded: within ${margin} nats, the margin of equivalence. ` +
          'Triangle: different; square: equivalent; circle: undecided.',
        svg: intervalSvg(drawing, marks, {
          title: `Contrasts by ${factor}, ${name}`,
          xLabel: `difference of the ${name} (${unit})`,
          lookOf: (verdict) => VERDICT_LOOKS[verdict as Contrast['verdict']],
          guides: [{ at: 0, name: 'none' }],
          margin,
          oneLine: true,
        }),
      },
    ];
  });
}

const PUBLISHED_LOOKS: Readonly<Record<string, Look>> = {
  published: { color: '#5c6670', ink: '#5c6670', symbol: 'diamond' },
  ours: { color: '#0072b2', ink: '#00629a', symbol: 'circle' },
};

/** Published values (hollow) beside ours (filled); a figure a place of the paper and quantity, a row a value. */
export function publishedFigures(drawing: Drawing, rows: readonly Published[]): Figure[] {
  const both = rows.filter(({ ours }) => ours !== null);
  const quantityOf = ({ where, what }: Published): string => `${where}, ${what.split(',')[0]}`;
  return distinct(both.map(quantityOf)).map((quantity) => {
    const own = both.filter((row) => quantityOf(row) === quantity);
    const marks = own.flatMap(({ what, published, ours }) =>
      (['published', 'ours'] as const).map((series) => ({
        panel: '',
        row: what.split(',').slice(1).join(',').trim() || what,
        series,
        value: series === 'ours' ? (ours ?? Number.NaN) : published,
        low: null,
        high: null,
        hollow: series === 'published',
      })),
    );
    return {
      name: slug('published', quantity),
      title: quantity,
      caption: `Diamonds: published. Dots: this study (${distinct(own.map(({ note }) => note)).join('; ')}).`,
      svg: intervalSvg(drawing, marks, {
        title: `${quantity}, published and ours`,
        xLabel: quantity.includes('correlation') ? 'r' : 'nats per code',
        lookOf: (series) => PUBLISHED_LOOKS[series],
        domain: domainOf(
          marks.map(({ value }) => value),
          { zero: false },
        ),
      }),
    };
  });
}
