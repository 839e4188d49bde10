// Requests to the Hub: redirects followed one by one, the token sent to the Hub's own origin only, stalls
// ended, a few tries. Not fetch: it would hide redirects' hosts, decompress, and time out by its own rules.

import { setTimeout as sleep } from 'node:timers/promises';
import { request as send } from 'undici';
import { quoted } from '../../onnx/json.js';
import type { HubEnvironment } from './environment.js';
import {
  codeOf,
  fail,
  failureOf,
  type HubAnswer,
  type HubSubject,
  header,
  refusal,
  subjectName,
  unreachable,
} from './failure.js';
import { networkOf } from './network.js';

/** How long to bear with a server. */
export interface Patience {
  /** Tries of one request in a row that bring less than a MiB further. */
  readonly tries: number;
  /** Wait before the second try; doubles with every further one. Milliseconds. */
  readonly backoffMs: number;
  /** The longest wait that a server may ask for (Retry-After); beyond it, the request fails. Milliseconds. */
  readonly longestWaitMs: number;
  /** A connection must bring `stallBytes` in every span of `stallMs`, or the answer's head in the first. */
  readonly stallMs: number;
  readonly stallBytes: number;
}

export const PATIENCE: Patience = {
  tries: 5,
  backoffMs: 1000,
  longestWaitMs: 60_000,
  stallMs: 30_000,
  stallBytes: 16_384,
};

/** Everything a request needs beside its address. */
export interface Access {
  readonly environment: HubEnvironment;
  readonly patience: Patience;
  readonly signal?: AbortSignal;
}

export interface HubRequest {
  readonly method: 'GET' | 'HEAD';
  /** Path under the endpoint, starting with `/`. */
  readonly path: string;
  readonly subject: HubSubject;
  /** First byte wanted, 0 for the whole. */
  readonly from?: number;
  /** Return a redirect to another host that describes the file, instead of following it; a mirror's does not. */
  readonly stayOnHost?: boolean;
  /** Statuses to return beside 200 and 206. */
  readonly accept?: readonly number[];
}

const MOST_REDIRECTS = 5;

/** Bytes of a try that make it count as progress. */
const PROGRESS = 2 ** 20;

/**
 * Makes one request and hands its answer to `read`, under one stall clock: `read` calls `fed` with the bytes that
 * it has taken. Throws a failure (hub_failure.ts); an abort throws the signal's reason.
 */
export async function ask<T>(
  request: HubRequest,
  access: Access,
  read: (response: HubAnswer, fed: (bytes: number) => void) => Promise<T>,
): Promise<T> {
  const { patience, environment, signal } = access;
  const clock = stallClock(patience, signal);
  const at = { host: new URL(environment.endpoint).host };
  try {
    const { response, url } = await follow(request, access, clock.signal, at);
    try {
      const status = response.statusCode;
      const described = request.stayOnHost === true && isRedirect(response);
      const good = described || [200, 206, ...(request.accept ?? [])].includes(status);
      // A mirror may hand the request on to the Hub itself.
      const isHub = isOwn(url, environment) || Boolean(header(response, 'x-error-code'));
      if (!good && isHub) throw refusal(response, request.subject, environment);
      if (!good) {
        // The Hub hands out signed addresses that expire: the next try gets a new one.
        const line = `${subjectName(request.subject)}: the storage host ${at.host} answers ${status}; try again later`;
        throw fail(line, { kind: 'busy', again: true });
      }
      clock.fed(patience.stallBytes);
      return await read(response, clock.fed);
    } finally {
      release(response);
    }
  } catch (error) {
    signal?.throwIfAborted();
    if (failureOf(error)) throw error;
    if (clock.signal.aborted) {
      const span = `${patience.stallMs / 1000} s`;
      const line = `${subjectName(request.subject)}: ${at.host} sent next to nothing for ${span}; check the network and run again (what is downloaded is kept)`;
      throw fail(line, { kind: 'unreachable', again: true });
    }
    // Connections fail with a code; anything else is not their doing.
    if (codeOf(error) === undefined) throw error;
    throw unreachable(error, at.host, environment);
  } finally {
    clock.stop();
  }
}

/** Repeats `attempt` while it fails in a way that may pass. `progress` returns the number of bytes received. */
export async function persist<T>(
  access: Access,
  attempt: () => Promise<T>,
  progress: () => number = () => 0,
): Promise<T> {
  const { patience, signal } = access;
  for (let tries = 1, mark = progress(); ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      const failure = failureOf(error);
      if (!failure?.again) throw error;
      if (progress() - mark >= PROGRESS) tries = 1;
      mark = progress();
      const waitMs = failure.waitMs ?? patience.backoffMs * 2 ** (tries - 1);
      if (tries >= patience.tries || waitMs > patience.longestWaitMs) throw error;
      await pause(waitMs, signal);
    }
  }
}

