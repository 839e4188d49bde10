// The bench: every question in one run on one machine, one table on stdout. See bench/README.md.
//   npm run bench -- [--quick] [--versions N] [--threads N] [--no-peer] [--json FILE]

import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { encode } from '../src/loss/encode.js';
import { score } from '../src/loss/loss.js';
import { codecOf } from '../src/models/model.js';
import { openModel } from '../src/models/open.js';
import type { Precision } from '../src/models/precision.js';
import { readDemoClips } from '../src/node/demo.js';
import { openFolder } from '../src/node/files.js';
import { writeWhole } from '../src/node/output.js';
import { nodeRuntime } from '../src/node/runtime.js';
import { generation } from './generation.js';
import { load } from './load.js';
import { makeCheckpoint } from './make-checkpoint.js';
import { map } from './map.js';
import { type Answer, machine, tableOf } from './measure.js';
import { type Peer, startPeer } from './peer.js';
import { naive, peerOf, protocol, reuse } from './protocol.js';
import { tiny } from './tiny.js';
import { versionsOf } from './versions.js';

const FOLDER = path.join('.bench', 'musicgen-small-random');

const { values } = parseArgs({
  allowNegative: true,
  options: {
    quick: { type: 'boolean', default: false },
    versions: { type: 'string' },
    threads: { type: 'string' },
    peer: { type: 'boolean', default: true },
    json: { type: 'string' },
  },
});
const threads = Number(values.threads ?? availableParallelism());
const count = values.versions ? Number(values.versions) : values.quick ? 2 : undefined;
const runs = values.quick ? 1 : 3;

if (!existsSync(path.join(FOLDER, 'config.json'))) {
  say(`writing ${FOLDER} (random weights of MusicGen Small's size, once)`);
  await makeCheckpoint(FOLDER);
}
const answers: Answer[] = [await load(FOLDER, threads)];
say('load: done');
const runtime = nodeRuntime({ threads });
const open = (precision: Precision) => openModel(openFolder(FOLDER), runtime, { precision });
const [exact, fast] = [await open('fp32'), await open('w8a8')];
const [{ clip }] = await readDemoClips({ sampleRate: 32_000, channels: 1 }, say);
const peer = values.peer ? await startPeer(FOLDER, threads) : 'left out (--no-peer)';

// Sessions are loaded by a second of sound, before anything is timed.
const second = { ...clip, channels: clip.channels.map((samples) => samples.slice(0, 32_000)) };
for (const model of [exact, fast]) await score(model, await encode(model, second));
if (typeof peer !== 'string') await peer.score(second.channels[0], 'fp32');

answers.unshift(...(await versions(peer)));
answers.push(await map(exact, clip, { every: values.quick ? 60 : 10, runs: values.quick ? 1 : 2 }));
say('map: done');
answers.push(await generation(exact, values.quick ? 10 : 50));
say('generation: done');
if (typeof peer !== 'string') await peer.close();
for (const model of [exact, fast]) await model.close();
await runtime.close();
answers.push(await tiny(threads, runs));

const made = { machine: machine(), threads, runtime: exact.runtime, clip: clip.name };
const peerWords = typeof peer === 'string' ? `missing: ${peer}` : peer.words;
console.log(`${made.machine}; ${made.runtime}, ${threads} threads`);
console.log(`models of MusicGen Small's size with random weights, but (e); peer ${peerWords}\n`);
const sorted = answers.toSorted((a, b) => (a.question < b.question ? -1 : 1));
for (const line of tableOf(sorted)) console.log(line);
if (values.json) {
  const figures = Object.fromEntries(sorted.map(({ question, figures: found }) => [question, found]));
  await writeWhole(values.json, `${JSON.stringify({ ...made, peer: peerWords, figures }, null, 2)}\n`);
}

async function versions(rival: Peer | string): Promise<Answer[]> {
  const all = versionsOf(clip, codecOf(exact).clock, count);
  const contenders = [naive(exact), reuse(exact), reuse(fast)];
  if (typeof rival !== 'string') contenders.push(peerOf(rival));
  return protocol(contenders, all, (done) => say(`versions: ${done}/${all.length}`));
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
