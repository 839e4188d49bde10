// losscope perturb: only make the disturbed sound, or the disturbed notes.

import type { Command } from 'commander';
import { sampleCount } from '../audio/clip.js';
import { frameOfSample, secondsOfFrame } from '../audio/codes.js';
import { writeWav } from '../audio/wav.js';
import { type Model, readsNotes } from '../models/model.js';
import { readNotes } from '../node/notes.js';
import { writeWhole } from '../node/output.js';
import type { ClipSource } from '../node/sources.js';
import { describe } from '../perturb/parse.js';
import type { Event, Perturbation } from '../perturb/perturbation.js';
import { disturbedNotes } from '../probe/notes.js';
import { disturb } from '../probe/probe.js';
import { writeMidi } from '../symbolic/midi.js';
import { scoreOfNotes } from '../symbolic/note_score.js';
import { passageOf } from '../symbolic/passage.js';
import { type ClipReader, clipReader, otherSound } from './clip_reader.js';
import { CLIPS, eachClip, namedClips, requireAll } from './clips.js';
import { addDisturbanceOptions, type DisturbanceOptions, perturbationOf } from './disturbance_options.js';
import { addExcerptOptions, type ExcerptFlags, excerptOf, takenOf } from './excerpt.js';
import { openForCommand } from './model.js';
import { addModelOptions, addOutOption, type ModelOptions } from './options.js';
import { printJson, printLine, warn } from './output.js';
import { requireOther, writtenFiles } from './written_files.js';

interface Options extends ModelOptions, DisturbanceOptions, ExcerptFlags {
  readonly out: string;
  readonly json?: boolean;
}

export function addPerturb(losscope: Command): void {
  const command = losscope
    .command('perturb')
    .description(
      'disturb a clip (noise, shuffling, deletion, ...) and write it as 32-bit float WAV; notes for a model of notes as MIDI',
    )
    .argument('<clips...>', `${CLIPS}; converted to the rate and channels of the model’s codec`)
    .option('--json', 'print the event as JSON');
  addOutOption(command, '<file>', 'the WAV (of notes MIDI) file to write; of several clips, a folder');
  addExcerptOptions(addDisturbanceOptions(addModelOptions(command))).action(run);
}

async function run(entries: readonly string[], options: Options): Promise<void> {
  const perturbation = perturbationOf(options);
  const clips = await namedClips(entries);
  const model = await openForCommand(options);
  try {
    const ofNotes = readsNotes(model);
    const files = await writtenFiles(options.out, clips.sources, ofNotes ? 'notes' : 'sound');
    const excerpt = excerptOf(model, options);
    const reader = clipReader(model, excerpt);
    const failures = await eachClip(clips, { label: 'perturb', model }, async (source) => {
      const output = requireOther(files.get(source) ?? options.out, source);
      const work = { reader, perturbation, offset: options.offset };
      const { bytes, told, words } = ofNotes
        ? await notesOf(source, work)
        : await soundOf(model, source, work);
      await writeWhole(output, bytes);
      if (options.json) printJson({ file: source.name, ...takenOf(excerpt), output, ...told });
      else printLine(`${output}: ${words}`);
    });
    await requireAll(failures);
  } finally {
    await model.close();
  }
}

interface Work {
  readonly reader: ClipReader;
  readonly perturbation: Perturbation;
  readonly offset: number | undefined;
}

/** A disturbed clip, ready to be written. */
interface Made {
  readonly bytes: Uint8Array;
  /** For --json. Samples are those of the clip before. */
  readonly told: { readonly sampleRate: number; readonly samples: number; readonly event: Event };
  readonly words: string;
}

async function soundOf(model: Model, source: ClipSource, { reader, perturbation }: Work): Promise<Made> {
  const clip = await reader.sound(source);
  const { clip: disturbed, events } = await disturb(model, clip, [perturbation], {
    otherClip: otherSound(model),
  });
  const [event] = events;
  const { sampleRate } = clip;
  const samples = sampleCount(clip);
  const { start, end } = event.removed ?? event;
  const place = `samples ${start} to ${end - 1} of ${samples} at ${sampleRate} Hz`;
  const level = event.levelDbfs === undefined ? '' : `, ${event.levelDbfs.toFixed(1)} dBFS`;
  return {
    bytes: writeWav(disturbed, { format: 'float32' }),
    told: { sampleRate, samples, event },
    words: `${describe(event.perturbation)} = ${place}${level}`,
  };
}

async function notesOf(source: ClipSource, { reader, perturbation, offset }: Work): Promise<Made> {
  const passage = await reader.notes(source);
  const { codes, events } = await disturbedNotes(passage, [perturbation], {
    otherPassage: async (file) => passageOf(await readNotes(file, warn)),
  });
  const [event] = events;
  // Read once more for what the notes do not say; of what is odd in it the reader told.
  const like = source.kind === 'notes' ? await readNotes(source.file, () => undefined) : undefined;
  const score = scoreOfNotes(codes, { name: source.name, ...(like && { like }), ...(offset && { offset }) });
  const { clock } = passage;
  const { start, end } = event.stretched ?? event;
  const [first, last] = [start, end - 1].map((sample) => frameOfSample(clock, sample));
  const [from, to] = [first, last].map((note) => secondsOfFrame(clock, note).toFixed(2));
  return {
    bytes: writeMidi(score),
    told: { sampleRate: clock.sampleRate, samples: passage.codes.frames * clock.hop, event },
    words: `${describe(event.perturbation, clock)} = notes ${first} to ${last} of ${passage.codes.frames}, ${from} to ${to} s`,
  };
}
