// losscope talks to nobody: onnxruntime's telemetry leaves a device id and a queue of events in the home folder. Each
// program runs in a home of its own, on the built package, and must leave no file there.

import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';

const built = (file: string): string => fileURLToPath(new URL(`../../dist/${file}`, import.meta.url));
const SOUND = fileURLToPath(new URL('../golden/audio/s16-32000-1.flac', import.meta.url));
const LIBRARY = JSON.stringify(pathToFileURL(built('node/index.js')).href);

/** A program that loads a session, in JavaScript. */
const OPEN = `
  import(${LIBRARY}).then(async ({ openNamedModel }) => {
    const model = await openNamedModel({ model: 'tiny', threads: 1 });
    await model.codec.encode([new Float32Array(6400)]);
    await model.close();
  })`;
/** The same in a worker thread of a user's program. */
const inWorker = (before: string): string => `
  const { Worker } = require('node:worker_threads');
  ${before}
  new Worker(${JSON.stringify(OPEN)}, { eval: true })
    .on('error', (error) => { console.error(error.message); process.exitCode = 1; })`;

const home = mkdtempSync(join(tmpdir(), 'losscope-home-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

interface Ended {
  readonly code: unknown;
  readonly stderr: string;
}

function runAtHome(
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const { PATH = '' } = process.env;
  const env = { PATH, HOME: home, USERPROFILE: home, ...variables };
  return new Promise((resolve) => {
    execFile(process.execPath, [...args], { env, cwd: tmpdir() }, (error, _, stderr) =>
      resolve({ code: error?.code ?? 0, stderr }),
    );
  });
}

describe('no telemetry, and no file in the home folder, after', () => {
  test.each([
    ['the command line', [built('cli/main.js'), 'score', SOUND, '--threads', '1'], {}],
    [
      'the command line, where somebody asked for telemetry',
      [built('cli/main.js'), 'score', SOUND],
      { ORT_DISABLE_TELEMETRY: '0' },
    ],
    ['doctor, which starts processes of its own', [built('cli/main.js'), 'doctor'], {}],
    ['a program that uses the library', ['-e', OPEN], {}],
    [
      'a worker thread of a program that has turned it off',
      ['-e', inWorker("process.env.ORT_DISABLE_TELEMETRY = '1'")],
      {},
    ],
  ])('%s', async (_, args, variables) => {
    expect(await runAtHome(args, variables)).toMatchObject({ code: 0 });
    expect(readdirSync(home, { recursive: true })).toEqual([]);
  });

  test('a worker thread of a program that has not: it is refused', async () => {
    const { code, stderr } = await runAtHome(['-e', inWorker('')]);
    expect(stderr).toMatch(/^losscope runs in a worker thread, .* set ORT_DISABLE_TELEMETRY=1 before/);
    expect(code).toBe(1);
    expect(readdirSync(home, { recursive: true })).toEqual([]);
  });

  test('nobody else loads onnxruntime', () => {
    const sources = fileURLToPath(new URL('../../src', import.meta.url));
    const loading = readdirSync(sources, { recursive: true, encoding: 'utf8' }).filter(
      (file) =>
        file.endsWith('.ts') && /from 'onnxruntime-node'/.test(readFileSync(join(sources, file), 'utf8')),
    );
    expect(loading).toEqual([join('node', 'session_worker.ts')]);
  });
});
