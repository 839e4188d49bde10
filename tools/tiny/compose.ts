// A procedural composer of looped pieces: (style, index) -> one piece of 30 s as notes, controllers and noise
// layers. Seeded by the name. The held-out pieces of the first `tiny` are its pieces 000 to 004 of every style.
//
// A piece has a form of four-bar sections (A A B A ...). A section letter fixes chords, melody and patterns,
// so that sections come back; each return may add or drop parts. Timing and velocity are humanised.
import {
  addNote,
  BARS_PER_SECTION,
  BASS,
  COMP,
  COUNTER,
  DRUMS,
  FX,
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
  readonly style: string;
  readonly seconds: number;
  readonly tempo: number;
  /** Of a bar. */
  readonly beats: number;
  readonly form: string;
  /** Channel -> General MIDI program from 0 (channel 9: drum kit). */
  readonly programs: ReadonlyMap<number, number>;
  readonly notes: readonly Note[];
  readonly controls: readonly Control[];
  readonly noise: readonly NoiseLayer[];
  /** RMS of the finished piece in dBFS. */
  readonly loudness: number;
}

const PARTS = [LEAD, COUNTER, COMP, PAD, BASS] as const;

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

/** Chords, melody and patterns of one section letter. */
export const composeSection = (s: Setting): Section => {
  const chords = s.rng.pick(s.style.progressions);
  return {
    chords,
    melody: composeMelody(s, chords),
    comp: s.rng.pick(s.style.compPatterns),
    bass: s.rng.pick(s.style.bassPatterns),
    drums: s.style.drums.length > 0 ? s.rng.pick(s.style.drums) : {},
  };
};

export const noiseLayers = (
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

/** Volume, reverb and swells of the channels. */
export const controllers = (
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
    beats: setting.beats,
    form,
    programs,
    notes: setting.notes.filter((note) => note.time < seconds).sort((a, b) => a.time - b.time),
    controls: controllers(rng, spec, programs, seconds),
    noise: noiseLayers(rng, spec, seconds, starts),
    loudness: rng.range(-27, -14),
  };
};
