// Studies as people write them: grids, names, and one clear line for everything that is wrong.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { faultLines } from '../../src/study/faults.js';
import { studySource } from '../../src/study/source.js';
import { checkStudy, parseStudy } from '../../src/study/spec.js';

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
  test.each([
    ['{ kind: noise, color: white, at: 1s, length: 1s, level: [-20dB, -30dB] }', 'level', -20, 'dBFS'],
    ['{ kind: gain, by: [-6dB, 3dB] }', 'by', -6, 'dB'],
    ['{ kind: hiss, snr: [0dB, 10dB] }', 'snr', 0, 'dB'],
  ])('a number with its unit: %s', (disturbance, name, value, unit) => {
    const text = STUDY.slice(0, STUDY.indexOf('  white:'));
    const { variants } = parseStudy(`${text}  one: ${disturbance}\n`, 's.yaml');
    expect(variants[0].grid).toEqual([{ name, value, unit }]);
  });

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
    const pair = 'studies/codec-or-lm.yaml';
    const both = parseStudy(readFileSync(pair, 'utf8'), pair);
    expect(both.groups.map((group) => group.name)).toEqual(['Sound', 'Notes']);
    expect(new Set(both.variants.map(({ domain }) => domain))).toEqual(new Set(['waveform', 'notes']));
    // Clips are only scored there: listeners are what they are compared with.
    for (const name of ['musiceval', 'music-arena']) {
      const file = `studies/${name}.yaml`;
      expect(parseStudy(readFileSync(file, 'utf8'), file)).toMatchObject({ name, variants: [], battery: {} });
    }
  });

  const replaced = (from: string, to: string): string => {
    expect(STUDY).toContain(from);
    return STUDY.replace(from, to);
  };
  test.each([
    ['no YAML', 'a: [', /^s\.yaml:1:5: /],
    ['a key that is a list', '? [a]\n: 1\n', /^s\.yaml:1:3: a key is a list or a mapping; expected a name$/],
    ['a name and a number that are one key', '"1": a\n1: b\n', /^s\.yaml:2:1: the key 1 is there twice/],
    [
      'a tag that nobody knows',
      replaced('study: s', 'study: !secret s'),
      /^s\.yaml:\d+:8: Unresolved tag: !secret$/,
    ],
    ...['CON', 'nul', 'com1.backup', 'Lpt9', 'aux .x', 'COM\u00b2'].map((name): [string, string, RegExp] => [
      `a name that Windows keeps: ${name}`,
      replaced('study: s', `study: "${name}"`),
      /^s\.yaml:\d+:\d+: study: .*: a name that Windows keeps for a device/,
    ]),
    ...['s.', 's ', 's. .'].map((name): [string, string, RegExp] => [
      `a name that Windows shortens: "${name}"`,
      replaced('study: s', `study: "${name}"`),
      /^s\.yaml:\d+:\d+: study: .*no dot or space last/,
    ]),
    ['nothing', '', /^s\.yaml:1:1: the study: .*expected/],
    [
      'an unknown key',
      replaced('models:', 'modles:'),
      /^s\.yaml:4:1: the study has no key modles; did you mean models\?$/,
    ],
    [
      'an unknown key of the clip',
      replaced('offset', 'offest'),
      /^s\.yaml:3:21: clip has no key offest; did you mean offset\?$/,
    ],
    [
      'an unknown key of a group',
      replaced('limit', 'limti'),
      /^s\.yaml:8:40: groups\.B has no key limti; did you mean limit\?$/,
    ],
    [
      'an unknown key of a disturbance',
      replaced('color:', 'colour:'),
      /^s\.yaml:10:25: white: noise has no key colour; expected .*; did you mean color\?$/,
    ],
    [
      'an unknown key of an edit',
      replaced('share:', 'sahre:'),
      /^s\.yaml:17:26: notes: .*no key sahre; .*did you mean share\?$/,
    ],
    [
      'an unknown kind',
      replaced('kind: noise', 'kind: nois'),
      /^s\.yaml:10:18: white: kind is "nois", expected one of noise.*did you mean noise\?$/,
    ],
    ['a wrong member of a grid', replaced('[5, 10]', '[5, x]'), /^s\.yaml:10:67: white: noise: length .*"x"/],
    ['a key twice', replaced('  two:', '  white:'), /^s\.yaml:11:3: the key white .*unique/],
    ['a model twice', replaced('name: small', 'name: tiny'), /two models are called tiny/],
    ['a group of nothing', replaced('{ files: a/*.wav }', '{}'), /group A needs either files or midi/],
    [
      'MIDI without a SoundFont',
      replaced('{ files: a/*.wav }', '{ midi: a }').replace('org/small', 'facebook/musicgen-small'),
      /group A .*names no soundfont/,
    ],
    ['a group that is none', replaced('groups: [A]', 'groups: [C]'), /two: groups names "C"; there is A, B/],
    ['a protocol that is none', replaced('[undelayed, delayed]', '[delyed]'), /protocols/],
    ['no length', replaced('length: 4s', 'length: 0s'), /clip\.length: expected more than 0 s; write 15s/],
    ['a length in tokens', replaced('length: 4s', 'length: 40'), /clip\.length: "40" is no time; write 15s/],
    ['a share above one', replaced('0.5]', '1.5]'), /^s\.yaml:17:39: notes: share/],
    ['no disturbance', `${STUDY.slice(0, STUDY.indexOf('disturbances'))}disturbances: {}`, /no disturbances/],
    [
      'a word that is none of a few',
      replaced('color: [white, pink]', 'color: [white, pnik]'),
      /^s\.yaml:10:40: white: noise: color is wrong: "pnik" is none of white, .*did you mean pink\?$/,
    ],
    ['an empty list', replaced('[5, 10]', '[]'), /^s\.yaml:10:63: white: length is an empty list/],
    ['a value twice', replaced('[5, 10]', '[5, 5]'), /^s\.yaml:10:67: white: length lists 5 twice/],
    [
      'an event that has no place',
      replaced('{ at: 10 }', '{ att: 10 }'),
      /^s\.yaml:14:16: two: events\[0\]: silence has no key att; .*did you mean at\?$/,
    ],
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

  test('all that is wrong is said at once, in the order of the file', () => {
    const yaml = [
      'study: s',
      'sed: 3',
      'models: [tiny]',
      'precision: fp23',
      'protocols: [delyed]',
      'groups: { A: { files: a, limt: 3 }, B: {} }',
      'disturbances:',
      '  white: { kind: nois, at: 5s, length: 5 }',
      '  pink: { kind: noise, colour: pink, at: 5x, length: [5, x, y], seed: [1, 2] }',
      '  cut: { kind: delete, at: 1s, length: 5, groups: [A, b] }',
      'maps: { groups: AA }',
    ].join('\n');
    const { study, faults } = checkStudy(studySource(yaml, 's.yaml'));
    expect(study).toBeUndefined();
    const words = /no model|has no key|needs|none of|"nois"|"5x"|"x"|"y"|names "b"|no group AA/;
    expect(
      faultLines({ name: 's.yaml' }, faults).map((line) => [
        /^s\.yaml:(\d+:\d+): /.exec(line)?.[1],
        words.exec(line)?.[0],
        /did you mean (\w+)\?$/.exec(line)?.[1],
      ]),
    ).toEqual([
      ['2:1', 'has no key', 'seed'],
      ['4:12', 'none of', 'fp32'],
      ['5:13', 'no model', 'delayed'],
      ['6:26', 'has no key', 'limit'],
      ['6:37', 'needs', undefined],
      ['8:18', '"nois"', 'noise'],
      ['9:24', 'has no key', 'color'],
      ['9:42', '"5x"', undefined],
      ['9:58', '"x"', undefined],
      ['9:61', '"y"', undefined],
      ['10:55', 'names "b"', 'B'],
      ['11:17', 'no group AA', 'A'],
    ]);
    expect(() => parseStudy(yaml, 's.yaml')).toThrow(/^s\.yaml:2:1: .* \(and 11 more\)$/);
  });

  test.each([
    ['50,000 keys', Array.from({ length: 50_000 }, (_, i) => `k${i}: 1`).join('\n'), /more than 20000 keys/],
    ['lists in lists', `study: ${'['.repeat(100_000)}`, /nested too deeply/],
    ['a text without end', `study: ${'a'.repeat(2 ** 20)}`, /characters, at most/],
    [
      'aliases of aliases',
      Array.from(
        { length: 9 },
        (_, i) => `a${i}: &a${i} [${i === 0 ? '1' : Array(9).fill(`*a${i - 1}`)}]`,
      ).join('\n'),
      /^s\.yaml:1:1: cannot be read as YAML \(Excessive alias count/,
    ],
    [
      'a grid of a billion',
      STUDY.replace('[5, 10]', `[${Array.from({ length: 1000 }, (_, i) => i + 1)}]`).replace(
        'at: 1s',
        `at: [${Array.from({ length: 1000 }, (_, i) => i + 1)}], seed: [${Array.from({ length: 500 }, (_, i) => i)}]`,
      ),
      /^s\.yaml:10:10: white: a grid of 1000000000 members, at most 10000/,
    ],
    [
      'grids that are too much together',
      `${STUDY}${Array.from({ length: 11 }, (_, g) => `  g${g}: { kind: silence, at: 1, length: [${Array.from({ length: 1000 }, (_, i) => i + 1)}] }\n`).join('')}`,
      /^s\.yaml:27:3: more than 10000 disturbances with this one/,
    ],
  ])('%s: refused before the work', (_, yaml, message) => {
    expect(() => parseStudy(yaml, 's.yaml')).toThrow(message);
  });
});
