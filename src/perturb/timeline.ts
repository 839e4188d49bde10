// Several disturbances on one time line. Every place names the clean clip's time; contents are put in together, so the
// result does not depend on the order in which they were asked for. The same for samples and for codes.

import type { Event, Perturbation, Place } from './perturbation.js';

/** One disturbance, placed: the clean samples of its window, and how many samples stand there afterwards. */
export interface TimelinePart {
  readonly perturbation: Perturbation;
  readonly place: Place;
  readonly samples: number;
  readonly facts: Pick<Event, 'levelDbfs' | 'permutation' | 'block' | 'domain' | 'stretched'>;
}

/**
 * The events, in the order of the parts, on the disturbed clip's time line: deletions and stretches move what comes later.
 * @throws when two windows overlap (they may touch), or when nothing of `samples` clean samples is left.
 */
export function eventsOf(name: string, parts: readonly TimelinePart[], samples: number): Event[] {
  const sorted = parts.map(({ place }) => place).sort((a, b) => a.start - b.start);
  sorted.forEach((place, i) => {
    const next = sorted[i + 1];
    if (next && next.start < place.end) {
      throw new Error(
        `${name}: the windows [${place.start}, ${place.end}) and [${next.start}, ${next.end}) overlap; ` +
          'give each disturbance its own place',
      );
    }
  });
  const lost = (part: TimelinePart): number => part.place.end - part.place.start - part.samples;
  if (samples > 0 && parts.reduce((left, part) => left - lost(part), samples) === 0) {
    throw new Error(`${name}: the whole clip would be deleted; make the windows shorter`);
  }
  return parts.map((part): Event => {
    const { perturbation, place, facts } = part;
    const earlier = parts.filter((other) => other.place.start < place.start);
    const start = place.start - earlier.reduce((sum, other) => sum + lost(other), 0);
    const removed = perturbation.kind === 'delete' ? { removed: place } : {};
    const { kind } = perturbation;
    return { kind, start, end: start + part.samples, ...facts, ...removed, perturbation };
  });
}

/** What is put into [start, end) of a row. */
export interface Insert<T> extends Place {
  readonly content: T;
}

/** A row (a channel of samples, a codebook of codes) with the contents in their places; all else is copied. */
export function spliced<T extends Float32Array | Int32Array>(
  row: T,
  inserts: readonly Insert<T>[],
  allocate: (length: number) => T,
): T {
  const pieces: (Float32Array | Int32Array)[] = [];
  let from = 0;
  for (const { start, end, content } of inserts.toSorted((a, b) => a.start - b.start)) {
    pieces.push(row.subarray(from, start), content);
    from = end;
  }
  pieces.push(row.subarray(from));
  const out = allocate(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    out.set(piece, at);
    at += piece.length;
  }
  return out;
}
