// Separate workers of one machine divide its cores.

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { joinWorkers } from '../../src/node/workers_here.js';

const BUILT = new URL('../../dist/node/workers_here.js', import.meta.url).href;
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'losscope-here-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Another worker, once it has joined. */
async function another(): Promise<ChildProcess> {
  const code = `import { joinWorkers } from '${BUILT}';
    await joinWorkers({ folder: process.argv[1] });
    console.log('joined');
    setInterval(() => undefined, 1e6);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code, folder]);
  await new Promise((resolve, reject) => {
    child.stdout.once('data', resolve);
    child.once('exit', () => reject(new Error('it ended before it joined')));
  });
  return child;
}

async function killed(child: ChildProcess): Promise<void> {
  const gone = new Promise((resolve) => child.on('exit', resolve));
  child.kill('SIGKILL');
  await gone;
}

test('cores are divided among the workers that are alive, whenever that is asked', async () => {
  const here = await joinWorkers({ folder, cores: 8 });
  expect(await here.threads()).toBe(8);
  const others = [await another(), await another()];
  expect(await here.threads()).toBe(2);
  await killed(others[0]);
  expect(await here.threads()).toBe(4);
  expect(readdirSync(folder).sort()).toEqual([process.pid, others[1].pid].map(String).sort());
  await killed(others[1]);
  // A number that another program has by now.
  writeFileSync(join(folder, String(process.ppid)), '1 0-1');
  expect(await here.threads()).toBe(8);
  expect(await (await joinWorkers({ folder, cores: 0.5 })).threads()).toBe(1);
  await here.leave();
  expect(readdirSync(folder)).toEqual([]);
});

test('where nothing can be noted a worker takes itself for the only one', async () => {
  const file = join(folder, 'file');
  writeFileSync(file, '');
  const here = await joinWorkers({ folder: join(file, 'below'), cores: 8 });
  expect(await here.threads()).toBe(8);
  await here.leave();
  expect(existsSync(file)).toBe(true);
});
