// Writes the table of models into docs/models.md, between its markers, from src/models/catalog.ts.
//   npx tsx tools/models-table.ts

import { readFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { CATALOG, type CatalogEntry, withRevision } from '../src/models/catalog.js';
import { writeWhole } from '../src/node/output.js';

const START = '<!-- models: made by tools/models-table.ts -->';
const END = '<!-- /models -->';

/** The text of docs/models.md with the table as the catalog has it. @throws when the markers are not there. */
export function withModelsTable(document: string): string {
  const [start, end] = [document.indexOf(START), document.indexOf(END)];
  if (start < 0 || end < start) throw new Error(`docs/models.md: no ${START} followed by ${END}`);
  return `${document.slice(0, start + START.length)}\n\n${modelsTable()}\n\n${document.slice(end)}`;
}

function modelsTable(): string {
  const head = [
    'model',
    'parameters',
    'on disk',
    'frames/s',
    'codebooks',
    'delays',
    'condition',
    'channels',
    'licence',
    'protocols',
  ];
  const rows = [head, head.map(() => '---'), ...CATALOG.map(rowOf)];
  return rows.map((row) => `| ${row.join(' | ')} |`).join('\n');
}

function rowOf(entry: CatalogEntry): string[] {
  return [
    `\`${withRevision(entry.id)}\``,
    entry.parameters,
    entry.bytes < 1e9 ? `${(entry.bytes / 1e6).toFixed(0)} MB` : `${(entry.bytes / 1e9).toFixed(2)} GB`,
    entry.frameRate === undefined ? 'notes' : String(entry.frameRate),
    String(entry.codebooks),
    entry.delays.join(' '),
    entry.conditions.join(', ') || 'none',
    entry.channels === undefined ? '-' : entry.channels === 1 ? 'mono' : 'stereo',
    entry.licence,
    entry.protocols.join(', '),
  ];
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await writeWhole('docs/models.md', withModelsTable(await readFile('docs/models.md', 'utf8')));
}
