// The names of formats that are not read, so that a refusal says what the file is.

import { startsWith } from './bytes.js';

/** First bytes of what people try: [offset, text, name]. */
const OTHERS: readonly (readonly [number, string, string])[] = [
  [4, 'ftyp', 'AAC/M4A (MP4)'],
  [0, 'ADIF', 'AAC'],
  [8, 'AIFF', 'AIFF'],
  [8, 'AIFC', 'AIFF-C'],
  [0, 'FORM', 'AIFF'],
  [0, 'caff', 'CAF'],
  [0, '\x1a\x45\xdf\xa3', 'WebM/Matroska'],
  [0, '\x30\x26\xb2\x75', 'WMA'],
  [0, 'RIFX', 'big-endian WAV'],
  [0, 'riff\x2e\x91\xcf\x11', 'Wave64'],
  [8, 'RMID', 'MIDI (a score, not sound)'],
  [8, 'AVI ', 'AVI video'],
  [8, 'sfbk', 'a SoundFont (no sound by itself)'],
  [0, 'MThd', 'MIDI (a score, not sound)'],
  [0, 'MAC ', "Monkey's Audio"],
  [0, 'wvpk', 'WavPack'],
  [0, '.snd', 'Sun AU'],
  [0, 'dns.', 'Sun AU'],
  [0, 'NIST_1A', 'NIST SPHERE'],
  [0, 'Creative Voice File', 'Creative VOC'],
  [0, 'DSD ', 'DSD (DSF)'],
  [0, 'FRM8', 'DSD (DSDIFF)'],
  [0, 'TTA1', 'True Audio'],
  [0, 'TTA2', 'True Audio'],
  [0, 'MPCK', 'Musepack'],
  [0, 'MP+', 'Musepack'],
  [0, 'OFR ', 'OptimFROG'],
  [0, 'ajkg', 'Shorten'],
  [0, '#!AMR', 'AMR'],
  [0, '.RMF', 'RealAudio'],
  [0, '.ra\xfd', 'RealAudio'],
  [0, 'FLV\x01', 'Flash video'],
  [0, '\0\0\x01\xba', 'MPEG video'],
  [0, '\x0b\x77', 'AC-3'],
  [0, '\x7f\xfe\x80\x01', 'DTS'],
  [0, 'Extended Module: ', 'an XM tracker module'],
  [0, 'IMPM', 'an IT tracker module'],
  [44, 'SCRM', 'an S3M tracker module'],
  [0, 'MTM', 'an MTM tracker module'],
  [0, 'OKTASONG', 'an Oktalyzer tracker module'],
  [0, 'MMD', 'an OctaMED tracker module'],
  [0, 'PSID', 'a SID tune'],
  [0, 'RSID', 'a SID tune'],
  [0, 'NESM\x1a', 'an NES tune'],
  [0, 'Vgm ', 'a VGM tune'],
  [0, 'PK\x03\x04', 'a ZIP archive'],
  [0, '\x1f\x8b', 'a gzip archive'],
  [0, 'Rar!', 'a RAR archive'],
  [0, '7z\xbc\xaf', 'a 7z archive'],
  [0, '%PDF', 'a PDF'],
  [0, '\x89PNG', 'a PNG picture'],
  [0, '\xff\xd8\xff', 'a JPEG picture'],
  [0, 'GIF8', 'a GIF picture'],
  [0, '\x7fELF', 'a program'],
  [0, '\x93NUMPY', 'a NumPy array'],
  [0, 'version https://git-lfs', 'a Git LFS pointer (git lfs pull gets the file itself)'],
  [0, '<!DOCTYPE', 'a web page'],
  [0, '<!doctype', 'a web page'],
  [0, '<html', 'a web page'],
];

/** Four letters at byte 1080 of the MOD family: the number of channels, or who wrote it. */
const MOD = /^(M\.K\.|M!K!|M&K!|N\.T\.|FLT[48]|OCTA|CD81|TDZ[1-9]|[1-9]CHN|[0-9]{2}C[HN])/;

/** What begins with these bytes; undefined when it is not known, or one of the formats that are read. */
export function nameOfOther(head: Uint8Array): string | undefined {
  if (startsWith(head, 0, 'OggS')) return inOgg(head);
  for (const [offset, text, what] of OTHERS) {
    if (startsWith(head, offset, text)) return what;
  }
  if (MOD.test(String.fromCharCode(...head.subarray(1080, 1084)))) return 'a MOD tracker module';
  if (head[0] === 0xff && ((head[1] ?? 0) & 0xf6) === 0xf0) return 'AAC (ADTS)';
  if (head[0] === 0xff && ((head[1] ?? 0) & 0xe0) === 0xe0) return 'MPEG audio that is not layer III';
  if (head[0] === 0x47 && head[188] === 0x47 && head[376] === 0x47) return 'an MPEG transport stream';
  return undefined;
}

function inOgg(head: Uint8Array): string {
  const packet = 27 + (head[26] ?? 0);
  if (startsWith(head, packet, '\x7fFLAC')) return 'FLAC inside Ogg';
  if (startsWith(head, packet, 'Speex')) return 'Speex';
  if (startsWith(head, packet, '\x80theora')) return 'Ogg video (Theora)';
  return 'Ogg that holds neither Vorbis nor Opus';
}
