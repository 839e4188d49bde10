// A procedural composer: (style, index) -> one piece of 30 s as notes, controllers and noise layers. Seeded
// by the name.
//
// A piece has a form of four-bar sections (A A B A ...). A section letter fixes chords, melody and patterns,
// so that sections come back; each return may add or drop parts. Timing and velocity are humanised.
import { type Random, random } from './random.ts';
import { type DrumPattern, type Mode, SCALES, STYLES, type Style, type StyleName } from './styles.ts';

export interface Note {
  /** Seconds. */
  readonly time: number;
  readonly duration: number;
  /** MIDI key and velocity, 0-127. */
  readonly key: number;
  readonly velocity: number;
  readonly channel: number;
}

export interface Control {
  readonly time: number;
  readonly channel: number;
  readonly controller: number;
  readonly value: number;
}

/** A layer that is not played by the SoundFont. */
export interface NoiseLayer {
  readonly kind: 'hiss' | 'crackle' | 'riser';
  /** Seconds. */
  readonly start: number;
  readonly duration: number;
  /** Level in dB relative to the RMS of the music (riser: at its end). */
  readonly level: number;
}

export interface Piece {
  readonly name: string;
  readonly style: StyleName;
  readonly seconds: number;
  readonly tempo: number;
  readonly form: string;
  /** Channel -> General MIDI program from 0 (channel 9: drum kit). */
  readonly programs: ReadonlyMap<number, number>;
  readonly notes: readonly Note[];
  readonly controls: readonly Control[];
  readonly noise: readonly NoiseLayer[];
  /** RMS of the finished piece in dBFS. */
  readonly loudness: number;
}

export const LEAD = 0,
  COUNTER = 1,
  COMP = 2,
  PAD = 3,
  BASS = 4,
  FX = 5,
  DRUMS = 9;
const PARTS = [LEAD, COUNTER, COMP, PAD, BASS] as const;
const STEPS_PER_BEAT = 4;
const HIT_VELOCITIES: ReadonlyMap<string, number> = new Map([
  ['X', 108],
  ['x', 84],
  ['o', 48],
]);
const BARS_PER_SECTION = 4;

interface MelodyNote {
  /** Beats from the start of the section. */
  readonly beat: number;
  readonly beats: number;
  /** Scale degree from the tonic; may be outside one octave. */
  readonly degree: number;
}

interface Section {
  readonly chords: readonly number[];
  readonly melody: readonly MelodyNote[];
  readonly comp: string;
  readonly bass: string;
  readonly drums: DrumPattern;
}

interface Setting {
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

const degreeKey = (tonic: number, mode: Mode, degree: number): number => {
  const scale = SCALES[mode];
  const octave = Math.floor(degree / scale.length);
  return tonic + 12 * octave + (scale[degree - octave * scale.length] ?? 0);
};

const composeMelody = (s: Setting, chords: readonly number[]): MelodyNote[] => {
  const rhythm = s.rng.pick(s.style.rhythms);
  const answer = s.rng.pick(s.style.rhythms);
  const contour = rhythm.map(() => s.rng.int(-2, 2));
  const melody: MelodyNote[] = [];
  let degree = s.rng.int(0, 7);
  chords.forEach((root, bar) => {
    const values = bar === BARS_PER_SECTION - 1 ? [Math.min(2, s.beats - 1), 9] : bar === 2 ? answer : rhythm;
    let beat = 0;
    values.forEach((value, i) => {
      if (beat >= s.beats) return;
      const beats = Math.min(value, s.beats - beat);
      degree += contour[i] ?? s.rng.int(-1, 1);
      if (degree > 10) degree -= 4;
      if (degree < -3) degree += 4;
      const strong = beat % 2 === 0;
      // On strong beats move to the nearest chord tone.
      if (strong) {
        const inChord = (d: number): boolean => [0, 2, 4].includes((((d - root) % 7) + 7) % 7);
        degree = [degree, degree + 1, degree - 1].find(inChord) ?? degree;
      }
      if (!s.rng.chance(0.08)) melody.push({ beat: bar * s.beats + beat, beats, degree });
      beat += beats;
    });
  });
  return melody;
};

const composeSection = (s: Setting): Section => {
  const chords = s.rng.pick(s.style.progressions);
  return {
    chords,
    melody: composeMelody(s, chords),
    comp: s.rng.pick(s.style.compPatterns),
    bass: s.rng.pick(s.style.bassPatterns),
    drums: s.style.drums.length > 0 ? s.rng.pick(s.style.drums) : {},
  };
};

/** Seconds of a beat position, with swing on the second half of each beat and a little human spread. */
const beatTime = (s: Setting, beat: number, spread = 0.006): number => {
  const inBeat = beat - Math.floor(beat);
  const swung = Math.abs(inBeat - 0.5) < 0.01 ? beat + s.style.swing : beat;
  return Math.max(0, swung * s.secondsPerBeat + spread * s.rng.normal());
};

const addNote = (
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

/** One bar of a note pattern; `base` moves the tones into the register of the part. */
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

/** Slow long notes against the melody: thirds of the chords, every half bar. */
const playCounter = (s: Setting, section: Section, firstBar: number): void => {
  section.chords.forEach((root, bar) => {
    const key = 55 + ((((chordTone(s, root, s.rng.pick([3, 5, 1])) - 55) % 12) + 12) % 12);
    addNote(s, COUNTER, (firstBar + bar) * s.beats, s.beats, key, 72);
  });
};

const playSection = (
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
      const fill = i === BARS_PER_SECTION - 1 && !last && s.rng.chance(0.7);
      playDrums(s, bar, section.drums, fill, i === 0 && firstBar > 0 && s.rng.chance(0.6));
    }
  });
};

