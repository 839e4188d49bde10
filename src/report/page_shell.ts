// The shell of a self-contained page: style and behaviour as text. No network, no fonts, no frameworks; it opens
// from a file. The script builds the disturbed sound from the clean one and the inserted piece, so that six
// lengths of one clip do not weigh six times as much, and moves a playhead over the curves while it plays.

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
.answers { background: var(--wash); border-left: 4px solid #0072b2; padding: 10px 18px; margin: 16px 0; }
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
.tabs { display: flex; flex-wrap: wrap; gap: 6px 10px; align-items: center; margin: 10px 0; }
.tabs button { font: inherit; font-size: 14px; padding: 3px 12px; border: 1px solid var(--line); border-radius: 14px;
  background: #fff; cursor: pointer; }
.tabs button[aria-pressed=true] { background: var(--ink); border-color: var(--ink); color: #fff; }
.listen { display: flex; flex-wrap: wrap; gap: 4px 24px; margin: 8px 0; }
.listen label { font-size: 14px; color: var(--quiet); }
audio { display: block; height: 34px; width: 320px; }
.curves { position: relative; cursor: crosshair; }
.playhead { position: absolute; top: 0; bottom: 0; width: 1.5px; background: #d55e00; pointer-events: none;
  display: none; }
details { margin: 4px 0 10px; } summary { cursor: pointer; }
dl.made { display: grid; grid-template-columns: max-content 1fr; gap: 2px 18px; font-size: 14px; }
dl.made dt { color: var(--quiet); } dl.made dd { margin: 0; overflow-wrap: anywhere; }
@media print { .tabs, .listen { display: none; } .probe[hidden] { display: block !important; } }
`;

const SCRIPT = `
'use strict';
const bytesOf = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
function wavUrl(pcm, rate) {
  const header = new DataView(new ArrayBuffer(44));
  const word = (at, text) => [...text].forEach((c, i) => header.setUint8(at + i, c.charCodeAt(0)));
  word(0, 'RIFF'); header.setUint32(4, 36 + pcm.length, true); word(8, 'WAVEfmt ');
  header.setUint32(16, 16, true); header.setUint16(20, 1, true); header.setUint16(22, 1, true);
  header.setUint32(24, rate, true); header.setUint32(28, rate * 2, true); header.setUint16(32, 2, true);
  header.setUint16(34, 16, true); word(36, 'data'); header.setUint32(40, pcm.length, true);
  return URL.createObjectURL(new Blob([header, pcm], { type: 'audio/wav' }));
}
for (const clip of document.querySelectorAll('.clip')) {
  const probes = [...clip.querySelectorAll('.probe')];
  const show = (chosen) => {
    probes.forEach((probe) => { probe.hidden = probe !== chosen; });
    clip.querySelectorAll('.tabs button').forEach((button, i) =>
      button.setAttribute('aria-pressed', String(probes[i] === chosen)));
    const data = clip.querySelector('script.sound');
    const player = clip.querySelector('audio.disturbed');
    if (!data || !player) return;
    const sound = JSON.parse(data.textContent);
    const insert = sound.inserts[probes.indexOf(chosen)];
    const pcm = bytesOf(sound.clean).slice(0, 2 * insert.samples);
    pcm.set(bytesOf(insert.pcm), insert.start * 2);
    URL.revokeObjectURL(player.src);
    player.src = wavUrl(pcm, sound.sampleRate);
    const clean = clip.querySelector('audio.clean');
    if (!clean.src) clean.src = wavUrl(bytesOf(sound.clean), sound.sampleRate);
  };
  clip.querySelectorAll('.tabs button').forEach((button, i) => button.addEventListener('click', () => show(probes[i])));
  const place = (seconds) => clip.querySelectorAll('.curves').forEach((curves) => {
    const { left, right, width, seconds: total } = curves.dataset;
    const head = curves.querySelector('.playhead');
    const x = Number(left) + (Number(width) - Number(left) - Number(right)) * (seconds / Number(total));
    head.style.left = (100 * x / Number(width)) + '%';
    head.style.display = 'block';
  });
  clip.querySelectorAll('audio').forEach((player) => {
    const follow = () => { place(player.currentTime); if (!player.paused) requestAnimationFrame(follow); };
    player.addEventListener('play', () => {
      document.querySelectorAll('audio').forEach((other) => { if (other !== player) other.pause(); });
      follow();
    });
    player.addEventListener('seeked', () => place(player.currentTime));
  });
  clip.querySelectorAll('.curves').forEach((curves) => curves.addEventListener('click', (event) => {
    const { left, right, width, seconds } = curves.dataset;
    const box = curves.getBoundingClientRect();
    const x = (event.clientX - box.left) / box.width * Number(width) - Number(left);
    const at = x / (Number(width) - Number(left) - Number(right)) * Number(seconds);
    const players = [...clip.querySelectorAll('audio')];
    const player = players.find((p) => !p.paused) ?? players.at(-1);
    if (player) player.currentTime = Math.max(0, Math.min(Number(seconds), at));
  }));
  const pressed = [...clip.querySelectorAll('.tabs button')].findIndex((b) => b.getAttribute('aria-pressed') === 'true');
  if (probes.length) show(probes[Math.max(0, pressed)]);
}
`;

/** A whole HTML document around a body. */
export function pageShell(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeXml(title)}</title>
<style>${STYLE}</style>
<body>
${body}
<script>${SCRIPT}</script>
</body>
</html>
`;
}
