// Plays the parts of a piece bar by bar: the patterns of styles.ts, with human timing and velocity.
import type { Random } from './random.js';
import { type DrumPattern, type Mode, SCALES, type Style } from './styles.js';

export interface Note {
  /** Seconds. */
  readonly time: number;
  readonly duration: number;
  /** MIDI key and velocity, 0-127. */
  readonly key: number;
  readonly velocity: number;
  readonly channel: number;
}

/** MIDI channels of the parts. */
export const LEAD = 0,
  COUNTER = 1,
  COMP = 2,
  PAD = 3,
  BASS = 4,
  FX = 5,
  DRUMS = 9;

/** Bars of a section; a progression has one chord a bar. */
export const BARS_PER_SECTION = 4;
const STEPS_PER_BEAT = 4;
const HIT_VELOCITIES: ReadonlyMap<string, number> = new Map([
  ['X', 108],
  ['x', 84],
  ['o', 48],
]);

export interface MelodyNote {
  /** Beats from the start of the section. */
  readonly beat: number;
  readonly beats: number;
  /** Scale degree from the tonic; may be outside one octave. */
  readonly degree: number;
}

export interface Section {
  readonly chords: readonly number[];
  readonly melody: readonly MelodyNote[];
  readonly comp: string;
  readonly bass: string;
  readonly drums: DrumPattern;
}

export interface Setting {
  readonly rng: Random;
  readonly style: Style;
  readonly beats: number;
  readonly secondsPerBeat: number;
  readonly tonic: number;
  readonly mode: Mode;
  /** Semitones added to the melody: 0 or 12. */
  readonly leadShift: number;
  readonly notes: Note[];
}

export const degreeKey = (tonic: number, mode: Mode, degree: number): number => {
  const scale = SCALES[mode];
  const octave = Math.floor(degree / scale.length);
  return tonic + 12 * octave + (scale[degree - octave * scale.length] ?? 0);
};

/** Seconds of a beat position, with swing on the second half of each beat and a little human spread. */
const beatTime = (s: Setting, beat: number, spread = 0.006): number => {
  const inBeat = beat - Math.floor(beat);
  const swung = Math.abs(inBeat - 0.5) < 0.01 ? beat + s.style.swing : beat;
  return Math.max(0, swung * s.secondsPerBeat + spread * s.rng.normal());
};

export const addNote = (
  s: Setting,
  channel: number,
  beat: number,
  beats: number,
  key: number,
  velocity: number,
): void => {
  const time = beatTime(s, beat);
  s.notes.push({
    time,
    duration: Math.max(0.05, beats * s.secondsPerBeat * 0.95),
    key: Math.min(108, Math.max(21, Math.round(key))),
    velocity: Math.min(127, Math.max(12, Math.round(velocity + 6 * s.rng.normal()))),
    channel,
  });
};

const chordTone = (s: Setting, root: number, tone: number): number => {
  const steps = tone === 8 ? 0 : tone - 1;
  return degreeKey(s.tonic, s.mode, root + (tone === 8 ? 0 : steps)) + (tone === 8 ? 12 : 0);
};

/** One bar of a note pattern; every tone goes to the first octave from key `register` on. */
const playPattern = (
  s: Setting,
  channel: number,
  bar: number,
  root: number,
  pattern: string,
  register: number,
  velocity: number,
): void => {
  const steps = s.beats * STEPS_PER_BEAT;
  const intoRegister = (key: number): number => register + ((((key - register) % 12) + 12) % 12);
  for (let step = 0; step < steps; step++) {
    const symbol = pattern[step] ?? '.';
    if (symbol === '.' || symbol === '-') continue;
    let length = 1;
    while (step + length < steps && pattern[step + length] === '-') length++;
    const beat = bar * s.beats + step / STEPS_PER_BEAT;
    const accent = step % STEPS_PER_BEAT === 0 ? 6 : 0;
    const beats = length / STEPS_PER_BEAT;
    if (symbol === 'C') {
      const tones = s.style.chordSize === 4 ? [1, 3, 5, 7] : [1, 3, 5];
      tones.forEach((tone, i) => {
        addNote(
          s,
          channel,
          beat + i * 0.015,
          beats,
          intoRegister(chordTone(s, root, tone)),
          velocity + accent,
        );
      });
    } else {
      const tone = Number(symbol);
      const key = intoRegister(chordTone(s, root, tone === 8 ? 1 : tone)) + (tone === 8 ? 12 : 0);
      addNote(s, channel, beat, beats, key, velocity + accent);
    }
  }
};

