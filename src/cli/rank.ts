// losscope rank: songs in the order of what speaks against them, judged by the panel of scores beside clean clips.

import path from 'node:path';
import { type Command, Option } from 'commander';
import { termsOf } from '../audio/codes.js';
import { counted } from '../counted.js';
import { protocolUnder, readsNotes } from '../models/model.js';
import { readBytes } from '../node/input.js';
import { writeWhole } from '../node/output.js';
import { bundledReference } from '../node/reference.js';
import { parseJson } from '../onnx/json.js';
import { curvesCsv } from '../probe/curves_csv.js';
import { hearingOf } from '../probe/hear.js';
import {
  type JudgedSong,
  judgeSongs,
  type ReferenceFile,
  requireFitting,
  type Song,
} from '../probe/songs.js';
import { songsPage } from '../report/songs_page.js';
import { table } from '../report/terminal.js';
import { plain, signed } from '../report/words.js';
import { levelWords, madeWords, type ScoresMade } from '../scores/made.js';
import { NOTE_PANEL_MEMBERS, PANEL, PANEL_MEMBERS } from '../scores/panel.js';
import { referenceOf } from '../scores/reference.js';
import { FURTHER_SCORES, type FurtherScore, SCORES, SCORES_VERSION } from '../scores/scores.js';
import { CLIPS, type NamedClips, namedOnce, requireAll, requireSome } from './clips.js';
import { addMapOptions } from './map.js';
import { conditionOf, hasCondition, openForCommand } from './model.js';
import { choice, listOf } from './options.js';
import { goOnWithoutReader, jsonText, printJson, printLine, say } from './output.js';
import { rankBySensitivity, type SensitivityOptions } from './rank_sensitivity.js';
import {
  addSecondsOption,
  type HeardSongs,
  heardSongs,
  judgedSeconds,
  requireDefined,
  type SongFlags,
  songsMade,
} from './songs.js';
import { UsageError } from './usage.js';

interface Options extends SensitivityOptions, SongFlags {
  readonly by: 'panel' | 'sensitivity';
  readonly reference?: string;
  readonly saveReference?: string;
  readonly html?: string;
  readonly curves?: string;
  readonly scores?: readonly FurtherScore[];
}

export function addRank(losscope: Command): void {
  const command = losscope
    .command('rank')
    .description('songs in the order of what speaks against them, with what is probably wrong and where')
    .argument('<clips...>', `${CLIPS}, which are decoded; MIDI for a model of notes`)
    .addOption(
      new Option(
        '--by <what>',
        `panel: ${PANEL_MEMBERS.length} scores (of notes ${NOTE_PANEL_MEMBERS.length}) judged together beside clean clips; sensitivity: mean Peak of a sensitivity map (an experiment)`,
      )
        .argParser(choice(['panel', 'sensitivity'] as const))
        .default('panel'),
    )
    .option(
      '--reference <what>',
      'clean clips to judge beside: a file of --save-reference, or sounds (default: the bundled ones for tiny and tiny-notes, else the songs themselves)',
    )
    .option(
      '--save-reference <file>',
      'write what the songs have as a reference for others; they must be clean',
    );
  addMapOptions(addSecondsOption(command), '10s; with --by sensitivity at most what the model was trained on')
    .option(
      '--against <audio...>',
      'with --by sensitivity, a second group: how well does each number tell the two apart?',
    )
    .addOption(
      new Option(
        '--html <file>',
        'write a page too: each song with what speaks against it and where, its curves and interval, and its plain loss',
      ),
    )
    .addOption(
      new Option(
        '--curves <file>',
        'write every score over the seconds of each song (with --by sensitivity: the Peak): a CSV table, a line a frame, up to 0.5 MB a song',
      ).argParser(tableFile),
    )
    .addOption(
      new Option(
        '--scores <names>',
        `further scores, with commas: ${FURTHER_SCORES.join(', ')}; each costs one more pass of the model a song, and judges nothing`,
      ).argParser(listOf(choice(FURTHER_SCORES))),
    )
    .option('--json', 'print a JSON line a song')
    .action((entries: readonly string[], options: Options) => {
      if (options.by === 'panel') return rankByPanel(entries, options);
      if (options.scores !== undefined)
        throw new UsageError('--scores: are of the panel; leave --by sensitivity out');
      if (options.html !== undefined) {
        throw new UsageError('--html: is of the panel; for maps of songs: losscope map --html');
      }
      return rankBySensitivity(entries, options);
    });
}

