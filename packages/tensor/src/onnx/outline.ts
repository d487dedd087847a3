/** What a file says of itself, whether or not the graph can express it: for a look at it. */
import { elementTypeOf } from './elementTypes.ts';
import { type Model, type ModelValue, readModel } from './model.ts';
import { operatorName } from './reading.ts';
import type { ExternalFiles } from './tensors.ts';

/** An input or output as the file has it. Names are untrusted text. */
export interface OnnxOutlinePort {
  readonly name: string;
  /** `float32`, or what else the file says; undefined for sequences, maps and optional values. */
  readonly type?: string;
  /** Numbers, names, and null where the file leaves an extent open; undefined if it has no shape. */
  readonly shape?: readonly (number | string | null)[];
}

/** What goes in and comes out, and which operators are between. */
export interface OnnxOutline {
  /** Versions of the operator sets by domain; '' is ONNX's own. */
  readonly opsets: Readonly<Record<string, number>>;
  /** How many nodes each operator has, by name. */
  readonly operators: Readonly<Record<string, number>>;
  readonly inputs: readonly OnnxOutlinePort[];
  readonly outputs: readonly OnnxOutlinePort[];
  readonly initialisers: number;
  readonly metadata: Readonly<Record<string, string>>;
}

function portOf({ name, elementType, shape }: ModelValue): OnnxOutlinePort {
  const facts = elementType === undefined ? undefined : elementTypeOf(elementType);
  return {
    name,
    ...(facts === undefined ? {} : { type: typeof facts === 'string' ? facts : facts.type }),
    ...(shape === undefined ? {} : { shape: shape.map((extent) => extent ?? null) }),
  };
}

function countOperators({ nodes }: Model): Readonly<Record<string, number>> {
  const names = nodes.map(operatorName).sort();
  return Object.fromEntries(
    [...Map.groupBy(names, (name) => name)].map(([name, list]) => [name, list.length]),
  );
}

/** Reads the outline of a file. Throws `onnx.malformed` and what reading its tensors throws. */
export function readOnnxOutline(bytes: Uint8Array, externalFiles?: ExternalFiles): OnnxOutline {
  const model = readModel(bytes, externalFiles);
  const given = new Set(model.initialisers.map(({ name }) => name));
  return {
    opsets: Object.fromEntries(model.opsets),
    operators: countOperators(model),
    inputs: model.inputs.filter(({ name }) => !given.has(name)).map(portOf),
    outputs: model.outputs.map(portOf),
    initialisers: model.initialisers.length,
    metadata: model.metadata,
  };
}
