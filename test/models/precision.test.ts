// Precision w8a8: 8-bit linear layers with one scale per token row. What the graph holds, that its integers are exact,
// that no later token changes an earlier loss, that prefixes give the bits of a full run, and what never mixes.

import { fromBinary } from '@bufbuild/protobuf';
import { afterAll, describe, expect, it } from 'vitest';
import type { Codes } from '../../src/audio/codes.js';
import { encode } from '../../src/loss/encode.js';
import { generate } from '../../src/loss/generate.js';
import { keepScoring } from '../../src/loss/keep.js';
import { score } from '../../src/loss/loss.js';
import { meanLoss } from '../../src/loss/means.js';
import type { Model } from '../../src/models/model.js';
import { musicgenGraph } from '../../src/models/musicgen/graph.js';
import { inInt8 } from '../../src/models/musicgen/w8a8.js';
import { openModel } from '../../src/models/open.js';
import type { Precision } from '../../src/models/precision.js';
import type { Tensor } from '../../src/models/runtime.js';
import type { Weights } from '../../src/models/weights.js';
import { readDemoClips } from '../../src/node/demo.js';
import { openFolder } from '../../src/node/files.js';
import { openNamedModel } from '../../src/node/open.js';
import { nodeRuntime } from '../../src/node/runtime.js';
import { newGraph } from '../../src/onnx/graph.js';
import { ModelProtoSchema, type NodeProto } from '../../src/onnx/onnx_pb.js';
import { provenanceOf } from '../../src/probe/probe.js';
import { generator, seedOf } from '../../src/stats/random.js';
import { goldenFolder } from '../golden.js';
import { PROTOCOLS, parseConfig } from '../musicgen.js';

const runtime = nodeRuntime({ threads: 2 });
afterAll(() => runtime.close());

function openIn(folder: string, precision: Precision): Promise<Model> {
  return openModel(openFolder(goldenFolder(folder), { name: folder }), runtime, { precision });
}

/** Codes [4, frames] drawn by name; from frame `from` on, others. */
function drawn(frames: number, from = frames): Codes {
  const [random, other] = ['precision', 'other'].map((name) => generator(seedOf(name)));
  const data = Int32Array.from({ length: 4 * frames }, (_, i) => {
    const [own, replaced] = [Math.floor(512 * random.uniform()), Math.floor(512 * other.uniform())];
    return i % frames < from ? own : replaced;
  });
  return { codebooks: 4, frames, data };
}

/** A decoder's graph in w8a8, over weights that lie nowhere. */
function decoderNodes(): { readonly nodes: readonly NodeProto[]; readonly constants: ReadonlySet<string> } {
  const config = {
    model_type: 'musicgen',
    audio_encoder: {
      model_type: 'encodec',
      sampling_rate: 32_000,
      codebook_size: 64,
      target_bandwidths: [2.2],
    },
    decoder: {
      num_codebooks: 4,
      vocab_size: 64,
      hidden_size: 32,
      num_hidden_layers: 2,
      num_attention_heads: 4,
      ffn_dim: 64,
    },
  };
  const { decoder } = parseConfig(config, 'test');
  if (!decoder) throw new Error('no decoder');
  const at = (prefix: string): Weights => ({
    has: () => true,
    take: (g, name, shape) =>
      g.external(prefix + name, 'float32', shape, { location: 'none', offset: 0, length: 0 }),
    under: (inner) => at(prefix + inner),
    leaveOut: () => undefined,
    refuseMisfits: () => undefined,
  });
  const { onnx } = musicgenGraph(decoder, at(''), { precision: 'w8a8', conditioning: 'cross' });
  const { graph } = fromBinary(ModelProtoSchema, onnx);
  if (!graph) throw new Error('no graph');
  return { nodes: graph.node, constants: new Set(graph.initializer.map(({ name }) => name)) };
}

