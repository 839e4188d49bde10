// The eight styles of the corpus of `tiny`, as data for compose.ts. Nothing here is taken from an existing
// piece.
//
// Patterns have four steps a beat, sixteen in a bar of four. In note patterns a digit is a chord tone (1
// root, 3 third, 5 fifth, 7 seventh, 8 octave), C the whole chord, '-' holds, '.' rests. In drum patterns X
// is loud, x normal, o soft. In 3/4 the first twelve steps are used.

export type StyleName = 'rock' | 'house' | 'jazz' | 'strings' | 'piano' | 'ambient' | 'funk' | 'folk';

export interface DrumPattern {
  /** General MIDI percussion key -> steps. */
  readonly [key: number]: string;
}

export interface Style {
  /** Beats a minute, low and high. */
  readonly tempo: readonly [number, number];
  readonly beats: readonly (3 | 4)[];
  /** Delay of the second eighth of a beat, in beats (0 straight, 1/6 triplet swing). */
  readonly swing: number;
  readonly modes: readonly Mode[];
  /** Chord roots as scale degrees from 0, one a bar. */
  readonly progressions: readonly (readonly number[])[];
  readonly chordSize: 3 | 4;
  /** General MIDI programs from 0; an empty list leaves the part out. */
  readonly lead: readonly number[];
  readonly counter: readonly number[];
  readonly comp: readonly number[];
  readonly pad: readonly number[];
  readonly bass: readonly number[];
  readonly compPatterns: readonly string[];
  readonly bassPatterns: readonly (string | 'walk')[];
  /** Drum kit programs (channel 10) and patterns. */
  readonly kits: readonly number[];
  readonly drums: readonly DrumPattern[];
  /** Note values of the melody in beats. */
  readonly rhythms: readonly (readonly number[])[];
  /** Probability of each noisy layer in a piece. */
  readonly noise: {
    readonly hiss: number;
    readonly crackle: number;
    readonly riser: number;
    readonly fx: number;
  };
  /** Noisy General MIDI programs for single long notes. */
  readonly fx: readonly number[];
  readonly reverb: readonly [number, number];
}

export type Mode =
  | 'major'
  | 'minor'
  | 'harmonic'
  | 'dorian'
  | 'mixolydian'
  | 'lydian'
  | 'phrygian'
  | 'pentatonic';

export const SCALES: Readonly<Record<Mode, readonly number[]>> = {
  major: [0, 2, 4, 5, 7, 9, 11],
  minor: [0, 2, 3, 5, 7, 8, 10],
  harmonic: [0, 2, 3, 5, 7, 8, 11],
  dorian: [0, 2, 3, 5, 7, 9, 10],
  mixolydian: [0, 2, 4, 5, 7, 9, 10],
  lydian: [0, 2, 4, 6, 7, 9, 11],
  phrygian: [0, 1, 3, 5, 7, 8, 10],
  pentatonic: [0, 2, 4, 7, 9],
};

const POP = [
  [0, 4, 5, 3],
  [5, 3, 0, 4],
  [0, 5, 3, 4],
  [0, 3, 4, 3],
  [0, 6, 3, 0],
  [0, 2, 3, 4],
];
const DARK = [
  [0, 5, 2, 6],
  [0, 3, 5, 4],
  [0, 6, 5, 6],
  [0, 0, 3, 4],
  [0, 5, 3, 4],
];

