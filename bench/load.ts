// (d) How long does a model take to load, and how much memory does a process that encodes and scores 15 s need?
// Each precision in a process of its own: run as one, this file measures and sends what it found.

import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { encode, formatOf } from '../src/loss/encode.js';
import { score } from '../src/loss/loss.js';
import { openModel } from '../src/models/open.js';
import type { Precision } from '../src/models/precision.js';
import { openFolder } from '../src/node/files.js';
import { nodeRuntime } from '../src/node/runtime.js';
import { type Answer, type Cost, timed } from './measure.js';

interface Loaded {
  readonly precision: Precision;
  /** Headers, graphs, fingerprint. */
  readonly open: Cost;
  /** The decoder's session, and one pass over two frames. */
  readonly decoder: Cost;
  /** All of a 15 s clip once, loaded or not. */
  readonly clip: Cost;
  /** Bytes resident at most. */
  readonly peak: number;
}

const SELF = fileURLToPath(import.meta.url);

export async function load(folder: string, threads: number): Promise<Answer> {
  const figures: Loaded[] = [];
  for (const precision of ['fp32', 'w8a8'] as const) figures.push(await apart(folder, precision, threads));
  return {
    question: '(d) load and memory',
    rows: figures.flatMap(({ precision, open, decoder, clip, peak }) => [
      { what: `${precision}: open`, cost: open },
      { what: `${precision}: load the decoder`, cost: decoder },
      {
        what: `${precision}: first clip`,
        cost: clip,
        notes: [`peak ${(peak / 2 ** 30).toFixed(2)} GiB resident`],
      },
    ]),
    figures,
  };
}

function apart(folder: string, precision: Precision, threads: number): Promise<Loaded> {
  return new Promise((resolve, reject) => {
    const child = fork(SELF, [folder, precision, String(threads)], { execArgv: ['--import', 'tsx'] });
    child.once('message', (found) => resolve(found as Loaded));
    child.once('exit', (code) => reject(new Error(`bench/load.ts ended with code ${code}`)));
  });
}

async function measure(folder: string, precision: Precision, threads: number): Promise<Loaded> {
  const runtime = nodeRuntime({ threads });
  const [open, model] = await timed(() => openModel(openFolder(folder), runtime, { precision }));
  const two = { codebooks: model.codebooks, frames: 2, data: new Int32Array(2 * model.codebooks) };
  const [decoder] = await timed(() => score(model, two));
  const { sampleRate } = formatOf(model);
  const tone = Float32Array.from({ length: 15 * sampleRate }, (_, i) => 0.3 * Math.sin(i / 23));
  const [clip] = await timed(async () =>
    score(model, await encode(model, { name: 'tone', sampleRate, channels: [tone] })),
  );
  await model.close();
  await runtime.close();
  return { precision, open, decoder, clip, peak: process.resourceUsage().maxRSS * 1024 };
}

if (process.argv[1] === SELF) {
  const [folder, precision, threads] = process.argv.slice(2);
  process.send?.(await measure(folder, precision === 'w8a8' ? 'w8a8' : 'fp32', Number(threads)));
  process.disconnect();
}
