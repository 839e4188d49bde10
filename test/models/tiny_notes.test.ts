// The bundled model of notes: what ships is what the recipe computed, and it has learned something.

import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import type { Codes } from '../../src/audio/codes.js';
import { score } from '../../src/loss/loss.js';
import { ariaTokens } from '../../src/models/rotary/aria.js';
import { readNotes } from '../../src/node/notes.js';
import { openNamedModel } from '../../src/node/open.js';
import { mean } from '../../src/stats/describe.js';
import { noteTokens } from '../../src/symbolic/note_tokens.js';
import { largestDifference, openTinyNotesGolden } from '../golden.js';

const model = await openNamedModel({ model: 'tiny-notes' });
afterAll(() => model.close());

const NOTES = new URL('../../studies/codec-or-lm/Notes/', import.meta.url);
async function notesOf(name: string): Promise<Codes> {
  const file = fileURLToPath(new URL(`${name}.mid`, NOTES));
  return noteTokens(await readNotes(file, () => undefined)).codes;
}

/** Row of a token id: note, onset or duration; none for the signs. */
function rowOf(id: number): number | undefined {
  if (id < 39) return undefined;
  if (id < 16_727) return 0;
  return id < 17_227 ? 2 : 1;
}

describe('tiny-notes', () => {
  test('has the ids and the losses that the recipe computed in float64 from the same weights', async () => {
    const golden = await openTinyNotesGolden();
    const codes = await notesOf('funk-001');
    const ids = Array.from(golden.tensor('ids').data);
    expect(ids).toHaveLength(1000);
    expect(Array.from(ariaTokens(codes, 'funk-001').tokens.subarray(0, 1000))).toEqual(ids);

    const loss = await score(model, codes);
    const expected: number[][] = [[], [], []];
    const nll = golden.tensor('nll').data;
    for (let i = 1; i < ids.length; i++) {
      const row = rowOf(ids[i]);
      if (row !== undefined) expected[row].push(nll[i - 1]);
    }
    for (const [row, values] of expected.entries()) {
      const own = loss.values.subarray(row * codes.frames, (row + 1) * codes.frames);
      const scored = own.filter((value) => !Number.isNaN(value)).subarray(0, values.length);
      expect(values.length).toBeGreaterThan(200);
      expect(largestDifference(scored, values), `row ${row}`).toBeLessThan(2e-5);
    }
  });

  test('predicts held-out pieces far better than the frequency of their tokens does: 5.6 nats', async () => {
    const scored: number[] = [];
    for (const style of ['ambient', 'folk', 'funk', 'house', 'jazz', 'piano', 'rock', 'strings']) {
      const { values } = await score(model, await notesOf(`${style}-001`));
      scored.push(...values.filter((value) => !Number.isNaN(value)));
    }
    expect(mean(scored)).toBeLessThan(3);
    expect(mean(scored)).toBeGreaterThan(1);
  });
});
