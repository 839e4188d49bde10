// Condition: what a language model gets beside the codes. A family refuses conditions that its models do not take.

export interface Condition {
  /** Text, read with the checkpoint's own tokenizer. */
  readonly prompt?: string;
  /** The same as token ids of T5, ending in its `</s>` (1). Padding at the end is dropped: it is masked anyway. */
  readonly textIds?: readonly number[];
  /** Melody models: [frames] pitch classes 0..11 from C, as chromaOf finds them; repeated or cut to the model's length. */
  readonly chroma?: ArrayLike<number>;
  /**
   * What stands for what is not given. `null`: what the model was trained to read as no condition (a text of one
   * zero vector, a melody of nothing but C). `absent`: nothing at all. For a MusicGen both give the same bits, and
   * `absent`, the default, is faster. For a melody model they are two different things: `null` is the default and
   * what people run, and all `absent` is known as `no-prefix`.
   */
  readonly missing?: 'null' | 'absent';
}

/**
 * A condition in words, as recorded with numbers. `none`: nothing was given, and what is missing is as the model
 * has it by default; `null` and `no-prefix`: the same, by name.
 */
export function describeCondition({ prompt, textIds, chroma, missing }: Condition): string {
  const given = [
    ...(prompt === undefined ? [] : [`prompt ${JSON.stringify(prompt)}`]),
    ...(textIds === undefined ? [] : [`text ids ${textIds.join(' ')}`]),
    ...(chroma === undefined ? [] : [`melody of ${chroma.length} frames`]),
  ];
  if (given.length === 0) return missing === undefined ? 'none' : missing === 'null' ? 'null' : 'no-prefix';
  return [...given, ...(missing === undefined ? [] : [`missing ${missing}`])].join(', ');
}
