// What is needed again soon: of a clip for its next version (the same at another level or severity), of a filter for the next
// sound.

import { type Clip, sampleCount } from './clip.js';

/** Samples per channel above which nothing is kept (131 s at 32 kHz): it would double the memory of a long clip. */
const MOST_SAMPLES = 2 ** 22;

/** What `key` names of a clip, made unless it is the last thing that was made of it. It must not be written to. */
export type Keeper<T> = (clip: Clip, key: string, make: () => T) => T;

/** A keeper of one kind of thing. Clips are known by identity, and are not held. */
export function keeper<T>(): Keeper<T> {
  const last = new WeakMap<Clip, { readonly key: string; readonly value: T }>();
  return (clip, key, make) => {
    const known = last.get(clip);
    if (known?.key === key) return known.value;
    last.delete(clip); // before the next one is made, so that there are never two
    const value = make();
    if (sampleCount(clip) <= MOST_SAMPLES) last.set(clip, { key, value });
    return value;
  };
}

/** Keeps the things that were used last, at most so many, by name. They must not be written to. */
export function recent<T>(most: number): (key: string, make: () => T) => T {
  const known = new Map<string, T>();
  return (key, make) => {
    const value = known.get(key) ?? make();
    // Put last: the first is the one that was not used for longest.
    known.delete(key);
    known.set(key, value);
    for (const old of [...known.keys()].slice(0, -most)) known.delete(old);
    return value;
  };
}
