// losscope models: the models vouched for, and what of them is in the cache.

import type { Command } from 'commander';
import { CATALOG, type CatalogEntry } from '../models/catalog.js';
import { listCache } from '../node/hub/check.js';
import { hubEnvironment } from '../node/hub/environment.js';
import { isBundled } from '../node/open.js';
import { table } from '../report/terminal.js';
import { printJson, printLine } from './output.js';

export function addModels(losscope: Command): void {
  losscope
    .command('models')
    .description('list the models vouched for: size, codebooks, licence, and what is in the cache')
    .option('--json', 'print the list as one JSON line')
    .action(run);
}

async function run(options: { readonly json?: boolean }): Promise<void> {
  const held = await listCache(hubEnvironment().cache);
  const models = CATALOG.map((entry) => {
    const bytes = held
      .filter(({ id }) => id === entry.id)
      .flatMap(({ files }) => [...files.values()])
      .reduce((sum, size) => sum + size, 0);
    return { ...entry, cachedBytes: bytes };
  });
  if (options.json) {
    printJson(models);
    return;
  }
  const rows = models.map((model) => [
    model.id,
    model.parameters,
    gigabytes(model.bytes),
    model.frameRate === undefined ? `${model.codebooks} a note` : `${model.codebooks} x ${model.frameRate}/s`,
    soundOf(model),
    model.licence,
    model.conditions.join(' + ') || '-',
    isBundled(model.id) ? 'bundled' : model.cachedBytes === 0 ? '-' : gigabytes(model.cachedBytes),
  ]);
  for (const line of table([
    ['model', 'parameters', 'on disk', 'codebooks', '', 'licence', 'condition', 'in the cache'],
    ...rows,
  ]))
    printLine(line);
}

function soundOf({ channels }: CatalogEntry): string {
  if (channels === undefined) return 'notes';
  return channels === 1 ? 'mono' : 'stereo';
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(2)} GB`;
}
