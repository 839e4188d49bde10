// Clips as commands read them: of each the same part, sound and codes alike.

import { type Clip, duration, sampleCount } from '../audio/clip.js';
import {
  type Codes,
  codesOf,
  type FrameClock,
  framesOf,
  rowsOf,
  sampleOfSeconds,
  secondsOfFrame,
} from '../audio/codes.js';
import type { SoundExcerpt } from '../audio/excerpt.js';
import { counted } from '../counted.js';
import { decode, encode, formatOf } from '../loss/encode.js';
import type { Model } from '../models/model.js';
import { readNotes } from '../node/notes.js';
import { readClip } from '../node/sound.js';
import { type ClipSource, codesReader } from '../node/sources.js';
import type { Place } from '../perturb/perturbation.js';
import { type Passage, passageOf, passageOfCodes } from '../symbolic/passage.js';
import { say, warn } from './output.js';

export interface ClipReader {
  /** A clip's sound as the codec takes it; codes are decoded. */
  sound(source: ClipSource): Promise<Clip>;
  /** A clip's codes; sound is encoded. */
  codes(source: ClipSource): Promise<Codes>;
  /** A clip's notes, for a model of notes. */
  notes(source: ClipSource): Promise<Passage>;
}

/** Reads that part of every clip. Says so once, at the first clip of which `most` leaves something out. */
export function clipReader(model: Model, excerpt: SoundExcerpt): ClipReader {
  const written = codesReader();
  let told = false;
  const onMore = (name: string) => (seconds: number | undefined) => {
    if (!told) say(remark(name, { seconds, model, excerpt }));
    told = true;
  };
  const partOfCodes = async (source: ClipSource): Promise<Codes> => {
    const codes = await written(source);
    // Notes have no time of their own: all of them are taken.
    if (!model.codec) return codes;
    return codesPart(codes, excerpt, {
      name: source.name,
      clock: model.codec.clock,
      onMore: onMore(source.name),
    });
  };
  const partOfSound = (source: ClipSource): Promise<Clip> => {
    if (source.kind === 'notes') {
      throw new Error(
        `${source.name}: notes, but ${model.name} takes sound; render it first (losscope render), or take a model of notes (--model tiny-notes)`,
      );
    }
    return readClip(source.file, formatOf(model), warn, { ...excerpt, onMore: onMore(source.name) });
  };
  return {
    async notes(source) {
      if (source.kind === 'codes') return passageOfCodes(await written(source), source.name);
      if (source.kind === 'notes') return passageOf(await readNotes(source.file, warn), excerpt);
      throw new Error(
        `${source.name}: sound, but ${model.name} reads notes; give it notes (MIDI), of a folder with both by FOLDER/*.mid`,
      );
    },
    sound: async (source) =>
      source.kind === 'codes' ? decode(model, await partOfCodes(source), source.name) : partOfSound(source),
    codes: async (source) =>
      source.kind === 'codes' ? partOfCodes(source) : encode(model, await partOfSound(source)),
  };
}

/** A stretch of another sound file, as a disturbance takes it. No more of the file is read. */
export function otherSound(model: Model): (file: string, stretch: Place) => Promise<Clip> {
  const format = formatOf(model);
  return (file, { start, end }) =>
    readClip(file, format, warn, {
      offset: start / format.sampleRate,
      length: (end - start) / format.sampleRate,
    });
}

/** Says of a clip that is kept as a whole for its versions, and is longer than training: its memory grows with it. */
export function tellLong(model: Model, clip: Clip): void {
  const trained = model.language?.trainedFrames;
  if (!trained || !model.codec) return;
  const { clock } = model.codec;
  if (framesOf(clock, sampleCount(clip)) <= trained) return;
  const longest = secondsOfFrame(clock, trained);
  warn(
    `${clip.name}: ${duration(clip).toFixed(0)} s at once, ${model.name} was trained on ${longest} s; memory grows with the length ` +
      '(score goes through windows)',
  );
}

interface Remark {
  /** Of the whole clip, if known. */
  readonly seconds: number | undefined;
  readonly model: Model;
  readonly excerpt: SoundExcerpt;
}

function remark(name: string, { seconds, model, excerpt: { offset = 0, most } }: Remark): string {
  const from = offset === 0 ? `the first ${most} s` : `${most} s from ${offset} s on`;
  const whole = seconds === undefined ? `is longer than ${most} s` : `lasts ${seconds.toFixed(1)} s`;
  return (
    `losscope: ${name}: ${whole}; ${from} are taken, as long as ${model.name} was trained on, and so of every longer clip ` +
    '(--duration all, --duration 60s, --offset: another part)'
  );
}

interface Cutting {
  readonly name: string;
  readonly clock: FrameClock;
  /** Hears of the length of codes that are longer than what is taken of them. */
  readonly onMore: (seconds: number) => void;
}

/** The same part of codes as of sound, in whole frames. @throws when they end before it. */
function codesPart(
  codes: Codes,
  { offset = 0, length, most }: SoundExcerpt,
  { name, clock, onMore }: Cutting,
): Codes {
  const framesIn = (seconds: number): number => framesOf(clock, sampleOfSeconds(clock, seconds));
  const from = framesIn(offset);
  const there = codes.frames - from;
  const wanted =
    length === undefined ? Math.min(there, framesIn(most ?? Number.POSITIVE_INFINITY)) : framesIn(length);
  if (wanted < 1 || wanted > there) {
    throw new Error(
      `${name}: ${counted(codes.frames, 'frame')} of codes, asked for frames ${from} to ${from + Math.max(1, wanted)}; ask for less`,
    );
  }
  if (length === undefined && wanted < there) onMore(secondsOfFrame(clock, codes.frames));
  return codesOf(rowsOf(codes).map((row) => row.subarray(from, from + wanted)));
}
