// A study's store as `losscope view` serves it, and the explorer as plain files: what is seen is what was measured.

import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatOf } from '../../../src/loss/encode.js';
import { openNamedModel } from '../../../src/node/open.js';
import { exportSite } from '../../../src/node/serve/export.js';
import { nativeAnswers } from '../../../src/node/serve/native.js';
import { wavSound } from '../../../src/node/serve/prepared.js';
import { siteResources } from '../../../src/node/serve/site.js';
import { type ServedStudy, serveStudy } from '../../../src/node/serve/study.js';
import { readClip } from '../../../src/node/sound.js';
import { parsePerturbation } from '../../../src/perturb/schema.js';
import { probe, scoreClip } from '../../../src/probe/probe.js';
import { unpack } from '../../../src/report/view/pack.js';
import { unpackPage } from '../../../src/report/view/page_data.js';

const ROOT = path.join(import.meta.dirname, '..', '..', '..');
const DEMO = path.join(ROOT, 'demo');
const STUDY = `
study: seen
clip: { length: 3s }
models: [tiny]
groups:
  Bells: { files: ood-atonal-bells.flac }
disturbances:
  white: { kind: noise, color: white, at: 1s, length: [10, 50] }
`;

let folder: string;
let study: ServedStudy;
const warnings: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'losscope-study-'));
  await writeFile(path.join(folder, 'study.yaml'), STUDY.replace('ood-', `${DEMO}/ood-`));
  const run = ['dist/cli/main.js', 'run', path.join(folder, 'study.yaml'), '--out', path.join(folder, 'run')];
  await promisify(execFile)(process.execPath, run, { cwd: ROOT });
  study = await serveStudy(path.join(folder, 'run'), { data: folder, warn: (line) => warnings.push(line) });
}, 300_000);
afterAll(async () => {
  await study?.close();
  await rm(folder, { recursive: true });
});

const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

