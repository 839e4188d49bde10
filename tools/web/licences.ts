// The licences of what is bundled: of every package that esbuild took a file from, and of onnxruntime-web, whose two files
// are copied. One text beside the bundle.

import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Metafile } from 'esbuild';

/** Names of the packages that went into bundles, sorted. */
export function packagesIn(bundles: readonly Metafile[]): string[] {
  const names = bundles
    .flatMap(({ inputs }) => Object.keys(inputs))
    .flatMap((file) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? []);
  return [...new Set(names)].sort();
}

interface Manifest {
  readonly version: string;
  readonly license?: string;
  readonly author?: string | { readonly name: string };
  readonly homepage?: string;
  readonly repository?: string | { readonly url: string };
}

/**
 * A package's name, version and licence, and the texts that its archive holds; without one, whose it is and where from.
 * @throws when the package names no licence.
 */
export async function licenceOf(root: string, name: string): Promise<string> {
  const folder = path.join(root, 'node_modules', name);
  const manifest: Manifest = JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8'));
  if (manifest.license === undefined) throw new Error(`${name}: its package.json names no licence`);
  const files = (await readdir(folder))
    .filter((file) => /^(licen[cs]e|copying|notice|third)/i.test(file))
    .sort();
  const texts = await Promise.all(files.map((file) => readFile(path.join(folder, file), 'utf8')));
  const title = `${name} ${manifest.version}: ${manifest.license}`;
  const body = texts.length > 0 ? texts.map((text) => text.trim()) : [originOf(manifest)];
  return [title, '='.repeat(title.length), '', ...body, ''].join('\n');
}

function originOf({ author, repository, homepage }: Manifest): string {
  const name = typeof author === 'object' ? author.name : author;
  const source = typeof repository === 'object' ? repository.url : repository;
  return [
    `Its archive holds no text of the licence.`,
    name && `Author: ${name}.`,
    `Source: ${source ?? homepage}`,
  ]
    .filter((line) => line)
    .join('\n');
}
