// How long does a 15 s clip take? Prints load, encode, score and decode seconds and the peak memory of the
// process, for a random checkpoint of MusicGen Small's full size (made once, beside the repository's files but
// ignored by git) or for the folders given. CPU seconds count all threads: they say what a run costs when other
// programs share the machine and the clock on the wall does not.
//   npm run build && npx tsx bench/clip.ts [--runs N] [FOLDER...]

import { existsSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { openModel } from '../src/models/model.js';
import { openFolder } from '../src/node/files.js';
import { nodeRuntime } from '../src/node/runtime.js';
import { score, scoreAndKeep } from '../src/score/loss.js';
import { makeCheckpoint } from './make-checkpoint.js';

const SECONDS = 15;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { runs: { type: 'string', default: '3' }, threads: { type: 'string' } },
});

const folders = positionals.length > 0 ? positionals : [await defaultFolder()];
for (const folder of folders) await measure(folder);

async function defaultFolder(): Promise<string> {
  const folder = path.join('.bench', 'musicgen-small-random');
  if (!existsSync(path.join(folder, 'config.json'))) await makeCheckpoint(folder);
  return folder;
}

async function measure(folder: string): Promise<void> {
  const runtime = nodeRuntime(values.threads === undefined ? {} : { threads: Number(values.threads) });
  const [openTime, model] = await timed(() => openModel(openFolder(folder), runtime));
  const { sampleRate } = model.clock;
  // Two tones that beat, so that codes change.
  const audio = Float32Array.from(
    { length: SECONDS * sampleRate },
    (_, i) => 0.3 * (Math.sin((i * 1382) / sampleRate) + Math.sin((i * 2073.7) / sampleRate)),
  );
  const [firstEncode, codes] = await timed(() => model.encode([audio]));
  const [firstScore] = await timed(() => score(model, codes));
  const print = (what: string, value: string) => console.log(`  ${what.padEnd(38)}${value}`);
  console.log(`${folder}: ${SECONDS} s clip, ${codes.codebooks} x ${codes.frames} codes, ${model.runtime}`);
  print('open (headers, graphs, fingerprint)', once(openTime));
  const encodes = await repeated(() => model.encode([audio]));
  print('encode', summary(encodes));
  print('encode: load and first run', once(firstEncode));
  const scores = await repeated(() => score(model, codes));
  print('score', summary(scores));
  print('score: load and first run', once(firstScore));
  const { prefix } = await scoreAndKeep(model, codes);
  const changed = codes.data.map((code, i) =>
    i % codes.frames < 250 ? code : (code + 1) % model.codebookSize,
  );
  const suffixes = await repeated(() => score(model, { ...codes, data: changed }, { prefix }));
  print('score, the first 5 s kept', summary(suffixes));
  await prefix.release();
  print('decode', summary(await repeated(() => model.decode(codes))));
  print('peak memory (resident)', `${(process.resourceUsage().maxRSS / 2 ** 20).toFixed(2)} GiB`);
  await model.close();
  await runtime.close();
}

async function repeated(task: () => Promise<unknown>): Promise<Cost[]> {
  const costs: Cost[] = [];
  for (let run = 0; run < Number(values.runs); run++) costs.push((await timed(task))[0]);
  return costs;
}

interface Cost {
  readonly wall: number;
  readonly cpu: number;
}

async function timed<T>(task: () => Promise<T>): Promise<[Cost, T]> {
  const start = performance.now();
  const before = process.cpuUsage();
  const result = await task();
  const { user, system } = process.cpuUsage(before);
  return [{ wall: (performance.now() - start) / 1000, cpu: (user + system) / 1e6 }, result];
}

function summary(costs: readonly Cost[]): string {
  const sorted = costs.map(({ wall }) => wall).sort((a, b) => a - b);
  const cpu = Math.min(...costs.map((cost) => cost.cpu));
  const median = sorted[Math.floor(sorted.length / 2)];
  return `best ${sorted[0].toFixed(2)} s, median ${median.toFixed(2)} s, ${cpu.toFixed(2)} CPU s`;
}

function once({ wall, cpu }: Cost): string {
  return `${wall.toFixed(2)} s, ${cpu.toFixed(2)} CPU s`;
}
