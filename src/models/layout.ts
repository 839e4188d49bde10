// The files of a checkpoint folder or a repository by name: which safetensors files hold the weights, and what a folder
// without them is.

/** Where weights may lie: in one file, or in shards that an index names. */
export interface WeightFiles {
  readonly whole: string;
  readonly index: string;
}

/** In the order of preference; a variant's name stands where transformers puts it. */
export const WEIGHT_FILES: readonly WeightFiles[] = [
  { whole: 'model.safetensors', index: 'model.safetensors.index.json' },
  ...['fp32', 'fp16', 'bf16'].map((variant) => ({
    whole: `model.${variant}.safetensors`,
    index: `model.safetensors.index.${variant}.json`,
  })),
];

/** The first file that is there: the weights themselves, or the index of their shards. */
export async function weightsAmong(
  has: (file: string) => Promise<boolean> | boolean,
): Promise<{ readonly file: string; readonly isIndex: boolean } | undefined> {
  for (const { whole, index } of WEIGHT_FILES) {
    if (await has(whole)) return { file: whole, isIndex: false };
    if (await has(index)) return { file: index, isIndex: true };
  }
  return undefined;
}

const AUDIOCRAFT =
  "(audiocraft's own format): take the model in the transformers layout, as facebook/musicgen-small is";
const PICKLE =
  '(pickle, which can run code and is not read): load it with transformers and save it with save_pretrained';
const FOREIGN: Readonly<Record<string, string>> = {
  'adapter_config.json': '(an adapter, not a whole model): merge it into its base model and save that',
  'state_dict.bin': AUDIOCRAFT,
  'compression_state_dict.bin': AUDIOCRAFT,
  'pytorch_model.bin': PICKLE,
  'pytorch_model.bin.index.json': PICKLE,
  'tf_model.h5': '(TensorFlow): load it with transformers and save it with save_pretrained',
  'flax_model.msgpack': '(Flax): load it with transformers and save it with save_pretrained',
};

/** Names that say what a folder without safetensors weights is. */
export const FOREIGN_FILES: readonly string[] = Object.keys(FOREIGN);

/** What is wrong with a folder that has none of WEIGHT_FILES, or no config.json; `names` are files that it has. */
export function describeForeign(names: readonly string[]): string | undefined {
  const known = FOREIGN_FILES.find((file) => names.includes(file));
  if (known !== undefined) return `has ${known} ${FOREIGN[known]}`;
  const others = names.filter((file) => /\.(bin|pt|pth|th|ckpt|h5|msgpack|gguf|onnx)$/.test(file));
  return others.length === 0 ? undefined : `has its weights only as ${others.slice(0, 3).join(', ')}`;
}
