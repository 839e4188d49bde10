// The battery of a study: which score hears which damage. A click finds the clips of a damage in the table.

import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { get } from './site.js';

/** How often a score is larger for a damaged clip than for a clean one (AUC). */
interface BatteryCell {
  readonly maker: string;
  readonly damage: string;
  readonly severity: string;
  readonly score: string;
  readonly auc: number | null;
}

interface Props {
  readonly address: string;
  /** A damage was chosen. */
  readonly onChoose: (damage: string) => void;
}

export function BatteryMatrix({ address, onChoose }: Props) {
  const cells = useSignal<readonly BatteryCell[] | undefined>(undefined);
  const failed = useSignal('');
  useEffect(() => {
    get(address)
      .then((response) => response.json())
      .then(
        (all) => (cells.value = all),
        (error) => (failed.value = error instanceof Error ? error.message : String(error)),
      );
  }, [address, cells, failed]);
  if (failed.value !== '') return <p class="failed">{failed.value}</p>;
  if (!cells.value) return <p class="quiet">judging the scores…</p>;
  const all = cells.value;
  return (
    <details class="fold" open>
      <summary>Which score hears which damage</summary>
      <p class="quiet">
        How often a damaged clip has the larger score than another, clean one, mean over severities: 0.50 is
        guessing, 1 hears every time. A blue line: 0.80 and more, the damage is heard; an orange one: 0.20 and
        less, it is taken for an improvement. Choose a damage to see its clips.
      </p>
      {distinct(all.map(({ maker }) => maker)).map((maker) => (
        <Matrix
          key={maker}
          maker={maker}
          cells={all.filter((cell) => cell.maker === maker)}
          onChoose={onChoose}
        />
      ))}
    </details>
  );
}

function Matrix({
  maker,
  cells,
  onChoose,
}: {
  maker: string;
  cells: readonly BatteryCell[];
  onChoose: Props['onChoose'];
}) {
  const scores = distinct(cells.map(({ score }) => score));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keys
    <section class="scroll" aria-label={`Battery, ${maker}`} tabIndex={0}>
      <table class="matrix">
        <caption>{maker}</caption>
        <thead>
          <tr>
            <th scope="col">damage</th>
            {scores.map((score) => (
              <th scope="col" key={score}>
                {score}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {distinct(cells.map(({ damage }) => damage)).map((damage) => (
            <tr key={damage}>
              <th scope="row">
                <button type="button" class="open" onClick={() => onChoose(damage)}>
                  {damage}
                </button>
              </th>
              {scores.map((score) => {
                const auc = meanOf(cells.filter((cell) => cell.damage === damage && cell.score === score));
                return (
                  <td
                    key={score}
                    class={auc === undefined ? '' : auc >= 0.8 ? 'heard' : auc <= 0.2 ? 'fooled' : ''}
                  >
                    {auc?.toFixed(2) ?? '–'}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function meanOf(cells: readonly BatteryCell[]): number | undefined {
  const known = cells.flatMap(({ auc }) => auc ?? []);
  return known.length === 0 ? undefined : known.reduce((sum, auc) => sum + auc, 0) / known.length;
}

function distinct(values: readonly string[]): string[] {
  return [...new Set(values)];
}
