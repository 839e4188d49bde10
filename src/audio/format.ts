// Which format a sound file is in, by its first bytes, never by its extension.

import { latin1, startsWith } from './bytes.js';
import { isWav } from './wav.js';

export type AudioFormat = 'wav' | 'mp3' | 'flac' | 'vorbis' | 'opus';

/** Where the sound begins: after ID3v2 tags, which some taggers put before anything. */
export interface Recognised {
  readonly format: AudioFormat;
  readonly start: number;
}

const ACCEPTED = 'WAV, MP3, FLAC, Ogg Vorbis and Opus are read';
const CONVERT = 'convert it: ffmpeg -i IN OUT.wav';

/** First bytes of what people try: [offset, text, name]. */
const OTHERS: readonly (readonly [number, string, string])[] = [
  [4, 'ftyp', 'AAC/M4A (MP4)'],
  [0, 'ADIF', 'AAC'],
  [0, 'FORM', 'AIFF'],
  [0, 'caff', 'CAF'],
  [0, '\x1a\x45\xdf\xa3', 'WebM/Matroska'],
  [0, '\x30\x26\xb2\x75', 'WMA'],
  [0, 'RIFX', 'big-endian WAV'],
  [0, 'MThd', 'MIDI (a score, not sound)'],
  [0, 'MAC ', "Monkey's Audio"],
  [0, 'wvpk', 'WavPack'],
];

/** @throws when the file is empty or in none of the accepted formats. */
export function recognise(bytes: Uint8Array, name: string): Recognised {
  if (bytes.length === 0) throw new Error(`${name}: empty file (0 bytes)`);
  const start = afterTags(bytes);
  const format = formatAt(bytes, start);
  if (format !== undefined) return { format, start };
  const other = nameOfOther(bytes, start);
  if (other !== undefined) throw new Error(`${name}: ${other} is not read (${ACCEPTED}); ${CONVERT}`);
  throw new Error(`${name}: not a sound file of a known format (${ACCEPTED}); others: ${CONVERT}`);
}

function formatAt(bytes: Uint8Array, at: number): AudioFormat | undefined {
  if (isWav(bytes.subarray(at))) return 'wav';
  if (startsWith(bytes, at, 'fLaC')) return 'flac';
  if (startsWith(bytes, at, 'OggS')) {
    const packet = at + 27 + (bytes[at + 26] ?? 0);
    if (startsWith(bytes, packet, '\x01vorbis')) return 'vorbis';
    return startsWith(bytes, packet, 'OpusHead') ? 'opus' : undefined;
  }
  // MPEG audio: 11 sync bits, then version (01 is reserved) and layer (01 is layer III).
  const second = bytes[at + 1] ?? 0;
  const layer3 = bytes[at] === 0xff && (second & 0xe6) === 0xe2 && (second & 0x18) !== 0x08;
  return layer3 ? 'mp3' : undefined;
}

function nameOfOther(bytes: Uint8Array, start: number): string | undefined {
  if (startsWith(bytes, start, 'OggS')) {
    const packet = start + 27 + (bytes[start + 26] ?? 0);
    if (startsWith(bytes, packet, '\x7fFLAC')) return 'FLAC inside Ogg';
    if (startsWith(bytes, packet, 'Speex')) return 'Speex';
    return 'Ogg that holds neither Vorbis nor Opus';
  }
  for (const [offset, text, what] of OTHERS) {
    if (startsWith(bytes, start + offset, text)) return what;
  }
  if (bytes[start] === 0xff && ((bytes[start + 1] ?? 0) & 0xf6) === 0xf0) return 'AAC (ADTS)';
  if (bytes[start] === 0xff && ((bytes[start + 1] ?? 0) & 0xe0) === 0xe0)
    return 'MPEG audio that is not layer III';
  return undefined;
}

/** ID3v2: "ID3", version 2, flags 1, then 4 bytes of 7 bits: the size of what follows. */
function afterTags(bytes: Uint8Array): number {
  let at = 0;
  while (latin1(bytes, at, 3) === 'ID3' && at + 10 <= bytes.length) {
    const [a, b, c, d] = bytes.subarray(at + 6, at + 10);
    const footer = (bytes[at + 5] & 0x10) !== 0 ? 10 : 0;
    at += 10 + (((a & 127) << 21) | ((b & 127) << 14) | ((c & 127) << 7) | (d & 127)) + footer;
    while (bytes[at] === 0) at++;
  }
  return at;
}
