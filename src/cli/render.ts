// losscope render: a score as sound, edited or not.

import path from 'node:path';
import { type Command, Option } from 'commander';
import { duration } from '../audio/clip.js';
import { writeWav } from '../audio/wav.js';
import { readNotes } from '../node/notes.js';
import { writeWhole } from '../node/output.js';
import { openSoundFont } from '../node/soundfont.js';
import { EDITS, type EditName } from '../symbolic/edit.js';
import { DEFAULT_AMOUNTS, editScore } from '../symbolic/edits.js';
import { writeMidi } from '../symbolic/midi.js';
import { renderScore } from '../symbolic/render.js';
import { parseTime } from './excerpt.js';
import { addOutOption, choice, decimal, parsedBy, wholeNumber } from './options.js';
import { printLine, warn } from './output.js';
import { requireWav } from './written_files.js';

interface Options {
  readonly soundfont?: string;
  readonly out: string;
  readonly edit: EditName;
  readonly share: number;
  readonly amount?: number;
  /** Seconds, here and below. */
  readonly at?: number;
  readonly length?: number;
  readonly seed: number;
  readonly offset: number;
  readonly duration?: number;
  readonly rate: number;
  readonly stereo?: boolean;
  readonly midi?: string;
}

const { velocity, pitch, timing, tempo } = DEFAULT_AMOUNTS;

export function addRender(losscope: Command): void {
  const command = losscope
    .command('render')
    .description('play a MIDI file with a SoundFont, edited or not, and write it as 32-bit float WAV')
    .argument('<score>', 'a MIDI file')
    .option('--soundfont <file>', 'the SoundFont to play it with: .sf2, .sf3 or .dls')
    .addOption(
      new Option(
        '--edit <edit>',
        'none; rhythm: notes taken away; velocity, pitch: notes changed; structure: bars in another order; timing: notes moved; tempo',
      )
        .argParser(choice(EDITS))
        .default('none'),
    )
    .option(
      '--share <share>',
      'share of the notes (or bars) in the window that take part',
      decimal({ max: 1 }),
      1,
    )
    .option(
      '--amount <amount>',
      `velocity: within so many steps (${velocity}); pitch: semitones (${pitch}); timing: ms (${timing}); tempo: times as fast (${tempo})`,
      decimal({ max: 2000 }),
    )
    .option(
      '--at <time>',
      'where the edit begins in the clip: 5s, 300ms (default: its start)',
      parsedBy(parseTime),
    )
    .option('--length <time>', 'how long it lasts (default: to the end)', parsedBy(parseTime))
    .option('--seed <n>', 'root seed of the edit', wholeNumber({ min: 0 }), 1)
    .option('--offset <time>', 'where in the piece the clip begins', parsedBy(parseTime), 0)
    .option('--duration <time>', 'how long the clip lasts (default: to the end)', parsedBy(parseTime))
    .option('--rate <hz>', 'samples per second', wholeNumber({ min: 8000, max: 192_000 }), 32_000)
    .option('--stereo', 'two channels (default: their mean)')
    .option('--midi <file>', 'write the edited score too');
  addOutOption(command, '<wav>', 'the WAV file to write').action(run);
}

async function run(file: string, options: Options): Promise<void> {
  const { edit, share, amount, at, length, seed, offset, duration: lasting, rate, stereo } = options;
  const output = requireWav(options.out);
  const score = await readNotes(file, warn);
  const spec = {
    edit,
    share,
    amount,
    at: at === undefined ? undefined : { seconds: at },
    length: length === undefined ? undefined : { seconds: length },
    seed,
  };
  const edited = editScore(score, spec, {
    name: path.parse(file).name,
    from: offset,
    to: lasting === undefined ? undefined : offset + lasting,
  });
  const font = await openSoundFont(options.soundfont);
  const clip = await renderScore(edited.score, font, {
    format: { sampleRate: rate, channels: stereo ? 2 : 1 },
    offset,
    length: lasting,
  });
  if (options.midi !== undefined) await writeWhole(options.midi, writeMidi(edited.score));
  await writeWhole(output, writeWav(clip, { format: 'float32' }));
  const done = edit === 'none' ? '' : `, ${edit}: ${edited.changed}, seed ${seed}`;
  printLine(`${output}: ${duration(clip).toFixed(2)} s at ${rate} Hz${done}`);
}
