// A self-contained page of the viewer: script, style and data in one HTML file, and figures for those without scripts. It
// opens from a file and asks no network for anything.

import { policyOf } from '../policy.js';
import { escapeXml, inTenths, withoutMarkNames } from '../svg.js';

/** The viewer as it is bundled: see tools/web. */
export interface ViewerBundle {
  readonly script: string;
  readonly style: string;
}

export interface ViewerPage {
  readonly title: string;
  /** One or two sentences of plain text. */
  readonly intro: string;
  readonly bundle: ViewerBundle;
  /** Of packPage, deflated (raw), in base64. */
  readonly data: string;
  /** HTML after the viewer: tables, provenance. */
  readonly after?: string;
  /** HTML shown only where no script runs: figures. */
  readonly still?: string;
}

export function viewerPage({ title, intro, bundle, data, after = '', still = '' }: ViewerPage): string {
  const script = inScript(bundle.script);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policyOf(script)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeXml(title)}</title>
<style>${bundle.style}</style>
</head>
<body>
<main>
<h1>${escapeXml(title)}</h1>
<p class="intro">${escapeXml(intro)}</p>
<div id="viewer"></div>
<noscript>${withoutMarkNames(inTenths(still))}</noscript>
${withoutMarkNames(after)}
</main>
<script type="application/octet-stream" id="losscope-data">${data}</script>
<script>${script}</script>
</body>
</html>
`;
}

/** A script that cannot end its own element early. */
function inScript(script: string): string {
  return script.replaceAll('</script', '<\\/script').replaceAll('<!--', '<\\!--');
}
