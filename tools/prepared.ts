// Measures the bundled clips and stores them in dist/demo, for the first sight of `losscope view`. Part of `npm run prepared`,
// and so of `npm ci` in a clone (npm's script `dependencies`, which is none of an installed package), of `npm run demo` and of
// every package that is made: a tree that was built again after a change measures them when they are asked for.

import { mkdir, writeFile } from 'node:fs/promises';
import { readClipList } from '../src/node/clip_list.js';
import { PREPARED_FOLDER, ROOT } from '../src/node/folders.js';
import { openNamedModel } from '../src/node/open.js';
import { preparedDemo } from '../src/node/serve/prepared.js';
import { storedPath, toStored } from '../src/node/serve/stored.js';
import { demoStamp, removeStale, stampPath } from './stamp.js';

if (!removeStale(ROOT, PREPARED_FOLDER)) {
  try {
    const model = await openNamedModel({ model: 'tiny' });
    await mkdir(PREPARED_FOLDER, { recursive: true });
    for (const { file } of await readClipList()) {
      const measured = await preparedDemo(model, file, console.error);
      await writeFile(storedPath(file), toStored(measured));
    }
    await model.close();
    await writeFile(stampPath(PREPARED_FOLDER), demoStamp(ROOT));
  } catch (error) {
    // An installation must not end here: losscope view measures what is not stored.
    console.error(`the bundled clips are not measured in advance: ${error}`);
  }
}
