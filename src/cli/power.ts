// losscope power: how many clips a study needs, from a pilot.

import { stat } from 'node:fs/promises';
import { type Command, InvalidArgumentError } from 'commander';
import { batteryInputs } from '../analysis/battery_rows.js';
import { type Effect, type PilotClip, powerFor } from '../analysis/power.js';
import { counted } from '../counted.js';
import { readRanked } from '../node/ratings.js';
import { openStore } from '../node/store/index.js';
import { powerLines } from '../report/power.js';
import { madeWords, type ScoresMade } from '../scores/made.js';
import { printJson, printLine } from './output.js';

interface Options {
  readonly effect: Effect;
  readonly json?: boolean;
}

export function addPower(losscope: Command): void {
  losscope
    .command('power')
    .description('how many clips find an effect in 80% of studies, from a pilot, for each score and test')
    .argument('<pilot>', 'the store of losscope run, or the lines of losscope rank --json in a file')
    .requiredOption(
      '--effect <size>',
      'in the units of each score (0.1), or in standard deviations between clips (0.5sd)',
      effectOf,
    )
    .option('--json', 'print everything, a JSON line for each model')
    .action(run);
}

function effectOf(text: string): Effect {
  const match = /^(\d*\.?\d+)(sd)?$/.exec(text);
  const size = Number(match?.[1]);
  if (match && size > 0) return { size, unit: match[2] === undefined ? 'score' : 'sd' };
  throw new InvalidArgumentError('Expected a number above 0, as 0.1, or 0.5sd for standard deviations.');
}

async function run(place: string, { effect, json }: Options): Promise<void> {
  for (const { made, clips } of await pilotsIn(place)) {
    const scores = powerFor(clips, effect);
    if (json) {
      printJson({ pilot: place, made, clips: clips.length, scores });
      continue;
    }
    printLine(`${counted(clips.length, 'clip')}: ${madeWords(made)}`);
    for (const line of powerLines(scores)) printLine(line);
    printLine(
      'clips for 80% power at 5%, two-sided; in brackets what is enough in 80% of pilots as small as this one',
    );
  }
}

async function pilotsIn(
  place: string,
): Promise<{ readonly made: ScoresMade; readonly clips: readonly PilotClip[] }[]> {
  const there = await stat(place).catch(() => undefined);
  if (!there?.isDirectory()) {
    const { made, clips } = await readRanked(place);
    return [
      {
        made,
        clips: clips.map(({ group, values }) => ({ group, clean: values, versions: new Map() })),
      },
    ];
  }
  const store = await openStore(place);
  try {
    return (await batteryInputs(store)).map(({ made, clean, groups, versions }) => {
      const clips = [...clean].map(([clip, values]) => ({
        group: groups.get(clip) ?? '',
        clean: values,
        versions: new Map(
          versions
            .filter((version) => version.clip === clip)
            .map(({ damage, severity, values: own }) => [JSON.stringify([damage, severity]), own]),
        ),
      }));
      return { made, clips };
    });
  } finally {
    await store.close();
  }
}
