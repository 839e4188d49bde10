// Arranged songs: (style, index) -> one piece of 30 s. A song is made of the same material as the looped pieces of
// compose.ts, and worth following over its whole length: sections come back varied, parts enter and leave, it grows
// and fades, and there are transitions, rests, changes of key and endings. Seeded by the name.
import { composeSection, controllers, noiseLayers, type Piece } from './compose.js';
import { MORE_STYLES, type MoreStyleName } from './more_styles.js';
import {
  BASS,
  COMP,
  COUNTER,
  DRUMS,
  LEAD,
  type MelodyNote,
  type Note,
  PAD,
  playSection,
  type Section,
  type Setting,
} from './parts.js';
import { type Random, random } from './random.js';
import { STYLES, type Style, type StyleName } from './styles.js';

export type SongStyle = StyleName | MoreStyleName;
export const SONG_STYLES: Readonly<Record<SongStyle, Style>> = { ...STYLES, ...MORE_STYLES };

/** Sections, by letter: I intro, A verse, B answer, C middle, X only a few parts, O outro. */
const FORMS = ['IAABA', 'AABAC', 'ABABC', 'AXAB', 'IABAB', 'ABCBA', 'AABBO', 'IABXB', 'ABACA', 'AAXBA'];
/** How loud a letter is, in steps of 0 (soft) to 1 (loud). */
const ENERGY: Readonly<Record<string, number>> = { I: 0.35, A: 0.6, B: 0.9, C: 0.7, X: 0.3, O: 0.4 };
/** How a section ends. */
type Ending = 'plain' | 'stop' | 'breath' | 'pickup' | 'break';

interface Step {
  readonly letter: string;
  /** How often the letter came before. */
  readonly repeat: number;
  readonly parts: ReadonlySet<number>;
  /** Factors on the velocity, at its start and at its end. */
  readonly from: number;
  readonly to: number;
  /** Semitones. */
  readonly shift: number;
  readonly ending: Ending;
}

/** Channel -> program: what a style always has, often has and may have. */
const orchestrate = (rng: Random, style: Style): Map<number, number> => {
  const programs = new Map<number, number>();
  const lists = [
    { channel: LEAD, list: style.lead, share: 0.97 },
    { channel: COUNTER, list: style.counter, share: 0.7 },
    { channel: COMP, list: style.comp, share: 1 },
    { channel: PAD, list: style.pad, share: 0.6 },
    { channel: BASS, list: style.bass, share: 1 },
    { channel: DRUMS, list: style.kits, share: 0.95 },
  ];
  for (const { channel, list, share } of lists) {
    if (list.length > 0 && rng.chance(share)) programs.set(channel, rng.pick(list));
  }
  return programs;
};

const partsOf = (rng: Random, letter: string, all: readonly number[]): Set<number> => {
  const parts = new Set(all);
  const few = letter === 'I' || letter === 'X' || letter === 'O';
  if (few) {
    const kept = rng.pick([
      [COMP],
      [LEAD, COMP],
      [DRUMS, BASS],
      [PAD, LEAD],
      [BASS, COMP],
      [LEAD, PAD, COMP],
    ]);
    for (const part of all) if (!kept.includes(part)) parts.delete(part);
  } else if (rng.chance(letter === 'B' ? 0.15 : 0.35)) {
    parts.delete(rng.pick([COUNTER, PAD, COMP, LEAD, DRUMS, BASS]));
  }
  if (parts.size === 0) parts.add(COMP);
  return parts;
};

/** The steps of a song of `count` sections. */
const plan = (rng: Random, count: number, all: readonly number[]): Step[] => {
  const form = rng.pick(FORMS);
  const lift = rng.chance(0.3) ? rng.pick([1, 2, 2, 3, -2, 5]) : 0;
  const liftFrom = rng.int(Math.ceil(count / 2), count);
  const seen = new Map<string, number>();
  const steps: Step[] = [];
  const swing = rng.range(0.25, 0.75);
  for (let i = 0; i < count; i++) {
    const letter = form[i % form.length] ?? 'A';
    const repeat = seen.get(letter) ?? 0;
    seen.set(letter, repeat + 1);
    const level = 1 - swing * (1 - (ENERGY[letter] ?? 0.6));
    const next = 1 - swing * (1 - (ENERGY[form[(i + 1) % form.length] ?? 'A'] ?? 0.6));
    const grows = rng.chance(0.35);
    steps.push({
      letter,
      repeat,
      parts: partsOf(rng, letter, all),
      from: level,
      to: grows ? next : level * rng.range(0.92, 1.05),
      shift: i >= liftFrom ? lift : 0,
      ending: rng.pick(['plain', 'plain', 'plain', 'stop', 'breath', 'pickup', 'pickup', 'break']),
    });
  }
  return steps;
};

