// Songs in order of what speaks against them: each judged by the panel beside clean clips, its plain loss beside it.

import { counted } from '../counted.js';
import { curveValue, type ScoreCurve, scoreCurve } from '../scores/curves.js';
import type { Heard } from '../scores/heard.js';
import { type Finding, judge, type PanelVerdict, scoresOf } from '../scores/panel.js';
import { FEWEST_REFERENCES, type Reference, referenceOf, type ScoreValues } from '../scores/reference.js';
import { meanInterval } from '../stats/bootstrap.js';
import type { Hearing } from './hear.js';

/** A song, heard and scored. */
export interface Song {
  readonly name: string;
  readonly heard: Heard;
  readonly values: ScoreValues;
}

export interface JudgedSong {
  readonly name: string;
  readonly values: ScoreValues;
  /** The panel as one score; larger is more damaged. NaN where it could not be judged. */
  readonly strength: number;
  readonly chance: number;
  readonly alarm: boolean;
  /** What speaks against it, the strongest first, with the seconds where. */
  readonly findings: readonly Finding[];
  /** Mean excess over the clip, nats, with its 95% interval over its seconds: how well this clip is known. */
  readonly excess: { readonly mean: number; readonly low: number; readonly high: number };
}

/** A reference on disk, with everything that must agree with the clips that are judged by it. */
export interface ReferenceFile extends Reference {
  readonly fingerprint: string;
  readonly protocol: string;
  readonly hearing: Hearing;
  /** Length of each clip in seconds: bursts and the variety of codes depend on it. */
  readonly seconds: number;
  readonly clips: readonly string[];
}

/** Songs that are judged beside each other: each beside at least five others. */
const FEWEST_SONGS = FEWEST_REFERENCES + 1;

export function songOf(name: string, heard: Heard): Song {
  return { name, heard, values: scoresOf(heard) };
}

/**
 * The songs in order, the most suspicious first. Without a reference each is judged beside all others.
 * @throws with fewer than six songs and no reference.
 */
export function judgeSongs(songs: readonly Song[], reference?: Reference): JudgedSong[] {
  if (!reference && songs.length < FEWEST_SONGS) {
    throw new Error(
      `rank: ${counted(songs.length, 'song')} cannot be judged beside ${songs.length === 1 ? 'others' : 'each other'}, at least ${FEWEST_SONGS} are needed; ` +
        'give more songs, or clean ones to judge them beside (--reference)',
    );
  }
  const judged = songs.map((song) => {
    const beside =
      reference ?? referenceOf(songs.filter((other) => other !== song).map(({ values }) => values));
    return judgedSong(song, judge(song.values, beside, { heard: song.heard }));
  });
  const placed = (strength: number): number => (Number.isNaN(strength) ? Number.NEGATIVE_INFINITY : strength);
  return judged.toSorted((a, b) => placed(b.strength) - placed(a.strength));
}

/** A curve by steps of time. */
export interface SteppedCurve {
  /** Seconds at which the first step begins, and of each. */
  readonly start: number;
  readonly step: number;
  /** Mean or maximum of what is defined in each step, as the curve's number is made; NaN where nothing is. */
  readonly values: readonly number[];
}

/** A curve of a clip's scores by steps of time; what is left at the end is left out. */
export function inSteps({ times, frameRate }: Heard, curve: ScoreCurve, step: number): SteppedCurve {
  const [start] = curve.seconds;
  const numberOf = (values: Float64Array): number => curveValue({ from: curve.from, values });
  if (times) return { start, step, values: notesBySteps(curve, step).map(numberOf) };
  const frames = Math.max(1, Math.round(step * frameRate));
  const values = Array.from({ length: Math.floor(curve.values.length / frames) }, (_, i) =>
    numberOf(curve.values.subarray(i * frames, (i + 1) * frames)),
  );
  return { start, step: frames / frameRate, values };
}

/** Of notes each in the step in which it begins. */
function notesBySteps({ seconds, values }: ScoreCurve, step: number): Float64Array[] {
  const steps: number[][] = [];
  for (const [i, value] of values.entries()) {
    const at = Math.floor((seconds[i] - seconds[0]) / step);
    while (steps.length <= at) steps.push([]);
    steps[at].push(value);
  }
  // The last one may be a part.
  return steps.slice(0, -1).map((own) => Float64Array.from(own));
}

function judgedSong({ name, heard, values }: Song, verdict: PanelVerdict): JudgedSong {
  const excess = scoreCurve(heard, 'excess');
  const seconds = excess ? inSteps(heard, excess, 1).values.filter((value) => !Number.isNaN(value)) : [];
  const { low, high } =
    seconds.length < 2 ? { low: Number.NaN, high: Number.NaN } : meanInterval(seconds, { name: 'excess' });
  return { name, values, ...verdict, excess: { mean: values.excess, low, high } };
}

/** Throws unless these clips may be judged by the reference. */
export function requireFitting(
  reference: ReferenceFile,
  made: Pick<ReferenceFile, 'fingerprint' | 'protocol' | 'hearing' | 'seconds' | 'version'>,
): void {
  const facts = [
    ['model', reference.fingerprint.slice(0, 12), made.fingerprint.slice(0, 12)],
    ['protocol', reference.protocol, made.protocol],
    ['loudness', reference.hearing.loudness, made.hearing.loudness],
    ['seconds of round trip', reference.hearing.roundTrip, made.hearing.roundTrip],
    ['seconds of each clip', reference.seconds, made.seconds],
    ['version of the scores', reference.version, made.version],
  ] as const;
  const other = facts.find(([, a, b]) => a !== b);
  if (other) {
    const [what, a, b] = other;
    throw new Error(
      `reference: made with ${what} ${a}, the clips have ${b}; make a reference with these settings (losscope rank --save-reference FILE)`,
    );
  }
}
