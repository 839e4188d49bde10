#!/usr/bin/env node
// losscope: the command line. One file per command; this one names them, and turns every ending into an exit
// code: 0 ok, 1 error, 2 usage, 130 interrupted.

import { Command, CommanderError } from 'commander';
import { removeUnfinished } from '../node/output.js';
import { closeSessions } from '../node/runtime.js';
import { VERSION } from '../probe/record.js';
import { addCheck } from './check.js';
import { addCompare } from './compare.js';
import { addDecode } from './decode.js';
import { addDemo } from './demo.js';
import { addDoctor } from './doctor.js';
import { addEncode } from './encode.js';
import { addExport } from './export.js';
import { addGenerate } from './generate.js';
import { interruptTaken } from './interrupt.js';
import { addMap } from './map.js';
import { addMerge } from './merge.js';
import { addModels } from './models.js';
import { UsageError } from './options.js';
import { goesOnWithoutReader } from './output.js';
import { addParity } from './parity.js';
import { addPerturb } from './perturb.js';
import { addProbe } from './probe.js';
import { addPull } from './pull.js';
import { addRank } from './rank.js';
import { addRegions } from './regions.js';
import { addRender } from './render.js';
import { addReport } from './report.js';
import { addRun } from './run.js';
import { addScore } from './score.js';

const EXIT_USAGE = 2;
const EXIT_INTERRUPTED = 130;

const EXAMPLES = `
Examples:
  losscope demo                                     the main thing, on bundled clips, in about a minute
  losscope probe song.mp3 --html song.html          disturb a clip and see how the model reacts
  losscope score *.wav > losses.jsonl               token-wise loss, [K, T] in nats, one JSON line a file
  losscope probe a.wav --do "shuffle block=10 at=5s length=100"
  losscope perturb a.wav --length 2s -o b.wav       only make the disturbed sound
  losscope regions clean.csv noisy.csv --at 250 --length 100

Sound goes in as WAV, MP3, FLAC, Ogg Vorbis or Opus. Data goes to stdout, progress and warnings to stderr.
Exit codes: 0 ok, 1 error, 2 usage, 130 interrupted.`;

function program(): Command {
  const losscope = new Command('losscope')
    .description(
      'The oscilloscope for the loss of music language models: disturb a clip, watch the loss react.',
    )
    .version(VERSION)
    .option('--debug', 'on an error, print where it came from')
    .addHelpText('after', EXAMPLES)
    .showHelpAfterError('(losscope --help, or losscope COMMAND --help, lists what there is)')
    .exitOverride();
  const commands = [
    addDemo,
    addProbe,
    addMap,
    addRank,
    addScore,
    addEncode,
    addGenerate,
    addDecode,
    addPerturb,
    addRegions,
    addParity,
    addRender,
    addRun,
    addCheck,
    addReport,
    addCompare,
    addMerge,
    addExport,
    addModels,
    addPull,
    addDoctor,
  ];
  for (const add of commands) add(losscope);
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
  if (error.constructor === Error || typeof code === 'string') return oneLine;
  return `internal error: ${error.name}: ${oneLine} (a fault of losscope; --debug shows where)`;
}

let stopping = false;

/** Ends the process with a code as soon as the model's run under way is over. */
async function stop(code: number): Promise<void> {
  stopping = true;
  removeUnfinished();
  await closeSessions();
  process.exit(code);
}

async function main(argv: readonly string[]): Promise<void> {
  process.on('SIGINT', () => {
    if (stopping) process.kill(process.pid, 'SIGKILL');
    if (interruptTaken()) return;
    process.stderr.write('\nlosscope: interrupted; nothing half-written is left (again: stop at once)\n');
    void stop(EXIT_INTERRUPTED);
  });
  // A reader that has seen enough (`| head`) closes the pipe: that is a normal end, not an error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE' && goesOnWithoutReader()) return;
    void stop(error.code === 'EPIPE' ? 0 : 1);
  });
  try {
    await program().parseAsync(argv);
  } catch (error) {
    // The run that was asked for after an interrupt: why it failed is known.
    if (stopping) return;
    if (error instanceof CommanderError) {
      // Help and version end with code 0; whatever else commander throws is a usage error it has printed.
      process.exitCode = error.exitCode === 0 ? 0 : EXIT_USAGE;
      return;
    }
    if (error instanceof UsageError) {
      process.stderr.write(`losscope: ${error.message}\n`);
      process.exitCode = EXIT_USAGE;
      return;
    }
    const text = argv.includes('--debug') && error instanceof Error ? error.stack : explain(error);
    process.stderr.write(`losscope: ${text}\n`);
    process.exitCode = 1;
  }
}

await main(process.argv);
