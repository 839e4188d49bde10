// What the pages compute without a browser: the time axis, keys, addresses, the disturbance of the chips, commands to type.

import { beforeEach, describe, expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import { eventClock } from '../../src/audio/codes.js';
import { parsePerturbation } from '../../src/perturb/schema.js';
import { cellsAddress } from '../../src/report/view/address.js';
import { parseStudy } from '../../src/study/spec.js';
import { openBlobs, weightBytes } from '../../src/web/checkpoint_files.js';
import { LIMIT_WORDS, MOST_BYTES } from '../../src/web/checkpoint_limit.js';
import { threadsFor } from '../../src/web/engine/engine.js';
import {
  type Choice,
  choiceOf,
  FIRST_CHOICE,
  fitted,
  hasLevel,
  KINDS,
  type KindName,
  LEVELS,
  type LevelName,
  perturbationOf,
} from '../../src/web/explorer/disturbance.js';
import { openingWords } from '../../src/web/explorer/opening.js';
import { readHash, writeHash } from '../../src/web/explorer/url_state.js';
import { labelAt } from '../../src/web/lanes/axis.js';
import { type LanePlace, scaleOf, ticksOf, yAxis } from '../../src/web/lanes/lane.js';
import { lossLane } from '../../src/web/lanes/loss.js';
import type { Pen } from '../../src/web/lanes/pen.js';
import { commandOf, yamlOf } from '../../src/web/viewer/commands.js';
import { KEYS, keyAction } from '../../src/web/viewer/keys.js';
import { type Scene, samplesOf, secondsOf } from '../../src/web/viewer/scene.js';
import type { Actions } from '../../src/web/viewer/stage.js';
import { regionColour, type Theme } from '../../src/web/viewer/theme.js';
import { TimeView } from '../../src/web/viewer/time_view.js';

describe('a checkpoint that the user gave', () => {
  test('is refused before it is read where no browser can hold it, with what to do', () => {
    const files = (size: number) =>
      new Map([
        ['config.json', { size: 900 }],
        ['model.safetensors', { size }],
      ]);
    expect(weightBytes('small', files(2.4e9))).toBe(2.4e9);
    expect(() => weightBytes('large', files(13.6e9))).toThrow(
      /^large: 13\.6 GB of weights, and a browser holds at most 3 GB; score with it outside .* --model FOLDER$/,
    );
  });

  test('what can be opened is said before, with the numbers that hold', () => {
    expect(LIMIT_WORDS).toContain(`at most ${MOST_BYTES / 1e9} GB of weights`);
    expect(weightBytes('edge', new Map([['a.safetensors', { size: MOST_BYTES }]]))).toBe(MOST_BYTES);
    expect(() => weightBytes('more', new Map([['a.safetensors', { size: MOST_BYTES + 1 }]]))).toThrow(
      /^more: /,
    );
  });

  test('tells of every byte of its weights that it reads', async () => {
    const weights = new Blob([new Uint8Array(9 * 2 ** 20)]);
    const heard: number[] = [];
    const files = openBlobs('made', new Map([['model.safetensors', weights]]), (bytes) => heard.push(bytes));
    await files.survey('model.safetensors', () => ({ take: () => undefined, found: () => [] }));
    expect(heard).toEqual([4, 4, 1].map((mega) => mega * 2 ** 20));
  });

  test.each([
    [0, 2.04e9, 'reading small: 0% of 2.0 GB'],
    [1.5e9, 2e9, 'reading small: 75% of 2.0 GB'],
    [12e6, 12e6, 'building small (12 MB) and trying it on a second of sound: some minutes for a large one'],
  ])('is opened in words: %d of %d bytes', (done, of, words) => {
    expect(openingWords('small', done, of)).toBe(words);
  });
});

test.each([
  [1, 1],
  [2, 1],
  [4, 3],
  [16, 4],
])('of %i cores a run takes %i threads: one is the page’s, which draws meanwhile', (cores, threads) => {
  expect(threadsFor(cores)).toBe(threads);
});

describe('the time axis', () => {
  const time = new TimeView();
  beforeEach(() => time.reset(10, 0.02));
  const seen = (): [number, number] => [time.seen.value.lo, time.seen.value.hi];

  test.each<[string, () => void, [number, number]]>([
    ['is seen whole at first', () => undefined, [0, 10]],
    ['zooms around a place that stays', () => time.zoom(0.5, 4), [2, 7]],
    ['never shows less than eight tokens', () => time.show({ lo: 3, hi: 3.01 }), [2.925, 3.085]],
    ['never leaves the clip', () => time.show({ lo: 8, hi: 13 }), [5, 10]],
    ['does not pan beyond its ends', () => [time.show({ lo: 2, hi: 4 }), time.pan(-5)], [0, 2]],
    ['turns the page to what it follows', () => [time.show({ lo: 0, hi: 2 }), time.follow(3)], [3, 5]],
    ['stays where what it follows is seen', () => [time.show({ lo: 0, hi: 2 }), time.follow(1.9)], [0, 2]],
  ])('%s', (_, act, [lo, hi]) => {
    act();
    expect(seen()[0]).toBeCloseTo(lo, 9);
    expect(seen()[1]).toBeCloseTo(hi, 9);
  });

  test('a mark snaps to whole tokens in either direction, and less than one marks nothing', () => {
    time.brush(3.031, 1.009);
    expect(time.brushed.value?.lo).toBeCloseTo(1.0, 9);
    expect(time.brushed.value?.hi).toBeCloseTo(3.04, 9);
    time.brush(1, 1.004);
    expect(time.brushed.value).toBeUndefined();
  });

  test('ticks are round numbers within what is seen', () => {
    for (const [lo, hi] of [
      [0, 15],
      [3.2, 4.1],
      [0, 0.16],
    ]) {
      const ticks = ticksOf(lo, hi, 8);
      expect(ticks.length).toBeGreaterThan(1);
      expect(ticks.every((tick) => tick >= lo - 1e-9 && tick <= hi + 1e-9)).toBe(true);
    }
  });
});

test.each([
  [2.5, 9.1],
  [-2.6, 5.4],
  [0, 1.1],
  [-3.9, 4.2],
])('a curve from %d to %d has a scale of two values at least, each whole inside its lane', (low, high) => {
  const heights: number[] = [];
  const pen = { fillRect: () => undefined, fillText: (_: string, __: number, y: number) => heights.push(y) };
  const place = { ...{ left: 58, width: 900, height: 150 }, colours: {} };
  const y = scaleOf(low, high, { top: 0, bottom: 150 });
  yAxis(pen as unknown as Pen, place as unknown as LanePlace, { low, high, y });
  expect(new Set(heights).size).toBeGreaterThan(1);
  expect([Math.min(...heights) >= 6, Math.max(...heights) <= 144]).toEqual([true, true]);
});

test('the losses of a map say which line is the entropy, and what a blind guess is for its model', () => {
  const curve = Float64Array.of(1, 2, 3);
  const map = { clean: { byFrame: curve }, entropy: curve, choices: 512 };
  const scene = { clock: { hop: 640, sampleRate: 32_000 }, map } as unknown as Scene;
  expect(lossLane(scene)?.what).toMatch(
    /blue for how surprised the model expected to be \(entropy\).* 512 codes is 6\.2/,
  );
});

describe('keys', () => {
  const press = (key: string, more: object = {}, inLanes = false): string[] => {
    const done: string[] = [];
    const actions = new Proxy(
      {},
      {
        get:
          (_, name) =>
          (...args: unknown[]) =>
            done.push([name, ...args].join(' ')),
      },
    ) as Actions;
    const event = { key, preventDefault: vi.fn(), stopPropagation: vi.fn(), ...more };
    keyAction(event as unknown as KeyboardEvent, actions, { inLanes });
    expect(event.preventDefault).toHaveBeenCalledTimes(done.length);
    return done;
  };
  test.each([
    [' ', {}, ['playPause']],
    ['D', {}, ['otherSide']],
    ['ArrowLeft', {}, ['move -1']],
    ['ArrowRight', { shiftKey: true }, ['move 50']],
    ['End', {}, ['moveTo 1']],
    ['=', {}, ['zoomIn']],
    ['0', {}, ['whole']],
    ['l', { ctrlKey: true }, []],
    ['x', {}, []],
    ['Tab', {}, []],
  ])('%s %o', (key, more, expected) => {
    expect(press(key, more)).toEqual(expected);
  });
  test('Tab changes the version on the curves only; every key has its words', () => {
    expect([press('Tab', {}, true), press('Tab', { shiftKey: true }, true)]).toEqual([['otherSide'], []]);
    expect(KEYS.every(([key, words]) => key !== '' && words !== '')).toBe(true);
  });
});

describe('addresses', () => {
  test.each([
    { clip: 'my song.wav' },
    { choice: FIRST_CHOICE },
    { choice: { kind: 'cut out', length: 5, level: '−40 dB', at: 3 }, side: 'clean' },
    { seen: { lo: 1.25, hi: 4.5 } },
    { filters: { group: 'A & B', disturbance: 'white length=100', sound: 'a/b.wav' }, find: 'x y' },
    { cell: '0f3a' },
  ] as const)('what is written is read again: %o', (state) => {
    expect(readHash(writeHash(state))).toEqual(state);
  });
  test('the address that a point of a report leads to is read by the explorer', () => {
    const filters = { group: 'A & B', disturbance: 'white length=100', sound: 'a#b/ä.wav' };
    expect(readHash(cellsAddress(filters).split('#').slice(1).join('#'))).toEqual({ filters });
  });
  test.each([
    ['#do=<script>&length=5', {}],
    ['#do=silence&length=1e9&at=-3', { choice: { ...FIRST_CHOICE, kind: 'silence' } }],
    ['#see=4-2', {}],
    ['#side=left', {}],
    ['#cell=../../x&group=', {}],
    ['', {}],
  ])('what is not understood is left out: %s', (hash, state) => {
    expect(readHash(hash)).toEqual(state);
  });
});

describe('the chips', () => {
  const names = Object.keys(KINDS) as KindName[];
  test.each(names)('%s is a disturbance that chips can say again', (kind) => {
    for (const level of Object.keys(LEVELS) as LevelName[]) {
      const choice: Choice = { kind, length: 50, level: hasLevel(kind) ? level : 'as loud', at: 100 };
      expect(choiceOf(perturbationOf(choice))).toEqual(choice);
    }
  });
  test.each([
    [750, { length: 100, at: 250 }],
    [300, { length: 100, at: 195 }],
    [60, { length: 20, at: 35 }],
  ])('fits into %i frames', (frames, expected) => {
    expect(fitted(FIRST_CHOICE, frames)).toMatchObject(expected);
  });
});

describe('a scene', () => {
  const scene = {
    ...{ name: "it's.wav", title: 'It', clock: { sampleRate: 100, hop: 2 } },
    sound: { sampleRate: 100, clean: new Float32Array(300), disturbed: new Float32Array(500) },
    record: {
      provenance: { model: 'org/name', protocol: 'undelayed' },
      event: { perturbation: perturbationOf(FIRST_CHOICE) },
      clean: { codes: { frames: 150 } },
      disturbed: { codes: { frames: 250 } },
    },
  } as unknown as Scene;
  test('is as long as the longest thing shown, and has a sound for each side', () => {
    expect(secondsOf(scene)).toBe(5);
    expect(samplesOf(scene, 'disturbed')).toHaveLength(500);
    expect(samplesOf({ ...scene, sound: undefined } as unknown as Scene, 'clean')).toBeUndefined();
  });
  test('can be typed as a command and run as a study', () => {
    const command = commandOf(scene);
    expect(command).toContain("npx losscope probe 'it'\\''s.wav' --do '");
    expect(command).toContain(' --model org/name --protocol undelayed ');
    const line = /--do '([^']*)'/.exec(command)?.[1] ?? '';
    expect(parsePerturbation(line, { seed: 9 })).toEqual(perturbationOf(FIRST_CHOICE));
    const yaml = yamlOf(scene);
    expect(parse(yaml).groups.Mine.files).toBe("it's.wav");
    expect(parseStudy(yaml, 'mine.yaml').variants[0].perturbations).toEqual([perturbationOf(FIRST_CHOICE)]);
    const { record: _, ...without } = scene;
    expect(commandOf(without)).toBe("losscope score 'it'\\''s.wav'");
    expect(yamlOf(without)).toBe('');
  });
  test('regions have the colours of the theme, anything else the quiet one', () => {
    const theme = { peak: 'red', quiet: 'grey' } as Theme;
    expect([regionColour(theme, 'peak'), regionColour(theme, 'other')]).toEqual(['red', 'grey']);
  });
});

test('the axis of notes says when the note at a place begins, that of sound its seconds', () => {
  const notes = { clock: eventClock(Float64Array.of(0, 0.5, 0.5, 3, 4)) };
  const token = notes.clock.hop / notes.clock.sampleRate;
  expect([0, 1, 2, 3, 4].map((note) => labelAt(notes, note * token))).toEqual([0, 0.5, 0.5, 3, 4]);
  expect(labelAt({ clock: { sampleRate: 50, hop: 1 } }, 1.25)).toBe(1.25);
});
