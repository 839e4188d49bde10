// The command line as a process: how it starts, what it does when its streams fail or a signal comes, and what of names and
// files a terminal gets to see.

import { type ChildProcess, execFile } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, type Option } from 'commander';
import { afterAll, describe, expect, test } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.js';
import { jsonText, visible } from '../../src/cli/output.js';

const here = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const MAIN = here('../../dist/cli/main.js');
const SOUND = here('../golden/audio/s16-32000-1.flac');
const folder = mkdtempSync(path.join(tmpdir(), 'losscope-process-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  readonly code: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

function losscope(args: readonly string[], started?: (child: ChildProcess) => void): Promise<Ended> {
  return command(process.execPath, [MAIN, ...args], started);
}

function command(
  file: string,
  args: readonly string[],
  started?: (child: ChildProcess) => void,
): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(file, [...args], { cwd: folder }, (error, stdout, stderr) =>
      resolve({ code: error ? (error.code ?? error.signal) : 0, stdout, stderr }),
    );
    started?.(child);
  });
}

/** In a shell, with the program as $node $main. */
const shell = (line: string) =>
  command('/bin/bash', ['-c', line.replaceAll('losscope', `"${process.execPath}" "${MAIN}"`)]);

/** What an option says to a word that it cannot know; nothing if it takes it. */
function refusalOf({ parseArg }: Option): string {
  try {
    parseArg?.('\u0001', undefined);
    return '';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

describe('starting', () => {
  test('loads little before it knows the command', () => {
    const source = here('../../src');
    const seen = new Set<string>();
    const packages = new Set<string>();
    const visit = (file: string): void => {
      if (seen.has(file)) return;
      seen.add(file);
      const text = readFileSync(path.join(source, file), 'utf8');
      for (const [, names, from] of text.matchAll(/^import (?!type )([^;]*?)from '([^']+)';/gm)) {
        if (names.split(',').every((name) => /^[\s{}]*(type .*)?[\s{}]*$/s.test(name))) continue;
        if (from.startsWith('.')) visit(path.join(path.dirname(file), from).replace(/\.js$/, '.ts'));
        else if (!from.startsWith('node:')) packages.add(from);
      }
    };
    visit('cli/main.ts');
    expect([...packages].sort()).toEqual(['cli-progress', 'commander']);
    expect(seen.size).toBeLessThan(12);
  });

  test.each(COMMANDS.map((entry) => [entry.name, entry] as const))(
    '%s is told as it tells itself',
    async (name, entry) => {
      const program = new Command();
      (await entry.load())(program);
      expect(program.commands.map((one) => [one.name(), one.description()])).toEqual([
        [name, entry.description],
      ]);
    },
  );

  test('options that take one of a few words list them', async () => {
    const checked = new Set<string>();
    for (const entry of COMMANDS) {
      const program = new Command();
      (await entry.load())(program);
      for (const option of program.commands[0].options) {
        const [, list] = /^Expected ([\w.-]+(?: or [\w.-]+)+)\./.exec(refusalOf(option)) ?? [];
        if (list === undefined) continue;
        const left = list.split(' or ').filter((word) => !option.description.includes(word));
        expect([entry.name, option.flags, left]).toEqual([entry.name, option.flags, []]);
        checked.add(option.long ?? '');
      }
    }
    expect([...checked]).toEqual(expect.arrayContaining(['--device', '--noise', '--mode', '--rule', '--by']));
  });

  test('a misspelt command is told the nearest', async () => {
    const { code, stderr } = await losscope(['scoer']);
    expect(stderr).toMatch(/^error: unknown command 'scoer'\n\(Did you mean score\?\)/);
    expect(code).toBe(2);
  });
});

describe('streams that fail', () => {
  test('a full disk behind stdout is an error', async () => {
    const { code, stderr } = await shell('losscope models > /dev/full');
    expect(stderr).toBe('losscope: what goes to stdout cannot be written (ENOSPC)\n');
    expect(code).toBe(1);
  });

  test('nobody on stderr, or a full disk behind it, changes neither result nor exit code', async () => {
    const whole = await losscope(['score', SOUND]);
    expect(whole.code).toBe(0);
    for (const redirect of ['2>/dev/full', '2>&-', '2> >(exec true)']) {
      const ended = await shell(`losscope score ${SOUND} ${redirect}`);
      expect([redirect, ended.code, ended.stdout]).toEqual([redirect, 0, whole.stdout]);
    }
  });

  test('a reader that has seen enough ends a command whose result is its lines', async () => {
    const { code, stdout } = await shell(
      `set -o pipefail; losscope score ${SOUND} ${SOUND} 2>/dev/null | head -c 20`,
    );
    expect(stdout).toHaveLength(20);
    expect(code).toBe(0);
  });
});

describe('signals', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('%s ends a command in order', async (signal, expected) => {
    // More lines than a pipe holds: it cannot have ended before its first ones are read.
    const files = new Array(200).fill(SOUND);
    const { code, stderr } = await losscope(['score', ...files], (child) => {
      child.stdout?.once('data', () => child.kill(signal));
    });
    expect(stderr).toMatch(/losscope: interrupted; nothing half-written is left/);
    expect(code).toBe(expected);
  });
});

