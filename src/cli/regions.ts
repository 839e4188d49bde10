// losscope regions: the region analysis on per-token losses that came from elsewhere.

import path from 'node:path';
import { type Command, Option } from 'commander';
import { readText } from '../node/input.js';
import { curveDifference, type ReadCurves, readLossCurves } from '../regions/curve.js';
import { profileOf } from '../regions/profile.js';
import { RULES, type RuleName } from '../regions/region.js';
import { regionLines } from '../report/terminal.js';
import { choice, wholeNumber } from './options.js';
import { printJson, printLine } from './output.js';
import { UsageError } from './usage.js';

interface Options {
  readonly at: number;
  readonly length: number;
  readonly rule: RuleName;
  readonly seed: number;
  readonly firstFrame: number;
  readonly json?: boolean;
}

export function addRegions(losscope: Command): void {
  losscope
    .command('regions')
    .description(
      'find Peak, Assimilation, Rebound and Recovery in two loss curves (CSV: token_position,avg_loss_value)',
    )
    .argument(
      '<clean>',
      'the clean clip: CSV with one loss a token, nats averaged over codebooks, or a line of losscope score; or both clips: a CSV of losscope demo, a line of losscope probe --json, two lines of losscope score',
    )
    .argument('[disturbed]', 'the disturbed clip, unless the first file holds both')
    .requiredOption('--at <frame>', 'first disturbed frame', wholeNumber({ min: 0 }))
    .requiredOption('--length <frames>', 'disturbed frames', wholeNumber({ min: 1 }))
    .addOption(ruleOption())
    .option(
      '--first-frame <n>',
      'frame of token_position 0; 1 as in the authors’ files, whose first value predicts frame 1',
      wholeNumber({ min: 0, max: 16 }),
      1,
    )
    .option('--seed <n>', 'root seed of the null', wholeNumber({ min: 0 }), 1)
    .option('--json', 'print everything as one JSON line')
    .action(run);
}

/** --rule, shared with probe. */
export function ruleOption(): Option {
  return new Option('--rule <name>', `how regions are found: ${RULES.join(', ')}`)
    .argParser(choice(RULES))
    .default('onset');
}

async function run(cleanFile: string, disturbedFile: string | undefined, options: Options): Promise<void> {
  const { clean, disturbed } = await curvesOf(cleanFile, disturbedFile, options);
  const delta = curveDifference(clean, disturbed);
  const window = { start: options.at, end: options.at + options.length };
  const profile = profileOf(delta, window, {
    rule: options.rule,
    clean,
    seed: options.seed,
    // The name, not the path: the same files give the same chances in any folder.
    name: path.basename(cleanFile),
  });
  if (options.json) {
    printJson({ clean: cleanFile, disturbed: disturbedFile ?? cleanFile, profile, delta });
    return;
  }
  for (const line of regionLines(profile)) printLine(line);
}

/** Characters of a file of losses: an hour takes some 40 million. */
const LARGEST_CURVES = 2 ** 27;

/** @throws a usage error when there is only one curve. */
async function curvesOf(cleanFile: string, disturbedFile: string | undefined, { firstFrame }: Options) {
  const read = async (file: string): Promise<ReadCurves> =>
    readLossCurves(await readText(file, { limit: LARGEST_CURVES }), file, { firstFrame });
  // One after the other: of two bad files always the first is named.
  const first = await read(cleanFile);
  const second = disturbedFile === undefined ? first : await read(disturbedFile);
  const clean = first.clean ?? first.only;
  const disturbed = second.disturbed ?? (second === first ? undefined : second.only);
  if (clean && disturbed) return { clean, disturbed };
  throw new UsageError(`regions: ${cleanFile} holds one curve; give the disturbed one too`);
}
