// (a) What do the 35 versions of one 15 s clip cost, and are their losses the same? Contenders take turns, kind of versions
// by kind; all score what they encoded themselves.

import type { Codes } from '../src/audio/codes.js';
import { encode } from '../src/loss/encode.js';
import { keepEncoding, keepScoring } from '../src/loss/keep.js';
import { score } from '../src/loss/loss.js';
import type { Model } from '../src/models/model.js';
import { ahead } from '../src/probe/ahead.js';
import { type Answer, type Cost, NOTHING, plus, type Row, timed } from './measure.js';
import type { Peer } from './peer.js';
import { FORMS, type Kind, type Version } from './versions.js';

/** Versions that are encoded side by side. */
const BATCH = 12;

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

/** What the clean version computed is used again; as in a study, versions are encoded while others are scored. */
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
        const { encoding, scoring } = kept;
        const batches = Array.from({ length: Math.ceil(versions.length / BATCH) }, (_, i) =>
          versions.slice(i * BATCH, (i + 1) * BATCH).map(({ clip }) => clip),
        );
        const scored: Scored[] = [];
        for await (const { outcome } of ahead(batches, (clips) => encoding.encode(clips))) {
          if ('error' in outcome) throw outcome.error;
          for (const codes of outcome.value) {
            scored.push({ codes: codes.data, loss: (await scoring.score(codes)).values });
          }
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

/** What one contender made of the versions of one kind. */
interface Run {
  readonly cost: Cost;
  readonly scored: readonly Scored[];
}

/** Runs all contenders; the first is what the others are compared with. An answer for each form of the protocol. */
export async function protocol(
  contenders: readonly Contender[],
  versions: readonly Version[],
  onKind: (done: number) => void,
): Promise<Answer[]> {
  const byKind = new Map<Kind, Map<string, Run>>();
  let done = 0;
  for (const kind of new Set(versions.map((version) => version.kind))) {
    const alike = versions.filter((version) => version.kind === kind);
    const runs = new Map<string, Run>();
    for (const { name, run } of contenders) {
      const [cost, scored] = await run(alike);
      runs.set(name, { cost, scored });
    }
    byKind.set(kind, runs);
    done += alike.length;
    onKind(done);
  }
  for (const { release } of contenders) await release?.();
  return FORMS.map(({ words, kinds }, i): Answer => {
    const asked = versions.filter(({ kind }) => kinds.includes(kind));
    const runsOf = (name: string) =>
      kinds.flatMap((kind): (Run & { readonly kind: Kind })[] => {
        const run = byKind.get(kind)?.get(name);
        return run ? [{ ...run, kind }] : [];
      });
    const reference = runsOf(contenders[0].name).flatMap(({ scored }) => scored);
    const figures = contenders.map(({ name }): Figure => {
      const runs = runsOf(name);
      return {
        name,
        total: runs.map(({ cost }) => cost).reduce(plus, NOTHING),
        byKind: Object.fromEntries(runs.map(({ kind, cost }) => [kind, cost])),
        ...agreement(
          reference,
          runs.flatMap(({ scored }) => scored),
        ),
      };
    });
    return {
      question: `(a${i + 1}) ${asked.length} versions of a 15 s clip, ${words}`,
      rows: figures.map((figure) => rowOf(figure, figures)),
      figures: { versions: asked.map((version) => version.words), contenders: figures },
    };
  });
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
  readonly byKind: Partial<Record<Kind, Cost>>;
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
  const kinds = (['noise', 'shuffle from 0 s', 'shuffle from 5 s'] as const).flatMap((kind) => {
    const [a, b] = [slow.byKind[kind], fast.byKind[kind]];
    return a && b ? [`${kind} ${(a.wall / b.wall).toFixed(2)}x`] : [];
  });
  return [`${times(slow.total, fast.total)} ${slow.name}`, ...kinds].join(', ');
}
