#!/usr/bin/env node
// losscope: the command line. One file per command (commands.ts names them); this one loads the one that is called for, and
// turns every ending into an exit code: 0 ok, 1 error, 2 usage; of an interrupt 128 and the signal's number.

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { removeUnfinished } from '../node/output.js';
import { closeSessions } from '../node/runtime.js';
import { VERSION } from '../probe/version.js';
import { linesOf } from '../study/faults.js';
import { COMMANDS } from './commands.js';
import {
  codeAfter,
  followLeader,
  hasLeader,
  interruptsEndWith,
  interruptTaken,
  SIGNALS,
} from './interrupt.js';
import { goesOnWithoutReader, goOnWithoutReader, say, shortened, visible } from './output.js';
import { ItemsFailed, UsageError } from './usage.js';

const EXIT_USAGE = 2;

const EXAMPLES = `
Examples:
  losscope demo                                     the main thing, on bundled clips, in about a minute
  losscope view                                     the explorer in your browser; drop a sound on it
  losscope probe song.mp3 --html song.html          disturb a clip and see how the model reacts
  losscope score *.wav > losses.jsonl               token-wise loss, [K, T] in nats, one JSON line a file
  losscope probe a.wav --do "shuffle block=10 at=5s length=100"
  losscope perturb a.wav --length 2s -o b.wav       only make the disturbed sound
  losscope regions clean.csv noisy.csv --at 250 --length 100

Sound goes in as WAV, MP3, FLAC, Ogg Vorbis or Opus. Data goes to stdout, progress and warnings to stderr.
Exit codes: 0 ok, 1 error, 2 usage; interrupted: 130 (Ctrl-C), 143 (SIGTERM), 129 (SIGHUP); of work always 130.`;

/** What was typed, without its options. */
function wordsOf(argv: readonly string[]): readonly string[] {
  return argv.slice(2).filter((word) => !word.startsWith('-'));
}

/** What has to be known of a command from the first moment on, before its module is loaded. */
function prepareFor(command: string | undefined): void {
  const { makesFiles, interruptCode } = COMMANDS.find(({ name }) => name === command) ?? {};
  if (makesFiles) goOnWithoutReader();
  if (interruptCode !== undefined) interruptsEndWith(interruptCode);
}

/** The program, with the module of the one command that is called for; of the others there is only what help says. */
async function program(argv: readonly string[]): Promise<Command> {
  const losscope = new Command('losscope')
    .description(
      'The oscilloscope for the loss of music language models: disturb a clip, watch the loss react.',
    )
    .version(VERSION)
    .option('--debug', 'on an error, print where it came from')
    .addHelpText('after', EXAMPLES)
    .showHelpAfterError('(losscope --help, or losscope COMMAND --help, lists what there is)')
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .configureOutput({ writeErr: (text) => process.stderr.write(visible(shortened(text))) })
    .exitOverride();
  const [first, second] = wordsOf(argv);
  const called = first === 'help' ? second : first;
  for (const { name, description, load } of COMMANDS) {
    if (name !== called) losscope.command(name).description(description);
    else (await load())(losscope);
  }
  for (const command of losscope.commands) {
    command.exitOverride().showHelpAfterError(`(losscope ${command.name()} --help lists the options)`);
  }
  return losscope;
}

/** One line for what went wrong. Our own errors are plain `Error`s; any other kind is a fault of the program. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const oneLine = error.message.replace(/\s*\n\s*/g, ' ');
  const code = 'code' in error ? error.code : undefined;
  if (isOutOfFiles(oneLine, code)) return `${oneLine}; allow more open files (ulimit -n 1024)`;
  if (code === 'ERR_MODULE_NOT_FOUND' && isThere(/'(.+?)'/.exec(oneLine)?.[1] ?? ''))
    return 'EMFILE: too few files may be open; allow more open files (ulimit -n 1024)';
  if (error.constructor === Error || typeof code === 'string') return oneLine;
  return `internal error: ${error.name}: ${oneLine} (a fault of losscope; --debug shows where)`;
}

/**
 * A module that is there cannot be found where Node cannot open it; of a package whose package.json it could not open it
 * looks for an index.js.
 */
function isThere(module: string): boolean {
  return existsSync(module) || existsSync(join(dirname(module), 'package.json'));
}

/** Also of what a worker's thread says, where only the words are left. */
function isOutOfFiles(message: string, code: unknown): boolean {
  return code === 'EMFILE' || code === 'ENFILE' || /\bE[MN]FILE\b/.test(message);
}

let stopping = false;
/** Exit code of the signal that came first. */
let signalled: number | undefined;

