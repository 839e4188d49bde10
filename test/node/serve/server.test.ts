// The local server of `losscope view` under what browsers, other pages and broken clients can do to it. Plain sockets, so
// that no client library puts a request right before it is sent.

import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SAFE_HEADERS } from '../../../src/node/serve/guard.js';
import type { Resource } from '../../../src/node/serve/resource.js';
import { inUrl, isReachable, type Serving, serve } from '../../../src/node/serve/server.js';
import { soundFiles } from '../../../src/node/serve/sounds.js';
import { generator, seedOf } from '../../../src/stats/random.js';

/** As it is built: a thread of Node 20 loads no TypeScript. */
const BUILT = pathToFileURL(
  path.join(import.meta.dirname, '..', '..', '..', 'dist', 'node', 'serve', 'server.js'),
).href;
const CANARY = 'canary-3f1c: never to be sent';
const folder = mkdtempSync(path.join(tmpdir(), 'losscope-serve-'));
/** 600 s of 16-bit sound at 32 kHz: what is in it does not matter, only where. */
const long = new Uint8Array(600 * 32_000 * 2).map((_, i) => (i * 31 + (i >> 8) * 7) & 255);
const warnings: string[] = [];
const questions: string[] = [];
let serving: Serving;

beforeAll(async () => {
  writeFileSync(path.join(folder, 'canary.txt'), CANARY);
  writeFileSync(path.join(folder, 'long.wav'), long);
  const resources = new Map<string, Resource>([
    ['/', { type: 'text/html; charset=utf-8', make: async () => Buffer.from('<!doctype html>the page') }],
    ['/clips/0.wav', { type: 'audio/wav', file: path.join(folder, 'long.wav') }],
    ['/gone.wav', { type: 'audio/wav', file: path.join(folder, 'gone.wav') }],
    [
      '/slow.lsv',
      { type: 'application/octet-stream', make: () => sleep(13_000, Buffer.from('measured at last')) },
    ],
    ['/model/config.json', { type: 'application/json', make: async () => Buffer.from('{}') }],
  ]);
  const answers = new Map([
    [
      '/api/ask',
      async (body: string, send: (piece: Uint8Array) => Promise<void>) => {
        questions.push(body);
        await send(Buffer.from(`heard ${body.length}`));
      },
    ],
  ]);
  serving = await serve({ resources, answers, port: 0, warn: (line) => warnings.push(line) });
});
afterAll(async () => {
  await serving.close();
  rmSync(folder, { recursive: true });
});

interface Reply {
  readonly status: number;
  readonly head: string;
  readonly body: Buffer;
}

const host = (): string => `127.0.0.1:${serving.port}`;

function get(target: string, headers: readonly string[] = []): string {
  return [`GET ${target} HTTP/1.1`, `Host: ${host()}`, 'Connection: close', ...headers, '', ''].join('\r\n');
}

/** Sends bytes as they are and takes what comes until the server closes. Status 0: closed without a word. */
function send(request: string | Buffer, { patience = 100_000 } = {}): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    const socket = connect(serving.port, '127.0.0.1', () => socket.write(request));
    const late = setTimeout(() => {
      socket.destroy();
      reject(new Error(`no answer within ${patience} ms to ${request.slice(0, 80)}`));
    }, patience);
    socket.on('data', (piece: Buffer) => pieces.push(piece));
    socket.on('error', () => undefined); // a reset is a way to close
    socket.on('close', () => {
      clearTimeout(late);
      const all = Buffer.concat(pieces);
      const end = all.indexOf('\r\n\r\n');
      const head = all.subarray(0, Math.max(0, end)).toString('latin1');
      resolve({
        status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0),
        head,
        body: all.subarray(end + 4),
      });
    });
  });
}

/** It still serves, and at once. */
async function lives(): Promise<void> {
  const { status, body } = await send(get('/'));
  expect([status, body.toString()]).toEqual([200, '<!doctype html>the page']);
}

