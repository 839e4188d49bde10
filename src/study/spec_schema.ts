// The fields of a study's YAML: what each may be. The parser (spec.ts) and the schema for editors (json_schema.ts) are made
// of these definitions. Disturbances are read by grid.ts, since any of their fields may be a list.

import * as z from 'zod';
import { PRECISIONS } from '../models/precision.js';
import { written } from '../perturb/fields.js';
import { parseLevel, parseSpan } from '../perturb/parse.js';
import type { Span } from '../perturb/perturbation.js';
import { MAP_DEFAULTS } from '../probe/map_record.js';
import { SHORTEST_UNTIL } from './until.js';

const text = z.string().min(1);
/** Devices of Windows, whatever stands after a dot, in capitals or not. */
const OF_WINDOWS = /^(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9\u00b9\u00b2\u00b3]) *(\..*)?$/i;
/** It becomes a folder's name: nothing that leads out of a folder, or that some system's names cannot have. */
const folderName = text
  .max(100)
  .regex(
    /^[^./\\:*?"<>|\p{Cc}][^/\\:*?"<>|\p{Cc}]*$/u,
    'a name for a folder: no / \\ : * ? " < > |, and no dot first',
  )
  .regex(/[^. ]$/, 'a name for a folder: no dot or space last, which Windows drops')
  .refine((name) => !OF_WINDOWS.test(name), {
    error: ({ input }) =>
      `${input}: a name that Windows keeps for a device, so that the store could not be copied there; take another`,
  });
const several = z.union([text, z.array(text).min(1)]).transform((value) => [value].flat());
const seconds = z.union([z.string(), z.number()]).transform((value, context): number => {
  try {
    const span: Span = parseSpan(String(value));
    if ('seconds' in span) return span.seconds;
  } catch {
    // Said below, as for tokens: the same remedy.
  }
  context.addIssue({ code: 'custom', message: `"${value}" is no time; write 15s or 500ms` });
  return z.NEVER;
});

export const GROUP = z.strictObject({
  files: several.optional(),
  midi: several.optional(),
  soundfont: text.optional(),
  codes: z.boolean().optional(),
  limit: z.int().min(1).optional(),
});
export const MODEL = z.strictObject({ name: text, model: text, prompt: text.optional() });
const model = z.union([text.transform((name) => ({ name, model: name })), MODEL]);
export const MAPS = z.strictObject({
  every: z.int().min(1).default(MAP_DEFAULTS.every),
  length: z.int().min(1).default(MAP_DEFAULTS.length),
  level: written(parseLevel).default(MAP_DEFAULTS.level),
  tail: z.int().min(0).default(MAP_DEFAULTS.tail),
  from: z.int().min(0).default(MAP_DEFAULTS.from),
  protocol: text.optional(),
  groups: several.optional(),
});
export const BATTERY = z.strictObject({
  loudness: z.union([z.number().min(-70).max(0), z.literal('own')]).default(-23),
  roundTrip: seconds.default(3),
});
const someSeconds = seconds.refine((value) => value > 0, { error: 'expected more than 0 s; write 15s' });
export const CLIP = z.strictObject({ offset: seconds.default(0), length: someSeconds.optional() });

export const SHAPE = {
  study: folderName,
  seed: z.int().min(0).default(1),
  clip: CLIP.default({ offset: 0 }),
  models: z.array(model).min(1),
  protocols: z.array(text).min(1).optional(),
  precision: z.enum(PRECISIONS).default('fp32'),
  mix: z.boolean().default(false),
  /** Seconds after its window up to which a disturbed version is scored; absent: to its end. */
  until: seconds
    .refine(
      (value) => value >= SHORTEST_UNTIL,
      `at least ${SHORTEST_UNTIL}s, since a Peak is judged beside the second after it`,
    )
    .optional(),
  groups: z.record(text, GROUP),
  /** Clips that are the same sound as another: an error, or left out. */
  duplicates: z.enum(['refuse', 'skip']).default('refuse'),
  disturbances: z.record(text, z.record(text, z.unknown())).default({}),
  maps: MAPS.optional(),
  battery: BATTERY.optional(),
} as const;
export const STUDY = z.strictObject(SHAPE);
export type StudyFields = z.output<typeof STUDY>;
