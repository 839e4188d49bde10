// What a sound file may ask for. Held before the work is done: a header of a few bytes can promise a day of sound.

export const LIMITS = {
  /** Bytes of a compressed file (1 GiB). */
  fileBytes: 2 ** 30,
  channels: 64,
  /** Hz between which a header is believed. */
  lowestRate: 1000,
  highestRate: 768_000,
  /** Seconds of sound that are read at once; from longer files, excerpts. */
  seconds: 3600,
  /** +24 dBFS. A larger float is damage, or an integer sample that was not divided by full scale. */
  largestSample: 16,
} as const;