/** Ends the process with a code as soon as the model's run under way is over: onnxruntime aborts one that ends before. */
async function stop(code: number): Promise<void> {
  if (stopping) return;
  stopping = true;
  removeUnfinished();
  await closeSessions();
  process.exit(code);
}

function onSignal(signal: keyof typeof SIGNALS): void {
  // The leader's wish and the terminal's signal are one: the leader alone ends its workers at once.
  if (signalled !== undefined && hasLeader()) return;
  if (stopping) process.kill(process.pid, 'SIGKILL');
  signalled ??= codeAfter(signal);
  if (interruptTaken()) return;
  say('');
  say('losscope: interrupted; nothing half-written is left (again: stop at once)');
  void stop(signalled);
}

/** The leader has ended: at the first time that is a wish to stop; after one, to stop at once. */
function onLeaderGone(): void {
  if (signalled === undefined) onSignal('SIGTERM');
  else void stop(signalled);
}

/** A reader that has seen enough (`| head`) closes the pipe: a normal end. A full disk is none. */
function onLostOutput({ code }: NodeJS.ErrnoException): void {
  const isReaderGone = code === 'EPIPE' || code === 'EIO';
  if (!isReaderGone && process.exitCode !== 1) {
    say(`losscope: what goes to stdout cannot be written (${code})`);
    process.exitCode = 1;
  }
  if (!goesOnWithoutReader()) void stop(isReaderGone ? 0 : 1);
}

/** Lines of one error that are said; the others are counted. */
const SAID = 30;

function sayLines(lines: readonly string[]): void {
  for (const line of lines.slice(0, SAID)) say(`losscope: ${line}`);
  if (lines.length > SAID) say(`losscope: and ${lines.length - SAID} more of these`);
}

/** Says what went wrong, and gives the exit code. */
function ending(error: unknown, argv: readonly string[]): number {
  if (error instanceof CommanderError) {
    // Help and version end with code 0; whatever else commander throws is a usage error it has printed.
    return error.exitCode === 0 ? 0 : EXIT_USAGE;
  }
  if (error instanceof UsageError) {
    say(`losscope: ${error.message}`);
    return EXIT_USAGE;
  }
  if (error instanceof AggregateError) {
    sayLines(linesOf(error));
    return 1;
  }
  if (error instanceof ItemsFailed) {
    for (const { error: one } of error.items) tell(one, argv);
    say(`losscope: ${error.message}`);
    return 1;
  }
  tell(error, argv);
  return 1;
}

function tell(error: unknown, argv: readonly string[]): void {
  const text = argv.includes('--debug') && error instanceof Error ? error.stack : explain(error);
  say(`losscope: ${text}`);
}

/** @throws when the folder that the command runs in has been removed: Node itself needs it, in every thread. */
function requireWorkingFolder(): void {
  try {
    process.cwd();
  } catch {
    throw new Error(
      'the working folder has been removed; change to a folder that is there, and run it again',
    );
  }
}

/** A variable of a shell that is not set leaves an empty name: it means no file, no folder and no model. */
function refuseEmpty(command: Command): void {
  if (command.args.includes(''))
    throw new UsageError(`${command.name()}: an argument is empty; name what is meant`);
  for (const option of command.options) {
    const value: unknown = command.getOptionValue(option.attributeName());
    if (value === '' || (Array.isArray(value) && value.includes('')))
      throw new UsageError(`${option.long ?? option.flags}: is empty; give it a value, or leave it out`);
  }
}

async function main(argv: readonly string[]): Promise<void> {
  prepareFor(wordsOf(argv)[0]);
  for (const signal of Object.keys(SIGNALS) as (keyof typeof SIGNALS)[])
    process.on(signal, () => onSignal(signal));
  followLeader(() => onSignal('SIGTERM'), onLeaderGone);
  process.stdout.on('error', onLostOutput);
  process.stderr.on('error', () => undefined); // stderr is closed: only the results and the exit code matter
  process.on('uncaughtException', (error) => void stop(ending(error, argv)));
  try {
    const losscope = await program(argv);
    losscope.hook('preAction', requireWorkingFolder);
    losscope.hook('preAction', async (_, command) => {
      refuseEmpty(command);
      const { refuseOverwriting } = await import('./written_over.js');
      await refuseOverwriting(command);
    });
    await losscope.parseAsync(argv);
    if (process.exitCode === SIGNALS.SIGINT) process.exitCode = signalled ?? SIGNALS.SIGINT;
  } catch (error) {
    // The run that was asked for after an interrupt: why it failed is known.
    if (!stopping) process.exitCode = ending(error, argv);
  }
}

await main(process.argv);
