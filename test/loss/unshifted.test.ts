// Protocol `unshifted`, against what it says it is.

import { afterAll, describe, expect, it } from 'vitest';
import { codesOf, rowsOf } from '../../src/audio/codes.js';
import { score } from '../../src/loss/loss.js';
import type { Condition } from '../../src/models/condition.js';
import type { Model } from '../../src/models/model.js';
import { toColumns, undelayed } from '../../src/models/musicgen/delay.js';
import { openModel } from '../../src/models/open.js';
import { openFolder } from '../../src/node/files.js';
import { nodeRuntime } from '../../src/node/runtime.js';
import { goldenFolder } from '../golden.js';
import { decoderOf } from '../musicgen.js';

const runtime = nodeRuntime();
afterAll(() => runtime.close());

function opened(folder: string): Promise<Model> {
  return openModel(openFolder(goldenFolder(folder), { name: folder }), runtime);
}

describe('loss', () => {
  it('by `unshifted` is that of each code under the prediction made after its frame was read', async () => {
    const melody = await opened('melody');
    const models: [Model, { readonly condition?: Condition }][] = [
      [await opened('mono-a'), {}],
      [melody, {}],
      [melody, { condition: { missing: 'absent' } }],
    ];
    const T = 20;
    const codes = codesOf(
      Array.from({ length: 4 }, (_, k) =>
        Array.from({ length: T }, (_row, t) => (k * 131 + t * t * 31) % 512),
      ),
    );
    for (const [model, condition] of models) {
      const loss = await score(model, codes, { protocol: 'unshifted', ...condition });
      const language = condition.condition ? await model.conditioned(condition.condition) : model.language;
      // One frame more, whatever it is, so that the last frame of the codes has a prediction after it.
      const longer = rowsOf(codes).map((row) => [...row, 0]);
      const tokens = toColumns(codesOf(longer), undelayed(4), 512);
      for (let k = 0; k < 4; k++) {
        const logits = await decoderOf(language).logits(tokens, k);
        for (let t = 0; t < T; t++) {
          const row = logits.subarray(t * 512, (t + 1) * 512);
          const partition = Math.log(row.reduce((sum, logit) => sum + Math.exp(logit), 0));
          const expected = partition - row[codes.data[k * T + t]];
          expect(Math.abs(loss.values[k * T + t] - expected)).toBeLessThan(2e-5);
        }
      }
    }
    for (const [model] of models.slice(0, 2)) await model.close();
  });
});