/** A returning melody: some notes divided by a neighbour, some left out, now and then an octave up. */
const vary = (rng: Random, melody: readonly MelodyNote[]): MelodyNote[] => {
  const up = rng.chance(0.15) ? 7 : 0;
  const divided = rng.range(0, 0.4);
  return melody.flatMap((note) => {
    const degree = note.degree + up;
    if (note.beats >= 1 && rng.chance(divided)) {
      const half = note.beats / 2;
      const neighbour = degree + rng.pick([-1, 1, 1, 2]);
      return [
        { ...note, degree, beats: half },
        { beat: note.beat + half, beats: half, degree: neighbour },
      ];
    }
    return rng.chance(0.06) ? [] : [{ ...note, degree }];
  });
};

/** The first `bars` of a section. */
const shorten = (section: Section, bars: number, beats: number): Section => ({
  ...section,
  chords: section.chords.slice(0, bars),
  melody: section.melody.filter(({ beat }) => beat < bars * beats),
});

const materialFor = (s: Setting, step: Step, letters: Map<string, Section>): Section => {
  const theme = step.letter === 'I' || step.letter === 'X' || step.letter === 'O' ? 'A' : step.letter;
  const known = letters.get(theme);
  const section = known ?? composeSection(s);
  if (known === undefined) letters.set(theme, section);
  if (step.repeat === 0) return section;
  const other = s.rng.chance(0.25);
  return {
    ...section,
    melody: s.rng.chance(0.6) ? vary(s.rng, section.melody) : section.melody,
    comp: other ? s.rng.pick(s.style.compPatterns) : section.comp,
    drums: s.rng.chance(0.2) && s.style.drums.length > 0 ? s.rng.pick(s.style.drums) : section.drums,
  };
};

/** A run of two to four scale steps on the lead, up into the next section. */
const pickup = (s: Setting, end: number, key: number): Note[] => {
  const length = s.rng.int(2, 4);
  return Array.from({ length }, (_, i) => ({
    time: end - (length - i) * 0.5 * s.secondsPerBeat,
    duration: 0.45 * s.secondsPerBeat,
    key: key - 2 * (length - i) + s.rng.int(0, 1),
    velocity: Math.round(70 + 8 * i),
    channel: LEAD,
  }));
};

/** Notes of a section as `ending` leaves them. `start` and `end` are seconds. */
const finish = (s: Setting, notes: readonly Note[], step: Step, start: number, end: number): Note[] => {
  const beat = s.secondsPerBeat;
  const cut = (from: number, kept: (note: Note) => boolean): Note[] =>
    notes
      .filter((note) => note.time < from - 0.02 || kept(note))
      .map((note) =>
        kept(note) ? note : { ...note, duration: Math.max(0.05, Math.min(note.duration, from - note.time)) },
      );
  if (step.ending === 'stop') return cut(end - beat, () => false);
  if (step.ending === 'breath') return cut(end - 2 * beat, (note) => note.channel === LEAD);
  if (step.ending === 'break')
    return cut(Math.max(start, end - s.beats * beat), (note) => note.channel === DRUMS);
  if (step.ending === 'pickup' && step.parts.has(LEAD)) {
    const last = notes.filter((note) => note.channel === LEAD).at(-1);
    return last === undefined
      ? [...notes]
      : [...cut(end - 2 * beat, (n) => n.channel !== LEAD), ...pickup(s, end, last.key)];
  }
  return [...notes];
};

