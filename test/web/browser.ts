// Debian's Chromium for tests, and a server of plain files on this machine for it to load.

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';

const CANDIDATES = [
  process.env.LOSSCOPE_BROWSER,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];

/** Where a browser is, if there is one. */
export const BROWSER = CANDIDATES.find((file): file is string => file !== undefined && existsSync(file));

/** The name of a suite that needs a browser: without one it says so, plainly, where the results are read. */
export function inBrowser(name: string): string {
  return BROWSER === undefined ? `${name} [SKIPPED: no browser found; apt-get install chromium]` : name;
}

/** A busy machine takes its time: for starting the browser, and for whatever is waited for in a page. */
export const SOON = { timeout: 240_000 } as const;

/** A page whose actions and waits are as patient. */
export async function newPage(browser: Browser, options?: Parameters<Browser['newPage']>[0]): Promise<Page> {
  const page = await browser.newPage(options);
  page.setDefaultTimeout(SOON.timeout);
  return page;
}

/** With `webgpu`, on SwiftShader: a GPU in software. */
export function launch({ webgpu = false }: { readonly webgpu?: boolean } = {}): Promise<Browser> {
  return chromium.launch({
    executablePath: BROWSER ?? '',
    ...SOON,
    args: [
      '--no-sandbox',
      ...(webgpu ? ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'] : ['--disable-gpu']),
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--autoplay-policy=no-user-gesture-required',
    ],
  });
}

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** What axe-core finds wrong: rule and element. Its script comes through the debugger, past the page's policy. */
export async function violationsOf(page: Page): Promise<string[]> {
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

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
};

export interface FileServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Serves files by path; cross-origin isolated, so that threads can be had, and under a policy that lets nothing out. */
export async function serveFiles(files: Readonly<Record<string, string>>): Promise<FileServer> {
  const server = createServer((request, response) => {
    const file = files[(request.url ?? '').split('?')[0]];
    if (file === undefined) {
      response.writeHead(404).end();
      return;
    }
    void readFile(file).then((bytes) =>
      response
        .writeHead(200, {
          'Content-Type': TYPES[path.extname(file)] ?? 'application/octet-stream',
          'Cross-Origin-Opener-Policy': 'same-origin',
          'Cross-Origin-Embedder-Policy': 'require-corp',
          'Content-Security-Policy':
            "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'",
        })
        .end(bytes),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
