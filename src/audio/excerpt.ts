// A part of a sound file as a model takes it. Its samples are those that it has in the whole file, to the bit; only the
// part, and what the resampler sees at its edges, is kept.

import type { Clip } from './clip.js';
import { refuseLong, silence } from './decode.js';
import { type ClipFormat, joinedRows, mixed, type Resampler, resampler } from './resample.js';
import { lengthOf, type SoundStream, type Warn } from './stream.js';

export interface SoundExcerpt {
  /** Seconds; default 0. */
  readonly offset?: number;
  /** Seconds; default: to the end. */
  readonly length?: number;
  /** Instead of a length: so many seconds, or what there is if that is less. */
  readonly most?: number;
}

export interface ExcerptOptions {
  readonly format: ClipFormat;
  readonly excerpt?: SoundExcerpt;
  /** Of the file. */
  readonly name: string;
  readonly warn: Warn;
  /** What has been said of the file so far: a refusal names damage that was met. */
  readonly remarks?: readonly string[];
  /** Hears when there is more than `most`, and of the whole file's seconds where its header says them. */
  readonly onMore?: ((seconds: number | undefined) => void) | undefined;
}

/**
 * Samples [round(offset * rate), + round(length * rate)) of the conformed file.
 * @throws when the excerpt leaves the file, is empty or longer than an hour, and for what the stream meets.
 */
export async function readExcerpt(
  stream: SoundStream,
  { format, excerpt = {}, name, warn, onMore, remarks = [] }: ExcerptOptions,
): Promise<Clip> {
  const { sampleRate: rate } = format;
  const { offset = 0, length, most } = excerpt;
  const longest = length ?? most;
  const first = Math.round(offset * rate);
  const count = longest === undefined ? Number.POSITIVE_INFINITY : Math.round(longest * rate);
  const asked =
    length === undefined
      ? `all of it from ${seconds(offset)} s on`
      : `${seconds(length)} s from ${seconds(offset)} s on`;
  if (!(first >= 0 && count >= 1))
    throw new Error(`${name}: asked for ${asked}; expected a part of the file`);
  refuseLong(
    longest === undefined ? (stream.samples ?? 0) - offset * stream.sampleRate : longest * stream.sampleRate,
    stream.sampleRate,
    name,
  );
  const fewest = length === undefined ? 1 : count;
  const { rows, total, hasMore } = await collect(stream, { format, first, count, fewest, name });
  if (rows === undefined) {
    throw new Error(
      `${name}: lasts ${(total / rate).toFixed(2)} s, asked for ${asked}${whyShort(stream, total / rate, remarks)}; ask for less, or take another clip`,
    );
  }
  if (hasMore && most !== undefined) {
    onMore?.(stream.samples === undefined ? undefined : stream.samples / stream.sampleRate);
  }
  const clip = { name, sampleRate: rate, channels: rows };
  silence(clip).forEach(warn);
  return clip;
}

/** Why a file ends early, where it says that it is longer or was found to be damaged. */
function whyShort(
  { samples = 0, sampleRate }: SoundStream,
  read: number,
  remarks: readonly string[],
): string {
  const promised = samples / sampleRate;
  // Lossy formats promise up to a frame or two more than they hold.
  if (promised - read > 0.2)
    return ` (truncated or damaged: it says ${promised.toFixed(2)} s, ${read.toFixed(2)} s could be read)`;
  return remarks.some((remark) => /truncated|damaged/.test(remark)) ? ' (truncated or damaged)' : '';
}

/** To the microsecond: places are in samples. */
function seconds(value: number): number {
  return Number(value.toFixed(6));
}

interface Wanted {
  readonly format: ClipFormat;
  /** Samples at the format's rate. */
  readonly first: number;
  readonly count: number;
  /** Samples that must be there. */
  readonly fewest: number;
  readonly name: string;
}

interface Collected {
  /** Undefined when the file ends before the excerpt does. */
  readonly rows: readonly Float32Array[] | undefined;
  /** Samples of the whole at the format's rate, as far as it was read. */
  readonly total: number;
  /** Whether the file goes on after the excerpt, as far as it was read. */
  readonly hasMore: boolean;
}

async function collect(
  stream: SoundStream,
  { format, first, count, fewest, name }: Wanted,
): Promise<Collected> {
  const { sampleRate: from } = stream;
  const { sampleRate: to, channels } = format;
  const works = Array.from({ length: stream.channels === channels ? channels : 1 }, () =>
    from === to ? passing(first) : resampler({ from, to, first }),
  );
  const outputs: Float32Array[][] = works.map(() => []);
  let collected = 0;
  for await (const piece of stream.pieces(works[0].start)) {
    const ended = lengthOf(piece) === 0;
    const rows = mixed(piece.channels, channels);
    for (const [c, work] of works.entries()) {
      outputs[c].push(ended ? work.end(piece.at) : work.push(rows[c]));
    }
    collected += outputs[0][outputs[0].length - 1].length;
    refuseLong(collected, to, name);
    if (ended) {
      const total = Math.round((piece.at * to) / from);
      return {
        rows: collected >= fewest ? cutRows(outputs, count) : undefined,
        total,
        hasMore: collected > count,
      };
    }
    // Of what may be shorter, one sample more says that it is not.
    if (collected > count || (collected === count && fewest === count)) {
      return { rows: cutRows(outputs, count), total: first + collected, hasMore: collected > count };
    }
  }
  return { rows: undefined, total: 0, hasMore: false };
}

function cutRows(outputs: readonly (readonly Float32Array[])[], count: number): Float32Array[] {
  return outputs.map((pieces) => {
    const row = joinedRows(pieces);
    return row.length > count ? row.slice(0, count) : row;
  });
}

/** What stands in for a resampler between equal rates. */
function passing(start: number): Resampler {
  return { start, push: (input) => input, end: () => new Float32Array(0) };
}
