// Studies as people write them: grids, names, and one clear line for everything that is wrong.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseStudy } from '../../src/study/spec.js';

const STUDY = `
study: s
clip: { length: 4s, offset: 500ms }
models: [tiny, { name: small, model: org/small, prompt: jazz }]
protocols: [undelayed, delayed]
groups:
  A: { files: a/*.wav }
  B: { files: [b, c.txt], codes: true, limit: 3 }
disturbances:
  white: { kind: noise, color: [white, pink], at: 1s, length: [5, 10] }
  two:
    kind: silence
    length: 5
    events: [{ at: 10 }, { at: 2s, seed: 9 }]
    groups: [A]
    protocols: delayed
  notes: { edit: rhythm, share: [0.1, 0.5] }
`;

describe('a study', () => {
  test('is read whole, every list of a disturbance spread out', () => {
    const study = parseStudy(STUDY, 's.yaml');
    expect(study).toMatchObject({
      name: 's',
      seed: 1,
      excerpt: { length: 4, offset: 0.5 },
      models: [
        { name: 'tiny', model: 'tiny' },
        { name: 'small', model: 'org/small', prompt: 'jazz' },
      ],
      protocols: ['undelayed', 'delayed'],
      groups: [
        { name: 'A', files: ['a/*.wav'] },
        { name: 'B', files: ['b', 'c.txt'], codes: true, limit: 3 },
      ],
    });
    expect(study.variants.map(({ name }) => name)).toEqual([
      'white color=white length=5',
      'white color=white length=10',
      'white color=pink length=5',
      'white color=pink length=10',
      'two',
      'notes share=0.1',
      'notes share=0.5',
    ]);
    expect(study.variants[2].grid).toEqual([
      { name: 'color', value: 'pink', unit: null },
      { name: 'length', value: 5, unit: 'tokens' },
    ]);
    expect(study.variants[5].grid).toEqual([{ name: 'share', value: 0.1, unit: null }]);
    const two = study.variants[4];
    expect(two.grid).toEqual([]);
    expect(two.perturbations).toEqual([
      { kind: 'silence', at: { tokens: 10 }, length: { tokens: 5 }, seed: 1 },
      { kind: 'silence', at: { seconds: 2 }, length: { tokens: 5 }, seed: 9 },
    ]);
    expect(two).toMatchObject({ groups: ['A'], protocols: ['delayed'], amnesia: false, domain: 'waveform' });
    expect(study.variants[6]).toMatchObject({
      domain: 'symbolic',
      perturbations: [],
      edit: { edit: 'rhythm', share: 0.5, seed: 1 },
    });
  });

  test('the bundled studies are studies', () => {
    for (const name of ['demo', 'paper']) {
      const file = `studies/${name}.yaml`;
      const study = parseStudy(readFileSync(file, 'utf8'), file);
      expect(study.name).toBe(name);
      expect(study.groups.map((group) => group.name)).toEqual(['TrainingSet', 'Generated', 'OOD']);
      expect(new Set(study.variants.map((variant) => variant.name)).size).toBe(study.variants.length);
    }
  });

  const replaced = (from: string, to: string): string => {
    expect(STUDY).toContain(from);
    return STUDY.replace(from, to);
  };
  test.each([
    ['no YAML', 'a: [', /^s\.yaml: .*line 1/],
    ['nothing', '', /^s\.yaml: the study: .*expected/],
    ['an unknown key', replaced('models:', 'modles:'), /has no key modles; did you mean models\?/],
    [
      'an unknown key of the clip',
      replaced('offset', 'offest'),
      /clip has no key offest; did you mean offset\?/,
    ],
    [
      'an unknown key of a group',
      replaced('limit', 'limti'),
      /groups\.B has no key limti; did you mean limit\?/,
    ],
    [
      'an unknown key of a disturbance',
      replaced('color:', 'colour:'),
      /white .*no key colour; expected .*color/,
    ],
    ['an unknown key of an edit', replaced('share:', 'sahre:'), /notes .*no key sahre; did you mean share\?/],
    [
      'an unknown kind',
      replaced('kind: noise', 'kind: nois'),
      /white .*kind is "nois", expected one of noise/,
    ],
    [
      'a wrong member of a grid',
      replaced('[5, 10]', '[5, x]'),
      /white \(color=white length=x\): noise: length .*"x"/,
    ],
    ['a key twice', replaced('  two:', '  white:'), /s\.yaml: .*unique/],
    ['a model twice', replaced('name: small', 'name: tiny'), /two models are called tiny/],
    ['a group of nothing', replaced('{ files: a/*.wav }', '{}'), /group A needs either files or midi/],
    [
      'MIDI without a SoundFont',
      replaced('{ files: a/*.wav }', '{ midi: a }'),
      /group A .*names no soundfont/,
    ],
    ['a group that is none', replaced('groups: [A]', 'groups: [C]'), /two: groups names "C"; there is A, B/],
    ['a protocol that is none', replaced('[undelayed, delayed]', '[delyed]'), /protocols/],
    ['a length in tokens', replaced('length: 4s', 'length: 40'), /clip\.length: "40" is no time; write 15s/],
    ['a share above one', replaced('0.5]', '1.5]'), /notes \(share=1\.5\): share/],
    ['no disturbance', `${STUDY.slice(0, STUDY.indexOf('disturbances'))}disturbances: {}`, /no disturbances/],
    ['events that are no list', replaced('[{ at: 10 }, { at: 2s, seed: 9 }]', 'two'), /events is no list/],
    ['amnesia that is no choice', replaced('length: 5\n', 'length: 5\n    amnesia: 3\n'), /amnesia is 3/],
  ])('%s is one line', (_, yaml, message) => {
    let error: unknown;
    try {
      parseStudy(yaml, 's.yaml');
    } catch (caught) {
      error = caught;
    }
    if (!(error instanceof Error)) throw new Error('nothing was thrown');
    expect(error.constructor).toBe(Error);
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain('\n');
  });
});
