// losscope rank: songs in the order of what speaks against them, judged by the panel of scores beside clean clips.

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Command, Option } from 'commander';
import { formatOf } from '../loss/encode.js';
import { protocolUnder } from '../models/model.js';
import { writeWhole } from '../node/output.js';
import { bundledReference } from '../node/reference.js';
import { readClip } from '../node/sound.js';
import { HEARING, hear } from '../probe/hear.js';
import { type JudgedSong, judgeSongs, type ReferenceFile, requireFitting } from '../probe/songs.js';
import { table } from '../report/terminal.js';
import { plain } from '../report/words.js';
import { PANEL } from '../scores/panel.js';
import { referenceOf } from '../scores/reference.js';
import { SCORES_VERSION } from '../scores/scores.js';
import { addMapOptions } from './map.js';
import { conditionOf, openForCommand } from './model.js';
import { choice, decimal } from './options.js';
import { jsonText, printJson, printLine, say, warn } from './output.js';
import { rankBySensitivity, type SensitivityOptions, soundsOf } from './rank_sensitivity.js';
import { type HeardSongs, heardSongs } from './songs.js';

interface Options extends SensitivityOptions {
  readonly by: 'panel' | 'sensitivity';
  readonly seconds: number;
  readonly reference?: string;
  readonly saveReference?: string;
}

export function addRank(losscope: Command): void {
  const command = losscope
    .command('rank')
    .description('songs in the order of what speaks against them, with what is probably wrong and where')
    .argument('<audio...>', 'sound files, folders of them, globs, lists (.txt)')
    .addOption(
      new Option(
        '--by <what>',
        'panel: four scores judged together beside clean clips; sensitivity: mean Peak of a sensitivity map (an experiment)',
      )
        .argParser(choice(['panel', 'sensitivity'] as const))
        .default('panel'),
    )
    .option(
      '--reference <what>',
      'clean clips to judge beside: a file of --save-reference, or sounds (default: the bundled ones for tiny, else the songs themselves)',
    )
    .option(
      '--save-reference <file>',
      'write what the songs have as a reference for others; they must be clean',
    )
    .option(
      '--seconds <n>',
      'judge so many seconds from the start of each song',
      decimal({ min: 2, max: 60 }),
      10,
    );
  addMapOptions(command)
    .option(
      '--against <audio...>',
      'with --by sensitivity, a second group: how well does each number tell the two apart?',
    )
    .option('--json', 'print a JSON line a song')
    .action((entries: readonly string[], options: Options) =>
      options.by === 'sensitivity' ? rankBySensitivity(entries, options) : rankByPanel(entries, options),
    );
}

async function rankByPanel(entries: readonly string[], options: Options): Promise<void> {
  const files = await soundsOf(entries);
  const condition = await conditionOf(options);
  const model = await openForCommand(options);
  try {
    const { seconds } = options;
    const protocol = protocolUnder(model, options.protocol).name;
    const made = {
      fingerprint: model.fingerprint,
      protocol,
      hearing: HEARING,
      seconds,
      version: SCORES_VERSION,
    };
    const hearAll = (paths: readonly string[]): Promise<HeardSongs> =>
      heardSongs(paths, async (file) => {
        const clip = await readClip(file, formatOf(model), warn, { length: seconds });
        return hear(model, clip, { protocol, condition });
      });
    const { songs, failed } = await hearAll(files);
    if (options.saveReference) {
      const names = songs.map(({ name }) => path.basename(name));
      const reference = { ...made, ...referenceOf(songs.map(({ values }) => values)), clips: names };
      await writeWhole(options.saveReference, `${jsonText(reference, 1)}\n`);
    }
    const reference = options.saveReference
      ? { words: 'beside each other' }
      : await referenceFor(options, made, hearAll);
    if (songs.length > 0)
      printSongs(
        judgeSongs(songs, 'found' in reference ? reference.found : undefined),
        options,
        reference.words,
      );
    for (const { file, why } of failed) say(`losscope: ${file}: not ranked: ${why}`);
    if (failed.length > 0) process.exitCode = 1;
  } finally {
    await model.close();
  }
}

interface FoundReference {
  /** Absent: the songs are judged beside each other. */
  readonly found?: ReferenceFile | ReturnType<typeof referenceOf>;
  readonly words: string;
}

async function referenceFor(
  { reference }: Options,
  made: Parameters<typeof requireFitting>[1],
  hearAll: (files: readonly string[]) => Promise<HeardSongs>,
): Promise<FoundReference> {
  if (reference === undefined) {
    const bundled = await bundledReference(made.fingerprint);
    if (!bundled || bundled.protocol !== made.protocol || bundled.seconds !== made.seconds) {
      return { words: 'beside each other: at least six songs, most of them sound' };
    }
    return {
      found: bundled,
      words: `beside ${bundled.clips.length} bundled clips of the composer that tiny was trained on`,
    };
  }
  if (reference.endsWith('.json')) {
    // A file of losscope's own: what does not fit is said below.
    const found: ReferenceFile = JSON.parse(await readFile(reference, 'utf8'));
    requireFitting(found, made);
    return { found, words: `beside the ${found.clips.length} clips of ${reference}` };
  }
  const { songs, failed } = await hearAll(await soundsOf([reference]));
  if (failed.length > 0) throw new Error(`${failed[0].file}: ${failed[0].why}`);
  return {
    found: referenceOf(songs.map(({ values }) => values)),
    words: `beside ${songs.length} clips of ${reference}`,
  };
}

function printSongs(judged: readonly JudgedSong[], options: Options, beside: string): void {
  if (options.json) {
    judged.forEach(printJson);
    return;
  }
  const rows = judged.map(({ name, strength, chance, alarm, findings, excess, values }) => [
    path.basename(name),
    alarm ? '!' : '',
    plain(strength),
    plain(chance, 3),
    `${plain(excess.mean)} [${plain(excess.low)}, ${plain(excess.high)}]`,
    plain(values.loss),
    findings
      .map(
        ({ member, where }) =>
          `${member}${where ? ` ${plain(where.start, 1)}-${plain(where.end, 1)} s` : ''}`,
      )
      .join(', '),
  ]);
  const head = ['song', '', 'panel', 'chance', 'excess', 'loss', 'what speaks against it'];
  for (const line of table([head, ...rows])) printLine(line);
  printLine(
    `panel: how far the most unusual of ${Object.keys(PANEL).length} scores lies from clean clips, in standard deviations; ! is an alarm at 5% false alarms; ` +
      `${beside}; first ${options.seconds} s of each song at ${HEARING.loudness} LUFS; loss and excess in nats per code, excess with 95% interval over seconds`,
  );
  for (const member of new Set(judged.flatMap(({ findings }) => findings.map((each) => each.member)))) {
    printLine(`${member}: ${PANEL[member]}`);
  }
}
