// tools/web/licences.ts: whatever is bundled brings its licence along.

import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { licenceOf, packagesIn } from '../../tools/web/licences.js';

const ROOT = path.join(import.meta.dirname, '..', '..');

describe('licences of what is bundled', () => {
  test('every package that a file came from, once', () => {
    const inputs = [
      'src/a.ts',
      'node_modules/preact/dist/p.mjs',
      'node_modules/@audio/decode-mp3/a/node_modules/x/b.js',
    ];
    const metafile = {
      inputs: Object.fromEntries(inputs.map((file) => [file, { bytes: 1, imports: [] }])),
      outputs: {},
    };
    expect(packagesIn([metafile, metafile])).toEqual(['preact', 'x']);
  });

  test('the text of a package; without one, whose it is', async () => {
    expect(await licenceOf(ROOT, 'preact')).toMatch(
      /^preact [\d.]+: MIT\n=+\n\n[\s\S]*Permission is hereby granted/,
    );
    expect(await licenceOf(ROOT, 'onnxruntime-web')).toMatch(/holds no text of the licence\.\nAuthor: /);
  });

  test('stand beside the bundle', () => {
    const file = path.join(ROOT, 'dist', 'web', 'LICENCES.txt');
    expect(existsSync(file)).toBe(true);
    const text = readFileSync(file, 'utf8');
    for (const name of ['preact', 'onnxruntime-web', '@audio/decode-mp3', 'zod']) {
      expect(text).toMatch(new RegExp(`^${name} [\\d.]+: `, 'm'));
    }
  });
});
