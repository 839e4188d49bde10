// The Hub downloader when bytes do not come as they should: cut, slow, wrong, from the wrong place, to two processes
// at once. Whatever happens, `blobs/` holds whole and verified files, or the beginning of one under another name.

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { gitSha, type Hit, refuse, send, sha256 } from './fake_hub.js';
import { errorOf, ID, put, useHub, WEIGHTS } from './hub_setup.js';

const MODEL = { 'config.json': '{"model_type":"musicgen"}', 'model.safetensors': WEIGHTS };

const bench = useHub();
afterEach(() => void vi.useRealTimers());
const ETAG = sha256(WEIGHTS);
const HALF = WEIGHTS.length / 2;
/** ms; longer than the tests wait. */
const STALL = 300_000;
const NEED = 'HEAD model.safetensors';
const blobs = (): string => join(bench.folderOf(), 'blobs');
const partials = (): string[] => readdirSync(blobs()).filter((name) => name.endsWith('.incomplete'));
const leavePartial = (bytes: Buffer): void =>
  put(join(blobs(), `${ETAG}.losscope-00000000.incomplete`), bytes);
const flipped = (bytes: Buffer): Buffer =>
  Buffer.from(bytes.map((byte, i) => (i === 12_345 ? byte ^ 1 : byte)));

/** Requests for the weights' bytes, by the part they asked for. */
const ranges = (): string[] =>
  bench.hub.hits.filter(({ host }) => host === 'storage').map(({ range }) => range ?? 'all');

/** Answers the first `times` downloads from the storage host by `answer`. */
function onDownload(answer: (hit: Hit, response: ServerResponse) => void, times = 1): void {
  let left = times;
  bench.hub.intercept = (hit, response) => {
    if (hit.host !== 'storage' || left-- <= 0) return false;
    answer(hit, response);
    return true;
  };
}

/** The whole length is promised; `length` bytes come, and the connection ends when they are on the disk. */
function cutAfter(length: number): (hit: Hit, response: ServerResponse) => void {
  return ({ range }, response) => {
    const from = Number(/\d+/.exec(range ?? '')?.[0] ?? 0);
    const headers = {
      'Content-Length': WEIGHTS.length - from,
      ...(range && { 'Content-Range': `bytes ${from}-${WEIGHTS.length - 1}/${WEIGHTS.length}` }),
    };
    response.writeHead(range ? 206 : 200, headers);
    response.write(WEIGHTS.subarray(from, from + length));
    void arrived(from + length).then(() => response.destroy());
  };
}

const whole = (bytes: Buffer) => (_hit: Hit, response: ServerResponse) =>
  send({ method: 'GET', headers: {} }, response, bytes);

async function expectGood(): Promise<void> {
  const { folder } = await bench.fetchModel();
  expect(readFileSync(join(folder, 'model.safetensors')).equals(WEIGHTS)).toBe(true);
  expect(partials()).toEqual([]);
}

/** Waits until a partial file on the disk holds so many bytes. */
async function arrived(bytes: number): Promise<void> {
  const isThere = (name: string): boolean =>
    (statSync(join(blobs(), name), { throwIfNoEntry: false })?.size ?? 0) >= bytes;
  while (!existsSync(blobs()) || !partials().some(isThere)) await pause(10);
}

/** Waits, then lets the clock of the downloader go on so far that it takes what it waits for as stalled. */
async function stalls(until: Promise<void>): Promise<void> {
  await until;
  vi.advanceTimersByTime(STALL);
}

