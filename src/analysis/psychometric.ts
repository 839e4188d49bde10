// RQ2: in how many clips is the disturbance detected, against its length, its level or its severity? A detector says yes where a
// feature lies beyond all 19 null curves of its own clip and window: by chance 1 time in 20.

import { widenedBy } from '../regions/stretches.js';
import {
  fitPsychometric,
  type PsychometricFit,
  type PsychometricOptions,
  psychometricOf,
  type Trials,
} from '../stats/psychometric.js';
import { type MeasuredAxis, measuredAxis } from './axis.js';
import { type DeltaFeature, type DeltaFeatures, NULL_DRAWS } from './curve_features.js';
import { estimateOf, nothing } from './estimate.js';
import type { Estimate } from './estimated.js';
import { type DisturbedClip, type Sample, seriesOf } from './measured.js';
import { unjudgedBy } from './null_features.js';
import type { Psychometric } from './question_findings.js';

/** Share of hits by chance alone: beyond all null draws. */
const GUESS = 1 / (NULL_DRAWS + 1);
/** Fewest x that a curve is fitted to. */
const FEWEST_POINTS = 3;
/** Points of a drawn curve. */
const DRAWN = 50;

type Along = Pick<Psychometric, 'axis' | 'severityName'>;

interface Detector {
  /** In words. */
  readonly detector: string;
  /** Name of its random numbers where it is not those words: intervals stay the same when words change. */
  readonly stream?: string;
  readonly feature: DeltaFeature;
  readonly isBeyond: (value: number, other: number) => boolean;
}

const BY_CHANCE = `beyond all ${NULL_DRAWS} null curves of its clip`;
const DETECTORS: readonly Detector[] = [
  {
    detector: `mean loss inside the window lower, ${BY_CHANCE}`,
    feature: 'Window rise',
    isBeyond: (a, b) => a < b,
  },
  {
    detector: `mean loss inside the window higher, ${BY_CHANCE}`,
    feature: 'Window rise',
    isBeyond: (a, b) => a > b,
  },
  {
    detector: `highest frame at the onset, ${BY_CHANCE}`,
    stream: `Peak higher, ${BY_CHANCE}`,
    feature: 'Peak height',
    isBeyond: (a, b) => a > b,
  },
];

/** A function for each detector and series of at least three lengths, three levels in dBFS, or three severities. */
export function psychometrics(
  samples: readonly Sample[],
  options: { readonly seed: number },
): Psychometric[] {
  return alongs(samples).flatMap((along) => {
    const { field, scale } = measuredAxis(along);
    const usable = samples.filter((sample) => {
      const x = xOf(sample, along);
      // Nothing at all has no place on a scale of ratios.
      return Number.isFinite(x) && (scale === 'linear' || x > 0);
    });
    return seriesOf(usable, field)
      .filter(({ samples: members }) => members.length >= FEWEST_POINTS)
      .flatMap((series) => DETECTORS.map((detector) => functionOf(series, { along, detector, ...options })));
  });
}

/** What there is to measure along: length, level, and every severity that is neither. */
function alongs(samples: readonly Sample[]): Along[] {
  const names = new Set(samples.map(({ point }) => point.severity?.name));
  const severities = [...names].filter((name) => name !== undefined && name !== 'length' && name !== 'level');
  return [
    { axis: 'length', severityName: null },
    { axis: 'level', severityName: null },
    ...severities.map((severityName) => ({ axis: 'severity', severityName }) as const),
  ];
}

function xOf(
  { point: { lengthTokens, levelDbfs, severity } }: Sample,
  { axis, severityName }: Along,
): number {
  if (axis === 'length') return lengthTokens ?? Number.NaN;
  if (axis === 'level') return levelDbfs ?? Number.NaN;
  return severity?.name === severityName ? severity.value : Number.NaN;
}

/** x so that the damage grows with it, and back: the same both ways. */
function oriented({ worse, scale }: MeasuredAxis): (x: number) => number {
  if (worse === 'higher') return (x) => x;
  return scale === 'log' ? (x) => 1 / x : (x) => -x;
}

