// A study's report as the explorer serves it: its points lead to the explorer itself, and its style is a file, since a page
// of this server may have no style of its own.

import { readdirSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { VIEW_PAGE } from '../../report/view/address.js';
import { type Resource, typeOf } from './resource.js';

/** Addresses of a report that `losscope report` wrote into a store, with what they give; none where there is none. */
export function reportResources(store: string): [string, Resource][] {
  const folder = path.join(store, 'report');
  const page = path.join(folder, 'index.html');
  if (!statSync(page, { throwIfNoEntry: false })?.isFile()) return [];
  const figures = path.join(folder, 'figures');
  const names = statSync(figures, { throwIfNoEntry: false })?.isDirectory() ? readdirSync(figures) : [];
  return [
    ['/report/index.html', made('index.html', async () => servedReport(await readFile(page, 'utf8')))],
    ['/report/report.css', made('report.css', async () => reportStyle(await readFile(page, 'utf8')))],
    ...names
      .filter((name) => /^[\w-]+\.(png|svg|pdf)$/.test(name))
      .map((name): [string, Resource] => [
        `/report/figures/${name}`,
        { type: typeOf(name), file: path.join(figures, name) },
      ]),
  ];
}

function made(name: string, text: () => Promise<string>): Resource {
  return { type: typeOf(name), make: async () => new TextEncoder().encode(await text()) };
}

const STYLE = /<style[^>]*>([\s\S]*?)<\/style>/g;

/** The page without style and policy of its own, which the server's replace. */
export function servedReport(html: string): string {
  return html
    .replace(/<meta http-equiv="Content-Security-Policy"[^>]*>/, '<link rel="stylesheet" href="report.css">')
    .replace(STYLE, '')
    .replaceAll(`href="${VIEW_PAGE}#`, 'href="../#');
}

/** All of its style. */
export function reportStyle(html: string): string {
  return [...html.matchAll(STYLE)].map(([, text]) => text).join('\n');
}
