// Documents as they are read: every field checked, null as NaN, lists as arrays of numbers.

import { z } from 'zod';
import { PRECISIONS } from '../../models/precision.js';
import type { Parity } from '../../probe/parity.js';
import type { Distribution } from '../../stats/describe.js';
import type { KeptMap } from '../../study/map_task.js';
import type { DocumentKind, DocumentResult, Documents } from '../../study/store.js';

const number = z.number().nullable();
const measured = number.transform((value) => value ?? Number.NaN);
const curve = z
  .array(number)
  .transform((values) => Float64Array.from(values, (value) => value ?? Number.NaN));
const distribution: z.ZodType<Distribution> = z.object({
  mean: z.number(),
  sd: measured,
  q05: z.number(),
  q50: z.number(),
  q95: z.number(),
});
const point = z.strictObject({
  start: z.int(),
  seconds: z.number(),
  peak: measured,
  inside: measured,
  rebound: measured.exactOptional(),
  highest: z.strictObject({ value: measured, at: z.int() }),
  halfTime: z.int().exactOptional(),
  chance: z.number().exactOptional(),
  levelDbfs: measured,
  changed: measured,
  delta: z.strictObject({ from: z.int(), values: curve }),
});
const map: z.ZodType<KeptMap> = z.strictObject({
  samples: z.int(),
  clock: z.strictObject({ sampleRate: z.number(), hop: z.number(), times: curve.exactOptional() }),
  disturbance: z.string(),
  every: z.int(),
  length: z.int(),
  tail: z.int(),
  clean: z.strictObject({ frames: z.int(), mean: measured, byFrame: curve }),
  entropy: curve,
  envelope: curve,
  points: z.array(point).min(1),
  silent: z.array(z.int()),
  calibration: z
    .strictObject({
      source: z.literal('self'),
      hypothesis: z.string(),
      draws: z.int(),
      bands: z.strictObject({
        peak: distribution.exactOptional(),
        inside: distribution.exactOptional(),
        rebound: distribution.exactOptional(),
      }),
    })
    .exactOptional(),
  uncalibrated: z.string().exactOptional(),
});

const distance = z.object({ mean: z.number(), p99: z.number(), max: z.number(), count: z.number() });
const codes = z.object({ equal: z.number(), of: z.number() });
const maker = z.object({ precision: z.enum(PRECISIONS), runtime: z.string(), device: z.string() });
const parity: z.ZodType<Parity> = z.object({
  losscope: z.string(),
  model: z.string(),
  fingerprint: z.string(),
  protocol: z.string(),
  disturbance: z.string(),
  first: maker,
  second: maker,
  loss: distance,
  delta: distance,
  meanDifference: z.number(),
  codes,
  clips: z.array(
    z.object({ clip: z.string(), codes, loss: distance, meanDifference: z.number(), delta: distance }),
  ),
});

const SCHEMAS: { readonly [K in DocumentKind]: z.ZodType<Documents[K]> } = { map, parity };
const failure = z.strictObject({ key: z.string(), status: z.literal('failed'), error: z.string() });
const head = z.looseObject({ key: z.string(), status: z.literal('ok') });

export interface AnyResult<K extends DocumentKind> {
  readonly key: string;
  readonly result: DocumentResult<K>;
}

/** A document of a kind; undefined when it is none. */
export function parsedDocument<K extends DocumentKind>(kind: K, value: unknown): AnyResult<K> | undefined {
  const failed = failure.safeParse(value);
  if (failed.success) {
    const { key, error } = failed.data;
    return { key, result: { status: 'failed', error } };
  }
  const ok = head.safeParse(value);
  if (!ok.success) return undefined;
  const own = SCHEMAS[kind].safeParse(ok.data[kind]);
  return own.success ? { key: ok.data.key, result: { status: 'ok', value: own.data } } : undefined;
}