describe('the graph', () => {
  const { nodes, constants } = decoderNodes();
  const maker = new Map(nodes.flatMap((node) => node.output.map((name) => [name, node] as const)));
  const isConstant = (name: string): boolean =>
    constants.has(name) || (maker.get(name)?.input.every(isConstant) ?? false);
  const attribute = (node: NodeProto | undefined, name: string) =>
    node?.attribute.find((one) => one.name === name)?.i;
  /** Every node that a value is made of, down to `source`. */
  const madeOf = (name: string, source: string): readonly NodeProto[] => {
    const node = maker.get(name);
    if (name === source || !node) return [];
    return [node, ...node.input.flatMap((input) => madeOf(input, source))];
  };
  const quantisers = nodes.filter(({ opType }) => opType === 'QuantizeLinear');
  const products = nodes.filter(({ opType }) => opType === 'QGemm');

  it('has no scale of activations but one per row, reduced over that row alone', () => {
    const activations = quantisers.filter(({ input }) => !isConstant(input[0]));
    // A layer: queries, keys and values of the same rows, out_proj, the same of the text's queries, fc1, fc2; and the
    // text, once for all layers.
    expect(activations.length).toBe(2 * (2 + 2 + 2) + 1);
    for (const quantiser of activations) {
      expect(attribute(quantiser, 'axis')).toBe(0n);
      const [x, scale] = quantiser.input;
      const path = madeOf(scale, x);
      const reductions = path.filter(({ opType }) => opType.startsWith('Reduce'));
      expect(reductions.map(({ opType }) => opType).sort()).toEqual(['ReduceMax', 'ReduceMin', 'ReduceSum']);
      for (const reduction of reductions) {
        expect(reduction.input).toEqual([x, 'ints[1](1)']);
        expect(attribute(reduction, 'keepdims')).toBe(0n);
      }
      // Nothing else on the way looks beside the row.
      const others = path.filter((node) => !reductions.includes(node)).map(({ opType }) => opType);
      expect([...new Set(others)].sort()).toEqual(['Add', 'Max', 'Mul', 'Neg']);
    }
    expect(nodes.filter(({ opType }) => opType.startsWith('Dynamic'))).toEqual([]);
  });

  it('multiplies every layer in 8 bits, by weights with a scale per output channel that are folded at load', () => {
    expect(products.length).toBe(2 * (4 + 4 + 2));
    expect(nodes.filter(({ opType }) => opType === 'Gemm').length).toBe(4); // the heads
    for (const { input } of products) {
      const [a, scaleA, zeroA, b, scaleB, zeroB] = input;
      expect([maker.get(a)?.opType, isConstant(zeroA)]).toEqual(['QuantizeLinear', true]);
      expect([b, scaleB, zeroB].every(isConstant)).toBe(true);
      expect(constants.has(scaleA) && /^float\([12]\)$/.test(scaleA)).toBe(true);
      const weight = maker.get(b);
      expect([weight?.opType, attribute(weight, 'axis')]).toEqual(['QuantizeLinear', 0n]);
      expect(weight?.input.slice(1)).toEqual([scaleB, zeroB]);
    }
  });
});

describe('an 8-bit product', () => {
  /** x W^T in 8 bits, [M, K] x [N, K]; W stands in the graph as an input, which changes nothing but when it is quantised. */
  async function product(x: Float32Array, w: Float32Array, K: number): Promise<Float32Array> {
    const g = newGraph('product');
    const q = inInt8(g);
    const y = q.Gemm(g.input('x', 'float32', ['m', K]), g.input('w', 'float32', ['n', K]), { transB: true });
    g.output('y', y, 'float32', ['m', 'n']);
    const session = await runtime.open(
      { name: g.name, onnx: g.toBytes() },
      openFolder(goldenFolder('mono-a')),
    );
    const rows = (data: Float32Array): Tensor => ({ type: 'float32', dims: [data.length / K, K], data });
    const { tensors } = await session.run({ x: rows(x), w: rows(w) }, { fetch: ['y'] });
    await session.close();
    if (tensors.y?.type !== 'float32') throw new Error('no result');
    return tensors.y.data;
  }

  it('is that of rounded values, summed exactly, and of zeros exactly zero', async () => {
    const [M, N, K] = [7, 9, 100];
    const random = generator(seedOf('product'));
    const x = Float32Array.from({ length: M * K }, () => random.normal());
    const w = Float32Array.from({ length: N * K }, () => random.normal());
    x.fill(0, 2 * K, 3 * K);
    w.fill(0, 4 * K, 5 * K);
    // Every term as large as it can be: where two products share 16 bits, they must fit.
    x.fill(3, 3 * K, 4 * K);
    w.fill(-2, 5 * K, 6 * K);
    w.fill(2, 6 * K, 7 * K);
    const y = await product(x, w, K);
    const rounded = (values: Float32Array, levels: number) => {
      const largest = Math.max(...values.map(Math.abs));
      const scale = largest / levels;
      return Array.from(values, (value) => (largest === 0 ? 0 : scale * Math.round(value / scale)));
    };
    for (let m = 0; m < M; m++) {
      const row = rounded(x.subarray(m * K, (m + 1) * K), 127);
      for (let n = 0; n < N; n++) {
        const weight = rounded(w.subarray(n * K, (n + 1) * K), 64);
        const expected = row.reduce((sum, value, k) => sum + value * weight[k], 0);
        if (m === 2 || n === 4) expect(y[m * N + n]).toBe(0);
        else expect(Math.abs(y[m * N + n] - expected)).toBeLessThan(1e-5 * Math.max(1, Math.abs(expected)));
      }
    }
    expect(y[3 * N + 5]).toBeCloseTo(-600, 3);
    expect(y[3 * N + 6]).toBeCloseTo(600, 3);
  });

  it('does not lose what is not a number: a damaged row or weight is seen, the others are as they were', async () => {
    const [M, N, K] = [3, 3, 20];
    const random = generator(seedOf('damage'));
    const x = Float32Array.from({ length: M * K }, () => random.normal());
    const w = Float32Array.from({ length: N * K }, () => random.normal());
    const whole = await product(x, w, K);
    for (const damage of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const y = await product(x.with(K + 7, damage), w.with(2 * K + 11, damage), K);
      y.forEach((value, i) => {
        const damaged = Math.floor(i / N) === 1 || i % N === 2;
        expect(value).toBe(damaged ? Number.NaN : whole[i]);
      });
    }
  });
});

