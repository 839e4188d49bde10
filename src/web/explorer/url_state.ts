// What is shown, in the page's address: a link shows the same.

import { STUDY_FILTERS, type StudyFilters } from '../../report/view/address.js';
import { type Choice, FIRST_CHOICE, KINDS, type KindName, LEVELS, type LevelName } from './disturbance.js';

export interface ShownState {
  readonly clip?: string;
  readonly choice?: Choice;
  readonly seen?: { readonly lo: number; readonly hi: number };
  readonly side?: 'clean' | 'disturbed';
  /** What is searched for in a study's table. */
  readonly find?: string;
  /** Which of its cells are shown. */
  readonly filters?: StudyFilters;
  /** The cell that is shown, by its key. */
  readonly cell?: string;
}

export function writeHash({ clip, choice, seen, side, find, filters = {}, cell }: ShownState): string {
  const fields = new URLSearchParams();
  if (find) fields.set('find', find);
  for (const name of STUDY_FILTERS) {
    const value = filters[name];
    if (value) fields.set(name, value);
  }
  if (cell !== undefined) fields.set('cell', cell);
  if (clip !== undefined) fields.set('clip', clip);
  if (choice) {
    fields.set('do', choice.kind);
    fields.set('length', String(choice.length));
    fields.set('at', String(choice.at));
    if (choice.level !== 'as loud') fields.set('level', choice.level);
  }
  if (seen) fields.set('see', `${seen.lo.toFixed(2)}-${seen.hi.toFixed(2)}`);
  if (side === 'clean') fields.set('side', side);
  return `#${fields}`;
}

/** Whatever is not understood is left out: an address is typed by people. */
export function readHash(hash: string): ShownState {
  const fields = new URLSearchParams(hash.replace(/^#/, ''));
  const clip = fields.get('clip');
  const kind = fields.get('do');
  const level = fields.get('level') ?? FIRST_CHOICE.level;
  const choice =
    kind !== null && kind in KINDS && level in LEVELS
      ? {
          kind: kind as KindName,
          level: level as LevelName,
          length: whole(fields.get('length'), FIRST_CHOICE.length),
          at: whole(fields.get('at'), FIRST_CHOICE.at),
        }
      : undefined;
  const find = fields.get('find');
  const cell = fields.get('cell');
  const filters: StudyFilters = Object.fromEntries(
    STUDY_FILTERS.flatMap((name) => (fields.get(name) ? [[name, fields.get(name)]] : [])),
  );
  const [lo, hi] = (fields.get('see') ?? '').split('-').map(Number);
  return {
    ...(clip === null ? {} : { clip }),
    ...(find ? { find } : {}),
    ...(Object.keys(filters).length > 0 ? { filters } : {}),
    ...(cell && /^[\w-]+$/.test(cell) ? { cell } : {}),
    ...(choice ? { choice } : {}),
    ...(hi > lo && lo >= 0 ? { seen: { lo, hi } } : {}),
    ...(fields.get('side') === 'clean' ? { side: 'clean' } : {}),
  };
}

function whole(text: string | null, otherwise: number): number {
  return text !== null && /^\d{1,6}$/.test(text) ? Number(text) : otherwise;
}
