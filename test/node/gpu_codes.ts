import type { Codes } from '../../src/audio/codes.js';
import type { Model } from '../../src/models/model.js';
import { generator, seedOf } from '../../src/stats/random.js';

const FRAMES = 40;

/** Codes that any process draws alike; of a model of notes, a scale that climbs. */
export function codesFor({
  rows,
  codebooks,
  codebookSize,
}: Pick<Model, 'rows' | 'codebooks' | 'codebookSize'>): Codes {
  const random = generator(seedOf('gpu'));
  const draw = () => Math.floor(codebookSize * random.uniform());
  const notes = [
    (t: number) => (40 + t) * 13 + 1,
    (t: number) => 37 * t,
    (t: number) => 1 + ((31 * t) % 500),
  ];
  const value = (i: number) => (rows ? notes[Math.floor(i / FRAMES)](i % FRAMES) : draw());
  return {
    codebooks,
    frames: FRAMES,
    data: Int32Array.from({ length: codebooks * FRAMES }, (_, i) => value(i)),
  };
}
