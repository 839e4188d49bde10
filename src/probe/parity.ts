// Parity: what another precision or device does to the numbers, on clips of the user's own. Both models score the same
// codes (those of the first), so that a difference of losses is the decoder's alone; the codes that the second one's
// encoder gives are compared on their own.

import { type Clip, stem } from '../audio/clip.js';
import type { Codes } from '../audio/codes.js';
import { difference } from '../loss/delta.js';
import { encode } from '../loss/encode.js';
import { type Loss, score } from '../loss/loss.js';
import { meanLoss } from '../loss/means.js';
import { type Model, protocolUnder } from '../models/model.js';
import type { Precision } from '../models/precision.js';
import { describe } from '../perturb/parse.js';
import type { Perturbation } from '../perturb/perturbation.js';
import { mean, quantileOfSorted } from '../stats/describe.js';
import { disturb } from './probe.js';
import { VERSION } from './version.js';

/** |a - b| over places where both are defined, nats. */
export interface Disagreement {
  readonly mean: number;
  /** Quantile of type 7 at 0.99. */
  readonly p99: number;
  readonly max: number;
  readonly count: number;
}

export interface ClipParity {
  readonly clip: string;
  /** Clean and disturbed together: codes of the second model that are those of the first. */
  readonly codes: { readonly equal: number; readonly of: number };
  /** Token-wise loss, clean and disturbed. */
  readonly loss: Disagreement;
  /** Mean loss of the clean clip, second minus first. */
  readonly meanDifference: number;
  /** Token-wise difference of disturbed and clean, mean over codebooks. */
  readonly delta: Disagreement;
}

/** Plain numbers and words: as it is in JSON. */
export interface Parity {
  readonly losscope: string;
  readonly model: string;
  readonly fingerprint: string;
  readonly protocol: string;
  /** What each clip is disturbed by, for `delta`. */
  readonly disturbance: string;
  readonly first: ParitySide;
  readonly second: ParitySide;
  /** Over the tokens of all clips. */
  readonly loss: Disagreement;
  readonly delta: Disagreement;
  /** The largest |meanDifference|. */
  readonly meanDifference: number;
  readonly codes: { readonly equal: number; readonly of: number };
  readonly clips: readonly ClipParity[];
}

/** How a side computes. */
export interface ParitySide {
  readonly precision: Precision;
  readonly runtime: string;
  readonly device: string;
}

export interface ParityOptions {
  /** Default: the model's own. */
  readonly protocol?: string | undefined;
  readonly onClip?: (clip: string) => void;
}

/** Half a second of white noise, a third into the clip, as loud as what it replaces. */
function disturbanceOf(clean: Codes): Perturbation {
  const at = { tokens: Math.floor(clean.frames / 3) };
  const length = { tokens: Math.max(1, Math.min(25, Math.floor(clean.frames / 6))) };
  return { kind: 'noise', color: 'white', at, length, level: 'match', mode: 'replace', seed: 1 };
}

/** Scores clips, which must be as the codec takes them (see `conform`), by both models. @throws of two checkpoints. */
export async function parity(
  first: Model,
  second: Model,
  clips: readonly Clip[],
  { protocol: name, onClip }: ParityOptions = {},
): Promise<Parity> {
  const protocol = protocolUnder(first, name).name;
  if (first.fingerprint !== second.fingerprint) {
    throw new Error(`parity: ${first.name} and ${second.name} are two checkpoints; compare one with itself`);
  }
  if (clips.length === 0) throw new Error('parity: no clips to compare on');
  const compared: Agreement[] = [];
  for (const clip of clips) {
    compared.push(await clipParity(first, second, clip, protocol));
    onClip?.(clip.name);
  }
  const rows = compared.map(({ row }) => row);
  return {
    losscope: VERSION,
    model: first.name,
    fingerprint: first.fingerprint,
    protocol,
    disturbance: [...new Set(compared.map(({ disturbance }) => disturbance))].join('; '),
    first: makerOf(first),
    second: makerOf(second),
    loss: disagreement(compared.flatMap(({ loss }) => loss)),
    delta: disagreement(compared.flatMap(({ delta }) => delta)),
    meanDifference: Math.max(...rows.map(({ meanDifference }) => Math.abs(meanDifference))),
    codes: {
      equal: rows.reduce((sum, { codes }) => sum + codes.equal, 0),
      of: rows.reduce((sum, { codes }) => sum + codes.of, 0),
    },
    clips: rows,
  };
}

function makerOf({ precision, runtime, device }: Model): ParitySide {
  return { precision, runtime, device };
}

interface Agreement {
  readonly row: ClipParity;
  readonly disturbance: string;
  /** |a - b| where both are defined. */
  readonly loss: readonly number[];
  readonly delta: readonly number[];
}

async function clipParity(first: Model, second: Model, clip: Clip, protocol: string): Promise<Agreement> {
  const clean = await encode(first, clip);
  const perturbation = disturbanceOf(clean);
  const { clip: disturbed } = await disturb(first, clip, [perturbation]);
  const versions = [
    { codes: clean, other: await encode(second, clip) },
    { codes: await encode(first, disturbed), other: await encode(second, disturbed) },
  ];
  const losses = async (model: Model): Promise<Loss[]> => {
    const scored: Loss[] = [];
    for (const { codes } of versions) scored.push(await score(model, codes, { protocol }));
    return scored;
  };
  const [a, b] = [await losses(first), await losses(second)];
  const loss = a.flatMap((one, i) => distances(one.values, b[i].values));
  const delta = distances(difference(a[0], a[1]).mean, difference(b[0], b[1]).mean);
  const row = {
    clip: stem(clip),
    codes: {
      equal: versions.reduce((sum, { codes, other }) => sum + equalCodes(codes, other), 0),
      of: versions.reduce((sum, { codes }) => sum + codes.data.length, 0),
    },
    loss: disagreement(loss),
    meanDifference: meanLoss(b[0]) - meanLoss(a[0]),
    delta: disagreement(delta),
  };
  return { row, disturbance: describe(perturbation), loss, delta };
}

function equalCodes(a: Codes, b: Codes): number {
  return a.data.reduce((count, code, i) => count + (code === b.data[i] ? 1 : 0), 0);
}

function distances(a: ArrayLike<number>, b: ArrayLike<number>): number[] {
  return Array.from(a, (value, i) => Math.abs(value - b[i])).filter((distance) => !Number.isNaN(distance));
}

function disagreement(distances: readonly number[]): Disagreement {
  const sorted = Float64Array.from(distances).sort();
  return {
    mean: mean(sorted),
    p99: quantileOfSorted(sorted, 0.99),
    max: sorted.at(-1) ?? Number.NaN,
    count: sorted.length,
  };
}
