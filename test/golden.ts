// The oracle's folders under test/golden/oracle: checkpoints and the tensors expected of them.

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Codes } from '../src/audio/codes.js';
import type { Checkpoint } from '../src/models/checkpoint.js';
import { readSafetensorsHeader } from '../src/onnx/safetensors.js';

export interface Expected {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

export interface Tensors {
  has(name: string): boolean;
  /** A tensor of expected.safetensors; throws if it is not there. */
  tensor(name: string): Expected;
  floats(name: string): Float32Array;
  codes(name: string): Codes;
}

export interface Golden extends Tensors {
  readonly folder: string;
}

export function goldenFolder(name: string): string {
  return path.join(import.meta.dirname, 'golden', 'oracle', name);
}

export async function openGolden(name: string): Promise<Golden> {
  const folder = goldenFolder(name);
  return { folder, ...(await openTensors(path.join(folder, 'expected.safetensors'), name)) };
}

/** What the recipe of the bundled model computed with its exported weights. */
export function openTinyGolden(): Promise<Tensors> {
  return openTensors(path.join(import.meta.dirname, 'golden', 'tiny.safetensors'), 'tiny');
}

/** What the recipe of the bundled model of notes computed with its exported weights. */
export function openTinyNotesGolden(): Promise<Tensors> {
  return openTensors(path.join(import.meta.dirname, 'golden', 'tiny-notes.safetensors'), 'tiny-notes');
}

async function openTensors(file: string, name: string): Promise<Tensors> {
  const bytes = await readFile(file);
  const read = async (start: number, end: number) => new Uint8Array(bytes.subarray(start, end));
  const { tensors } = await readSafetensorsHeader(read, bytes.length, `${name}/${path.basename(file)}`);
  const tensor = (key: string): Expected => {
    const stored = tensors.get(key);
    if (!stored) throw new Error(`${name}: no expected tensor ${key}`);
    const buffer = new Uint8Array(bytes.subarray(stored.offset, stored.offset + stored.length)).buffer;
    const data = { F32: Float32Array, F64: Float64Array, I32: Int32Array, U8: Uint8Array };
    const Data = data[stored.dtype as keyof typeof data];
    return { shape: stored.shape, data: new Data(buffer) };
  };
  return {
    has: (key) => tensors.has(key),
    tensor,
    floats: (key) => Float32Array.from(tensor(key).data),
    codes(key) {
      const { shape, data } = tensor(key);
      return { codebooks: shape[0], frames: shape[1], data: Int32Array.from(data) };
    },
  };
}

/** The largest absolute difference; NaN against anything but NaN counts as infinite. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    if (Object.is(a[i], b[i])) continue;
    const difference = Math.abs(a[i] - b[i]);
    if (Number.isNaN(difference)) return Number.POSITIVE_INFINITY;
    largest = Math.max(largest, difference);
  }
  return largest;
}

/** An F32 tensor of a checkpoint. */
export async function readFloats({ tensors, files }: Checkpoint, name: string): Promise<Float32Array> {
  const tensor = tensors.get(name);
  if (tensor?.dtype !== 'F32') throw new Error(`no F32 tensor ${name}`);
  const bytes = await files.read(tensor.file, tensor.offset, tensor.offset + tensor.length);
  return new Float32Array(bytes.slice().buffer);
}

/** Entropy of a distribution given by its logits, and standard deviation of -log p over it, nats, in float64. */
export function predictedBy(logits: readonly number[]): {
  readonly entropy: number;
  readonly spread: number;
} {
  const top = Math.max(...logits);
  const total = logits.reduce((sum, logit) => sum + Math.exp(logit - top), 0);
  const logs = logits.map((logit) => logit - top - Math.log(total));
  const entropy = logs.reduce((sum, log) => sum - Math.exp(log) * log, 0);
  const variance = logs.reduce((sum, log) => sum + Math.exp(log) * (-log - entropy) ** 2, 0);
  return { entropy, spread: Math.sqrt(variance) };
}
