// Codes that were written down: the JSON lines of `losscope encode` and `losscope generate --codes`.

import { z } from 'zod';
import { type Codes, codesOf } from '../audio/codes.js';
import { readText } from './input.js';

/** What `losscope encode` prints, as far as anybody needs it again. */
const encoded = z.object({
  model: z.string().optional(),
  codes: z.array(z.array(z.int32().min(0)).min(1)).min(1),
});

/** Codes [K, T] of a file with one encoded clip. @throws one line naming the file. */
export async function readCodes(file: string): Promise<Codes> {
  return parseCodes(await readText(file), file);
}

function parseCodes(text: string, file: string): Codes {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // JSON lines of several clips parse line by line, not as a whole: that deserves another hint.
    const several = lines.length > 1 && lines.every((line) => line.trimStart().startsWith('{"file"'));
    throw new Error(
      several
        ? `${file}: holds ${lines.length} clips; one line of encode is taken at a time (head -n 1, or one file each)`
        : `${file}: not JSON; expected one line of \`losscope encode\`: {"codes": [[...], ...]}`,
    );
  }
  const parsed = encoded.safeParse(json);
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0];
    throw new Error(
      `${file}: ${path.length ? `${path.join('.')}: ` : ''}${message}; expected codes[K][T], whole numbers from 0`,
    );
  }
  return codesOf(parsed.data.codes);
}
