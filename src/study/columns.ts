// Columns of a row, in order: the one source of the store's Parquet schema, of exports and of docs/results.md.

import type { CellFacts, CellRow } from './row.js';

/** `floats` and `integers` are lists: [K * T], row-major. */
export type ColumnType = 'text' | 'integer' | 'number' | 'floats' | 'integers';

export interface Column<Name extends string = keyof CellRow> {
  readonly name: Name;
  readonly type: ColumnType;
  /** One or two sentences with unit; says when it is null, if it can be. */
  readonly meaning: string;
}

type Meanings<Name extends keyof CellRow> = Readonly<Record<Name, readonly [ColumnType, string]>>;

const FACTS: Meanings<keyof CellFacts> = {
  key: ['text', 'SHA-256 of everything that can change the numbers of the cell. Unique.'],
  role: [
    'text',
    '`clean`, `disturbed`, or `context`: the tail of the clip after another past, for the amnesia index.',
  ],
  cleanKey: ['text', 'Key of the clean cell that it is compared with; null for a clean cell.'],
  study: ['text', "The study's name."],
  model: ['text', "The model's name in the study."],
  fingerprint: ['text', "Hash of the model's config and weights."],
  protocol: ['text', 'How codes are laid out for scoring: `delayed`, `undelayed` or `unshifted`.'],
  condition: ['text', 'Condition of the model: `none`, or a prompt.'],
  conditionHash: ['text', 'SHA-256 of the condition by its content; null where there is none.'],
  precision: ['text', 'Precision of the computation: `fp32` or `w8a8`.'],
  runtime: ['text', 'Runtime and its version.'],
  device: ['text', 'Where it runs: `cpu`, `cuda`, ...'],
  instructions: [
    'text',
    'Instruction set of the processors that the study is held to: `avx2`, `avx512`, `neon`; `any` where it says `mix: true`.',
  ],
  measurement: [
    'integer',
    'Version of the measurement: raised when a number changes, not with every version of losscope.',
  ],
  losscope: ['text', 'Version of losscope that planned the cell.'],
  resampler: ['text', 'What converts sample rates and channels.'],
  lag: [
    'integer',
    'Frames by which the last codebook is predicted later than the first under this protocol.',
  ],
  group: ['text', "The item's group in the study."],
  clip: ['text', "The item's name: `TrainingSet/song-01`."],
  title: ['text', "The item's title for people; null where none is given."],
  source: [
    'text',
    'How the item enters: `audio`, `codes`, `midi` (a score that is played) or `notes` (a score that is read as notes).',
  ],
  content: ['text', "SHA-256 of the item's content."],
  offsetSeconds: ['number', 'Where the clip starts in the item, seconds.'],
  lengthSeconds: ['number', 'How long the clip is, seconds; null: to the end of the item.'],
  loudness: [
    'number',
    'Integrated loudness in LUFS (BS.1770) that the version is brought to, in one polarity, before it is encoded; of notes the mean MIDI velocity; null: as it is.',
  ],
  roundTripSeconds: [
    'number',
    'Seconds in the middle of the clip that are decoded and encoded again for `roundTrip`; null: not measured.',
  ],
  disturbance: [
    'text',
    'Name of the disturbance in the study; null for a clean cell, as all columns down to `seed`.',
  ],
  variant: ['text', 'Name of this member of its grid, unique in the study: `white length=100`.'],
  domain: [
    'text',
    'Where it is disturbed: `waveform`, `codes`, `symbolic` (an edit of the score before it is played) or `notes`.',
  ],
  grid: [
    'text',
    'Fields of the disturbance that list several values, with the value of this member, as JSON: `[{"name":"length","value":5,"unit":"tokens"}]`.',
  ],
  kind: ['text', 'Kind of disturbance; `events` for several at once, `edit` for a score.'],
  color: ['text', 'Noise colour; null for what has none.'],
  edit: ['text', "Name of the score's edit; null for other kinds."],
  lengthTokens: [
    'number',
    'Asked-for length in codec frames, of all events together; null where the spec does not fix it.',
  ],
  blockTokens: ['number', 'Block of a shuffle or a repeat in codec frames; null for whatever has no blocks.'],
  level: [
    'text',
    '`match`: as loud as what it replaces; `own`: as it is; `fixed`: at `levelDbfs`; null where it does not apply.',
  ],
  levelDbfs: ['number', 'Asked-for RMS level in dBFS; null unless `level` is `fixed`.'],
  severityName: [
    'text',
    'Axis of the severity: `cutoff`, `snr`, `share`, ... (docs/measure/disturbances.md); null for several events, and where nothing says how strong it is.',
  ],
  severity: [
    'number',
    'How strong the disturbance is, on that axis, in its unit: Hz, dB, %, cents, kbit/s, s; null as `severityName`.',
  ],
  reach: [
    'integer',
    "Frames before and after a disturbed sample that the codec's receptive field lets it change; 0 in the domain `codes`.",
  ],
  words: ['text', 'The disturbance in words.'],
  spec: [
    'text',
    'The disturbance as JSON: one object an event, or the edit; `until`: seconds after it up to which it was to be scored.',
  ],
  seed: ['integer', 'Seed of everything random in the disturbance.'],
  context: ['text', 'Only for role `context`: `prefix+noise`, `prefix` or `noise`; null for the others.'],
};

