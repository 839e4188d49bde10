// What can go wrong between here and the Hub: each failure is one line that says what to do, with a kind, which
// decides whether to try again and whether a copy in the cache may stand in.
// Statuses and X-Error-Code as huggingface_hub reads them (utils/_http.py, hf_raise_for_status).

import type { Dispatcher } from 'undici';
import { quoted } from '../../onnx/json.js';
import type { HubEnvironment, ModelId } from './environment.js';

/** What a server answers; its body is to be read, or destroyed. */
export type HubAnswer = Pick<Dispatcher.ResponseData, 'statusCode' | 'headers' | 'body'>;

export type FailureKind =
  /** No answer, or it broke off, or came too slowly. */
  | 'unreachable'
  /** 429 or 5xx: the server is there but does not serve. */
  | 'busy'
  /** 401, 403. */
  | 'denied'
  /** 404. */
  | 'absent'
  /** The answer is not what a Hub says, or not the bytes it promised. */
  | 'wrong'
  /** The cache folder cannot be written. */
  | 'disk';

export interface Failure {
  readonly kind: FailureKind;
  /** Whether the same request may be answered a moment later. */
  readonly again: boolean;
  /** What the server asks to wait, milliseconds. */
  readonly waitMs?: number;
}

/** What a request is about, for messages. */
export interface HubSubject {
  readonly model: ModelId;
  /** Absent when the revision itself is asked for. */
  readonly file?: string;
}

export function fail(line: string, failure: Failure): Error {
  return new Error(line, { cause: failure });
}

/** The failure that `fail` was called with; undefined for every other error. */
export function failureOf(error: unknown): Failure | undefined {
  const cause = error instanceof Error ? error.cause : undefined;
  const isFailure = typeof cause === 'object' && cause !== null && 'kind' in cause && 'again' in cause;
  return isFailure ? (cause as Failure) : undefined;
}

export function subjectName({ model, file }: HubSubject): string {
  const name = model.revision === 'main' ? model.id : `${model.id}@${model.revision}`;
  return file === undefined ? name : `${name} ${file}`;
}

/** The failure that an answer of the Hub's own host stands for. `status` is not a success and not a redirect. */
export function refusal(response: HubAnswer, subject: HubSubject, environment: HubEnvironment): Error {
  const status = response.statusCode;
  const what = subjectName(subject);
  const { id, revision } = subject.model;
  const page = `${environment.endpoint}/${id}`;
  const code = header(response, 'x-error-code');
  if (status === 401 || status === 403) {
    return fail(`${what}: ${denial(response, page, environment)}`, { kind: 'denied', again: false });
  }
  if (status === 404) {
    const cause =
      code === 'RevisionNotFound'
        ? `the Hub has no branch, tag or commit ${quoted(revision)} of it; see ${page}/commits`
        : subject.file === undefined || code === 'RepoNotFound'
          ? `no such model at ${environment.endpoint}; check the spelling of ${id}`
          : `no such file in this revision; see ${page}/tree/${revision}`;
    return fail(`${what}: ${cause}`, { kind: 'absent', again: false });
  }
  const waitMs = retryAfter(header(response, 'retry-after'));
  const wait = waitMs === undefined ? {} : { waitMs };
  if (status === 429) {
    const when = waitMs === undefined ? 'later' : `in ${Math.ceil(waitMs / 1000)} s`;
    const limit = environment.token === undefined ? ', or set HF_TOKEN (its limit is higher)' : '';
    const line = `${what}: the Hub answers 429, too many requests; try again ${when}${limit}`;
    return fail(line, { kind: 'busy', again: true, ...wait });
  }
  if (status === 408 || status >= 500) {
    const line = `${what}: the Hub answers ${status}; try again later (what is downloaded is kept)`;
    return fail(line, { kind: 'busy', again: true, ...wait });
  }
  const line = `${what}: ${environment.endpoint} answers ${status}, which a Hub does not; check HF_ENDPOINT`;
  return fail(line, { kind: 'wrong', again: false });
}

function denial(response: HubAnswer, page: string, { endpoint, token, tokenFrom }: HubEnvironment): string {
  const tokens = `${endpoint}/settings/tokens`;
  const message = header(response, 'x-error-message') ?? '';
  if (header(response, 'x-error-code') === 'GatedRepo') {
    return token === undefined
      ? `its licence must be accepted first: log in at ${page}, accept it, and set HF_TOKEN to a token from ${tokens}`
      : `the account of the token in ${tokenFrom} has not accepted its licence, or the token may not read gated models: accept it at ${page}, check the token at ${tokens}`;
  }
  if (token === undefined) {
    return `no such model, or a private one: check the spelling, or set HF_TOKEN to a token from ${tokens}`;
  }
  if (/invalid (credentials|username)/i.test(message) || response.statusCode === 401) {
    return `the Hub refuses the token in ${tokenFrom}, or the model does not exist: check the spelling, make a new token at ${tokens}, or unset it`;
  }
  return `the token in ${tokenFrom} may not read it: check the token's permissions at ${tokens}`;
}

/** Seconds or an HTTP date (RFC 9110, 10.2.3), as milliseconds from now. */
function retryAfter(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

/** A header as one string; the first where a server repeats it. */
export function header(response: HubAnswer, name: string): string | undefined {
  const value = response.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** The failure of a connection that was not made, or broke. */
export function unreachable(error: unknown, host: string, { proxies }: HubEnvironment): Error {
  const code = codeOf(error);
  // The codes of undici say less than its messages.
  const cause = code === undefined || code.startsWith('UND_') ? messageOf(error) : code;
  const proxy = proxies === undefined ? '' : ` (${proxies.from} is set)`;
  const line = `${host}: no connection, or it broke off: ${cause}${proxy}; check the network and run again (what is downloaded is kept)`;
  return fail(line, { kind: 'unreachable', again: true });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The failure of a file operation in the cache. */
export function unwritable(error: unknown, path: string): Error {
  const code = codeOf(error);
  const why =
    code === 'ENOSPC' || code === 'EDQUOT'
      ? 'no space left: free some, or set HF_HOME to a folder on another disk, and run again (what is downloaded is kept)'
      : `cannot be written (${code ?? error}): set HF_HOME to a folder that you may write`;
  return fail(`${path}: ${why}`, { kind: 'disk', again: false });
}

/** Node's code of a system error, e.g. ENOSPC; of the first of several. */
export function codeOf(error: unknown): string | undefined {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
