// Melody models: the chroma of a sound, conditions as vectors before the first column, and losses under each.

import { afterAll, describe, expect, it } from 'vitest';
import { CHROMA_RATE, chromaOf } from '../../src/audio/chroma.js';
import { contrast } from '../../src/loss/contrast.js';
import { keepScoring } from '../../src/loss/keep.js';
import { score } from '../../src/loss/loss.js';
import { type Condition, describeCondition } from '../../src/models/condition.js';
import type { Model } from '../../src/models/model.js';
import { delayed, toColumns } from '../../src/models/musicgen/delay.js';
import { openModel } from '../../src/models/open.js';
import { openFolder } from '../../src/node/files.js';
import { nodeRuntime } from '../../src/node/runtime.js';
import { goldenFolder, largestDifference, openGolden } from '../golden.js';
import { decoderOf, PROTOCOLS } from '../musicgen.js';

const runtime = nodeRuntime();
afterAll(() => runtime.close());

const golden = await openGolden('melody');
const textIds = Array.from(golden.tensor('text_ids').data);
/** [19] from one-hot rows [19, 12]. */
const chroma = Array.from({ length: 19 }, (_, frame) =>
  Array.from(golden.tensor('chroma').data)
    .slice(12 * frame, 12 * frame + 12)
    .indexOf(1),
);

function openMelody(): Promise<Model> {
  return openModel(openFolder(goldenFolder('melody'), { name: 'melody' }), runtime);
}

describe('chroma', () => {
  it("is the oracle's: the loudest class of every frame, and the energies to float32 rounding", () => {
    const { frames, energies, classes } = chromaOf(golden.floats('chroma_wav'));
    expect([frames, 12]).toEqual(golden.tensor('chroma').shape);
    expect(Array.from(classes)).toEqual(chroma);
    const expected = golden.floats('chroma_raw');
    energies.forEach((energy, i) => {
      expect(Math.abs(energy / expected[i] - 1)).toBeLessThan(3e-6);
    });
  });

  it('hears the note that is played, in any octave; silence and single samples are class 0, or heard at all', () => {
    const tone = (hertz: number, samples: number) =>
      Float32Array.from({ length: samples }, (_, i) => Math.sin((2 * Math.PI * hertz * i) / CHROMA_RATE));
    for (let semitone = -24; semitone < 36; semitone += 5) {
      const { classes } = chromaOf(tone(440 * 2 ** (semitone / 12), 20_000));
      // A is class 9.
      expect(Array.from(classes)).toEqual(new Array(5).fill((9 + semitone + 36) % 12));
    }
    // A signal shorter than a window stands in the middle of zeros, and has the frames of one window.
    expect(Array.from(chromaOf(tone(440, 9_001)).classes)).toEqual([9, 9, 9, 9, 9]);
    expect(Array.from(chromaOf(new Float32Array(40_000)).classes)).toEqual(new Array(10).fill(0));
    expect(chromaOf(Float32Array.of(1)).frames).toBe(5);
    expect(() => chromaOf(new Float32Array(0))).toThrow(/^chroma: no samples$/);
  });
});

