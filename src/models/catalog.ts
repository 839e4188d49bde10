// The models losscope vouches for: graphs checked against the original code on checkpoints of the same layout.
// Facts from the published model cards and configs (facebook/musicgen-* on the Hugging Face Hub).

/** What is known of a model without opening it. */
export interface CatalogEntry {
  /** Hub id, or the name of the bundled model. */
  readonly id: string;
  /** Parameters of the language model, as its card says. */
  readonly parameters: string;
  /** Of the safetensors files together. */
  readonly bytes: number;
  /** Where the Hub has safetensors files, if not on the main branch. */
  readonly revision?: string;
  /** Conditions beside the codes before: what the model was trained to follow. */
  readonly conditions: readonly ('text' | 'melody')[];
  /** Absent for a model of notes, as all that sound has. */
  readonly channels?: 1 | 2;
  /** Rows of tokens. */
  readonly codebooks: number;
  /** [K] frames by which each codebook is predicted later than the first, under the model's own protocol. */
  readonly delays: readonly number[];
  /** Names, the model's own first. */
  readonly protocols: readonly string[];
  /** Hz. */
  readonly sampleRate?: number;
  /** Frames per second. */
  readonly frameRate?: number;
  /** Licence of the weights. */
  readonly licence: string;
}

const PROTOCOLS = ['delayed', 'undelayed', 'unshifted'] as const;
const META = { protocols: PROTOCOLS, sampleRate: 32_000, frameRate: 50, licence: 'CC-BY-NC-4.0' } as const;
const MONO = { channels: 1, codebooks: 4, delays: [0, 1, 2, 3] } as const;
const STEREO = { channels: 2, codebooks: 8, delays: [0, 0, 1, 1, 2, 2, 3, 3] } as const;

type Published = Pick<CatalogEntry, 'parameters' | 'bytes' | 'conditions' | 'revision'>;

const mono = (name: string, published: Published): CatalogEntry => ({
  ...META,
  ...MONO,
  id: `facebook/musicgen-${name}`,
  ...published,
});
const stereo = (name: string, published: Published): CatalogEntry => ({
  ...mono(`stereo-${name}`, published),
  ...STEREO,
});

const TEXT = ['text'] as const;
const MELODY = ['text', 'melody'] as const;

export const CATALOG: readonly CatalogEntry[] = [
  {
    ...MONO,
    id: 'tiny',
    parameters: '4.2M',
    bytes: 13_548_684,
    protocols: PROTOCOLS,
    conditions: [],
    sampleRate: 32_000,
    frameRate: 50,
    licence: 'MIT',
  },
  {
    id: 'tiny-notes',
    parameters: '2.8M',
    bytes: 5_598_968,
    conditions: [],
    codebooks: 3,
    delays: [0, 0, 0],
    protocols: ['sequence'],
    licence: 'MIT',
  },
  mono('small', { parameters: '300M', bytes: 2.36e9, conditions: TEXT }),
  mono('medium', { parameters: '1.5B', bytes: 8.04e9, conditions: TEXT, revision: 'refs/pr/10' }),
  mono('large', { parameters: '3.3B', bytes: 13.72e9, conditions: TEXT, revision: 'refs/pr/18' }),
  mono('melody', { parameters: '1.5B', bytes: 6.23e9, conditions: MELODY }),
  mono('melody-large', { parameters: '3.3B', bytes: 10.5e9, conditions: MELODY }),
  stereo('small', { parameters: '300M', bytes: 1.22e9, conditions: TEXT }),
  stereo('medium', { parameters: '1.5B', bytes: 4.07e9, conditions: TEXT }),
  stereo('large', { parameters: '3.3B', bytes: 6.92e9, conditions: TEXT }),
  stereo('melody', { parameters: '1.5B', bytes: 6.33e9, conditions: MELODY }),
  stereo('melody-large', { parameters: '3.3B', bytes: 10.64e9, conditions: MELODY }),
  {
    id: 'loubb/aria-medium-base',
    parameters: '658M',
    bytes: 2.63e9,
    conditions: [],
    codebooks: 3,
    delays: [0, 0, 0],
    protocols: ['sequence'],
    licence: 'Apache-2.0',
  },
];

/** The entry of a Hub id (with or without @revision), if losscope knows it. */
export function catalogued(id: string): CatalogEntry | undefined {
  const [name] = id.split('@');
  return CATALOG.find((entry) => entry.id === name);
}

/** A Hub id with the revision that has safetensors files, where that is known not to be main and none was asked for. */
export function withRevision(id: string): string {
  const revision = catalogued(id)?.revision;
  return revision === undefined || id.includes('@') ? id : `${id}@${revision}`;
}
