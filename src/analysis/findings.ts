// Findings: what the rows of a study say, as tables of plain numbers. Reports draw findings and compute nothing.
// The unit of analysis is the clip: every n counts clips, every interval resamples clips. Undefined is null, missing is
// counted. Intervals are 95 per cent; losses are in nats per code; lengths in codec frames ("tokens").

import type { Parity } from '../probe/parity.js';
import type { CellFacts } from '../study/row.js';
import type { Answer } from './answer.js';
import type { BatteryRow, BatteryTrend, PowerRow, ScoreRow, UnseenRow } from './battery_findings.js';
import type { Curve, Leak, LossBox, Published, RegionSample, TransientRow } from './figure_findings.js';
import type { MapFindings } from './map_findings.js';
import type { MixedSets } from './mix.js';
import type {
  Amnesia,
  ClipLoss,
  Contrast,
  FeatureAuc,
  LengthTrend,
  Psychometric,
} from './question_findings.js';

/** What made the numbers, once per model, protocol and condition. */
export type Maker = Pick<
  CellFacts,
  | 'model'
  | 'fingerprint'
  | 'protocol'
  | 'condition'
  | 'precision'
  | 'runtime'
  | 'device'
  | 'instructions'
  | 'measurement'
  | 'losscope'
  | 'resampler'
>;

export interface Findings {
  readonly study: string;
  readonly planHash: string;
  readonly seed: number;
  readonly rule: string;
  readonly counts: {
    readonly planned: number;
    readonly ok: number;
    readonly failed: number;
    readonly missing: number;
    /** Clips by group. */
    readonly clips: Readonly<Record<string, number>>;
    readonly failures: readonly { readonly error: string; readonly cells: number }[];
  };
  /** Seconds after its window up to which each version was scored: what needs whole clips is not measured. Absent: to the end. */
  readonly until?: number;
  readonly makers: readonly Maker[];
  /** How far the numbers are from fp32 on the CPU, on clips of the study; empty where that is what made them. */
  readonly parity: readonly Parity[];
  /** How far apart instruction sets are on the same cells; empty unless the study mixes them and some cell came out in two ways. */
  readonly mixed: readonly MixedSets[];
  readonly answers: readonly Answer[];
  readonly clipLoss: readonly ClipLoss[];
  readonly trends: readonly LengthTrend[];
  readonly psychometric: readonly Psychometric[];
  readonly features: readonly FeatureAuc[];
  readonly regions: readonly RegionSample[];
  /** Peak and Rebound by three definitions side by side. */
  readonly transients: readonly TransientRow[];
  readonly curves: readonly Curve[];
  readonly boxes: readonly LossBox[];
  readonly leaks: readonly Leak[];
  readonly contrasts: readonly Contrast[];
  readonly amnesia: readonly Amnesia[];
  readonly published: readonly Published[];
  /** Absent in a study that maps no clips. */
  readonly maps?: MapFindings;
  /** Which score hears which damage; these five are absent in a study without a battery. */
  readonly battery?: readonly BatteryRow[];
  /** Each score over the whole battery. */
  readonly scores?: readonly ScoreRow[];
  /** How each score follows the severity of each damage. */
  readonly severity?: readonly BatteryTrend[];
  /** How often the panel raises an alarm. */
  readonly power?: readonly PowerRow[];
  /** What a choice and a fit are worth on damage that they were not made on. */
  readonly unseen?: readonly UnseenRow[];
}
