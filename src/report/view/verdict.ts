// What a probe shows in one sentence for a first reader, and how sure it is.

import type { Perturbation } from '../../perturb/perturbation.js';
import type { ProbeRecord } from '../../probe/record.js';
import type { NullSource } from '../../regions/calibrate.js';
import type { Region, RegionName } from '../../regions/region.js';
import { chance, signed } from '../words.js';

/** A region with this chance or a larger one is no evidence. */
const LEVEL = 0.05;

/** What each null says of the same place, for the sentence about chances. */
const NULLS: Readonly<Record<NullSource, string>> = {
  self: 'other music of the clip gives',
  shift: 'other places of the curve give',
  baseline: 'the curve before the onset gives',
};

export interface PageVerdict {
  /** One sentence in everyday words. */
  readonly headline: string;
  /** What was done and what the number is, for those who want it. */
  readonly detail: string;
}

export function verdictOf(record: ProbeRecord): PageVerdict {
  const { profile, window, clock, event, lossDifference } = record;
  const found = (name: RegionName): Region | undefined =>
    profile.regions.find((region) => region.name === name && (region.chance ?? 1) < LEVEL);
  const what = nameOf(event.perturbation);
  const startled = found('peak') ? `startled by the start of ${what}` : '';
  const back = found('rebound') ? 'surprised when the music comes back' : '';
  const settled = found('assimilation');
  const feelings = [startled, back].filter((text) => text !== '').join(', and ');
  const inside =
    settled === undefined
      ? ''
      : settled.mean < 0
        ? `finds ${what} easier to predict than the music it replaced`
        : `finds ${what} harder to predict than the music it replaced`;
  const seconds = ((window.end - window.start) * clock.hop) / clock.sampleRate;
  const headline =
    inside === '' && feelings === ''
      ? 'No region here is more than other music of the clip gives.'
      : inside === ''
        ? `The model is ${feelings}.`
        : `The model ${inside}${feelings === '' ? '.' : `; it is ${feelings}.`}`;
  const sure = profile.regions
    .filter(({ chance: value }) => value !== undefined)
    .map((region) => `${region.name} ${signed(region.mean)} (chance ${chance(region.chance)})`)
    .join(', ');
  return {
    headline,
    detail:
      `${record.disturbance} (${seconds.toFixed(1)} s). Whole clip: ${signed(lossDifference, 3)} nats per token` +
      `${sure === '' ? '' : `. By rule ${profile.rule}: ${sure}`}. ` +
      (profile.calibration
        ? `The chance says how often ${NULLS[profile.calibration.source]} as much under the same rule.`
        : `No chances: ${profile.uncalibrated ?? 'no null was made'}.`),
  };
}

/** What was put in, as the object of a sentence. */
function nameOf(perturbation: Perturbation): string {
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
      return 'what was done';
  }
}
