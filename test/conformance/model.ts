// What every model promises, whatever its family: one suite, run over tiny, an oracle's MusicGen, a codec alone and a toy.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Codes, framesOf } from '../../src/audio/codes.js';
import { type LanguageModel, lagOf } from '../../src/models/language.js';
import { codecOf, type Model, protocolUnder } from '../../src/models/model.js';
import { generator, seedOf } from '../../src/stats/random.js';

/** Frames of the codes that are scored. */
const FRAMES = 70;

export interface ModelCase {
  readonly name: string;
  readonly open: () => Promise<Model>;
  /** What the model is said to have. */
  readonly has: { readonly codec: boolean; readonly language: boolean };
  /** Codes that do not repeat a pattern; in positions [from, to) others. Default: any. */
  readonly piece?: Piece;
}

type Piece = (from: number, to: number, frames: number) => Codes;

export function describeModel({ name, open, has, piece }: ModelCase): void {
  describe(`${name} as a model`, () => {
    let model: Model;
    beforeAll(async () => {
      model = await open();
    });
    afterAll(() => model.close());

    it('says what it is, and refuses in one line what it has not', async () => {
      expect(model.fingerprint).toMatch(/^[0-9a-f]{64}$/);
      expect(model.codebooks).toBeGreaterThan(0);
      expect(model.codebookSize).toBeGreaterThan(1);
      expect(model.rows === undefined || model.rows.length === model.codebooks).toBe(true);
      expect([model.codec !== undefined, model.language !== undefined]).toEqual([has.codec, has.language]);
      if (!has.codec) expect(() => codecOf(model)).toThrow(new RegExp(`^${model.name}: [^\n]+$`));
      if (!has.language) {
        expect(() => protocolUnder(model)).toThrow(new RegExp(`^${model.name}: [^\n]+$`));
        await expect(model.conditioned({})).rejects.toThrow(new RegExp(`^${model.name}: [^\n]+$`));
      }
    });

    if (has.codec) describeCodec(() => model);
    if (has.language) describeLanguage(() => model, piece);
  });
}

function describeCodec(model: () => Model): void {
  const codecNow = () => codecOf(model());
  /** Noise of half a frame less than so many frames; from frame `other` on, different noise. */
  const sound = (frames: number, other = frames): Float32Array[] => {
    const { channels, clock } = codecNow();
    return Array.from({ length: channels }, (_, channel) => {
      const [a, b] = ['a', 'b'].map((which) => generator(seedOf('conformance', which, channel)));
      return Float32Array.from({ length: Math.round((frames - 0.5) * clock.hop) }, (_s, i) => {
        const loud = 0.3 * (1 + Math.sin((i * 0.7) / clock.hop));
        const [own, another] = [loud * (2 * a.uniform() - 1), 2 * loud * (2 * b.uniform() - 1)];
        return i < other * clock.hop ? own : another;
      });
    });
  };
  const part = (codes: Codes, from: number, to: number): number[] =>
    Array.from(codes.data).filter((_, i) => i % codes.frames >= from && i % codes.frames < to);

  it('encodes sound to its own codes, mono too, and decodes them to as many frames', async () => {
    const codec = codecNow();
    expect([codec.codebooks, codec.codebookSize]).toEqual([model().codebooks, model().codebookSize]);
    expect(Number.isInteger(codec.reach) && codec.reach >= 0).toBe(true);
    const given = sound(30);
    const codes = await codec.encode(given);
    expect([codes.codebooks, codes.frames]).toEqual([
      codec.codebooks,
      framesOf(codec.clock, given[0].length),
    ]);
    expect(codes.data.every((code) => code >= 0 && code < codec.codebookSize)).toBe(true);
    expect(new Set(codes.data).size).toBeGreaterThan(3);
    expect(await codec.encode(given)).toEqual(codes);
    expect((await codec.encode([given[0]])).codebooks).toBe(codec.codebooks);
    const back = await codec.decode(codes);
    expect(back.map(({ length }) => length)).toEqual(given.map(() => codes.frames * codec.clock.hop));
    await expect(codec.encode([])).rejects.toThrow(/^[^\n]+$/);
    await expect(codec.encode([given[0].with(3, Number.NaN)])).rejects.toThrow(/sample 3/);
    await expect(codec.decode({ ...codes, data: codes.data.with(0, codec.codebookSize) })).rejects.toThrow(
      /^[^\n]+$/,
    );
  });

  it('gives versions of a kept sound the codes of encode, as far as asked', async () => {
    const codec = codecNow();
    const given = sound(60);
    const kept = await codec.keep(given);
    expect(kept.codes).toEqual(await codec.encode(given));
    const versions = [sound(60, 0), sound(60, 31), sound(60, 59), sound(40), given];
    const expected: Codes[] = [];
    for (const version of versions) expected.push(await codec.encode(version));
    expect(await kept.encode(versions.map((channels) => ({ channels })))).toEqual(expected);
    const [cut] = await kept.encode([{ channels: versions[1], end: 40 }]);
    expect(part(cut, 0, 40)).toEqual(part(expected[1], 0, 40));
    expect(part(cut, 40, 60)).toEqual(part(kept.codes, 40, 60));
  });

  it('changes no code before the reach of what sounds different', async () => {
    const codec = codecNow();
    const [clean, disturbed] = [await codec.encode(sound(60)), await codec.encode(sound(60, 40))];
    expect(part(disturbed, 0, 40 - codec.reach)).toEqual(part(clean, 0, 40 - codec.reach));
    expect(part(disturbed, 40, 60)).not.toEqual(part(clean, 40, 60));
  });
}

