// Rows of a made study, whose effects are known: what `analyse` must find again.

import type { Severity } from '../../src/perturb/severity.js';
import { generator, type Random, seedOf } from '../../src/stats/random.js';
import type { CellFacts, CellRow, ContextName, GridValue } from '../../src/study/row.js';
import type { Plan, Store } from '../../src/study/store.js';

const CLOCK = { sampleRate: 32000, hop: 640 };
const CODEBOOKS = 2;
/** First frame of every window. */
export const START = 120;

/** One member of a disturbance's grid. */
export interface MadeVariant {
  readonly disturbance: string;
  readonly variant: string;
  readonly kind?: string;
  readonly color?: string | null;
  readonly domain?: CellFacts['domain'];
  readonly length: number;
  readonly block?: number;
  readonly level?: string;
  readonly severity?: Severity;
  readonly amnesia?: boolean;
}

export interface Made {
  readonly seed?: string;
  readonly models?: readonly string[];
  readonly protocols?: readonly CellFacts['protocol'][];
  /** Clips by group. */
  readonly groups: Readonly<Record<string, number>>;
  readonly variants: readonly MadeVariant[];
  /** T of every clip. */
  readonly frames?: number;
  /** Added to every code's loss inside the window; by default nothing. */
  readonly effect?: (facts: CellFacts, random: Random) => number;
  /** S.d. of what a disturbance does to each frame from its start on, nats. */
  readonly scatter?: number;
  /** Loss of a tail in each context, nats. */
  readonly tail?: (context: ContextName, random: Random) => number;
}

export interface MadeStudy {
  readonly plan: Plan;
  readonly rows: readonly CellRow[];
}

/** White noise of several lengths. */
export function white(lengths: readonly number[], more: Partial<MadeVariant> = {}): MadeVariant[] {
  return lengths.map((length) => ({
    disturbance: 'white',
    variant: `white length=${length}`,
    color: 'white',
    level: 'match',
    length,
    ...more,
  }));
}

export function madeStudy(made: Made): MadeStudy {
  const { models = ['tiny'], protocols = ['delayed'], groups, variants } = made;
  const rows: CellRow[] = [];
  for (const model of models) {
    for (const protocol of protocols) {
      for (const [group, clips] of Object.entries(groups)) {
        for (let i = 0; i < clips; i++) {
          const clip = `${group}/clip-${String(i).padStart(3, '0')}`;
          const common = { model, protocol, group, clip };
          const clean = cleanRow(made, factsOf(common));
          rows.push(clean);
          for (const variant of variants)
            rows.push(...versions(made, clean, factsOf({ ...common, variant })));
        }
      }
    }
  }
  const cells = rows.map((row): CellFacts => row);
  return { plan: { study: 'made', hash: made.seed ?? 'made', yaml: '', cells }, rows };
}

/** The rows as a store gives them: by key, of the roles asked for. */
export function storeOf({ plan, rows }: MadeStudy): Pick<Store, 'plan' | 'rows' | 'get' | 'twice'> {
  const sorted = [...rows].sort((a, b) => (a.key < b.key ? -1 : 1));
  return {
    plan: async () => plan,
    get: async () => undefined,
    async *twice() {},
    async *rows({ roles } = {}) {
      yield* sorted.filter(({ role }) => !roles || roles.includes(role));
    },
  };
}

/** The same study with some rows failed, and some not there. */
export function damaged(study: MadeStudy, change: (row: CellRow) => 'keep' | 'fail' | 'lose'): MadeStudy {
  const rows = study.rows.flatMap((row): CellRow[] => {
    const what = change(row);
    if (what === 'lose') return [];
    return what === 'keep'
      ? [row]
      : [{ ...row, status: 'failed', error: 'out of memory', loss: null, codes: null }];
  });
  return { ...study, rows };
}

