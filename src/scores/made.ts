// What made scores. Numbers of two models, protocols, versions or loudnesses are never compared, so every result says it.

export interface ScoresMade {
  /** What the user called the model. */
  readonly model: string;
  /** Hash of its configuration and weights; null where it is not known (a table that losscope did not write). */
  readonly fingerprint: string | null;
  readonly protocol: string;
  /** "none", or a prompt. */
  readonly condition: string;
  /** `SCORES_VERSION`; null where it is not known. */
  readonly scores: number | null;
  /** LUFS that clips were brought to, of notes the mean MIDI velocity (above 0, as LUFS never are); null: their own. */
  readonly loudness: number | null;
  /** Seconds of the round trip; null: none. */
  readonly roundTrip: number | null;
  /** Seconds of each clip; null: whole clips. */
  readonly seconds: number | null;
}

/** One line for people. */
export function madeWords(made: ScoresMade): string {
  const { model, fingerprint, protocol, condition, scores, loudness, roundTrip, seconds } = made;
  return [
    `model ${model}${fingerprint === null ? '' : ` (${fingerprint.slice(0, 12)})`}`,
    `protocol ${protocol}`,
    ...(condition === 'none' ? [] : [`condition ${condition}`]),
    scores === null ? 'scores of an unknown version' : `scores version ${scores}`,
    loudness === null ? 'clips as loud as they are' : `clips at ${levelWords(loudness)}`,
    roundTrip === null || roundTrip === 0 ? 'no round trip' : `round trip of ${roundTrip} s`,
    seconds === null ? 'whole clips' : `${seconds} s of each`,
  ].join(', ');
}

/** What clips were brought to: "-23 LUFS", or of notes "a mean velocity of 80". */
export function levelWords(loudness: number): string {
  return loudness > 0 ? `a mean velocity of ${loudness}` : `${loudness} LUFS`;
}
