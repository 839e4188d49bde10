// losscope map: a short disturbance at every position of a clip.

import path from 'node:path';
import { type Command, Option } from 'commander';
import { readsNotes } from '../models/model.js';
import { openDrawing } from '../node/document.js';
import { writeWhole } from '../node/output.js';
import { clipSounds, pageParts } from '../node/page_parts.js';
import { parseLevel } from '../perturb/parse.js';
import { sensitivityMap } from '../probe/map.js';
import { MAP_DEFAULTS, type MapForm, mapJson, type SensitivityMap } from '../probe/map_record.js';
import { notesMap, scoreNotes } from '../probe/notes.js';
import { scoreClip } from '../probe/probe.js';
import { mapPage, mapSentences } from '../report/map_page.js';
import type { ClipSounds } from '../report/view/page_data.js';
import { clipReader, tellLong } from './clip_reader.js';
import { CLIPS, eachClip, namedClips, releasing, requireAll } from './clips.js';
import { addExcerptOptions, type ExcerptFlags, excerptOf } from './excerpt.js';
import { conditionOf, openForCommand } from './model.js';
import {
  addConditionOptions,
  addModelOptions,
  addProtocolOption,
  type ConditionOptions,
  type ModelOptions,
  type ProtocolOptions,
  parsedBy,
  wholeNumber,
} from './options.js';
import { goOnWithoutReader, printJson, printLine, say, withProgress } from './output.js';

export interface MapCommandOptions
  extends ModelOptions,
    ProtocolOptions,
    ConditionOptions,
    ExcerptFlags,
    MapForm {}

interface Options extends MapCommandOptions {
  readonly json?: boolean;
  readonly html?: string;
}

/** What maps are made by, for every command that makes them. */
export function addMapOptions(command: Command, usual?: string): Command {
  return addExcerptOptions(addConditionOptions(addProtocolOption(addModelOptions(command))), usual)
    .option('--every <tokens>', 'from one position to the next', wholeNumber({ min: 1 }), MAP_DEFAULTS.every)
    .option('--length <tokens>', 'of each disturbance', wholeNumber({ min: 1 }), MAP_DEFAULTS.length)
    .addOption(
      new Option('--level <level>', 'match (as loud as the clip in the window), or an RMS level like -20dB')
        .argParser(parsedBy(parseLevel))
        .default(MAP_DEFAULTS.level),
    )
    .option('--tail <tokens>', 'scored after each disturbance', wholeNumber({ min: 0 }), MAP_DEFAULTS.tail)
    .option('--from <token>', 'first position', wholeNumber({ min: 0 }), MAP_DEFAULTS.from)
    .option('--seed <n>', 'root seed of everything random', wholeNumber({ min: 0 }), MAP_DEFAULTS.seed);
}

export function addMap(losscope: Command): void {
  const command = losscope
    .command('map')
    .description('a short noise at every position of a clip: where the model reacts, and how')
    .argument('<clips...>', `${CLIPS}, which are decoded`);
  addMapOptions(command)
    .option('--json', 'print each clip’s map as one JSON line')
    .option('--html <file>', 'write a self-contained page: waveform, loss, map')
    .action(run);
}

async function run(entries: readonly string[], options: Options): Promise<void> {
  if (options.html) goOnWithoutReader();
  const clips = await namedClips(entries);
  const model = await openForCommand(options);
  const maps: SensitivityMap[] = [];
  const sounds = new Map<string, ClipSounds>();
  try {
    const condition = await conditionOf(model, options);
    const reader = clipReader(model, excerptOf(model, options));
    const failures = await eachClip(clips, { label: 'map', model, bar: false }, async (source) => {
      const name = path.basename(source.name);
      const form = { ...options, title: name };
      const scoring = { protocol: options.protocol, condition };
      const tell = (map: SensitivityMap): void => {
        maps.push(map);
        if (options.json) printJson(mapJson(map));
        else
          for (const line of [`${map.clip.name}: ${map.disturbance}`, ...mapSentences(map), ''])
            printLine(line);
      };
      if (readsNotes(model)) {
        const clean = await scoreNotes(model, await reader.notes(source), scoring);
        tell(
          await releasing(clean, () =>
            withProgress(name, (onPoint) => notesMap(model, clean, form, onPoint)),
          ),
        );
        return;
      }
      const clip = await reader.sound(source);
      tellLong(model, clip);
      const clean = await scoreClip(model, clip, scoring);
      const map = await releasing(clean, () =>
        withProgress(name, (onPoint) => sensitivityMap(model, clean, form, onPoint)),
      );
      if (options.html) sounds.set(clip.name, clipSounds(clip));
      tell(map);
    });
    await requireAll(failures, async () => {
      if (!options.html) return;
      await writeWhole(options.html, mapPage(await openDrawing(), maps, await pageParts(sounds)));
      say(`wrote ${options.html}`);
    });
  } finally {
    await model.close();
  }
}
