// The Hub downloader against a fake Hub on loopback: what it asks for, what lies in the cache afterwards, and what it
// uses without asking. Refusals are in hub_refusals.test.ts, broken transfers in hub_transfer.test.ts.

import { readFileSync, realpathSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { examineCache } from '../../src/node/doctor.js';
import type { FetchProgress } from '../../src/node/hub/blob.js';
import { checkSnapshot, listCache } from '../../src/node/hub/check.js';
import type { FetchOptions } from '../../src/node/hub/snapshot.js';
import { etagOf, gitSha, noiseBytes, refuse, sha256 } from './fake_hub.js';
import { errorOf, ID, MODEL, put, SHARDS, tree, useHub, WEIGHTS } from './hub_setup.js';

/** What making a link fails with. */
const links = vi.hoisted((): { code: string | undefined } => ({ code: undefined }));
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>();
  const symlink: typeof real.symlink = async (...link) => {
    if (links.code !== undefined) throw Object.assign(new Error('no link'), { code: links.code });
    await real.symlink(...link);
  };
  return { ...real, symlink };
});

const bench = useHub();

describe('a download', () => {
  test('lays out the cache as Python does, fetches no other weights, and is not repeated', async () => {
    const commit = bench.hub.commit(ID, MODEL);
    const seen: number[] = [];
    const onProgress: FetchOptions['onProgress'] = ({ file, received, total }) => {
      if (file === 'model.safetensors') seen.push(received / total);
    };
    const snapshot = await bench.fetchModel(ID, { onProgress });
    const folder = join(bench.folderOf(), 'snapshots', commit);
    const files = ['config.json', 'generation_config.json', 'model.safetensors', 'tokenizer.json'];
    expect(snapshot).toEqual({ id: ID, revision: 'main', commit, folder, files });
    const blobs = Object.entries(MODEL).filter(([file]) => files.includes(file));
    expect(tree(bench.folderOf())).toEqual(
      [
        ...['preprocessor_config.json', 'special_tokens_map.json', 'tokenizer_config.json'].map(
          (file) => `.no_exist/${commit}/${file}`,
        ),
        ...blobs.map(([file, text]) => `blobs/${etagOf(file, Buffer.from(text))}`),
        'refs/main',
        ...blobs.map(
          ([file, text]) => `snapshots/${commit}/${file} -> ../../blobs/${etagOf(file, Buffer.from(text))}`,
        ),
      ].sort(),
    );
    expect(readFileSync(join(bench.folderOf(), 'refs', 'main'), 'utf8')).toBe(commit);
    expect(readFileSync(join(folder, 'model.safetensors')).equals(WEIGHTS)).toBe(true);
    expect(tree(join(bench.home, 'hub', '.locks'))).toEqual([]);
    expect(seen[0]).toBe(0);
    expect(seen.at(-1)).toBe(1);
    expect([...seen].sort((a, b) => a - b)).toEqual(seen);
    // Every file was asked for at the commit, and the token went to the Hub alone.
    const asked = bench.hub.hits.filter((hit) => hit.host === 'hub');
    expect(asked.slice(1).every((hit) => hit.path.includes(commit))).toBe(true);
    expect(new Set(asked.map((hit) => hit.authorization))).toEqual(new Set(['Bearer hf_secret']));
    expect(bench.hub.hits.filter((hit) => hit.host === 'storage').map((hit) => hit.authorization)).toEqual([
      undefined,
    ]);

    bench.hub.hits.length = 0;
    expect(await bench.fetchModel()).toEqual(snapshot);
    expect(await bench.fetchModel(`${ID}@${commit}`)).toEqual({ ...snapshot, revision: commit });
    expect(bench.hub.hits).toEqual([]);
    expect(await bench.fetchModel(ID, { update: true })).toEqual(snapshot);
    expect(bench.hub.hits.map((hit) => hit.path)).toEqual([`/api/models/${ID}/revision/main?blobs=true`]);

    const next = bench.hub.commit(ID, { ...MODEL, 'config.json': '{"model_type":"new"}' });
    expect((await bench.fetchModel()).commit).toBe(commit);
    bench.hub.hits.length = 0;
    expect((await bench.fetchModel(ID, { update: true })).commit).toBe(next);
    expect(bench.hub.downloads()).toEqual(['config.json']);
    expect(
      (await listCache(join(bench.home, 'hub'))).map(({ id, revisions, files }) => [
        id,
        revisions,
        files.size,
      ]),
    ).toEqual(
      [
        [ID, [], 4],
        [ID, ['main'], 4],
      ].sort(() => (commit < next ? 1 : -1)),
    );
    expect((await checkSnapshot(folder)).map((check) => check.verdict)).toEqual(Array(4).fill('intact'));
    writeFileSync(join(bench.folderOf(), 'blobs', sha256(WEIGHTS)), 'damaged');
    expect((await checkSnapshot(folder)).map((check) => check.verdict)).toEqual([
      'intact',
      'intact',
      'damaged',
      'intact',
    ]);
  });

  test('is read by doctor to the last byte, and what is damaged or gone is said, with what to do', async () => {
    const commit = bench.hub.commit(ID, MODEL);
    await bench.fetchModel();
    // Another's model is not ours to read.
    bench.makeAsPython('org/text', 'a'.repeat(40), { 'config.json': '{"model_type":"gpt2"}' });
    const cache = join(bench.home, 'hub');
    const told: FetchProgress[] = [];
    const onProgress = (progress: FetchProgress) => told.push(progress);
    const what = `${ID}@${commit.slice(0, 8)}`;
    expect(await examineCache(cache, { onProgress })).toEqual([
      { what, ok: true, detail: '4 files, 0.00 GB, intact' },
    ]);
    const ofWeights = told.filter(({ file }) => file === 'model.safetensors');
    expect(ofWeights.at(-1)).toMatchObject({ received: WEIGHTS.length, total: WEIGHTS.length });
    const blob = join(bench.folderOf(), 'blobs', sha256(WEIGHTS));
    const file = join(bench.folderOf(), 'snapshots', commit, 'model.safetensors');
    const remedy = `delete ${JSON.stringify(file)} and what that links to, then losscope pull ${ID}`;
    writeFileSync(blob, Buffer.from(WEIGHTS).fill(0, 0, 1));
    expect(await examineCache(cache)).toEqual([
      { what, ok: false, detail: 'damaged: model.safetensors (not the bytes that the Hub sent)', remedy },
    ]);
    await rm(blob);
    expect(await examineCache(cache)).toEqual([
      { what, ok: false, detail: 'gone: model.safetensors', remedy },
    ]);
    // What it says to do helps.
    await rm(file);
    await bench.fetchModel(ID, { update: true });
    expect((await examineCache(cache)).map(({ ok }) => ok)).toEqual([true]);
  });

  test('is read again by an update: what is damaged, cut short or taken away is fetched, and nothing else', async () => {
    const commit = bench.hub.commit(ID, MODEL);
    const { folder } = await bench.fetchModel();
    const weights = join(folder, 'model.safetensors');
    const damages: [string, () => unknown, string[]][] = [
      ['nothing', () => undefined, []],
      ['cut short', () => truncateSync(weights, 1000), ['model.safetensors']],
      ['a bit', () => writeFileSync(weights, Buffer.from(WEIGHTS).fill(1, 0, 1)), ['model.safetensors']],
      ['gone', () => rmSync(realpathSync(weights)), ['model.safetensors']],
      [
        'a file in the place of the link',
        () => {
          rmSync(weights);
          writeFileSync(weights, Buffer.from(WEIGHTS).fill(1, 0, 1));
          rmSync(join(bench.folderOf(), 'blobs', sha256(WEIGHTS)));
        },
        ['model.safetensors'],
      ],
      ['small', () => writeFileSync(join(folder, 'config.json'), 'other'), ['config.json']],
    ];
    for (const [name, damage, fetched] of damages) {
      damage();
      bench.hub.hits.length = 0;
      expect((await bench.fetchModel(ID, { update: true })).commit, name).toBe(commit);
      expect(bench.hub.downloads(), name).toEqual(fetched);
      expect(
        (await checkSnapshot(folder)).map(({ verdict }) => verdict),
        name,
      ).not.toContain('damaged');
      expect(readFileSync(weights).equals(WEIGHTS), name).toBe(true);
    }
  });

  test('where no links can be made puts the files themselves into the snapshot, as Python does', async () => {
    const commit = bench.hub.commit(ID, MODEL);
    links.code = 'EPERM';
    const { folder } = await bench.fetchModel();
    expect(readFileSync(join(folder, 'model.safetensors')).equals(WEIGHTS)).toBe(true);
    expect(tree(bench.folderOf()).filter((name) => name.includes('->') || name.includes('blobs/'))).toEqual(
      [],
    );
    bench.hub.hits.length = 0;
    await bench.fetchModel();
    expect(bench.hub.hits).toEqual([]);
    // A blob that another snapshot may use is copied.
    const next = bench.hub.commit(ID, { ...MODEL, 'config.json': '{"a":1}' });
    put(join(bench.folderOf(), 'blobs', sha256(WEIGHTS)), WEIGHTS);
    expect((await bench.fetchModel(ID, { update: true })).commit).toBe(next);
    expect(tree(bench.folderOf()).filter((name) => name.startsWith('blobs/'))).toHaveLength(1);
    truncateSync(join(bench.folderOf(), 'snapshots', next, 'model.safetensors'), 10);
    const again = await bench.fetchModel(ID, { update: true });
    expect(readFileSync(join(again.folder, 'model.safetensors')).equals(WEIGHTS)).toBe(true);
    expect(commit).not.toBe(next);
    // Anything else that keeps a link from being made is an error.
    links.code = 'ENOSPC';
    await rm(bench.folderOf(), { recursive: true });
    expect(await errorOf(bench.fetchModel())).toMatch(/no space left/);
    links.code = undefined;
  });

  test('of a repository that has only a variant takes it', async () => {
    const { 'model.safetensors': weights, ...others } = MODEL;
    bench.hub.commit(ID, { ...others, 'model.bf16.safetensors': 'x', 'model.fp16.safetensors': weights });
    expect((await bench.fetchModel()).files).toContain('model.fp16.safetensors');
    bench.hub.hits.length = 0;
    await bench.fetchModel();
    expect(bench.hub.hits).toEqual([]);
    const { 'model.safetensors.index.json': index, ...shards } = SHARDS;
    bench.hub.commit('org/sharded', { ...shards, 'model.safetensors.index.fp16.json': index });
    expect((await bench.fetchModel('org/sharded')).files).toEqual([
      'config.json',
      'model-00001-of-00002.safetensors',
      'model-00002-of-00002.safetensors',
      'model.safetensors.index.fp16.json',
    ]);
  });

  test('a commit that lands between two shards does not mix with the one before', async () => {
    const commit = bench.hub.commit(ID, SHARDS);
    bench.hub.intercept = ({ host }) => {
      if (host === 'storage')
        bench.hub.commit(ID, { ...SHARDS, 'model-00002-of-00002.safetensors': noiseBytes(4000, 9) });
      return false;
    };
    const snapshot = await bench.fetchModel();
    expect(snapshot.commit).toBe(commit);
    expect(snapshot.files).toEqual(Object.keys(SHARDS).sort());
    expect((await checkSnapshot(snapshot.folder)).map(({ verdict }) => verdict)).toEqual(
      Array(4).fill('intact'),
    );
    for (const file of ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'] as const) {
      expect(readFileSync(join(snapshot.folder, file)).equals(SHARDS[file])).toBe(true);
    }
  });

  test('tags, pull requests and spiece.model', async () => {
    const { 'tokenizer.json': _, ...slow } = MODEL;
    const commit = bench.hub.commit(ID, slow, 'refs%2Fpr%2F1');
    bench.hub.commit(ID, slow, 'refs/pr/1');
    const snapshot = await bench.fetchModel(`${ID}@refs/pr/1`);
    expect(snapshot.commit).not.toBe(commit);
    expect(snapshot.files).toContain('spiece.model');
    expect(readFileSync(join(bench.folderOf(), 'refs', 'refs', 'pr', '1'), 'utf8')).toBe(snapshot.commit);
    bench.hub.hits.length = 0;
    expect(await bench.fetchModel(`${ID}@refs/pr/1`)).toEqual(snapshot);
    expect(bench.hub.hits).toEqual([]);
  });
});

