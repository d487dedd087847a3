/** What a file says of itself, whether or not the graph can express it: for a look at it. */
import { elementTypeOf } from './elementTypes.ts';
import { type ModelGraph, type ModelValue, readGraph, readModel } from './model.ts';
import { readMessage } from './protobuf.ts';
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
  /** How many nodes each operator has, by name, those of branches included. */
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

/** The names of the operators of a graph and of its branches. */
function namesOf({ nodes }: ModelGraph, files: ExternalFiles, depth = 0): readonly string[] {
  return nodes.flatMap((node) => {
    const branches = [...node.attributes.values()].flatMap(({ message }) => message.all(6));
    const inside = depth < deepestBranch ? branches.map((graph) => readGraph(readMessage(graph), files)) : [];
    return [operatorName(node), ...inside.flatMap((graph) => namesOf(graph, files, depth + 1))];
  });
}

/** Branches within branches that are looked into. */
const deepestBranch = 16;

/** Reads the outline of a file. Throws `onnx.malformed` and what reading its tensors throws. */
export function readOnnxOutline(bytes: Uint8Array, externalFiles?: ExternalFiles): OnnxOutline {
  const files = externalFiles ?? new Map<string, Uint8Array>();
  const model = readModel(bytes, files);
  const names = Map.groupBy(namesOf(model, files).toSorted(), (name) => name);
  const given = new Set(model.initialisers.map(({ name }) => name));
  return {
    opsets: Object.fromEntries(model.opsets),
    operators: Object.fromEntries([...names].map(([name, list]) => [name, list.length])),
    inputs: model.inputs.filter(({ name }) => !given.has(name)).map(portOf),
    outputs: model.outputs.map(portOf),
    initialisers: model.initialisers.length,
    metadata: model.metadata,
  };
}
