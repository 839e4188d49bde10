// losscope export: a store's rows for other programs. The columns are listed in docs/results.md.

import { type Command, Option } from 'commander';
import { exportFile, openStore, streamText } from '../node/store/index.js';
import { TEXT_FORMATS } from '../study/export.js';
import { choice } from './options.js';
import { UsageError } from './usage.js';

const FORMATS = [...TEXT_FORMATS, 'parquet'] as const;

interface Options {
  readonly format: (typeof FORMATS)[number];
  readonly output?: string;
  readonly withoutArrays?: boolean;
}

export function addExport(losscope: Command): void {
  losscope
    .command('export')
    .description('write the rows of a store as CSV, JSON lines or Parquet, in the order of the plan')
    .argument('<folder>', 'the store that losscope run made')
    .addOption(new Option('--format <name>', FORMATS.join(', ')).argParser(choice(FORMATS)).default('csv'))
    .option('-o, --output <file>', 'where to (default: stdout, but not for parquet)')
    .option('--without-arrays', 'leave out loss and codes, which are nearly all of it')
    .action(run);
}

async function run(folder: string, options: Options): Promise<void> {
  const { format, output, withoutArrays = false } = options;
  if (format === 'parquet' && output === undefined) {
    throw new UsageError('--format parquet needs a file: -o rows.parquet');
  }
  const store = await openStore(folder);
  try {
    if (output !== undefined) await exportFile(store, output, { format, withoutArrays });
    else if (format !== 'parquet') await streamText(store, process.stdout, { format, withoutArrays });
  } finally {
    await store.close();
  }
}