function functionOf(
  { slice, at, samples }: ReturnType<typeof seriesOf>[number],
  {
    along,
    detector: { detector, stream = detector, feature, isBeyond },
    seed,
  }: { readonly along: Along; readonly detector: Detector; readonly seed: number },
): Psychometric {
  const axis = measuredAxis(along);
  const turned = oriented(axis);
  const clips = new Map<string, Trials[]>();
  const points = samples.map((sample) => {
    const x = xOf(sample, along);
    const outcomes = sample.cells.flatMap((cell) => {
      const hit = detects(cell, feature, isBeyond);
      if (hit === undefined) return [];
      clips.set(cell.clip, [...(clips.get(cell.clip) ?? []), { x: turned(x), hits: Number(hit), trials: 1 }]);
      return [hit];
    });
    const [unjudged] = sample.cells.flatMap(({ placed }) => unjudgedBy(placed, feature) ?? []);
    return {
      ...{ x, hits: outcomes.filter((hit) => hit).length, n: outcomes.length },
      ...(unjudged === undefined ? {} : { unjudged }),
    };
  });
  const fitOptions: PsychometricOptions = { guess: GUESS, scale: axis.scale };
  const trials = points.map(({ x, hits, n }) => ({ x: turned(x), hits, trials: n }));
  const fit = fitPsychometric(trials, fitOptions);
  const planned = Math.max(...samples.map((sample) => sample.planned));
  const why = unfit(fit, axis.field);
  const estimate = (quantity: 'threshold' | 'slope'): Estimate => {
    if (why !== undefined) return { ...nothing(planned, why), n: clips.size, missing: planned - clips.size };
    const name = JSON.stringify([slice, at, along.severityName ?? along.axis, stream, quantity]);
    return estimateOf(psychometricOf([...clips.values()], quantity, fitOptions), { seed, name, planned });
  };
  return {
    ...slice,
    at,
    detector,
    ...along,
    points: [...points].sort((a, b) => a.x - b.x),
    threshold: turnedBack(estimate('threshold'), turned),
    slope: estimate('slope'),
    curve:
      why === undefined
        ? curveOf(
            fit,
            points.map(({ x }) => turned(x)),
            axis,
          ).map(({ x, p }) => ({ x: turned(x), p }))
        : [],
  };
}

/** An estimate of a turned x as one of x: where larger is less, its bounds change places. */
function turnedBack(estimate: Estimate, turned: (x: number) => number): Estimate {
  const { value, low, high } = estimate;
  const back = (x: number | null): number | null => (x === null ? null : turned(x));
  const [a, b] = [back(low), back(high)];
  const [least, most] = a !== null && b !== null && a > b ? [b, a] : [a, b];
  return { ...estimate, value: back(value), low: least, high: most };
}

/** Why a fit gives no threshold: it must lie where something was measured, on a curve that rises. */
function unfit(fit: PsychometricFit, field: string): string | undefined {
  if (fit.threshold === undefined || fit.slope === undefined) return `no fit: ${fit.reason ?? 'undefined'}`;
  if (fit.slope <= 0) return `detections do not grow with ${field}`;
  return fit.extrapolated ? `half is reached at none of the ${field}s that were measured` : undefined;
}

/** Whether the feature lies beyond all null curves; undefined where it or they are. */
function detects(
  { placed }: DisturbedClip,
  feature: DeltaFeature,
  isBeyond: Detector['isBeyond'],
): boolean | undefined {
  if (placed === undefined || placed.nulls.length === 0) return undefined;
  const value = placed.features[feature];
  const drawn = placed.nulls.map((draw: DeltaFeatures) => draw[feature]);
  if (![value, ...drawn].every(Number.isFinite)) return undefined;
  // The longer the window, the fewer stretches of that length there are: without this the guess rate grew with the length.
  const nulls = feature === 'Window rise' ? widenedBy(drawn, placed.windowWidening) : drawn;
  return nulls.every((other) => isBeyond(value, other));
}

/** The fitted curve over the measured range, evenly spaced on the scale of the fit. */
function curveOf(
  { threshold, slope }: { readonly threshold?: number; readonly slope?: number },
  x: readonly number[],
  { scale: kind }: MeasuredAxis,
): Psychometric['curve'] {
  if (threshold === undefined || slope === undefined) return [];
  const [scale, unscale] =
    kind === 'log' ? [Math.log2, (u: number) => 2 ** u] : [(u: number) => u, (u: number) => u];
  const [low, high] = [scale(Math.min(...x)), scale(Math.max(...x))];
  return Array.from({ length: DRAWN }, (_, i) => {
    const u = low + ((high - low) * i) / (DRAWN - 1);
    return { x: unscale(u), p: GUESS + (1 - GUESS) / (1 + Math.exp(-slope * (u - scale(threshold)))) };
  });
}
