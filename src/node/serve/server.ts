// The local server of `losscope view`: it gives away a fixed list of resources and answers questions of its own page, on
// this machine only. Slow and broken clients are closed and do not delay others.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { cookieOf, LONGEST_BODY, refusalOf, SAFE_HEADERS } from './guard.js';
import { wantedRange } from './ranges.js';
import { openResource, type ResourceContent, type Resources } from './resource.js';

/** Answers a question (a JSON body) in pieces; an error is sent as one line. */
export type ServerAnswer = (body: string, send: (piece: Uint8Array) => Promise<void>) => Promise<void>;

export interface ServeOptions {
  readonly resources: Resources;
  /** For POST requests, by path. */
  readonly answers?: ReadonlyMap<string, ServerAnswer>;
  /** Default: 127.0.0.1. Another one demands a token. */
  readonly host?: string;
  readonly token?: string;
  /** 0: any free one. */
  readonly port: number;
  /** Hears of faults of the server itself, one line each. */
  readonly warn: (line: string) => void;
}

export interface Serving {
  readonly port: number;
  close(): Promise<void>;
}

/** Milliseconds: until the headers of a request are there, its body, and until a client that does not read is closed. */
const PATIENCE = { headers: 10_000, body: 10_000, idle: 12_000 };
const MOST_CONNECTIONS = 4000;
/** Connections that may wait to be accepted: a burst of clients must not make the next one wait. */
const BACKLOG = 2048;
/** Milliseconds in which a refusal can be read before what is left of the request is cut off. */
const FAREWELL = 500;
/** Bytes read from a file at a time. */
const PIECE = 65_536;

/** Addresses that only this machine reaches. */
const LOOPBACK: readonly string[] = ['127.0.0.1', '::1'];

/** Whether others can reach a server at this address: it then needs a token. */
export function isReachable(host: string): boolean {
  return !LOOPBACK.includes(host);
}

/** An address as it stands in a URL: IPv6 in brackets. */
export function inUrl(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

/** Starts to serve. @throws one line when the port is taken. */
export async function serve(options: ServeOptions): Promise<Serving> {
  const { host = '127.0.0.1', port, token } = options;
  if (isReachable(host) && token === undefined) {
    throw new Error(`--host ${host}: a server that others can reach needs a token`);
  }
  const hosts: string[] = [];
  const server = createServer(
    {
      headersTimeout: PATIENCE.headers,
      requestTimeout: PATIENCE.headers + PATIENCE.body,
      connectionsCheckingInterval: 1000,
      keepAliveTimeout: 5000,
    },
    (request, response) => {
      answer(request, response, { ...options, hosts }).catch((error) => {
        options.warn(`${request.method} ${request.url}: ${oneLine(error)}`);
        request.socket.setTimeout(PATIENCE.idle);
        if (response.headersSent) response.destroy();
        else refuse(response, 500, oneLine(error));
      });
    },
  );
  server.maxConnections = MOST_CONNECTIONS;
  server.on('connection', (socket) => socket.setTimeout(PATIENCE.idle, () => socket.destroy()));
  server.on('clientError', (_, socket: Socket) => {
    // Browsers open connections before they need them. One that nothing came through is closed without a word: what is written
    // to it would be taken for the answer to the next request.
    if (socket.bytesRead === 0) socket.destroy();
    else if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
    setTimeout(() => socket.destroy(), FAREWELL).unref();
  });
  const own = await listen(server, port, host);
  const names = new Set(['localhost', ...LOOPBACK.map(inUrl), inUrl(host)]);
  hosts.push(...[...names].map((name) => `${name}:${own}`));
  return {
    port: own,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why =
        error.code === 'EADDRINUSE' ? 'is taken; choose another (--port), or 0 for any' : `(${error.code})`;
      reject(Object.assign(new Error(`port ${port} of ${host} ${why}`), { code: error.code }));
    });
    server.listen({ port, host, backlog: BACKLOG }, () => resolve((server.address() as AddressInfo).port));
  });
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { resources, answers, hosts, token }: ServeOptions & { readonly hosts: readonly string[] },
): Promise<void> {
  for (const [name, value] of Object.entries(SAFE_HEADERS)) response.setHeader(name, value);
  const refusal = refusalOf(request, { hosts, ...(token === undefined ? {} : { token }) });
  if (refusal) return refuse(response, refusal.status, refusal.why);
  if (token !== undefined) response.setHeader('Set-Cookie', cookieOf(token));
  const path = (request.url ?? '').split('?')[0];
  if (request.method === 'POST') {
    const question = answers?.get(path);
    if (!question) return refuse(response, 404, 'no such path');
    return tell(request, response, question);
  }
  const resource = resources.get(path);
  if (!resource) return refuse(response, 404, 'no such path');
  // To measure a clip may take longer than a client may be silent.
  request.socket.setTimeout(0);
  const content = await openResource(resource).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  });
  request.socket.setTimeout(PATIENCE.idle);
  if (!content) return refuse(response, 404, 'this file is no longer there');
  try {
    await give(request, response, { content, type: resource.type });
  } finally {
    await content.close();
  }
}

