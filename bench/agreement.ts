// Coverage of the intervals of `losscope validate`: made-up ratings in which systems and prompts are crossed and the true
// correlation is known. `npx tsx bench/agreement.ts`, two minutes.

import { systemMeans } from '../src/analysis/agreement.js';
import { spearman } from '../src/stats/correlate.js';
import { crossedEstimate, type KeptStatistic, type Membership } from '../src/stats/crossed.js';
import { defined } from '../src/stats/defined.js';
import { mean } from '../src/stats/describe.js';
import { generator, type Random, seedOf } from '../src/stats/random.js';
import { rankCorrelation } from '../src/stats/rank_correlation.js';

const SAMPLES = 300;

interface Design {
  readonly systems: number;
  readonly prompts: number;
  /** Share of the pairs of system and prompt that have a clip. */
  readonly filled: number;
  /** Share of the variance that systems and prompts have, and the correlation of score and rating at each level. */
  readonly share: { readonly system: number; readonly prompt: number };
  readonly correlation: { readonly system: number; readonly prompt: number; readonly clip: number };
}

const HALF = { system: 0.5, prompt: 0.5, clip: 0.5 };
const DESIGNS: readonly Design[] = [
  { systems: 12, prompts: 20, filled: 1, share: { system: 0.3, prompt: 0.2 }, correlation: HALF },
  { systems: 31, prompts: 40, filled: 0.25, share: { system: 0.3, prompt: 0.2 }, correlation: HALF },
  { systems: 6, prompts: 40, filled: 1, share: { system: 0.3, prompt: 0.2 }, correlation: HALF },
  { systems: 12, prompts: 20, filled: 1, share: { system: 0, prompt: 0 }, correlation: HALF },
  {
    ...{ systems: 12, prompts: 20, filled: 1, share: { system: 0.5, prompt: 0.1 } },
    correlation: { system: 0, prompt: 0, clip: 0 },
  },
];

/** Two standard normals with a correlation. */
function pair(random: Random, r: number): readonly [number, number] {
  const x = random.normal();
  return [x, r * x + Math.sqrt(1 - r * r) * random.normal()];
}

interface Covered {
  /** Correlation over clips; the same as if clips were independent; over systems (NaN where not every cell is filled). */
  readonly crossed: number;
  readonly plain: number;
  readonly systems: number;
}

function covers(design: Design, random: Random): Covered {
  const { systems, prompts, filled, share, correlation } = design;
  const ofSystem = Array.from({ length: systems }, () => pair(random, correlation.system));
  const ofPrompt = Array.from({ length: prompts }, () => pair(random, correlation.prompt));
  const [x, y]: number[][] = [[], []];
  const [bySystem, byPrompt, alone]: string[][][] = [[], [], []];
  for (let s = 0; s < systems; s++) {
    for (let p = 0; p < prompts; p++) {
      if (random.uniform() >= filled) continue;
      const own = pair(random, correlation.clip);
      const [a, b] = [0, 1].map(
        (side) =>
          Math.sqrt(share.system) * ofSystem[s][side] +
          Math.sqrt(share.prompt) * ofPrompt[p][side] +
          Math.sqrt(1 - share.system - share.prompt) * own[side],
      );
      x.push(a);
      y.push(b);
      bySystem.push([`s${s}`]);
      byPrompt.push([`p${p}`]);
      alone.push([`c${x.length}`]);
    }
  }
  const r =
    share.system * correlation.system +
    share.prompt * correlation.prompt +
    (1 - share.system - share.prompt) * correlation.clip;
  const rest = (1 - share.system - share.prompt) / prompts;
  const bySystems = (share.system * correlation.system + rest * correlation.clip) / (share.system + rest);
  const rank = (pearson: number): number => (6 / Math.PI) * Math.asin(pearson / 2);
  const statistic = (kept: readonly number[]): number =>
    spearman(
      kept.map((i) => x[i]),
      kept.map((i) => y[i]),
    ).r;
  const isInside = (of: KeptStatistic, truth: number, memberships: readonly Membership[]): number => {
    const { low, high } = crossedEstimate(of, memberships);
    if (Number.isNaN(low)) return Number.NaN;
    return low <= truth && truth <= high ? 1 : 0;
  };
  const both = [bySystem, byPrompt];
  const system = bySystem.map(([name]) => name);
  const means = systemMeans({ quality: x, rating: y, system, prompt: [] });
  const ofSystems = rankCorrelation(means.quality, means.rating);
  const ofSystemsTruth = rank(bySystems);
  return {
    crossed: isInside(statistic, rank(r), both),
    plain: isInside(statistic, rank(r), [alone]),
    systems:
      filled === 1 && !Number.isNaN(ofSystems.low)
        ? Number(ofSystems.low <= ofSystemsTruth && ofSystemsTruth <= ofSystems.high)
        : Number.NaN,
  };
}

/** Share of intervals that cover; and how many samples had one. */
function words(covered: readonly number[]): string {
  const { values, missing } = defined(covered);
  if (values.length === 0) return 'not computed';
  return `${mean(values).toFixed(3)}${missing > 0 ? ` (${((100 * missing) / covered.length).toFixed(0)}% have no interval)` : ''}`;
}

for (const design of DESIGNS) {
  const random = generator(seedOf(1, 'agreement', JSON.stringify(design)));
  const found = Array.from({ length: SAMPLES }, () => covers(design, random));
  const { systems, prompts, filled, share, correlation } = design;
  console.log(
    `${systems} systems, ${prompts} prompts, ${filled} filled, variance of systems ${share.system} and prompts ${share.prompt}, ` +
      `correlation ${correlation.clip}: coverage of 95% over clips ${words(found.map(({ crossed }) => crossed))}, clips as independent ` +
      `${words(found.map(({ plain }) => plain))}, over systems ${words(found.map(({ systems }) => systems))}`,
  );
}