/** A walking bass bar: root, steps towards the next root, an approach note. */
const playWalk = (s: Setting, bar: number, root: number, next: number, register: number): void => {
  const low = (degree: number): number =>
    register + ((((degreeKey(s.tonic, s.mode, degree) - register) % 12) + 12) % 12);
  const target = low(next);
  for (let beat = 0; beat < s.beats; beat++) {
    const key =
      beat === 0
        ? low(root)
        : beat === s.beats - 1
          ? target + s.rng.pick([-1, 1, -2])
          : low(root + s.rng.pick([2, 4, 1, 6]));
    addNote(s, BASS, bar * s.beats + beat, 1, key, 84);
  }
};

const playDrums = (s: Setting, bar: number, pattern: DrumPattern, fill: boolean, crash: boolean): void => {
  const steps = s.beats * STEPS_PER_BEAT;
  const fillFrom = fill ? steps - s.rng.pick([4, 6, 8]) : steps;
  for (const [key, hits] of Object.entries(pattern)) {
    for (let step = 0; step < Math.min(steps, fillFrom); step++) {
      const velocity = HIT_VELOCITIES.get(hits[step] ?? '.');
      if (velocity === undefined) continue;
      addNote(s, DRUMS, bar * s.beats + step / STEPS_PER_BEAT, 0.2, Number(key), velocity);
    }
  }
  const toms = [38, 48, 47, 45, 41];
  for (let step = fillFrom; step < steps; step++) {
    if (!s.rng.chance(0.85)) continue;
    const progress = (step - fillFrom) / (steps - fillFrom);
    const drum = toms[Math.min(4, Math.floor(progress * 5))] ?? 38;
    addNote(s, DRUMS, bar * s.beats + step / STEPS_PER_BEAT, 0.2, drum, 76 + 30 * progress);
  }
  if (crash) addNote(s, DRUMS, bar * s.beats, 2, s.rng.pick([49, 57]), 100);
};

const playMelody = (s: Setting, section: Section, firstBar: number): void => {
  for (const { beat, beats, degree } of section.melody) {
    const key = degreeKey(s.tonic, s.mode, degree) + s.leadShift;
    addNote(s, LEAD, firstBar * s.beats + beat, beats, key, 92);
  }
};

/** Slow long notes against the melody: a chord tone a bar. */
const playCounter = (s: Setting, section: Section, firstBar: number): void => {
  section.chords.forEach((root, bar) => {
    const key = 55 + ((((chordTone(s, root, s.rng.pick([3, 5, 1])) - 55) % 12) + 12) % 12);
    addNote(s, COUNTER, (firstBar + bar) * s.beats, s.beats, key, 72);
  });
};

export const playSection = (
  s: Setting,
  section: Section,
  firstBar: number,
  parts: ReadonlySet<number>,
  last: boolean,
): void => {
  if (parts.has(LEAD)) playMelody(s, section, firstBar);
  if (parts.has(COUNTER)) playCounter(s, section, firstBar);
  section.chords.forEach((root, i) => {
    const bar = firstBar + i;
    if (parts.has(COMP)) playPattern(s, COMP, bar, root, section.comp, 55, 74);
    if (parts.has(PAD)) playPattern(s, PAD, bar, root, 'C---------------', 52, 62);
    if (parts.has(BASS)) {
      const next = section.chords[(i + 1) % section.chords.length] ?? 0;
      if (section.bass === 'walk') playWalk(s, bar, root, next, 34);
      else playPattern(s, BASS, bar, root, section.bass, 33, 88);
    }
    if (parts.has(DRUMS)) {
      const fill = i === section.chords.length - 1 && !last && s.rng.chance(0.7);
      playDrums(s, bar, section.drums, fill, i === 0 && firstBar > 0 && s.rng.chance(0.6));
    }
  });
};