async function give(
  request: IncomingMessage,
  response: ServerResponse,
  { content, type }: { readonly content: ResourceContent; readonly type: string },
): Promise<void> {
  response.setHeader('Cache-Control', 'no-cache');
  if (content.tag !== '') {
    response.setHeader('ETag', content.tag);
    if (request.headers['if-none-match'] === content.tag) {
      response.writeHead(304).end();
      return;
    }
  }
  const wanted = wantedRange(request.headers.range, content.size);
  if (!wanted) {
    response.setHeader('Content-Range', `bytes */${content.size}`);
    return refuse(response, 416, 'no such range');
  }
  const { start, end, whole } = wanted;
  response.setHeader('Accept-Ranges', 'bytes');
  response.setHeader('Content-Type', type);
  response.setHeader('Content-Length', end - start);
  if (!whole) response.setHeader('Content-Range', `bytes ${start}-${end - 1}/${content.size}`);
  response.writeHead(whole ? 200 : 206);
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  const queued = end - start > PIECE;
  for (let at = start; at < end; ) {
    if (queued) await turn();
    let room: Promise<boolean>;
    try {
      const piece = await content.read(at, Math.min(end, at + PIECE));
      if (piece.length === 0) throw new Error('the file became shorter while it was sent');
      at += piece.length;
      room = sent(response, piece);
    } finally {
      if (queued) turnOver();
    }
    if (!(await room)) return;
  }
  response.end();
}

/** Pieces of large files that are sent in one round of the event loop: what is short does not wait behind them. */
const TURNS = 8;
const waiting: (() => void)[] = [];
let taken = 0;

function turn(): Promise<void> {
  if (taken < TURNS) {
    taken++;
    return Promise.resolve();
  }
  return new Promise((resolve) => waiting.push(resolve));
}

function turnOver(): void {
  setImmediate(() => {
    const next = waiting.shift();
    if (next) next();
    else taken--;
  });
}

/** Reads the question and sends the answer in pieces. */
async function tell(
  request: IncomingMessage,
  response: ServerResponse,
  question: ServerAnswer,
): Promise<void> {
  const body = await bodyOf(request);
  if (body === undefined) {
    response.setHeader('Connection', 'close');
    return refuse(response, 413, `a body of at most ${LONGEST_BODY} bytes, within ${PATIENCE.body / 1000} s`);
  }
  response.setHeader('Content-Type', 'application/octet-stream');
  response.setHeader('Cache-Control', 'no-store');
  // A model may think longer than a client may be silent.
  request.socket.setTimeout(0);
  await question(body, async (piece) => {
    await sent(response, piece);
  });
  response.end();
  request.socket.setTimeout(PATIENCE.idle);
}

/** The body as text; undefined when it is too long or too slow. */
function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  return new Promise((resolve) => {
    const pieces: Buffer[] = [];
    let size = 0;
    const end = (body: string | undefined): void => {
      clearTimeout(late);
      request.removeAllListeners('data');
      resolve(body);
    };
    const late = setTimeout(() => end(undefined), PATIENCE.body);
    request.on('data', (piece: Buffer) => {
      size += piece.length;
      pieces.push(piece);
      if (size > LONGEST_BODY) end(undefined);
    });
    request.on('end', () => end(Buffer.concat(pieces).toString('utf8')));
    request.on('close', () => end(undefined));
  });
}

/** Sends a piece and waits until there is room for the next; false when the client has gone. */
function sent(response: ServerResponse, piece: Uint8Array): Promise<boolean> {
  if (response.destroyed || response.closed) return Promise.resolve(false);
  if (response.write(piece)) return Promise.resolve(true);
  return new Promise((resolve) => {
    const onDrain = (): void => {
      response.off('close', onClose);
      resolve(true);
    };
    const onClose = (): void => {
      response.off('drain', onDrain);
      resolve(false);
    };
    response.once('drain', onDrain);
    response.once('close', onClose);
  });
}

function refuse(response: ServerResponse, status: number, why: string): void {
  if (response.destroyed) return;
  const text = Buffer.from(`${why}\n`);
  response.setHeader('Content-Type', 'text/plain; charset=utf-8');
  response.setHeader('Content-Length', text.length);
  // The unread rest of a body must not be taken for the next request.
  response.setHeader('Connection', 'close');
  const { req: request } = response;
  response.writeHead(status).end(text, () => {
    if (!request.complete) setTimeout(() => request.destroy(), FAREWELL).unref();
  });
}

function oneLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/\s+/g, ' ').trim().slice(0, 300);
}
