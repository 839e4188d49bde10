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
  const { issues } = result.error;
  const problems = issues
    .slice(0, SHOWN)
    .map((issue) => `${[...path, ...issue.path].map(String).join('.') || 'the whole'}: ${issue.message}`);
  const rest = issues.length > SHOWN ? `; and ${issues.length - SHOWN} more` : '';
  throw new Error(
    `${name}/config.json: ${problems.join('; ')}${rest}${issues.length > SHOWN ? typeWords(json) : ''}`,
  );
}

/** Problems that a line spells out. */
const SHOWN = 3;

/** Many problems have one cause: another model's type. */
function typeWords(json: unknown): string {
  if (typeof json !== 'object' || json === null || !('model_type' in json)) return '';
  return ` (its model_type is ${JSON.stringify(String(json.model_type).slice(0, 80))}: is it a model of that kind?)`;
}
