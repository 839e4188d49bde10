// The bridge from a checkpoint to a graph: a tensor asked for by name and shape becomes a float32 value whose
// bytes stay in the checkpoint's own file. What does not fit is collected, so that one error lists it all.

import { counted, verb } from '../counted.js';
import type { Graph } from '../onnx/graph.js';
import type { Dtype } from '../onnx/safetensors.js';
import type { ElementType, Value } from '../onnx/value.js';
import type { Checkpoint } from './checkpoint.js';

/** Misfits that an error spells out; the rest are counted. */
const LISTED = 5;

export interface Weights {
  has(name: string): boolean;
  /** The tensor as float32 (a Cast of F16 and BF16 is folded when the session loads). */
  take(graph: Graph, name: string, shape: readonly number[]): Value;
  /** Counts a tensor as a misfit that is there though config.json has so few layers. */
  leaveOut(name: string, layers: number): void;
  /** The same weights, names taken below `prefix`. Misfits are counted together. */
  under(prefix: string): Weights;
  /** Throws the list of what was asked for and is missing, has another shape or an unusable type, or holds NaN or infinity. */
  refuseMisfits(): void;
}

const FLOAT_TYPE: Partial<Record<Dtype, ElementType>> = {
  F32: 'float32',
  F16: 'float16',
  BF16: 'bfloat16',
};

export function weightsOf(checkpoint: Checkpoint): Weights {
  const misfits = new Map<string, string>();
  const damaged = new Set<string>();

  const take = (graph: Graph, name: string, shape: readonly number[]): Value => {
    const tensor = checkpoint.tensors.get(name);
    const type = tensor && FLOAT_TYPE[tensor.dtype];
    if (!tensor) {
      misfits.set(name, 'missing');
    } else if (!type) {
      misfits.set(name, `is ${tensor.dtype}, expected F32, F16 or BF16`);
    } else if (tensor.shape.length !== shape.length || tensor.shape.some((size, i) => size !== shape[i])) {
      misfits.set(name, `is [${tensor.shape.slice(0, 8)}], expected [${shape}]`);
    } else {
      if (checkpoint.nonFinite.has(name)) damaged.add(name);
      const stored = graph.external(name, type, shape, tensor);
      return type === 'float32' ? stored : graph.Cast(stored, 'float32');
    }
    return { name };
  };

  const at = (prefix: string): Weights => ({
    has: (name) => checkpoint.tensors.has(prefix + name),
    take: (graph, name, shape) => take(graph, prefix + name, shape),
    leaveOut(name, layers) {
      if (checkpoint.tensors.has(prefix + name)) {
        misfits.set(prefix + name, `left over: config.json has ${counted(layers, 'layer')}`);
      }
    },
    under: (inner) => at(prefix + inner),
    refuseMisfits() {
      if (misfits.size === 0) return refuseDamaged(checkpoint, damaged);
      const listed = [...misfits].slice(0, LISTED).map(([name, problem]) => `${name} ${problem}`);
      const rest = misfits.size > LISTED ? `; and ${misfits.size - LISTED} more` : '';
      throw new Error(
        `${checkpoint.name}: ${counted(misfits.size, 'tensor')} ${verb(misfits.size, 'does', 'do')} not fit config.json: ${listed.join('; ')}${rest}`,
      );
    },
  });
  return at('');
}

function refuseDamaged({ name: who, nonFinite }: Checkpoint, damaged: ReadonlySet<string>): void {
  if (damaged.size === 0) return;
  const listed = [...damaged].slice(0, LISTED).map((name) => `${name} (entry ${nonFinite.get(name)})`);
  const rest = damaged.size > LISTED ? ` and ${damaged.size - LISTED} more` : '';
  throw new Error(
    `${who}: NaN or infinity in ${listed.join(', ')}${rest}; the weights are damaged: fetch or save them again`,
  );
}
