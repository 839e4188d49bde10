// Checking config.json: what families share.

import * as z from 'zod';

/** A whole number from 1 to `max`. */
export const count = (max: number) => z.number().int().min(1).max(max);

/** A part of config.json by its schema. @throws one line that names the folder, the places and what is wrong with them. */
export function checkedConfig<T>(
  schema: z.ZodType<T>,
  json: unknown,
  { name, path = [] }: { readonly name: string; readonly path?: readonly string[] },
): T {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const problems = result.error.issues
    .slice(0, 5)
    .map((issue) => `${[...path, ...issue.path].map(String).join('.') || 'the whole'}: ${issue.message}`);
  throw new Error(`${name}/config.json: ${problems.join('; ')}`);
}
