// The pages that losscope writes, in a real browser: nothing scrolls sideways on a phone, nothing is asked of anybody, axe-core
// finds nothing, by day and by night; choices and filters of a report work by keys.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatOf } from '../../src/loss/encode.js';
import { readDemoClips } from '../../src/node/demo.js';
import { openDrawing } from '../../src/node/document.js';
import { openNamedModel } from '../../src/node/open.js';
import { clipSounds, pageParts } from '../../src/node/page_parts.js';
import { sensitivityMap } from '../../src/probe/map.js';
import { probe, scoreClip } from '../../src/probe/probe.js';
import { judgeSongs, songOf } from '../../src/probe/songs.js';
import { mapPage } from '../../src/report/map_page.js';
import { probePage } from '../../src/report/page.js';
import { songsPage } from '../../src/report/songs_page.js';
import { compareReport } from '../../src/report/study/compare_page.js';
import { studyReport } from '../../src/report/study/page.js';
import { viewPage } from '../../src/report/study/view_page.js';
import { PANEL_MEMBERS } from '../../src/scores/panel.js';
import { syntheticComparison, syntheticFindings } from '../report/synthetic_findings.js';
import { heardClip } from '../scores/heard.js';
import { BROWSER, inBrowser, launch, newPage, SOON, violationsOf } from './browser.js';

describe.skipIf(BROWSER === undefined)(inBrowser('written pages'), { timeout: 400_000 }, () => {
  let folder = '';
  let browser: Browser;
  const faults: string[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'losscope-pages-'));
    const pages = await everyPage();
    for (const [name, html] of Object.entries(pages)) await writeFile(path.join(folder, name), html);
    browser = await launch();
  }, 400_000);
  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function open(name: string, { width = 1400, dark = false, script = true } = {}): Promise<Page> {
    const page = await newPage(browser, {
      viewport: { width, height: 844 },
      colorScheme: dark ? 'dark' : 'light',
      reducedMotion: 'reduce',
      javaScriptEnabled: script,
    });
    page.on('console', (message) => faults.push(`${name}: ${message.text()}`));
    page.on('pageerror', (error) => faults.push(`${name}: ${error.message}`));
    page.on('request', (request) => {
      if (!/^(file|blob|data):/.test(request.url())) faults.push(`${name} asked for ${request.url()}`);
    });
    await page.goto(pathToFileURL(path.join(folder, name)).href, SOON);
    return page;
  }

  test.each([
    'probe.html',
    'demo.html',
    'map.html',
    'report.html',
    'songs.html',
    'compare.html',
    'view.html',
  ])(
    '%s: one main, 390 px without sideways scroll, no accessibility violation by day and by night',
    async (name) => {
      const isViewer = !/^(report|songs|compare|view)/.test(name);
      for (const [width, dark] of [
        [1400, false],
        [390, true],
      ] as const) {
        const page = await open(name, { width, dark });
        if (isViewer) await page.locator('[data-lane=loss] canvas').waitFor(SOON);
        expect(await page.locator('main').count()).toBe(1);
        expect(
          await page.evaluate(() => document.documentElement.scrollWidth),
          `${width}`,
        ).toBeLessThanOrEqual(width);
        expect(await violationsOf(page), `${width}`).toEqual([]);
        const paper = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
        expect(paper).toBe(dark ? 'rgb(18, 22, 27)' : 'rgb(255, 255, 255)');
        await page.close();
      }
    },
  );

  test('the first line of a probe says what was done, what came of it, and how sure that is', async () => {
    const page = await open('probe.html');
    const line = (await page.locator('.headline').textContent(SOON)) ?? '';
    expect(line).toMatch(
      /^White noise, 1 s long, at 5 s: (the model|no region) .+\. (Very sure|Fairly sure|The least likely)/,
    );
    expect(await page.locator('main').textContent()).not.toContain('/home/somebody');
    await page.close();
  });

  test('the first screen of a map says where the model reacts, how sure that is, and what a nat is', async () => {
    for (const width of [1400, 390]) {
      const page = await open('map.html', { width });
      const verdict = page.locator('.verdict');
      await verdict.waitFor(SOON);
      expect(await verdict.textContent()).toMatch(
        /^White noise, 0\.1 s long, at 5 places in turn: the model is startled most at .+ and least at .+How sure.+A nat is .+ costs ln/,
      );
      const { y = 0, height = 844 } = (await verdict.boundingBox()) ?? {};
      expect(y + height, `${width}`).toBeLessThan(844);
      await page.close();
    }
  });

  test('a report: a set of curves is chosen and rows are filtered by keys alone, without any script', async () => {
    const page = await open('report.html');
    const choice = page.locator('.choice').filter({ hasText: 'Curves of' }).first();
    const shown = () =>
      choice.locator('> .option').evaluateAll((all) => all.map((one) => one.checkVisibility()));
    const before = await shown();
    expect(before.filter(Boolean)).toHaveLength(1);
    await choice.locator('input').first().focus();
    await page.keyboard.press('ArrowRight');
    expect((await shown()).indexOf(true)).toBe(1);
    await page.locator('#disturbance-1').focus();
    await page.keyboard.press('ArrowRight');
    expect(await page.locator('section[data-disturbance]:visible').count()).toBe(1);
    await page.close();
  });

  test('a point of a report leads to a page that names it and says how to hear it', async () => {
    const page = await open('report.html');
    const point = page.locator('svg a').first();
    const address = await point.evaluate(
      (link) =>
        link.getAttribute('href') ?? link.getAttributeNS('http://www.w3.org/1999/xlink', 'href') ?? '',
    );
    await point.click();
    await page.waitForURL(/view\.html#/);
    const fields = new URLSearchParams(address.split('#')[1]);
    expect(await page.locator('#what').textContent()).toBe([...fields.values()].join(', '));
    expect(await page.locator('#there').getAttribute('href')).toBe(
      `http://127.0.0.1:4747/#${address.split('#')[1]}`,
    );
    await page.close();
  });

  test.each(['report.html', 'compare.html', 'demo.html', 'map.html', 'songs.html'])(
    '%s: on a phone, without scripts, the words of every figure are 11 px or larger and the page is no wider',
    async (name) => {
      const page = await open(name, { width: 390, script: false });
      // Content of `noscript` is there only where no script runs, and this is asked from outside of the page.
      const sizes = await page.locator('svg text').evaluateAll((all) =>
        all.flatMap((text) => {
          const scale = (text as SVGTextElement).getScreenCTM()?.a ?? 1;
          const shown = text.checkVisibility() && (text.textContent ?? '').trim() !== '';
          return shown ? [Number.parseFloat(getComputedStyle(text).fontSize) * scale] : [];
        }),
      );
      expect(sizes.length).toBeGreaterThan(0);
      expect(Math.min(...sizes)).toBeGreaterThanOrEqual(10.99);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
      await page.close();
    },
  );

  test('nothing was asked of anybody, and nothing was blocked or thrown', () => {
    expect(faults).toEqual([]);
  });
});

