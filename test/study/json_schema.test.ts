// The schema for editors says what the parser says, as far as a schema can.

import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { PERTURBATION_KINDS } from '../../src/perturb/schema.js';
import { studyJsonSchema } from '../../src/study/json_schema.js';
import { parseStudy } from '../../src/study/spec.js';

const schema = z.fromJSONSchema(studyJsonSchema());
const accepts = (yaml: string): boolean => schema.safeParse(parse(yaml)).success;
const study = (disturbance: string, more = ''): string =>
  `study: s\nmodels: [tiny]\ngroups: { A: { files: a } }\ndisturbances:\n  d: ${disturbance}\n${more}`;
const isStudy = (yaml: string): boolean => {
  try {
    parseStudy(yaml, 's.yaml');
    return true;
  } catch {
    return false;
  }
};

test('the bundled studies name it and fit it', () => {
  const files = readdirSync('studies').filter((name) => name.endsWith('.yaml'));
  expect(files.length).toBeGreaterThan(2);
  for (const file of files) {
    const text = readFileSync(`studies/${file}`, 'utf8');
    expect(text).toMatch(/^# yaml-language-server: \$schema=\.\.\/dist\/study\.schema\.json$/m);
    expect([file, accepts(text)]).toEqual([file, true]);
  }
});

test.each([
  ['{ kind: noise, color: white, at: 5s, length: [5, 10] }', ''],
  [
    '{ kind: noise, color: [white, pink], at: 2s..8s, length: 5, level: -20dB, amnesia: true, groups: A }',
    '',
  ],
  ['{ kind: [silence, delete], at: 1s, length: 5 }', ''],
  ['{ kind: silence, length: 5, events: [{ at: 1 }, { at: 9 }] }', ''],
  ['{ edit: rhythm, share: [0.1, 0.5] }', ''],
  ['{ domain: codes, kind: shuffle, block: 5 }', 'duplicates: skip\nmaps: { every: 9 }'],
  ['{ kind: nois, at: 1s, length: 5 }', ''],
  ['{ kind: noise, colour: white, at: 5s, length: 5 }', ''],
  ['{ kind: noise, color: whit, at: 5s, length: 5 }', ''],
  ['{ kind: silence, at: 5s }', ''],
  ['{ kind: silence, at: 5s, length: [] }', ''],
  ['{ kind: silence, at: 5s, length: 5 }', 'precision: fp23'],
  ['{ kind: silence, at: 5s, length: 5 }', 'sed: 3'],
  ['{ kind: silence, at: 5s, length: 5 }', 'maps: { evry: 3 }'],
])('%s %s: as the parser has it', (disturbance, more) => {
  const yaml = study(disturbance, more);
  expect(accepts(yaml)).toBe(isStudy(yaml));
});

test('every kind is in it', () => {
  for (const kind of PERTURBATION_KINDS)
    expect(JSON.stringify(studyJsonSchema())).toContain(`{"const":"${kind}"}`);
});
