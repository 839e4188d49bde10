// Item: one clip of a dataset, and Library: what a study asks its platform for. Where items come from (folders, globs,
// lists, metadata, MIDI) is the platform's business.

import type { Clip } from '../audio/clip.js';
import type { Codes } from '../audio/codes.js';
import type { ClipFormat } from '../audio/resample.js';
import type { ScoreEdit } from '../symbolic/edit.js';
import type { Passage } from '../symbolic/passage.js';

/** A group of clips as a study names it. Exactly one of `files` and `midi`. */
export interface GroupSpec {
  /** "TrainingSet", "Generated", "OOD". */
  readonly name: string;
  /**
   * Sound or codes: a folder (with metadata.csv or metadata.jsonl an audiofolder), a glob, a list file (.txt, a path a
   * line), or several of these. Relative to the study's file.
   */
  readonly files?: readonly string[];
  /** MIDI files, the same way: read as they are by a model of notes, rendered with `soundfont` for all others. */
  readonly midi?: readonly string[];
  readonly soundfont?: string;
  /** Take the codes that stand beside a generated clip (`codes` in its metadata row), not its sound. Default false. */
  readonly codes?: boolean;
  /** At most so many clips, the first by name. */
  readonly limit?: number;
}

/** One clip of a group. */
export interface Item {
  /** Unique in its study: "TrainingSet/song-01". Seeds derive from it. */
  readonly name: string;
  readonly group: string;
  /** Human title, where the metadata gives one. */
  readonly title?: string;
  readonly source:
    | { readonly kind: 'audio'; readonly path: string }
    | { readonly kind: 'codes'; readonly path: string }
    | { readonly kind: 'midi'; readonly path: string; readonly soundfont?: string };
}

/** The part of a sound that is measured, in seconds. */
export interface Excerpt {
  readonly offset: number;
  /** Absent: to the end. */
  readonly length?: number;
}

/** What a study asks of its platform. Every failure is one line naming the file. */
export interface Library {
  /** The clips of a group in the order of their names. @throws when there are none, or two of one name. */
  items(group: GroupSpec): Promise<readonly Item[]>;
  /** SHA-256 in hex over all bytes that determine the item's sound or codes (for MIDI: the score and the SoundFont). */
  contentHash(item: Item): Promise<string>;
  /** Seconds of an item's sound, as its file's header says; undefined where only reading all of it tells. */
  seconds?(item: Item): Promise<number | undefined>;
  /**
   * The item's sound as a codec takes it, called by the item's name; MIDI is rendered, edited first when an edit is
   * given (`none` or absent: the control). Shorter than the excerpt asks for is an error.
   */
  clip(
    item: Item,
    options: { readonly format: ClipFormat; readonly excerpt: Excerpt; readonly edit?: ScoreEdit },
  ): Promise<Clip>;
  /** The codes of an item of source `codes`. */
  codes(item: Item): Promise<Codes>;
  /** The notes of an item of source `midi` that begin within the excerpt, called by the item's name. */
  notes(item: Item, excerpt: Excerpt): Promise<Passage>;
}
