// From a checkpoint folder to a model: the one place that knows the families, by the `model_type` in config.json.

import * as z from 'zod';
import { type Checkpoint, openCheckpoint } from './checkpoint.js';
import { checkedConfig } from './config.js';
import { encodec } from './encodec/family.js';
import type { Family, FamilySource } from './family.js';
import type { Model } from './model.js';
import { musicgen } from './musicgen/family.js';
import type { Precision } from './precision.js';
import { rotary } from './rotary/family.js';
import type { CheckpointFiles, ModelGraph, Runtime, Session } from './runtime.js';
import { weightsOf } from './weights.js';

/** The families that losscope comes with. */
export const FAMILIES: readonly Family[] = [musicgen, encodec, rotary];

export interface OpenOptions {
  /** kbit/s, for a codec that has several: how many codebooks to use. Default: the first target bandwidth. */
  readonly bandwidth?: number;
  /** Of the decoder when it scores. Default `fp32`; `w8a8` is faster and an approximation: see `parity`. */
  readonly precision?: Precision;
  /** Hears in one line what is odd about a checkpoint that can be used. */
  readonly warn?: (line: string) => void;
  /** Families to choose from, the first of a `model_type` counts. Default: those that losscope comes with. */
  readonly families?: readonly Family[];
}

/** Opens a checkpoint folder. Throws one line naming what is wrong; nothing is loaded yet. */
export async function openModel(
  files: CheckpointFiles,
  runtime: Runtime,
  { bandwidth, precision = 'fp32', warn = () => undefined, families = FAMILIES }: OpenOptions = {},
): Promise<Model> {
  const checkpoint = await openCheckpoint(files);
  for (const remark of checkpoint.remarks) warn(remark);
  const family = familyOf(checkpoint.config, { families, name: files.name });
  if (precision !== 'fp32' && runtime.device !== 'cpu') {
    throw new Error(`${files.name}: ${precision} runs on the CPU only, not on ${runtime.device}`);
  }
  const weights = weightsOf(checkpoint);
  const sessions = sessionsOf(runtime, files);
  const { resumes, overwrites, fused } = runtime;
  const source: FamilySource = {
    ...{ checkpoint, weights, open: sessions.open, precision, bandwidth, warn },
    ...{ resumes, overwrites, fused },
    codec: (part) => nestedCodec(part, { source, checkpoint, families }),
  };
  const parts = family.open(source);
  weights.refuseMisfits();
  return {
    name: files.name,
    fingerprint: checkpoint.fingerprint,
    runtime: runtime.version,
    device: runtime.device,
    instructions: runtime.instructions,
    precision,
    ...parts,
    close: sessions.close,
  };
}

const typed = z.object({ model_type: z.string() });

interface Choice {
  readonly families: readonly Family[];
  /** For errors. */
  readonly name: string;
  readonly path?: readonly string[];
}

function familyOf(config: unknown, { families, name, path = [] }: Choice): Family {
  const { model_type: type } = checkedConfig(typed, config, { name, path });
  const family = families.find(({ types }) => types.includes(type));
  if (family) return family;
  const known = families.flatMap(({ types }) => types).map((each) => JSON.stringify(each));
  throw new Error(
    `${name}: model_type ${JSON.stringify(type.slice(0, 80))} is not supported; ` +
      `expected ${known.slice(0, -1).join(', ')} or ${known.at(-1)}`,
  );
}

function nestedCodec(
  part: Parameters<FamilySource['codec']>[0],
  context: {
    readonly source: FamilySource;
    readonly checkpoint: Checkpoint;
    readonly families: readonly Family[];
  },
) {
  const { source, checkpoint, families } = context;
  const codecs = families.filter(({ codec }) => codec !== undefined);
  const { codec } = familyOf(part.config, { families: codecs, name: checkpoint.name, path: part.path });
  if (!codec) throw new Error(`${checkpoint.name}: ${part.path.join('.')} is no codec`);
  return codec(part, source);
}

/** Sessions by graph, each loaded when first asked for; a load that failed is tried again. */
function sessionsOf(runtime: Runtime, files: CheckpointFiles) {
  const loaded = new Map<ModelGraph, Promise<Session>>();
  return {
    open(graph: ModelGraph): Promise<Session> {
      const known = loaded.get(graph);
      if (known) return known;
      const session = runtime.open(graph, files);
      loaded.set(graph, session);
      session.catch(() => loaded.delete(graph));
      return session;
    },
    async close(): Promise<void> {
      // A load that failed has thrown already, and left nothing to close.
      const outcomes = await Promise.allSettled(loaded.values());
      loaded.clear();
      await Promise.all(outcomes.map((load) => load.status === 'fulfilled' && load.value.close()));
    },
  };
}