function describeLanguage(model: () => Model, given?: Piece): void {
  /** Codes that do not repeat a pattern; in frames [from, to) others. */
  const piece = (from = FRAMES, to = FRAMES, frames = FRAMES): Codes => {
    if (given) return given(from, to, frames);
    const { codebooks, codebookSize } = model();
    const data = Int32Array.from({ length: codebooks * frames }, (_, i) => {
      const [k, t] = [Math.floor(i / frames), i % frames];
      return (k * 131 + t * 7919 + t * t * 31 + (t >= from && t < to ? 5 : 0)) % codebookSize;
    });
    return { codebooks, frames, data };
  };
  const languageNow = (): LanguageModel => {
    const { language } = model();
    if (!language) throw new Error('no language model');
    return language;
  };
  const undefinedAt = (values: Float32Array) =>
    Array.from(values).flatMap((value, i) => (Number.isNaN(value) ? [i] : []));

  it('has protocols with a lag for each codebook, and refuses others', async () => {
    const { protocols, score } = languageNow();
    expect(new Set(protocols.map(({ name }) => name)).size).toBe(protocols.length);
    for (const { words, lags } of protocols) {
      expect(words).not.toBe('');
      expect(lags.length).toBe(model().codebooks);
      expect(lags.every((lag) => Number.isInteger(lag) && lag >= 0)).toBe(true);
    }
    expect(protocolUnder(model())).toBe(protocols[0]);
    expect((await score(piece())).protocol).toBe(protocols[0].name);
    await expect(score(piece(), { protocol: 'no such' })).rejects.toThrow(
      `${model().name}: no protocol no such; it has ${protocols.map(({ name }) => name).join(', ')}`,
    );
  });

  it('scores every code but those that training never asks for, with the entropy beside it', async () => {
    for (const { name, lags } of languageNow().protocols) {
      const form = { protocol: name };
      const loss = await languageNow().score(piece(), form);
      expect([loss.codebooks, loss.frames, loss.values.length]).toEqual([
        model().codebooks,
        FRAMES,
        model().codebooks * FRAMES,
      ]);
      const { values, entropy } = loss;
      expect(undefinedAt(entropy)).toEqual(undefinedAt(values));
      lags.forEach((lag, k) => {
        const row = values.subarray(k * FRAMES, (k + 1) * FRAMES);
        const missing = undefinedAt(row);
        // The end as far as the codebook lags, and at most the first frame, before which there is nothing.
        expect(missing.filter((t) => t > 0)).toEqual(Array.from({ length: lag }, (_, i) => FRAMES - lag + i));
      });
      expect(values.every((value) => Number.isNaN(value) || value >= 0)).toBe(true);
      const most = Math.log(model().codebookSize) + 1e-4;
      expect(entropy.every((value) => Number.isNaN(value) || (value >= 0 && value <= most))).toBe(true);
      const every = await languageNow().score(piece(), { ...form, untrained: 'scored' });
      expect(undefinedAt(every.values).length).toBe(
        undefinedAt(values).filter((i) => i % FRAMES === 0).length,
      );
      expect(every.values.map((value, i) => (Number.isNaN(values[i]) ? Number.NaN : value))).toEqual(values);
      expect(await languageNow().score(piece(), form)).toEqual(loss);
    }
  });

  it('knows nothing of later frames than its lag', async () => {
    for (const protocol of languageNow().protocols) {
      const form = { protocol: protocol.name };
      const clean = await languageNow().score(piece(), form);
      const version = await languageNow().score(piece(40), form);
      const before = (values: Float32Array) => values.filter((_, i) => i % FRAMES < 40 - lagOf(protocol));
      expect(before(version.values)).toEqual(before(clean.values));
      expect(version.values).not.toEqual(clean.values);
    }
  });

  it('gives versions of kept codes the bits of score, wherever they differ and as far as asked', async () => {
    for (const { name } of languageNow().protocols) {
      const form = { protocol: name };
      const kept = await languageNow().keep(piece(), form);
      expect(kept.loss).toEqual(await languageNow().score(piece(), form));
      for (const [from, to] of [
        [0, 1],
        [0, FRAMES],
        [33, 40],
        [FRAMES - 1, FRAMES],
        [FRAMES, FRAMES],
      ]) {
        const full = await languageNow().score(piece(from, to), form);
        expect(await kept.score(piece(from, to)), `${name} ${from}`).toEqual(full);
        for (const end of [0, from, Math.min(FRAMES, from + 9), FRAMES]) {
          const cut = (values: Float32Array) =>
            values.map((value, i) => (i % FRAMES < end ? value : Number.NaN));
          const before = full.apart?.positions.filter((position) => position < end);
          const expected = {
            ...{ ...full, values: cut(full.values), entropy: cut(full.entropy) },
            ...(full.spread && { spread: cut(full.spread) }),
            ...(full.apart &&
              before && { apart: { positions: before, values: full.apart.values.slice(0, before.length) } }),
          };
          expect(await kept.score(piece(from, to), { end }), `${name} ${from} to ${end}`).toEqual(expected);
        }
      }
      const shorter = piece(FRAMES, FRAMES, 31);
      expect(await kept.score(shorter)).toEqual(await languageNow().score(shorter, form));
      await kept.release();
    }
  });

  it('refuses codes that are not its own', async () => {
    const { codebooks, codebookSize } = model();
    const refused = [
      { ...piece(), codebooks: codebooks + 1 },
      { ...piece(), frames: 0, data: new Int32Array(0) },
      { ...piece(), data: piece().data.with(0, codebookSize) },
      { ...piece(), data: piece().data.with(0, -1) },
    ];
    for (const codes of refused) {
      await expect(languageNow().score(codes)).rejects.toThrow(new RegExp(`^${model().name}: [^\n]+$`));
    }
  });

  it('draws codes of its own, the same for the same chance, if it can draw at all', async () => {
    const { generate } = languageNow();
    if (!generate) return;
    const steps: number[] = [];
    const make = () =>
      generate({
        frames: 5,
        streams: 2,
        draw: (logits, { stream, codebook, frame }) => (stream * 3 + codebook + frame * 7) % logits.length,
        onStep: (done) => steps.push(done),
      });
    const [first, second] = await make();
    expect(steps.length).toBeGreaterThan(0);
    expect(await make()).toEqual([first, second]);
    expect(first.data[1]).toBe(7 % model().codebookSize);
    expect(second.data[0]).toBe(3 % model().codebookSize);
    await languageNow().score(first);
  });
}
