// The shell of a self-contained page: a document and its style as text. No network, no fonts, no scripts; it opens from a
// file, by day and by night, on a screen of any width.

import { policyOf } from './policy.js';
import { escapeXml, withoutMarkNames } from './svg.js';

const STYLE = `
:root { color-scheme: light dark; --paper: #fff; --ink: #1b1f24; --quiet: #57606a; --line: #d8dde2; --wash: #f4f6f8; --accent: #00629b;
  --on-accent: #fff; --warn: #b34700; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #12161b; --ink: #e8ecf0; --quiet: #a3aeb9; --line: #2f3842; --wash: #1b2128; --accent: #6cbdf0; --on-accent: #0b1520;
    --warn: #ff9a5c; }
  /* Figures are drawn dark on light: turned over, their hues stay. */
  figure svg { filter: invert(1) hue-rotate(180deg); }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 1320px; margin: 0 auto; padding: 20px 28px 64px; }
h1 { font-size: 28px; line-height: 1.2; margin: 8px 0 4px; overflow-wrap: anywhere; }
h2 { font-size: 21px; line-height: 1.3; margin: 44px 0 6px; padding-top: 14px; border-top: 1px solid var(--line); }
h3 { font-size: 16px; margin: 22px 0 4px; }
p { max-width: 80ch; margin: 8px 0; overflow-wrap: break-word; }
a { color: var(--accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.quiet { color: var(--quiet); font-size: 14px; }
.answers { background: var(--wash); border-left: 4px solid var(--accent); padding: 10px 18px 10px 36px; margin: 16px 0; }
.answers li { margin: 5px 0; }
figure { margin: 12px 0; }
figcaption { color: var(--quiet); font-size: 14px; max-width: 100ch; }
svg { max-width: 100%; height: auto; display: block; }
.scroll { overflow-x: auto; }
/* As large as it is drawn: text that shrinks with its figure cannot be read on a phone. */
.scroll svg { max-width: none; }
table { border-collapse: collapse; font-size: 14px; font-variant-numeric: tabular-nums; margin: 10px 0; }
th, td { padding: 4px 10px; white-space: nowrap; border-bottom: 1px solid var(--line); text-align: right; vertical-align: top; }
td.long { white-space: normal; min-width: 22ch; }
th:first-child, td:first-child { text-align: left; padding-left: 0; }
th { font-weight: 600; color: var(--quiet); }
details { margin: 4px 0 10px; } summary { cursor: pointer; }
dl.made { display: grid; grid-template-columns: max-content 1fr; gap: 2px 18px; font-size: 14px; }
dl.made dt { color: var(--quiet); } dl.made dd { margin: 0; overflow-wrap: anywhere; }
@media (max-width: 640px) {
  main { padding: 10px 14px 40px; } h1 { font-size: 23px; }
  dl.made { grid-template-columns: 1fr; } dl.made dd { margin: 0 0 8px; }
}
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
<meta name="color-scheme" content="light dark">
<title>${escapeXml(title)}</title>
<style>${STYLE}${style}</style>
<body>
<main>
${withoutMarkNames(body)}
</main>
</body>
</html>
`;
}