/** Level, key and the canon of a section, after it was played plainly. */
const shape = (
  notes: readonly Note[],
  step: Step,
  span: readonly [number, number],
  canon: number,
): Note[] => {
  const [start, end] = span;
  const followed = canon > 0 ? notes.filter((note) => note.channel !== COUNTER) : notes;
  const answers =
    canon > 0
      ? notes
          .filter((note) => note.channel === LEAD && note.time + canon < end)
          .map((note) => ({ ...note, time: note.time + canon, key: note.key - 12, channel: COUNTER }))
      : [];
  return [...followed, ...answers].map((note) => {
    const progress = Math.min(1, Math.max(0, (note.time - start) / (end - start)));
    const level = step.from + (step.to - step.from) * progress;
    const key = note.channel === DRUMS ? note.key : Math.min(108, Math.max(21, note.key + step.shift));
    return { ...note, key, velocity: Math.min(127, Math.max(12, Math.round(note.velocity * level))) };
  });
};

/** Everything stops on a last chord, held for two bars and followed by silence. */
const endOn = (s: Setting, notes: Note[], time: number, programs: ReadonlyMap<number, number>): Note[] => {
  const kept = notes
    .filter((note) => note.time < time - 0.02)
    .map((note) => ({ ...note, duration: Math.min(note.duration, time - note.time) }));
  const hold = s.beats * s.secondsPerBeat * s.rng.range(0.5, 2);
  const chord = [0, 4, 7, 12].filter((_, i) => i !== 1 || s.mode === 'major' || s.mode === 'lydian');
  const add = (channel: number, key: number, velocity: number): void => {
    if (programs.has(channel)) kept.push({ time, duration: hold, key, velocity, channel });
  };
  for (const interval of chord) {
    add(COMP, s.tonic + interval - 12, 84);
    add(PAD, s.tonic + interval, 70);
  }
  add(LEAD, s.tonic + 12, 92);
  add(BASS, 33 + ((((s.tonic - 33) % 12) + 12) % 12), 92);
  add(DRUMS, 49, 96);
  add(DRUMS, 36, 100);
  return kept;
};

export const arrange = (style: SongStyle, index: number, { seconds = 30 } = {}): Piece => {
  const name = `song-${style}-${String(index).padStart(3, '0')}`;
  const rng = random(name);
  const spec = SONG_STYLES[style];
  const tempo = rng.range(...spec.tempo);
  const beats = rng.pick(spec.beats);
  const secondsPerBeat = 60 / tempo;
  const programs = orchestrate(rng, spec);
  const setting: Setting = {
    rng,
    style: spec,
    beats,
    secondsPerBeat,
    tonic: 60 + rng.int(-6, 5),
    mode: rng.pick(spec.modes),
    leadShift: rng.pick([0, 0, 12]),
    notes: [],
  };
  // Bars of a section: two where four would last longer than 9 s.
  const bars = 4 * beats * secondsPerBeat > 9 ? 2 : rng.pick([2, 4, 4]);
  const sectionSeconds = bars * beats * secondsPerBeat;
  const steps = plan(rng, Math.ceil(seconds / sectionSeconds), [...programs.keys()]);
  const canon = programs.has(COUNTER) && rng.chance(0.3) ? beats * secondsPerBeat : 0;
  const letters = new Map<string, Section>();
  let notes: Note[] = [];
  for (const [i, step] of steps.entries()) {
    const section = shorten(materialFor(setting, step, letters), bars, beats);
    const local: Setting = { ...setting, notes: [] };
    playSection(local, section, i * bars, step.parts, i === steps.length - 1);
    const span = [i * sectionSeconds, (i + 1) * sectionSeconds] as const;
    notes.push(...finish(local, shape(local.notes, step, span, canon), step, ...span));
  }
  if (rng.chance(0.3)) {
    const lastBar = Math.floor((seconds - rng.range(1.5, 5)) / (beats * secondsPerBeat));
    notes = endOn(setting, notes, lastBar * beats * secondsPerBeat, programs);
  }
  const starts = steps.flatMap((_, i) => (i > 0 ? [i * sectionSeconds] : []));
  return {
    name,
    style,
    seconds,
    tempo,
    beats,
    form: steps.map(({ letter }) => letter).join(''),
    programs,
    notes: notes.filter((note) => note.time < seconds).sort((a, b) => a.time - b.time),
    controls: controllers(rng, spec, programs, seconds),
    noise: noiseLayers(rng, spec, seconds, starts),
    loudness: rng.range(-27, -14),
  };
};
