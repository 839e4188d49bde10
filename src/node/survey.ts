// All bytes of a weights file, read once: its SHA-256 and what is not finite in it. Of a large file both are remembered in
// the user's cache folder, under what the file system says of it (device, inode, size, and the times of the last change
// of its bytes and of its entry, to the nanosecond): a 14 GB checkpoint is read once, not at every start.

import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Survey } from '../models/runtime.js';
import type { FiniteScan } from '../onnx/finite.js';
import { ownCache } from './folders.js';
import { makeFolder } from './output.js';

/** Smaller files are read each time: 0.1 s. */
const REMEMBERED_FROM = 64 * 2 ** 20;
/** A file that changed so shortly before might change again within the same tick of its file system's clock. */
const SETTLED_MS = 2000;
const PIECE = 2 ** 20;
/** Raised when what is looked for in the bytes changes. */
const VERSION = 1;

/** What shows that a file was replaced, without reading it. */
export async function stampOf(file: string): Promise<string> {
  return stampIn(await stat(file, { bigint: true }));
}

function stampIn({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
}

/** Surveys a file; `stamp` is of the bytes that were read. */
export async function surveyFile(
  file: string,
  scan: () => FiniteScan,
): Promise<{ readonly survey: Survey; readonly stamp: string }> {
  const before = await stat(file, { bigint: true });
  const stamp = stampIn(before);
  const isLarge = before.size >= REMEMBERED_FROM;
  const known = isLarge ? await recall(stamp) : undefined;
  if (known) return { survey: known, stamp };
  const started = Date.now();
  const survey = await readAll(file, scan());
  const settled = started - Number(before.ctimeMs) > SETTLED_MS;
  if (isLarge && settled && (await stampOf(file)) === stamp) await remember(stamp, survey);
  return { survey, stamp };
}

/** The SHA-256 of a file alone, with the stamp that it had before. */
export async function hashAgain(file: string): Promise<{ readonly sha256: string; readonly stamp: string }> {
  const stamp = await stampOf(file);
  const { sha256 } = await readAll(file, { take() {}, found: () => [] });
  return { sha256, stamp };
}

/** The SHA-256 of a file, and what a scan finds on the way. */
async function readAll(file: string, scan: FiniteScan): Promise<Survey> {
  const hash = createHash('sha256');
  const handle = await open(file, 'r');
  try {
    const piece = new Uint8Array(PIECE);
    for (;;) {
      const { bytesRead } = await handle.read(piece, 0, PIECE, null);
      if (bytesRead === 0) break;
      const bytes = piece.subarray(0, bytesRead);
      hash.update(bytes);
      scan.take(bytes);
    }
  } finally {
    await handle.close();
  }
  return { sha256: hash.digest('hex'), nonFinite: scan.found() };
}

/** One small file for each file that was surveyed. */
function memoryOf(stamp: string): string {
  const [dev, ino] = stamp.split(' ');
  return ownCache('surveys', `${dev}-${ino}.json`);
}

async function recall(stamp: string): Promise<Survey | undefined> {
  let memory: unknown;
  try {
    memory = JSON.parse(await readFile(memoryOf(stamp), 'utf8'));
  } catch {
    return undefined; // not there, or not ours: the file is read
  }
  if (typeof memory !== 'object' || memory === null || !('version' in memory && 'stamp' in memory))
    return undefined;
  if (memory.version !== VERSION || memory.stamp !== stamp) return undefined;
  return 'survey' in memory && isSurvey(memory.survey) ? memory.survey : undefined;
}

function isSurvey(value: unknown): value is Survey {
  if (typeof value !== 'object' || value === null || !('sha256' in value && 'nonFinite' in value))
    return false;
  return /^[0-9a-f]{64}$/.test(String(value.sha256)) && Array.isArray(value.nonFinite);
}

async function remember(stamp: string, survey: Survey): Promise<void> {
  const target = memoryOf(stamp);
  const temporary = `${target}.${process.pid}`;
  try {
    await makeFolder(path.dirname(target));
    await writeFile(temporary, JSON.stringify({ version: VERSION, stamp, survey }));
    await rename(temporary, target);
  } catch {
    await rm(temporary, { force: true }); // a cache that cannot be written costs time, no more
  }
}
