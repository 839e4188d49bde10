// What a machine has and lacks for losscope, found by trying: the runtime is loaded and a model really run.

import { constants, existsSync } from 'node:fs';
import { access, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { codesOf, termsOf } from '../audio/codes.js';
import { counted } from '../counted.js';
import { formatOf } from '../loss/encode.js';
import { catalogued } from '../models/catalog.js';
import type { Model } from '../models/model.js';
import { FAMILIES } from '../models/open.js';
import { scoreNotes } from '../probe/notes.js';
import { scoreClip } from '../probe/probe.js';
import { codeOf } from '../symbolic/note_code.js';
import { passageOfCodes } from '../symbolic/passage.js';
import { BUNDLED_REMEDY, bundledFaults } from './bundled.js';
import { readClipList } from './clip_list.js';
import { devicesHere } from './device.js';
import type { OnProgress } from './hub/blob.js';
import { CONFIG } from './hub/cache.js';
import { type CachedSnapshot, checkSnapshot, type FileCheck, listCache } from './hub/check.js';
import { hubEnvironment } from './hub/environment.js';
import { openNamedModel } from './open.js';

export interface DoctorFinding {
  readonly what: string;
  readonly ok: boolean;
  readonly detail: string;
  /** What to type, where something is missing. */
  readonly remedy?: string;
}

const OLDEST_NODE = [20, 19] as const;

export interface ExamineOptions {
  /** Hears of every file of the cache that is read. */
  readonly onProgress?: OnProgress;
}

/** Every check in turn; one that fails does not keep the others from running. */
export async function examine({ onProgress }: ExamineOptions = {}): Promise<DoctorFinding[]> {
  return [
    node(),
    machine(),
    await attempt(
      'onnxruntime',
      onnxruntime,
      'ONNXRUNTIME_NODE_INSTALL=skip npm install losscope (in a clone: npm ci)',
    ),
    await attempt('model cache', modelCache, 'set HF_HOME to a folder that can be written'),
    ...(await examineCache(hubEnvironment().cache, onProgress ? { onProgress } : {})),
    await attempt('model tiny', () => bundledModel('tiny', toneScore), BUNDLED_REMEDY),
    await attempt('model tiny-notes', () => bundledModel('tiny-notes', scaleScore), BUNDLED_REMEDY),
    await attempt('demo clips', demoClips, 'git checkout demo, or install losscope again'),
  ];
}

function node(): DoctorFinding {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const ok = major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1]);
  return {
    what: 'Node.js',
    ok,
    detail: `${process.versions.node} on ${process.platform} ${process.arch}`,
    ...(ok ? {} : { remedy: `install Node.js ${OLDEST_NODE.join('.')} or later` }),
  };
}

function machine(): DoctorFinding {
  const gibi = (bytes: number): string => (bytes / 2 ** 30).toFixed(1);
  return {
    what: 'machine',
    ok: true,
    detail: `${counted(os.availableParallelism(), 'core')}, ${gibi(os.totalmem())} GiB of memory, ${gibi(os.freemem())} GiB free`,
  };
}

async function onnxruntime(): Promise<string> {
  const require = createRequire(import.meta.url);
  const { version } = require('onnxruntime-node/package.json') as { version: string };
  return `onnxruntime-node ${version}; devices that run: ${(await devicesHere()).join(', ')}`;
}

/** The cache that Python's huggingface_hub uses too. It need not exist: the first model makes it. */
async function modelCache(): Promise<string> {
  const { cache, offline, tokenFrom } = hubEnvironment();
  await requireWritable(cache);
  const models = new Set((await listCache(cache)).map(({ id }) => id));
  const held = models.size === 0 ? 'no models yet' : [...models].join(', ');
  const token = tokenFrom ? `token from ${tokenFrom}` : 'no token (public models need none)';
  return `${cache}: ${held}; ${token}${offline ? '; HF_HUB_OFFLINE is set, nothing is fetched' : ''}`;
}

/** Reads every model of the cache that losscope can run, and compares it with what the Hub sent: a finding each. */
export async function examineCache(cache: string, options: ExamineOptions = {}): Promise<DoctorFinding[]> {
  const findings: DoctorFinding[] = [];
  for (const snapshot of await listCache(cache)) {
    if (!(await isRunnable(snapshot))) continue;
    const { id, commit, folder } = snapshot;
    const what = `${id}@${commit.slice(0, 8)}`;
    try {
      findings.push({ what, ...verdictOn(snapshot, await checkSnapshot(folder, options)) });
    } catch (error) {
      const detail = `cannot be read (${error instanceof Error ? error.message : error})`;
      findings.push({ what, ok: false, detail, remedy: `see to it that ${folder} can be read` });
    }
  }
  return findings;
}

