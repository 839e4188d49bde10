// Prompts as token ids, by the checkpoint's own tokenizer.json.

import { Tokenizer } from '@huggingface/tokenizers';
import { counted } from '../../counted.js';
import { parseJson } from '../../onnx/json.js';
import type { CheckpointFiles } from '../runtime.js';

/** Longest tokenizer file that is read, bytes. */
const MAX_BYTES = 50_000_000;

/** Text -> token ids with the special tokens that the tokenizer adds (T5: `</s>` at the end). */
export type Tokenize = (text: string) => readonly number[];

/** @throws one line when the folder has no usable tokenizer.json. */
export async function openTokenizer(files: CheckpointFiles): Promise<Tokenize> {
  const what = `${files.name}/tokenizer.json`;
  if (!(await files.has('tokenizer.json'))) {
    throw new Error(`${what}: missing, and a prompt needs it; give a folder with the model's tokenizer`);
  }
  const json = await readObject(files, 'tokenizer.json');
  const config = (await files.has('tokenizer_config.json'))
    ? await readObject(files, 'tokenizer_config.json')
    : {};
  const cause = (error: unknown) =>
    (error instanceof Error ? error.message : String(error)).replace(/\s+/g, ' ').slice(0, 160);
  let tokenizer: Tokenizer;
  try {
    tokenizer = new Tokenizer(json, config);
  } catch (error) {
    throw new Error(`${what}: not a tokenizer (${cause(error)})`);
  }
  return (text) => {
    try {
      return tokenizer.encode(text).ids;
    } catch (error) {
      throw new Error(`${what}: cannot read the prompt (${cause(error)})`);
    }
  };
}

async function readObject(files: CheckpointFiles, file: string): Promise<object> {
  const what = `${files.name}/${file}`;
  const size = await files.size(file);
  if (size > MAX_BYTES) throw new Error(`${what}: ${counted(size, 'byte')}, at most ${MAX_BYTES} expected`);
  const json = parseJson(await files.read(file, 0, size), what);
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new Error(`${what}: not a JSON object`);
  }
  return json;
}
