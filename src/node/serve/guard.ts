// Who may ask. The server is for the browser of this machine: a page from elsewhere must not read from it or make it do
// anything, also not under another name for this machine (DNS rebinding).

import type { IncomingMessage } from 'node:http';

/** Why a request is refused. */
export interface Refusal {
  readonly status: 400 | 403 | 405 | 413 | 421;
  readonly why: string;
}

export interface GuardOptions {
  /** What may stand in Host: "localhost:4747", "127.0.0.1:4747". Compared letter by letter. */
  readonly hosts: readonly string[];
  /** Where the server listens beyond this machine, the secret that the first address carries. */
  readonly token?: string;
}

/** Longest body of a request, bytes. */
export const LONGEST_BODY = 1_000_000;
/** Longest path, letters. */
const LONGEST_PATH = 300;
const COOKIE = 'losscope';

/** Why a request may not be answered, or undefined when it may. */
export function refusalOf(request: IncomingMessage, { hosts, token }: GuardOptions): Refusal | undefined {
  const { method = '', url = '', headers, rawHeaders } = request;
  const count = rawHeaders.filter((name, i) => i % 2 === 0 && name.toLowerCase() === 'host').length;
  if (count !== 1 || !hosts.includes(headers.host ?? '')) {
    return { status: 421, why: 'this server answers to its own address only' };
  }
  if (!/^\/[\w./-]*(\?token=[\w-]*)?$/.test(url) || url.includes('..') || url.length > LONGEST_PATH) {
    return { status: 400, why: 'no such path' };
  }
  if (token !== undefined && !hasToken(request, token)) {
    return { status: 403, why: 'open the address that losscope view printed: it carries a token' };
  }
  if (method !== 'GET' && method !== 'HEAD' && method !== 'POST')
    return { status: 405, why: 'GET, HEAD or POST' };
  const length = Number(headers['content-length'] ?? 0);
  const hasBody = length > 0 || headers['transfer-encoding'] !== undefined;
  if (method !== 'POST')
    return hasBody ? { status: 400, why: 'a body where none belongs' } : foreignReader(request);
  if (length > LONGEST_BODY) return { status: 413, why: `a body of at most ${LONGEST_BODY} bytes` };
  return foreignWriter(request, hosts);
}

/** Reading: a page from elsewhere may not even try, where the browser says so. */
function foreignReader({ headers }: IncomingMessage): Refusal | undefined {
  const site = headers['sec-fetch-site'];
  const navigates = headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
  if (site === undefined || site === 'same-origin' || site === 'none' || navigates) return undefined;
  return { status: 403, why: 'asked by a page from elsewhere' };
}

/** Whatever makes the server work: only our own page, and only as JSON, which no form can send. */
function foreignWriter({ headers }: IncomingMessage, hosts: readonly string[]): Refusal | undefined {
  const own = hosts.some((host) => headers.origin === `http://${host}`);
  const site = headers['sec-fetch-site'];
  if (!own || (site !== undefined && site !== 'same-origin')) {
    return { status: 403, why: 'asked by a page from elsewhere' };
  }
  if (headers['content-type'] !== 'application/json')
    return { status: 403, why: 'expected application/json' };
  return undefined;
}

function hasToken({ url = '', headers }: IncomingMessage, token: string): boolean {
  if (new URLSearchParams(url.split('?')[1] ?? '').get('token') === token) return true;
  const cookies = (headers.cookie ?? '').split(';').map((cookie) => cookie.trim());
  return cookies.includes(`${COOKIE}=${token}`);
}

/** The cookie that carries the token from then on. */
export function cookieOf(token: string): string {
  return `${COOKIE}=${token}; HttpOnly; SameSite=Strict; Path=/`;
}

/** What stands on every answer. Nothing may be loaded from elsewhere, sent elsewhere, or framed. */
export const SAFE_HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; style-src 'self'; " +
    "img-src 'self' data: blob:; media-src 'self' blob:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
};
