// What a probe shows in one sentence for a first reader, and how sure it is.

import { secondsOfFrame, termsOf } from '../../audio/codes.js';
import type { Perturbation } from '../../perturb/perturbation.js';
import type { ProbeRecord } from '../../probe/record.js';
import type { NullSource } from '../../regions/calibrate.js';
import type { Region, RegionName } from '../../regions/region.js';
import { capital, chance, definitions, signed, templateSentences, tenths } from '../words.js';

/** A region with this chance or a larger one is no evidence. */
const LEVEL = 0.05;

/** What each null says of the same place, for the sentence about chances. */
const NULLS: Readonly<Record<NullSource, string>> = {
  self: 'other music of the clip gives',
  shift: 'other places of the curve give',
  baseline: 'the curve before the onset gives',
};

export interface PageVerdict {
  /** One sentence in everyday words: what was done, and what the model made of it. */
  readonly headline: string;
  /** How sure that is, in everyday words. */
  readonly sure: string;
  /** The numbers, for those who want them: what is judged stands in the regions' table, by the same rule. */
  readonly detail: string;
}

export function verdictOf(record: ProbeRecord): PageVerdict {
  const { profile, window, clock, event, lossDifference } = record;
  const { position } = termsOf(clock);
  const found = (name: RegionName): Region | undefined =>
    profile.regions.find((region) => region.name === name && (region.chance ?? 1) < LEVEL);
  const what = nameOf(event.perturbation) ?? record.disturbance.split(', ')[0];
  const [peak, settled, back] = [found('peak'), found('assimilation'), found('rebound')];
  const made = [
    ...(peak ? ['is startled where it starts'] : []),
    ...(settled
      ? [`finds it ${settled.mean < 0 ? 'easier' : 'harder'} to predict than the music it replaced`]
      : []),
    ...(back ? ['is surprised when the music comes back'] : []),
  ];
  const at = secondsOfFrame(clock, window.start);
  const long = clock.times
    ? secondsOfFrame(clock, window.end) - at
    : secondsOfFrame(clock, window.end - window.start);
  const done = `${capital(what.replace('the ', ''))}, ${tenths(long)} s long, at ${tenths(at)} s`;
  const chances = [peak, settled, back].flatMap((region) => region?.chance ?? []);
  const others = NULLS[profile.calibration?.source ?? 'self'];
  const judged = profile.regions.filter(({ chance: value }) => value !== undefined);
  return {
    headline:
      made.length === 0
        ? `${done}: no region is more than ${others}.`
        : `${done}: the model ${made.join(', and ')}.`,
    sure:
      judged.length === 0
        ? `How sure this is cannot be said: ${profile.uncalibrated ?? 'nothing could be judged'}.`
        : chances.length === 0
          ? `The least likely of them is given in ${inHundred(Math.min(...judged.map(({ chance: value }) => value ?? 1)))}.`
          : `${surely(Math.max(...chances))}: ${others} as much in ${inHundred(Math.max(...chances))}.`,
    detail:
      `${record.disturbance}. Mean loss of the whole clip: ${signed(lossDifference, 3)} ${termsOf(clock).nats}` +
      `${judged.length === 0 ? '' : `; by rule ${profile.rule}: ${judged.map((region) => `${region.name} ${signed(region.mean)} (chance ${chance(region.chance)})`).join(', ')}`}.` +
      profile.transients
        .map((each) => ` ${capital(each.name)} by definition: ${definitions(each, position)}.`)
        .join('') +
      templateSentences(profile, position)
        .map((sentence) => ` ${capital(sentence)}.`)
        .join(''),
  };
}

/** A chance in words. Several regions are as sure as the least sure of them. */
function surely(value: number): string {
  return value < 0.01 ? 'Very sure' : 'Fairly sure';
}

/** "3 of 100 cases", "2 of 1,000 cases". */
function inHundred(value: number): string {
  if (value < 0.001) return 'less than 1 of 1,000 cases';
  return value < 0.01
    ? `${Math.ceil(value * 1000)} of 1,000 cases`
    : `${Math.ceil(value * 100)} of 100 cases`;
}

/** What was put in, as the object of a sentence; none for what its own words name best. */
function nameOf(perturbation: Perturbation): string | undefined {
  switch (perturbation.kind) {
    case 'noise':
      return `the ${perturbation.color.replace('released-', '')} noise`;
    case 'tone':
      return 'the tone';
    case 'click':
      return 'the click';
    case 'silence':
      return 'the silence';
    case 'foreign':
      return 'the foreign music';
    case 'shuffle':
      return 'the shuffled music';
    case 'delete':
      return 'the cut';
    case 'repeat':
      return 'the stutter';
    case 'reverse':
      return 'the music played backwards';
    case 'reencode':
      return 'the music encoded again';
    default:
      return undefined;
  }
}
