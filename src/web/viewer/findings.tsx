// The words around the curves: the verdict in a sentence, the regions as a table, and what made the numbers.

import { secondsOfFrame, termsOf } from '../../audio/codes.js';
import { counted } from '../../counted.js';
import type { ProbeRecord } from '../../probe/record.js';
import { mapVerdictOf } from '../../report/view/map_verdict.js';
import { verdictOf } from '../../report/view/verdict.js';
import {
  ABSENT,
  chance,
  definitions,
  details,
  plain,
  signed,
  unjudgedSentences,
} from '../../report/words.js';
import type { Scene } from './scene.js';

/** The verdict of a probe, or of a map where nothing was probed. */
export function VerdictLine({ record, map }: Pick<Scene, 'record' | 'map'>) {
  const said: { headline: string; sure: string; unit?: string } | undefined = record
    ? verdictOf(record)
    : map && mapVerdictOf(map);
  if (!said) return null;
  return (
    <div class="verdict" aria-live="polite">
      <p class="headline">
        {said.headline} <span class="sure">{said.sure}</span>
      </p>
      {said.unit && <p class="quiet">{said.unit}</p>}
    </div>
  );
}

export function RegionTable({ record }: { record: ProbeRecord }) {
  const { profile, clock } = record;
  const { position, nats } = termsOf(clock);
  const seconds = (frames: number): string => plain(secondsOfFrame(clock, frames));
  return (
    <>
      <p class="quiet done">{verdictOf(record).detail}</p>
      <details class="fold">
        <summary>
          The numbers ({nats}, rule {profile.rule})
        </summary>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keys */}
        <section class="scroll" aria-label="Regions" tabIndex={0}>
          <table>
            <thead>
              <tr>
                <th scope="col">region</th>
                <th scope="col">seconds</th>
                <th scope="col">mean</th>
                <th scope="col">extreme</th>
                <th scope="col">chance</th>
                <th scope="col">details</th>
              </tr>
            </thead>
            <tbody>
              {profile.regions.map((region) => (
                <tr key={region.name}>
                  <th scope="row">{region.name}</th>
                  <td>
                    {seconds(region.start)}–{seconds(region.end)}
                  </td>
                  <td>{signed(region.mean)}</td>
                  <td>
                    {signed(region.extreme.value)} at {seconds(region.extreme.at)} s
                  </td>
                  <td>{chance(region.chance)}</td>
                  <td class="long">{details(region, position)}</td>
                </tr>
              ))}
              {profile.absent.map(({ name, why }) => (
                <tr key={name}>
                  <th scope="row">{name}</th>
                  <td colSpan={5} class="long">
                    absent: {why}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
        <ul class="quiet">
          {profile.transients.map((transient) => (
            <li key={transient.name}>
              {transient.name}: {definitions(transient, position)}
            </li>
          ))}
          {unjudgedSentences(profile, position).map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
        <Made record={record} />
      </details>
    </>
  );
}

function Made({ record }: { record: ProbeRecord }) {
  const { provenance, clock, changed } = record;
  const rows: readonly (readonly [string, string])[] = [
    ['model', `${provenance.model}, fingerprint ${provenance.fingerprint.slice(0, 12)}`],
    ['protocol', provenance.protocol],
    ['runtime', provenance.runtime],
    ['losscope', provenance.losscope],
    [
      'tokens',
      `${clock.sampleRate / clock.hop} a second; ${counted(record.clean.codes.codebooks, 'codebook')}`,
    ],
    [
      'tokens changed',
      `${share(changed.before)} before, ${share(changed.inside)} inside, ${share(changed.after)} after`,
    ],
  ];
  return (
    <dl class="made">
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function share(value: number): string {
  return Number.isNaN(value) ? ABSENT : `${(100 * value).toFixed(1)}%`;
}