describe('paths', () => {
  test('60 spellings of a way out lead nowhere', async () => {
    const ways = [
      '/../canary.txt',
      '/..%2fcanary.txt',
      '/%2e%2e/canary.txt',
      '/%2e%2e%2fcanary.txt',
      '/%252e%252e/canary.txt',
      '/..\\canary.txt',
      '/%5c..%5ccanary.txt',
      '/./.././canary.txt',
      '/a/..;/canary.txt',
      '/....//canary.txt',
      '/..%00/canary.txt',
      '/%c0%ae%c0%ae/canary.txt',
      '/%uff0e%uff0e/canary.txt',
      '/public-sibling/canary.txt',
      '//etc/passwd',
      `/${folder}/canary.txt`,
      '/?file=../canary.txt',
      '/clips/0.wav?name=/etc/passwd',
      '/canary.txt%20',
      '/.%2e/canary.txt',
    ];
    const all = ways.flatMap((way) => [way, `/clips${way}`, `http://${host()}${way}`]);
    expect(all).toHaveLength(60);
    for (const way of all) {
      const { status, body, head } = await send(get(way));
      expect([400, 403, 404], way).toContain(status);
      expect(`${head}${body}`, way).not.toContain('canary-3f1c');
      expect(`${head}${body}`, way).not.toContain('root:');
    }
    await lives();
  });

  test('a link that leaves a folder of sounds is not offered', async () => {
    const sounds = mkdtempSync(path.join(folder, 'sounds-'));
    writeFileSync(path.join(sounds, 'a.wav'), 'x');
    symlinkSync(path.join(folder, 'canary.txt'), path.join(sounds, 'link.wav'));
    expect(await soundFiles(sounds)).toEqual([path.join(sounds, 'a.wav')]);
  });

  test('what is gone is told in one line, without where it was', async () => {
    const { status, body } = await send(get('/gone.wav'));
    expect(status).toBe(404);
    expect(body.toString()).toBe('this file is no longer there\n');
  });
});

test('what takes longer to make than a client may be silent is sent all the same', async () => {
  const { status, body } = await send(get('/slow.lsv'));
  expect([status, body.toString()]).toEqual([200, 'measured at last']);
});