/** What the checks of a snapshot's files come to, and what to do. */
function verdictOn(
  { id, folder }: CachedSnapshot,
  checks: readonly FileCheck[],
): Omit<DoctorFinding, 'what'> {
  const of = (verdict: FileCheck['verdict']) =>
    checks.filter((check) => check.verdict === verdict).map(({ file }) => file);
  const [damaged, missing, unnamed] = [of('damaged'), of('missing'), of('unnamed')];
  const problems = [
    ...(damaged.length === 0 ? [] : [`damaged: ${damaged.join(', ')} (not the bytes that the Hub sent)`]),
    ...(missing.length === 0 ? [] : [`gone: ${missing.join(', ')}`]),
  ];
  if (problems.length > 0) {
    const files = [...damaged, ...missing].map((file) => JSON.stringify(path.join(folder, file)));
    const remedy = `delete ${files.join(', ')} and what that links to, then losscope pull ${id}`;
    return { ok: false, detail: problems.join('; '), remedy };
  }
  const bytes = checks.reduce((sum, { size = 0 }) => sum + size, 0);
  const untold = unnamed.length === 0 ? '' : `; no hash is known of ${unnamed.join(', ')}`;
  return {
    ok: true,
    detail: `${counted(checks.length, 'file')}, ${(bytes / 1e9).toFixed(2)} GB, intact${untold}`,
  };
}

/** The cache holds whatever Python fetched, broken configurations too: what might be ours is read. */
async function isRunnable({ id, folder, files }: CachedSnapshot): Promise<boolean> {
  if (catalogued(id)) return true;
  if (!files.has(CONFIG)) return false;
  const config = await readFile(path.join(folder, CONFIG), 'utf8');
  return FAMILIES.flatMap(({ types }) => types).some((type) =>
    new RegExp(`"model_type"\\s*:\\s*"${type}"`).test(config),
  );
}

/** Throws unless the folder, or the nearest folder above it that exists, can be written. */
async function requireWritable(folder: string): Promise<void> {
  let at = folder;
  while (!existsSync(at) && path.dirname(at) !== at) at = path.dirname(at);
  try {
    await access(at, constants.W_OK);
  } catch (error) {
    throw new Error(`${at} cannot be written (${error instanceof Error ? error.message : error})`);
  }
}

/** Files that are those of the package, and something scored: graphs, worker threads and weights all take part. */
async function bundledModel(name: string, scoreOf: (model: Model) => Promise<string>): Promise<string> {
  const faults = await bundledFaults(name);
  if (faults.length > 0) throw new Error(faults.map(({ file, what }) => `${what}: ${file}`).join('; '));
  const model = await openNamedModel({ model: name });
  try {
    return `fingerprint ${model.fingerprint.slice(0, 12)}, ${await scoreOf(model)}`;
  } finally {
    await model.close();
  }
}

/** Half a second of a tone. */
async function toneScore(model: Model): Promise<string> {
  const { sampleRate } = formatOf(model);
  const tone = Float32Array.from(
    { length: sampleRate / 2 },
    (_, i) => 0.1 * Math.sin((2 * Math.PI * 440 * i) / sampleRate),
  );
  const { scored } = await scoreClip(model, { name: 'tone', sampleRate, channels: [tone] });
  return `a tone scores ${scored.mean.toFixed(3)} ${termsOf(model.step).nats}`;
}

/** A scale of eight notes of a piano, 0.25 s each. */
async function scaleScore(model: Model): Promise<string> {
  const pitches = [60, 62, 64, 65, 67, 69, 71, 72];
  const notes = pitches.map((pitch) => codeOf({ instrument: 0, pitch, velocity: 9 }));
  const codes = codesOf(
    [notes, notes.map((_, i) => 25 * i), notes.map(() => 25)].map((row) => Int32Array.from(row)),
  );
  const { scored, release } = await scoreNotes(model, passageOfCodes(codes, 'scale'));
  await release();
  return `a scale scores ${scored.mean.toFixed(3)} ${termsOf(model.step).nats}`;
}

async function demoClips(): Promise<string> {
  const clips = await readClipList();
  return `${counted(clips.length, 'bundled clip')}`;
}

async function attempt(what: string, check: () => Promise<string>, remedy: string): Promise<DoctorFinding> {
  try {
    return { what, ok: true, detail: await check() };
  } catch (error) {
    return { what, ok: false, detail: error instanceof Error ? error.message : String(error), remedy };
  }
}
