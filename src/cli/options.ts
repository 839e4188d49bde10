// Options that several commands share, and the parsers that refuse a bad value with the nearest valid one.

import { type Command, InvalidArgumentError, Option } from 'commander';
import { CATALOG } from '../models/catalog.js';
import { PRECISIONS, type Precision } from '../models/precision.js';
import { EXPIRE } from '../node/claims/folder.js';
import type { DeviceChoice } from '../node/device.js';
import { DEVICES, type Threads } from '../node/runtime.js';
import { nearest } from '../perturb/nearest.js';
import { parseSpan } from '../perturb/parse.js';

export interface ModelOptions {
  readonly model: string;
  readonly threads?: Threads;
  readonly device?: DeviceChoice;
  readonly precision?: Precision;
}

/** SLURM and Kubernetes end a process 30 s after they asked it to: what it holds must be given back by then. */
const GRACE = 20_000;

export interface ProtocolOptions {
  /** Absent: the model's own. */
  readonly protocol?: string;
}

export function addModelOptions(command: Command): Command {
  return command
    .option(
      '-m, --model <name>',
      'the bundled "tiny" ("tiny-notes" for MIDI), a folder with a Hugging Face checkpoint, or a Hub id (org/name[@revision])',
      'tiny',
    )
    .option('--threads <n>', 'threads of the model runtime (default: one per core)', wholeNumber({ min: 1 }))
    .addOption(deviceOption())
    .addOption(
      new Option('--precision <name>', 'fp32, or w8a8: faster, approximate; see losscope parity')
        .argParser(choice(PRECISIONS))
        .default('fp32'),
    );
}

const GPU =
  'A GPU is cuda (NVIDIA), dml (Windows), coreml (macOS) or webgpu; auto takes the first that is there.';

export function deviceOption(): Option {
  return new Option(
    '--device <name>',
    `where the model runs: auto (the first that is there), ${DEVICES.join(', ')}`,
  )
    .argParser(choice(['auto', ...DEVICES], { gpu: GPU }))
    .default('cpu');
}

/** After how long a worker is lost, ms. */
export function expireOption(): Option {
  return new Option(
    '--expire <time>',
    'a worker that gives no sign for so long is lost; the same for all workers',
  )
    .argParser(time)
    .default(EXPIRE, `${EXPIRE / 1000}s`);
}

/** How long a worker may take to end, ms. */
export function graceOption(): Option {
  return new Option(
    '--grace <time>',
    'after Ctrl-C or SIGTERM: time to finish what is under way before it is left',
  )
    .argParser(time)
    .default(GRACE, `${GRACE / 1000}s`);
}

/** A parser of a time, in ms. */
function time(text: string): number {
  try {
    const span = parseSpan(text);
    if ('seconds' in span && span.seconds >= 1) return 1000 * span.seconds;
  } catch {
    // Said below, as for tokens: the same remedy.
  }
  throw new InvalidArgumentError('Expected a time of at least a second, as 60s.');
}

export function addProtocolOption(command: Command): Command {
  const known = [...new Set(CATALOG.flatMap(({ protocols }) => protocols))];
  return command.option(
    '-p, --protocol <name>',
    `how codes are laid out to be scored: ${known.join(', ')} (default: the model's own likelihood)`,
  );
}

export interface ConditionOptions {
  readonly prompt?: string;
  readonly melody?: string;
  readonly prefix: boolean;
}

export function addConditionOptions(command: Command): Command {
  return command
    .option('--prompt <text>', 'tell the model this text (default: nothing)')
    .option('--melody <audio>', 'melody models: tell it the melody of this sound')
    .addOption(
      new Option('--no-prefix', 'melody models: no condition at all, not the null one').conflicts('melody'),
    );
}

/** A parser of one of a few words; anything else is refused with the nearest of them, or with the hint for what was typed. */
export function choice<T extends string>(
  values: readonly T[],
  hints: Readonly<Record<string, string>> = {},
): (text: string) => T {
  return (text) => {
    const found = values.find((value) => value === text);
    if (found !== undefined) return found;
    const near = nearest(text, values);
    const hint = hints[text.toLowerCase()] ?? (near === undefined ? '' : `Did you mean ${near}?`);
    throw new InvalidArgumentError(`Expected ${values.join(' or ')}. ${hint}`.trimEnd());
  };
}

/** A parser of several of what `one` parses, with commas between them; each once. */
export function listOf<T>(one: (text: string) => T): (text: string) => T[] {
  return (text) => [...new Set(text.split(',').map((part) => one(part.trim())))];
}

/** A parser of a whole number in [min, max]; nothing else (no "1e3", no "5 tokens"). */
export function wholeNumber({ min, max = Number.MAX_SAFE_INTEGER }: { min: number; max?: number }) {
  return (text: string): number => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (Number.isSafeInteger(value) && value >= min && value <= max) return value;
    const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
    throw new InvalidArgumentError(`Expected a whole number ${range}.`);
  };
}

/** A parser of a decimal number above 0, or of at least `min`. */
export function decimal({ min, max }: { readonly min?: number; readonly max: number }) {
  return (text: string): number => {
    const value = /^\d*\.?\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value > 0 && value >= (min ?? 0) && value <= max) return value;
    const least = min === undefined ? 'above 0' : `of at least ${min}`;
    throw new InvalidArgumentError(`Expected a number ${least} and at most ${max}.`);
  };
}

/** Turns a core parser's error into a usage error, so that it ends with exit code 2. */
export function parsedBy<T>(parse: (text: string) => T): (text: string) => T {
  return (text) => {
    try {
      return parse(text);
    } catch (error) {
      throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
    }
  };
}

/** -o, --out, which must be given. */
export function addOutOption(command: Command, place: string, description: string): Command {
  return takeOutput(command.requiredOption(`-o, --out ${place}`, description), place);
}

/** --output for --out, as some commands called it before. */
export function takeOutput(command: Command, place: string): Command {
  return command
    .addOption(new Option(`--output ${place}`).hideHelp())
    .on('option:output', (value: string) => command.setOptionValueWithSource('out', value, 'cli'));
}
