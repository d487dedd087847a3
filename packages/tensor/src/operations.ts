/**
 * The readable operations: what a model is written in, and what ONNX files are read into. Each has a shape rule here and one
 * definition, its lowering into primitives (lower.ts). The functions at the end add them to a graph under construction.
 */
import { MisuseError } from '@nonet/core';
import type { TensorType } from './primitives.ts';
import type { Extent, Shape, TensorId } from './shape.ts';

export type Operation =
  /** x (B,I), weight (I,O), bias (O) -> (B,O): x weight + bias. */
  | { readonly kind: 'dense'; readonly operands: readonly TensorId[] }
  /** max(x, 0), element by element. */
  | { readonly kind: 'relu'; readonly operands: readonly TensorId[] }
  /** x (B,...F), mean and deviation (F) or scalar -> (x - mean) / deviation. */
  | { readonly kind: 'standardise'; readonly operands: readonly TensorId[] }
  /** (B,...F) -> (B, product of F). */
  | { readonly kind: 'flatten'; readonly operands: readonly TensorId[] }
  /** Axis i of the result is axis `axes[i]` of x. */
  | {
      readonly kind: 'transpose';
      readonly operands: readonly TensorId[];
      readonly axes: readonly number[];
    }
  /** Along the last axis: exp(x - max) / sum of it. */
  | { readonly kind: 'softmax'; readonly operands: readonly TensorId[] }
  /** (...,C) -> i32 (...): the position of the largest, the lowest one on ties. */
  | { readonly kind: 'argmax'; readonly operands: readonly TensorId[] }
  /** logits (B,C), label i32 (B), weight (B) -> (): weighted mean of -log softmax(logits)[label], in nats. */
  | { readonly kind: 'crossEntropy'; readonly operands: readonly TensorId[] };

export type OperationKind = Operation['kind'];

function refuse(operation: Operation, expected: string, operands: readonly TensorType[]): never {
  throw new MisuseError({
    code: 'operation.operands',
    expected: `${expected} for ${operation.kind}`,
    found: operands.map(({ dtype, shape }) => `${dtype}[${shape.join(',')}]`).join(', ') || 'no operand',
  });
}

const isFloat = (type: TensorType, rank?: number) =>
  type.dtype === 'f32' && (rank === undefined || type.shape.length === rank);

/** Shape rules; the number of operands has been checked. */
const rules: {
  readonly [K in OperationKind]: {
    readonly count: number;
    readonly infer: (
      operation: Extract<Operation, { kind: K }>,
      operands: readonly TensorType[],
    ) => TensorType;
  };
} = {
  dense: {
    count: 3,
    infer(operation, operands) {
      const [x, weight, bias] = operands;
      const fits = isFloat(x, 2) && isFloat(weight, 2) && isFloat(bias, 1) && x.shape[1] === weight.shape[0];
      if (!fits || weight.shape[1] !== bias.shape[0]) {
        refuse(operation, 'x f32[B,I], weight f32[I,O], bias f32[O]', operands);
      }
      return { dtype: 'f32', shape: [x.shape[0], weight.shape[1]] };
    },
  },
  relu: {
    count: 1,
    infer: (operation, operands) => (isFloat(operands[0]) ? operands[0] : refuse(operation, 'f32', operands)),
  },
  standardise: {
    count: 3,
    infer(operation, operands) {
      const [x, mean, deviation] = operands;
      const fits = (type: TensorType) =>
        isFloat(type) &&
        (type.shape.length === 0 ||
          (type.shape.length < x.shape.length &&
            type.shape.every(
              (extent, axis) => extent === x.shape[axis + x.shape.length - type.shape.length],
            )));
      if (!isFloat(x) || !fits(mean) || !fits(deviation)) {
        refuse(operation, 'x f32[B,...F], mean and deviation f32[F] or f32[]', operands);
      }
      return x;
    },
  },
  flatten: {
    count: 1,
    infer(operation, operands) {
      const [batch, ...features] = operands[0].shape;
      if (batch === undefined || features.some((extent) => typeof extent === 'string')) {
        refuse(operation, 'x [B,...F] with numbers as F', operands);
      }
      return {
        dtype: operands[0].dtype,
        shape: [batch, (features as number[]).reduce((a, b) => a * b, 1)],
      };
    },
  },
  transpose: {
    count: 1,
    infer(operation, operands) {
      const { dtype, shape } = operands[0];
      const { axes } = operation;
      if (axes.length !== shape.length || !shape.every((_, axis) => axes.includes(axis))) {
        refuse(operation, `a permutation of ${shape.length} axes, not [${axes.join(',')}]`, operands);
      }
      return { dtype, shape: axes.map((axis) => shape[axis]) };
    },
  },
  softmax: {
    count: 1,
    infer: (operation, operands) =>
      isFloat(operands[0]) && operands[0].shape.length > 0
        ? operands[0]
        : refuse(operation, 'f32[...,C]', operands),
  },
  argmax: {
    count: 1,
    infer: (operation, operands) =>
      isFloat(operands[0]) && operands[0].shape.length > 0
        ? { dtype: 'i32', shape: operands[0].shape.slice(0, -1) }
        : refuse(operation, 'f32[...,C]', operands),
  },
  crossEntropy: {
    count: 3,
    infer(operation, operands) {
      const [logits, label, weight] = operands;
      const batch = (type: TensorType): Extent | undefined =>
        type.shape.length === 1 ? type.shape[0] : undefined;
      if (
        !isFloat(logits, 2) ||
        label.dtype !== 'i32' ||
        batch(label) !== logits.shape[0] ||
        !isFloat(weight, 1) ||
        batch(weight) !== logits.shape[0]
      ) {
        refuse(operation, 'logits f32[B,C], label i32[B], weight f32[B]', operands);
      }
      return { dtype: 'f32', shape: [] satisfies Shape };
    },
  },
};

export function isOperationKind(kind: string): kind is OperationKind {
  return Object.hasOwn(rules, kind);
}

/** dtype and shape of what the operation makes; throws `operation.operands`. */
export function inferOperation(operation: Operation, operands: readonly TensorType[]): TensorType {
  const { count, infer } = rules[operation.kind];
  if (operands.length !== count) refuse(operation, `${count} operands`, operands);
  return (infer as (operation: Operation, operands: readonly TensorType[]) => TensorType)(
    operation,
    operands,
  );
}
