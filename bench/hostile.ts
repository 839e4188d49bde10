// Are bad inputs refused? Gives losscope files of every kind that must be refused, and counts those of which one clear line
// names the file and the cause, within 10 CPU s and 1.2 GB, without a stack trace. Prints every input that is not.
//   npx tsx bench/hostile.ts [--seed 1] [--only headers,tensors]

import { execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { writeWav } from '../src/audio/wav.js';
import { generator, type Random, seedOf } from '../src/stats/random.js';
import { GOLDEN, given, type Hostile, type Make, ROOT, wav } from './hostile_input.js';
import { forms, lies, names, shapes, types } from './hostile_lies.js';
import { folders, headers, tables, tensors, words, yaml } from './hostile_odd.js';

const MAIN = path.join(ROOT, 'dist', 'cli', 'main.js');
const LIMITS = { seconds: 10, megabytes: 1200 };

interface Outcome {
  readonly code: number | null;
  readonly stderr: string;
  /** Of CPU time: what else runs on the machine does not count. */
  readonly seconds: number;
  /** Largest resident set seen, MB. */
  readonly megabytes: number;
}

/** Runs losscope and watches its memory and CPU time; one that hangs is killed. */
function losscope(folder: string, args: readonly string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    const start = performance.now();
    const child = spawn(process.execPath, [MAIN, ...args], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let [stderr, megabytes, seconds] = ['', 0, 0];
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    const watch = setInterval(() => {
      megabytes = Math.max(megabytes, residentOf(child.pid));
      seconds = Math.max(seconds, cpuOf(child.pid));
      if (performance.now() - start > 12_000 * LIMITS.seconds) child.kill('SIGKILL');
    }, 50);
    child.on('close', (code) => {
      clearInterval(watch);
      resolve({ code, stderr, seconds, megabytes });
    });
  });
}

/** VmHWM in MB; 0 where the process is gone, or there is no /proc. */
function residentOf(pid: number | undefined): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

/** User and system time in seconds, in ticks of 10 ms; 0 where the process is gone, or there is no /proc. */
function cpuOf(pid: number | undefined): number {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return 0;
  }
}

/** What is wrong with how an input was refused; undefined where nothing is. */
function faultOf({ name }: Hostile, { code, stderr, seconds, megabytes }: Outcome): string | undefined {
  if (code === 0) return 'taken for good';
  if (code !== 1 && code !== 2) return `ended with ${code}`;
  if (/\n\s+at |internal error/.test(stderr)) return 'a stack trace, or an internal error';
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  if (!lines.some((line) => line.includes(path.basename(name)))) return `no line names ${name}`;
  if (seconds > LIMITS.seconds) return `${seconds.toFixed(1)} CPU s`;
  return megabytes > LIMITS.megabytes ? `${megabytes.toFixed(0)} MB` : undefined;
}

const bytesOf = (random: Random, count: number): Uint8Array =>
  Uint8Array.from({ length: count }, () => random.integer(256));

const sounds: Make = (folder, random) => {
  const whole = (file: string) => readFileSync(path.join(GOLDEN, 'audio', file));
  const formats = ['s16-48000-2.wav', 's16-44100-2.flac', '44100-2.mp3', '44100-2.ogg', '48000-2.opus'];
  const cases = formats.flatMap((file) => {
    const ending = path.extname(file);
    return [
      ...[1, 4, 11, 20].map((count) =>
        given(folder, `cut-${count}${ending}`, whole(file).subarray(0, count)),
      ),
      given(folder, `noise${ending}`, bytesOf(random, 5000)),
      given(folder, `magic${ending}`, Buffer.concat([whole(file).subarray(0, 4), bytesOf(random, 5000)])),
      given(folder, `empty${ending}`, ''),
      given(folder, `text${ending}`, 'this is no sound\n'.repeat(50)),
      given(folder, `zeros${ending}`, new Uint8Array(4000)),
    ];
  });
  const headers = {
    'no-channels': wav({ channels: 0 }),
    'many-channels': wav({ channels: 1000 }),
    'no-rate': wav({ rate: 0 }),
    'high-rate': wav({ rate: 4_000_000_000 }),
    'odd-bits': wav({ bits: 13 }),
    'no-bits': wav({ bits: 0 }),
    'odd-format': wav({ format: 0x1234 }),
    'no-data': wav({ size: 0 }).subarray(0, 44),
  };
  const nan = writeWav(
    { name: 'x', sampleRate: 32_000, channels: [new Float32Array(6400).fill(Number.NaN)] },
    { format: 'float32' },
  );
  const others = [
    ...Object.entries(headers).map(([name, bytes]) => given(folder, `${name}.wav`, bytes)),
    given(folder, 'nan.wav', nan, ['score']),
    ...['it', 'xm', 'mod', 'aac', 'm4a', 'wma', 'aiff', 'png'].map((ending) =>
      given(folder, `other.${ending}`, bytesOf(random, 3000)),
    ),
    { name: 'absent.wav', args: ['encode', 'absent.wav'] },
  ];
  mkdirSync(path.join(folder, 'empty-folder'));
  symlinkSync('loop.wav', path.join(folder, 'loop.wav'));
  symlinkSync('/dev/zero', path.join(folder, 'zero.wav'));
  execFileSync('mkfifo', [path.join(folder, 'pipe.wav')]);
  const odd = ['empty-folder', 'loop.wav', 'zero.wav', 'pipe.wav'];
  return [...cases, ...others, ...odd.map((name) => ({ name, args: ['encode', name] }))];
};