describe('a study in the explorer', { timeout: 300_000 }, () => {
  test('its table has a row for every disturbed cell; each opens as the probe that it was, with its sound', async () => {
    const table = JSON.parse(textOf(await study.table()));
    expect(table.map(({ key }: { key: string }) => key)).toEqual(study.keys);
    expect(table).toHaveLength(2);
    const model = await openNamedModel({ model: 'tiny' });
    const format = formatOf(model);
    const file = path.join(DEMO, 'ood-atonal-bells.flac');
    for (const row of table) {
      const { clips } = unpackPage(await study.cell(row.key));
      const [{ probes, sounds, missing }] = clips;
      expect(missing).toBeUndefined();
      const [record] = probes;
      const clip = {
        ...(await readClip(file, format, () => undefined, { length: 3 })),
        name: record.clip.name,
      };
      const clean = await scoreClip(model, clip);
      const length = /length=(\d+)/.exec(row.disturbance)?.[1];
      const probed = await probe(model, clean, {
        ...parsePerturbation(`noise color=white at=1s length=${length}`, { seed: 0 }),
        seed: record.event.perturbation.seed,
      });
      await clean.release();
      expect([...record.delta.values]).toEqual([...probed.record.delta.values]);
      expect([...record.disturbed.codes.data]).toEqual([...probed.record.disturbed.codes.data]);
      expect(record.window).toEqual(probed.record.window);
      expect(row.difference).toBeCloseTo(probed.record.lossDifference, 6);
      const sound = wavSound(probed.clip.channels[0], probed.clip.sampleRate);
      expect(Buffer.from(sounds?.inserts[0].sound.bytes ?? []).equals(Buffer.from(sound.bytes))).toBe(true);
    }
    await model.close();
    expect(warnings).toEqual([]);
  });

  test('a cell whose sound is gone is shown without it, and says why by the file’s name alone', async () => {
    const away = await serveStudy(path.join(folder, 'run'), { data: '/nowhere', warn: () => undefined });
    const yaml = textOf(await readFile(path.join(folder, 'study.yaml')));
    expect(yaml).toContain(DEMO);
    // Absolute paths are found from anywhere; a store of relative ones is not.
    const { clips } = unpackPage(await away.cell(away.keys[0]));
    expect(clips[0].probes).toHaveLength(1);
    await away.close();
    await expect(study.cell('f'.repeat(64))).rejects.toThrow(/is not scored yet/);
    await expect(serveStudy(folder, { data: '.', warn: () => undefined })).rejects.toThrow(/not a store/);
  });

  test('is written as plain files: the page, the model, and every cell', async () => {
    const out = path.join(folder, 'site');
    const site = siteResources({ clips: [], model: 'tiny', study });
    await exportSite(site, out, () => undefined);
    const names = await readdir(out, { recursive: true });
    for (const name of [
      'index.html',
      'app.js',
      'worker.js',
      'site.json',
      'model/model.safetensors',
      'study/table.json',
    ]) {
      expect(names).toContain(name);
    }
    const told = JSON.parse(await readFile(path.join(out, 'site.json'), 'utf8'));
    expect(told).toMatchObject({ model: 'tiny', folder: 'model', study: { name: 'seen' } });
    for (const key of study.keys) {
      expect(unpackPage(await readFile(path.join(out, `${told.study.cells}${key}.lsv`))).clips).toHaveLength(
        1,
      );
    }
    await expect(exportSite(site, out, () => undefined)).rejects.toThrow(/is not empty; choose a new folder/);
  });

  test('a model behind the page gives the numbers of a probe, and refuses nonsense in one line', async () => {
    const model = await openNamedModel({ model: 'tiny' });
    const answer = nativeAnswers(async () => model);
    const ask = async (question: object | string): Promise<unknown> => {
      const pieces: Buffer[] = [];
      const body = typeof question === 'string' ? question : JSON.stringify(question);
      await answer(body, async (piece) => void pieces.push(Buffer.from(piece)));
      const all = Buffer.concat(pieces);
      const bytes = all.subarray(5, 5 + all.readUInt32LE(1));
      if (all[0] === 3) throw new Error(bytes.toString());
      return unpack(new Uint8Array(bytes));
    };
    const bytes = await readFile(path.join(DEMO, 'ood-atonal-bells.flac'));
    for (let at = 0; at < bytes.length; at += 200_000) {
      const piece = bytes.subarray(at, at + 200_000).toString('base64');
      await ask({ kind: 'upload', upload: 1, at, total: bytes.length, piece });
    }
    const scored = (await ask({ kind: 'score', name: 'a.flac', upload: 1 })) as {
      id: number;
      scored: { mean: number };
    };
    const noise = { kind: 'noise', color: 'white', at: '5s', length: '100', level: 'match' };
    const probed = (await ask({ kind: 'probe', id: scored.id, perturbation: noise, seed: 1 })) as {
      record: { lossDifference: number };
    };
    const clip = await readClip(
      path.join(DEMO, 'ood-atonal-bells.flac'),
      { sampleRate: 32_000, channels: 1 },
      () => undefined,
    );
    const clean = await scoreClip(model, { ...clip, name: 'a.flac' });
    const direct = await probe(
      model,
      clean,
      parsePerturbation('noise color=white at=5s length=100', { seed: 1 }),
    );
    expect(scored.scored.mean).toBe(clean.scored.mean);
    expect(probed.record.lossDifference).toBe(direct.record.lossDifference);
    await clean.release();

    await expect(ask('{')).rejects.toThrow('the question is no JSON');
    await expect(ask({ kind: 'erase' })).rejects.toThrow(/^the question is not understood/);
    await expect(ask({ kind: 'probe', id: 99, perturbation: noise, seed: 1 })).rejects.toThrow(
      /no longer kept/,
    );
    await expect(
      ask({ kind: 'probe', id: scored.id, perturbation: { kind: 'bang' }, seed: 1 }),
    ).rejects.toThrow(/kind is "bang"/);
    await expect(ask({ kind: 'score', name: 'b.wav', upload: 7 })).rejects.toThrow('b.wav: was not received');
    await expect(ask({ kind: 'upload', upload: 2, at: 0, total: 1e9, piece: '' })).rejects.toThrow(
      /at most 64 MiB/,
    );
    await expect(ask({ kind: 'upload', upload: 2, at: 5, total: 6, piece: 'AAAA' })).rejects.toThrow(
      /no part of its file/,
    );
    await model.close();
  });
});
