// How fast the explorer feels, in a real browser: from the command to a playing curve, from a dropped clip to its difference,
// frames while it plays and zooms, and the table of a large study. Needs Chromium (LOSSCOPE_BROWSER or Debian's).
//   npm run build && npx tsx bench/view.ts [--cells 2000]

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import os from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Browser, chromium, type Page } from 'playwright-core';
import { serve } from '../src/node/serve/server.js';
import { siteResources } from '../src/node/serve/site.js';

const MAIN = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const CLIP = fileURLToPath(new URL('../demo/ood-atonal-bells.flac', import.meta.url));
const BROWSER = [process.env.LOSSCOPE_BROWSER, '/usr/bin/chromium'].find((file) => file && existsSync(file));
/** Seconds in which frames are counted. */
const WATCHED = 6;
const LONG = { timeout: 120_000 };

const { values } = parseArgs({ options: { cells: { type: 'string', default: '2000' } } });
if (BROWSER === undefined)
  throw new Error('no browser found: apt-get install chromium, or set LOSSCOPE_BROWSER');
const browser = await chromium.launch({
  executablePath: BROWSER,
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--autoplay-policy=no-user-gesture-required'],
});
try {
  console.log(`${os.cpus().length} cores, load ${os.loadavg()[0].toFixed(1)}, ${os.cpus()[0]?.model}`);
  const { page, server, listening, milliseconds } = await toPlaying(browser);
  console.log(
    `from \`losscope view\` to a playing curve: ${seconds(milliseconds)}, of these ${seconds(listening)} until the address was printed (at most 3 s is meant)`,
  );
  const frames = await framesOf(page);
  console.log(
    `frames while it plays and zooms: p50 ${share(frames, 0.5)} ms, p95 ${share(frames, 0.95)} ms over ${frames.length} (p95 below 25 is meant)`,
  );
  console.log(
    `from a dropped 15 s clip to its difference: ${seconds(await toDifference(page))} (at most 8 s is meant)`,
  );
  server.kill('SIGINT');
  console.log(
    `a study of ${values.cells} cells opens in ${seconds(await toTable(browser, Number(values.cells)))} (at most 2 s is meant)`,
  );
  console.log(`load at the end ${os.loadavg()[0].toFixed(1)}`);
} finally {
  await browser.close();
}

/** The browser runs already, as a user's does; the command does not. */
async function toPlaying(browser: Browser): Promise<{
  readonly page: Page;
  readonly server: ChildProcess;
  /** Until the address was printed, and in all. */
  readonly listening: number;
  readonly milliseconds: number;
}> {
  const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
  const start = performance.now();
  const server = spawn(process.execPath, [MAIN, 'view', '--no-open', '--port', '0'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const address = await new Promise<string>((resolve, reject) => {
    let said = '';
    server.stderr?.on('data', (piece) => {
      said += piece;
      const found = /http:\S+/.exec(said);
      if (found) resolve(found[0]);
    });
    server.on('close', () => reject(new Error(`losscope view ended: ${said}`)));
  });
  const listening = performance.now() - start;
  await page.goto(address);
  await page.locator('.play:enabled').click(LONG);
  await page.locator('[data-lane=loss] canvas').waitFor(LONG);
  await page.waitForFunction(
    () => Number(document.querySelector('.lanes')?.getAttribute('aria-valuenow')) > 0,
    undefined,
    LONG,
  );
  return { page, server, listening, milliseconds: performance.now() - start };
}

/** Milliseconds between frames while the clip plays and the keys zoom in and out. */
async function framesOf(page: Page): Promise<number[]> {
  // As text: what a bundler adds to functions is not there in the page.
  const watched = page.evaluate<number[]>(`new Promise((resolve) => {
    const frames = [];
    const start = performance.now();
    let last = start;
    requestAnimationFrame(function tick(now) {
      frames.push(now - last);
      last = now;
      if (now - start < ${1000 * WATCHED}) requestAnimationFrame(tick);
      else resolve(frames.slice(2));
    });
  })`);
  for (let i = 0; i < WATCHED * 2; i++) {
    await page.keyboard.press(i % 6 < 3 ? '+' : '-');
    await page.waitForTimeout(300);
  }
  return watched;
}

async function toDifference(page: Page): Promise<number> {
  // The first clip is scored in the meantime by the page itself: a user waits for that too.
  const start = performance.now();
  await page.locator('input.sounds').setInputFiles(CLIP);
  await page.locator('.status:has-text("disturbing")').waitFor(LONG);
  await page.locator('.done:has-text("at token 250")').waitFor(LONG);
  await page.waitForFunction(() => document.querySelector('.status')?.textContent === '', undefined, LONG);
  return performance.now() - start;
}

/** Rows of a made-up study: what a store says of as many cells. */
async function toTable(browser: Browser, count: number): Promise<number> {
  const table = Array.from({ length: count }, (_, i) => ({
    ...{ key: `k${i}`, model: 'tiny', protocol: 'delayed', group: `group ${i % 5}`, failed: null },
    ...{ clip: `song ${i % 100}.flac`, disturbance: `white length=${10 * (i % 20)}` },
    ...{ clean: 4, disturbed: 4 + i / count, difference: i / count },
  }));
  const served = await serve({
    resources: siteResources({
      clips: [],
      model: 'tiny',
      study: {
        name: 'large',
        keys: table.map(({ key }) => key),
        table: async () => Buffer.from(JSON.stringify(table)),
        cell: () => Promise.reject(new Error('made up')),
        close: async () => undefined,
      },
    }),
    port: 0,
    warn: console.error,
  });
  const page = await browser.newPage();
  const start = performance.now();
  await page.goto(`http://127.0.0.1:${served.port}/`);
  await page.getByText(`${count} of ${count}`).waitFor(LONG);
  const took = performance.now() - start;
  await served.close();
  return took;
}

function share(all: readonly number[], at: number): string {
  return (all.toSorted((a, b) => a - b)[Math.floor(at * all.length)] ?? Number.NaN).toFixed(1);
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