/** Of made-up songs, one with a burst. */
function rankingPage(): string {
  const songs = Array.from({ length: 7 }, (_, i) => {
    const burst = i === 0 ? { poor: { start: 200, end: 300 } } : {};
    return songOf(`song-${i}.wav`, heardClip({ name: `s${i}`, roundTrip: 0.3 + i / 100, ...burst }));
  });
  return songsPage(judgeSongs(songs), songs, {
    made: {
      ...{ model: 'tiny', fingerprint: '0123456789abcdef', protocol: 'delayed', condition: 'none' },
      ...{ scores: 1, loudness: -23, roundTrip: 3, seconds: 10 },
    },
    ...{ members: PANEL_MEMBERS, beside: 'beside each other', seconds: 10, offset: 0 },
  });
}

/** One page of each kind: measured with `tiny` where it has a viewer, of made-up findings elsewhere. */
async function everyPage(): Promise<Readonly<Record<string, string>>> {
  const drawing = await openDrawing();
  const model = await openNamedModel({ model: 'tiny' });
  try {
    const [first, second] = await readDemoClips(formatOf(model), () => undefined);
    const probesOf = async ({ clip, title }: typeof first, lengths: readonly number[]) => {
      const clean = await scoreClip(model, clip);
      const probed = [];
      for (const tokens of lengths) {
        const noise = { kind: 'noise', color: 'white', level: 'match', seed: 1 } as const;
        probed.push(
          await probe(model, clean, { ...noise, at: { seconds: 5 }, length: { tokens } }, { title }),
        );
      }
      return { clean, probed };
    };
    const one = await probesOf(
      { ...first, clip: { ...first.clip, name: '/home/somebody/song.flac' }, title: 'song.flac' },
      [50],
    );
    const two = await probesOf(second, [50, 100]);
    const three = await probesOf(first, [50, 100]);
    const map = await sensitivityMap(model, one.clean, { title: 'song.flac', every: 150 });
    const records = [...three.probed, ...two.probed].map(({ record }) => record);
    const words = { title: 'What tiny makes of noise', intro: 'Play it.' };
    return {
      'probe.html': probePage(drawing, [one.probed[0].record], {
        ...words,
        ...(await pageParts(new Map([['/home/somebody/song.flac', clipSounds(first.clip, one.probed)]]))),
      }),
      'demo.html': probePage(drawing, records, { ...words, ...(await pageParts(new Map())) }),
      'map.html': mapPage(drawing, [map], await pageParts(new Map())),
      'report.html': studyReport(drawing, syntheticFindings({ groups: ['A', 'B'], clips: 4 })).html,
      'view.html': viewPage('runs/<mine>'),
      'songs.html': rankingPage(),
      'compare.html': compareReport(drawing, syntheticComparison()).html,
    };
  } finally {
    await model.close();
  }
}
