/**
 * The readable operations (docs/specs/graph.md §6, arithmetic.md §6): what a model is written in,
 * and what ONNX files are read into. Each has
 * a shape rule and one definition, its lowering into primitives; they live by family in
 * operations/, beside the functions that add them to a graph. Primitives that read well themselves
 * (reshape, concat, gather, pad) have no second name here.
 */
import { MisuseError } from '@nonet/core';
import type { Canonical } from '@nonet/core/codec';
import type { Builder } from './builder.ts';
import { type AttentionOperation, attention } from './operations/attention.ts';
import { type BroadcastingOperation, broadcasting } from './operations/broadcasting.ts';
import { type ConvolutionOperation, convolution } from './operations/convolution.ts';
import { type Attribute, type Definition, type Definitions, printOperands } from './operations/definition.ts';
import { type DropoutOperation, dropouts } from './operations/dropout.ts';
import { type ElementwiseOperation, elementwise } from './operations/elementwise.ts';
import { type LinearOperation, linear } from './operations/linear.ts';
import { type LossOperation, losses } from './operations/losses.ts';
import { type NormalisationOperation, normalisation } from './operations/normalisation.ts';
import { type PoolingOperation, pooling } from './operations/pooling.ts';
import { type ReductionOperation, reductions } from './operations/reductions.ts';
import { type ShapeOperation, shapes } from './operations/shapes.ts';
import type { TensorType } from './primitives.ts';
import { assertShape, type TensorId } from './shape.ts';
import { list } from './untrusted.ts';

/** A readable operation: kind, operands and attributes. */
export type Operation =
  | LinearOperation
  | ConvolutionOperation
  | PoolingOperation
  | NormalisationOperation
  | AttentionOperation
  | ElementwiseOperation
  | BroadcastingOperation
  | ReductionOperation
  | ShapeOperation
  | LossOperation
  | DropoutOperation;

/** The name of a readable operation. */
export type OperationKind = Operation['kind'];

const definitions: Definitions<Operation> = {
  ...linear,
  ...convolution,
  ...pooling,
  ...normalisation,
  ...attention,
  ...elementwise,
  ...broadcasting,
  ...reductions,
  ...shapes,
  ...losses,
  ...dropouts,
};

/** All names of readable operations. */
export const operationKinds = Object.keys(definitions) as readonly OperationKind[];

const definitionOf = (kind: OperationKind) => definitions[kind] as unknown as Definition<Operation>;

/** Whether this is the name of a readable operation. */
export function isOperationKind(kind: string): kind is OperationKind {
  return Object.hasOwn(definitions, kind);
}

/** The attributes of an operation in the order of its encoding. */
function attributesOf(kind: OperationKind): readonly (readonly [string, Attribute<unknown>])[] {
  return Object.entries(definitionOf(kind).attributes as Readonly<Record<string, Attribute<unknown>>>);
}

/**
 * dtype and shape of what the operation makes; throws `operation.operands`, which names the
 * operation, the node it would become, and which shapes met there.
 */
export function inferOperation(
  operation: Operation,
  operands: readonly TensorType[],
  node: TensorId,
  note?: string,
): TensorType {
  const { operands: names, infer } = definitionOf(operation.kind);
  const refuse = (expected: string): never => {
    throw new MisuseError({
      code: 'operation.operands',
      expected: `${expected} for ${operation.kind}${note === undefined ? '' : ` "${note}"`} (node ${node})`,
      found: printOperands(names, operands, operation.operands),
    });
  };
  const required = names.filter((name) => !name.endsWith('?')).length;
  if (operands.length < required || operands.length > names.length) {
    refuse(`${required === names.length ? required : `${required} to ${names.length}`} operands`);
  }
  const type = infer(operation, operands, refuse);
  assertShape(type.shape, operation.kind);
  return type;
}

/** The operation in primitives. */
export function lowerOperation(g: Builder, operation: Operation, operands: readonly TensorId[]): TensorId {
  return definitionOf(operation.kind).lower(g, operation, operands);
}

/** The attributes, encoded, in order. */
export function encodeAttributes(operation: Operation): readonly Canonical[] {
  const values = operation as unknown as Readonly<Record<string, unknown>>;
  return attributesOf(operation.kind).map(([name, attribute]) => attribute.encode(values[name]));
}

/** Throws `graph.malformed` unless these are the attributes of this operation. */
export function decodeAttributes(
  kind: OperationKind,
  operands: readonly TensorId[],
  encoded: readonly Canonical[],
): Operation {
  const attributes = attributesOf(kind);
  list(encoded, `attributes of ${kind}`, attributes.length);
  const decoded = attributes.map(([name, attribute], i) => [name, attribute.decode(encoded[i], name)]);
  return { kind, operands, ...Object.fromEntries(decoded) } as Operation;
}

/** ` stride=[2,2] groups=1`, as in a printed graph. */
export function printAttributes(operation: Operation): string {
  const values = operation as unknown as Readonly<Record<string, unknown>>;
  return attributesOf(operation.kind)
    .map(([name]) => ` ${name}=${Array.isArray(values[name]) ? `[${values[name].join(',')}]` : values[name]}`)
    .join('');
}
