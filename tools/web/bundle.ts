// Bundling for the browser: what a page's own server sends (modules, the decoders of sound as chunks of their own), and
// what stands inside a self-contained page (one script).

import { copyFile, mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { type BuildOptions, build, type Metafile } from 'esbuild';

const require = createRequire(import.meta.url);

/** What every bundle has in common. Condition: onnxruntime's WebAssembly stays a file beside the script. */
const COMMON: BuildOptions = {
  bundle: true,
  minify: true,
  target: 'es2023',
  platform: 'browser',
  conditions: ['onnxruntime-web-use-extern-wasm'],
  jsx: 'automatic',
  jsxImportSource: 'preact',
  legalComments: 'none',
  logLevel: 'warning',
  // Packages look for Node before they import its modules.
  external: ['node:*', 'module', 'worker_threads'],
};

/** Modules by output name, with shared chunks beside them. Gives what they are made of. */
export async function bundleModules(
  folder: string,
  entryPoints: Readonly<Record<string, string>>,
): Promise<Metafile> {
  const { metafile } = await build({
    ...COMMON,
    entryPoints,
    outdir: folder,
    format: 'esm',
    splitting: true,
    chunkNames: 'chunk-[hash]',
    metafile: true,
  });
  return metafile;
}

/** One script, and one style sheet if it imports any. Gives what it is made of. */
export async function bundleScript(outfile: string, entry: string): Promise<Metafile> {
  const { metafile } = await build({
    ...COMMON,
    entryPoints: [entry],
    outfile,
    format: 'iife',
    metafile: true,
  });
  return metafile;
}

/** onnxruntime-web's two files. */
export async function copyOnnxRuntime(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const file of ['ort-wasm-simd-threaded.mjs', 'ort-wasm-simd-threaded.wasm']) {
    await copyFile(require.resolve(`onnxruntime-web/${file}`), path.join(folder, file));
  }
}
