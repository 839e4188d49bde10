// A model as the rest of losscope sees it: a codec, a language model over its codes, or both. Each is a family's own
// (open.ts knows the families); graphs are built and every weight is checked when the folder is opened, a session is loaded
// when it is first needed.

import type { Codes } from '../audio/codes.js';
import { counted } from '../counted.js';
import type { Codec } from './codec.js';
import type { Condition } from './condition.js';
import { type LanguageModel, type Protocol, protocolOf } from './language.js';
import type { Precision } from './precision.js';

/** What a model's tokens are: rows times positions. */
export interface TokenLayout {
  /** K: rows. */
  readonly codebooks: number;
  /** V: every token is in 0..V-1. */
  readonly codebookSize: number;
  /** What one position is: a frame of sound, as long as any other, or an event (a note) that has a time of its own. */
  readonly step: 'frame' | 'event';
  /** [K] names of rows, where they have any: "note", "onset", "duration". */
  readonly rows?: readonly string[];
}

export interface Model extends TokenLayout {
  /** What the user called the folder. */
  readonly name: string;
  /** SHA-256 over config.json and weights: see openCheckpoint. */
  readonly fingerprint: string;
  /** What runs it, where, and with which instruction set, as recorded with every number: see Runtime. */
  readonly runtime: string;
  readonly device: string;
  readonly instructions: string;
  readonly precision: Precision;
  /** Absent for a model of notes, which has no sound of its own. */
  readonly codec?: Codec;
  /** Frames of chroma that it takes of a melody, repeated or cut to; absent where it takes none. */
  readonly melodyFrames?: number;
  /** Without any condition (a melody model: its null condition). Absent for a codec alone. */
  readonly language?: LanguageModel;
  /** The language model under a condition. Throws one line when the model does not take this condition. */
  conditioned(condition: Condition): Promise<LanguageModel>;
  /** Unloads all sessions. */
  close(): Promise<void>;
}

/** Whether a model's positions are notes as symbolic/note_tokens.ts has them. */
export function readsNotes({ step, rows }: Pick<TokenLayout, 'step' | 'rows'>): boolean {
  return step === 'event' && rows?.join() === 'note,onset,duration';
}

/** The codec of a model. @throws one line for a model without. */
export function codecOf({ name, codec }: Pick<Model, 'name' | 'codec'>): Codec {
  if (!codec) throw new Error(`${name}: a language model of notes has no codec; give it notes (MIDI)`);
  return codec;
}

/** The language model of a model, under a condition if one is given. @throws one line for a codec alone. */
export async function languageOf(model: Model, condition?: Condition): Promise<LanguageModel> {
  if (!model.language) throw new Error(`${model.name}: a codec alone has no language model to score with`);
  return condition ? model.conditioned(condition) : model.language;
}

/** How a model scores under a protocol, by default its own. @throws for a codec alone, or a protocol it has not. */
export function protocolUnder(model: Model, name?: string): Protocol {
  if (!model.language) throw new Error(`${model.name}: a codec alone has no language model to score with`);
  return protocolOf(model.language, name, model.name);
}

/** Throws unless codes are of this model: K rows, at least one frame, each entry 0..V-1. */
export function checkCodes(
  codes: Codes,
  model: { readonly name: string; readonly codebooks: number; readonly codebookSize: number },
): void {
  if (codes.codebooks !== model.codebooks) {
    throw new Error(
      `${model.name}: codes have ${counted(codes.codebooks, 'codebook')}, the model has ${model.codebooks}`,
    );
  }
  if (codes.frames < 1 || codes.data.length !== codes.codebooks * codes.frames) {
    throw new Error(
      `${model.name}: ${counted(codes.data.length, 'code')} given as [${codes.codebooks}, ${codes.frames}]; at least one frame expected`,
    );
  }
  const bad = codes.data.findIndex((code) => code < 0 || code >= model.codebookSize);
  if (bad >= 0) {
    const [k, t] = [Math.floor(bad / codes.frames), bad % codes.frames];
    throw new Error(
      `${model.name}: code ${codes.data[bad]} (codebook ${k}, frame ${t}), expected 0 to ${model.codebookSize - 1}`,
    );
  }
}