const noiseLayers = (
  rng: Random,
  style: Style,
  seconds: number,
  sectionStarts: readonly number[],
): NoiseLayer[] => {
  const layers: NoiseLayer[] = [];
  if (rng.chance(style.noise.hiss)) {
    layers.push({ kind: 'hiss', start: 0, duration: seconds, level: rng.range(-42, -22) });
  }
  if (rng.chance(style.noise.crackle)) {
    layers.push({ kind: 'crackle', start: 0, duration: seconds, level: rng.range(-34, -20) });
  }
  if (rng.chance(style.noise.riser)) {
    for (const end of sectionStarts) {
      const duration = rng.range(1, 4);
      if (end < duration || !rng.chance(0.6)) continue;
      layers.push({ kind: 'riser', start: end - duration, duration, level: rng.range(-12, 0) });
    }
  }
  return layers;
};

const controllers = (
  rng: Random,
  style: Style,
  programs: ReadonlyMap<number, number>,
  seconds: number,
): Control[] => {
  const controls: Control[] = [];
  const reverb = rng.range(...style.reverb);
  const volume = new Map([
    [LEAD, 104],
    [COUNTER, 78],
    [COMP, 84],
    [PAD, 66],
    [BASS, 100],
    [FX, 84],
    [DRUMS, 100],
  ]);
  for (const channel of programs.keys()) {
    const level = (volume.get(channel) ?? 90) + rng.range(-12, 12);
    controls.push({ time: 0, channel, controller: 7, value: Math.round(Math.min(127, level)) });
    controls.push({
      time: 0,
      channel,
      controller: 91,
      value: Math.round(channel === BASS ? reverb / 3 : reverb),
    });
  }
  const swells = rng.chance(0.5) ? [PAD, COUNTER] : [PAD];
  const period = rng.range(3, 9);
  for (const channel of swells.filter((c) => programs.has(c))) {
    for (let time = 0; time < seconds; time += 0.1) {
      const value = Math.round(96 - 30 * Math.cos((2 * Math.PI * time) / period));
      controls.push({ time, channel, controller: 11, value });
    }
  }
  return controls;
};

export const compose = (style: StyleName, index: number, { seconds = 30 } = {}): Piece => {
  const name = `${style}-${String(index).padStart(3, '0')}`;
  const rng = random(name);
  const spec = STYLES[style];
  const tempo = rng.range(...spec.tempo);
  const setting: Setting = {
    rng,
    style: spec,
    beats: rng.pick(spec.beats),
    secondsPerBeat: 60 / tempo,
    tonic: 60 + rng.int(-6, 5),
    mode: rng.pick(spec.modes),
    leadShift: rng.pick([0, 0, 12]),
    notes: [],
  };
  const programs = new Map<number, number>();
  const lists = [spec.lead, spec.counter, spec.comp, spec.pad, spec.bass];
  PARTS.forEach((part, i) => {
    const list = lists[i] ?? [];
    const wanted = part === COUNTER || part === PAD ? 0.6 : part === LEAD ? 0.92 : 1;
    if (list.length > 0 && rng.chance(wanted)) programs.set(part, rng.pick(list));
  });
  if (spec.kits.length > 0) programs.set(DRUMS, rng.pick(spec.kits));

  const form = rng.pick(['AABA', 'ABAB', 'AABB', 'ABAC', 'AAAB']);
  const letters = new Map([...'ABC'].map((letter) => [letter, composeSection(setting)] as const));
  const sectionSeconds = BARS_PER_SECTION * setting.beats * setting.secondsPerBeat;
  const count = Math.ceil(seconds / sectionSeconds);
  const starts: number[] = [];
  const sparseStart = rng.chance(0.5);
  for (let i = 0; i < count; i++) {
    const section = letters.get(form[i % form.length] ?? 'A');
    if (section === undefined) throw new Error(`form ${form}: no section ${form[i % form.length]}`);
    const parts = new Set(programs.keys());
    if (i === 0 && sparseStart)
      for (const part of rng.pick([[DRUMS, LEAD], [LEAD], [BASS, DRUMS]])) parts.delete(part);
    if (i > 0 && rng.chance(0.3)) parts.delete(rng.pick([COUNTER, PAD, COMP, LEAD, DRUMS]));
    if (parts.size === 0) parts.add(programs.has(COMP) ? COMP : LEAD);
    playSection(setting, section, i * BARS_PER_SECTION, parts, i === count - 1);
    if (i > 0) starts.push(i * sectionSeconds);
  }
  if (rng.chance(spec.noise.fx)) {
    programs.set(FX, rng.pick(spec.fx));
    for (let i = rng.int(1, 3); i > 0; i--) {
      const beat = rng.range(0, seconds / setting.secondsPerBeat);
      addNote(
        setting,
        FX,
        beat,
        rng.range(3, 10) / setting.secondsPerBeat,
        rng.int(48, 72),
        rng.range(50, 110),
      );
    }
  }
  return {
    name,
    style,
    seconds,
    tempo,
    form,
    programs,
    notes: setting.notes.filter((note) => note.time < seconds).sort((a, b) => a.time - b.time),
    controls: controllers(rng, spec, programs, seconds),
    noise: noiseLayers(rng, spec, seconds, starts),
    loudness: rng.range(-27, -14),
  };
};
