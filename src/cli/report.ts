// losscope report: what a study says, as a page, as figures, and as a few lines.

import path from 'node:path';
import type { Command } from 'commander';
import { analyse } from '../analysis/analyse.js';
import type { Findings } from '../analysis/findings.js';
import { drawnMaps } from '../analysis/maps.js';
import { counted } from '../counted.js';
import { canWrite } from '../node/output.js';
import { writeReport } from '../node/report.js';
import { openStore } from '../node/store/index.js';
import type { RuleName } from '../regions/region.js';
import type { DrawnMaps } from '../report/drawing.js';
import { studyLines } from '../report/study/terminal.js';
import { takeOutput, wholeNumber } from './options.js';
import { printJson, printLine, progress, say } from './output.js';
import { ruleOption } from './regions.js';

interface Options {
  readonly out?: string;
  readonly seed: number;
  readonly rule: RuleName;
  readonly json?: boolean;
}

export function addReport(losscope: Command): void {
  const command = losscope
    .command('report')
    .description(
      'answer the questions of a study: a page, its figures as SVG, PNG and PDF, and findings.json',
    )
    .argument('<folder>', 'the store that losscope run made, finished or not')
    .option(
      '-o, --out <file>',
      'the page (default: FOLDER/report/index.html; of a store that cannot be written, NAME-report/index.html here)',
    )
    .addOption(ruleOption())
    .option('--seed <n>', 'root seed of intervals, permutations and null curves', wholeNumber({ min: 0 }), 1)
    .option('--json', 'print the findings as one JSON line')
    .action(run);
  takeOutput(command, '<file>');
}

async function run(folder: string, options: Options): Promise<void> {
  const { folder: reportFolder, isHere } = await folderOf(folder, options);
  const page = options.out ?? path.join(reportFolder, 'index.html');
  const { findings, maps } = await findingsOf(folder, options);
  if (isHere)
    say(`losscope: ${folder} cannot be written; the report goes to ${reportFolder} (--out FILE: elsewhere)`);
  let bar: ReturnType<typeof progress> | undefined;
  const report = await writeReport(
    findings,
    { page, folder: reportFolder, maps, study: path.basename(path.resolve(folder)) },
    (name, total) => {
      bar ??= progress('figures', total);
      bar.step(name);
    },
  );
  bar?.stop();
  if (options.json) printJson(findings);
  else for (const line of studyLines(findings)) printLine(line);
  say(`wrote ${page}; ${counted(report.figures.length, 'figure')} in ${reportFolder}`);
}

/**
 * Where figures and findings go: into the store. Of one that cannot be written, beside the page, or into a folder here.
 * @throws before the work where neither can be written.
 */
async function folderOf(
  store: string,
  { out }: Pick<Options, 'out'>,
): Promise<{ readonly folder: string; readonly isHere?: boolean }> {
  const own = path.join(store, 'report');
  if ((await canWrite(store)) && (await canWrite(own))) return { folder: own };
  if (out !== undefined) return { folder: path.dirname(out) };
  const folder = `${path.basename(path.resolve(store))}-report`;
  if ((await canWrite('.')) && (await canWrite(folder))) return { folder, isHere: true };
  throw new Error(
    `${store}: cannot be written, and nor can ${path.resolve(folder)}; say where the page goes: --out FILE`,
  );
}

/** What a store says, with progress while its rows are read; and the maps that the page draws. */
async function findingsOf(
  folder: string,
  { seed, rule }: Pick<Options, 'seed' | 'rule'>,
): Promise<{ readonly findings: Findings; readonly maps: DrawnMaps }> {
  const store = await openStore(folder);
  let bar: ReturnType<typeof progress> | undefined;
  try {
    if (!(await store.plan())) {
      throw new Error(`${folder}: has no plan; run the study again: it writes one`);
    }
    const findings = await analyse(store, {
      seed,
      rule,
      onProgress(done, planned) {
        bar ??= progress('rows', planned);
        bar.step(`${done}`);
      },
    });
    const plan = await store.plan();
    const drawn = plan && findings.maps ? await drawnMaps(plan, findings.maps, store) : new Map();
    return { findings, maps: drawn };
  } finally {
    bar?.stop();
    await store.close();
  }
}