describe('who may ask', () => {
  test('only this machine by its own names', async () => {
    const right = (name: string) => `GET / HTTP/1.1\r\nConnection: close\r\nHost: ${name}\r\n\r\n`;
    for (const name of ['localhost', '127.0.0.1']) {
      expect((await send(right(`${name}:${serving.port}`))).status, name).toBe(200);
    }
    const port = serving.port;
    const wrong = [
      'evil.example',
      `evil.example:${port}`,
      `127.evil.com:${port}`,
      `localhost.evil.com:${port}`,
      `127.0.0.1.nip.io:${port}`,
      `0.0.0.0:${port}`,
      `[::ffff:127.0.0.1]:${port}`,
      `127.0.0.1:${port + 1}`,
      '',
      `LOCALHOST:${port}`,
      `localhost.:${port}`,
      `user@localhost:${port}`,
    ].map(right);
    const two = `GET / HTTP/1.1\r\nConnection: close\r\nHost: ${host()}\r\nHost: evil.example\r\n\r\n`;
    const none = 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n';
    for (const request of [...wrong, two, none]) {
      const { status, body } = await send(request);
      expect([400, 403, 421], request).toContain(status);
      expect(body.toString(), request).not.toContain('the page');
    }
  });

  test('pages from elsewhere neither read nor make it work', async () => {
    const before = questions.length;
    const post = (headers: readonly string[], body = '{}') =>
      [
        `POST /api/ask HTTP/1.1`,
        `Host: ${host()}`,
        'Connection: close',
        `Content-Length: ${body.length}`,
        ...headers,
        '',
        body,
      ].join('\r\n');
    const own = [`Origin: http://${host()}`, 'Content-Type: application/json'];
    const foreign = [
      post(['Origin: http://evil.example', 'Content-Type: application/json']),
      post(['Origin: null', 'Content-Type: application/json']),
      post(['Content-Type: application/json']),
      post([...own, 'Sec-Fetch-Site: cross-site']),
      post([own[0], 'Content-Type: text/plain']),
      post([own[0], 'Content-Type: multipart/form-data; boundary=x']),
      post([own[0], 'Content-Type: application/x-www-form-urlencoded']),
      get('/model/config.json', [
        'Sec-Fetch-Site: cross-site',
        'Sec-Fetch-Mode: no-cors',
        'Sec-Fetch-Dest: script',
      ]),
    ];
    for (const request of foreign) expect((await send(request)).status, request).toBe(403);
    expect((await send(get('/api/ask'))).status).toBe(404);
    expect(questions).toHaveLength(before);
    const { status, body, head } = await send(post([...own, 'Sec-Fetch-Site: same-origin'], '{"a":1}'));
    expect([status, questions.at(-1)]).toEqual([200, '{"a":1}']);
    expect(body.toString()).toContain('heard 7');
    expect(head).not.toMatch(/access-control/i);
  });

  test('every answer carries the policy', async () => {
    const requests = [
      get('/'),
      get('/nothing'),
      get('/clips/0.wav', ['Range: bytes=0-9']),
      get('/', ['Origin: http://evil.example']),
    ];
    for (const request of requests) {
      const { head } = await send(request);
      for (const [name, value] of Object.entries(SAFE_HEADERS)) expect(head).toContain(`${name}: ${value}`);
      expect(head).not.toMatch(/access-control/i);
    }
    const policy = SAFE_HEADERS['Content-Security-Policy'];
    for (const part of [
      "default-src 'none'",
      "script-src 'self' 'wasm-unsafe-eval'",
      "frame-ancestors 'none'",
      "base-uri 'none'",
      "form-action 'self'",
    ]) {
      expect(policy).toContain(part);
    }
    expect(policy).not.toMatch(/unsafe-inline|'unsafe-eval'|https?:/);
  });

  test('another address than this machine’s own demands a token', async () => {
    const options = { resources: new Map(), port: 0, warn: () => undefined };
    await expect(serve({ ...options, host: '0.0.0.0' })).rejects.toThrow(
      /--host 0\.0\.0\.0: .*needs a token/,
    );
    const page = { type: 'text/plain', make: async () => Buffer.from('secret page') };
    const guarded = await serve({
      ...options,
      resources: new Map([['/', page]]),
      host: '0.0.0.0',
      token: 'abc-123',
    });
    const ask = async (target: string, cookie?: string) => {
      const headers: Record<string, string> = cookie === undefined ? {} : { Cookie: cookie };
      return (await fetch(`http://127.0.0.1:${guarded.port}${target}`, { headers })).status;
    };
    expect([
      await ask('/'),
      await ask('/?token=abc'),
      await ask('/?token=abc-123'),
      await ask('/', 'losscope=abc-123'),
    ]).toEqual([403, 403, 200, 200]);
    await guarded.close();
  });

  test('the other address of this machine alone, ::1, needs no token, and its name stands in brackets', async () => {
    expect(['::1', '127.0.0.1', '0.0.0.0', '::'].map(isReachable)).toEqual([false, false, true, true]);
    expect(['::1', '127.0.0.1'].map(inUrl)).toEqual(['[::1]', '127.0.0.1']);
    const page = { type: 'text/plain', make: async () => Buffer.from('page') };
    const own = await serve({
      resources: new Map([['/', page]]),
      host: '::1',
      port: 0,
      warn: () => undefined,
    });
    expect((await fetch(`http://[::1]:${own.port}/`)).status).toBe(200);
    await own.close();
  });

  test('a taken port is said', async () => {
    const options = { resources: new Map(), port: serving.port, warn: () => undefined };
    await expect(serve(options)).rejects.toThrow(
      /^port \d+ of 127\.0\.0\.1 is taken; choose another \(--port\), or 0 for any$/,
    );
  });
});