/** @throws a usage error for a name that says another format. */
function tableFile(file: string): string {
  const ending = path.extname(file).toLowerCase();
  if (file === '' || ending === '.csv') return file;
  throw new UsageError(`--curves ${file}: a table is written as CSV; expected a name that ends in .csv`);
}

async function rankByPanel(entries: readonly string[], options: Options): Promise<void> {
  if (options.html !== undefined || options.curves !== undefined) goOnWithoutReader();
  const seconds = judgedSeconds(options);
  const clips = await namedOnce(entries);
  if (options.scores?.includes('conditional') && !hasCondition(options)) {
    throw new UsageError(
      '--scores conditional: compares with a condition and without; give --prompt or --melody',
    );
  }
  const model = await openForCommand(options);
  try {
    for (const score of options.scores ?? []) requireDefined(model, score, '--scores');
    const condition = await conditionOf(model, options);
    const protocol = protocolUnder(model, options.protocol).name;
    const made = {
      fingerprint: model.fingerprint,
      protocol,
      hearing: hearingOf(model),
      seconds,
      version: SCORES_VERSION,
    };
    const scoresMade = songsMade(model, { protocol, condition, seconds });
    const hearAll: HearAll = (named) =>
      heardSongs(named, {
        ...{ model, protocol, condition, seconds, offset: options.offset },
        further: options.scores ?? [],
      });
    const { songs, failures } = await hearAll(clips);
    requireSome(failures);
    await requireAll(failures, async () => {
      const { found, words }: FoundReference = options.saveReference
        ? { words: 'beside each other' }
        : await referenceFor(options, made, hearAll);
      const members = readsNotes(model) ? NOTE_PANEL_MEMBERS : PANEL_MEMBERS;
      const judged = judgeSongs(songs, found);
      if (options.saveReference) await writeReference(options.saveReference, made, songs);
      if (options.html !== undefined) {
        const page = { made: scoresMade, members, beside: words, seconds, offset: options.offset ?? 0 };
        await writeWhole(options.html, songsPage(judged, songs, page));
        say(`wrote ${options.html}`);
      }
      if (options.curves !== undefined) {
        await writeWhole(options.curves, curvesCsv(songs, options));
        say(`wrote ${options.curves}`);
      }
      printSongs(
        judged,
        { ...options, seconds },
        { made: scoresMade, beside: words, members: members.length, nats: termsOf(model.step).nats },
      );
    });
  } finally {
    await model.close();
  }
}

/** The bundled reference, where it is of this model and these settings. */
async function bundledFor(made: Parameters<typeof requireFitting>[1]): Promise<ReferenceFile | undefined> {
  const bundled = await bundledReference(made.fingerprint);
  return bundled && bundled.protocol === made.protocol && bundled.seconds === made.seconds
    ? bundled
    : undefined;
}

async function writeReference(
  file: string,
  made: Parameters<typeof requireFitting>[1],
  songs: readonly Song[],
): Promise<void> {
  const clips = songs.map(({ name }) => path.basename(name));
  const reference = { ...made, ...referenceOf(songs.map(({ values }) => values)), clips };
  await writeWhole(file, `${jsonText(reference, 1)}\n`);
}

type HearAll = (clips: NamedClips) => Promise<HeardSongs>;

/** Bytes of a file of --save-reference: a hundred numbers a clip. */
const LARGEST_REFERENCE = 2 ** 26;

