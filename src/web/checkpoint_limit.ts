// How large a checkpoint may be that a browser scores with, and how that is said before anybody tries.

/** Bytes of weights that fit into the 4 GB which WebAssembly has, beside what a run needs. */
export const MOST_BYTES = 3 * 10 ** 9;

/** What a checkpoint opened on the page must be, and what it costs. */
export const LIMIT_WORDS =
  `a folder of a Hugging Face MusicGen with at most ${MOST_BYTES / 1e9} GB of weights (Small has 2.4 GB) is read and ` +
  'scored in this browser. It takes minutes and as much memory as the weights; larger ones need losscope view --model FOLDER';
