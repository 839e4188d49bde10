// Writes the schema of studies for editors into dist, from the definitions that parse studies.

import { writeFile } from 'node:fs/promises';
import { studyJsonSchema } from '../src/study/json_schema.js';

const target = new URL('../dist/study.schema.json', import.meta.url);
await writeFile(target, `${JSON.stringify(studyJsonSchema(), null, 1)}\n`);
