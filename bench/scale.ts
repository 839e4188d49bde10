// Does memory grow with the number of clips? Runs one small study over N clips, for two N, each in a process of its own, and
// compares the peaks of the largest process. A peak may be one moment of the start, before garbage is collected; whether memory
// grows while a study runs is the resident size of its second quarter beside that of its last. Linux only: read from /proc.
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
  const { peak, early, late, seconds } = await study(clips);
  peaks.push(peak);
  console.log(
    `${String(clips).padStart(6)} clips of ${SECONDS} s on tiny, losscope ${values.command}: peak ${mebibytes(peak)} MiB, ` +
      `median of the second quarter ${mebibytes(early)}, of the last ${mebibytes(late)} (${(late / early).toFixed(3)}); ` +
      `${seconds.toFixed(0)} s, ${((2 * clips) / seconds).toFixed(1)} versions a second`,
  );
}
console.log(`last over first: ${(peaks[peaks.length - 1] / peaks[0]).toFixed(3)}`);

interface Memory {
  /** Resident bytes: at most, and the medians of the second and the last quarter of the run. */
  readonly peak: number;
  readonly early: number;
  readonly late: number;
}

function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(0);
}

async function study(clips: number): Promise<Memory & { readonly seconds: number }> {
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
    const memory = await memoryOf([MAIN, values.command, 'scale.yaml', '--out', 'out'], folder);
    return { ...memory, seconds: (performance.now() - start) / 1000 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Memory of a Node process, or of the one that it starts and waits for, as work does: the larger one. */
function memoryOf(args: readonly string[], cwd: string): Promise<Memory> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd, stdio: 'ignore' });
    let peak = 0;
    const resident: number[] = [];
    const look = setInterval(() => {
      try {
        const own = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').split(' ');
        const sizes = [child.pid, ...own.filter(Boolean)].map((pid) => {
          const status = readFileSync(`/proc/${pid}/status`, 'utf8');
          peak = Math.max(peak, 1024 * Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0));
          return 1024 * Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0);
        });
        resident.push(Math.max(...sizes));
      } catch {
        // It has just ended; what was seen last stands.
      }
    }, 100);
    child.on('close', (code) => {
      clearInterval(look);
      const quarter = (n: number) => {
        const part = resident
          .slice((n * resident.length) / 4, ((n + 1) * resident.length) / 4)
          .sort((a, b) => a - b);
        return part[Math.floor(part.length / 2)] ?? 0;
      };
      if (code === 0) resolve({ peak, early: quarter(1), late: quarter(3) });
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
