// The schema of a study's YAML for editors (JSON Schema), made from the definitions that parse it. What only the parser
// knows (places in words, groups that are named elsewhere) is text to it.

import * as z from 'zod';
import { KINDS } from '../perturb/schema.js';
import { EDIT } from './grid.js';
import { DOMAINS } from './row.js';
import { STUDY } from './spec_schema.js';

type Json = Readonly<Record<string, unknown>>;

/** The whole schema. */
export function studyJsonSchema(): Json {
  const study = schemaOf(STUDY);
  const { disturbances: _, ...properties } = propertiesOf(study);
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'A study of losscope',
    ...study,
    properties: {
      ...properties,
      // Its pattern is one of Unicode, which not every editor reads as such.
      study: { type: 'string', minLength: 1, maxLength: 100 },
      disturbances: { type: 'object', additionalProperties: { anyOf: disturbances() } },
    },
  };
}

/** Fields that a disturbance has beside those of its kind. */
const OWN: Json = {
  domain: { enum: DOMAINS.filter((domain) => domain !== 'symbolic') },
  groups: names(),
  protocols: names(),
  amnesia: { type: 'boolean' },
};

/** A disturbance of each kind, the edits of a score, and those whose kind a list says. */
function disturbances(): Json[] {
  const kinds = Object.entries(KINDS).map(([kind, fields]) => gridOf(fields, { kind: { const: kind } }));
  const several = { type: 'array', minItems: 1 };
  return [
    ...kinds,
    gridOf(EDIT, {}),
    {
      type: 'object',
      properties: { ...OWN, kind: { ...several, items: { enum: Object.keys(KINDS) } } },
      required: ['kind'],
    },
    {
      type: 'object',
      properties: { ...OWN, events: { ...several, items: { type: 'object' } } },
      required: ['events'],
    },
  ];
}

/** A mapping whose fields may each be a list; `fixed` are not. */
function gridOf(fields: z.ZodType, fixed: Json): Json {
  const { required, ...schema } = schemaOf(fields);
  const grid = Object.entries(propertiesOf(schema)).map(([name, field]) => [
    name,
    { anyOf: [field, { type: 'array', minItems: 1, items: field }] },
  ]);
  return {
    type: 'object',
    properties: { ...Object.fromEntries(grid), ...OWN, ...fixed },
    ...(required ? { required } : {}),
    additionalProperties: false,
  };
}

/** A name or several. */
function names(): Json {
  return { anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' }, minItems: 1 }] };
}

/** As it is written, before any of it is read. */
function schemaOf(schema: z.ZodType): Json {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return json;
}

function propertiesOf({ properties }: Json): Json {
  return typeof properties === 'object' && properties !== null ? { ...properties } : {};
}
