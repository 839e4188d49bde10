// `losscope view` as its users meet it, in a real browser: the bundled clips, a dropped sound, keys, a phone's width.

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TINY_FOLDER } from '../../src/node/folders.js';
import { openNamedModel } from '../../src/node/open.js';
import { preparedDemo } from '../../src/node/serve/prepared.js';
import { type Serving, serve } from '../../src/node/serve/server.js';
import { demoClips, siteResources } from '../../src/node/serve/site.js';
import type { ServedStudy } from '../../src/node/serve/study.js';
import { BROWSER, inBrowser, launch, newPage, SOON, violationsOf } from './browser.js';

const CLIP = path.join(import.meta.dirname, '..', '..', 'demo', 'ood-atonal-bells.flac');
/** Of each bundled clip. */
const SECONDS = 15;

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
    const page = await newPage(browser, {
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
      await expect.poll(() => inked(page, lane), { ...SOON, message: lane }).toBeGreaterThan(200);
    }
    await page.keyboard.press('Space');
    await page.waitForFunction(
      () => Number(document.querySelector('.lanes')?.getAttribute('aria-valuenow')) > 0.3,
    );
    await page.locator('.lanes').focus();
    const asked = performance.now();
    const before = await placeOf(page);
    await page.keyboard.press('Tab');
    const after = await placeOf(page);
    const passed = (performance.now() - asked) / 1000;
    expect(await page.locator('.sides .clean').getAttribute('aria-checked')).toBe('true');
    // It went on: neither back to the start nor by a jump.
    expect(after).toBeGreaterThanOrEqual(before);
    expect(after - before).toBeLessThan(passed + 0.3);
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

  test('a clip plays while it is still being measured, and goes on when its curve comes', async () => {
    let measured: () => void = () => undefined;
    const waits = new Promise<void>((resolve) => (measured = resolve));
    const page = await newPage(browser, { viewport: { width: 1400, height: 900 } });
    await page.route('**/clips/0.lsv', async (route) => {
      await waits;
      await route.continue();
    });
    await page.goto(`http://127.0.0.1:${serving.port}/`);
    await page.locator('.play:enabled').click(SOON);
    await expect.poll(() => placeOf(page), SOON).toBeGreaterThan(0.2);
    expect(await page.locator('[data-lane=loss]').count()).toBe(0);
    // Round and round, so that its end does not come first on a busy machine.
    await page.keyboard.press('l');
    const asked = performance.now();
    const before = await placeOf(page);
    measured();
    await page.locator('[data-lane=loss] canvas').waitFor(SOON);
    const after = await placeOf(page);
    const isSameRound = before + (performance.now() - asked) / 1000 < SECONDS;
    expect(after).toBeGreaterThanOrEqual(isSameRound ? before : 0);
    expect(await page.locator('.play').textContent()).toBe('Pause');
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
    await page.evaluate(countHeadlines);
    await page.locator('input.sounds').setInputFiles(CLIP);
    await page.getByRole('tab', { name: 'ood-atonal-bells.flac' }).waitFor(SOON);
    const detail = page.locator('.done');
    await expect.poll(() => page.locator('.status').textContent(), SOON).toBe('');
    expect(await detail.textContent()).toMatch(/^white noise, 100 tokens at token 250/);
    // The clip before it was gone at once: its verdict is not this one's.
    expect(await page.evaluate('[...headlines]')).toEqual([0]);
    await page.getByRole('button', { name: 'silence' }).click();
    await expect.poll(() => detail.textContent(), SOON).toMatch(/^silence, 100 tokens at token 250/);
    await page.getByRole('button', { name: '0.2 s' }).click();
    await expect.poll(() => detail.textContent(), SOON).toMatch(/^silence, 10 tokens/);
    await page.close();
  });

  test('a file dropped anywhere on the page is taken; while it hovers the page shows that it would be', async () => {
    const page = await open();
    const bytes = [...(await readFile(CLIP))];
    const files = await page.evaluateHandle((all) => {
      const given = new DataTransfer();
      given.items.add(new File([new Uint8Array(all)], 'dropped.flac', { type: 'audio/flac' }));
      return given;
    }, bytes);
    await page.dispatchEvent('body', 'dragover', { dataTransfer: files });
    await page.locator('main.dropping').waitFor();
    await page.dispatchEvent('body', 'drop', { dataTransfer: files });
    await page.getByRole('tab', { name: 'dropped.flac', selected: true }).waitFor(SOON);
    expect(await page.locator('main.dropping').count()).toBe(0);
    await page.close();
  });

  test('while it plays no lane is drawn again; while it is zoomed each is drawn once a frame', async () => {
    const page = await open();
    await page.locator('.headline').waitFor(SOON);
    await page.evaluate(countDrawings);
    const drawn = () => page.evaluate<number[]>('Object.values(drawings())');
    // Pictures are painted piece by piece: quiet is when thirty frames have passed without a piece.
    await page.evaluate('untilQuiet(30)');
    const before = await drawn();
    await page.keyboard.press('Space');
    await expect.poll(() => placeOf(page), SOON).toBeGreaterThan(0.5);
    expect(await drawn()).toEqual(before);
    await page.keyboard.press('Space');
    await page.evaluate('untilQuiet(2)');
    const zoomed = await page.evaluate<number[]>('zoomedInOneFrame()');
    expect(zoomed.length).toBeGreaterThan(3);
    expect(new Set(zoomed)).toEqual(new Set([1]));
    await page.close();
  });

  test('what is seen pans, and what is marked plays round and round', async () => {
    const page = await open();
    await page.locator('.headline').waitFor(SOON);
    await page.locator('.lanes').focus();
    for (let i = 0; i < 6; i++) await page.keyboard.press('+');
    const seen = async () => (/see=([\d.]+)-([\d.]+)/.exec(page.url()) ?? []).slice(1).map(Number);
    // All six have come through: each shows five eighths of what was seen before it.
    const width = async () => {
      const [from, to] = await seen();
      return to - from;
    };
    await expect.poll(width, SOON).toBeCloseTo(SECONDS / 1.6 ** 6, 1);
    const [lo, hi] = await seen();
    const box = await page.locator('[data-lane=loss] canvas').boundingBox();
    if (!box) throw new Error('no loss lane');
    await page.mouse.move(box.x + 400, box.y + 40);
    await page.mouse.wheel(300, 0);
    await expect.poll(async () => (await seen())[0], SOON).toBeGreaterThan(lo + 0.05);
    const [moved, end] = await seen();
    expect(end - moved).toBeCloseTo(hi - lo, 1);
    await page.keyboard.press('l');
    expect(await page.getByRole('button', { name: 'Loop' }).getAttribute('aria-pressed')).toBe('true');
    await page.keyboard.press('Space');
    const places: number[] = [];
    // It goes back to the start of the stretch, and never leaves it.
    await expect
      .poll(async () => {
        places.push(await placeOf(page));
        return places.some((place, i) => i > 0 && place < places[i - 1]);
      }, SOON)
      .toBe(true);
    const inside = places.filter((place) => place > 0);
    expect(Math.min(...inside)).toBeGreaterThan(moved - 0.1);
    expect(Math.max(...inside)).toBeLessThan(end + 0.1);
    await page.close();
  });

  test.each([
    ['Picture (PNG)', 'png', /^\x89PNG/],
    ['Drawing (SVG)', 'svg', /^<svg [\s\S]*Surprise \(loss\)[\s\S]*<\/svg>\s*$/],
    ['Numbers (CSV)', 'csv', /^frame,seconds,clean,disturbed,delta[\s\S]*\n749,/],
    ['One page (HTML)', 'html', /^<!doctype html>[\s\S]*losscope-data/],
  ])('what is seen is saved: %s', async (name, ending, content) => {
    const page = await open();
    await page.locator('.headline').waitFor(SOON);
    await page.locator('.menu summary').click();
    const [file] = await Promise.all([
      page.waitForEvent('download', SOON),
      page.getByRole('button', { name }).click(),
    ]);
    expect(file.suggestedFilename()).toMatch(new RegExp(`\\.${ending}$`));
    expect(await readFile(await file.path(), ending === 'png' ? 'latin1' : 'utf8')).toMatch(content);
    await page.close();
  });

  test('under the pointer stands which choice of the model a code was, and what a blind guess is for it', async () => {
    const page = await open();
    await page.locator('.headline').waitFor(SOON);
    expect(await page.locator('[data-lane=loss] .lane-name').textContent()).toContain(
      'a blind guess among this model’s 512 codes is 6.2',
    );
    await page.locator('[data-lane=heat] canvas').scrollIntoViewIfNeeded();
    await page.locator('[data-lane=heat] canvas').hover();
    await expect
      .poll(() => page.locator('.readout').textContent())
      .toMatch(/its (first choice|\d+(st|nd|rd|th) choice of 512)/);
    await page.close();
  });

  test('what was kept stands beside the next on the same stretch of time, and one of the two plays', async () => {
    const page = await open();
    await page.locator('.headline').waitFor(SOON);
    await page.getByRole('button', { name: 'Keep this beside the next' }).click();
    const kept = page.getByRole('region', { name: 'Kept beside' });
    await page.getByRole('tab').nth(1).click();
    await expect
      .poll(() => page.locator('.bench canvas').count(), SOON)
      .toBe(2 * (await kept.locator('canvas').count()));
    const names = await kept.locator('.kept strong').textContent();
    expect(names).toBe(await page.getByRole('tab').first().textContent());
    await expect.poll(() => page.locator('.play:enabled').count(), SOON).toBe(2);
    await page.locator('.play').first().click();
    await page.locator('.play').last().click();
    await expect.poll(() => page.locator('.play').allTextContents(), SOON).toEqual(['Play', 'Pause']);
    await page.keyboard.press('Escape');
    expect(await violationsOf(page)).toEqual([]);
    await kept.getByRole('button', { name: 'Close' }).click();
    await expect.poll(() => page.locator('.play').count()).toBe(1);
    await page.close();
  });

  test('the folder of a checkpoint scores in the browser, as the bundled model does where it is the same', async () => {
    const page = await open();
    const before = await page.locator('.done').textContent(SOON);
    expect(await page.locator('footer').textContent()).toContain('at most 3 GB of weights');
    await page.locator('input.folder').setInputFiles(TINY_FOLDER);
    await expect.poll(() => page.locator('footer').textContent(), SOON).toContain('model tiny ·');
    await expect.poll(() => page.locator('.status').textContent(), SOON).toBe('');
    await expect
      .poll(() => page.locator('.done').textContent(), SOON)
      .toBe(before?.replace('at 5 s', 'at token 250'));
    await page.close();
  });

  test('what is no sound is refused in one line', async () => {
    const page = await open();
    await page.locator('input.sounds').setInputFiles({
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

  test('a study opens with its battery: a click on a damage finds its cells among 2,000', async () => {
    const served = await serve({
      resources: siteResources({ clips: [], model: 'tiny', study: madeUpStudy(2000) }),
      port: 0,
      warn: (line) => faults.push(line),
    });
    const page = await newPage(browser, { viewport: { width: 390, height: 844 } });
    page.on('console', (message) => faults.push(message.text()));
    await page.goto(`http://127.0.0.1:${served.port}/`);
    await page.getByText('2000 of 2000').waitFor(SOON);
    const columns = page.locator('.cells thead th:visible');
    expect(await columns.allTextContents()).toEqual(['clip ↑', 'disturbance', 'difference']);
    await page.getByRole('button', { name: 'hiss', exact: true }).click();
    await page.getByText('1000 of 2000').waitFor(SOON);
    await expect.poll(() => page.evaluate(() => location.hash)).toContain('find=hiss');
    expect(await page.getByRole('cell', { name: '0.90' }).getAttribute('class')).toBe('heard');
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    expect(await violationsOf(page)).toEqual([]);
    await page.close();
    await served.close();
  });

  test('the address of the cells behind a point shows them, and opens the first', async () => {
    const opened: string[] = [];
    const study = madeUpStudy(20);
    const served = await serve({
      resources: siteResources({
        ...{ clips: [], model: 'tiny' },
        study: {
          ...study,
          cell: async (key) => {
            opened.push(key);
            throw new Error('not there');
          },
        },
      }),
      port: 0,
      warn: () => undefined,
    });
    const page = await newPage(browser);
    const { disturbance, key } = JSON.parse(new TextDecoder().decode(await study.table()))[1];
    await page.goto(`http://127.0.0.1:${served.port}/#disturbance=${encodeURIComponent(disturbance)}`);
    await page.getByText(/^\d+ of 20$/).waitFor(SOON);
    await expect.poll(() => opened.length, SOON).toBeGreaterThan(0);
    expect(opened[0]).toBe(key);
    await expect.poll(() => page.url()).toContain(`cell=${key}`);
    await page.close();
    await served.close();
  });

  test('nothing was asked of anywhere else, and nothing was blocked or thrown', () => {
    expect([...new Set(asked)]).toEqual([`127.0.0.1:${serving.port}`]);
    expect(faults).toEqual([]);
  });

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

/** In the page: counts how often each lane's canvas is drawn, and zooms five times before the next frame. */
const countDrawings = `
  const counts = {};
  const clear = CanvasRenderingContext2D.prototype.clearRect;
  CanvasRenderingContext2D.prototype.clearRect = function (...box) {
    const lane = this.canvas.closest('[data-lane]')?.dataset.lane;
    if (lane) counts[lane] = (counts[lane] ?? 0) + 1;
    return clear.apply(this, box);
  };
  globalThis.drawings = () => ({ ...counts });
  const frames = async (n) => {
    for (let i = 0; i < n; i++) await new Promise(requestAnimationFrame);
  };
  globalThis.untilQuiet = async (n) => {
    for (let seen = ''; seen !== JSON.stringify(counts); ) {
      seen = JSON.stringify(counts);
      await frames(n);
    }
  };
  globalThis.zoomedInOneFrame = async () => {
    const before = drawings();
    const lanes = document.querySelector('.lanes');
    for (let i = 0; i < 5; i++) {
      lanes.dispatchEvent(new WheelEvent('wheel', { deltaY: -20, ctrlKey: true, clientX: 600, cancelable: true }));
    }
    await frames(2);
    return Object.entries(drawings()).map(([lane, n]) => n - (before[lane] ?? 0)).filter((n) => n > 0);
  };
`;

/** In the page: how many verdicts stand there while a clip is waited for. */
const countHeadlines = `
  globalThis.headlines = new Set();
  new MutationObserver(() => {
    if (document.body.textContent.includes('One moment…'))
      headlines.add(document.querySelectorAll('.headline').length);
  }).observe(document.body, { childList: true, subtree: true, characterData: true });
`;

/** Two damages in turn, over so many cells; none of them can be opened. */
function madeUpStudy(count: number): ServedStudy {
  const json = (value: object) => async () => new TextEncoder().encode(JSON.stringify(value));
  const cells = Array.from({ length: count }, (_, i) => ({
    key: `k${i}`,
    model: 'tiny',
    protocol: 'delayed',
    group: `group ${i % 3}`,
    clip: `song ${i}.flac`,
    disturbance: i % 2 === 0 ? 'hiss severity=1' : 'clip severity=1',
    clean: 4,
    disturbed: 4 + i / 1000,
    difference: i / 1000,
    failed: null,
  }));
  const auc = ({ damage, auc }: { damage: string; auc: number }) => ({
    ...{ maker: 'tiny (delayed)', severity: '1', score: 'loss' },
    damage,
    auc,
  });
  return {
    name: 'made up',
    keys: cells.map(({ key }) => key),
    table: json(cells),
    battery: json([auc({ damage: 'hiss', auc: 0.9 }), auc({ damage: 'clip', auc: 0.5 })]),
    cell: async () => {
      throw new Error('not there');
    },
    close: async () => undefined,
  };
}
