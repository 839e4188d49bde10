// A Hugging Face Hub on loopback, for tests: models with commits, small files behind a relative redirect and LFS
// files behind a redirect to a second server, as the real one serves them. A test may answer any request itself.

import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

export interface Hit {
  readonly host: 'hub' | 'storage';
  readonly method: string;
  /** Path with query. */
  readonly path: string;
  readonly range?: string;
  readonly authorization?: string;
  /** What the request is about, where it is a file. */
  readonly file?: string;
}

/** Answers a request in the Hub's place; false leaves it to the Hub. `body` is the file's, on the storage host. */
export type Intercept = (hit: Hit, response: ServerResponse, body: Buffer) => boolean;

interface Commit {
  readonly sha: string;
  readonly files: ReadonlyMap<string, Buffer>;
}

export interface FakeHub {
  readonly endpoint: string;
  readonly storage: string;
  readonly hits: Hit[];
  intercept: Intercept;
  /** Makes a commit of a model and lets a branch point to it; `*.safetensors` and `*.bin` are LFS files. */
  commit(id: string, files: Readonly<Record<string, string | Buffer>>, branch?: string): string;
  /** Requests for the bytes of files. */
  downloads(): string[];
  close(): Promise<void>;
}

export const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
export const gitSha = (bytes: Buffer): string =>
  createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
const isLfs = (file: string): boolean => /\.(safetensors|bin)$/.test(file);
export const etagOf = (file: string, bytes: Buffer): string => (isLfs(file) ? sha256(bytes) : gitSha(bytes));

export async function startFakeHub(): Promise<FakeHub> {
  const branches = new Map<string, Map<string, string>>();
  const commits = new Map<string, Commit>();
  const lfs = new Map<string, { file: string; bytes: Buffer }>();
  const hits: Hit[] = [];
  const hubServer = createServer((request, response) => onHub(request, response));
  const storageServer = createServer((request, response) => onStorage(request, response));
  // Idle connections are never closed from here: a client that leaves one behind does not come to its end.
  for (const server of [hubServer, storageServer]) server.keepAliveTimeout = 0;
  const [endpoint, storage] = await Promise.all([listen(hubServer), listen(storageServer)]);

  const hub: FakeHub = {
    endpoint,
    storage,
    hits,
    intercept: () => false,
    commit(id, files, branch = 'main') {
      const contents = new Map(Object.entries(files).map(([name, text]) => [name, Buffer.from(text)]));
      const sha = createHash('sha1').update(`${id} ${commits.size}`).digest('hex');
      commits.set(sha, { sha, files: contents });
      for (const [file, bytes] of contents) if (isLfs(file)) lfs.set(sha256(bytes), { file, bytes });
      branches.set(id, (branches.get(id) ?? new Map()).set(branch, sha));
      return sha;
    },
    downloads: () =>
      hits.flatMap(({ method, path, file }) =>
        method === 'GET' && file !== undefined && !path.includes('/resolve/') ? [file] : [],
      ),
    async close() {
      await Promise.all([hubServer, storageServer].map(stop));
    },
  };

  function find(id: string, revision: string): Commit | undefined {
    const heads = branches.get(id);
    return heads && commits.get(heads.get(revision) ?? revision);
  }

  function onHub(request: IncomingMessage, response: ServerResponse): void {
    const path = request.url ?? '/';
    const [, org, name, , revision, file] =
      /^\/([^/]+)\/([^/]+)\/(resolve)\/([^/]+)\/([^/?]+)$/.exec(path) ?? [];
    const cached = /^\/api\/resolve-cache\/models\/([^/]+\/[^/]+)\/([^/]+)\/([^/?]+)$/.exec(path);
    const hit = note('hub', request, path, file ?? cached?.[3]);
    const listed = /^\/api\/models\/([^/]+\/[^/]+)\/revision\/([^/?]+)/.exec(path);
    const id = listed?.[1] ?? cached?.[1] ?? `${org}/${name}`;
    const found = find(id, decodeURIComponent(listed?.[2] ?? cached?.[2] ?? revision ?? ''));
    const bytes = found?.files.get(hit.file ?? '');
    if (hub.intercept(hit, response, bytes ?? Buffer.alloc(0))) return;
    if (found) response.setHeader('X-Repo-Commit', found.sha);
    if (!branches.has(id)) refuse(response, 401, 'RepoNotFound', 'Invalid username or password.');
    else if (!found) refuse(response, 404, 'RevisionNotFound', 'Invalid rev id');
    else if (listed) answerListing(response, id, found);
    else if (!bytes || hit.file === undefined) refuse(response, 404, 'EntryNotFound', 'Entry not found');
    else if (cached) send(request, response.setHeader('ETag', `W/"${gitSha(bytes)}"`), bytes);
    else if (isLfs(hit.file)) {
      response.setHeader('X-Linked-Etag', `"${sha256(bytes)}"`);
      response.setHeader('X-Linked-Size', bytes.length);
      response.setHeader('ETag', '"of-the-redirect"');
      response.writeHead(302, { Location: `${storage}/${sha256(bytes)}?signature=abc` }).end('Found');
    } else {
      const location = `/api/resolve-cache/models/${id}/${found.sha}/${hit.file}`;
      response.writeHead(307, { Location: location }).end();
    }
  }

  function onStorage(request: IncomingMessage, response: ServerResponse): void {
    const path = request.url ?? '/';
    const found = lfs.get(path.slice(1, 65));
    const hit = note('storage', request, path, found?.file);
    if (hub.intercept(hit, response, found?.bytes ?? Buffer.alloc(0))) return;
    if (found) send(request, response, found.bytes);
    else refuse(response, 404, 'NoSuchKey', 'gone');
  }

  function note(host: Hit['host'], request: IncomingMessage, path: string, file: string | undefined): Hit {
    const { range, authorization } = request.headers;
    const method = request.method ?? '';
    const hit = {
      host,
      method,
      path,
      ...(range && { range }),
      ...(authorization && { authorization }),
      ...(file && { file }),
    };
    hits.push(hit);
    return hit;
  }

  return hub;
}

