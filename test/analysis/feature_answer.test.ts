// src/analysis/feature_answer.ts and verdicts.ts: every feature of RQ3 is held against the loss with the same negatives.

import { describe, expect, test } from 'vitest';
import { featureSentences } from '../../src/analysis/feature_answer.js';
import type { FeatureAuc } from '../../src/analysis/question_findings.js';
import { featureVerdict } from '../../src/analysis/verdicts.js';

function row(feature: string, needsClean: boolean, [auc, low]: readonly [number, number?]): FeatureAuc {
  const estimate = (value: number | null, bound: number | null) => ({
    ...{ value, low: bound, high: value, n: 6, missing: 0 },
  });
  return {
    ...{ model: 'tiny', condition: 'none', protocol: 'delayed', group: 'all', disturbance: 'white' },
    ...{ variant: 'white', kind: 'noise', domain: 'waveform', color: 'white', edit: null, words: 'white' },
    ...{ lengthTokens: 50, blockTokens: null, level: 'match', levelDbfs: null, severity: null, grid: [] },
    ...{ feature, needsClean, against: '', auc: estimate(auc, auc) },
    overLoss: low === undefined ? estimate(null, null) : estimate(low + 0.1, low),
  };
}

const LOSSES = [row('Whole-clip loss', false, [0.3]), row('Loss with reference', true, [0.9])];

describe('whether the shape sees more than the mean', () => {
  test.each<[string, readonly FeatureAuc[], RegExp]>([
    [
      'a feature with the clean clip is no gain over a loss without it',
      [row('Peak mean', true, [0.8, -0.2])],
      /^No: no feature of the curve tells damaged clips better than the loss does\.$/,
    ],
    [
      'nor is the loss with the clean clip itself a feature',
      [row('Change point', false, [0.6, 0.1])],
      /^Yes: “Change point” tells damaged clips best \(AUC 0\.60; the loss of the whole clip has 0\.30\)\.$/,
    ],
    [
      'the best of those that beat their own loss is named with it',
      [row('Peak mean', true, [0.95, -0.01]), row('Change point', false, [0.6, 0.1])],
      /^Not shown: “Peak mean” tells damaged clips best \(AUC 0\.95; the loss with the clean clip beside it has 0\.90\), but/,
    ],
  ])('%s', (_, rows, verdict) => {
    expect(featureVerdict([...LOSSES, ...rows]).verdict).toMatch(verdict);
  });

  test('without a loss to hold it against nothing is claimed', () => {
    expect(featureVerdict([LOSSES[0], row('Peak mean', true, [0.95, 0.2])]).verdict).toBe(
      'It cannot be told from these clips.',
    );
  });

  test('sentences name the loss that each is held against', () => {
    const text = featureSentences([
      ...LOSSES,
      row('Peak mean', true, [0.8, -0.2]),
      row('Change point', false, [0.6, 0.1]),
    ]).join(' ');
    expect(text).toContain('The loss of the whole clip has a median AUC of 0.30.');
    expect(text).toContain('The loss with the clean clip beside it has a median AUC of 0.90.');
    expect(text).toMatch(
      /"Peak mean": median AUC 0\.80 .* it beats the loss with the clean clip beside it in 0/,
    );
    expect(text).toMatch(/"Change point": median AUC 0\.60 .* it beats the loss of the whole clip in 1/);
  });
});
