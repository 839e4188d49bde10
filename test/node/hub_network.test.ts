// How the Hub downloader reaches the network: mirrors, proxies, and redirects into the machine's own network.

import { once } from 'node:events';
import { createServer, type RequestListener, request, type Server } from 'node:http';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { hubEnvironment } from '../../src/node/hub/environment.js';
import { networkOf } from '../../src/node/hub/network.js';
import { errorOf, ID, MODEL, useHub } from './hub_setup.js';

/** Names that only these tests know. */
const NAMES = vi.hoisted(() => new Map<string, string>());
vi.mock('node:dns', async (original) => {
  const real = await original<typeof import('node:dns')>();
  const lookup = (host: string, options: object, callback: (error: unknown, found?: unknown) => void) => {
    const address = NAMES.get(host);
    if (address === undefined) real.lookup(host, { ...options, all: true }, callback);
    else callback(null, [{ address, family: 4 }]);
  };
  return { ...real, lookup };
});

const bench = useHub();
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(listener: RequestListener): Promise<{ server: Server; at: string }> {
  const server = createServer(listener);
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return { server, at: typeof address === 'object' && address ? `http://127.0.0.1:${address.port}` : '' };
}

describe('a mirror', () => {
  test('that hands every request on to the Hub serves the model; the token goes to the mirror alone', async () => {
    const commit = bench.hub.commit(ID, MODEL);
    const tokens: unknown[] = [];
    const { at } = await serve((incoming, response) => {
      tokens.push(incoming.headers.authorization);
      response.writeHead(308, { Location: bench.hub.endpoint + incoming.url }).end('moved');
    });
    expect((await bench.fetchModel(ID, { env: { HF_ENDPOINT: at } })).commit).toBe(commit);
    expect(new Set(tokens)).toEqual(new Set(['Bearer hf_secret']));
    expect(bench.hub.hits.filter(({ authorization }) => authorization !== undefined)).toEqual([]);
    expect(await errorOf(bench.fetchModel('org/none', { env: { HF_ENDPOINT: at } }))).toMatch(
      /^org\/none: the Hub refuses the token|^org\/none: no such model/,
    );
  });
});

describe('proxies', () => {
  /** A proxy that hands plain requests on, and notes what it is asked for. */
  async function proxy() {
    const asked: string[] = [];
    const { server, at } = await serve((incoming, response) => {
      asked.push(`${incoming.method} ${incoming.url}`);
      const onward = request(
        incoming.url ?? '',
        { method: incoming.method, headers: incoming.headers },
        (answer) => {
          response.writeHead(answer.statusCode ?? 500, answer.headers);
          answer.pipe(response);
        },
      );
      incoming.pipe(onward);
    });
    server.on('connect', (incoming, socket) => {
      asked.push(`CONNECT ${incoming.url}`);
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    });
    return { asked, at };
  }

  test('are asked for what the environment says, and NO_PROXY is not', async () => {
    const commit = bench.hub.commit(ID, MODEL);
    const { asked, at } = await proxy();
    const { host } = new URL(bench.hub.endpoint);
    expect((await bench.fetchModel(ID, { env: { http_proxy: at } })).commit).toBe(commit);
    expect(asked[0]).toBe(`GET http://${host}/api/models/${ID}/revision/main?blobs=true`);
    expect(asked.some((line) => line.includes(new URL(bench.hub.storage).host))).toBe(true);
    asked.length = 0;
    const without = [{ NO_PROXY: '127.0.0.1' }, { no_proxy: '*' }, { HTTP_PROXY: '', HTTPS_PROXY: at }];
    for (const env of without) {
      await bench.fetchModel(ID, { update: true, env: { HTTP_PROXY: at, ...env } });
      expect(asked).toEqual([]);
    }
  });

  test.each(['HTTPS_PROXY', 'https_proxy', 'ALL_PROXY'])(
    '%s is asked to connect, and named when it does not',
    async (name) => {
      const { asked, at } = await proxy();
      const env = { HF_ENDPOINT: 'https://hub.invalid', [name]: at };
      expect(await errorOf(bench.fetchModel(ID, { env, patience: { tries: 1 } }))).toMatch(
        new RegExp(`^hub\\.invalid: no connection, .*403.* \\(${name} is set\\)`),
      );
      expect(asked).toEqual(['CONNECT hub.invalid:443']);
    },
  );

  test('of an unknown kind are refused without their password', async () => {
    const env = { HTTPS_PROXY: 'ftp://me:secret@proxy:21' };
    expect(await errorOf(bench.fetchModel(ID, { env }))).toMatch(
      /^the proxy "ftp:\/\/proxy:21" of HTTPS_PROXY or HTTP_PROXY is not supported; expected http/,
    );
  });
});

describe('a redirect', () => {
  test.each([
    ['to an address of the link', 'http://169.254.169.254/latest/meta-data/'],
    ['to the same address as one number', 'http://2852039166/'],
    ['to the same address in IPv6', 'http://[::ffff:a9fe:a9fe]/'],
    ['to a name of that address', 'http://metadata.test/'],
    ['to no address', 'file:///etc/passwd'],
  ])('%s is refused, and does not wait for the end of the answer', async (_, location) => {
    NAMES.set('metadata.test', '169.254.169.254');
    let closed: Promise<unknown> = Promise.reject(new Error('not asked'));
    closed.catch(() => undefined);
    const { at } = await serve((_incoming, response) => {
      closed = once(response, 'close');
      response.writeHead(302, { Location: location, 'Content-Type': 'text/plain' });
      response.write('never ends');
    });
    const line = await errorOf(bench.fetchModel(ID, { env: { HF_ENDPOINT: at } }));
    expect(line).toMatch(/refused/);
    await closed;
  });

  test('into the own network is followed from a Hub that lies there, and from no other', () => {
    const inside = [
      'http://127.0.0.1/',
      'http://[::1]/',
      'http://10.1.2.3/',
      'http://192.168.0.1/',
      'http://172.16.0.9/',
      'http://0.0.0.0/',
      'http://[fc00::1]/',
      'http://100.64.0.1/',
    ];
    const never = [
      'http://169.254.1.1/',
      'http://[fe80::1]/',
      'http://100.100.100.200/',
      'http://[fd00:ec2::254]/',
    ];
    const outside = ['https://cdn.example.org/', 'https://8.8.8.8/', 'https://[2606:4700::1]/'];
    const isFollowed = (endpoint: string) => (target: string) => {
      const network = networkOf(hubEnvironment({ HF_ENDPOINT: endpoint }));
      try {
        network.requireOutside(new URL(target), new URL(endpoint), 'org/name');
        return true;
      } catch (error) {
        expect(String(error)).toMatch(
          /Error: org\/name: \S+ redirects to \S+, an address of this machine's own network/,
        );
        return false;
      }
    };
    expect([...inside, ...never, ...outside].filter(isFollowed('https://huggingface.co'))).toEqual(outside);
    expect([...inside, ...never, ...outside].filter(isFollowed('http://10.0.0.1:8080'))).toEqual([
      ...inside,
      ...outside,
    ]);
  });
});
