// The family of EnCodec, alone or inside another model.

import type { CodecPart, Family, FamilySource } from '../family.js';
import { encodecCodec } from './codec.js';

function codec({ config, path, weights, channels }: CodecPart, source: FamilySource) {
  const { checkpoint, open, resumes, bandwidth, warn } = source;
  const own = { name: checkpoint.name, path, weights, channels };
  return encodecCodec(config, { ...own, open, resumes, bandwidth, warn });
}

export const encodec: Family = {
  types: ['encodec'],
  open(source) {
    const { checkpoint, weights } = source;
    const own = codec({ config: checkpoint.config, path: [], weights, channels: 1 }, source);
    const { codebooks, codebookSize } = own;
    return {
      ...{ codebooks, codebookSize, step: 'frame', codec: own },
      async conditioned() {
        throw new Error(`${checkpoint.name}: a codec alone has no language model to condition`);
      },
    };
  },
  codec,
};
