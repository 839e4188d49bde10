// --offset and --duration: the part of each file that a command takes.

import type { Command } from 'commander';
import type { SoundExcerpt } from '../audio/excerpt.js';
import { parseSpan } from '../perturb/parse.js';
import { parsedBy } from './options.js';

export interface ExcerptFlags {
  /** Seconds. */
  readonly offset?: number;
  readonly duration?: number;
}

export function addExcerptOptions(command: Command): Command {
  return command
    .option(
      '--offset <time>',
      'where in each file to begin: 5s, 300ms (default: its start)',
      parsedBy(parseTime),
    )
    .option('--duration <time>', 'how much of each file to take (default: to its end)', parsedBy(parseTime));
}

export function excerptOf({ offset, duration }: ExcerptFlags): SoundExcerpt {
  return { offset, length: duration };
}

/** Seconds. @throws when it is no time. */
export function parseTime(text: string): number {
  const span = parseSpan(text);
  if ('seconds' in span) return span.seconds;
  throw new Error(`"${text}" is no time; expected seconds or milliseconds (5s, 300ms)`);
}