/** Waits; an abort throws the signal's reason. */
export async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(ms, undefined, signal ? { signal } : {});
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}

/** Makes a request and those that it is redirected to; `at` follows the host, for errors. */
async function follow(
  request: HubRequest,
  { environment }: Access,
  signal: AbortSignal,
  at: { host: string },
): Promise<{ response: HubAnswer; url: URL }> {
  const network = networkOf(environment);
  const what = subjectName(request.subject);
  let url = new URL(environment.endpoint + request.path);
  for (let hop = 0; hop <= MOST_REDIRECTS; hop++) {
    at.host = url.host;
    const response = await send(url, {
      method: request.method,
      headers: headersFor(url, request, environment),
      dispatcher: network.dispatcher,
      signal,
    });
    if (!isRedirect(response)) return { response, url };
    try {
      const location = header(response, 'location');
      if (location === undefined) throw refusal(response, request.subject, environment);
      const target = redirectTarget(location, url, request.subject);
      if (request.stayOnHost && target.origin !== url.origin && describesFile(response)) {
        return { response, url };
      }
      network.requireOutside(target, url, what);
      url = target;
    } catch (error) {
      release(response);
      throw error;
    }
    release(response);
  }
  const line = `${what}: more than ${MOST_REDIRECTS} redirects from ${environment.endpoint}; check HF_ENDPOINT`;
  throw fail(line, { kind: 'wrong', again: false });
}

function isRedirect(response: HubAnswer): boolean {
  return [301, 302, 303, 307, 308].includes(response.statusCode);
}

/** The Hub's redirects to a storage host say what lies there. */
function describesFile(response: HubAnswer): boolean {
  return header(response, 'x-linked-etag') !== undefined;
}

/** Bytes that wait to be taken, at most. */
const MOST_WAITING = 2 ** 20;

/** The bytes of an answer. Those that came before it broke off are handed on first: a stream would drop them. */
export async function* bytesOf({ body }: HubAnswer): AsyncGenerator<Uint8Array> {
  const waiting: Uint8Array[] = [];
  let length = 0;
  let over: { readonly error?: Error } | undefined;
  let wake = (): void => undefined;
  const end = (how: { readonly error?: Error }) => {
    over ??= how;
    wake();
  };
  body.on('end', () => end({}));
  body.on('error', (error: Error) => end({ error }));
  body.on('data', (piece: Uint8Array) => {
    waiting.push(piece);
    length += piece.length;
    if (length > MOST_WAITING) body.pause();
    wake();
  });
  for (;;) {
    const piece = waiting.shift();
    if (piece) {
      length -= piece.length;
      if (length <= MOST_WAITING) body.resume();
      yield piece;
    } else if (over) {
      if (over.error) throw over.error;
      return;
    } else {
      await new Promise<void>((settle) => {
        wake = settle;
      });
    }
  }
}

/** Ends a response that is not read further. The connection of a complete response is used again. */
function release({ body }: HubAnswer): void {
  body.on('error', () => undefined); // that it was cut is our own doing
  body.destroy();
}

/** Scheme, host and port are the endpoint's. */
function isOwn(url: URL, environment: HubEnvironment): boolean {
  return url.origin === new URL(environment.endpoint).origin;
}

/** A redirect keeps its scheme, or goes from http to https; never to anything else, and with no user in it. */
export function redirectTarget(location: string, from: URL, subject: HubSubject): URL {
  const target = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  const allowed = from.protocol === 'https:' ? ['https:'] : ['http:', 'https:'];
  if (target && allowed.includes(target.protocol) && !target.username && !target.password) return target;
  const line = `${subjectName(subject)}: ${from.host} redirects to ${quoted(location)}, which is refused; expected an ${allowed.join(' or ').replaceAll(':', '')} address`;
  throw fail(line, { kind: 'wrong', again: false });
}

function headersFor(url: URL, { from = 0 }: HubRequest, environment: HubEnvironment): Record<string, string> {
  const { token } = environment;
  return {
    'user-agent': 'losscope',
    'accept-encoding': 'identity',
    ...(from > 0 && { range: `bytes=${from}-` }),
    ...(token !== undefined && isOwn(url, environment) && { authorization: `Bearer ${token}` }),
  };
}

/** A signal that fires when a span of `stallMs` brings less than `stallBytes`, or when the caller aborts. */
function stallClock({ stallMs, stallBytes }: Patience, signal: AbortSignal | undefined) {
  const stall = new AbortController();
  let timer = setTimeout(() => stall.abort(), stallMs);
  let taken = 0;
  return {
    signal: signal ? AbortSignal.any([signal, stall.signal]) : stall.signal,
    fed(bytes: number): void {
      taken += bytes;
      if (taken < stallBytes || stall.signal.aborted) return;
      taken = 0;
      clearTimeout(timer);
      timer = setTimeout(() => stall.abort(), stallMs);
    },
    stop(): void {
      clearTimeout(timer);
    },
  };
}
