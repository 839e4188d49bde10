// Options that say how clips are disturbed.

import { type Command, Option } from 'commander';
import { parseLevel, parseSpan, parseStart } from '../perturb/parse.js';
import {
  type Draw,
  type Level,
  type Mode,
  NOISE_COLORS,
  type NoiseColor,
  type Perturbation,
  type Span,
} from '../perturb/perturbation.js';
import { PERTURBATION_KINDS, parsePerturbation } from '../perturb/schema.js';
import { choice, parsedBy, wholeNumber } from './options.js';
import { UsageError } from './usage.js';

const MODES = ['replace', 'add'] as const;

export interface DisturbanceOptions {
  readonly noise: NoiseColor;
  readonly at: Span | Draw;
  readonly length: Span;
  readonly level: Level;
  readonly mode: Mode;
  readonly do?: string;
  readonly seed: number;
}

export function addDisturbanceOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--noise <color>', `colour of the noise: ${NOISE_COLORS.join(', ')}`)
        .argParser(choice(NOISE_COLORS))
        .default('white'),
    )
    .addOption(
      new Option('--at <place>', 'where it starts: 5s, 300ms, tokens (250), or drawn from a range (2s..8s)')
        .argParser(parsedBy(parseStart))
        .default({ seconds: 5 }, '5s'),
    )
    .addOption(
      new Option('--length <span>', 'how long it lasts: tokens (100), 2s, 100ms')
        .argParser(parsedBy(parseSpan))
        .default({ tokens: 100 }, '100 tokens'),
    )
    .addOption(
      new Option('--level <level>', 'match (as loud as the clip in the window), or an RMS level like -20dB')
        .argParser(parsedBy(parseLevel))
        .default('match'),
    )
    .addOption(
      new Option('--mode <mode>', 'replace: the noise in place of the music; add: both together')
        .argParser(choice(MODES))
        .default('replace'),
    )
    .addOption(
      new Option(
        '--do <what>',
        `instead of noise: "KIND key=value ...", as "shuffle block=10 at=5s length=100"; kinds: ${PERTURBATION_KINDS.join(', ')}`,
      ).conflicts(['noise', 'at', 'length', 'level', 'mode']),
    )
    .option('--seed <n>', 'root seed of everything random', wholeNumber({ min: 0 }), 1);
}

/** The perturbation that the options name. @throws what `--do` says wrong, as a usage error. */
export function perturbationOf(options: DisturbanceOptions): Perturbation {
  const { noise, at, length, level, mode, seed } = options;
  if (options.do === undefined) return { kind: 'noise', color: noise, at, length, level, mode, seed };
  try {
    return parsePerturbation(options.do, { seed });
  } catch (error) {
    throw new UsageError(`--do: ${error instanceof Error ? error.message : error}`);
  }
}
