// How a language model's linear layers are computed. Numbers of two precisions never belong in one comparison.

/** `fp32`: as the weights are. `w8a8`: weights and activations in 8 bits, faster and an approximation: see `parity`. */
export const PRECISIONS = ['fp32', 'w8a8'] as const;
export type Precision = (typeof PRECISIONS)[number];
