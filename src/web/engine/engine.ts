// Measuring behind the page: the same questions to a worker of this page (nothing leaves it) or to the server it came from.

import type { EngineMessage, Reply, RequestName, Requests } from './messages.js';

export type OnEngineProgress = (done: number, of: number) => void;

export interface Engine {
  ask<K extends RequestName>(
    kind: K,
    ask: Requests[K]['ask'],
    onProgress?: OnEngineProgress,
  ): Promise<Requests[K]['answer']>;
}

interface Waiting {
  readonly resolve: (answer: never) => void;
  readonly reject: (error: Error) => void;
  readonly onProgress: OnEngineProgress | undefined;
}

/** Threads of a run: one core stays for the page, which draws and plays meanwhile. */
export function threadsFor(cores: number): number {
  return Math.max(1, Math.min(4, cores - 1));
}

/** An engine in a worker. */
export function workerEngine(address: string): Engine {
  const worker = new Worker(address, { type: 'module' });
  const waiting = new Map<number, Waiting>();
  let next = 1;
  worker.onmessage = ({ data }: MessageEvent<Reply>) => {
    const own = waiting.get(data.number);
    if (!own) return;
    if ('progress' in data) {
      own.onProgress?.(data.progress.done, data.progress.of);
      return;
    }
    waiting.delete(data.number);
    if ('error' in data) own.reject(new Error(data.error));
    else own.resolve(data.answer as never);
  };
  worker.onerror = ({ message }) => {
    for (const { reject } of waiting.values())
      reject(new Error(`the worker failed (${message || 'it could not be loaded'})`));
    waiting.clear();
  };
  return {
    ask: (kind, ask, onProgress) =>
      new Promise((resolve, reject) => {
        const number = next++;
        waiting.set(number, { resolve, reject, onProgress });
        worker.postMessage({ number, kind, ask } satisfies EngineMessage);
      }),
  };
}
