// The family of MusicGen (Copet et al. 2023, arXiv 2306.05284), with melody or without: a language model over the codes of
// the codec that its configuration describes.

import { framesOf, sampleOfSeconds } from '../../audio/codes.js';
import { counted } from '../../counted.js';
import type { Family } from '../family.js';
import { languageModels } from './condition.js';
import { audioEncoderOf, parseMusicgenConfig } from './config.js';

/** Training reads crops of 30 s (section 4.1). No configuration says so: max_position_embeddings is larger, and not used. */
const TRAINED_SECONDS = 30;

export const musicgen: Family = {
  types: ['musicgen', 'musicgen_melody'],
  open(source) {
    const { checkpoint, weights, bandwidth } = source;
    const { name, config } = checkpoint;
    const audioEncoder = audioEncoderOf(config, name);
    const { decoder, text, melody } = parseMusicgenConfig(config, name);
    const { audio_channels: channels, num_codebooks: codebooks, vocab_size: codebookSize } = decoder;
    const codec = source.codec({
      ...{ config: audioEncoder, path: ['audio_encoder'], channels },
      weights: weights.under('audio_encoder.'),
    });
    if (codebookSize !== codec.codebookSize) {
      throw new Error(
        `${name}/config.json: the decoder's vocab_size ${codebookSize} is not the codec's codebook_size ${codec.codebookSize}`,
      );
    }
    if (codebooks !== codec.codebooks) {
      const at = bandwidth === undefined ? '' : `${bandwidth} kbit/s and `;
      throw new Error(
        `${name}/config.json: the decoder has ${counted(codebooks, 'codebook')}, the codec gives ${codec.codebooks} ` +
          `at ${at}${counted(channels, 'channel')}`,
      );
    }
    const { clock } = codec;
    const trainedFrames = framesOf(clock, sampleOfSeconds(clock, TRAINED_SECONDS));
    const languages = languageModels({ ...source, decoder, text, melody, trainedFrames });
    return {
      ...{ codebooks, codebookSize, step: 'frame', codec },
      ...(melody && { melodyFrames: melody.chroma_length }),
      language: languages.unconditional,
      conditioned: languages.conditioned,
    };
  },
};
