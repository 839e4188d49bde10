// What onnxruntime's verbose log says of where nodes run.

export interface Placements {
  /** Operators, one a node. */
  readonly onCpu: readonly string[];
  readonly onGpu: readonly string[];
  /** Copies between the two that it put in. */
  readonly copies: number;
}

/**
 * Operators of the decoder that work on activations: these must not leave the device. All others also count positions, or
 * take those of the targets; if one of theirs left it, there would be more copies.
 */
export const FLOAT_OPERATORS =
  /^(MatMul|FusedMatMul|Gemm|Softmax|LogSoftmax|LayerNormalization|Gelu|Exp|Log|Neg|Sigmoid|Pad|Reduce\w+|Transpose|Reshape|Concat|GatherElements)$/;

export function placements(log: string, provider: string): Placements {
  const nodes = new Map<string, string[]>();
  let at: string[] | undefined;
  for (const line of log.split('\n')) {
    const place = /placed on \[(\w+)\]/.exec(line)?.[1];
    if (place) {
      at = nodes.get(place) ?? [];
      nodes.set(place, at);
    }
    const operator = /VerifyEachNodeIsAssignedToAnEp\] +(\w+) \(/.exec(line)?.[1];
    if (operator) at?.push(operator);
  }
  const all = [...nodes.values()].flat();
  const copies = all.filter((operator) => operator.startsWith('Memcpy')).length;
  return { onCpu: nodes.get('CPUExecutionProvider') ?? [], onGpu: nodes.get(provider) ?? [], copies };
}
