// losscope probe: disturb clips and see how the model reacts.

import path from 'node:path';
import type { Command } from 'commander';
import { formatOf } from '../loss/encode.js';
import { openDrawing } from '../node/document.js';
import { writeWhole } from '../node/output.js';
import { clipSounds, pageParts } from '../node/page_parts.js';
import { readClip } from '../node/sound.js';
import { probe, scoreClip } from '../probe/probe.js';
import { type ProbeRecord, recordJson } from '../probe/record.js';
import type { RuleName } from '../regions/region.js';
import { probePage } from '../report/page.js';
import { probeLines } from '../report/terminal.js';
import type { ClipSounds } from '../report/view/page_data.js';
import { conditionOf, openForCommand } from './model.js';
import {
  addConditionOptions,
  addDisturbanceOptions,
  addModelOptions,
  addProtocolOption,
  type ConditionOptions,
  type DisturbanceOptions,
  type ModelOptions,
  type ProtocolOptions,
  perturbationOf,
} from './options.js';
import { goOnWithoutReader, printJson, printLine, progress, say, warn } from './output.js';
import { ruleOption } from './regions.js';

interface Options extends ModelOptions, DisturbanceOptions, ProtocolOptions, ConditionOptions {
  readonly rule: RuleName;
  readonly json?: boolean;
  readonly html?: string;
}

export function addProbe(losscope: Command): void {
  const command = losscope
    .command('probe')
    .description('disturb clips, score clean and disturbed, and find the regions of the difference')
    .argument('<audio...>', 'WAV, MP3, FLAC, Ogg Vorbis or Opus');
  addConditionOptions(addProtocolOption(addDisturbanceOptions(addModelOptions(command))))
    .addOption(ruleOption())
    .option('--json', 'print each clip’s record as one JSON line')
    .option('--html <file>', 'write a self-contained page: curves, regions, sound')
    .action(run);
}

async function run(files: readonly string[], options: Options): Promise<void> {
  const perturbation = perturbationOf(options);
  if (options.html) goOnWithoutReader();
  const condition = await conditionOf(options);
  const model = await openForCommand(options);
  const bar = progress('probe', files.length);
  const records: ProbeRecord[] = [];
  const sounds = new Map<string, ClipSounds>();
  try {
    const read = (file: string) => readClip(file, formatOf(model), warn);
    for (const file of files) {
      const clip = await read(file);
      const clean = await scoreClip(model, clip, { protocol: options.protocol, condition });
      const probed = await probe(model, clean, perturbation, {
        rule: options.rule,
        title: path.basename(file),
        otherClip: read,
      });
      await clean.release();
      records.push(probed.record);
      if (options.html) sounds.set(clip.name, clipSounds(clip, [probed]));
      bar.step(file);
      if (options.json) printJson(recordJson(probed.record));
      else for (const line of probeLines(probed.record)) printLine(line);
    }
  } finally {
    bar.stop();
    await model.close();
  }
  if (options.html) {
    const page = probePage(await openDrawing(), records, {
      title:
        files.length === 1 ? `${path.basename(files[0])}, disturbed` : `${files.length} clips, disturbed`,
      intro: `How the music language model ${model.name} reacts when the music is disturbed.`,
      ...(await pageParts(sounds)),
    });
    await writeWhole(options.html, page);
    say(`wrote ${options.html}`);
  }
}
