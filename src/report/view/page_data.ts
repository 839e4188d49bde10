// What a page of the viewer holds: clips with their probes and maps, and their sound as files of sound. It is packed
// without what can be computed from the rest.

import { difference } from '../../loss/delta.js';
import { meanByFrame } from '../../loss/means.js';
import type { ClipMap } from '../../probe/map_record.js';
import type { ProbeRecord, Scored } from '../../probe/record.js';
import { pack, unpack } from './pack.js';

/** A sound file (Ogg Opus, FLAC, WAV) that a browser decodes. */
export interface EncodedSound {
  readonly type: string;
  readonly bytes: Uint8Array;
}

/** The sound of one probe: the clean clip with samples from `start` on replaced; `samples` is the length of the whole. */
export interface SoundInsert {
  readonly start: number;
  readonly samples: number;
  readonly sound: EncodedSound;
}

/** Sound of a clip at the codec's rate, down-mixed to one channel. */
export interface ClipSounds {
  readonly sampleRate: number;
  readonly samples: number;
  readonly clean: EncodedSound;
  /** One per probe of the clip, in their order. */
  readonly inserts: readonly SoundInsert[];
}

/** One clip of a page. */
export interface PageClip {
  readonly name: string;
  readonly title: string;
  readonly group?: string;
  readonly probes: readonly ProbeRecord[];
  readonly map?: ClipMap;
  readonly sounds?: ClipSounds;
  /** Why there is no sound where a reader would expect one. */
  readonly missing?: string;
}

export interface PageData {
  readonly clips: readonly PageClip[];
  /** Index of the probe that is shown first, in every clip. */
  readonly first: number;
}

type BareScored = Omit<Scored, 'byFrame'> & { readonly ranks?: PackedRanks };

type Ranks = NonNullable<Scored['loss']['ranks']>;

/** Ranks from 0 on; of what is undefined, 0. */
interface PackedRanks {
  readonly choices: number;
  readonly values: Uint8Array | Int32Array;
}
type BareRecord = Omit<ProbeRecord, 'clean' | 'disturbed' | 'delta'> & {
  readonly clean: BareScored;
  readonly disturbed: BareScored;
};

/** A record without what unpackRecord computes again. */
function bareOf(record: ProbeRecord): BareRecord {
  const { delta: _, clean, disturbed, ...rest } = record;
  // Nor with the entropy of every prediction, which no lane shows.
  const scored = ({ codes, mean, loss }: Scored): BareScored => {
    const { protocol, codebooks, frames, values, ranks } = loss;
    return {
      ...{ codes, mean, loss: { protocol, codebooks, frames, values } },
      ...(ranks ? { ranks: packedRanks(ranks) } : {}),
    };
  };
  return { ...rest, clean: scored(clean), disturbed: scored(disturbed) };
}

function whole({ clean, disturbed, ...rest }: BareRecord): ProbeRecord {
  const scored = ({ ranks, ...bare }: BareScored): Scored => ({
    ...bare,
    loss: ranks ? { ...bare.loss, ranks: ranksOf(ranks, bare.loss.values) } : bare.loss,
    byFrame: meanByFrame(bare.loss),
  });
  return {
    ...rest,
    clean: scored(clean),
    disturbed: scored(disturbed),
    delta: difference(clean.loss, disturbed.loss),
  };
}

/** In as few bytes as ranks among so many choices need. */
function packedRanks({ choices, values }: Ranks): PackedRanks {
  const Type: { from(all: Iterable<number>): Uint8Array | Int32Array } =
    choices <= 256 ? Uint8Array : Int32Array;
  return { choices, values: Type.from(values.map((rank) => (Number.isNaN(rank) ? 0 : rank - 1))) };
}

function ranksOf({ choices, values }: PackedRanks, losses: Float32Array): Ranks {
  const ranks = Float32Array.from(values, (rank, i) => (Number.isNaN(losses[i]) ? Number.NaN : rank + 1));
  return { choices, values: ranks };
}

export function packPage(data: PageData): Uint8Array {
  return pack({ ...data, clips: data.clips.map((clip) => ({ ...clip, probes: clip.probes.map(bareOf) })) });
}

/** @throws one line when the bytes are damaged. */
export function unpackPage(bytes: Uint8Array): PageData {
  const data = unpack(bytes) as PageData & {
    readonly clips: readonly (PageClip & { readonly probes: readonly BareRecord[] })[];
  };
  return { ...data, clips: data.clips.map((clip) => ({ ...clip, probes: clip.probes.map(whole) })) };
}
