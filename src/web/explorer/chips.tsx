// Choosing a disturbance: what, how long, how loud, where.

import { counted } from '../../counted.js';
import type { TimeView } from '../viewer/time_view.js';
import {
  type Choice,
  hasLevel,
  KINDS,
  type KindName,
  LENGTHS,
  LEVELS,
  type LevelName,
} from './disturbance.js';

interface Props {
  readonly choice: Choice;
  readonly time: TimeView;
  readonly onChoose: (choice: Choice) => void;
}

export function Chips({ choice, time, onChoose }: Props) {
  const marked = time.brushed.value;
  const seconds = (tokens: number): string => `${Number((tokens * time.token).toFixed(2))} s`;
  return (
    <section class="chips" aria-label="Disturb it">
      <ChipRow
        label="Disturb with"
        chips={(Object.keys(KINDS) as KindName[]).map((kind) => ({ value: kind, text: kind }))}
        chosen={choice.kind}
        onChoose={(kind) => onChoose({ ...choice, kind })}
      />
      <ChipRow
        label="for"
        chips={[...new Set([...LENGTHS, choice.length])]
          .sort((a, b) => a - b)
          .map((length) => ({ value: length, text: seconds(length), hint: `${counted(length, 'token')}` }))}
        chosen={choice.length}
        onChoose={(length) => onChoose({ ...choice, length })}
      />
      {hasLevel(choice.kind) && (
        <ChipRow
          label="how loud"
          chips={(Object.keys(LEVELS) as LevelName[]).map((level) => ({ value: level, text: level }))}
          chosen={choice.level}
          onChoose={(level) => onChoose({ ...choice, level })}
        />
      )}
      <div class="chip-row">
        <span class="chip-label">at</span>
        <span class="chip-fact">{seconds(choice.at)}</span>
        <button
          type="button"
          class="chip"
          disabled={!marked}
          title={marked ? 'Disturb the stretch you marked' : 'Drag over the curves to mark a stretch first'}
          onClick={() => {
            if (!marked) return;
            const at = Math.round(marked.lo / time.token);
            onChoose({ ...choice, at, length: Math.max(1, Math.round(marked.hi / time.token) - at) });
          }}
        >
          move it to what I marked
        </button>
      </div>
    </section>
  );
}

interface RowProps<T> {
  readonly label: string;
  readonly chips: readonly { readonly value: T; readonly text: string; readonly hint?: string }[];
  readonly chosen: T;
  readonly onChoose: (value: T) => void;
}

function ChipRow<T extends string | number>({ label, chips, chosen, onChoose }: RowProps<T>) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out as one line in all browsers
    <div class="chip-row" role="group" aria-label={label}>
      <span class="chip-label" aria-hidden="true">
        {label}
      </span>
      {chips.map(({ value, text, hint }) => (
        <button
          type="button"
          class="chip"
          key={value}
          aria-pressed={value === chosen}
          title={hint}
          onClick={() => onChoose(value)}
        >
          {text}
        </button>
      ))}
    </div>
  );
}
