// The family of rotary decoders: LLaMA over one row of tokens, and EleutherAI's Aria over notes. Neither has a codec.

import { z } from 'zod';
import type { Codes } from '../../audio/codes.js';
import { checkedConfig } from '../config.js';
import type { Family, FamilySource, ModelParts } from '../family.js';
import type { Protocol } from '../language.js';
import { checkCodes, type TokenLayout } from '../model.js';
import { ARIA_LAYOUT, ariaTokens } from './aria.js';
import { ariaForm, llamaForm, type RotaryForm } from './config.js';
import { tokenDecoder } from './decoder.js';
import { rotaryGraph } from './graph.js';
import { rotaryLanguage, type Sequence } from './language.js';

export const rotary: Family = {
  types: ['llama', 'aria'],
  open(source) {
    const { name, config } = source.checkpoint;
    const { model_type: type } = checkedConfig(z.object({ model_type: z.string() }), config, { name });
    if (type === 'aria') {
      return partsOf(source, ariaForm(config, name), ARIA_LAYOUT, (codes) => ariaTokens(codes, name));
    }
    const form = llamaForm(config, name);
    const layout = { codebooks: 1, codebookSize: form.vocabulary, step: 'event' } as const;
    return partsOf(source, form, layout, ({ data }) => ({
      tokens: data,
      // The first token has nothing before it.
      places: Int32Array.from(data, (_, i) => (i === 0 ? -1 : i)),
    }));
  },
};

function partsOf(
  source: FamilySource,
  form: RotaryForm,
  layout: TokenLayout,
  toTokens: (codes: Codes) => Sequence,
): ModelParts {
  const { checkpoint, weights, open, resumes, fused, precision } = source;
  const { name } = checkpoint;
  if (precision !== 'fp32') throw new Error(`${name}: runs in fp32 only; leave out --precision ${precision}`);
  const graph = rotaryGraph(form, weights, { fused });
  const protocol: Protocol = {
    name: 'sequence',
    words: 'each token after all before it',
    lags: new Array<number>(layout.codebooks).fill(0),
  };
  const language = rotaryLanguage({
    decoder: tokenDecoder(form, { open: () => open(graph), name }),
    ...{ protocol, resumes, name, ragged: layout.rows && (true as const) },
    toTokens(codes) {
      checkCodes(codes, { ...layout, name });
      return toTokens(codes);
    },
  });
  return {
    ...layout,
    language,
    async conditioned({ prompt, textIds, chroma }) {
      if (prompt === undefined && textIds === undefined && chroma === undefined) return language;
      throw new Error(`${name}: takes no prompt and no melody; leave them out`);
    },
  };
}
