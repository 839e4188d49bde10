// What the sensitivity maps of a study say, clip by clip and between groups.

import type { Estimate } from './estimated.js';
import type { Slice } from './point.js';

/** A sensitivity map as numbers: how strongly the model reacts along one clip, beside what its clean loss says. */
export interface MappedClip extends Pick<Slice, 'model' | 'protocol' | 'condition' | 'group'> {
  /** Names its file in the store. */
  readonly key: string;
  readonly clip: string;
  readonly title: string | null;
  /** Unit of its losses. */
  readonly nats: string;
  /** Positions that were disturbed, and those left out because they are silent. */
  readonly positions: number;
  readonly silent: number;
  /** Mean Peak over positions with its 95% interval over blocks of 5: how well this clip is known. No `n` of clips. */
  readonly peak: Pick<Estimate, 'value' | 'low' | 'high'>;
  /** Share of Peaks with a chance below 0.05; null without a null. */
  readonly beyond: number | null;
  /** Every feature by name. */
  readonly features: Readonly<Record<string, number | null>>;
}

/** How well a number of a mapped clip separates two groups. */
export interface MapSeparation extends Pick<Slice, 'model' | 'protocol' | 'condition'> {
  /** The AUC is the chance that a clip of b has the larger number, ties half; 0.5 is chance. */
  readonly a: string;
  readonly b: string;
  readonly feature: string;
  readonly auc: Estimate;
  /** Clips of the same name, one in each group, were drawn together. */
  readonly paired: boolean;
}

export interface MapFindings {
  /** In words, as the first map says it; empty where there is none. */
  readonly disturbance: string;
  readonly planned: number;
  readonly missing: number;
  readonly failures: readonly { readonly error: string; readonly maps: number }[];
  /** What each feature is, in words. */
  readonly features: readonly { readonly feature: string; readonly words: string }[];
  /** By model, the most sensitive first. */
  readonly clips: readonly MappedClip[];
  readonly separations: readonly MapSeparation[];
}
