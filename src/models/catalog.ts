// The models losscope vouches for: graphs checked against the original code on checkpoints of the same layout.
// Facts from the published model cards and configs (facebook/musicgen-* on the Hugging Face Hub).

/** What is known of a model without opening it. */
export interface CatalogEntry {
  /** Hub id, or the name of the bundled model. */
  readonly id: string;
  /** Parameters of the language model, as its card says. */
  readonly parameters: string;
  /** Conditions beside the codes before: what the model was trained to follow. */
  readonly conditions: readonly ('text' | 'melody')[];
  readonly channels: 1 | 2;
  readonly codebooks: number;
  /** [K] columns by which each codebook lags. */
  readonly delays: readonly number[];
  /** Hz. */
  readonly sampleRate: number;
  /** Frames per second. */
  readonly frameRate: number;
  /** Licence of the weights. */
  readonly licence: string;
}

const META = { sampleRate: 32_000, frameRate: 50, licence: 'CC-BY-NC-4.0' } as const;
const MONO = { channels: 1, codebooks: 4, delays: [0, 1, 2, 3] } as const;
const STEREO = { channels: 2, codebooks: 8, delays: [0, 0, 1, 1, 2, 2, 3, 3] } as const;

export const CATALOG: readonly CatalogEntry[] = [
  {
    ...MONO,
    id: 'tiny',
    parameters: '4M',
    conditions: [],
    sampleRate: 32_000,
    frameRate: 50,
    licence: 'MIT',
  },
  ...(['small', 'medium', 'large'] as const).map(
    (size): CatalogEntry => ({
      ...META,
      ...MONO,
      id: `facebook/musicgen-${size}`,
      parameters: { small: '300M', medium: '1.5B', large: '3.3B' }[size],
      conditions: ['text'],
    }),
  ),
  ...(['melody', 'melody-large'] as const).map(
    (size): CatalogEntry => ({
      ...META,
      ...MONO,
      id: `facebook/musicgen-${size}`,
      parameters: { melody: '1.5B', 'melody-large': '3.3B' }[size],
      conditions: ['text', 'melody'],
    }),
  ),
  ...(['small', 'medium', 'large'] as const).map(
    (size): CatalogEntry => ({
      ...META,
      ...STEREO,
      id: `facebook/musicgen-stereo-${size}`,
      parameters: { small: '300M', medium: '1.5B', large: '3.3B' }[size],
      conditions: ['text'],
    }),
  ),
];

/** The entry of a Hub id (with or without @revision), if losscope knows it. */
export function catalogued(id: string): CatalogEntry | undefined {
  const [name] = id.split('@');
  return CATALOG.find((entry) => entry.id === name);
}