describe('one process', () => {
  test('goes on where it was, or starts again where that cannot be', async () => {
    const rest = `bytes=${HALF}-`;
    const half = WEIGHTS.subarray(0, HALF);
    const cases: [string, () => void, string[]][] = [
      ['cut once', () => onDownload(cutAfter(HALF)), ['all', rest]],
      ['cut before the first byte', () => onDownload((_hit, response) => response.destroy()), ['all', 'all']],
      [
        '503 from the storage host',
        () => onDownload((_hit, response) => refuse(response, 503, '', '')),
        ['all', 'all'],
      ],
      [
        'a signed address that has expired',
        () => onDownload((_hit, response) => refuse(response, 403, '', '')),
        ['all', 'all'],
      ],
      ['a killed process left half', () => leavePartial(half), [rest]],
      ['a killed process left all', () => leavePartial(WEIGHTS), []],
      ['what was left is not its beginning', () => leavePartial(flipped(half)), [rest, 'all']],
      ['all that was left is wrong', () => leavePartial(flipped(WEIGHTS)), ['all']],
      ['what was left is too long', () => leavePartial(Buffer.concat([WEIGHTS, half])), ['all']],
      [
        'the server ignores Range',
        () => {
          leavePartial(half);
          onDownload(whole(WEIGHTS));
        },
        [rest],
      ],
      [
        'the server refuses the range',
        () => {
          leavePartial(half);
          onDownload((_hit, response) => response.writeHead(416).end());
        },
        [rest, 'all'],
      ],
      [
        'the server sends another range, and then a wrong byte',
        () => {
          leavePartial(half);
          onDownload((hit, response) => {
            if (hit.range === undefined) return whole(flipped(WEIGHTS))(hit, response);
            const range = `bytes 0-${WEIGHTS.length - 1}/${WEIGHTS.length}`;
            response.writeHead(206, { 'Content-Range': range }).end(WEIGHTS);
          }, 2);
        },
        [rest, 'all', 'all'],
      ],
      ['a wrong byte', () => onDownload(whole(flipped(WEIGHTS))), ['all', 'all']],
      ['too short without an error', () => onDownload(whole(half)), ['all', rest]],
      ['too long', () => onDownload(whole(Buffer.concat([WEIGHTS, half]))), ['all', 'all']],
    ];
    bench.hub.commit(ID, MODEL);
    for (const [name, setup, expected] of cases) {
      bench.hub.intercept = () => false;
      bench.hub.hits.length = 0;
      setup();
      await expectGood();
      expect(ranges(), name).toEqual(expected);
      await rm(bench.folderOf(), { recursive: true });
    }
  });

  test('gives up with one line, and publishes nothing', async () => {
    bench.hub.commit(ID, MODEL);
    const always = 99;
    const slow = (_hit: Hit, response: ServerResponse): void => {
      response.writeHead(200, { 'Content-Length': WEIGHTS.length });
      response.write('x');
      void stalls(arrived(1));
    };
    const silent = (): void => void stalls(pause(0));
    const patience = { stallMs: STALL, stallBytes: 1000 };
    const cases: [string, () => void, RegExp, number, number][] = [
      [
        'cut again and again',
        () => onDownload(cutAfter(1000), always),
        /no connection, or it broke off: other side closed; check the network and run again/,
        3,
        1,
      ],
      [
        'slow bytes',
        () => onDownload(slow, always),
        /127\.0\.0\.1:\d+ sent next to nothing for 300 s; check the network/,
        3,
        1,
      ],
      ['no answer', () => onDownload(silent, always), /sent next to nothing for 300 s/, 3, 1],
      [
        'wrong bytes, twice',
        () => onDownload(whole(flipped(WEIGHTS)), always),
        /expected 200000 bytes with hash \w{64}, twice came 200000 with \w{64}; deleted/,
        2,
        0,
      ],
      [
        'too long, twice',
        () => onDownload(whole(Buffer.alloc(300_000)), always),
        /expected 200000 bytes with hash \w{64}, twice came/,
        2,
        0,
      ],
      [
        '403 for ever',
        () => onDownload((_hit, response) => refuse(response, 403, '', ''), always),
        /the storage host 127\.0\.0\.1:\d+ answers 403; try again later/,
        3,
        1,
      ],
    ];
    // Time goes on as it does, and by leaps where a case says so.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'], shouldAdvanceTime: true });
    for (const [name, setup, expected, requests, left] of cases) {
      bench.hub.hits.length = 0;
      setup();
      const line = await errorOf(bench.fetchModel(ID, { patience }));
      expect(line, name).toMatch(expected);
      if (left > 0) expect(line, name).toContain(new URL(bench.hub.storage).host);
      expect(ranges(), name).toHaveLength(requests);
      expect(partials(), name).toHaveLength(left);
      expect(readdirSync(blobs())).not.toContain(ETAG);
      expect(readdirSync(bench.folderOf())).not.toContain('refs');
    }
    // The wrong bytes of the slow server are found out when it has become a good one.
    bench.hub.intercept = () => false;
    await expectGood();
  });

  test('checks small files by their git hash', async () => {
    const config = Buffer.from(MODEL['config.json']);
    bench.hub.commit(ID, MODEL);
    bench.hub.intercept = (hit, response) => {
      if (hit.file !== 'config.json' || !hit.path.includes('resolve-cache')) return false;
      response.setHeader('X-Repo-Commit', hit.path.split('/')[6]).setHeader('ETag', `"${gitSha(config)}"`);
      send({ method: hit.method, headers: {} }, response, Buffer.from(config.map((byte) => byte ^ 1)));
      return true;
    };
    expect(await errorOf(bench.fetchModel())).toMatch(
      /config.json: expected 25 bytes with hash \w{40}, twice came 25/,
    );
    expect(readdirSync(blobs())).toEqual([]);
  });

  test('an abort keeps what has come', async () => {
    bench.hub.commit(ID, MODEL);
    const controller = new AbortController();
    const reason = new Error('stopped by the user');
    onDownload((_hit, response) => {
      response.writeHead(200, { 'Content-Length': WEIGHTS.length }).write(WEIGHTS.subarray(0, HALF));
    });
    const stopped = expect(bench.fetchModel(ID, { signal: controller.signal })).rejects.toBe(reason);
    await arrived(HALF);
    controller.abort(reason);
    await stopped;
    expect(partials().map((name) => statSync(join(blobs(), name)).size)).toEqual([HALF]);
    await expectGood();
    expect(ranges()).toEqual(['all', `bytes=${HALF}-`]);
  });
});

