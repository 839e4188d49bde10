// What the catalog says of models: held against the graphs' own shapes, the alignment, and the table of docs/models.md.

import { readFile, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { shardsOf } from '../../bench/make-checkpoint.js';
import { released, SIZES } from '../../bench/released.js';
import { CATALOG, catalogued, withRevision } from '../../src/models/catalog.js';
import { clockOf } from '../../src/models/encodec/encodec.js';
import { delayed } from '../../src/models/musicgen/delay.js';
import { withModelsTable } from '../../tools/models-table.js';
import { parseConfig } from '../musicgen.js';

const ROOT = new URL('../../', import.meta.url);

describe('the catalog', () => {
  it('holds the bundled models, all ten of Meta, and Aria', async () => {
    expect(CATALOG.map(({ id }) => id)).toEqual([
      'tiny',
      'tiny-notes',
      ...SIZES.map((size) => `facebook/musicgen-${size}`),
      'loubb/aria-medium-base',
    ]);
    for (const name of ['tiny', 'tiny-notes']) {
      const { size } = await stat(fileURLToPath(new URL(`models/${name}/model.safetensors`, ROOT)));
      expect(catalogued(name)?.bytes).toBe(size);
    }
    expect(catalogued('facebook/musicgen-small@main')?.bytes).toBe(2.36e9);
    expect(catalogued('org/other')).toBeUndefined();
  });

  // Sizes of the safetensors files as the Hub lists them, GB.
  const shards: Record<(typeof SIZES)[number], number[]> = {
    small: [2.36],
    medium: [8.04],
    large: [9.99, 3.73],
    melody: [4.97, 1.26],
    'melody-large': [4.99, 4.97, 0.543],
    'stereo-small': [1.22],
    'stereo-medium': [4.07],
    'stereo-large': [4.99, 1.93],
    'stereo-melody': [5, 1.33],
    'stereo-melody-large': [4.99, 4.97, 0.678],
  };
  it.each(SIZES)('says of %s what its published layout comes to, and the alignment gives', (size) => {
    const entry = catalogued(`facebook/musicgen-${size}`);
    const layout = released(size);
    const files = shardsOf(layout).map((tensors) => tensors.reduce((sum, { bytes }) => sum + bytes, 0) / 1e9);
    expect(files).toHaveLength(shards[size].length);
    // Three digits are given.
    files.forEach((file, i) => {
      expect(Math.abs(file - shards[size][i])).toBeLessThan(0.006);
    });
    const total = shards[size].reduce((sum, one) => sum + one, 0);
    expect((entry?.bytes ?? 0) / 1e9).toBeCloseTo(total, 1);

    const { codec, decoder, text, melody } = parseConfig(layout.config, size);
    const { sampleRate, hop } = clockOf(codec);
    expect(entry).toMatchObject({
      channels: decoder?.audio_channels,
      codebooks: decoder?.num_codebooks,
      delays: delayed(decoder?.num_codebooks ?? 0, decoder?.audio_channels).delays,
      sampleRate,
      frameRate: sampleRate / hop,
      conditions: [...(text ? ['text'] : []), ...(melody ? ['melody'] : [])],
      licence: 'CC-BY-NC-4.0',
    });
  });

  it('knows where safetensors files are not on the main branch', () => {
    expect(withRevision('facebook/musicgen-large')).toBe('facebook/musicgen-large@refs/pr/18');
    expect(withRevision('facebook/musicgen-large@main')).toBe('facebook/musicgen-large@main');
    expect(withRevision('facebook/musicgen-small')).toBe('facebook/musicgen-small');
    expect(withRevision('org/musicgen-large')).toBe('org/musicgen-large');
  });

  it('is the table in docs/models.md (npx tsx tools/models-table.ts writes it)', async () => {
    const document = await readFile(fileURLToPath(new URL('docs/models.md', ROOT)), 'utf8');
    expect(withModelsTable(document)).toBe(document);
    expect(() => withModelsTable('no table')).toThrow(/^docs\/models\.md: no <!-- models/);
  });
});
