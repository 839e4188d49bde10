// MIDI files by code, byte by byte, so that a test says exactly what is in them.

/** Seven bits a byte, the highest first. */
function quantity(value: number): number[] {
  const bytes = [value & 127];
  for (let rest = value >> 7; rest > 0; rest >>= 7) bytes.unshift((rest & 127) | 128);
  return bytes;
}

const bytesOf = (value: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => Math.floor(value / 256 ** (count - 1 - i)) % 256);

export const chunk = (type: string, body: readonly number[], size = body.length): number[] => [
  ...[...type].map((c) => c.charCodeAt(0)),
  ...bytesOf(size, 4),
  ...body,
];

/** A track of [ticks since the last, ...bytes]; its end is added. */
export const track = (...events: readonly (readonly number[])[]): number[] =>
  chunk('MTrk', [...events.flatMap(([delta, ...bytes]) => [...quantity(delta), ...bytes]), 0, 0xff, 0x2f, 0]);

export const header = (format: number, tracks: number, division: number): number[] =>
  chunk('MThd', [...bytesOf(format, 2), ...bytesOf(tracks, 2), ...bytesOf(division, 2)]);

export const file = (...parts: readonly (readonly number[])[]): Uint8Array => Uint8Array.from(parts.flat());

/** Microseconds of a quarter note. */
export const tempo = (delta: number, microseconds: number): number[] => [
  delta,
  0xff,
  0x51,
  3,
  ...bytesOf(microseconds, 3),
];

/** Beats and their note value (4: quarters) of a bar. */
export const meter = (delta: number, beats: number, value: number): number[] => [
  delta,
  0xff,
  0x58,
  4,
  beats,
  Math.log2(value),
  24,
  8,
];

/**
 * A piece in two tracks, 96 ticks a quarter, 4/4, 120 then 150 quarters a minute: 8 bars of eighths that climb and
 * never repeat a pitch within a bar, from the left, a pedal that goes deeper in every second bar, and percussion on channel 10.
 */
export function piece(): Uint8Array {
  const melody: number[][] = [
    [0, 0xc0, 5],
    [0, 0xb0, 10, 20],
  ];
  for (let i = 0; i < 64; i++) {
    const [bar, eighth] = [Math.floor(i / 8), i % 8];
    const pitch = 40 + 8 * eighth + bar;
    if (eighth === 0 && bar % 2 === 0) melody.push([0, 0xb0, 64, 100 + bar]);
    melody.push([0, 0x90, pitch, 50 + i], [48, 0x80, pitch, 64]);
  }
  const drums = Array.from({ length: 8 }, () => [
    [0, 0x99, 38, 100],
    [384, 0x89, 38, 0],
  ]).flat();
  return file(
    header(1, 3, 96),
    track(tempo(0, 500_000), meter(0, 4, 4), tempo(4 * 384, 400_000)),
    track(...melody),
    track(...drums),
  );
}