describe('ranges', { timeout: 200_000 }, () => {
  test('1,000 at once on ten minutes of sound: the right bytes, and every file closed again', async () => {
    const random = generator(seedOf('ranges'));
    const size = long.length;
    const start = (): number => random.integer(size);
    const kinds: readonly (() => string)[] = [
      () => {
        const from = start();
        return `bytes=${from}-${Math.min(size - 1, from + random.integer(200_000))}`;
      },
      () => `bytes=${size - 1 - random.integer(100_000)}-`,
      () => `bytes=-${1 + random.integer(1000)}`,
      () => `bytes=${size + random.integer(1000)}-`,
      () => 'bytes=9223372036854775808-',
      () => `bytes=0-0,${Array.from({ length: 1000 }, (_, i) => `${2 * i + 2}-${2 * i + 2}`).join(',')}`,
    ];
    const files = descriptors();
    const memory = process.memoryUsage().rss;
    let largest = memory;
    const watch = setInterval(() => {
      largest = Math.max(largest, process.memoryUsage().rss);
    }, 50);
    const wanted = Array.from({ length: 1000 }, (_, i) => kinds[i % kinds.length]());
    const replies = await Promise.all(
      wanted.map((range) => send(get('/clips/0.wav', [`Range: ${range}`]), { patience: 110_000 })),
    );
    clearInterval(watch);
    replies.forEach(({ status, head, body }, i) => {
      expect([206, 416], wanted[i].slice(0, 60)).toContain(status);
      if (status === 416) return;
      const [, from, to] = (/Content-Range: bytes (\d+)-(\d+)\//.exec(head) ?? []).map(Number);
      expect(body.length, wanted[i]).toBe(to + 1 - from);
      expect(body.equals(Buffer.from(long.buffer, from, to + 1 - from)), wanted[i]).toBe(true);
    });
    expect(replies.filter(({ status }) => status === 206).length).toBe(501);
    // What came back is held here as well: some 60 MB of it.
    expect(largest - memory).toBeLessThan(300e6);
    await expect.poll(descriptors).toBeLessThanOrEqual(files);
  });

  test('what means nothing is answered with the whole file', async () => {
    for (const range of ['bytes=abc', 'bytes=5-2', 'bytes=-', 'lines=1-2']) {
      const { status, body } = await send(get('/clips/0.wav', [`Range: ${range}`]));
      expect([status, body.length], range).toEqual([200, long.length]);
    }
    const { status, head } = await send(get('/clips/0.wav').replace('GET', 'HEAD'));
    expect([status, /Content-Length: (\d+)/.exec(head)?.[1]]).toEqual([200, String(long.length)]);
    const tag = /ETag: (.*)/.exec(head)?.[1] ?? '';
    expect((await send(get('/clips/0.wav', [`If-None-Match: ${tag}`]))).status).toBe(304);
  });
});

describe('clients that do no good', { timeout: 300_000 }, () => {
  test('1,500 slow ones are closed, and a normal request waits for none of them', async () => {
    // In a thread of its own: here server and clients would wait for each other.
    const worker = new Worker(
      `const { parentPort, workerData } = require('node:worker_threads');
      import(workerData.module).then(async ({ serve }) => {
        const resources = new Map([
          ['/', { type: 'text/html', make: async () => Buffer.from('the page') }],
          ['/long.wav', { type: 'audio/wav', file: workerData.file }],
        ]);
        const answers = new Map([['/api/ask', async () => undefined]]);
        const { port } = await serve({ resources, answers, port: 0, warn: () => undefined });
        parentPort.postMessage(port);
      });`,
      { eval: true, workerData: { module: BUILT, file: path.join(folder, 'long.wav') } },
    );
    const port = await new Promise<number>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
    const own = `Host: 127.0.0.1:${port}\r\n`;
    const open = (first: string): Socket => {
      const socket = connect(port, '127.0.0.1', () => socket.write(first));
      socket.on('error', () => undefined);
      return socket;
    };
    // Both would read; only then do they see that they were closed.
    const slow = Array.from({ length: 500 }, () => open('G').resume());
    const mute = Array.from({ length: 500 }, () => open('').resume());
    const deaf = Array.from({ length: 500 }, () => open(`GET /long.wav HTTP/1.1\r\n${own}\r\n`).pause());
    const body = open(
      `POST /api/ask HTTP/1.1\r\n${own}Origin: http://127.0.0.1:${port}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{`,
    ).resume();
    const drip = setInterval(() => {
      for (const socket of slow) if (!socket.destroyed) socket.write('E');
    }, 5000);
    const begun = performance.now();
    const waits: number[] = [];
    for (let i = 0; i < 5; i++) {
      const asked = performance.now();
      const response = await fetch(`http://127.0.0.1:${port}/`, { headers: { Connection: 'close' } });
      expect(await response.text()).toBe('the page');
      waits.push(performance.now() - asked);
    }
    const open1500 = [...slow, ...mute, body];
    const closed = () => open1500.filter(({ destroyed }) => destroyed).length;
    await expect.poll(closed, { timeout: 120_000 }).toBe(open1500.length);
    const took = (performance.now() - begun) / 1000;
    clearInterval(drip);
    for (const socket of deaf) socket.destroy();
    await worker.terminate();
    // 15 s and 1 s on a machine that has nothing else to do: printed, since a busy one takes longer.
    process.stderr.write(
      `slow clients: closed after ${took.toFixed(1)} s; a normal request took ${waits.map((ms) => ms.toFixed(0)).join(', ')} ms\n`,
    );
  });

  test('what is too large or no HTTP is refused or closed', async () => {
    const headers = `Host: ${host()}\r\nOrigin: http://${host()}\r\nContent-Type: application/json\r\n`;
    const random = generator(seedOf('noise'));
    const noise = Buffer.from(Uint8Array.from({ length: 1_000_000 }, () => random.integer(256)));
    const requests: readonly (string | Buffer)[] = [
      get('/', [`X-Long: ${'x'.repeat(100_000)}`]),
      get(`/${'a'.repeat(100_000)}`),
      get(
        '/',
        Array.from({ length: 10_000 }, (_, i) => `X-${i}: 1`),
      ),
      `POST /api/ask HTTP/1.1\r\n${headers}Content-Length: 1000000000\r\n\r\n`,
      `POST /api/ask HTTP/1.1\r\n${headers}Transfer-Encoding: chunked\r\n\r\n${`10000\r\n${'x'.repeat(65_536)}\r\n`.repeat(20)}`,
      `POST /api/ask HTTP/1.1\r\n${headers}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      'GET /\r\n',
      Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc]),
      noise,
      get('/').replace('GET', 'BREW'),
      `GET / HTTP/1.1\r\nHost: ${host()}\r\nContent-Length: 3\r\n\r\nabc`,
    ];
    const before = questions.length;
    for (const request of requests) {
      const { status } = await send(request);
      expect(status === 0 || (status >= 400 && status < 500), `${status} for ${request.slice(0, 60)}`).toBe(
        true,
      );
    }
    expect(questions).toHaveLength(before);
    const piped = await send(get('/').replace('Connection: close\r\n', '').repeat(999) + get('/'));
    expect(piped.head + piped.body.toString('latin1')).toMatch(/HTTP\/1\.1 200/);
    await lives();
  });

  test('a connection that nothing came through is closed without a word; one that has begun to ask is told', async () => {
    const [unused, begun] = await Promise.all([send(''), send('G')]);
    expect([unused.status, begun.status]).toEqual([0, 400]);
  });

  test('1,000 that go away in the middle leave nothing behind', async () => {
    const files = descriptors();
    for (let round = 0; round < 10; round++) {
      await Promise.all(
        Array.from(
          { length: 100 },
          () =>
            new Promise<void>((resolve) => {
              const socket = connect(serving.port, '127.0.0.1', () => socket.write(get('/clips/0.wav')));
              socket.once('data', () => socket.destroy());
              socket.on('error', () => undefined);
              socket.on('close', () => resolve());
            }),
        ),
      );
    }
    await expect.poll(descriptors).toBeLessThanOrEqual(files);
    await lives();
  });

  test('10,000 mutated requests: it answers as before', async () => {
    const random = generator(seedOf('mutations'));
    const seeds = [
      get('/'),
      get('/clips/0.wav', ['Range: bytes=0-9']),
      get('/model/config.json'),
      `POST /api/ask HTTP/1.1\r\nHost: ${host()}\r\nContent-Length: 2\r\n\r\n{}`,
    ];
    const mutated = (): Buffer => {
      const bytes = Buffer.from(seeds[random.integer(seeds.length)]);
      for (let i = 0; i <= random.integer(4); i++) bytes[random.integer(bytes.length)] = random.integer(256);
      return bytes.subarray(0, random.integer(8) === 0 ? 1 + random.integer(bytes.length) : bytes.length);
    };
    // What is cut off short would wait for its end: the client hangs up after its last byte.
    const once = (request: Buffer): Promise<void> =>
      new Promise((resolve) => {
        const socket = connect(serving.port, '127.0.0.1', () => socket.end(request));
        socket.on('error', () => undefined);
        socket.on('close', () => resolve());
        socket.resume();
      });
    for (let i = 0; i < 100; i++) await Promise.all(Array.from({ length: 100 }, () => once(mutated())));
    await lives();
    expect(warnings).toEqual([]);
  });
});

/** Open files and sockets of this process. */
function descriptors(): number {
  return readdirSync('/proc/self/fd').length;
}
