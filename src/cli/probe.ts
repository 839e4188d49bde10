// losscope probe: disturb clips and see how the model reacts.

import path from 'node:path';
import type { Command } from 'commander';
import { counted } from '../counted.js';
import { readsNotes } from '../models/model.js';
import { openDrawing } from '../node/document.js';
import { readNotes } from '../node/notes.js';
import { writeWhole } from '../node/output.js';
import { clipSounds, pageParts } from '../node/page_parts.js';
import { probeNotes, scoreNotes } from '../probe/notes.js';
import { probe, scoreClip } from '../probe/probe.js';
import { type ProbeRecord, recordJson } from '../probe/record.js';
import type { RuleName } from '../regions/region.js';
import { probePage } from '../report/page.js';
import { probeLines } from '../report/terminal.js';
import type { ClipSounds } from '../report/view/page_data.js';
import { passageOf } from '../symbolic/passage.js';
import { clipReader, otherSound, tellLong } from './clip_reader.js';
import { CLIPS, eachClip, namedClips, releasing, requireAll } from './clips.js';
import { addDisturbanceOptions, type DisturbanceOptions, perturbationOf } from './disturbance_options.js';
import { addExcerptOptions, type ExcerptFlags, excerptOf } from './excerpt.js';
import { conditionOf, openForCommand } from './model.js';
import {
  addConditionOptions,
  addModelOptions,
  addProtocolOption,
  type ConditionOptions,
  type ModelOptions,
  type ProtocolOptions,
} from './options.js';
import { goOnWithoutReader, printJson, printLine, say, warn } from './output.js';
import { ruleOption } from './regions.js';

interface Options extends ModelOptions, DisturbanceOptions, ProtocolOptions, ConditionOptions, ExcerptFlags {
  readonly rule: RuleName;
  readonly json?: boolean;
  readonly html?: string;
}

export function addProbe(losscope: Command): void {
  const command = losscope
    .command('probe')
    .description('disturb clips, score clean and disturbed, and find the regions of the difference')
    .argument('<clips...>', `${CLIPS}, which are decoded`);
  addExcerptOptions(addConditionOptions(addProtocolOption(addDisturbanceOptions(addModelOptions(command)))))
    .addOption(ruleOption())
    .option('--json', 'print each clip’s record as one JSON line')
    .option('--html <file>', 'write a self-contained page: curves, regions, sound')
    .action(run);
}

async function run(entries: readonly string[], options: Options): Promise<void> {
  const perturbation = perturbationOf(options);
  if (options.html) goOnWithoutReader();
  const clips = await namedClips(entries);
  const model = await openForCommand(options);
  const records: ProbeRecord[] = [];
  const sounds = new Map<string, ClipSounds>();
  try {
    const condition = await conditionOf(model, options);
    const reader = clipReader(model, excerptOf(model, options));
    const failures = await eachClip(clips, { label: 'probe', model }, async (source) => {
      const title = path.basename(source.name);
      const tell = (record: ProbeRecord): void => {
        records.push(record);
        if (options.json) printJson(recordJson(record));
        else for (const line of probeLines(record)) printLine(line);
      };
      if (readsNotes(model)) {
        const clean = await scoreNotes(model, await reader.notes(source), {
          ...{ protocol: options.protocol, condition },
        });
        tell(
          await releasing(clean, () =>
            probeNotes(model, clean, perturbation, {
              ...{ rule: options.rule, title, offset: options.offset },
              otherPassage: async (file) => passageOf(await readNotes(file, warn)),
            }),
          ),
        );
        return;
      }
      const clip = await reader.sound(source);
      tellLong(model, clip);
      const clean = await scoreClip(model, clip, {
        ...{ protocol: options.protocol, condition },
        // For the page, which tells of single codes.
        ranks: options.html !== undefined,
      });
      const probed = await releasing(clean, () =>
        probe(model, clean, perturbation, {
          rule: options.rule,
          title,
          offset: options.offset,
          // The disturbance itself says where in it to begin.
          otherClip: otherSound(model),
        }),
      );
      if (options.html) sounds.set(clip.name, clipSounds(clip, [probed]));
      tell(probed.record);
    });
    await requireAll(failures, async () => {
      if (options.html) await writePage(options.html, records, sounds);
    });
  } finally {
    await model.close();
  }
}

async function writePage(
  file: string,
  records: readonly ProbeRecord[],
  sounds: ReadonlyMap<string, ClipSounds>,
): Promise<void> {
  const [{ clip, provenance }] = records;
  const page = probePage(await openDrawing(), records, {
    title:
      records.length === 1 ? `${clip.title}, disturbed` : `${counted(records.length, 'clip')}, disturbed`,
    intro: `How the music language model ${provenance.model} reacts when the music is disturbed.`,
    ...(await pageParts(sounds)),
  });
  await writeWhole(file, page);
  say(`wrote ${file}`);
}
