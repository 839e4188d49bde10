// What a demo leaves behind as files: a summary, and the curves of every probe.

import { curveCsv, type ProbeRecord } from '../probe/record.js';
import { lengthOf, summarise } from './summary.js';

/** summary.json of a demo: means by length, and each probe without its curves. */
export function demoSummary(records: readonly ProbeRecord[]): object {
  return {
    provenance: records[0].provenance,
    byLength: summarise(records),
    probes: records.map((record) => ({
      clip: record.clip,
      disturbance: record.disturbance,
      event: record.event,
      window: record.window,
      meanClean: record.clean.mean,
      meanDisturbed: record.disturbed.mean,
      lossDifference: record.lossDifference,
      changed: record.changed,
      profile: record.profile,
      curve: curveFile(record),
    })),
  };
}

/** The token-wise curves as files: relative path and content. */
export function demoCurves(records: readonly ProbeRecord[]): { path: string; csv: string }[] {
  return records.map((record) => ({ path: curveFile(record), csv: curveCsv(record) }));
}

function curveFile(record: ProbeRecord): string {
  const stem = record.clip.name.replace(/\.\w+$/, '');
  return `curves/${stem}-white-${lengthOf(record)}.csv`;
}
