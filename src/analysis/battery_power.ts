// How often the panel raises an alarm: in clean clips, and by damage and severity.

import { judge, PANEL_MEMBERS } from '../scores/panel.js';
import { referenceOf, type ScoreValues } from '../scores/reference.js';
import type { ScoreName } from '../scores/scores.js';
import type { PowerRow } from './battery_findings.js';
import { type BatteryInput, type BatteryPoint, othersOf } from './battery_versions.js';
import { shareOf } from './estimate.js';
import type { Estimate } from './estimated.js';

export function powerOf(
  input: BatteryInput,
  clips: readonly string[],
  points: readonly BatteryPoint[],
): PowerRow[] {
  const { model, protocol, clean } = input;
  const alarms = (valuesOf: (clip: string) => ScoreValues | undefined): Estimate =>
    shareOf(
      clips.map((clip) => {
        const values = valuesOf(clip);
        if (values === undefined || PANEL_MEMBERS.every((member: ScoreName) => Number.isNaN(values[member])))
          return Number.NaN;
        return judge(values, referenceOf(othersOf(input, clips, clip))).alarm ? 1 : 0;
      }),
      { planned: clips.length },
    );
  const at = { model, protocol };
  return [
    {
      ...at,
      damage: 'clean',
      severity: '',
      harmless: true,
      order: 0,
      alarms: alarms((clip) => clean.get(clip)),
    },
    ...points.map(({ damage, severity, harmless, order, versions }) => ({
      ...at,
      ...{ damage, severity, harmless, order },
      alarms: alarms((clip) => versions.get(clip)?.values),
    })),
  ];
}