function factsOf({
  variant,
  context,
  ...common
}: Pick<CellFacts, 'model' | 'protocol' | 'group' | 'clip'> & {
  readonly variant?: MadeVariant;
  readonly context?: ContextName;
}): CellFacts {
  const name = [common.model, common.protocol, common.clip];
  const key = (parts: readonly string[]): string => seedOf(...parts).join('-');
  return {
    ...common,
    key: key([...name, variant?.variant ?? 'clean', context ?? '']),
    role: context ? 'context' : variant ? 'disturbed' : 'clean',
    cleanKey: variant ? key([...name, 'clean', '']) : null,
    study: 'made',
    ...{
      fingerprint: 'f',
      condition: 'none',
      precision: 'fp32',
      runtime: 'none',
      device: 'cpu',
      instructions: 'avx2',
      measurement: 1,
      losscope: '0',
      resampler: 'r',
      conditionHash: null,
    },
    lag: common.protocol === 'delayed' ? CODEBOOKS - 1 : 0,
    ...{
      title: null,
      source: 'audio',
      content: common.clip,
      offsetSeconds: 0,
      lengthSeconds: null,
      loudness: null,
      roundTripSeconds: null,
    },
    disturbance: variant?.disturbance ?? null,
    variant: variant?.variant ?? null,
    domain: variant ? (variant.domain ?? 'waveform') : null,
    kind: variant ? (variant.kind ?? 'noise') : null,
    color: variant?.color ?? null,
    lengthTokens: variant?.length ?? null,
    blockTokens: variant?.block ?? null,
    level: variant?.level ? (variant.level === 'match' ? 'match' : 'fixed') : null,
    levelDbfs: variant?.level && variant.level !== 'match' ? Number(variant.level) : null,
    severityName: variant?.severity?.name ?? null,
    severity: variant?.severity?.value ?? null,
    grid: variant ? JSON.stringify(gridOf(variant)) : null,
    edit: null,
    reach: variant ? 4 : null,
    words: variant?.variant ?? null,
    spec: variant ? '{}' : null,
    seed: variant ? 1 : null,
    context: context ?? null,
  };
}

/** What is written of a variant after its disturbance's name: "length=5 level=-20". */
function gridOf({ variant, disturbance }: MadeVariant): GridValue[] {
  const written = variant.startsWith(disturbance) ? variant.slice(disturbance.length).trim() : '';
  return [...written.matchAll(/(\w+)=(\S+)/g)].map(([, name, value]) => {
    return { name, value: Number.parseFloat(value), unit: name === 'level' ? 'dBFS' : 'tokens' };
  });
}

function randomOf({ seed = '' }: Made, ...parts: readonly (string | null)[]): Random {
  return generator(seedOf(seed, ...parts.map(String)));
}

function cleanRow(made: Made, facts: CellFacts): CellRow {
  // The music is the clip's own, whatever the model.
  const random = randomOf(made, facts.clip);
  const level = 4 + random.normal();
  const { frames = 300 } = made;
  const loss = Float32Array.from({ length: CODEBOOKS * frames }, () => level + random.normal());
  return rowOf(facts, loss, frames, null);
}

function versions(made: Made, clean: CellRow, facts: CellFacts): CellRow[] {
  const random = randomOf(made, facts.clip, facts.model, facts.protocol, facts.variant);
  const { scatter = 0.5, frames = 300, effect = () => 0 } = made;
  const length = facts.lengthTokens ?? 0;
  const inside = effect(facts, random);
  const loss = Float32Array.from(clean.loss ?? [], (value, i) => {
    const t = i % frames;
    if (t < START) return value;
    return value + scatter * random.normal() + (t < START + length ? inside : 0);
  });
  const row = rowOf(facts, loss, frames, { start: START, end: START + length });
  const variant = made.variants.find((each) => each.variant === facts.variant);
  return variant?.amnesia ? [row, ...contexts(made, facts)] : [row];
}

function contexts(made: Made, facts: CellFacts): CellRow[] {
  const frames = 80;
  const { model, protocol, group, clip } = facts;
  const variant = made.variants.find((each) => each.variant === facts.variant);
  return (['prefix+noise', 'prefix', 'noise'] as const).map((context) => {
    const own = factsOf({ model, protocol, group, clip, context, ...(variant ? { variant } : {}) });
    const random = randomOf(made, clip, model, facts.variant, context);
    const level = (made.tail ?? (() => 4))(context, random);
    return rowOf(own, new Float32Array(CODEBOOKS * frames).fill(level), frames, null);
  });
}

/** A whole row; under `delayed` the last frames of codebook k are undefined. Codes change inside the window only. */
function rowOf(
  facts: CellFacts,
  values: Float32Array,
  frames: number,
  window: { readonly start: number; readonly end: number } | null,
): CellRow {
  const loss = values.map((value, i) => {
    const k = Math.floor(i / frames);
    return facts.protocol === 'delayed' && i % frames >= frames - k ? Number.NaN : value;
  });
  const known = loss.filter((value) => !Number.isNaN(value));
  const hit = (t: number): boolean => window !== null && t >= window.start && t < window.end;
  const event = window && {
    kind: 'noise',
    start: window.start * CLOCK.hop,
    end: window.end * CLOCK.hop,
  };
  return {
    ...facts,
    status: 'ok',
    error: null,
    scoredWith: 'avx2',
    ...CLOCK,
    codebooks: CODEBOOKS,
    frames,
    events: event && JSON.stringify([event]),
    windowStart: window?.start ?? null,
    windowEnd: window?.end ?? null,
    roundTrip: null,
    meanLoss: known.reduce((sum, value) => sum + value, 0) / known.length,
    loss,
    entropy: loss.slice(),
    spread: null,
    codes: Int32Array.from(loss, (_, i) => (hit(i % frames) ? 1 : 0)),
  };
}
