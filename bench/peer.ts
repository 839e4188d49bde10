// The peer: Hugging Face's own model in a Python process of its own (peer.py), asked version by version.

import { spawn, spawnSync } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { parseJson } from '../src/onnx/json.js';
import type { Cost } from './measure.js';

const SCRIPT = path.join(import.meta.dirname, 'peer.py');

export type PeerPrecision = 'fp32' | 'bf16';

export interface Peer {
  /** "torch 2.13.0, transformers 5.18.0, 2 threads". */
  readonly words: string;
  score(samples: Float32Array, precision: PeerPrecision): Promise<PeerScore>;
  close(): Promise<void>;
}

export interface PeerScore {
  /** [K][T]. */
  readonly codes: readonly (readonly number[])[];
  /** [K][T] nats. */
  readonly loss: readonly (readonly number[])[];
  readonly cost: Cost;
}

/** Starts the peer; or says in words why there is none. */
export async function startPeer(folder: string, threads: number): Promise<Peer | string> {
  const python = process.env.PEER_PYTHON ?? 'python3';
  const probe = spawnSync(python, ['-c', 'import torch, transformers, safetensors, numpy']);
  if (probe.status !== 0) {
    return `${python} has no torch and transformers (bench/README.md says how to install them; PEER_PYTHON names another python)`;
  }
  const child = spawn(python, [SCRIPT, folder, String(threads)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<unknown> => {
    const { value, done } = await lines.next();
    if (done) throw new Error('bench/peer.py ended without an answer; what it said is above');
    return parseJson(new TextEncoder().encode(String(value)), 'bench/peer.py');
  };
  const { torch, transformers, threads: used } = (await next()) as Started;
  return {
    words: `torch ${torch}, transformers ${transformers}, ${used} threads`,
    async score(samples, precision) {
      const bytes = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
      child.stdin.write(`${JSON.stringify({ samples: bytes.toString('base64'), precision })}\n`);
      const { codes, loss, encode, score, cpu } = (await next()) as Answered;
      return { codes, loss, cost: { wall: encode + score, cpu } };
    },
    async close() {
      const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
      child.stdin.end();
      await ended;
    },
  };
}

interface Started {
  readonly torch: string;
  readonly transformers: string;
  readonly threads: number;
}

interface Answered extends Omit<PeerScore, 'cost'> {
  /** Seconds; cpu of all threads. */
  readonly encode: number;
  readonly score: number;
  readonly cpu: number;
}
