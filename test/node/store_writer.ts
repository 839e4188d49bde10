// A process that writes the made-up study's rows to a store, a part of two rows at a time, and says which rows are safe.
// Started by the tests, which kill it: node --import tsx test/store_writer.ts FOLDER SEED

import { openStore } from '../../src/node/store/store.js';
import { PLAN, rowOf, shuffled } from './store_rows.js';

const [folder, seed] = process.argv.slice(2);
const store = await openStore(folder, { create: true });
await store.writePlan(PLAN);
const done = await store.results();
const open = shuffled(PLAN.cells, seed).filter(({ key }) => !done.has(key));
process.stdout.write('ready\n');
for (let i = 0; i < open.length; i += 2) {
  const rows = open.slice(i, i + 2).map(rowOf);
  await store.append(rows);
  process.stdout.write(rows.map(({ key }) => `${key}\n`).join(''));
}
await store.close();
