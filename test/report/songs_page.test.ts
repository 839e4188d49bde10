// src/report/songs_page.ts: the page of a ranking holds every song, what was found and where, and nothing that names could do.

import { describe, expect, test } from 'vitest';
import { inSteps, judgeSongs, songOf } from '../../src/probe/songs.js';
import { songsPage } from '../../src/report/songs_page.js';
import { type ScoreCurve, scoreCurve } from '../../src/scores/curves.js';
import { PANEL_MEMBERS } from '../../src/scores/panel.js';
import { mean } from '../../src/stats/describe.js';
import { heardClip } from '../scores/heard.js';

const odd = 'songs/<b>&"x".wav';
const songs = [
  ...Array.from({ length: 7 }, (_, i) =>
    songOf(`songs/clean-${i}.wav`, heardClip({ name: `s${i}`, roundTrip: 0.3 + i / 100 })),
  ),
  songOf(odd, heardClip({ name: 'b', roundTrip: 0.33, poor: { start: 200, end: 300 } })),
];
const judged = judgeSongs(songs);
const options = {
  made: {
    ...{ model: 'tiny', fingerprint: '0123456789abcdef', protocol: 'delayed', condition: 'none' },
    ...{ scores: 1, loudness: -23, roundTrip: 3, seconds: 10 },
  },
  members: PANEL_MEMBERS,
  beside: 'beside each other',
  seconds: 10,
};
const page = songsPage(judged, songs, { ...options, offset: 30 });

describe('the page of a ranking', () => {
  test('every song in order, the alarm with its seconds in the song, interval and loss', () => {
    const titles = [...page.matchAll(/<h2>(\d+)\. ([^<]+)/g)].map(
      ([, place, name]) => `${place} ${name.trim()}`,
    );
    expect(titles).toHaveLength(8);
    expect(titles[0]).toBe('1 &lt;b&gt;&amp;&quot;x&quot;.wav');
    // The burst of seconds 4 to 6 lies 30 s into the song.
    expect(page).toMatch(/<b>poorest at 3[34]\.\d–3[56]\.\d s<\/b>/);
    expect(page).toMatch(/First: &lt;b&gt;&amp;&quot;x&quot;\.wav, poorest at 3/);
    expect(page.match(/class="interval"/g)).toHaveLength(8);
    expect(page.match(/class="beside"/g)).toHaveLength(8);
    const lanes = [...page.matchAll(/aria-label="(\S+) of [^"]+ over 10 seconds: ([^"]+)"/g)];
    expect(lanes.map(([, member]) => member)).toEqual(songs.flatMap(() => PANEL_MEMBERS));
    // Of the first song only the lane that found it says so, and has it shaded.
    expect(
      lanes.slice(0, 5).map(([, , words]) => /; found from 3[34]\.\d to 3[56]\.\d s$/.test(words)),
    ).toEqual(PANEL_MEMBERS.map((member) => member === 'poorest'));
    expect(page.match(/class="found"/g)?.length).toBe(
      judged.flatMap(({ findings }) => findings.filter(({ where }) => where)).length,
    );
  });

  test('names stay text, and no number is undefined', () => {
    expect(page).not.toContain('<b>&"x"');
    expect(page).not.toMatch(/NaN|undefined|Infinity/);
    expect(page).toContain(
      'Model tiny (0123456789ab), protocol delayed, scores version 1, clips at -23 LUFS, round trip of 3 s, 10 s of each from 30 s on; beside each other.',
    );
  });

  test('the curve is the mean excess of each step, from where scores begin', () => {
    const { heard, values } = songs[0];
    const [excess, contour] = (['excess', 'contour'] as const).map((name) => scoreCurve(heard, name));
    const { start, step, values: curve } = inSteps(heard, excess as ScoreCurve, 1);
    expect({ start, step }).toEqual({ start: 1, step: 1 });
    expect(curve[2]).toBeCloseTo(mean(excess?.values.subarray(100, 150) ?? []), 12);
    expect(mean(curve)).toBeCloseTo(values.excess, 1);
    // What is a maximum over the clip is one over each step: the highest place is not lost.
    const steps = inSteps(heard, contour as ScoreCurve, 0.25);
    expect(Math.max(...steps.values.filter((value) => !Number.isNaN(value)))).toBe(values.contour);
    expect(steps.values[0]).toBeNaN();
  });

  test('a curve has at most 300 points, whatever the length, and breaks where it is not defined', () => {
    const long = Array.from({ length: 6 }, (_, i) =>
      songOf(`${i}`, heardClip({ name: `l${i}`, frames: 7500 })),
    );
    const drawn = songsPage(judgeSongs(long), long, { ...options, seconds: 150, offset: 0 });
    const paths = [...drawn.matchAll(/class="curve" d="([^"]*)"/g)].map(([, d]) => d);
    const points = paths.map((d) => d.match(/[ML]/g)?.length ?? 0);
    expect(points).toHaveLength(6 * 4);
    expect(Math.max(...points)).toBeLessThanOrEqual(300);
    expect(Math.min(...points)).toBeGreaterThan(200);
    // Poorest, the fourth, has no value where a window is no poorer than others.
    const breaks = paths.map((d) => d.match(/M/g)?.length ?? 0);
    expect(breaks.filter((_, i) => i % 4 !== 3).every((count) => count === 1)).toBe(true);
    expect(breaks.filter((_, i) => i % 4 === 3).every((count) => count > 1)).toBe(true);
    // Without a round trip that lane has nothing to show.
    expect(drawn.match(/not defined for this clip/g)).toHaveLength(6);
  });

  test('a song that cannot be judged stands there without marks', () => {
    const short = songOf('short.wav', heardClip({ name: 'short', frames: 40 }));
    const all = [...songs, { ...short, values: { ...short.values, loss: Number.NaN } }];
    expect(songsPage(judgeSongs(all), all, { ...options, offset: 0 })).not.toMatch(/NaN|undefined/);
  });
});
