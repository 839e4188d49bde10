// What made the numbers, as a list: all that is needed to compute them again.

import { counted } from '../counted.js';
import type { ProbeRecord } from '../probe/record.js';
import { escapeXml } from './svg.js';

/** What a record says of what made it. */
type Made = Pick<ProbeRecord, 'provenance' | 'clock' | 'disturbance'>;

/** A definition list of provenance; a field on which the records differ lists all its values. */
export function provenanceList(records: readonly Made[]): string {
  const fields: readonly (readonly [string, (record: Made) => string])[] = [
    ['losscope', (r) => r.provenance.losscope],
    ['model', (r) => `${r.provenance.model}, fingerprint ${r.provenance.fingerprint}`],
    ['protocol', (r) => r.provenance.protocol],
    ['condition', (r) => r.provenance.condition],
    ['precision', (r) => r.provenance.precision],
    [
      'runtime',
      ({ provenance: { runtime, device, instructions } }) => `${runtime}, ${device}, ${instructions}`,
    ],
    ['resampler', (r) => r.provenance.resampler],
    [
      'codec frames',
      ({ clock: { sampleRate, hop, times } }) =>
        times
          ? `none: ${counted(times.length, 'note')}, ${(sampleRate / hop).toFixed(2)} a second on average`
          : `${sampleRate / hop} a second (hop ${hop} at ${sampleRate} Hz)`,
    ],
    ['disturbances', (r) => r.disturbance],
  ];
  const items = fields.map(([label, read]) => {
    const values = [...new Set(records.map(read))];
    return `<dt>${label}</dt><dd>${values.map(escapeXml).join('<br>')}</dd>`;
  });
  return `<dl class="made">${items.join('\n')}</dl>`;
}
