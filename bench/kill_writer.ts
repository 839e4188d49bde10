// Stores the rows of one store in another, a part for each row, as a run does whose cells take long: with the 64th part its
// writer gathers them. Says so before. Started by bench/kills.ts, which kills it then.
//   node --import tsx bench/kill_writer.ts FROM TO

import { openStore } from '../src/node/store/store.js';

/** The part with which a writer begins to gather, counted from 0. */
const GATHERING = 63;

const [from, to] = process.argv.slice(2);
const whole = await openStore(from);
const target = await openStore(to);
let parts = 0;
for await (const row of whole.rows()) {
  if (parts === GATHERING) process.stdout.write('gathers\n');
  await target.append([row]);
  parts++;
}
await whole.close();
await target.close();