describe('loss of a melody model', () => {
  const absent = { missing: 'absent' } as const;
  const cases: [suffix: string, signals: readonly string[], condition: Condition | undefined][] = [
    ['null', ['', 'short.'], undefined],
    ['null', ['', 'short.'], { missing: 'null' }],
    ['noprefix', ['', 'short.'], absent],
    ['chroma', [''], { chroma }],
    ['chroma_notext', [''], { chroma, ...absent }],
    ['text', [''], { textIds }],
    ['text_chroma', [''], { textIds, chroma }],
  ];
  it.each(cases)(
    "%s of %j is the oracle's at every position, by both protocols",
    async (suffix, signals, condition) => {
      const model = await openMelody();
      const options = { untrained: 'scored', ...(condition && { condition }) } as const;
      for (const signal of signals) {
        const codes = golden.codes(`${signal}codes`);
        const { values } = await score(model, codes, options);
        const expected = golden.tensor(`${signal}nll_delayed_${suffix}`).data;
        expect(largestDifference(values, expected)).toBeLessThan(2e-5);
        const undelayed = await score(model, codes, { ...options, protocol: 'undelayed' });
        const scored = undelayed.values.filter((_, i) => i % codes.frames > 0);
        expect(
          largestDifference(scored, golden.tensor(`${signal}nll_undelayed_${suffix}`).data),
        ).toBeLessThan(2e-5);
      }
      await model.close();
    },
  );

  it("has the oracle's logits", async () => {
    const model = await openMelody();
    for (const [name, condition] of [
      ['logits_null', {}],
      ['logits_chroma', { chroma }],
    ] as const) {
      const {
        shape: [K, F, V],
        data,
      } = golden.tensor(name);
      const language = await model.conditioned(condition);
      const tokens = toColumns(golden.codes('codes'), delayed(K), V);
      for (let k = 0; k < K; k++) {
        const logits = await decoderOf(language).logits(tokens, k);
        expect(logits.length).toBe((tokens.columns - 1) * V);
        const expected = Array.from(data).slice(k * F * V, (k + 1) * F * V);
        expect(largestDifference(logits.slice(k * V, (k + F) * V), expected)).toBeLessThan(2e-5);
      }
    }
    await model.close();
  });

  it('goes on from what was kept under a condition to the bit, wherever versions differ', async () => {
    const model = await openMelody();
    const codes = golden.codes('codes');
    const conditions: Condition[] = [{}, absent, { textIds, chroma }];
    for (const condition of conditions) {
      for (const protocol of PROTOCOLS) {
        const options = { protocol, condition };
        const kept = await keepScoring(model, codes, options);
        for (const from of [0, 1, 40, 73, 74]) {
          const data = codes.data.map((code, i) => (i % codes.frames >= from ? (code + 9) % 512 : code));
          const full = await score(model, { ...codes, data }, options);
          expect(await kept.score({ ...codes, data }), `from ${from}`).toEqual(full);
        }
        await kept.release();
      }
    }
    await model.close();
  });

  it('repeats a short melody and cuts a long one to the length that the model takes', async () => {
    const model = await openMelody();
    const codes = golden.codes('short.codes');
    const of = (classes: readonly number[]) => score(model, codes, { condition: { chroma: classes } });
    const once = await of(chroma);
    expect(await of([...chroma, ...chroma])).toEqual(once);
    const whole = Array.from({ length: 235 }, (_, i) => chroma[i % 19]);
    expect(await of([...whole, 3, 3, 3])).toEqual(once);
    expect(await of(whole.with(234, 11 - whole[234]))).not.toEqual(once);
    await model.close();
  });

  it('is compared with that under the null condition', async () => {
    const model = await openMelody();
    const codes = golden.codes('codes');
    const { conditional, unconditional } = await contrast(model, codes, { chroma });
    expect(conditional).toEqual(await score(model, codes, { condition: { chroma } }));
    expect(unconditional).toEqual(await score(model, codes));
    await model.close();
  });

  it('is refused under a melody that is none, or of a model that takes none', async () => {
    const model = await openMelody();
    const refusals: [Condition, RegExp][] = [
      [{ chroma: [] }, /^melody: a melody of no frames; leave it out$/],
      [{ chroma: [0, 12] }, /^melody: pitch class 12, expected 0 \(C\) to 11 \(B\)$/],
      [{ chroma: [0.5] }, /^melody: pitch class 0\.5/],
      [{ chroma, textIds: [64] }, /^melody: text id 64/],
    ];
    for (const [condition, cause] of refusals)
      await expect(model.conditioned(condition)).rejects.toThrow(cause);
    await model.close();
    const musicgen = await openModel(openFolder(goldenFolder('text'), { name: 'text' }), runtime);
    await expect(musicgen.conditioned({ chroma })).rejects.toThrow(
      /^text: takes no melody; a MusicGen Melody/,
    );
    const words = [{}, { missing: 'null' }, absent, { chroma }, { prompt: 'a', chroma, ...absent }] as const;
    expect(words.map(describeCondition)).toEqual([
      'none',
      'null',
      'no-prefix',
      'melody of 19 frames',
      'prompt "a", melody of 19 frames, missing absent',
    ]);
  });
});
