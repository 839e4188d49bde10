// What a disturbance is measured along: its length, its level, or what says how strong it is. One place for the unit, the
// words and the scale, which fits, figures and tables share.

import { SEVERITY_AXES, type SeverityAxis, type SeverityName } from '../perturb/severity.js';
import type { Psychometric } from './question_findings.js';

/** What a psychometric function runs along. */
type Along = Pick<Psychometric, 'axis' | 'severityName'> & Partial<Pick<Psychometric, 'domain'>>;

export interface MeasuredAxis extends Pick<SeverityAxis, 'field' | 'words' | 'worse' | 'scale'> {
  readonly unit: SeverityAxis['unit'] | 'tokens' | 'notes';
}

const LENGTH: MeasuredAxis = {
  field: 'length',
  words: 'length of the disturbance',
  unit: 'tokens',
  worse: 'higher',
  scale: 'log',
};

/** The axis of a severity. */
export function severityAxis(name: SeverityName): MeasuredAxis {
  return SEVERITY_AXES[name];
}

/** The axis of a function: lengths are in frames there, as in the paper, or in notes. */
export function measuredAxis({ axis, severityName, domain }: Along): MeasuredAxis {
  if (axis === 'length') return domain === 'notes' ? { ...LENGTH, unit: 'notes' } : LENGTH;
  return severityAxis(axis === 'severity' && severityName !== null ? severityName : 'level');
}

/** "0 digits for a length": how many digits behind the point a value on the axis is shown with. */
export function digitsOf({ unit, scale }: MeasuredAxis): number {
  return unit === 'tokens' || unit === 'notes' || unit === 'Hz' || (unit === 'kbit/s' && scale === 'log')
    ? 0
    : 1;
}

/** " tokens", "%": the unit as it follows a number. */
export function unitAfter({ unit }: MeasuredAxis): string {
  return unit === '%' ? unit : ` ${unit}`;
}
