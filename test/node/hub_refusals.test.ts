// What may be asked of a Hub, and what the downloader says when it is refused, or when the answer is not a Hub's.

import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { redirectTarget } from '../../src/node/hub/client.js';
import { hubEnvironment, parseModelId } from '../../src/node/hub/environment.js';
import type { FetchOptions } from '../../src/node/hub/snapshot.js';
import { gitSha, refuse, sha256 } from './fake_hub.js';
import { errorOf, type Files, ID, MODEL, SHARDS, useHub, WEIGHTS } from './hub_setup.js';

const bench = useHub();

describe('names and environment', () => {
  test('ids as the Hub allows them', () => {
    const long = 'x'.repeat(96);
    const good: [string, string, string][] = [
      ['facebook/musicgen-small', 'facebook/musicgen-small', 'main'],
      ['a/b@v1.0', 'a/b', 'v1.0'],
      ['a_1/B.c-d@refs/pr/3', 'a_1/B.c-d', 'refs/pr/3'],
      [`${long}/${long}@feature/x@y`, `${long}/${long}`, 'feature/x@y'],
    ];
    for (const [text, id, revision] of good) expect(parseModelId(text)).toEqual({ id, revision });
    const ids = [
      '',
      'gpt2',
      'a/b/c',
      '/b',
      'a/',
      '../b',
      'a/..',
      'a/b..c',
      'a/b--c',
      '-a/b',
      'a/b-',
      'a/.b',
      'a/b.',
      'a/b.git',
    ];
    ids.push('a b/c', 'a/b\n', 'ä/b', 'a/b%2e', 'a\\b', `${long}x/b`, 'https://h.co/a/b');
    const revisions = [
      '',
      '..',
      '../x',
      'a..b',
      '/a',
      'a/',
      'a//b',
      '.a',
      'a/.b',
      '-x',
      'a.lock',
      'a b',
      'a\nb',
      'a?b',
      'a#b',
      'a\\b',
    ];
    revisions.push('a:b', 'a~1', '@', 'é', 'x'.repeat(256));
    for (const text of [...ids, ...revisions.map((revision) => `a/b@${revision}`)]) {
      expect(() => parseModelId(text), text).toThrow(
        /; expected org\/name or org\/name@revision, for example/,
      );
    }
  });

  test("the variables of Python's huggingface_hub", () => {
    const at = (env: Record<string, string>) => hubEnvironment(env, { home: '/home/me' });
    expect(at({})).toEqual({
      endpoint: 'https://huggingface.co',
      cache: '/home/me/.cache/huggingface/hub',
      offline: false,
    });
    expect(at({ XDG_CACHE_HOME: '/xdg' }).cache).toBe('/xdg/huggingface/hub');
    expect(at({ XDG_CACHE_HOME: '/xdg', HF_HOME: '~/hf' }).cache).toBe('/home/me/hf/hub');
    expect(at({ HF_HOME: '/hf', HF_HUB_CACHE: '$DATA/c', DATA: '/d' }).cache).toBe('/d/c');
    expect(at({ HF_HOME: '', HUGGINGFACE_HUB_CACHE: '/old' }).cache).toBe('/old');
    expect(at({ HF_ENDPOINT: 'https://mirror.example/hf//' }).endpoint).toBe('https://mirror.example/hf');
    for (const bad of ['ftp://h', 'huggingface.co', 'https://me:pw@h', 'file:///x']) {
      expect(() => at({ HF_ENDPOINT: bad })).toThrow(/^HF_ENDPOINT is .*; expected an address like/);
    }
    for (const yes of ['1', 'on', 'True', 'YES']) expect(at({ HF_HUB_OFFLINE: yes }).offline).toBe(true);
    for (const no of ['', '0', 'false', 'no']) expect(at({ HF_HUB_OFFLINE: no }).offline).toBe(false);
    writeFileSync(join(bench.home, 'token'), ' hf_file\n');
    expect(at({ HF_HOME: bench.home })).toMatchObject({
      token: 'hf_file',
      tokenFrom: join(bench.home, 'token'),
    });
    expect(at({ HF_TOKEN_PATH: join(bench.home, 'token') }).token).toBe('hf_file');
    expect(at({ HF_HOME: bench.home, HF_TOKEN: 'hf_env\n' })).toMatchObject({
      token: 'hf_env',
      tokenFrom: 'HF_TOKEN',
    });
    expect(at({ HF_HOME: bench.home, HF_HUB_DISABLE_IMPLICIT_TOKEN: '1' }).token).toBeUndefined();
    expect(() => at({ HF_TOKEN: 'a\r\nHost: b' })).toThrow(/^HF_TOKEN: holds no token; expected one word/);
    expect(() => at({ HF_TOKEN_PATH: bench.home })).toThrow(/the token cannot be read/);
  });
});