describe('a cache that Python made', () => {
  const { 'config.json': config, 'model.safetensors': weights } = MODEL;

  test('is used offline and when the Hub cannot be asked, and completed at its own commit', async () => {
    const commit = bench.hub.commit(ID, MODEL);
    bench.makeAsPython(ID, commit, { 'config.json': config, 'model.safetensors': weights });
    bench.hub.commit(ID, { ...MODEL, 'model.safetensors': noiseBytes(10, 7) });
    const files = ['config.json', 'model.safetensors'];
    expect(await bench.fetchModel(ID, { env: { HF_HUB_OFFLINE: '1' } })).toMatchObject({ commit, files });
    expect(bench.hub.hits).toEqual([]);
    bench.hub.intercept = (_hit, response) => {
      refuse(response, 403, 'GatedRepo', 'restricted');
      return true;
    };
    const refused = await bench.fetchModel();
    expect(refused).toMatchObject({ commit, files });
    expect(refused.notice).toMatch(/^using the copy in the cache, because .*has not accepted its licence/);
    const unreachable = await bench.fetchModel(ID, { env: { HF_ENDPOINT: 'http://127.0.0.1:9' } });
    expect(unreachable.notice).toMatch(/127\.0\.0\.1:9: no connection, or it broke off: ECONNREFUSED/);
    bench.hub.intercept = () => false;
    // A cache that cannot be written serves all the same.
    put(join(bench.folderOf(), '.no_exist'), '');
    const full = await bench.fetchModel();
    expect(full.notice).toMatch(/\.no_exist\/.*: cannot be written \((ENOTDIR|EEXIST)\): set HF_HOME/);
    await rm(join(bench.folderOf(), '.no_exist'));
    const whole = await bench.fetchModel();
    expect(whole).toMatchObject({
      commit,
      files: [...files.slice(0, 1), 'generation_config.json', 'model.safetensors', 'tokenizer.json'],
    });
    expect(bench.hub.downloads()).toEqual(['generation_config.json', 'tokenizer.json']);
    // What Python is downloading under its own names stays Python's.
    const foreign = [`${sha256(weights)}.incomplete`, `${gitSha(Buffer.from(config))}.1a2b3c4d.incomplete`];
    for (const name of foreign) writeFileSync(join(bench.folderOf(), 'blobs', name), 'x');
    await rm(join(bench.folderOf(), 'blobs', sha256(weights)));
    expect(bench.hub.downloads()).toHaveLength(2);
    expect((await bench.fetchModel()).files).toEqual(whole.files);
    expect(bench.hub.downloads().slice(2)).toEqual(['model.safetensors']);
    for (const name of foreign) expect(readFileSync(join(bench.folderOf(), 'blobs', name), 'utf8')).toBe('x');
  });

  test('in shards, offline; in part, offline', async () => {
    bench.makeAsPython(ID, '1'.repeat(40), SHARDS);
    const offline = { env: { HF_HUB_OFFLINE: '1' } };
    expect((await bench.fetchModel(ID, offline)).files).toEqual(Object.keys(SHARDS).sort());
    const { 'model-00002-of-00002.safetensors': _, ...part } = SHARDS;
    bench.makeAsPython('org/part', '2'.repeat(40), part);
    expect(await errorOf(bench.fetchModel('org/part', offline))).toMatch(
      /^org\/part: only in part in the cache \(.* has no model-00002-of-00002.safetensors\), and HF_HUB_OFFLINE is set; unset it, or .*losscope pull org\/part$/,
    );
    expect(await errorOf(bench.fetchModel('org/none@v2', offline))).toMatch(
      /^org\/none@v2: not in the cache \(/,
    );
    expect(bench.hub.hits).toEqual([]);
  });
});