function answerListing(response: ServerResponse, id: string, { sha, files }: Commit): void {
  const siblings = [...files].map(([rfilename, bytes]) => ({
    rfilename,
    size: bytes.length,
    blobId: gitSha(bytes),
    ...(isLfs(rfilename) && { lfs: { sha256: sha256(bytes), size: bytes.length, pointerSize: 130 } }),
  }));
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ id, sha, siblings }));
}

/** The body, or the part of it that Range asks for. */
export function send(
  request: Pick<IncomingMessage, 'method' | 'headers'>,
  response: ServerResponse,
  bytes: Buffer,
): void {
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? -1);
  if (from >= bytes.length) {
    response.writeHead(416, { 'Content-Range': `bytes */${bytes.length}` }).end();
    return;
  }
  const part = from < 0 ? bytes : bytes.subarray(from);
  if (from >= 0) response.setHeader('Content-Range', `bytes ${from}-${bytes.length - 1}/${bytes.length}`);
  response.writeHead(from < 0 ? 200 : 206, { 'Content-Length': part.length });
  response.end(request.method === 'HEAD' ? undefined : part);
}

export function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  response.writeHead(status, { 'X-Error-Code': code, 'X-Error-Message': message }).end(message);
}

function listen(server: Server): Promise<string> {
  return new Promise((settle) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (typeof address !== 'object' || address === null) throw new Error('the fake Hub has no port');
      settle(`http://127.0.0.1:${address.port}`);
    });
  });
}

function stop(server: Server): Promise<void> {
  return new Promise((settle) => {
    server.close(() => settle());
    server.closeAllConnections();
  });
}

/** Bytes that look like nothing in particular, the same for one seed. */
export function noiseBytes(length: number, seed: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let i = 0, x = seed; i < length; i++) {
    x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
    bytes[i] = x >>> 24;
  }
  return bytes;
}
