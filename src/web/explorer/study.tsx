// A study's cells as a table to sort and filter; a click shows and plays one.

import { type Signal, useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { STUDY_FILTERS, type StudyFilters } from '../../report/view/address.js';
import { signed } from '../../report/words.js';
import { get } from './site.js';

/** One disturbed clip under one model and protocol; losses in nats per token. */
export interface StudyCell {
  readonly key: string;
  readonly model: string;
  readonly protocol: string;
  readonly group: string;
  readonly clip: string;
  /** The clip's name in the study, where it has a title too. */
  readonly sound?: string;
  readonly disturbance: string;
  readonly clean: number | null;
  readonly disturbed: number | null;
  readonly difference: number | null;
  readonly failed: string | null;
}

const COLUMNS = [
  'clip',
  'group',
  'disturbance',
  'model',
  'protocol',
  'clean',
  'disturbed',
  'difference',
] as const;
type Column = (typeof COLUMNS)[number];
const NUMBERS: ReadonlySet<Column> = new Set(['clean', 'disturbed', 'difference']);
/** Columns that a phone has no room for: a cell says them when it is opened, and the filters choose by them. */
const WIDE: ReadonlySet<Column> = new Set(['group', 'model', 'protocol', 'clean', 'disturbed']);
const FILTERS = STUDY_FILTERS.filter((name) => name !== 'sound');

/** Rows that are shown at first, and added at a time. */
const ROWS = 200;

interface Props {
  readonly table: string;
  /** What is searched for. */
  readonly words: Signal<string>;
  readonly wanted: Signal<StudyFilters>;
  readonly chosen: string | undefined;
  readonly onChoose: (cell: StudyCell) => void;
}

export function StudyTable({ table, words, wanted, chosen, onChoose }: Props) {
  const cells = useSignal<readonly StudyCell[] | undefined>(undefined);
  const failed = useSignal('');
  const order = useSignal<{ readonly by: Column; readonly down: boolean }>({ by: 'clip', down: false });
  const count = useSignal(ROWS);
  useEffect(() => {
    get(table)
      .then((response) => response.json())
      .then(
        (all: readonly StudyCell[]) => {
          cells.value = all;
          // A link to the cells behind a point: the first of them is shown at once.
          const asked = Object.keys(wanted.value).length > 0 && chosen === undefined;
          const first = asked && all.find((cell) => fits(cell, words.value, wanted.value));
          if (first) onChoose(first);
        },
        (error) => (failed.value = error instanceof Error ? error.message : String(error)),
      );
  }, [table, cells, failed]);
  const all = cells.value ?? [];
  const choices = useMemo(
    () => FILTERS.map((name) => [name, [...new Set(all.map((cell) => cell[name]))].sort()] as const),
    [all],
  );
  const shown = useMemo(
    () =>
      sorted(
        all.filter((cell) => fits(cell, words.value, wanted.value)),
        order.value,
      ),
    [all, words.value, wanted.value, order.value],
  );
  if (failed.value !== '') return <p class="failed">{failed.value}</p>;
  if (!cells.value) return <p class="quiet">reading the study…</p>;
  const sortBy = (by: Column) => (order.value = { by, down: order.value.by === by && !order.value.down });
  return (
    <section class="study" aria-label="The study">
      <div class="filters">
        <label>
          find{' '}
          <input
            type="search"
            value={words.value}
            onInput={({ currentTarget }) => (words.value = currentTarget.value)}
          />
        </label>
        {choices
          .filter(([, values]) => values.length > 1)
          .map(([name, values]) => (
            <label key={name}>
              {name}{' '}
              <select
                value={wanted.value[name] ?? ''}
                onChange={({ currentTarget }) =>
                  (wanted.value = { ...wanted.value, [name]: currentTarget.value })
                }
              >
                <option value="">all</option>
                {values.map((value) => (
                  <option key={value} value={value}>
                    {value}
                  </option>
                ))}
              </select>
            </label>
          ))}
        {wanted.value.sound !== undefined && (
          <button type="button" onClick={() => (wanted.value = { ...wanted.value, sound: undefined })}>
            only {wanted.value.sound} ×
          </button>
        )}
        <span class="quiet" role="status">
          {shown.length} of {all.length}
        </span>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keys */}
      <section class="scroll cells" aria-label="Cells" tabIndex={0}>
        <table>
          <thead>
            <tr>
              {COLUMNS.map((column) => (
                <th
                  key={column}
                  class={WIDE.has(column) ? 'wide' : ''}
                  scope="col"
                  aria-sort={
                    order.value.by !== column ? 'none' : order.value.down ? 'descending' : 'ascending'
                  }
                >
                  <button type="button" class="sort" onClick={() => sortBy(column)}>
                    {column}
                    {order.value.by === column ? (order.value.down ? ' ↓' : ' ↑') : ''}
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.slice(0, count.value).map((cell) => (
              <Row key={cell.key} cell={cell} chosen={cell.key === chosen} onChoose={onChoose} />
            ))}
          </tbody>
        </table>
        {shown.length > count.value && (
          <button type="button" onClick={() => (count.value += ROWS)}>
            {ROWS} more
          </button>
        )}
      </section>
    </section>
  );
}

function Row({ cell, chosen, onChoose }: { cell: StudyCell; chosen: boolean; onChoose: Props['onChoose'] }) {
  return (
    <tr class={chosen ? 'chosen' : ''}>
      <th scope="row">
        <button type="button" class="open" aria-pressed={chosen} onClick={() => onChoose(cell)}>
          {cell.clip}
        </button>
      </th>
      <td class="wide">{cell.group}</td>
      <td class="long">{cell.disturbance}</td>
      <td class="wide">{cell.model}</td>
      <td class="wide">{cell.protocol}</td>
      <td class="wide">{cell.clean?.toFixed(3) ?? '–'}</td>
      <td class="wide" title={cell.failed ?? undefined}>
        {cell.failed ? 'failed' : (cell.disturbed?.toFixed(3) ?? '–')}
      </td>
      <td>
        {cell.failed && <span class="narrow">failed</span>}
        <span class={cell.failed ? 'wide' : ''}>{signed(cell.difference, 3)}</span>
      </td>
    </tr>
  );
}

function fits(cell: StudyCell, words: string, wanted: StudyFilters): boolean {
  const text = `${cell.clip} ${cell.group} ${cell.disturbance}`.toLowerCase();
  return (
    words
      .toLowerCase()
      .split(/\s+/)
      .every((word) => text.includes(word)) &&
    STUDY_FILTERS.every((name) => !wanted[name] || (cell[name] ?? cell.clip) === wanted[name])
  );
}

/** What is not there comes last, whichever way. */
function sorted(cells: readonly StudyCell[], { by, down }: { by: Column; down: boolean }): StudyCell[] {
  const sign = down ? -1 : 1;
  return [...cells].sort((a, b) => {
    if (NUMBERS.has(by)) {
      const [x, y] = [a[by] as number | null, b[by] as number | null];
      if (x === null || y === null) return x === y ? 0 : x === null ? 1 : -1;
      return sign * (x - y);
    }
    return sign * String(a[by]).localeCompare(String(b[by]), 'en', { numeric: true });
  });
}
