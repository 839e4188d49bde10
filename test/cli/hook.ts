// Code that a test puts into the process it starts, so that something happens there at one certain moment, however busy the machine.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The environment of a process that Node runs a script in before the program, and in none of its threads. The script is
 * CommonJS; processes that the program starts run it as well.
 */
export function hooked(folder: string, name: string, script: string): NodeJS.ProcessEnv {
  const file = join(folder, `${name}.cjs`);
  writeFileSync(file, `if (require('node:worker_threads').isMainThread) {\n${script}\n}\n`);
  return { ...process.env, NODE_OPTIONS: `--require=${file}` };
}

/** Sends the process a signal when it first writes to stderr what matches. */
export function signalAt(words: RegExp, signal: NodeJS.Signals): string {
  return `
    const { write } = process.stderr;
    process.stderr.write = function (text, ...more) {
      if (${words}.test(text)) {
        process.stderr.write = write;
        process.kill(process.pid, '${signal}');
      }
      return write.call(this, text, ...more);
    };`;
}

/** Deletes a file or folder as soon as a file whose path matches is in its place. */
export function deleteAt(written: RegExp, path: string): string {
  return `
    const { promises, rmSync } = require('node:fs');
    const { rename } = promises;
    promises.rename = async (from, to) => {
      await rename(from, to);
      if (!${written}.test(to)) return;
      promises.rename = rename;
      rmSync(${JSON.stringify(path)}, { recursive: true, force: true });
    };
    require('node:module').syncBuiltinESMExports();`;
}

/** Writes what the process has taken of the machine to a file when it ends: `maxRSS` in KiB, `userCPUTime` and `systemCPUTime` in µs. */
export function resourcesAt(file: string): string {
  return `
    process.on('exit', () =>
      require('node:fs').writeFileSync(${JSON.stringify(file)}, JSON.stringify(process.resourceUsage())));`;
}
