// Questions of the explorer's page that a model of this machine answers: the same ones that its worker answers with the
// bundled model. An answer is a row of pieces: a byte that says what it is, its length (uint32, little-endian), its bytes.

import * as z from 'zod';
import { cut, duration } from '../../audio/clip.js';
import { decode } from '../../audio/decode.js';
import { conform } from '../../audio/resample.js';
import { formatOf } from '../../loss/encode.js';
import { codecOf, type Model } from '../../models/model.js';
import { readPerturbation } from '../../perturb/schema.js';
import { sensitivityMap } from '../../probe/map.js';
import { type CleanClip, probe, scoreClip } from '../../probe/probe.js';
import { pack } from '../../report/view/pack.js';
import { mixed } from '../sound.js';
import type { ServerAnswer } from './server.js';

/** What a piece of an answer is. */
const PIECE = { progress: 1, answer: 2, error: 3 } as const;
/** Clips whose state is kept. */
const KEPT = 2;
/** Seconds of a sound that are scored. */
const LONGEST = 30;
/** Bytes of one sound file, and files that are being sent at a time. */
const UPLOAD = { bytes: 64 * 2 ** 20, files: 4 };

const whole = z.int().nonnegative();
const questions = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('open') }),
  z.strictObject({
    kind: z.literal('upload'),
    upload: whole,
    at: whole,
    total: whole.max(UPLOAD.bytes, `a sound file of at most ${UPLOAD.bytes / 2 ** 20} MiB`),
    piece: z.base64(),
  }),
  z.strictObject({ kind: z.literal('score'), name: z.string().max(1000), upload: whole }),
  z.strictObject({ kind: z.literal('probe'), id: whole, perturbation: z.unknown(), seed: whole }),
  z.strictObject({ kind: z.literal('map'), id: whole }),
]);
type Question = z.infer<typeof questions>;

/** Answers with a model that is opened at the first question. One question is worked on at a time. */
export function nativeAnswers(open: () => Promise<Model>): ServerAnswer {
  const state: State = { open: once(open), clips: new Map(), uploads: new Map(), next: 1 };
  let turn: Promise<unknown> = Promise.resolve();
  return async (body, send) => {
    const tell = (type: number, bytes: Uint8Array): Promise<void> => send(pieceOf(type, bytes));
    const text = (type: number, words: string): Promise<void> => tell(type, new TextEncoder().encode(words));
    try {
      const question = parsed(body);
      const work = turn.then(() =>
        answerTo(question, state, (done, of) => void text(PIECE.progress, JSON.stringify({ done, of }))),
      );
      turn = work.catch(() => undefined); // the caller gets the error; the next question is answered
      await tell(PIECE.answer, pack(await work));
    } catch (error) {
      await text(PIECE.error, error instanceof Error ? error.message : String(error));
    }
  };
}

interface State {
  readonly open: () => Promise<Model>;
  readonly clips: Map<number, CleanClip>;
  readonly uploads: Map<number, Buffer>;
  next: number;
}

function parsed(body: string): Question {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw new Error('the question is no JSON');
  }
  const result = questions.safeParse(value);
  if (result.success) return result.data;
  throw new Error(`the question is not understood: ${result.error.issues[0].message}`);
}

async function answerTo(
  question: Question,
  state: State,
  onProgress: (done: number, of: number) => void,
): Promise<unknown> {
  if (question.kind === 'upload') return take(question, state.uploads);
  const model = await state.open();
  switch (question.kind) {
    case 'open':
      return { model: model.name };
    case 'score':
      return score(question, model, state);
    case 'probe': {
      const perturbation = readPerturbation(question.perturbation, {
        seed: question.seed,
        name: 'the disturbance',
      });
      const { clip, record } = await probe(model, known(question.id, state), perturbation);
      return { record, samples: mixed(clip) };
    }
    case 'map':
      return sensitivityMap(model, known(question.id, state), {}, onProgress);
  }
}

/** Puts a piece of a file where it belongs. */
function take(
  { upload, at, total, piece }: Extract<Question, { kind: 'upload' }>,
  uploads: Map<number, Buffer>,
): { readonly received: number } {
  const bytes = Buffer.from(piece, 'base64');
  const file = uploads.get(upload) ?? Buffer.alloc(total);
  if (file.length !== total || at + bytes.length > total)
    throw new Error('a piece that is no part of its file');
  uploads.set(upload, file);
  for (const old of [...uploads.keys()].slice(0, -UPLOAD.files)) uploads.delete(old);
  bytes.copy(file, at);
  return { received: at + bytes.length };
}

async function score({ name, upload }: Extract<Question, { kind: 'score' }>, model: Model, state: State) {
  const bytes = state.uploads.get(upload);
  if (!bytes) throw new Error(`${name}: was not received`);
  state.uploads.delete(upload);
  const { clip: read, warnings } = await decode(new Uint8Array(bytes), name);
  const long = duration(read) > LONGEST;
  const part = long ? cut(read, { length: LONGEST }) : read;
  const clip = conform(part, formatOf(model));
  const clean = await scoreClip(model, clip, { ranks: true });
  const id = state.next++;
  state.clips.set(id, clean);
  for (const old of [...state.clips.keys()].slice(0, -KEPT)) {
    await state.clips.get(old)?.release();
    state.clips.delete(old);
  }
  const told = long
    ? [...warnings, `${name}: ${duration(read).toFixed(0)} s long; the first ${LONGEST} s are scored here`]
    : warnings;
  return {
    id,
    name,
    clock: codecOf(model).clock,
    scored: clean.scored,
    samples: mixed(clip),
    warnings: told,
  };
}

function known(id: number, { clips }: State): CleanClip {
  const clip = clips.get(id);
  if (!clip) throw new Error('this clip is no longer kept: choose it again');
  return clip;
}

function pieceOf(type: number, bytes: Uint8Array): Uint8Array {
  const piece = new Uint8Array(5 + bytes.length);
  piece[0] = type;
  new DataView(piece.buffer).setUint32(1, bytes.length, true);
  piece.set(bytes, 5);
  return piece;
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    made.catch(() => {
      made = undefined;
    });
    return made;
  };
}
