// What the stored measurements of the bundled clips were made with, as a hash: the built core, the model and the clips. Where
// it changes they are no longer true, and are taken away.

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';

const ROOMS = ['audio', 'loss', 'models', 'onnx', 'perturb', 'probe', 'regions', 'report/view', 'stats'];
const STAMP = 'stamp';

/** Of a package's folder whose core is built. */
export function demoStamp(root: string): string {
  const hash = createHash('sha256');
  for (const folder of [...ROOMS.map((room) => path.join('dist', room)), 'models/tiny', 'demo']) {
    const names = readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' });
    for (const name of names.filter((file) => /\.(js|json|safetensors|flac)$/.test(file)).sort()) {
      hash.update(name).update(readFileSync(path.join(root, folder, name)));
    }
  }
  return hash.digest('hex');
}

/** The file that holds the stamp of what is stored. */
export function stampPath(folder: string): string {
  return path.join(folder, STAMP);
}

/** Removes what was measured with another core, model or clip; tells whether something true is left. */
export function removeStale(root: string, folder: string): boolean {
  const stamp = stampPath(folder);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === demoStamp(root)) return true;
  rmSync(folder, { recursive: true, force: true });
  return false;
}
