// Two workers with a thread each beside one with two threads, on the same study: which one is done first? They take turns, each
// the first in every second round, so that other programs on the machine slow both; its load is said. Starting, planning and
// loading the model count.
//
//   npm run build && npx tsx bench/workers.ts [--clips 12] [--rounds 3]

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { writeWav } from '../src/audio/wav.js';
import { generator, seedOf } from '../src/stats/random.js';

const MAIN = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const RATE = 32_000;
const SECONDS = 15;
const { values } = parseArgs({
  options: { clips: { type: 'string', default: '12' }, rounds: { type: 'string', default: '3' } },
});

const folder = mkdtempSync(path.join(tmpdir(), 'losscope-workers-'));
try {
  for (let i = 0; i < Number(values.clips); i++) writeFileSync(path.join(folder, `${i}.wav`), clip(i));
  const yaml = [
    'study: workers',
    'models: [tiny]',
    'groups: { A: { files: "*.wav" } }',
    'disturbances: { white: { kind: noise, color: [white, pink, brown, blue], at: 5s, length: [5, 10, 50, 100, 200] } }',
  ];
  writeFileSync(path.join(folder, 'study.yaml'), yaml.join('\n'));
  const ratios: number[] = [];
  for (let round = 0; round < Number(values.rounds); round++) {
    const one = () => seconds(`one-${round}`, ['--threads', '2']);
    const two = () => seconds(`two-${round}`, ['--workers', '2', '--threads', '1']);
    const [first, second] = round % 2 === 0 ? [one, two] : [two, one];
    const times = [await first(), await second()];
    const [alone, both] = round % 2 === 0 ? times : times.reverse();
    ratios.push(both / alone);
    console.log(
      `one worker, two threads ${alone.toFixed(1)} s; two workers, a thread each ${both.toFixed(1)} s; ` +
        `ratio ${(both / alone).toFixed(2)}; load ${loadavg()[0].toFixed(1)}`,
    );
  }
  const sorted = [...ratios].sort((a, b) => a - b);
  console.log(
    `two workers over one with two threads, median: ${sorted[Math.floor(sorted.length / 2)].toFixed(2)}`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Wall time of `losscope work`. */
function seconds(out: string, options: readonly string[]): Promise<number> {
  const start = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [MAIN, 'work', 'study.yaml', '--out', out, ...options], {
      cwd: folder,
      stdio: 'ignore',
    });
    child.on('close', (code) => {
      if (code === 0) resolve((performance.now() - start) / 1000);
      else reject(new Error(`losscope work ended with code ${code}`));
    });
  });
}

function clip(index: number): Uint8Array {
  const random = generator(seedOf('workers', index));
  const samples = Float32Array.from({ length: SECONDS * RATE }, (_, i) => {
    const note = 110 * 2 ** (((Math.floor(i / 8000) * 5 + index) % 24) / 12);
    return 0.2 * Math.sin((2 * Math.PI * note * i) / RATE) + 0.02 * (random.uniform() - 0.5);
  });
  return writeWav({ name: String(index), sampleRate: RATE, channels: [samples] }, { format: 'pcm16' });
}
