// src/report/songs_page.ts: the page of a ranking holds every song, what was found and where, and nothing that names could do.

import { describe, expect, test } from 'vitest';
import { excessCurve, judgeSongs, songOf } from '../../src/probe/songs.js';
import { songsPage } from '../../src/report/songs_page.js';
import { PANEL_MEMBERS } from '../../src/scores/panel.js';
import { SCORES } from '../../src/scores/scores.js';
import { mean } from '../../src/stats/describe.js';
import { heardClip } from '../scores/heard.js';

const odd = 'songs/<b>&"x".wav';
const songs = [
  ...Array.from({ length: 7 }, (_, i) =>
    songOf(`songs/clean-${i}.wav`, heardClip({ name: `s${i}`, roundTrip: 0.3 + i / 100 })),
  ),
  songOf(odd, heardClip({ name: 'b', roundTrip: 0.33, burst: { start: 200, end: 300, depth: 3 } })),
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
    expect(page).toMatch(/<b>contour at 3[34]\.\d–3[56]\.\d s<\/b>/);
    expect(page).toMatch(/First: &lt;b&gt;&amp;&quot;x&quot;\.wav, contour at 3/);
    expect(page.match(/class="interval"/g)).toHaveLength(8);
    expect(page.match(/class="beside"/g)).toHaveLength(8);
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
    const { start, step, values: curve } = excessCurve(heard, 1);
    expect({ start, step }).toEqual({ start: 1, step: 1 });
    const frames = SCORES.excess.curve?.(heard) ?? new Float64Array(0);
    expect(curve[2]).toBeCloseTo(mean(frames.subarray(150, 200)), 12);
    expect(mean(curve)).toBeCloseTo(values.excess, 1);
  });

  test('a song that cannot be judged stands there without marks', () => {
    const short = songOf('short.wav', heardClip({ name: 'short', frames: 40 }));
    const all = [...songs, { ...short, values: { ...short.values, loss: Number.NaN } }];
    expect(songsPage(judgeSongs(all), all, { ...options, offset: 0 })).not.toMatch(/NaN|undefined/);
  });
});
