// (a) What do the 35 versions of one 15 s clip cost, and are their losses the same? Contenders take turns, group of
// versions by group; all score what they encoded themselves.

import type { Codes } from '../src/audio/codes.js';
import type { Model } from '../src/models/model.js';
import { encode } from '../src/score/encode.js';
import { keepEncoding, keepScoring } from '../src/score/keep.js';
import { score } from '../src/score/loss.js';
import { type Answer, type Cost, NOTHING, plus, type Row, timed } from './measure.js';
import type { Peer } from './peer.js';
import type { Version } from './versions.js';

/** Versions that are encoded side by side. */
const GROUP = 12;

interface Scored {
  readonly codes: Int32Array;
  /** [K, T] nats, NaN where undefined. */
  readonly loss: Float32Array;
}

interface Contender {
  readonly name: string;
  /** Scores versions of one kind. The clean one comes first. */
  run(versions: readonly Version[]): Promise<[Cost, Scored[]]>;
  release?(): Promise<void>;
}

/** 35 encodes and 35 full passes. */
export function naive(model: Model): Contender {
  return {
    name: `naive, ${model.precision}`,
    run: (versions) =>
      timed(async () => {
        const scored: Scored[] = [];
        for (const { clip } of versions) scored.push(await whole(model, await encode(model, clip)));
        return scored;
      }),
  };
}

/** What the clean version computed is used again. */
export function reuse(model: Model): Contender {
  let kept: Awaited<ReturnType<typeof keptOf>> | undefined;
  const keptOf = async ({ clip }: Version) => {
    const encoding = await keepEncoding(model, clip);
    return { encoding, scoring: await keepScoring(model, encoding.codes) };
  };
  return {
    name: `reuse, ${model.precision}`,
    run: (versions) =>
      timed(async () => {
        if (!kept) {
          kept = await keptOf(versions[0]);
          return [{ codes: kept.encoding.codes.data, loss: kept.scoring.loss.values }];
        }
        const scored: Scored[] = [];
        for (const codes of await kept.encoding.encodeAll(versions.map(({ clip }) => clip))) {
          scored.push({ codes: codes.data, loss: (await kept.scoring.score(codes)).values });
        }
        return scored;
      }),
    release: async () => kept?.scoring.release(),
  };
}

export function peerOf(peer: Peer): Contender {
  return {
    name: 'PyTorch, fp32',
    async run(versions) {
      let cost = NOTHING;
      const scored: Scored[] = [];
      for (const { clip } of versions) {
        const { codes, loss, cost: own } = await peer.score(clip.channels[0], 'fp32');
        cost = plus(cost, own);
        scored.push({ codes: Int32Array.from(codes.flat()), loss: Float32Array.from(loss.flat()) });
      }
      return [cost, scored];
    },
  };
}

async function whole(model: Model, codes: Codes): Promise<Scored> {
  return { codes: codes.data, loss: (await score(model, codes)).values };
}

/** Runs all contenders; the first is what the others are compared with. */
export async function protocol(
  contenders: readonly Contender[],
  versions: readonly Version[],
  onGroup: (done: number) => void,
): Promise<Answer> {
  const costs = new Map(contenders.map(({ name }) => [name, new Map<Version['kind'], Cost>()]));
  const scored = new Map(contenders.map(({ name }) => [name, [] as Scored[]]));
  for (const group of groupsOf(versions)) {
    for (const { name, run } of contenders) {
      const [cost, results] = await run(group);
      const own = costs.get(name);
      own?.set(group[0].kind, plus(own.get(group[0].kind) ?? NOTHING, cost));
      scored.get(name)?.push(...results);
    }
    onGroup(scored.get(contenders[0].name)?.length ?? 0);
  }
  for (const { release } of contenders) await release?.();
  const [first] = contenders;
  const figures = contenders.map(({ name }) => {
    const byKind = Object.fromEntries(costs.get(name) ?? []);
    const total = Object.values(byKind).reduce(plus, NOTHING);
    return { name, total, byKind, ...agreement(scored.get(first.name) ?? [], scored.get(name) ?? []) };
  });
  return {
    question: `(a) ${versions.length} versions of a 15 s clip`,
    rows: figures.map((figure) => rowOf(figure, figures)),
    figures: { versions: versions.map(({ words }) => words), contenders: figures },
  };
}

/** Of one kind, the clean version by itself. */
function groupsOf(versions: readonly Version[]): Version[][] {
  const groups: Version[][] = [];
  for (const version of versions) {
    const last = groups.at(-1);
    if (last && last[0].kind === version.kind && last.length < GROUP) last.push(version);
    else groups.push([version]);
  }
  return groups;
}

interface Agreement {
  readonly codesEqual: number;
  readonly codes: number;
  /** Over versions whose codes are all equal: how many, and whether every loss is so to the bit. */
  readonly versionsEqual: number;
  readonly bitwise: boolean;
  /** |difference| of losses over those versions, nats. */
  readonly mean: number;
  readonly largest: number;
}

function agreement(reference: readonly Scored[], other: readonly Scored[]): Agreement {
  let [codesEqual, codes, versionsEqual, sum, count, largest] = [0, 0, 0, 0, 0, 0];
  let bitwise = true;
  for (const [i, { codes: expected, loss }] of reference.entries()) {
    const equal = expected.filter((code, at) => code === other[i].codes[at]).length;
    codesEqual += equal;
    codes += expected.length;
    if (equal < expected.length) continue;
    versionsEqual++;
    loss.forEach((value, at) => {
      if (Number.isNaN(value)) return;
      const distance = Math.abs(value - other[i].loss[at]);
      bitwise &&= value === other[i].loss[at];
      sum += distance;
      count++;
      largest = Math.max(largest, distance);
    });
  }
  return { codesEqual, codes, versionsEqual, bitwise, mean: sum / count, largest };
}

type Figure = Agreement & {
  readonly name: string;
  readonly total: Cost;
  readonly byKind: Partial<Record<Version['kind'], Cost>>;
};

function rowOf(figure: Figure, all: readonly Figure[]): Row {
  const { name, total, codesEqual, codes, versionsEqual, bitwise, mean, largest } = figure;
  if (figure === all[0]) return { what: name, cost: total };
  const others = all.filter((one) => one === all[0] || (one.name.startsWith('PyTorch') && one !== figure));
  const losses = bitwise
    ? 'losses equal to the bit'
    : `losses differ by ${mean.toPrecision(2)}, at most ${largest.toPrecision(2)}`;
  return {
    what: name,
    cost: total,
    notes: [
      ...others.map((one) => fasterThan(one, figure)),
      `codes equal ${codesEqual} of ${codes}; ${losses} in the ${versionsEqual} versions of equal codes`,
    ],
  };
}

/** How many times faster, by the wall and by CPU time. */
function fasterThan(slow: Figure, fast: Figure): string {
  const times = (a: Cost, b: Cost): string =>
    `${(a.wall / b.wall).toFixed(2)}x (CPU ${(a.cpu / b.cpu).toFixed(2)}x)`;
  const kinds = (['noise', 'shuffle'] as const).flatMap((kind) => {
    const [a, b] = [slow.byKind[kind], fast.byKind[kind]];
    return a && b ? [`${kind} ${(a.wall / b.wall).toFixed(2)}x`] : [];
  });
  return [`${times(slow.total, fast.total)} ${slow.name}`, ...kinds].join(', ');
}
