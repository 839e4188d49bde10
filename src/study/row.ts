// CellRow: one scored version of one clip, flat, as a store keeps it and an export shows it. A study is a set of these
// and nothing else: every statistic, figure and table is computed from rows.

import type { SeverityName } from '../perturb/severity.js';

/**
 * `clean`: the clip as it is. `disturbed`: a version of it. `context`: the tail of the clip after a counterfactual
 * context, for the amnesia index (`context` says which).
 */
export const ROLES = ['clean', 'disturbed', 'context'] as const;
export type Role = (typeof ROLES)[number];

/** Contexts of a tail y: after the prefix p and the disturbance n, after p alone, after n alone. */
export const CONTEXTS = ['prefix+noise', 'prefix', 'noise'] as const;
export type ContextName = (typeof CONTEXTS)[number];

/** Where a disturbance is made: on samples, on codes, on the score before it is rendered, or on notes that are read as notes. */
export const DOMAINS = ['waveform', 'codes', 'symbolic', 'notes'] as const;
export type Domain = (typeof DOMAINS)[number];

/** Instruction set of a cell that any may score. */
export const ANY = 'any';
/** How a clip enters: its sound, its codes, its score played, or its score as notes. */
export type Form = 'audio' | 'codes' | 'midi' | 'notes';

/** One field of a disturbance that lists several values, and this member's value: `length`, 5, `tokens`. */
export interface GridValue {
  readonly name: string;
  readonly value: number | string;
  /** Of a number: `tokens`, `s`, `dBFS`, `dB`; null where it has none. */
  readonly unit: string | null;
}

/** What can be known before a cell is scored: everything that determines its numbers, and names for people. */
export interface CellFacts {
  /** SHA-256 in hex of everything that can change the cell's numbers (see docs/measure/studies.md). Unique in a study. */
  readonly key: string;
  readonly role: Role;
  /** Key of the clean cell that it is compared with; null for a clean cell. */
  readonly cleanKey: string | null;
  readonly study: string;

  readonly model: string;
  readonly fingerprint: string;
  readonly protocol: string;
  /** The condition: "none", a prompt. */
  readonly condition: string;
  /** SHA-256 of the condition by its content; null where there is none. */
  readonly conditionHash: string | null;
  readonly precision: string;
  /** Runtime and its version. */
  readonly runtime: string;
  /** Where it runs: "cpu". */
  readonly device: string;
  /** Instruction set that the study is held to: "avx2"; "any" where it may mix them. */
  readonly instructions: string;
  /** Version of the measurement: equal versions give equal numbers (see key.ts). */
  readonly measurement: number;
  /** Version of losscope that planned the cell. */
  readonly losscope: string;
  readonly resampler: string;
  /** Frames by which the last codebook is predicted later than the first. */
  readonly lag: number;

  readonly group: string;
  /** The item's name: "TrainingSet/song-01". */
  readonly clip: string;
  readonly title: string | null;
  /** `midi` was played, `notes` are MIDI read as notes. */
  readonly source: Form;
  /** SHA-256 of the item's content. */
  readonly content: string;
  readonly offsetSeconds: number;
  /** Null: to the end. */
  readonly lengthSeconds: number | null;
  /** Integrated loudness in LUFS that the version is brought to, in one polarity, before it is encoded; of notes the mean MIDI velocity; null: as it is. */
  readonly loudness: number | null;
  /** Seconds that are decoded and encoded again for `roundTrip`; null: not measured. */
  readonly roundTripSeconds: number | null;

  /** Name of the disturbance in the study ("white"); null for a clean cell, as all down to `seed`. */
  readonly disturbance: string | null;
  /** Name of this member of its grid, unique in the study: "white length=100". */
  readonly variant: string | null;
  readonly domain: Domain | null;
  /** Fields of the disturbance that list several values, with this member's: GridValue[] as JSON. */
  readonly grid: string | null;
  /** Perturbation kind, "events" for several at once, "edit" for a score. */
  readonly kind: string | null;
  /** Noise colour; null for what has none. */
  readonly color: string | null;
  /** Name of the score's edit; null for other kinds. */
  readonly edit: string | null;
  /** Asked-for length in codec frames, of all events together; null where it is not fixed by the spec. */
  readonly lengthTokens: number | null;
  /** Block of a shuffle or repeat in codec frames. */
  readonly blockTokens: number | null;
  /** As loud as what it replaces (`match`), as it is (`own`), or `fixed` at `levelDbfs`. */
  readonly level: 'match' | 'own' | 'fixed' | null;
  readonly levelDbfs: number | null;
  /** What says how strong the disturbance is (SEVERITY_AXES), and its value there; null for several events, and where nothing does. */
  readonly severityName: SeverityName | null;
  readonly severity: number | null;
  /** Frames before and after a disturbed sample that its codec lets it reach; 0 for codes. */
  readonly reach: number | null;
  /** In words, as `describe` gives it. */
  readonly words: string | null;
  /** The spec as JSON: perturbations or the edit. */
  readonly spec: string | null;
  readonly seed: number | null;
  /** Only for role `context`. */
  readonly context: ContextName | null;
}

/** A cell with what came out. Losses in nats. */
export interface CellRow extends CellFacts {
  readonly status: 'ok' | 'failed';
  /** Why it failed, one line; null when ok. All below is then null. */
  readonly error: string | null;
  /** Instruction set of the processor that scored it. Says nothing about the numbers unless `instructions` is "any". */
  readonly scoredWith: string | null;
  /** Samples a second, and samples per frame; of notes only their ratio means something: notes a second on average. */
  readonly sampleRate: number | null;
  readonly hop: number | null;
  /** K and T of this version; of one whose scoring ended early, the frames that were scored. */
  readonly codebooks: number | null;
  readonly frames: number | null;
  /** What happened, as JSON: Event[] in samples of the disturbed clip; null for a clean cell. */
  readonly events: string | null;
  /** Frames [start, end) from the first event's to the last one's; null for a clean cell. */
  readonly windowStart: number | null;
  readonly windowEnd: number | null;
  /** Mean over all defined codes, nats per code; null where scoring ended before the version did (see until.ts). */
  readonly meanLoss: number | null;
  /** Share of codes that decoding and encoding again changes; null if not measured. */
  readonly roundTrip: number | null;
  /** [K * T] row-major, nats, NaN where undefined. */
  readonly loss: Float32Array | null;
  /** [K * T] row-major, nats: entropy of what was predicted; NaN where the loss is. */
  readonly entropy: Float32Array | null;
  /** [K * T] row-major, nats: standard deviation of -log p over what was predicted. Null but in batteries, and where the model has none. */
  readonly spread: Float32Array | null;
  /** [K * T] row-major. */
  readonly codes: Int32Array | null;
}
