// A store that shows its rows and a library in memory, for tests of studies.

import { type Clip, sampleCount } from '../../src/audio/clip.js';
import type { Codes } from '../../src/audio/codes.js';
import type { Item, Library } from '../../src/study/dataset.js';
import { memoryStore as emptyStore } from '../../src/study/memory_store.js';
import type { CellRow } from '../../src/study/row.js';
import type { Store } from '../../src/study/store.js';
import { passageOf } from '../../src/symbolic/passage.js';
import type { Score } from '../../src/symbolic/score.js';

/** A store in memory; `sorted` gives its rows by key. */
export function memoryStore(): Store & { sorted(): CellRow[] } {
  const store = emptyStore();
  const byKey = new Map<string, CellRow>();
  return {
    ...store,
    sorted: () => [...byKey.values()].sort((a, b) => (a.key < b.key ? -1 : 1)),
    async append(rows) {
      await store.append(rows);
      for (const row of rows) byKey.set(row.key, row);
    },
  };
}

type Kept = Clip | Codes | Score;

function kindOf(kept: Kept): Item['source']['kind'] {
  if ('ticksPerQuarter' in kept) return 'midi';
  return 'codebooks' in kept ? 'codes' : 'audio';
}

/** Clips, codes and scores by item name; the group is what stands before the slash. */
export function memoryLibrary(sounds: Readonly<Record<string, Kept>>): Library {
  const itemOf = (name: string): Item => {
    const kind = kindOf(sounds[name]);
    return { name, group: name.slice(0, name.indexOf('/')), source: { kind, path: name } };
  };
  return {
    async items({ name }) {
      return Object.keys(sounds)
        .filter((each) => each.startsWith(`${name}/`))
        .sort()
        .map(itemOf);
    },
    async contentHash({ name }) {
      return `hash of ${name}`;
    },
    async clip({ name }, { format, excerpt: { offset, length } }) {
      const sound = sounds[name];
      if (!('channels' in sound)) throw new Error(`${name}: codes`);
      const from = Math.round(offset * format.sampleRate);
      const to = length === undefined ? sampleCount(sound) : from + Math.round(length * format.sampleRate);
      if (to > sampleCount(sound)) throw new Error(`${name}: too short`);
      return { ...sound, name, channels: sound.channels.map((channel) => channel.slice(from, to)) };
    },
    async codes({ name }) {
      const sound = sounds[name];
      if ('codebooks' in sound) return sound;
      throw new Error(`${name}: sound`);
    },
    async notes({ name }, { offset, length }) {
      const score = sounds[name];
      if (!('ticksPerQuarter' in score)) throw new Error(`${name}: no notes`);
      return { ...passageOf(score, { offset, length }), name };
    },
  };
}