/** Whether it has what says which clips, model and protocol it is of: what does not fit the model is refused after. */
function isReference(value: unknown): value is ReferenceFile {
  if (typeof value !== 'object' || value === null || !('clips' in value) || !Array.isArray(value.clips))
    return false;
  const { fingerprint, protocol, seconds } = { fingerprint: 0, protocol: 0, seconds: '', ...value };
  return typeof fingerprint === 'string' && typeof protocol === 'string' && typeof seconds === 'number';
}

interface FoundReference {
  /** Absent: the songs are judged beside each other. */
  readonly found?: ReferenceFile | ReturnType<typeof referenceOf>;
  readonly words: string;
}

async function referenceFor(
  { reference }: Options,
  made: Parameters<typeof requireFitting>[1],
  hearAll: HearAll,
): Promise<FoundReference> {
  if (reference === undefined) {
    const bundled = await bundledFor(made);
    if (!bundled) {
      return { words: 'beside each other: at least six songs, most of them sound' };
    }
    return {
      found: bundled,
      words: `beside ${counted(bundled.clips.length, 'bundled clip')} of the composer that the model was trained on`,
    };
  }
  if (reference.endsWith('.json')) {
    // A file of losscope's own: what does not fit is said below.
    const found: unknown = parseJson(await readBytes(reference, { limit: LARGEST_REFERENCE }), reference);
    if (!isReference(found))
      throw new Error(`${reference}: not a reference; expected a file of losscope rank --save-reference`);
    requireFitting(found, made);
    return { found, words: `beside the ${counted(found.clips.length, 'clip')} of ${reference}` };
  }
  const { songs, failures } = await hearAll(await namedOnce([reference]));
  await requireAll(failures);
  return {
    found: referenceOf(songs.map(({ values }) => values)),
    words: `beside ${counted(songs.length, 'clip')} of ${reference}`,
  };
}

function printSongs(
  judged: readonly JudgedSong[],
  options: Options & { readonly seconds: number },
  {
    made,
    beside,
    members,
    nats,
  }: {
    readonly made: ScoresMade;
    readonly beside: string;
    readonly members: number;
    readonly nats: string;
  },
): void {
  if (options.json) {
    for (const song of judged) printJson({ ...song, made, offset: options.offset ?? 0, beside });
    return;
  }
  const further = options.scores ?? [];
  const rows = judged.map(({ name, strength, chance, alarm, findings, excess, values }) => [
    path.basename(name),
    alarm ? '!' : '',
    plain(strength),
    plain(chance, 3),
    `${plain(excess.mean)} [${plain(excess.low)}, ${plain(excess.high)}]`,
    plain(values.loss),
    ...further.map((score) => signed(values[score], 3)),
    findings
      .map(
        ({ member, where }) =>
          `${member}${where ? ` ${plain(where.start, 1)}-${plain(where.end, 1)} s` : ''}`,
      )
      .join(', '),
  ]);
  const head = ['song', '', 'panel', 'chance', 'excess', 'loss', ...further, 'what speaks against it'];
  for (const line of table([head, ...rows])) printLine(line);
  printLine(
    `panel: the smallest chance of ${counted(members, 'score')}, written as standard deviations of a normal (1.64 is 5%, before their number is allowed for); ! is an alarm at 5% false alarms; ` +
      `${beside}; ${partOf(options)} of each song${made.loudness === null ? '' : ` at ${levelWords(made.loudness)}`}; loss and excess in ${nats}, excess with 95% interval over seconds`,
  );
  printLine(madeWords(made));
  for (const score of further) printLine(`${score}: ${SCORES[score].words}, nats`);
  for (const member of new Set(judged.flatMap(({ findings }) => findings.map((each) => each.member)))) {
    printLine(`${member}: ${PANEL[member]}`);
  }
}

function partOf({ seconds, offset }: Pick<Options, 'offset'> & { readonly seconds: number }): string {
  return offset ? `${seconds} s from ${offset} s on` : `first ${seconds} s`;
}
