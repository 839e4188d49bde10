// `losscope view` as its users meet it, in a real browser: the bundled clips, a dropped sound, keys, a phone's width.

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openNamedModel } from '../../src/node/open.js';
import { preparedDemo } from '../../src/node/serve/prepared.js';
import { type Serving, serve } from '../../src/node/serve/server.js';
import { demoClips, siteResources } from '../../src/node/serve/site.js';
import { BROWSER, inBrowser, launch } from './browser.js';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const CLIP = path.join(import.meta.dirname, '..', '..', 'demo', 'ood-atonal-bells.flac');
/** A busy machine takes its time. */
const SOON = { timeout: 240_000 };

describe.skipIf(BROWSER === undefined)(inBrowser('the explorer'), { timeout: 400_000 }, () => {
  let serving: Serving;
  let browser: Browser;
  let close: () => Promise<void> = async () => undefined;
  const faults: string[] = [];
  const asked: string[] = [];

  beforeAll(async () => {
    const model = await openNamedModel({ model: 'tiny' });
    close = model.close;
    const clips = await demoClips((file) => preparedDemo(model, file, (line) => faults.push(line)));
    serving = await serve({
      resources: siteResources({ clips, model: 'tiny' }),
      port: 0,
      warn: (line) => faults.push(line),
    });
    browser = await launch();
  }, 240_000);
  afterAll(async () => {
    await browser?.close();
    await serving?.close();
    await close();
  });

  async function open({ hash = '', width = 1400, dark = false } = {}): Promise<Page> {
    const page = await browser.newPage({
      viewport: { width, height: 900 },
      colorScheme: dark ? 'dark' : 'light',
    });
    page.on('console', (message) => faults.push(message.text()));
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('request', (request) => asked.push(new URL(request.url()).host));
    await page.goto(`http://127.0.0.1:${serving.port}/${hash}`);
    await page.locator('[data-lane=waveform] canvas').waitFor(SOON);
    return page;
  }

  const placeOf = async (page: Page): Promise<number> =>
    Number(await page.locator('.lanes').getAttribute('aria-valuenow'));

  test('shows the first clip with its curve, plays it, and switches versions without losing the place', async () => {
    const page = await open();
    await page.locator('.headline').waitFor(SOON);
    for (const lane of ['loss', 'difference', 'spectrogram', 'heat', 'changed']) {
      expect(await inked(page, lane), lane).toBeGreaterThan(200);
    }
    await page.keyboard.press('Space');
    await page.waitForFunction(
      () => Number(document.querySelector('.lanes')?.getAttribute('aria-valuenow')) > 0.3,
    );
    await page.locator('.lanes').focus();
    const before = await placeOf(page);
    await page.keyboard.press('Tab');
    const after = await placeOf(page);
    expect(await page.locator('.sides .clean').getAttribute('aria-checked')).toBe('true');
    // It went on: neither back to the start nor by a jump.
    expect(after).toBeGreaterThanOrEqual(before);
    expect(after - before).toBeLessThan(5);
    await page.keyboard.press('Space');
    const paused = await placeOf(page);
    await page.keyboard.press('ArrowRight');
    expect(await placeOf(page)).toBeCloseTo(Math.round(paused / 0.02) * 0.02 + 0.02, 1);
    await page.keyboard.press('Home');
    expect(await placeOf(page)).toBe(0);
    await page.keyboard.press('Escape');
    expect(await page.evaluate(() => document.activeElement?.classList.contains('lanes'))).toBe(false);
    await page.close();
  });

  test('zooms, marks a stretch snapped to tokens, reads values, and keeps it all in the address', async () => {
    const page = await open();
    const box = await page.locator('[data-lane=loss] canvas').boundingBox();
    if (!box) throw new Error('no loss lane');
    const at = (share: number): [number, number] => [box.x + share * box.width, box.y + box.height / 2];
    await page.mouse.move(...at(0.5));
    await expect
      .poll(() => page.locator('.readout').textContent())
      .toMatch(/s · token \d+ · loss \d\.\d\d clean, \d\.\d\d/);
    await page.mouse.down();
    await page.mouse.move(...at(0.6), { steps: 4 });
    await page.mouse.up();
    await page.keyboard.press('z');
    await expect.poll(() => page.evaluate(() => location.hash)).toMatch(/see=/);
    const [lo, hi] = (/see=([\d.]+)-([\d.]+)/.exec(page.url()) ?? []).slice(1).map(Number);
    expect(hi - lo).toBeGreaterThan(1);
    for (const edge of [lo, hi]) expect(Math.abs(edge / 0.02 - Math.round(edge / 0.02))).toBeLessThan(1e-6);
    const again = await open({ hash: new URL(page.url()).hash });
    await expect.poll(() => again.evaluate(() => location.hash), SOON).toBe(new URL(page.url()).hash);
    await again.close();
    await page.keyboard.press('0');
    await expect.poll(() => page.evaluate(() => location.hash)).not.toMatch(/see=/);
    await page.close();
  });

  test('a dropped sound is scored in the browser, and disturbed by chips', async () => {
    const page = await open();
    await page.locator('input[type=file]').setInputFiles(CLIP);
    await page.getByRole('tab', { name: 'ood-atonal-bells.flac' }).waitFor(SOON);
    const detail = page.locator('.verdict .quiet');
    await expect.poll(() => page.locator('.status').textContent(), SOON).toBe('');
    expect(await detail.textContent()).toMatch(/^white noise, 100 tokens at token 250/);
    await page.getByRole('button', { name: 'silence' }).click();
    await expect.poll(() => detail.textContent(), SOON).toMatch(/^silence, 100 tokens at token 250/);
    await page.getByRole('button', { name: '0.2 s' }).click();
    await expect.poll(() => detail.textContent(), SOON).toMatch(/^silence, 10 tokens/);
    await page.close();
  });

  test('what is no sound is refused in one line', async () => {
    const page = await open();
    await page.locator('input[type=file]').setInputFiles({
      name: '<img src=x onerror=alert(1)>.wav',
      mimeType: 'audio/wav',
      buffer: Buffer.from('not a sound at all'),
    });
    await expect
      .poll(() => page.locator('.failed').textContent(), SOON)
      .toMatch(/^<img src=x.*not a sound file/);
    await page.close();
  });

  test.each([
    [1400, false],
    [390, false],
    [390, true],
  ])('%i px wide, dark %s: no sideways scroll, no accessibility violation', async (width, dark) => {
    const page = await open({ width, dark });
    await page.locator('.headline').waitFor(SOON);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    expect(await violationsOf(page)).toEqual([]);
    await page.getByRole('button', { name: 'Keys and words' }).click();
    await page.locator('dialog[open]').waitFor();
    expect(await violationsOf(page)).toEqual([]);
    await page.close();
  });

  test('nothing was asked of anywhere else, and nothing was blocked or thrown', () => {
    expect([...new Set(asked)]).toEqual([`127.0.0.1:${serving.port}`]);
    expect(faults).toEqual([]);
  });

  /** What axe-core finds wrong: rule and element. Its script comes through the debugger, past the page's policy. */
  async function violationsOf(page: Page): Promise<string[]> {
    const script = await readFile(AXE, 'utf8');
    const session = await page.context().newCDPSession(page);
    await session.send('Runtime.evaluate', { expression: script });
    return page.evaluate(async () => {
      const { axe } = window as unknown as {
        axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
      };
      const { violations } = await axe.run();
      return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 120)}`));
    });
  }

  /** Pixels of a lane that something was drawn on. */
  function inked(page: Page, lane: string): Promise<number> {
    return page.evaluate((id) => {
      const canvas = document.querySelector<HTMLCanvasElement>(`[data-lane=${id}] canvas`);
      const context = canvas?.getContext('2d');
      if (!canvas || !context) return 0;
      const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
      let count = 0;
      for (let i = 3; i < data.length; i += 4) if (data[i] > 0) count++;
      return count;
    }, lane);
  }
});
