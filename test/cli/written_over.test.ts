// No command writes over what it reads, nor over the files of a store; and no message repeats a very long name.

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, expect, test } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.js';
import { shortened } from '../../src/cli/output.js';
import { refuseClips, refuseOverwriting } from '../../src/cli/written_over.js';
import { storeOf } from '../../src/node/store/own_files.js';

const folder = mkdtempSync(join(tmpdir(), 'losscope-over-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (...names: string[]) => join(folder, ...names);
mkdirSync(at('store', 'writers', 'w'), { recursive: true });
mkdirSync(at('store', 'report'));
writeFileSync(at('store', 'plan.json'), '{}');
writeFileSync(at('a.wav'), '');
symlinkSync(at('store'), at('link'));

async function refused(...args: string[]): Promise<string> {
  const command = new Command()
    .argument('[what...]')
    .option('--html <file>')
    .option('-o, --out <file>')
    .option('--reference <what>');
  command.parse(args, { from: 'user' });
  return refuseOverwriting(command).then(
    () => '',
    (error: Error) => error.message,
  );
}

test.each([
  ['the plan', ['-o', at('store', 'plan.json')]],
  ['a part', ['--html', at('store', 'writers', 'w', 'parts', 'x.parquet')]],
  ['a table of the plan', ['-o', at('store', `plan-${'0'.repeat(64)}.parquet`)]],
  ['through a link', ['-o', at('link', 'plan.json')]],
])('%s of a store is not written over', async (_, args) => {
  expect(await refused(...args)).toMatch(
    /is a file of the store .*store, and would be written over; name another file$/,
  );
});

test('what is read is not written over, whether it was named or found in a folder', async () => {
  expect(await refused(at('a.wav'), '--html', at('a.wav'))).toMatch(
    /a\.wav: is read, and would be written over/,
  );
  expect(await refused('--reference', at('a.wav'), '--html', at('a.wav'))).toMatch(/a\.wav: is read/);
  expect(await refused(folder, '--html', at('a.wav'))).toBe('');
  await expect(refuseClips([{ kind: 'sound', file: at('a.wav'), name: 'a' }])).rejects.toThrow(
    /a\.wav: is read/,
  );
});

/** Options of all commands that name a file or folder to be read, beside those that name neither. */
const READ = ['--data', '--melody', '--reference', '--soundfont', '--ratings', '--pairs', '--baseline'];

test('every option that names what is written is refused before the work where nothing can be made', async () => {
  const seen: string[] = [];
  for (const { load } of COMMANDS) {
    const program = new Command();
    (await load())(program);
    const [command] = program.commands;
    for (const option of command.options) {
      if (option.hidden || !/<(file|folder|wav)>/.test(option.flags) || READ.includes(option.long ?? ''))
        continue;
      seen.push(`${command.name()} ${option.long}`);
      command.setOptionValue(option.attributeName(), '/proc/x/y.wav');
      const refused = refuseOverwriting(command).then(() => '', String);
      // A store is opened by its command, before it scores.
      const isStore = ['run', 'work', 'submit', 'enqueue'].includes(command.name());
      expect(await refused, seen.at(-1)).toMatch(isStore ? /^$/ : /cannot be written \(ENOENT/);
      command.setOptionValue(option.attributeName(), undefined);
    }
  }
  expect(seen.length).toBeGreaterThan(18);
});

test('reports and exports may lie in the folder of a store', async () => {
  expect(await refused(at('store'), '-o', at('store', 'report', 'index.html'))).toBe('');
  expect(await refused(at('store'), '-o', at('store', 'rows.csv'))).toBe('');
  expect(await refused('-o', at('plan.json'))).toBe('');
  expect(await storeOf(at('store', 'plan.json'))).toBe(at('store'));
  expect(await storeOf(at('store', 'report', 'index.html'))).toBeUndefined();
});

test('a message leaves out the middle of very long words and lines, and nothing of others', () => {
  const usual = `losscope: ${'folder/'.repeat(30)}a.wav: no such file or folder`;
  expect(shortened(usual)).toBe(usual);
  const long = shortened(`losscope: ${'x'.repeat(5000)}.wav: no such file`);
  expect(long).toMatch(/^losscope: x+\[\.\.\. left out, characters: \d+ \.\.\.\]x+\.wav: no such file$/);
  expect(long.length).toBeLessThan(400);
  expect(shortened(`losscope: ${'x '.repeat(5000)}`).length).toBeLessThan(1600);
});
