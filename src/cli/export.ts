// losscope export: a store's rows for other programs. The columns are listed in docs/results.md.

import { type Command, Option } from 'commander';
import { counted } from '../counted.js';
import { exportFile, openStore, streamText } from '../node/store/index.js';
import { TEXT_FORMATS } from '../study/export.js';
import type { Store } from '../study/store.js';
import { choice, takeOutput } from './options.js';
import { say } from './output.js';
import { UsageError } from './usage.js';

const FORMATS = [...TEXT_FORMATS, 'parquet'] as const;

interface Options {
  readonly format: (typeof FORMATS)[number];
  readonly out?: string;
  readonly withoutArrays?: boolean;
  readonly unfinished?: boolean;
}

export function addExport(losscope: Command): void {
  const command = losscope
    .command('export')
    .description('write the rows of a store as CSV, JSON lines or Parquet, in the order of the plan')
    .argument('<folder>', 'the store that losscope run made')
    .addOption(new Option('--format <name>', FORMATS.join(', ')).argParser(choice(FORMATS)).default('csv'))
    .option('-o, --out <file>', 'where to (default: stdout, but not for parquet)')
    .option('--unfinished', 'export what is there of a study that is not finished')
    .option('--without-arrays', 'leave out loss and codes, which are nearly all of it')
    .action(run);
  takeOutput(command, '<file>');
}

async function run(folder: string, options: Options): Promise<void> {
  const { format, out, withoutArrays = false } = options;
  if (format === 'parquet' && out === undefined) {
    throw new UsageError('--format parquet needs a file: -o rows.parquet');
  }
  const store = await openStore(folder);
  try {
    await requireRows(store, folder, options);
    if (out !== undefined) await exportFile(store, out, { format, withoutArrays });
    else if (format !== 'parquet') await streamText(store, process.stdout, { format, withoutArrays });
  } finally {
    await store.close();
  }
}

/** A file of half of the rows looks like a whole one: it is only made when it is asked for. */
async function requireRows(store: Store, folder: string, { unfinished }: Options): Promise<void> {
  const plan = await store.plan();
  if (!plan) return;
  const results = await store.results();
  const there = plan.cells.filter(({ key }) => results.has(key)).length;
  const planned = plan.cells.length;
  if (there === planned) return;
  const words = `${folder}: ${there} of ${counted(planned, 'planned row')} are there`;
  if (!unfinished) {
    throw new Error(
      `${words}; losscope run goes on, --unfinished exports what is there (losscope check: what is missing)`,
    );
  }
  say(`losscope: ${words}; the others are not in the export`);
}