describe('a loss in w8a8', () => {
  it('does not depend on a later token in any bit', async () => {
    const model = await openIn('mono-a', 'w8a8');
    const frames = 60;
    const whole = await score(model, drawn(frames), { protocol: 'undelayed' });
    for (const from of [1, 2, 17, 30, 59]) {
      const after = await score(model, drawn(frames, from), { protocol: 'undelayed' });
      let changed = 0;
      whole.values.forEach((value, i) => {
        if (i % frames < from) expect(after.values[i]).toBe(value);
        else if (after.values[i] !== value) changed++;
      });
      expect(changed).toBeGreaterThan(0);
    }
    await model.close();
  });

  it('on a prefix has the bits of a full run, wherever it ends and however many threads there are', async () => {
    for (const threads of [1, 3]) {
      const own = nodeRuntime({ threads });
      const model = await openModel(openFolder(goldenFolder('mono-b')), own, { precision: 'w8a8' });
      for (const [frames, step] of [
        [2, 1],
        [7, 1],
        [50, 7],
        [130, 11],
      ]) {
        for (const protocol of PROTOCOLS) {
          const kept = await keepScoring(model, drawn(frames), { protocol });
          expect(kept.loss).toEqual(await score(model, drawn(frames), { protocol }));
          for (let from = 0; from < frames; from += step) {
            const version = drawn(frames, from);
            expect(await kept.score(version)).toEqual(await score(model, version, { protocol }));
          }
          await kept.release();
        }
      }
      await own.close();
    }
  });

  it('is that of the null condition to the bit: attention to rows of zeros adds exactly nothing', async () => {
    const model = await openIn('text', 'w8a8');
    const plain = await score(model, drawn(40));
    expect(await score(model, drawn(40), { condition: { missing: 'null' } })).toEqual(plain);
    const told = await score(model, drawn(40), { condition: { textIds: [7, 9, 1] } });
    expect(told.values.every((value, i) => value === plain.values[i])).toBe(false);
    await model.close();
  });

  it('is near that in fp32 on the bundled model, and not the same', async () => {
    const [exact, fast] = await Promise.all(
      (['fp32', 'w8a8'] as const).map((precision) => openNamedModel({ model: 'tiny', precision })),
    );
    const [{ clip }] = await readDemoClips({ sampleRate: 32_000, channels: 1 }, () => undefined);
    const codes = await encode(fast, { ...clip, channels: [clip.channels[0].subarray(0, 160_000)] });
    expect(codes).toEqual(
      await encode(exact, { ...clip, channels: [clip.channels[0].subarray(0, 160_000)] }),
    );
    const [a, b] = [await score(exact, codes), await score(fast, codes)];
    const distances = Array.from(a.values, (value, i) => Math.abs(value - b.values[i])).filter(
      Number.isFinite,
    );
    const mean = distances.reduce((sum, distance) => sum + distance, 0) / distances.length;
    // What the recipe's model loses in 8 bits, on both sides: a finer or a coarser kernel would show.
    expect(mean).toBeCloseTo(0.079, 2);
    expect(Math.max(...distances)).toBeCloseTo(0.486, 1);
    expect(meanLoss(b) - meanLoss(a)).toBeCloseTo(0.01, 2);
    expect([exact.precision, fast.precision]).toEqual(['fp32', 'w8a8']);
    expect(provenanceOf(fast, {}).precision).toBe('w8a8');
    await Promise.all([exact.close(), fast.close()]);
  });
});

describe('two precisions', () => {
  it('never mix where fp32 is all there is', async () => {
    const fast = await openIn('mono-a', 'w8a8');
    await expect(generate(fast, { frames: 5, randoms: [generator(seedOf('refused'))] })).rejects.toThrow(
      /^mono-a: generates in fp32 only; leave out --precision w8a8$/,
    );
    const gpu = { ...runtime, device: 'cuda' };
    await expect(openModel(openFolder(goldenFolder('mono-a')), gpu, { precision: 'w8a8' })).rejects.toThrow(
      /: w8a8 runs on the CPU only, not on cuda$/,
    );
    await fast.close();
  });
});
