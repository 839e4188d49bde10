// src/analysis/gate.ts and src/report/gate.ts: verdicts on clips whose difference is known, and how CI reads them.

import { describe, expect, test } from 'vitest';
import { type Gate, gateOf } from '../../src/analysis/gate.js';
import { type ScoredClips, scoredClips } from '../../src/analysis/scored_clips.js';
import { gateJunit, gateLines, gateMarkdown } from '../../src/report/gate.js';
import { scoresOf } from '../../src/scores/panel.js';
import { SCORES_VERSION, type ScoreName } from '../../src/scores/scores.js';
import { equivalenceTest } from '../../src/stats/equivalence.js';
import { generator, seedOf } from '../../src/stats/random.js';
import { valuesOf } from '../scores/values.js';
import { madeStudy, storeOf } from './rows.js';

interface Drawn {
  readonly clips: number;
  readonly shift?: number;
  readonly seed?: string;
  readonly score?: ScoreName;
  readonly from?: number;
  readonly group?: string;
}

/** Clips whose difficulty is their own (s.d. 1), and beside it noise (s.d. 0.1) of the side that scored them. */
function side({ clips, shift = 0, seed = 'a', score = 'loss', from = 0, group = '' }: Drawn): ScoredClips {
  return {
    missing: [],
    made: {
      ...{ model: 'm', fingerprint: 'f', protocol: 'delayed', condition: 'none', scores: 1 },
      ...{ loudness: -23, roundTrip: 3, seconds: 10 },
    },
    clips: Array.from({ length: clips }, (_, i) => {
      const name = `${String(from + i).padStart(5, '0')}`;
      const music = generator(seedOf(1, name, 'music')).normal();
      const own = generator(seedOf(1, name, seed)).normal();
      return { name, group, values: valuesOf(name, { [score]: 4 + music + 0.1 * own + shift }) };
    }),
  };
}

const gate = (a: ScoredClips, b: ScoredClips, margin = 0.1, score: ScoreName = 'loss'): Gate =>
  gateOf([a], [b], { score, margin });
const base = side({ clips: 30, seed: 'base' });

