// What a probe shows, for somebody who has never seen one: a sentence, and how sure it is.

import type { Perturbation } from '../../perturb/perturbation.js';
import type { ProbeRecord } from '../../probe/record.js';
import type { Region, RegionName } from '../../regions/region.js';
import { chance, signed } from '../words.js';

/** From this chance on a region is no evidence. */
const LEVEL = 0.05;

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
      ? `Nothing here that chance would not give: the model takes ${what} as it takes the music.`
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
        ? 'The chance says how often the same rule finds as much where nothing happened.'
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
