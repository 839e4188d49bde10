// Probes and maps of notes: as of sound, with nothing to encode. What is disturbed are the codes themselves.

import { type Codes, rowsOf, sampleOfFrame } from '../audio/codes.js';
import { keepScoring } from '../loss/keep.js';
import { type Model, readsNotes } from '../models/model.js';
import type { NonsensePerturbation } from '../perturb/note_damage.js';
import type { Perturbation } from '../perturb/perturbation.js';
import { type DisturbedNotes, disturbNotes } from '../symbolic/disturb.js';
import { PITCHED, pitchedOf, VELOCITIES } from '../symbolic/note_code.js';
import { clockOf, type Passage } from '../symbolic/passage.js';
import { type MapOptions, mapOf, type OnPoint } from './map.js';
import { MAP_DEFAULTS, type SensitivityMap } from './map_record.js';
import { type CleanClip, type ProbeOptions, recordOf, type ScoringOptions, scoredOf } from './probe.js';
import type { ClipInfo, ProbeRecord } from './record.js';

/** Notes scored as they are, for probes of them. Release it after the last one. */
export interface CleanNotes extends Pick<CleanClip, 'scored' | 'condition' | 'scoring' | 'release'> {
  readonly passage: Passage;
}

/** @throws one line when the model does not read notes. */
export async function scoreNotes(
  model: Model,
  passage: Passage,
  { protocol, condition = {} }: ScoringOptions = {},
): Promise<CleanNotes> {
  requireNotes(model, passage.name);
  return cleanNotes(passage, {
    scoring: await keepScoring(model, passage.codes, { protocol, condition }),
    condition,
  });
}

/** Notes whose scoring is kept already. */
export function cleanNotes(
  passage: Passage,
  { scoring, condition }: Pick<CleanNotes, 'scoring' | 'condition'>,
): CleanNotes {
  const scored = scoredOf(passage.codes, scoring.loss);
  return { passage, scored, condition, scoring, release: scoring.release };
}

/** @throws one line when the model takes sound, or tokens of another kind. */
export function requireNotes(model: Model, name: string): void {
  if (readsNotes(model)) return;
  throw new Error(
    `${name}: notes, but ${model.name} takes sound; render it first (losscope render), or take a model of notes (--model tiny-notes)`,
  );
}

export interface NoteProbeOptions extends Pick<ProbeOptions, 'rule' | 'title' | 'group' | 'offset'> {
  /** Another piece by the name that foreign notes call it. */
  readonly otherPassage?: (name: string) => Promise<Passage>;
}

/** Disturbs notes whose clean score is known, and scores them again. */
export async function probeNotes(
  model: Model,
  clean: CleanNotes,
  perturbation: Perturbation,
  options: NoteProbeOptions = {},
): Promise<ProbeRecord> {
  const { codes, events } = await disturbedNotes(clean.passage, [perturbation], options);
  const clip = noteInfo({ ...clean.passage, codes }, options);
  const version = { codes, events, clock: clockOf(codes), clip, perturbation };
  return recordOf(model, clean, version, options);
}

/** Disturbs notes, with `otherPassage` for foreign ones. */
export async function disturbedNotes(
  passage: Passage,
  perturbations: readonly Perturbation[],
  { otherPassage }: Pick<NoteProbeOptions, 'otherPassage'> = {},
): Promise<DisturbedNotes> {
  const passages = new Map<string, Passage>();
  for (const perturbation of perturbations) {
    if (perturbation.kind === 'foreign' && otherPassage)
      passages.set(perturbation.clip, await otherPassage(perturbation.clip));
  }
  return disturbNotes(passage, perturbations, { passages });
}

/** Maps notes by short nonsense: a few notes drawn anew at every position. */
export async function notesMap(
  model: Model,
  clean: CleanNotes,
  options: MapOptions = {},
  onPoint?: OnPoint,
): Promise<SensitivityMap> {
  const { length, seed } = { ...MAP_DEFAULTS, ...options };
  const { passage } = clean;
  const { name, clock } = passage;
  const nonsenseAt = (start: number): NonsensePerturbation => ({
    ...{ kind: 'nonsense', at: { tokens: start }, length: { tokens: length }, seed },
  });
  return mapOf(
    model,
    {
      ...{ name, clean, clock, clip: noteInfo(passage, options) },
      words: { what: 'notes drawn anew', how: `seed ${seed}` },
      envelope: Float64Array.from(rowsOf(passage.codes)[0], loudness),
      isSilent: () => false,
      versions: async (places) =>
        places.map(({ start }) => {
          const { codes, events } = disturbNotes(passage, [nonsenseAt(start)]);
          return { codes, event: events[0] };
        }),
    },
    { options, ...(onPoint && { onPoint }) },
  );
}

/** Velocity from 0 to 1; a drum has none. */
function loudness(note: number): number {
  return note >= PITCHED ? 0.5 : (pitchedOf(note)?.velocity ?? 0) / (VELOCITIES - 1);
}

/** Notes as a record names them: its samples only count positions. */
function noteInfo(
  { name, clock, codes }: { readonly name: string; readonly clock: Passage['clock']; readonly codes: Codes },
  { title, group, offset }: Pick<ProbeOptions, 'title' | 'group' | 'offset'>,
): ClipInfo {
  return {
    name,
    ...(title ? { title } : {}),
    ...(group ? { group } : {}),
    ...(offset ? { offset } : {}),
    sampleRate: clock.sampleRate,
    samples: sampleOfFrame(clock, codes.frames),
  };
}
