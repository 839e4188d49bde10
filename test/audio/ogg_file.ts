// Ogg files taken apart and put together again, with another header, other positions, other pages.

export interface OggPage {
  readonly packets: readonly Uint8Array[];
  readonly granule: number;
  readonly last: boolean;
}

/** The packets of a file whose packets all end on the page they begin on, or in the header. */
export function packetsOf(file: Uint8Array): { headers: Uint8Array[]; pages: OggPage[] } {
  const count = Buffer.from(file).includes('OpusHead') ? 2 : 3;
  const headers: Uint8Array[] = [];
  const pages: OggPage[] = [];
  let open: number[] = [];
  for (let at = 0; at < file.length; ) {
    const view = new DataView(file.buffer, file.byteOffset + at);
    const lacing = file.subarray(at + 27, at + 27 + file[at + 26]);
    let from = at + 27 + lacing.length;
    const packets: Uint8Array[] = [];
    for (const value of lacing) {
      open.push(...file.subarray(from, from + value));
      from += value;
      if (value === 255) continue;
      packets.push(Uint8Array.from(open));
      open = [];
    }
    const sound = packets.filter((packet) => {
      const header = headers.length < count;
      if (header) headers.push(packet);
      return !header;
    });
    if (sound.length > 0) {
      pages.push({
        packets: sound,
        granule: Number(view.getBigInt64(6, true)),
        last: (file[at + 5] & 4) !== 0,
      });
    }
    at = from;
  }
  return { headers, pages };
}

interface OggFile {
  readonly headers: readonly Uint8Array[];
  readonly pages: readonly OggPage[];
  /** Running number of the first page of sound, when it does not follow that of the header. */
  readonly firstNumber?: number;
}

export function oggFile({ headers, pages, firstNumber }: OggFile): Uint8Array {
  const parts: number[] = [];
  let number = 0;
  const put = ({ packets, granule, last }: OggPage, begins = false) => {
    const lacing = packets.flatMap(({ length }) => [
      ...new Array(Math.floor(length / 255)).fill(255),
      length % 255,
    ]);
    const body = Buffer.concat(packets);
    let at = 0;
    for (let i = 0; i === 0 || i < lacing.length; i += 255) {
      const segments = lacing.slice(i, i + 255);
      const size = segments.reduce((sum, value) => sum + value, 0);
      const ends = i + 255 >= lacing.length;
      const flags = (i > 0 && lacing[i - 1] === 255 ? 1 : 0) | (begins ? 2 : 0) | (last && ends ? 4 : 0);
      const page = Buffer.alloc(27 + segments.length + size);
      page.set([0x4f, 0x67, 0x67, 0x53, 0, flags]);
      page.writeBigInt64LE(BigInt(ends ? granule : -1), 6);
      page.writeUInt32LE(77, 14);
      page.writeUInt32LE(number++, 18);
      page.set([segments.length, ...segments], 26);
      page.set(body.subarray(at, at + size), 27 + segments.length);
      page.writeUInt32LE(crc(page), 22);
      parts.push(...page);
      at += size;
    }
  };
  put({ packets: headers.slice(0, 1), granule: 0, last: false }, true);
  put({ packets: headers.slice(1), granule: 0, last: false });
  number = firstNumber ?? number;
  for (const page of pages) put(page);
  return Uint8Array.from(parts);
}

function crc(bytes: Uint8Array): number {
  let r = 0;
  for (const byte of bytes) {
    r ^= byte << 24;
    for (let i = 0; i < 8; i++) r = r & 0x80000000 ? (r << 1) ^ 0x04c11db7 : r << 1;
  }
  return r >>> 0;
}