describe('refusals', () => {
  const answer = (status: number, code = '', message = '', headers: Record<string, string> = {}) => {
    bench.hub.intercept = (_hit, response) => {
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
      refuse(response, status, code, message);
      return true;
    };
  };

  test('each status is one line that says what to do, after as many requests as make sense', async () => {
    bench.hub.commit(ID, MODEL);
    const anonymous = { env: { HF_TOKEN: '' } };
    const cases: [() => void, FetchOptions, RegExp, number][] = [
      [
        () => answer(401, 'GatedRepo'),
        anonymous,
        /licence must be accepted first: log in at \S+\/org\/small, accept it, and set HF_TOKEN/,
        1,
      ],
      [
        () => answer(403, 'GatedRepo'),
        {},
        /the token in HF_TOKEN has not accepted its licence.*\/org\/small/,
        1,
      ],
      [
        () => answer(401, 'RepoNotFound'),
        anonymous,
        /no such model, or a private one: check the spelling, or set HF_TOKEN/,
        1,
      ],
      [
        () => answer(401, '', 'Invalid credentials in Authorization header'),
        {},
        /refuses the token in HF_TOKEN/,
        1,
      ],
      [() => answer(403), {}, /the token in HF_TOKEN may not read it: check the token's permissions/, 1],
      [() => answer(404, 'RepoNotFound'), {}, /^org\/small: no such model at http/, 1],
      [
        () => answer(404, 'RevisionNotFound'),
        {},
        /no branch, tag or commit "main" of it; see \S+\/org\/small\/commits/,
        1,
      ],
      [
        () => answer(429, '', '', { 'Retry-After': '3600' }),
        {},
        /429, too many requests; try again in 3600 s$/,
        1,
      ],
      [
        () => answer(429, '', '', { 'Retry-After': '0' }),
        anonymous,
        /429, too many requests; try again in 0 s, or set HF_TOKEN/,
        3,
      ],
      [() => answer(503), {}, /the Hub answers 503; try again later/, 3],
      [() => answer(418), {}, /answers 418, which a Hub does not; check HF_ENDPOINT/, 1],
    ];
    for (const [setup, options, expected, requests] of cases) {
      setup();
      bench.hub.hits.length = 0;
      expect(await errorOf(bench.fetchModel(ID, options))).toMatch(expected);
      expect(bench.hub.hits, String(expected)).toHaveLength(requests);
    }
    expect(existsSync(bench.folderOf())).toBe(false);
    bench.hub.intercept = () => false;
    expect(await errorOf(bench.fetchModel('org/none', anonymous))).toMatch(
      /^org\/none: no such model, or a private one/,
    );
    expect(await errorOf(bench.fetchModel(`${ID}@v9`))).toMatch(
      /^org\/small@v9: the Hub has no branch, tag or commit "v9"/,
    );
    expect(
      await errorOf(
        bench.fetchModel(ID, { env: { HF_ENDPOINT: 'http://127.0.0.1:9', HTTPS_PROXY: 'http://p' } }),
      ),
    ).toMatch(/ECONNREFUSED \(HTTPS_PROXY is set\); check the network/);
  });

  test('a server that is busy for a moment is asked again', async () => {
    const commit = bench.hub.commit(ID, MODEL);
    const answered = new Set<string>();
    bench.hub.intercept = ({ method, path }, response) => {
      if (answered.has(method + path)) return false;
      answered.add(method + path);
      refuse(response.setHeader('Retry-After', '0'), path.includes('/api/') ? 429 : 503, '', '');
      return true;
    };
    expect((await bench.fetchModel()).commit).toBe(commit);
  });

  test('what is no Hub, no such model, or leads elsewhere', async () => {
    const page = (text: string) => () => {
      bench.hub.intercept = (_hit, response) => Boolean(response.end(text));
    };
    const redirect = (location: string) => () => {
      bench.hub.intercept = (_hit, response) =>
        Boolean(response.writeHead(302, { Location: location }).end());
    };
    const on = (file: string, headers: Record<string, string | number>) => () => {
      bench.hub.intercept = (hit, response) =>
        hit.file === file && hit.method === 'HEAD' && Boolean(response.writeHead(200, headers).end());
    };
    const sha = bench.hub.commit(ID, MODEL);
    const files = (model: Files) => () => {
      bench.hub.intercept = () => false;
      bench.hub.commit(ID, model);
    };
    const index = (shard: unknown) => ({
      ...SHARDS,
      'model.safetensors.index.json': JSON.stringify({ weight_map: { a: shard } }),
    });
    const repo = { 'X-Repo-Commit': sha };
    const cases: [() => void, RegExp][] = [
      [
        page('<html>Log in to the wifi'),
        /answers with a page that is not JSON .*: check HF_ENDPOINT, and whether the network/,
      ],
      [page('{"sha":"main","siblings":[]}'), /answers with no commit/],
      [page(`{"sha":"${sha}"}`), /answers with no list of files/],
      [
        redirect('file:///etc/passwd'),
        /redirects to "file:\/\/\/etc\/passwd", which is refused; expected an http or https address/,
      ],
      [redirect('ftp://example.org/x'), /redirects to "ftp:/],
      [redirect('http://me:pw@127.0.0.1/'), /redirects to "http:\/\/me:pw@/],
      [redirect('/elsewhere'), /more than 5 redirects/],
      [on('model.safetensors', repo), /no ETag that is a hash, so that nothing can be verified/],
      [on('model.safetensors', { ...repo, ETag: '"../../evil"' }), /no ETag that is a hash/],
      [on('model.safetensors', { ETag: `"${sha256(WEIGHTS)}"` }), /answers with no X-Repo-Commit/],
      [
        on('config.json', { 'X-Repo-Commit': 'f'.repeat(40) }),
        /answers with commit "f{40}" for [0-9a-f]{40}/,
      ],
      [
        on('model.safetensors', { ...repo, ETag: `"${'0'.repeat(64)}"` }),
        /answers with two hashes: 0{64} and "/,
      ],
      [
        on('model.safetensors', { ...repo, ETag: sha256(WEIGHTS), 'X-Linked-Size': 9e14 }),
        /needs 900000.00 GB more in .*; free some, or set HF_HOME/,
      ],
      [
        on('config.json', { ...repo, ETag: gitSha(Buffer.from('')), 'X-Linked-Size': 6e7 }),
        /config.json: 60000000 bytes, at most 50000000 expected/,
      ],
      [files({ 'README.md': '' }), /has no config.json; expected a model in the transformers layout/],
      [
        files({ 'config.json': '{}', 'state_dict.bin': 'x' }),
        /has state_dict\.bin \(audiocraft's own format\): take .*; expected model\.safetensors/,
      ],
      [
        files({ 'config.json': '{}', 'x.ckpt': 'x', 'y.gguf': 'y' }),
        /has its weights only as x\.ckpt, y\.gguf; expected model\.safetensors/,
      ],
      [
        files({ 'adapter_config.json': '{}', 'adapter_model.safetensors': 'x' }),
        /has adapter_config\.json \(an adapter, not a whole model\): merge it/,
      ],
      [files(index('model-3.safetensors')), /names model-3.safetensors, which the model has not/],
      ...[
        '../x.safetensors',
        '/x.safetensors',
        'a/b.safetensors',
        'a\\b.safetensors',
        '.x.safetensors',
        'x.bin',
        'C:x.safetensors',
        'x\n.safetensors',
        5,
      ].map((shard): [() => void, RegExp] => [
        files(index(shard)),
        /as a shard; expected \*.safetensors, a plain file name; not fetched/,
      ]),
      [
        files({ ...SHARDS, 'model.safetensors.index.json': '{"weight_map":{}}' }),
        /weight_map is not an object of file names/,
      ],
    ];
    for (const [setup, expected] of cases) {
      setup();
      expect(await errorOf(bench.fetchModel())).toMatch(expected);
      expect(existsSync(join(bench.folderOf(), 'refs'))).toBe(false);
      await rm(bench.folderOf(), { recursive: true, force: true });
    }
    expect(readdirSync(bench.home)).toEqual(['hub']);
    writeFileSync(join(bench.home, 'file'), '');
    bench.hub.commit(ID, MODEL);
    expect(await errorOf(bench.fetchModel(ID, { env: { HF_HUB_CACHE: join(bench.home, 'file') } }))).toMatch(
      /cannot be written \((ENOTDIR|EEXIST)\): set HF_HOME to a folder that you may write$/,
    );
    const from = new URL('https://huggingface.co/a/b');
    const to = (location: string) => redirectTarget(location, from, { model: parseModelId(ID) }).href;
    expect(to('/c')).toBe('https://huggingface.co/c');
    expect(to('https://cdn.example/c?x=1')).toBe('https://cdn.example/c?x=1');
    for (const bad of ['http://huggingface.co/c', 'http://cdn.example/', 'data:,x', '//a:b@c/']) {
      expect(() => to(bad)).toThrow(/which is refused; expected an https address/);
    }
  });
});
