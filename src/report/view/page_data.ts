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

/** Of a disturbed version, codes and losses stand as the bits in which they differ from the clean ones: most are 0. */
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

/** A record without what `whole` computes again. */
function bareOf(record: ProbeRecord, packedClean: (ranks: Ranks) => PackedRanks): BareRecord {
  const { delta: _, clean, disturbed, ...rest } = record;
  // Nor with the entropy of every prediction, which no lane shows.
  const scored = ({ codes, mean, loss }: Scored, ranks?: PackedRanks): BareScored => {
    const { protocol, codebooks, frames, values, ragged } = loss;
    return {
      ...{ codes, mean, loss: { protocol, codebooks, frames, values, ...(ragged && { ragged }) } },
      ...(ranks && { ranks }),
    };
  };
  const ranks = { clean: clean.loss.ranks, disturbed: disturbed.loss.ranks };
  return {
    ...rest,
    clean: scored(clean, ranks.clean && packedClean(ranks.clean)),
    disturbed: besides(
      clean,
      scored(disturbed, ranks.disturbed && packedRanks(ranks.disturbed, ranks.clean)),
    ),
  };
}

function whole({ clean, disturbed, ...rest }: BareRecord): ProbeRecord {
  const scored = ({ ranks, ...bare }: BareScored, than?: PackedRanks): Scored => ({
    ...bare,
    loss: ranks ? { ...bare.loss, ranks: ranksOf(ranks, bare.loss.values, than) } : bare.loss,
    byFrame: meanByFrame(bare.loss),
  });
  const again = besides(clean, disturbed);
  return {
    ...rest,
    clean: scored(clean),
    disturbed: scored(again, clean.ranks),
    delta: difference(clean.loss, again.loss),
  };
}

/** `scored` with the bits of its codes and losses flipped where those of `clean` are 1; done twice, nothing is changed. */
function besides({ codes, loss }: Pick<Scored, 'codes' | 'loss'>, scored: BareScored): BareScored {
  const bitsOf = ({ buffer, byteOffset, length }: Int32Array | Float32Array): Int32Array =>
    new Int32Array(buffer, byteOffset, length);
  const flipped = (bits: Int32Array, by: Int32Array): Int32Array =>
    bits.map((word, i) => word ^ (by[i] ?? 0));
  const values = flipped(bitsOf(scored.loss.values), bitsOf(loss.values));
  return {
    ...scored,
    codes: { ...scored.codes, data: flipped(scored.codes.data, codes.data) },
    loss: { ...scored.loss, values: new Float32Array(values.buffer) },
  };
}

/** In as few bytes as ranks among so many choices need; those of a version less those of another, which compresses better. */
function packedRanks({ choices, values }: Ranks, than?: Ranks): PackedRanks {
  const from0 = (rank: number | undefined): number =>
    rank === undefined || Number.isNaN(rank) ? 0 : rank - 1;
  const Type: { from(all: Iterable<number>): Uint8Array | Int32Array } =
    choices <= 256 ? Uint8Array : Int32Array;
  return { choices, values: Type.from(values.map((rank, i) => from0(rank) - from0(than?.values[i]))) };
}

function ranksOf({ choices, values }: PackedRanks, losses: Float32Array, than?: PackedRanks): Ranks {
  const ranks = Float32Array.from(values, (rank, i) => {
    if (Number.isNaN(losses[i])) return Number.NaN;
    const sum = rank + (than?.values[i] ?? 0);
    // Bytes wrap around.
    return 1 + (values instanceof Uint8Array ? sum & 255 : sum);
  });
  return { choices, values: ranks };
}

export function packPage(data: PageData): Uint8Array {
  // The probes of a clip share the clean version: its ranks are packed once.
  const known = new Map<Ranks, PackedRanks>();
  const packedClean = (ranks: Ranks): PackedRanks => {
    const packed = known.get(ranks) ?? packedRanks(ranks);
    known.set(ranks, packed);
    return packed;
  };
  const bare = (record: ProbeRecord) => bareOf(record, packedClean);
  return pack({ ...data, clips: data.clips.map((clip) => ({ ...clip, probes: clip.probes.map(bare) })) });
}

/** @throws one line when the bytes are damaged. */
export function unpackPage(bytes: Uint8Array): PageData {
  const data = unpack(bytes) as PageData & {
    readonly clips: readonly (PageClip & { readonly probes: readonly BareRecord[] })[];
  };
  return { ...data, clips: data.clips.map((clip) => ({ ...clip, probes: clip.probes.map(whole) })) };
}
