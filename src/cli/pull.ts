// losscope pull: fetch a model from the Hub, or bring it up to date.

import type { Command } from 'commander';
import { counted } from '../counted.js';
import { withRevision } from '../models/catalog.js';
import { fetchSnapshot } from '../node/hub/snapshot.js';
import { isBundled } from '../node/open.js';
import { fileProgress } from './model.js';
import { printLine, warn } from './output.js';

export function addPull(losscope: Command): void {
  losscope
    .command('pull')
    .description(
      'fetch a model from the Hugging Face Hub into the cache that Python shares, bring it up to date, and read all of it',
    )
    .argument('<model>', 'a Hub id: org/name or org/name@revision')
    .action(run);
}

async function run(model: string): Promise<void> {
  if (isBundled(model)) {
    printLine(`${model}: comes with losscope; nothing to fetch, and no network needed`);
    return;
  }
  const snapshot = await fetchSnapshot(withRevision(model), { update: true, onProgress: fileProgress() });
  if (snapshot.notice) warn(snapshot.notice);
  printLine(
    `${snapshot.id}@${snapshot.commit}: ${counted(snapshot.files.length, 'file')} in ${snapshot.folder}`,
  );
}
