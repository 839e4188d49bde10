// Does memory grow with the number of clips? Runs one small study over N clips, for two N, each in a process of its own, and
// compares the peaks of the largest process. Linux only: the peak is read from /proc.
//   npm run build && npx tsx bench/scale.ts [--clips 50,1000] [--seconds 15] [--command run|work]

import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { writeWav } from '../src/audio/wav.js';
import { generator, seedOf } from '../src/stats/random.js';

const MAIN = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const RATE = 32_000;

const { values } = parseArgs({
  options: {
    clips: { type: 'string', default: '50,1000' },
    seconds: { type: 'string', default: '15' },
    command: { type: 'string', default: 'run' },
  },
});
const SECONDS = Number(values.seconds);
const peaks: number[] = [];
for (const clips of values.clips.split(',').map(Number)) {
  const { peak, seconds } = await study(clips);
  peaks.push(peak);
  console.log(
    `${String(clips).padStart(6)} clips of ${SECONDS} s on tiny, losscope ${values.command}: peak ${(peak / 2 ** 20).toFixed(0)} MiB, ` +
      `${seconds.toFixed(0)} s, ${((2 * clips) / seconds).toFixed(1)} versions a second`,
  );
}
console.log(`last over first: ${(peaks[peaks.length - 1] / peaks[0]).toFixed(3)}`);

async function study(clips: number): Promise<{ readonly peak: number; readonly seconds: number }> {
  const folder = mkdtempSync(path.join(tmpdir(), 'losscope-scale-'));
  try {
    mkdirSync(path.join(folder, 'clips'));
    for (let i = 0; i < clips; i++) writeFileSync(path.join(folder, 'clips', `${i}.wav`), clip(i));
    const yaml = [
      'study: scale',
      'models: [tiny]',
      'groups: { A: { files: clips } }',
      'disturbances: { white: { kind: noise, color: white, at: 0s, length: 20 } }',
    ];
    writeFileSync(path.join(folder, 'scale.yaml'), yaml.join('\n'));
    const start = performance.now();
    const peak = await peakOf([MAIN, values.command, 'scale.yaml', '--out', 'out'], folder);
    return { peak, seconds: (performance.now() - start) / 1000 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Peak resident bytes of a Node process, or of the one that it starts and waits for, as work does: the larger one. */
function peakOf(args: readonly string[], cwd: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd, stdio: 'ignore' });
    let peak = 0;
    const look = setInterval(() => {
      try {
        const own = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').split(' ');
        for (const pid of [child.pid, ...own.filter(Boolean)]) {
          const status = readFileSync(`/proc/${pid}/status`, 'utf8');
          peak = Math.max(peak, 1024 * Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0));
        }
      } catch {
        // It has just ended; what was seen last stands.
      }
    }, 100);
    child.on('close', (code) => {
      clearInterval(look);
      if (code === 0) resolve(peak);
      else reject(new Error(`losscope ${values.command} ended with code ${code}`));
    });
  });
}

function clip(index: number): Uint8Array {
  const random = generator(seedOf('scale', index));
  const samples = Float32Array.from({ length: SECONDS * RATE }, (_, i) => {
    const note = 110 * 2 ** (((Math.floor(i / 8000) * 5 + index) % 24) / 12);
    return 0.2 * Math.sin((2 * Math.PI * note * i) / RATE) + 0.02 * (random.uniform() - 0.5);
  });
  return writeWav({ name: String(index), sampleRate: RATE, channels: [samples] }, { format: 'pcm16' });
}
