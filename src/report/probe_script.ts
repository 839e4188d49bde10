// The behaviour of a page of probes, as text. It builds the disturbed sound from the clean one and the inserted
// piece, so that six lengths of one clip do not weigh six times as much, switches between lengths, and moves a
// playhead over the curves while it plays.

export const PROBE_SCRIPT = `
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