describe('several processes', () => {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const code = `import { fetchSnapshot } from './src/node/hub/snapshot.ts';
    console.log(JSON.stringify(await fetchSnapshot('${ID}')));`;

  function start(): { child: ChildProcess; output: Promise<string> } {
    const env = { PATH: process.env.PATH, HF_HOME: bench.home, HF_ENDPOINT: bench.hub.endpoint };
    const args = ['--import', 'tsx', '--input-type=module', '--eval', code];
    const child = spawn(process.execPath, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.on('data', (chunk) => {
      text += chunk;
    });
    return { child, output: new Promise((settle) => child.on('close', () => settle(text))) };
  }

  test('one that is killed leaves its bytes, and no lock, to the next', async () => {
    bench.hub.commit(ID, MODEL);
    const { child, output } = start();
    onDownload((_hit, response) => {
      response.writeHead(200, { 'Content-Length': WEIGHTS.length }).write(WEIGHTS.subarray(0, HALF));
    });
    await arrived(HALF);
    child.kill('SIGKILL');
    expect(await output).toBe('');
    await expectGood();
    expect(ranges()).toEqual(['all', `bytes=${HALF}-`]);
  });

  test('fetch one file once, and all get it', async () => {
    const commit = bench.hub.commit(ID, MODEL);
    const others = [start(), start()];
    // The one that downloads gets its answer when all have come as far as to need the file, and a moment later.
    const needed = (): number =>
      bench.hub.hits.filter(({ method, file }) => `${method} ${file}` === NEED).length;
    onDownload(async (hit, response) => {
      while (needed() < 4) await pause(10);
      await pause(300);
      whole(WEIGHTS)(hit, response);
    }, 9);
    // The answer waits for processes that have yet to start: that is no stall, however busy the machine.
    const patient = { patience: { stallMs: STALL } };
    const own = await Promise.all([bench.fetchModel(ID, patient), bench.fetchModel(ID, patient)]);
    const theirs = (await Promise.all(others.map(({ output }) => output))).map((text) => JSON.parse(text));
    for (const snapshot of [...own, ...theirs]) expect(snapshot).toEqual(own[0]);
    expect(own[0].commit).toBe(commit);
    expect(ranges()).toEqual(['all']);
    await expectGood();
    expect(readdirSync(join(bench.home, 'hub', '.locks', 'models--org--small'))).toEqual([]);
  });
});