describe('gate', () => {
  test('passes with the whole interval below the margin, fails with it above, else says how many clips more', () => {
    const same = gate(side({ clips: 30 }), base);
    expect(same).toMatchObject({ verdict: 'pass', cases: [{ name: 'all clips', paired: true }] });
    const differences = side({ clips: 30 }).clips.map(
      ({ values }, i) => values.loss - base.clips[i].values.loss,
    );
    const { value, low, high } = equivalenceTest(differences, 0.1);
    expect(same.cases[0]).toMatchObject({ worse: value, low, high });
    expect(gate(side({ clips: 30, shift: 0.3 }), base).verdict).toBe('fail');
    // Much better is no fault.
    expect(gate(side({ clips: 30, shift: -0.3 }), base).verdict).toBe('pass');

    const near = gate(side({ clips: 8, shift: 0.06 }), side({ clips: 8, seed: 'base' }));
    expect(near.verdict).toBe('inconclusive');
    const more = near.cases[0].more ?? 0;
    expect(more).toBeGreaterThan(1);
    expect(near.cases[0].sentence).toContain(`about ${more} clips more would tell`);
  });

  test('different clips are compared as two groups, which takes many more of them', () => {
    const other = side({ clips: 30, seed: 'base', from: 1000 });
    const apart = gate(side({ clips: 30 }), other);
    expect(apart).toMatchObject({ verdict: 'inconclusive', cases: [{ paired: false }] });
    expect(apart.cases[0].more).toBeGreaterThan(500);
    expect(gate(side({ clips: 30 }), other, 2).verdict).toBe('pass');
  });

  test('errors: a pass at the margin, a fail within it, in at most 5% of samples', () => {
    let [passes, fails] = [0, 0];
    for (let i = 0; i < 400; i++) {
      const at = gate(
        side({ clips: 12, shift: 0.1, seed: `c${i}` }),
        side({ clips: 12, seed: `b${i}` }),
      ).verdict;
      passes += at === 'pass' ? 1 : 0;
      fails += at === 'fail' ? 1 : 0;
    }
    for (const share of [passes / 400, fails / 400]) {
      expect(share).toBeGreaterThan(0.02);
      expect(share).toBeLessThan(0.085);
    }
  });

  test('directions: of the loss only more is worse, of the entropy and of the round trip either way', () => {
    const base = (score: ScoreName) => side({ clips: 30, seed: 'base', score });
    const moved = (shift: number, score: ScoreName) => side({ clips: 30, shift, score });
    expect(gate(moved(-0.3, 'loss'), base('loss'), 0.1, 'loss').verdict).toBe('pass');
    expect(gate(moved(0.3, 'loss'), base('loss'), 0.1, 'loss').verdict).toBe('fail');
    for (const score of ['entropy', 'round-trip'] as const) {
      for (const shift of [-0.3, 0.3]) {
        expect(gate(moved(shift, score), base(score), 0.1, score).verdict, `${score} ${shift}`).toBe('fail');
      }
    }
    const score = 'round-trip';
    expect(() => gateOf([moved(0.3, score)], [base(score)], { score })).toThrow(
      /margin not given; .* in the unit of round-trip .* share/,
    );
  });

  test('a clip that is missing, undefined or alone makes it incomplete, not smaller', () => {
    const whole = side({ clips: 30 });
    const failed = {
      ...whole,
      clips: whole.clips.slice(1),
      missing: [{ name: '00000', group: '', why: 'silent' }],
    };
    const undefinedThere = {
      ...whole,
      clips: whole.clips.map((clip, i) =>
        i === 3 ? { ...clip, values: { ...clip.values, loss: Number.NaN } } : clip,
      ),
    };
    const cases = [
      [failed, /1 without a value \(00000: candidate: silent\)/],
      [undefinedThere, /00003: candidate: loss is not defined/],
      [side({ clips: 29 }), /00029: not in the candidate/],
      [side({ clips: 31 }), /00030: not in the baseline/],
    ] as const;
    for (const [candidate, words] of cases) {
      const found = gate(candidate, base);
      expect(found.verdict).toBe('incomplete');
      expect(found.cases[0].sentence).toMatch(words);
      expect(found.cases[0].missing).toHaveLength(1);
    }
    expect(gate(side({ clips: 2 }), side({ clips: 2, seed: 'base' }))).toMatchObject({
      verdict: 'incomplete',
      cases: [{ worse: null }],
    });
    const [a, b] = ['a', 'base'].map((seed) => side({ clips: 12, seed, group: 'Drawn' }));
    expect(
      gateOf([a], [{ ...b, clips: [...b.clips, ...base.clips] }], { score: 'loss' }).cases,
    ).toMatchObject([{ name: 'Drawn' }, { name: 'all clips', verdict: 'incomplete' }]);
  });

  test('only what was scored alike is compared', () => {
    expect(() => gate({ ...base, made: { ...base.made, loudness: null } }, base)).toThrow(
      /the candidate was scored at a loudness of its own, the baseline at a loudness of -23/,
    );
    // One maker each: two checkpoints on the same clips.
    const called = (model: string, of: ScoredClips) => ({
      ...of,
      made: { ...of.made, model, fingerprint: model },
    });
    const pass = gate(called('new', side({ clips: 30 })), base);
    expect(pass).toMatchObject({
      verdict: 'pass',
      made: { candidate: [{ fingerprint: 'new' }], baseline: [{ fingerprint: 'f' }] },
    });
    for (const text of [gateLines(pass).join('\n'), gateMarkdown(pass)]) {
      expect(text).toContain(
        'candidate: model new (new), protocol delayed, scores version 1, clips at -23 LUFS',
      );
      expect(text).toContain('baseline: model m (f), ');
    }
    const second = called('second', base);
    expect(() => gateOf([called('new', base)], [base, second], { score: 'loss' })).toThrow(
      /the candidate has new, delayed, the baseline m, delayed; second, delayed/,
    );
  });

  test('stores: the scores of every clean clip, and the planned ones that lack them', async () => {
    const { plan, rows } = madeStudy({ groups: { Drawn: 4 }, variants: [] });
    const [first, ...rest] = rows;
    const failed = { ...first, status: 'failed' as const, error: 'too short', loss: null };
    const [found] = await scoredClips(storeOf({ plan, rows: [failed, ...rest] }));
    expect(found.missing).toEqual([{ name: first.clip, group: 'Drawn', why: 'too short' }]);
    expect(found.clips.map(({ name }) => name)).toEqual(rest.map(({ clip }) => clip));
    const { codebooks, frames, loss, entropy, codes } = rest[0];
    const plain = scoresOf({
      codebooks: codebooks ?? 0,
      frames: frames ?? 0,
      frameRate: 50,
      loss: loss ?? new Float32Array(0),
      entropy: entropy ?? new Float32Array(0),
      codes: codes ?? new Int32Array(0),
    });
    expect(found.clips[0].values.excess).toBe(plain.excess);
    expect(found.clips[0].values.unigram).not.toBeNaN();
  });
});

