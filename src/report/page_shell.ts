// The shell of a self-contained page: a document and its style as text. No network, no fonts, no frameworks; it
// opens from a file.

import { policyOf } from './policy.js';
import { escapeXml } from './svg.js';

const STYLE = `
:root { color-scheme: light; --ink: #1b1f24; --quiet: #5c6670; --line: #d8dde2; --wash: #f5f7f9; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1024px; padding: 24px 32px 64px; background: #fff; color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 28px; line-height: 1.2; margin: 8px 0 4px; }
h2 { font-size: 21px; margin: 44px 0 6px; padding-top: 14px; border-top: 1px solid var(--line); }
h3 { font-size: 16px; margin: 22px 0 4px; }
p { max-width: 76ch; margin: 8px 0; }
a { color: #0072b2; }
.quiet { color: var(--quiet); font-size: 14px; }
.answers { background: var(--wash); border-left: 4px solid #0072b2; padding: 10px 18px 10px 36px; margin: 16px 0; }
.answers li { margin: 5px 0; }
figure { margin: 12px 0; }
figcaption { color: var(--quiet); font-size: 14px; max-width: 90ch; }
svg { max-width: 100%; height: auto; display: block; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: 14px; font-variant-numeric: tabular-nums; margin: 10px 0; }
th, td { padding: 4px 10px; white-space: nowrap; border-bottom: 1px solid var(--line); text-align: right; vertical-align: top; }
td.long { white-space: normal; min-width: 22ch; }
th:first-child, td:first-child { text-align: left; padding-left: 0; }
th { font-weight: 600; color: var(--quiet); }
details { margin: 4px 0 10px; } summary { cursor: pointer; }
dl.made { display: grid; grid-template-columns: max-content 1fr; gap: 2px 18px; font-size: 14px; }
dl.made dt { color: var(--quiet); } dl.made dd { margin: 0; overflow-wrap: anywhere; }
`;

/** A whole HTML document around a body; `style` is added to the common one. */
export function pageShell(
  title: string,
  body: string,
  { style = '' }: { readonly style?: string } = {},
): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policyOf('')}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeXml(title)}</title>
<style>${STYLE}${style}</style>
<body>
${body}
</body>
</html>
`;
}
