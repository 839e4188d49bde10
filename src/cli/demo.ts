// losscope demo: the main thing, on the bundled model and clips.

import path from 'node:path';
import type { Command } from 'commander';
import { counted } from '../counted.js';

import { formatOf } from '../loss/encode.js';
import { readDemoClips } from '../node/demo.js';

import { openDrawing } from '../node/document.js';
import { writeWhole } from '../node/output.js';
import { clipSounds, pageParts } from '../node/page_parts.js';
import { demoProbes, PAPER_LENGTHS } from '../probe/demo.js';
import { GROUPS } from '../probe/demo_clips.js';
import type { ProbeRecord } from '../probe/record.js';
import { demoCurves, demoSummary } from '../report/demo.js';
import { probePage } from '../report/page.js';
import { sentences, summarise } from '../report/summary.js';
import { lengthRows, table } from '../report/terminal.js';
import type { ClipSounds } from '../report/view/page_data.js';
import { openForCommand } from './model.js';
import { addModelOptions, type ModelOptions } from './options.js';
import { jsonText, printLine, progress, warn } from './output.js';

interface Options extends ModelOptions {
  readonly out: string;
}

export function addDemo(losscope: Command): void {
  const command = losscope
    .command('demo')
    .description(
      'white noise of six lengths in the bundled clips: a table here, a page with curves and sound in a folder',
    )
    .option('-o, --out <folder>', 'where index.html, summary.json and curves/ go', 'losscope-demo');
  addModelOptions(command).action(run);
}

async function run(options: Options): Promise<void> {
  const started = performance.now();
  const model = await openForCommand(options);
  const records: ProbeRecord[] = [];
  const sounds = new Map<string, ClipSounds>();
  try {
    const clips = await readDemoClips(formatOf(model), warn);
    const bar = progress('demo', clips.length * PAPER_LENGTHS.length);
    for (const demo of clips) {
      const group = `${demo.group}: ${GROUPS[demo.group]}`;
      const probed = await demoProbes(model, { ...demo, group }, (tokens) =>
        bar.step(`${demo.clip.name}, ${counted(tokens, 'token')}`),
      );
      records.push(...probed.map(({ record }) => record));
      sounds.set(demo.clip.name, clipSounds(demo.clip, probed));
    }
    bar.stop();
  } finally {
    await model.close();
  }
  const page = probePage(await openDrawing(), records, {
    title: 'What a music language model makes of noise',
    intro: `After five seconds the music gives way to noise. Play it, and watch how surprised the model (${model.name}) is.`,
    ...(await pageParts(sounds)),
  });
  const file = (name: string): string => path.join(options.out, name);
  for (const { path: name, csv } of demoCurves(records)) await writeWhole(file(name), csv);
  await writeWhole(file('summary.json'), `${jsonText(demoSummary(records), 1)}\n`);
  await writeWhole(file('index.html'), page);
  printTable(records, options.out, (performance.now() - started) / 1000);
}

function printTable(records: readonly ProbeRecord[], out: string, seconds: number): void {
  const { provenance } = records[0];
  const summaries = summarise(records);
  printLine(
    `model ${provenance.model}, protocol ${provenance.protocol}; nats per code, mean [95% interval] over clips; Peak by three definitions, with the clips in which it is more than other music gives`,
  );
  printLine();
  for (const line of table(lengthRows(summaries))) printLine(line);
  printLine();
  const shown = summaries.find(({ length }) => length === 100) ?? summaries[0];
  for (const sentence of sentences(shown)) printLine(sentence);
  printLine();
  printLine(`${path.join(out, 'index.html')}: curves, regions and sound (open it in a browser)`);
  printLine(
    `${path.join(out, 'summary.json')}, ${path.join(out, 'curves')}: the numbers (${seconds.toFixed(0)} s in all)`,
  );
}
