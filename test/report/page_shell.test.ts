// report/page_shell: what a page may do is said in it, and its own script is the only one that may run.

import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { pageShell } from '../../src/report/page_shell.js';
import { viewerPage } from '../../src/report/view/page.js';

test('a page loads nothing from anywhere and runs its own script alone', () => {
  const script = "document.title = 'ř';";
  const policyOf = (html: string) =>
    /<meta http-equiv="Content-Security-Policy" content="([^"]*)">/.exec(html)?.[1];
  const bundle = { script, style: '' };
  const html = viewerPage({ title: 'a <title>', intro: '', bundle, data: '' });
  const hash = createHash('sha256').update(script).digest('base64');
  expect(policyOf(html)?.split('; ')).toEqual([
    "default-src 'none'",
    "style-src 'unsafe-inline'",
    'img-src data: blob:',
    'media-src blob: data:',
    `script-src 'sha256-${hash}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ]);
  // Before anything that it is about.
  expect(html.indexOf('Content-Security-Policy')).toBeLessThan(html.indexOf('<title>'));
  expect(policyOf(pageShell('t', ''))).toContain("script-src 'none'");
});
