// The paper's published values, as facts: read off its figures, or printed in its text. "When Noise Lowers The Loss:
// Rethinking Likelihood-Based Evaluation in Music Large Language Models" (Li, Liu and Wang, ICASSP 2026,
// arXiv 2602.02738). Losses in nats, lengths in codec frames. Made by the authors' scripts, whose protocols are
// `undelayed` (Small, Medium, Large) and `unshifted` (Melody).

export const PUBLISHED_MODELS = ['small', 'medium', 'melody', 'large'] as const;
export type PublishedModel = (typeof PUBLISHED_MODELS)[number];
export const PUBLISHED_GROUPS = ['TrainingSet', 'Generated', 'OOD'] as const;
export type PublishedGroup = (typeof PUBLISHED_GROUPS)[number];

type ByModel<T> = Readonly<Record<PublishedModel, T>>;
type ByGroup<T> = Readonly<Record<PublishedGroup, T>>;

/** Window lengths of Fig. 2. */
export const FIG2_LENGTHS = [5, 10, 50, 100, 150, 200] as const;

/** Fig. 2: mean loss difference of the clip at each length of white noise; read off the error bars, +-0.001. */
export const FIG2: ByModel<ByGroup<readonly number[]>> = {
  small: {
    TrainingSet: [0.0197, 0.0152, -0.03, -0.0579, -0.0999, -0.1585],
    Generated: [0.0181, 0.0079, -0.09, -0.2167, -0.2573, -0.5],
    OOD: [0.0296, 0.0255, -0.0629, -0.214, -0.3647, -0.5005],
  },
  medium: {
    TrainingSet: [-0.013, -0.0318, -0.0701, -0.0751, -0.0886, -0.0972],
    Generated: [0.0109, -0.0002, -0.0823, -0.1635, -0.131, -0.3164],
    OOD: [-0.0295, -0.0367, -0.0642, -0.1066, -0.1486, -0.1924],
  },
  melody: {
    TrainingSet: [-0.02, -0.0372, -0.1197, -0.2023, -0.2889, -0.3737],
    Generated: [-0.0128, -0.0327, -0.1657, -0.3259, -0.3864, -0.648],
    OOD: [0.007, -0.0101, -0.117, -0.2718, -0.4355, -0.579],
  },
  large: {
    TrainingSet: [0.0057, -0.0033, -0.0448, -0.0665, -0.1094, -0.1549],
    Generated: [0.0188, 0.0152, -0.0462, -0.1121, -0.1928, -0.2609],
    OOD: [-0.0074, -0.0078, -0.0557, -0.1427, -0.2185, -0.279],
  },
};

/** Fig. 2: standard deviation over the clips, half of each error bar, +-0.001. */
export const FIG2_SD: ByModel<ByGroup<readonly number[]>> = {
  small: {
    TrainingSet: [0.0158, 0.0176, 0.0627, 0.1385, 0.2129, 0.268],
    Generated: [0.0196, 0.0266, 0.102, 0.1908, 0.2847, 0.365],
    OOD: [0.0221, 0.0343, 0.1002, 0.1728, 0.2441, 0.314],
  },
  medium: {
    TrainingSet: [0.0268, 0.0402, 0.055, 0.115, 0.1782, 0.2427],
    Generated: [0.0174, 0.0212, 0.0835, 0.1475, 0.2188, 0.2878],
    OOD: [0.0713, 0.0785, 0.134, 0.2125, 0.3059, 0.3866],
  },
  melody: {
    TrainingSet: [0.0266, 0.0293, 0.0839, 0.1737, 0.2603, 0.337],
    Generated: [0.0203, 0.0293, 0.1056, 0.1881, 0.2793, 0.3605],
    OOD: [0.0203, 0.0275, 0.0821, 0.1565, 0.2274, 0.295],
  },
  large: {
    TrainingSet: [0.0162, 0.0271, 0.0632, 0.1101, 0.1647, 0.2147],
    Generated: [0.0257, 0.0374, 0.1159, 0.1971, 0.2887, 0.3731],
    OOD: [0.0347, 0.046, 0.1182, 0.2197, 0.3496, 0.4552],
  },
};

/** Clips of the paper's datasets. */
export const PUBLISHED_CLIPS: ByGroup<number> = { TrainingSet: 20, Generated: 140, OOD: 78 };

/** Fig. 2: mean loss of the clean clips, as printed. */
export const CLEAN_LOSS: ByModel<ByGroup<number>> = {
  small: { TrainingSet: 5.41, Generated: 5.59, OOD: 4.19 },
  medium: { TrainingSet: 6.81, Generated: 6.71, OOD: 6.47 },
  melody: { TrainingSet: 5.27, Generated: 5.18, OOD: 3.83 },
  large: { TrainingSet: 6.64, Generated: 6.19, OOD: 5.88 },
};

/** Lengths that the region means pool. */
export const REGION_LENGTHS = [50, 100, 150, 200] as const;

/** Section 4.2: region means as printed, mean of the three datasets' means. */
export const REGION_MEANS: ByModel<Readonly<Record<'peak' | 'assimilation' | 'recovery', number>>> = {
  small: { peak: 0.79, assimilation: -1.5, recovery: 0.04 },
  medium: { peak: 0.57, assimilation: -0.86, recovery: -0.03 },
  melody: { peak: 0.54, assimilation: -3.83, recovery: -0.17 },
  large: { peak: 0.55, assimilation: -1.08, recovery: 0.05 },
};

/** Section 3: the correlation of length and mean loss difference over models and datasets is below this. */
export const CORRELATION_BELOW = -0.85;

/**
 * Fig. 5: median loss by block length of the shuffle (null: in order), +-0.003. Model and dataset are not printed; the
 * clean mean of 6.81 is that of Medium on TrainingSet, and the notches imply 20 clips.
 */
export const FIG5: readonly { readonly blockTokens: number | null; readonly median: number }[] = [
  { blockTokens: null, median: 6.758 },
  { blockTokens: 1, median: 7.14 },
  { blockTokens: 2, median: 7.005 },
  { blockTokens: 5, median: 6.876 },
  { blockTokens: 10, median: 7.011 },
  { blockTokens: 35, median: 6.903 },
  { blockTokens: 50, median: 6.788 },
  { blockTokens: 70, median: 6.713 },
  { blockTokens: 100, median: 6.779 },
  { blockTokens: 150, median: 6.858 },
  { blockTokens: 200, median: 6.815 },
];
