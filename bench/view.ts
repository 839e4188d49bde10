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
/** Milliseconds after which the model is loaded and has scored the clip. */
const LOADED = 8000;
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
  const empty = await emptyPage(browser);
  await toldFrames('an empty page whose cursor moves, the least that is possible', empty);
  await empty.close();
  const { page, server, listening, milliseconds } = await toPlaying(browser);
  console.log(
    `from \`losscope view\` to a playing curve: ${seconds(milliseconds)}, of these ${seconds(listening)} until the address was printed (at most 3 s is meant)`,
  );
  await toldFrames('while it plays and the model loads beside it', page);
  await page.waitForTimeout(LOADED);
  for (const [what, act] of [
    ['while it plays', undefined],
    ['while it plays and keys zoom', zoomByKeys],
    ['while it plays and a wheel zooms in every frame', zoomByWheel],
  ] as const) {
    await page.keyboard.press('Home');
    await page.keyboard.press('0');
    if ((await page.locator('.play[aria-label=Play]').count()) > 0) await page.keyboard.press(' ');
    await toldFrames(what, page, act);
  }
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

/** Says how far apart a page's frames are while something is done to it. */
async function toldFrames(what: string, page: Page, act?: (page: Page) => Promise<void>): Promise<void> {
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
  await act?.(page);
  const frames = await watched;
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((at) => share(frames, at));
  console.log(
    `frames, ${what}: p50 ${p50} ms, p95 ${p95} ms, p99 ${p99} ms over ${frames.length} (p95 below 25 is meant), load ${os.loadavg()[0].toFixed(1)}`,
  );
}

async function zoomByKeys(page: Page): Promise<void> {
  for (let i = 0; i < WATCHED * 2; i++) {
    await page.keyboard.press(i % 6 < 3 ? '+' : '-');
    await page.waitForTimeout(300);
  }
}

/** In and out by turns, once in every frame. */
async function zoomByWheel(page: Page): Promise<void> {
  await page.evaluate(`new Promise((resolve) => {
    const lanes = document.querySelector('.lanes');
    const { left, width } = lanes.getBoundingClientRect();
    const start = performance.now();
    (function turn() {
      const passed = performance.now() - start;
      const event = { deltaY: Math.sin(passed / 500) > 0 ? -8 : 8, ctrlKey: true, clientX: left + width / 2 };
      lanes.dispatchEvent(new WheelEvent('wheel', { ...event, bubbles: true, cancelable: true }));
      if (passed < ${900 * WATCHED}) requestAnimationFrame(turn);
      else resolve();
    })();
  })`);
}

async function emptyPage(browser: Browser): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
  await page.setContent(
    '<div class="cursor" style="position: absolute; width: 2px; height: 800px; background: red; will-change: transform"></div>',
  );
  await page.evaluate(`(function move(now) {
    document.querySelector('.cursor').style.transform = 'translateX(' + ((now / 10) % 1300) + 'px)';
    requestAnimationFrame(move);
  })(0)`);
  return page;
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