export const STYLES: Readonly<Record<StyleName, Style>> = {
  rock: {
    tempo: [92, 156],
    beats: [4],
    swing: 0,
    modes: ['major', 'minor', 'mixolydian', 'dorian'],
    progressions: POP,
    chordSize: 3,
    lead: [29, 30, 27, 26, 81],
    counter: [18, 48, 25],
    comp: [30, 29, 27, 25, 4, 0],
    pad: [16, 18, 48, 89],
    bass: [33, 34],
    compPatterns: [
      'C-C-C-C-C-C-C-C-',
      'C---C-C-..C-C-C-',
      'C-------C-------',
      'C--C--C-C--C--C-',
      '1-5-8-5-1-5-8-5-',
    ],
    bassPatterns: ['1-1-1-1-1-1-1-1-', '1---..1-5---1-5-', '1-----1-1---5-8-'],
    kits: [0, 8, 16],
    drums: [
      { 36: 'X.......X.x.....', 38: '....X.......X...', 42: 'x.x.x.x.x.x.x.x.' },
      { 36: 'X.....x.X.......', 38: '....X.......X..o', 51: 'x.x.x.x.x.x.x.x.', 44: '....x.......x...' },
      { 36: 'X..x..x.X..x....', 38: '....X.......X...', 46: 'x...x...x...x...' },
      { 36: 'X...X...X...X...', 38: '..o.X..o..o.X...', 49: 'x.......x.......' },
    ],
    rhythms: [
      [1, 1, 1, 1],
      [0.5, 0.5, 1, 2],
      [1.5, 0.5, 1, 1],
      [0.5, 0.5, 0.5, 0.5, 1, 1],
      [2, 1, 1],
      [3, 1],
    ],
    noise: { hiss: 0.08, crackle: 0.02, riser: 0.1, fx: 0.15 },
    fx: [126, 119, 120],
    reverb: [15, 50],
  },
  house: {
    tempo: [116, 138],
    beats: [4],
    swing: 0,
    modes: ['minor', 'dorian', 'phrygian', 'major'],
    progressions: DARK,
    chordSize: 4,
    lead: [80, 81, 87, 62, 84],
    counter: [98, 12, 88],
    comp: [4, 16, 50, 81, 90],
    pad: [89, 90, 95, 50],
    bass: [38, 39, 87],
    compPatterns: [
      '..C-..C-..C-..C-',
      'C..C..C...C.C...',
      'C--C--C-C--C--C-',
      '1358135813581358',
      '8.5.3.5.8.5.3.5.',
    ],
    bassPatterns: ['..1-..1-..1-..1-', '1-8-1-8-1-8-1-8-', '1.1..1.1..1.1.8.', '1---....1-5-....'],
    kits: [25, 24, 25],
    drums: [
      { 36: 'X...X...X...X...', 39: '....X.......X...', 46: '..x...x...x...x.', 42: 'xoxoxoxoxoxoxoxo' },
      { 36: 'X...X...X...X..x', 38: '....x.......x...', 70: 'xoxoxoxoxoxoxoxo', 46: '..x...x...x...x.' },
      { 36: 'X.....x...x.....', 38: '....X.......X...', 42: 'xxxoxxxoxxxoxxxx', 49: 'o...............' },
    ],
    rhythms: [
      [0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 1],
      [0.75, 0.75, 0.5, 0.75, 0.75, 0.5],
      [2, 2],
      [1.5, 1.5, 1],
      [4],
    ],
    noise: { hiss: 0.05, crackle: 0.05, riser: 0.6, fx: 0.15 },
    fx: [119, 122, 125],
    reverb: [10, 60],
  },
  jazz: {
    tempo: [86, 208],
    beats: [4, 4, 3],
    swing: 1 / 6,
    modes: ['major', 'dorian', 'minor', 'mixolydian'],
    progressions: [
      [1, 4, 0, 5],
      [0, 5, 1, 4],
      [2, 5, 1, 4],
      [0, 3, 1, 4],
    ],
    chordSize: 4,
    lead: [65, 66, 56, 59, 11, 0, 26],
    counter: [],
    comp: [0, 26, 11],
    pad: [],
    bass: [32],
    compPatterns: [
      '..C-......C.....',
      'C..C......C-....',
      '......C.C.......',
      'C-----C-........',
      '....C-......C-..',
    ],
    bassPatterns: ['walk', 'walk', '1-------5-------'],
    kits: [32, 40],
    drums: [
      { 51: 'X...x.x.X...x.x.', 44: '....x.......x...', 36: 'o.......o.......', 38: '......o.......o.' },
      { 51: 'X...x.x.X...x..o', 44: '....x.......x...', 38: 'o.o...o.....o.o.' },
      { 38: 'x.xox.xox.xox.xo', 44: '....X.......X...', 36: 'o...............' },
    ],
    rhythms: [
      [0.5, 0.5, 0.5, 0.5, 1, 1],
      [1, 0.5, 0.5, 2],
      [1.5, 0.5, 0.5, 0.5, 1],
      [0.5, 1, 0.5, 1, 1],
      [3, 1],
    ],
    noise: { hiss: 0.3, crackle: 0.2, riser: 0, fx: 0.1 },
    fx: [126, 121],
    reverb: [15, 45],
  },
  strings: {
    tempo: [56, 132],
    beats: [4, 3],
    swing: 0,
    modes: ['major', 'minor', 'harmonic', 'lydian'],
    progressions: [
      [0, 3, 4, 0],
      [0, 5, 3, 4],
      [0, 4, 5, 2],
      [5, 1, 4, 0],
    ],
    chordSize: 3,
    lead: [40, 41, 68, 73],
    counter: [42, 41, 71],
    comp: [48, 45, 44, 49],
    pad: [48, 49],
    bass: [42, 43],
    compPatterns: [
      'C---------------',
      'C-C-C-C-C-C-C-C-',
      '1-3-5-3-1-3-5-3-',
      'C---C---C---C---',
      'C.......C.......',
    ],
    bassPatterns: ['1---------------', '1-------5-------', '1---3---5---3---'],
    kits: [48],
    drums: [{}, {}, { 47: 'X.......o.o.....' }, { 57: 'o...............' }],
    rhythms: [
      [1, 1, 2],
      [2, 2],
      [1.5, 0.5, 2],
      [0.5, 0.5, 0.5, 0.5, 2],
      [3, 1],
      [1, 1, 1, 1],
    ],
    noise: { hiss: 0.15, crackle: 0.08, riser: 0, fx: 0.05 },
    fx: [126],
    reverb: [40, 80],
  },
  piano: {
    tempo: [60, 150],
    beats: [4, 3],
    swing: 0,
    modes: ['major', 'minor', 'harmonic', 'lydian', 'dorian'],
    progressions: [...POP, [0, 3, 1, 4], [5, 1, 4, 0]],
    chordSize: 3,
    lead: [0, 0, 1, 2],
    counter: [],
    comp: [0],
    pad: [],
    bass: [0],
    compPatterns: [
      '1-5-3-5-1-5-3-5-',
      '1-3-5-8-5-3-1-3-',
      'C---C---C---C---',
      '1535153515351535',
      'C-----C-C-------',
    ],
    bassPatterns: ['1---------------', '1-------5-------', '1---8---5---8---'],
    kits: [],
    drums: [],
    rhythms: [
      [1, 1, 2],
      [0.5, 0.5, 0.5, 0.5, 1, 1],
      [1.5, 0.5, 1, 1],
      [0.25, 0.25, 0.5, 1, 2],
      [2, 1, 1],
      [3, 1],
    ],
    noise: { hiss: 0.2, crackle: 0.12, riser: 0, fx: 0.06 },
    fx: [126, 122],
    reverb: [20, 70],
  },
  ambient: {
    tempo: [50, 90],
    beats: [4],
    swing: 0,
    modes: ['lydian', 'major', 'dorian', 'pentatonic'],
    progressions: [
      [0, 3, 0, 4],
      [0, 0, 3, 3],
      [5, 3, 0, 4],
      [0, 1, 0, 1],
    ],
    chordSize: 4,
    lead: [88, 99, 73, 75, 52, 11],
    counter: [98, 14, 8],
    comp: [92, 99, 4, 46],
    pad: [89, 91, 94, 95, 52],
    bass: [39, 38, 43],
    compPatterns: ['C---------------', '1---5---8---7---', '1.......5.......', '....8.....5...3.'],
    bassPatterns: ['1---------------', '1---------5-----'],
    kits: [24],
    drums: [{}, {}, { 70: '....o.......o...' }, { 36: 'x.........o.....', 42: '..o...o...o...oo' }],
    rhythms: [[4], [2, 2], [3, 1], [1, 3], [1.5, 2.5]],
    noise: { hiss: 0.3, crackle: 0.15, riser: 0.15, fx: 0.6 },
    fx: [122, 121, 96, 101, 97],
    reverb: [70, 115],
  },
  funk: {
    tempo: [88, 124],
    beats: [4],
    swing: 0.03,
    modes: ['dorian', 'mixolydian', 'minor', 'major'],
    progressions: [
      [0, 0, 3, 0],
      [0, 3, 0, 4],
      [1, 4, 0, 0],
      [0, 6, 5, 4],
    ],
    chordSize: 4,
    lead: [56, 65, 61, 73, 24],
    counter: [61, 57, 12],
    comp: [28, 4, 7, 0, 24, 18],
    pad: [61, 16],
    bass: [36, 33, 37],
    compPatterns: [
      '..C..C..C..C..C.',
      'C.C..CC..C.C..C.',
      'C--C--C---C-C---',
      '.C.C..C..C.C..C.',
      'C..C..C.C..C..C.',
    ],
    bassPatterns: ['1..1..8.1.1..57.', '1-----1-5-----8-', '1..5..8...5.1.1.', '1..1....8.7.5.1.'],
    kits: [0, 8],
    drums: [
      { 36: 'X..x..x...x..x..', 38: '....X..o.o..X..o', 42: 'x.xxx.x.x.xxx.x.', 62: 'x..x..x...x.x...' },
      { 36: 'X.....x.X.....x.', 37: 'x..x..x...x.x...', 70: 'xoxxxoxxxoxxxoxx', 64: '..x...xx..x...xx' },
      {
        36: 'X.x.......x..x..',
        38: '....X..o.o..X...',
        46: '......x.......x.',
        42: 'xxxxxx.xxxxxxx.x',
        56: 'x...x...x...x...',
      },
    ],
    rhythms: [
      [0.5, 0.25, 0.75, 0.5, 1, 1],
      [0.75, 0.25, 0.5, 0.5, 2],
      [1, 0.5, 0.5, 0.5, 1.5],
      [0.25, 0.25, 0.5, 3],
    ],
    noise: { hiss: 0.1, crackle: 0.08, riser: 0.08, fx: 0.15 },
    fx: [126, 119, 120],
    reverb: [10, 40],
  },
  folk: {
    tempo: [76, 168],
    beats: [3, 4],
    swing: 0,
    modes: ['major', 'dorian', 'mixolydian', 'pentatonic', 'minor'],
    progressions: [
      [0, 3, 4, 0],
      [0, 4, 0, 4],
      [0, 3, 0, 4],
      [0, 6, 0, 4],
    ],
    chordSize: 3,
    lead: [10, 8, 22, 21, 110, 72, 78],
    counter: [73, 105, 15],
    comp: [24, 25, 46, 10, 105, 108],
    pad: [21, 109],
    bass: [32, 24],
    compPatterns: ['1-5-8-5-3-5-8-5-', '1---C---C---C---', '1-3-5-8-5-3-5-3-', 'C---C-C-..C-C-C-'],
    bassPatterns: ['1-------5-------', '1---------------', '1---5---1---5---'],
    kits: [0, 40],
    drums: [{}, { 54: '....x.......x...' }, { 70: 'x.x.x.x.x.x.x.x.', 36: 'x.......x.......' }],
    rhythms: [
      [1, 1, 1, 1],
      [0.5, 0.5, 1, 1, 1],
      [1, 0.5, 0.5, 2],
      [2, 1, 1],
      [1.5, 0.5, 1, 1],
    ],
    noise: { hiss: 0.2, crackle: 0.15, riser: 0, fx: 0.15 },
    fx: [122, 123, 121],
    reverb: [15, 60],
  },
};
