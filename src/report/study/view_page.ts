// The page that a point of a report leads to where the explorer is not running: it says how to start it, and links to what
// the point stands for. Where a report is served by the explorer, its points lead there at once.

import { pageShell } from '../page_shell.js';
import { policyOf } from '../policy.js';
import { escapeXml } from '../svg.js';

/** Where `losscope view` listens if nothing else does. */
const EXPLORER = 'http://127.0.0.1:4747/';

const SCRIPT = `
const fields = new URLSearchParams(location.hash.slice(1));
document.getElementById('what').textContent = [...fields.values()].join(', ') || 'the study';
document.getElementById('there').href += location.hash;
`;

/** `folder` is the study's folder as it was named. */
export function viewPage(folder: string): string {
  const body = `<h1>Hear the clips behind a point</h1>
<p>You chose: <strong id="what">a point of the report</strong>.</p>
<ol><li>Start the explorer on the folder of the study: <code>losscope view ${escapeXml(folder)}</code></li>
<li><a id="there" href="${EXPLORER}">Open these clips in it</a>. If it named another address than ${EXPLORER}, open the report from there: it is at <code>report/index.html</code>.</li></ol>
<p><a href="index.html">Back to the report</a></p>
<script>${SCRIPT}</script>`;
  return pageShell('Hear the clips behind a point', body).replace(policyOf(''), policyOf(SCRIPT));
}