describe('places that cannot be written', () => {
  test.each([
    ['/proc/losscope/x.wav', /ENOENT/],
    ['/dev/null/x.wav', /\(\/dev\/null is a file, expected a folder\)/],
  ])('%s is one line, at once', async (output, cause) => {
    const { code, stderr } = await losscope(['perturb', SOUND, '--at', '0s', '--length', '2', '-o', output]);
    expect(stderr).toMatch(/^losscope: [^\n]*cannot be written[^\n]*\n$/);
    expect(stderr).toMatch(cause);
    expect(code).toBe(1);
  });

  test('a page is refused before the sound is read', async () => {
    const { code, stderr } = await losscope(['probe', 'none.wav', '--html', '/proc/x.html']);
    expect([code, stderr]).toEqual([
      1,
      'losscope: /proc/x.html: cannot be written (ENOENT: no such file or directory)\n',
    ]);
  });

  test.each([
    ['/proc/losscope', 'E[A-Z]+: [^,]*'],
    ['/dev/null', 'it is a file, expected a folder'],
  ])('a store in %s is one line that names it', async (out, cause) => {
    const { code, stderr } = await losscope([
      'run',
      here('../../studies/demo.yaml'),
      '--limit',
      '1',
      '--out',
      out,
    ]);
    expect(stderr.split('\n').filter((line) => line.startsWith('losscope: '))).toEqual([
      expect.stringMatching(new RegExp(`^losscope: ${out}\\S*: cannot be written \\((${cause})\\)$`)),
    ]);
    expect(code).toBe(1);
  });

  test('a working folder that was removed is one line, at once', async () => {
    const { code, stderr } = await shell(
      `mkdir gone; cd gone; rmdir ../gone; losscope perturb ${SOUND} --at 0s --length 2 -o a/b.wav`,
    );
    expect(stderr).toMatch(/^losscope: [^\n]*the working folder has been removed[^\n]*\n$/);
    expect(code).toBe(1);
  });

  test.each([
    [40, 'score'],
    [64, 'score'],
    [64, 'encode'],
    [64, 'probe --at 0s --length 2'],
    // These load modules of packages, of which Node says another thing.
    [48, 'run'],
    [48, 'doctor'],
    [48, 'work'],
    [64, 'merge out'],
  ])('with %i open files, %s works or says in one line what to do', async (limit, what) => {
    const { code, stderr } = await shell(`ulimit -n ${limit}; losscope ${what} ${SOUND}`);
    if (code === 0) return;
    expect(stderr).toMatch(/^losscope: [^\n]*EMFILE[^\n]*; allow more open files \(ulimit -n 1024\)\n$/);
    expect(code).toBe(1);
  });

  test('a study cannot name a store outside', async () => {
    for (const name of ['../../x', '/tmp/x', 'a/b', '..', '.hidden', 'a\\b', 'x\u001b[2J']) {
      writeFileSync(
        path.join(folder, 'study.yaml'),
        JSON.stringify({ study: name, models: ['tiny'], groups: { a: { files: SOUND } }, disturbances: {} }),
      );
      const { code, stderr } = await losscope(['run', 'study.yaml']);
      expect([name, stderr, code]).toEqual([name, expect.stringMatching(/study: a name for a folder/), 1]);
    }
    expect(existsSync(path.join(folder, 'runs'))).toBe(false);
  });
});

describe('what a terminal gets to see', () => {
  /** Turns the text red, clears the screen, sets the title; C1 forms of the same; text from right to left. */
  const EVIL = 'a\u001b[31m\u001b[2J\u001b]0;x\u0007\u009b31m\u202egnp.\rb';

  test('is escaped, and the same as JSON', () => {
    expect(visible(EVIL)).toBe('a\\x1b[31m\\x1b[2J\\x1b]0;x\\x07\\x9b31m\\u202egnp.\\x0db');
    expect(visible('tab\tline\nřž音')).toBe('tab\tline\nřž音');
    expect(JSON.parse(jsonText({ name: EVIL }))).toEqual({ name: EVIL });
    expect(jsonText({ name: EVIL })).not.toMatch(/[\p{Cc}\u202e]/u);
  });

  test('of names of files, models, options and commands', async () => {
    mkdirSync(path.join(folder, EVIL));
    writeFileSync(path.join(folder, EVIL, 'config.json'), `{"model_type":${JSON.stringify(EVIL)}}`);
    const cases = [
      [EVIL],
      ['score', `${EVIL}.wav`],
      ['score', SOUND, '-m', EVIL],
      ['pull', `${EVIL}/x`],
      ['score', `--${EVIL}`],
    ];
    for (const args of cases) {
      const { code, stdout, stderr } = await losscope(args);
      expect(code).not.toBe(0);
      expect(stdout + stderr).not.toMatch(/(?![\n])[\p{Cc}\u202e]/u);
      expect(stderr).toContain('[31m');
    }
  });

  test('of a configuration that is a link to somebody else’s file: nothing', async () => {
    const secret = path.join(folder, 'secret.txt');
    writeFileSync(secret, 'PASSWORD=hunter2');
    const model = path.join(folder, 'linked');
    mkdirSync(model);
    symlinkSync(secret, path.join(model, 'config.json'));
    const { stderr } = await losscope(['score', SOUND, '-m', model]);
    expect(stderr).toMatch(/^losscope: \S+\/config\.json: not valid JSON/);
    expect(stderr).not.toMatch(/PASS|hunter/);
  });

  test('goes through one place', () => {
    const source = here('../../src');
    const writing = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter(
      (file) =>
        file.endsWith('.ts') &&
        /process\.std(out|err)\.write|console\./.test(readFileSync(path.join(source, file), 'utf8')),
    );
    expect(writing.sort()).toEqual([path.join('cli', 'main.ts'), path.join('cli', 'output.ts')]);
  });
});
