// --offset and --duration: the part of each clip that a command takes.

import { type Command, Option } from 'commander';
import { secondsOfFrame } from '../audio/codes.js';
import type { SoundExcerpt } from '../audio/excerpt.js';
import { codecOf, type Model, readsNotes } from '../models/model.js';
import { parseSpan } from '../perturb/parse.js';
import { parsedBy } from './options.js';
import { UsageError } from './usage.js';

export interface ExcerptFlags {
  /** Seconds. */
  readonly offset?: number;
  /** Seconds; absent: as much as the model was trained on. */
  readonly duration?: number | 'all';
}

/** `usual`: what is taken without --duration, in words. */
export function addExcerptOptions(
  command: Command,
  usual = 'at most what the model was trained on, 30 s of a MusicGen',
): Command {
  return command
    .option(
      '--offset <time>',
      'where in each clip to begin: 5s, 300ms (default: its start)',
      parsedBy(parseTime),
    )
    .addOption(
      new Option(
        '--duration <time>',
        `how much of each clip to take: 10s, or all (default: ${usual})`,
      ).argParser(parsedBy((text) => (text === 'all' ? 'all' : parseDuration(text)))),
    );
}

/** The part of each clip that the flags mean; notes are taken whole without. @throws a usage error for tokens without a time. */
export function excerptOf(model: Model, { offset, duration }: ExcerptFlags): SoundExcerpt {
  if (model.step === 'event') {
    if (offset === undefined && duration === undefined) return {};
    if (!readsNotes(model))
      throw new UsageError('--offset, --duration: tokens have no time and are taken whole; leave them out');
    return { ...(offset && { offset }), ...(typeof duration === 'number' && { length: duration }) };
  }
  if (duration === 'all') return { offset };
  if (duration !== undefined) return { offset, length: duration };
  return { offset, most: trainedSeconds(model) };
}

/** The part of a clip that was asked for, as results say it. */
export function takenOf({ offset, length }: SoundExcerpt) {
  return { ...(offset && { offset }), ...(length && { duration: length }) };
}

/** Seconds that the model's training read at once; undefined for a codec alone. */
function trainedSeconds(model: Model): number | undefined {
  const frames = model.language?.trainedFrames;
  return frames === undefined ? undefined : secondsOfFrame(codecOf(model).clock, frames);
}

/** Seconds. @throws when it is no time. */
export function parseTime(text: string): number {
  const span = parseSpan(text);
  if ('seconds' in span) return span.seconds;
  throw new Error(`"${text}" is no time; expected seconds or milliseconds (5s, 300ms)`);
}

function parseDuration(text: string): number {
  const seconds = parseTime(text);
  if (seconds > 0) return seconds;
  throw new Error(`"${text}": a clip lasts more than nothing`);
}
