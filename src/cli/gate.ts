// losscope gate: is a candidate no worse than a baseline by more than a margin? The verdict is the exit code.

import { appendFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { type Command, Option } from 'commander';
import { type Gate, type GateVerdict, gateOf } from '../analysis/gate.js';
import { type ScoredClips, scoredClips } from '../analysis/scored_clips.js';
import { type Model, protocolUnder, readsNotes } from '../models/model.js';
import { reasonOf } from '../node/input.js';
import { writeWhole } from '../node/output.js';
import { isStore, openStore } from '../node/store/index.js';
import { gateJunit, gateLines, gateMarkdown } from '../report/gate.js';
import { FURTHER_SCORES, SCORE_NAMES, type ScoreName } from '../scores/scores.js';
import { repeats } from '../stats/repeated.js';
import { CLIPS, type NamedClips, namedOnce } from './clips.js';
import { addExcerptOptions } from './excerpt.js';
import { conditionOf, openForCommand } from './model.js';
import {
  addConditionOptions,
  addModelOptions,
  addProtocolOption,
  type ConditionOptions,
  choice,
  decimal,
  type ModelOptions,
  type ProtocolOptions,
} from './options.js';
import { printJson, printLine, say } from './output.js';
import {
  addSecondsOption,
  heardSongs,
  judgedSeconds,
  requireDefined,
  type SongFlags,
  songsMade,
} from './songs.js';
import { UsageError } from './usage.js';

/** Besides 1 for an error and 2 for a usage error. */
const EXIT_CODES: Readonly<Record<GateVerdict, number>> = {
  pass: 0,
  fail: 100,
  inconclusive: 3,
  incomplete: 4,
};

/** What is compared where no score is named: of two models their likelihood of the same music, of generated clips what hears disorder; notes have no surprise. */
const DEFAULT_SCORE = { stores: 'loss', folders: 'surprise', notes: 'excess' } as const satisfies Record<
  string,
  ScoreName
>;

interface Options extends ModelOptions, ProtocolOptions, ConditionOptions, SongFlags {
  readonly baseline: string;
  readonly score?: ScoreName;
  readonly margin?: number;
  readonly junit?: string;
  readonly summary?: string;
  readonly json?: boolean;
}

export function addGate(losscope: Command): void {
  const command = losscope
    .command('gate')
    .description(
      'is a candidate no worse than a baseline? Two stores of losscope run, or two folders of generated clips. ' +
        'Exit codes: 0 pass, 100 fail, 3 inconclusive, 4 incomplete',
    )
    .argument('<candidate>', `a store; or ${CLIPS}`)
    .requiredOption('--baseline <what>', 'what it is compared with, of the same sort')
    .addOption(
      new Option(
        '--score <name>',
        `${SCORE_NAMES.join(', ')} (default: ${DEFAULT_SCORE.stores} of stores, ${DEFAULT_SCORE.folders} of folders, ${DEFAULT_SCORE.notes} of folders of MIDI)`,
      ).argParser(choice(SCORE_NAMES)),
    )
    .option(
      '--margin <n>',
      'how much worse is still no worse, in the unit of the score (default: 0.05 nats)',
      decimal({ max: 1000 }),
    )
    .option('--junit <file>', 'write the verdicts as JUnit XML')
    .option('--summary <file>', 'add the verdicts as Markdown at the end of a file ($GITHUB_STEP_SUMMARY)')
    .option('--json', 'print the verdicts as one JSON line');
  addExcerptOptions(addConditionOptions(addProtocolOption(addModelOptions(command))), '10s');
  addSecondsOption(command).action(run);
}

async function run(candidate: string, options: Options): Promise<void> {
  const gate = await gateFor(candidate, options);
  if (options.junit !== undefined) await writeWhole(options.junit, gateJunit(gate));
  if (options.summary !== undefined) await addTo(options.summary, gateMarkdown(gate));
  if (options.json) printJson(gate);
  else for (const line of gateLines(gate)) printLine(line);
  process.exitCode = EXIT_CODES[gate.verdict];
}

async function addTo(file: string, text: string): Promise<void> {
  await appendFile(file, text).catch((error: unknown) => {
    throw new Error(`${file}: cannot be written (${reasonOf(error, file)})`);
  });
}

async function gateFor(candidate: string, options: Options): Promise<Gate> {
  const { baseline, margin } = options;
  const stores = [await isStore(candidate), await isStore(baseline)];
  if (stores[0] !== stores[1]) {
    const [store, other] = stores[0] ? [candidate, baseline] : [baseline, candidate];
    throw new UsageError(
      `gate: ${store} is a store and ${other} is none; compare two stores, or two folders of sounds`,
    );
  }
  const { score, sides } = stores[0]
    ? {
        score: options.score ?? DEFAULT_SCORE.stores,
        sides: [await ofStore(candidate), await ofStore(baseline)],
      }
    : await ofFolders([candidate, baseline], options);
  const [ours, theirs] = sides;
  return gateOf(ours, theirs, { score, ...(margin === undefined ? {} : { margin }) });
}

async function ofStore(folder: string): Promise<ScoredClips[]> {
  const store = await openStore(folder);
  try {
    return await scoredClips(store);
  } finally {
    await store.close();
  }
}

async function ofFolders(
  entries: readonly string[],
  options: Options,
): Promise<{ readonly score: ScoreName; readonly sides: readonly ScoredClips[][] }> {
  const named: NamedClips[] = [];
  for (const entry of entries) named.push(await namedOnce([entry]));
  const model = await openForCommand(options);
  try {
    const condition = await conditionOf(model, options);
    const usual = readsNotes(model) ? DEFAULT_SCORE.notes : DEFAULT_SCORE.folders;
    const { score = usual } = options;
    requireDefined(model, score, '--score');
    const sides: ScoredClips[][] = [];
    for (const [i, entry] of entries.entries())
      sides.push([await heardFolder(named[i], { entry, model, condition, options, score })]);
    return { score, sides };
  } finally {
    await model.close();
  }
}

interface Hearer {
  readonly entry: string;
  readonly model: Model;
  readonly condition: Awaited<ReturnType<typeof conditionOf>>;
  readonly options: Omit<Options, 'score'>;
  readonly score: ScoreName;
}

async function heardFolder(
  clips: NamedClips,
  { entry, model, condition, options, score }: Hearer,
): Promise<ScoredClips> {
  const seconds = judgedSeconds(options);
  const protocol = protocolUnder(model, options.protocol).name;
  const further = FURTHER_SCORES.filter((name) => name === score);
  const hearing = { model, protocol, condition, seconds, offset: options.offset, further };
  const { songs, failures } = await heardSongs(clips, hearing);
  const root = (await stat(entry).catch(() => undefined))?.isDirectory() ? entry : undefined;
  // By the place in the folder, without the extension: a WAV and its FLAC are one clip.
  const nameOf = (file: string): string => {
    const { dir, name } = path.parse(root === undefined ? path.basename(file) : path.relative(root, file));
    return path.posix.join(...dir.split(path.sep), name);
  };
  const scored = songs.map(({ name, values }) => ({ name: nameOf(name), group: '', values }));
  const names = scored.map(({ name }) => name);
  const twice = names[repeats(names).indexOf(true)];
  if (twice !== undefined) {
    throw new Error(
      `${entry}: two clips are called ${twice}; clips are compared by name, so give each its own`,
    );
  }
  for (const { error } of failures.items) say(`losscope: ${error.message}`);
  return {
    made: songsMade(model, { protocol, condition, seconds }),
    clips: scored,
    missing: failures.items.map(({ name, error }) => ({
      name: nameOf(name),
      group: '',
      why: error.message.replace(`${name}: `, ''),
    })),
  };
}
