// Does a study that is killed again and again end with the same export? Kills `losscope run` of a small study with SIGKILL
// at random moments, a third of them within the first second, a writer while it gathers its parts, and report, export,
// merge and finish too; then finishes it and compares the export with one of an undisturbed run.
//   npx tsx bench/kills.ts [--kills 60] [--seed 1]

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { writeWav } from '../src/audio/wav.js';
import { counted } from '../src/counted.js';
import { generator, type Random, seedOf } from '../src/stats/random.js';

const MAIN = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const WRITER = fileURLToPath(new URL('kill_writer.ts', import.meta.url));
const TSX = import.meta.resolve('tsx');
const STUDY = `study: killed
clip: { length: 1s }
models: [tiny]
groups: { A: { files: [a.wav, b.wav] } }
disturbances:
  white: { kind: noise, color: white, at: 300ms, length: [5, 10, 20], seed: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12] }
maps: { every: 10, from: 20, tail: 10, groups: A }
`;

/** Kills come within so long, also where a run takes longer: what is stored by then is kept. */
const LONGEST_MS = 8000;

export interface Kills {
  /** Processes that were killed, by command. */
  readonly killed: Readonly<Record<string, number>>;
  /** Processes that ended before they could be. */
  readonly ended: number;
  /** Temporary files that were left at the end, all of them unread. */
  readonly left: number;
  /** Whether the bytes of both exports are the same. */
  readonly same: boolean;
}

/** Runs a script of Node; kills it so many milliseconds after its start, or after it said something. Returns its exit code; null: it was killed. */
function node(
  folder: string,
  args: readonly string[],
  kill?: { readonly after: number; readonly saidSomething: boolean },
): Promise<number | null> {
  return new Promise((resolve) => {
    const stdio = ['ignore', kill?.saidSomething ? 'pipe' : 'ignore', 'ignore'] as const;
    const child = spawn(process.execPath, args, { cwd: folder, stdio: [...stdio] });
    let timer: NodeJS.Timeout | undefined;
    const start = (): void => {
      timer ??= setTimeout(() => child.kill('SIGKILL'), kill?.after);
    };
    if (kill?.saidSomething) child.stdout?.on('data', start);
    else if (kill) start();
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve(code);
    });
  });
}

/** Runs losscope; kills it after so many milliseconds. */
function losscope(folder: string, args: readonly string[], after?: number): Promise<number | null> {
  return node(folder, [MAIN, ...args], after === undefined ? undefined : { after, saidSomething: false });
}

async function whole(folder: string, args: readonly string[]): Promise<void> {
  const code = await losscope(folder, args);
  if (code !== 0) throw new Error(`losscope ${args.join(' ')}: exit code ${code}, expected 0`);
}

/** Gathering 64 parts takes about so long. */
const GATHERS_MS = 400;

/** What is killed, and how often in fourteen: most kills hit the run, the others what gathers, reads and copies the store. */
const COMMANDS: readonly (readonly [name: string, args: readonly string[], share: number])[] = [
  ['run', ['run', 'study.yaml', '-o', 'killed'], 8],
  ['gather', ['--import', TSX, WRITER, 'whole', 'killed'], 2],
  ['report', ['report', 'killed'], 1],
  ['export', ['export', 'killed', '--unfinished', '--format', 'jsonl', '-o', 'part.jsonl'], 1],
  ['merge', ['merge', 'merged', 'killed'], 1],
  ['finish', ['finish', 'killed'], 1],
];

export async function kills({
  count,
  seed,
}: {
  readonly count: number;
  readonly seed: number;
}): Promise<Kills> {
  const folder = mkdtempSync(join(tmpdir(), 'losscope-kills-'));
  try {
    writeStudy(folder);
    const started = Date.now();
    await whole(folder, ['run', 'study.yaml', '-o', 'whole']);
    // A run takes so long here; the moments of the kills are drawn over a little more than that.
    const takes = Math.min(Date.now() - started, LONGEST_MS);
    const random = generator(seedOf('kills', String(seed)));
    const killed: Record<string, number> = {};
    let ended = 0;
    for (let i = 0; i < count; i++) {
      const [name, args] = drawn(random);
      // Nothing is to be killed in a store that is not there.
      if (name !== 'run' && !existsSync(join(folder, 'killed', 'plan.json'))) {
        i--;
        await losscope(folder, COMMANDS[0][1], takes * random.uniform());
        continue;
      }
      const after = i % 3 === 0 ? 1000 * random.uniform() : 1.2 * takes * random.uniform();
      const code =
        name === 'gather'
          ? await node(folder, args, { after: GATHERS_MS * random.uniform(), saidSomething: true })
          : await losscope(folder, args, after);
      if (code === null) killed[name] = (killed[name] ?? 0) + 1;
      else ended++;
      // A run that has ended leaves nothing to be killed in: it begins anew, with what another third of its parts holds.
      if (code === 0 && name === 'run') thinOut(folder, random);
    }
    return { killed, ended, ...(await finished(folder)) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function finished(folder: string): Promise<Pick<Kills, 'left' | 'same'>> {
  await whole(folder, ['run', 'study.yaml', '-o', 'killed']);
  await whole(folder, ['check', 'killed']);
  rmSync(join(folder, 'merged'), { recursive: true, force: true });
  await whole(folder, ['merge', 'merged', 'killed']);
  const texts: string[] = [];
  for (const store of ['whole', 'killed', 'merged']) {
    await whole(folder, ['export', store, '--format', 'jsonl', '-o', `${store}.jsonl`]);
    texts.push(readFileSync(join(folder, `${store}.jsonl`), 'utf8'));
  }
  const left = readdirSync(join(folder, 'killed'), { recursive: true, encoding: 'utf8' });
  return {
    left: left.filter((name) => name.endsWith('.unfinished')).length,
    same: texts.every((text) => text === texts[0]) && texts[0].length > 0,
  };
}

function writeStudy(folder: string): void {
  for (const name of ['a', 'b']) {
    const random = generator(seedOf('kills', name));
    const samples = Float32Array.from({ length: 64_000 }, () => 0.1 * random.normal());
    const clip = { name, sampleRate: 32_000, channels: [samples] };
    writeFileSync(join(folder, `${name}.wav`), writeWav(clip, { format: 'pcm16' }));
  }
  writeFileSync(join(folder, 'study.yaml'), STUDY);
}

function drawn(random: Random): (typeof COMMANDS)[number] {
  let left = random.integer(COMMANDS.reduce((sum, [, , share]) => sum + share, 0));
  return (
    COMMANDS.find(([, , share]) => {
      left -= share;
      return left < 0;
    }) ?? COMMANDS[0]
  );
}

/** Takes away what some of the writers have stored. */
function thinOut(folder: string, random: Random): void {
  const writers = join(folder, 'killed', 'writers');
  for (const name of readdirSync(writers)) {
    if (random.uniform() < 0.7) rmSync(join(writers, name), { recursive: true, force: true });
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { kills: { type: 'string', default: '60' }, seed: { type: 'string', default: '1' } },
  });
  const started = Date.now();
  const result = await kills({ count: Number(values.kills), seed: Number(values.seed) });
  const by = Object.entries(result.killed).map(([name, n]) => `${n} in ${name}`);
  process.stdout.write(
    `${by.join(', ')}; ${result.ended} ended first; ${counted(result.left, 'temporary file')} left; ` +
      `exports ${result.same ? 'the same' : 'DIFFERENT'}; ${((Date.now() - started) / 1000).toFixed(0)} s\n`,
  );
  if (!result.same) process.exitCode = 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
