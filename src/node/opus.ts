// Sound for pages: Opus (RFC 6716) in Ogg (RFC 7845), mono at 48 kHz, a tenth of what 16-bit samples take. For the ear
// only: no number comes from it.

import OpusScript from 'opusscript';
import { conform } from '../audio/resample.js';

const RATE = 48_000;
/** Samples of a packet: 20 ms. */
const FRAME = 960;
/** Samples that the encoder looks ahead; a decoder drops them. libopus at 48 kHz for audio. */
const PRE_SKIP = 312;
/** Packets of one Ogg page: a second. */
const PACKETS = 50;

export interface OpusOptions {
  /** Bits per second. */
  readonly bitrate: number;
}

/** Samples at a rate -> an Ogg Opus file. Peaks beyond full scale are cut. */
export function oggOpus(samples: Float32Array, sampleRate: number, { bitrate }: OpusOptions): Uint8Array {
  const clip = { name: 'sound', sampleRate, channels: [samples] };
  const [sound] = conform(clip, { sampleRate: RATE, channels: 1 }).channels;
  const encoder = new OpusScript(RATE, 1, OpusScript.Application.AUDIO);
  try {
    encoder.setBitrate(bitrate);
    const packets: Uint8Array[] = [];
    for (let at = 0; at < sound.length + PRE_SKIP; at += FRAME) {
      packets.push(encoder.encode(pcmOf(sound, at), FRAME));
    }
    return oggFile(packets, sound.length);
  } finally {
    encoder.delete();
  }
}

/** One packet's samples as 16-bit PCM, zeros beyond the end. */
function pcmOf(sound: Float32Array, start: number): Buffer {
  const pcm = Buffer.alloc(2 * FRAME);
  for (let i = 0; i < FRAME; i++) {
    const sample = Math.max(-1, Math.min(1, sound[start + i] ?? 0));
    pcm.writeInt16LE(Math.round(sample * 32_767), 2 * i);
  }
  return pcm;
}

function oggFile(packets: readonly Uint8Array[], samples: number): Uint8Array {
  const head = Buffer.alloc(19);
  head.write('OpusHead', 0, 'latin1');
  head[8] = 1; // version
  head[9] = 1; // channels
  head.writeUInt16LE(PRE_SKIP, 10);
  head.writeUInt32LE(RATE, 12);
  const vendor = Buffer.from('losscope', 'latin1');
  const tags = Buffer.alloc(8 + 4 + vendor.length + 4);
  tags.write('OpusTags', 0, 'latin1');
  tags.writeUInt32LE(vendor.length, 8);
  vendor.copy(tags, 12);
  const pages = [
    oggPage([head], { sequence: 0, granule: 0, flags: 2 }),
    oggPage([tags], { sequence: 1, granule: 0 }),
  ];
  for (let first = 0; first < packets.length; first += PACKETS) {
    const own = packets.slice(first, first + PACKETS);
    const last = first + PACKETS >= packets.length;
    // The last granule position says how many samples there really are.
    const granule = last ? PRE_SKIP + samples : (first + own.length) * FRAME;
    pages.push(oggPage(own, { sequence: pages.length, granule, flags: last ? 4 : 0 }));
  }
  return new Uint8Array(Buffer.concat(pages));
}

/** A page of whole packets. Flags: 2 begins the stream, 4 ends it. */
function oggPage(
  packets: readonly Uint8Array[],
  {
    sequence,
    granule,
    flags = 0,
  }: { readonly sequence: number; readonly granule: number; readonly flags?: number },
): Buffer {
  // A packet is as many 255s as fit, then what is left of it, be it 0.
  const lacing = packets.flatMap(({ length }) => [
    ...new Array<number>(Math.floor(length / 255)).fill(255),
    length % 255,
  ]);
  const header = Buffer.alloc(27 + lacing.length);
  header.write('OggS', 0, 'latin1');
  header[5] = flags;
  header.writeBigUInt64LE(BigInt(granule), 6);
  header.writeUInt32LE(1, 14); // serial number of the stream
  header.writeUInt32LE(sequence, 18);
  header[26] = lacing.length;
  header.set(lacing, 27);
  const page = Buffer.concat([header, ...packets]);
  page.writeUInt32LE(crcOf(page), 22);
  return page;
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, i) => {
  let r = i << 24;
  for (let bit = 0; bit < 8; bit++) r = r & 0x8000_0000 ? (r << 1) ^ 0x04c1_1db7 : r << 1;
  return r >>> 0;
});

function crcOf(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) crc = ((crc << 8) ^ CRC_TABLE[((crc >>> 24) ^ byte) & 255]) >>> 0;
  return crc;
}