test.each([
  [null, 1, SCORES_VERSION],
  [-23, 2, null],
  [-23, 3, SCORES_VERSION],
])(
  'of a store: clips at %s LUFS of measurement %i have scores of version %s',
  async (loudness, measurement, version) => {
    const { plan, rows } = madeStudy({ groups: { Drawn: 2 }, variants: [] });
    const cells = plan.cells.map((cell) => ({ ...cell, loudness, measurement }));
    const heard = rows.map((row) => ({ ...row, loudness, measurement }));
    const [{ made }] = await scoredClips(storeOf({ plan: { ...plan, cells }, rows: heard }));
    expect(made.scores).toBe(version);
  },
);

describe('a gate as CI reads it', () => {
  const odd = '</testcase> & "x" | `y`\u0001\ud800\n#1 @me';
  const clips = side({ clips: 30 }).clips;
  const found = gate(
    { ...side({ clips: 30 }), clips: clips.slice(1), missing: [{ name: odd, group: '', why: '<why>' }] },
    base,
  );

  test('JUnit XML is well-formed, whatever clips are called; undecided is an error', () => {
    const xml = gateJunit(found);
    expect(xml).toContain('tests="1" failures="0" errors="1"');
    expect(xml).toContain('&lt;/testcase&gt; &amp; &quot;x&quot;');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what XML has no place for
    expect(xml).not.toMatch(/[\u0000-\u0008\u000b-\u001f]|\p{Cs}/u);
    expect(tagsOf(xml)).toEqual(['testsuites', 'testsuite', 'testcase', 'error']);
    expect(gateJunit(gate(side({ clips: 30, shift: 1 }), base))).toContain('<failure type="fail"');
  });

  test('Markdown keeps its table, whatever clips are called', () => {
    const text = gateMarkdown(found);
    expect(text.split('\n')[0]).toBe('## losscope gate: incomplete');
    const table = text.split('\n').filter((line) => line.startsWith('|'));
    expect(table.map((line) => line.replaceAll('\\|', '').split('|').length)).toEqual([8, 8, 8]);
    expect(text).toContain('\\`y\\`');
    expect(text).not.toContain('<');
    expect(gateLines(found)[0]).toMatch(/^all clips: incomplete: 2 without a value/);
  });
});

/** Names of the elements in order; throws where they are not nested well. */
function tagsOf(xml: string): string[] {
  const open: string[] = [];
  const seen: string[] = [];
  const body = xml.replace(/^<\?xml[^>]*\?>/, '');
  for (const [, close, name] of body.matchAll(/<(\/?)([\w-]+)(?: [\w-]+="[^"<]*")*>/g)) {
    if (close === '') {
      open.push(name);
      seen.push(name);
    } else if (open.pop() !== name) throw new Error(`</${name}> closes something else`);
  }
  const rest = body.replace(/<(\/?)([\w-]+)(?: [\w-]+="[^"<]*")*>/g, '');
  if (open.length > 0 || /[<>]|&(?!(?:amp|lt|gt|quot|#\d+);)/.test(rest))
    throw new Error(`not well-formed: ${rest}`);
  return seen;
}
