// Measuring by the server that the page came from, where the model is too large for a browser. Sound files go there in
// pieces; the server is this machine's own.

import { fieldsOf } from '../../perturb/write.js';
import { unpack } from '../../report/view/pack.js';
import type { Engine, OnEngineProgress } from './engine.js';
import type { RequestName, Requests } from './messages.js';

const ADDRESS = 'api/ask';
/** Bytes of a file in one request. */
const PART = 480_000;
/** What a piece of an answer is: see src/node/serve/native.ts. */
const PIECE = { progress: 1, answer: 2, error: 3 } as const;

export function serverEngine(): Engine {
  let uploads = 0;
  const answers: {
    readonly [K in RequestName]: (ask: Requests[K]['ask'], onProgress?: OnEngineProgress) => Promise<unknown>;
  } = {
    open: (_, onProgress) => post({ kind: 'open' }, onProgress),
    async score({ name, bytes }, onProgress) {
      const upload = ++uploads;
      for (let at = 0; at < bytes.length; at += PART) {
        const piece = base64(bytes.subarray(at, at + PART));
        await post({ kind: 'upload', upload, at, total: bytes.length, piece });
        onProgress?.(Math.min(at + PART, bytes.length), bytes.length);
      }
      return post({ kind: 'score', name, upload });
    },
    probe({ id, perturbation }, onProgress) {
      const { seed, ...fields } = Object.fromEntries(fieldsOf(perturbation));
      return post({ kind: 'probe', id, perturbation: fields, seed: Number(seed) }, onProgress);
    },
    map: ({ id }, onProgress) => post({ kind: 'map', id }, onProgress),
  };
  return {
    ask: async (kind, ask, onProgress) => (await answers[kind](ask as never, onProgress)) as never,
  };
}

async function post(question: object, onProgress?: OnEngineProgress): Promise<unknown> {
  const response = await fetch(ADDRESS, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(question),
  });
  if (!response.ok || !response.body)
    throw new Error((await response.text()).trim() || `the server answers ${response.status}`);
  let rest = new Uint8Array(0);
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (value) rest = joined(rest, value);
    for (let piece = firstPiece(rest); piece; piece = firstPiece(rest)) {
      rest = rest.slice(5 + piece.bytes.length);
      if (piece.type === PIECE.answer) return unpack(piece.bytes);
      const text = new TextDecoder().decode(piece.bytes);
      if (piece.type === PIECE.error) throw new Error(text);
      const { done: steps, of } = JSON.parse(text);
      onProgress?.(steps, of);
    }
    if (done) throw new Error('the server stopped in the middle of its answer');
  }
}

function firstPiece(bytes: Uint8Array): { readonly type: number; readonly bytes: Uint8Array } | undefined {
  if (bytes.length < 5) return undefined;
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(1, true);
  if (bytes.length < 5 + length) return undefined;
  return { type: bytes[0], bytes: bytes.slice(5, 5 + length) };
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

function base64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 8192)
    text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
}