const RESULTS: Meanings<Exclude<keyof CellRow, keyof CellFacts>> = {
  status: ['text', '`ok`, or `failed`.'],
  error: ['text', 'Why it failed, one line; null when ok. Of a failed cell all columns below are null.'],
  scoredWith: ['text', 'Instruction set of the processor that scored it: `avx2`, `avx512`, `neon`.'],
  sampleRate: [
    'integer',
    'Samples a second. Of `notes` only its ratio to `hop` means something: notes a second on average; onsets are the second row of the codes, in 10 ms.',
  ],
  hop: ['integer', 'Samples in a frame.'],
  codebooks: ['integer', 'K: codebooks of this version.'],
  frames: [
    'integer',
    'T: frames (or notes) of this version; where `until` ended scoring, those that were scored.',
  ],
  events: [
    'text',
    'What happened, as a JSON array of events in samples of the disturbed clip; null for a clean cell.',
  ],
  windowStart: ['integer', 'First frame of the first event; null for a clean cell.'],
  windowEnd: ['integer', 'Frame after the last one of the last event; null for a clean cell.'],
  meanLoss: [
    'number',
    'Mean loss over all defined codes, nats per code; null where `until` ended scoring before the version did.',
  ],
  roundTrip: [
    'number',
    'Share of codes, 0 to 1, that decoding and encoding again changes; null if not measured.',
  ],
  loss: ['floats', 'Loss of every code, nats: K * T values, codebook by codebook; NaN where undefined.'],
  entropy: [
    'floats',
    'Entropy of the distribution that predicted each code, nats: K * T values as `loss`; NaN where the loss is.',
  ],
  spread: [
    'floats',
    'Standard deviation of -log p of a code drawn from that distribution, nats: K * T values as `entropy`. Null but in batteries; stores of before have no such column.',
  ],
  codes: ['integers', 'The codes: K * T values, codebook by codebook.'],
};

/** What is known before a cell is scored. */
export const FACT_COLUMNS: readonly Column<keyof CellFacts>[] = columnsOf(FACTS);
/** What comes out. */
export const RESULT_COLUMNS: readonly Column[] = columnsOf(RESULTS);
export const COLUMNS: readonly Column[] = [...FACT_COLUMNS, ...RESULT_COLUMNS];
/** Columns that stores of before lack: null there. */
export const LATER_COLUMNS: readonly Column[] = RESULT_COLUMNS.filter(({ name }) => name === 'spread');
/** Without the lists, which make up nearly all of a row's size. */
export const SCALAR_COLUMNS: readonly Column[] = COLUMNS.filter(
  ({ type }) => type !== 'floats' && type !== 'integers',
);

function columnsOf<Name extends keyof CellRow>(meanings: Meanings<Name>): readonly Column<Name>[] {
  const names = Object.keys(meanings) as Name[];
  return names.map((name) => {
    const [type, meaning] = meanings[name];
    return { name, type, meaning };
  });
}