const codes: Make = (folder) => {
  const one = (codes: unknown, more: object = {}) =>
    JSON.stringify({ sampleRate: 32_000, frameRate: 50, frames: 2, codebooks: 4, codes, ...more });
  const rows = (value: unknown) => [0, 1, 2, 3].map(() => [value, value]);
  const texts = {
    'no-json': '{"codes": [',
    number: '7',
    null: 'null',
    'no-codes': '{}',
    'too-large': one(rows(100_000)),
    negative: one(rows(-1)),
    fraction: one(rows(0.5)),
    text: one(rows('a')),
    nulls: one(rows(null)),
    ragged: one([[1, 2], [1], [1, 2], [1, 2]]),
    'few-rows': one([[1, 2]], { codebooks: 1 }),
    'no-frames': one([[], [], [], []], { frames: 0 }),
    deep: `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
  };
  return Object.entries(texts).map(([name, text]) => given(folder, `${name}.json`, text, ['score']));
};

const scores: Make = (folder, random) => {
  const head = (division: number) =>
    Uint8Array.of(77, 84, 104, 100, 0, 0, 0, 6, 0, 0, 0, 1, division >> 8, division & 255);
  const track = (length: number, body: readonly number[]) =>
    Uint8Array.of(
      77,
      84,
      114,
      107,
      length >>> 24,
      (length >> 16) & 255,
      (length >> 8) & 255,
      length & 255,
      ...body,
    );
  const files = {
    empty: new Uint8Array(0),
    head: head(96),
    noise: bytesOf(random, 400),
    'no-division': Buffer.concat([head(0), track(4, [0, 255, 47, 0])]),
    'no-notes': Buffer.concat([head(96), track(4, [0, 255, 47, 0])]),
    'no-status': Buffer.concat([head(96), track(4, [0, 60, 60, 60])]),
  };
  return Object.entries(files).map(([name, bytes]) =>
    given(folder, `${name}.mid`, bytes, ['render', '--soundfont', 'none.sf2', '--out', 'out.wav']),
  );
};

const studies: Make = (folder) => {
  const good =
    'study: s\nmodels: [tiny]\ngroups: { A: { files: [a.wav] } }\ndisturbances:\n  w: { kind: noise, color: white, at: 1s, length: 5 }\n';
  const texts = {
    empty: '',
    list: '- a\n- b\n',
    tab: 'study: s\n\tmodels: [tiny]\n',
    'alias-bomb': `a: &a [x, x, x]\n${[...'bcdefghij'].map((letter, i) => `${letter}: &${letter} [${`*${'abcdefghi'[i]}, `.repeat(9)}x]`).join('\n')}\n`,
    'many-keys': Array.from({ length: 50_000 }, (_, i) => `k${i}: 1`).join('\n'),
    outside: good.replace('study: s', 'study: ../../x'),
    'unknown-key': `${good}colour: red\n`,
    'unknown-kind': good.replace('kind: noise', 'kind: nosie'),
    'unknown-model': good.replace('[tiny]', '[tinny]'),
    'no-unit': good.replace('1s', 'soon'),
    grid: good.replace('length: 5', `length: [${'5, '.repeat(20_001)}6]`),
    'no-files': good.replace('a.wav', 'none/*.wav'),
    'no-group': good.replace(/groups.*\n/, ''),
    twice: `${good}study: t\n`,
    binary: new Uint8Array(2000).fill(200),
  };
  return Object.entries(texts).map(([name, text]) =>
    given(folder, `${name}.yaml`, text, ['run', '--dry-run']),
  );
};

const models: Make = (folder, random) => {
  const model = path.join(GOLDEN, 'oracle', 'mono-a');
  const broken = (name: string, change: (at: string) => void): Hostile => {
    const at = path.join(folder, name);
    cpSync(model, at, { recursive: true });
    change(at);
    return { name, args: ['generate', '--model', name, '--seconds', '0.1', '--out', 'generated'] };
  };
  const config = (at: string, change: (json: Record<string, unknown>) => unknown) => {
    const file = path.join(at, 'config.json');
    writeFileSync(file, JSON.stringify(change(JSON.parse(readFileSync(file, 'utf8')))));
  };
  const weights = (at: string, change: (bytes: Buffer) => Uint8Array) => {
    const file = path.join(at, 'model.safetensors');
    writeFileSync(file, change(readFileSync(file)));
  };
  return [
    broken('no-config', (at) => rmSync(path.join(at, 'config.json'))),
    broken('config-text', (at) => writeFileSync(path.join(at, 'config.json'), 'no json')),
    broken('config-list', (at) => config(at, () => [])),
    broken('other-type', (at) => config(at, (json) => ({ ...json, model_type: 'gpt2' }))),
    broken('no-decoder', (at) => config(at, ({ decoder, ...json }) => ({ ...json, was: decoder }))),
    broken('huge-decoder', (at) =>
      config(at, (json) => ({ ...json, decoder: { ...Object(json.decoder), hidden_size: 1e12 } })),
    ),
    broken('negative', (at) =>
      config(at, (json) => ({ ...json, decoder: { ...Object(json.decoder), num_hidden_layers: -1 } })),
    ),
    broken('config-link', (at) => {
      rmSync(path.join(at, 'config.json'));
      symlinkSync('/etc/passwd', path.join(at, 'config.json'));
    }),
    broken('no-weights', (at) => rmSync(path.join(at, 'model.safetensors'))),
    broken('cut-weights', (at) => weights(at, (bytes) => bytes.subarray(0, bytes.length / 2))),
    broken('head-only', (at) => weights(at, (bytes) => bytes.subarray(0, 8))),
    broken('long-head', (at) =>
      weights(at, (bytes) => Buffer.concat([Buffer.alloc(8, 255), bytes.subarray(8)])),
    ),
    broken('noise-weights', (at) => weights(at, (bytes) => bytesOf(random, bytes.length))),
    broken('nan-weights', (at) =>
      weights(at, (bytes) => {
        const head = 8 + Number(bytes.readBigUInt64LE(0));
        return Buffer.concat([bytes.subarray(0, head), Buffer.alloc(bytes.length - head, 0xff)]);
      }),
    ),
    broken('lfs', (at) =>
      weights(at, () => Buffer.from('version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n')),
    ),
  ];
};

const curves: Make = (folder) => {
  const texts = {
    empty: '',
    'one-column': 'a\n1\n',
    words: 'token_position,avg_loss_value\n0,x\n',
  };
  return Object.entries(texts).map(([name, text]) => {
    const { name: file } = given(folder, `${name}.csv`, text);
    return { name: file, args: ['regions', file, file, '--at', '1', '--length', '1'] };
  });
};

const stores: Make = (folder) => {
  const plans = { 'no-plan': undefined, 'text-plan': 'x', 'empty-plan': '', 'odd-plan': '{"study": 1}' };
  return Object.entries(plans).flatMap(([name, plan]) => {
    mkdirSync(path.join(folder, name));
    if (plan !== undefined) writeFileSync(path.join(folder, name, 'plan.json'), plan);
    return ['check', 'export', 'report'].map((command) => ({ name, args: [command, name] }));
  });
};

async function main(): Promise<void> {
  const { seed, only } = parseArgs({
    options: { seed: { type: 'string', default: '1' }, only: { type: 'string', default: '' } },
  }).values;
  const first = { sounds, codes, scores, studies, models, curves, stores };
  const odd = { headers, tensors, yaml, tables, folders, words };
  const all: Readonly<Record<string, Make>> = { ...first, ...odd, lies, shapes, types, forms, names };
  const kinds = Object.entries(all).filter(([kind]) => only === '' || only.split(',').includes(kind));
  let [count, refused] = [0, 0];
  let [slowest, largest] = [0, 0];
  for (const [kind, make] of kinds) {
    const folder = mkdtempSync(path.join(tmpdir(), 'losscope-hostile-'));
    try {
      const inputs = make(folder, generator(seedOf('hostile', kind, seed)));
      let good = 0;
      for (const input of inputs) {
        const outcome = await losscope(folder, input.args);
        const fault = faultOf(input, outcome);
        slowest = Math.max(slowest, outcome.seconds);
        largest = Math.max(largest, outcome.megabytes);
        if (fault === undefined) good++;
        else say(`${input.args.join(' ')}: ${fault}: ${outcome.stderr.trim().split('\n')[0].slice(0, 200)}`);
      }
      say(`${kind}: ${good} of ${inputs.length} refused in a clear line`);
      count += inputs.length;
      refused += good;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  say(
    `${refused} of ${count} (${((100 * refused) / count).toFixed(1)}%); slowest ${slowest.toFixed(1)} CPU s, largest ${largest.toFixed(0)} MB`,
  );
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

await main();
