// Builds what runs in a browser into dist/web: the explorer with onnxruntime's two files, and the viewer as one script and
// one style sheet for self-contained pages; and the licences of what both are made of.

import { copyFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { removeStale } from '../stamp.js';
import { bundleModules, bundleScript, copyOnnxRuntime } from './bundle.js';
import { licenceOf, packagesIn } from './licences.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const OUT = path.join(ROOT, 'dist', 'web');
const source = (file: string): string => path.join(ROOT, 'src', 'web', file);

await rm(OUT, { recursive: true, force: true });
const bundles = [
  await bundleModules(OUT, { app: source('explorer/main.tsx'), worker: source('engine/worker.ts') }),
  await bundleScript(path.join(OUT, 'page.js'), source('page/main.tsx')),
];
await copyOnnxRuntime(OUT);
for (const file of ['index.html', 'icon.svg']) {
  await copyFile(source(`explorer/${file}`), path.join(OUT, file));
}
const packages = [...new Set([...packagesIn(bundles), 'onnxruntime-web'])].sort();
const licences = await Promise.all(packages.map((name) => licenceOf(ROOT, name)));
await writeFile(path.join(OUT, 'LICENCES.txt'), licences.join('\n\n'));
removeStale(ROOT, path.join(ROOT, 'dist', 'demo'));
