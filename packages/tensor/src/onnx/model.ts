/**
 * The messages of onnx.proto3 that an import reads, as values: ModelProto, GraphProto, NodeProto,
 * AttributeProto, ValueInfoProto. The comments give the field numbers. What has no meaning here
 * (documentation, training information, quantisation annotations) is skipped; what would change the
 * answer (sparse initialisers) is refused.
 */
import { NonetError } from '@nonet/core';
import { type Message, readMessage, readText } from './protobuf.ts';
import { type Constant, type ExternalFiles, readExternalLocation, readTensor } from './tensors.ts';

/** AttributeProto: name 1, f 2, i 3, s 4, t 5, g 6, floats 7, ints 8, strings 9, type 20. */
interface Attribute {
  readonly message: Message;
  readonly type: number;
}

/** A NodeProto. */
export interface ModelNode {
  /** Its own name, or that of its first output. */
  readonly name: string;
  readonly operator: string;
  /** Empty for ONNX's own operators. */
  readonly domain: string;
  /** Empty where an optional input is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, Attribute>;
}

/** An extent is a number, a name, or undefined where the file says nothing. */
export interface ModelValue {
  readonly name: string;
  /** Undefined for sequences, maps and optional values. */
  readonly elementType?: number;
  readonly shape?: readonly (number | string | undefined)[];
}

/** A GraphProto: that of the model, or a branch of a node. */
export interface ModelGraph {
  readonly nodes: readonly ModelNode[];
  readonly initialisers: readonly (Constant & { readonly name: string })[];
  readonly inputs: readonly ModelValue[];
  readonly outputs: readonly ModelValue[];
}

/** A ModelProto with its graph. */
export interface Model extends ModelGraph {
  /** Versions of the operator sets by domain. */
  readonly opsets: ReadonlyMap<string, number>;
  /** Names of the functions that the file defines itself. */
  readonly functions: ReadonlySet<string>;
  readonly metadata: Readonly<Record<string, string>>;
}

const texts = (message: Message, field: number) => message.all(field).map((bytes) => readText(bytes, field));

/** As in an encoded graph. */
const maximumNodes = 100_000;

const nameOf = ({ name }: { readonly name: string }) => name;

const canonicalDomain = (domain: string) => (domain === 'ai.onnx' ? '' : domain);

/** Of two with one name, one reader takes the first and another the last. */
function assertDistinct(names: readonly string[], what: string): void {
  const known = new Set<string>();
  for (const name of names) {
    if (known.has(name)) {
      throw new NonetError({ code: 'onnx.malformed', expected: `distinct ${what}`, found: `${name} twice` });
    }
    known.add(name);
  }
}

/** NodeProto: input 1, output 2, name 3, op_type 4, attribute 5, domain 7. */
function readNode(node: Message): ModelNode {
  const outputs = texts(node, 2);
  const attributes = node.all(5).map((bytes) => {
    const message = readMessage(bytes);
    return [message.text(1), { message, type: message.integer(20) }] as const;
  });
  assertDistinct(
    attributes.map(([name]) => name),
    `attributes of node ${node.text(3)}`,
  );
  return {
    name: node.text(3) || outputs[0] || 'without a name',
    operator: node.text(4),
    domain: canonicalDomain(node.text(7)),
    inputs: texts(node, 1),
    outputs,
    attributes: new Map(attributes),
  };
}

/** Some writers say -1 or "?" of an extent that they do not know. */
function readExtent(extent: Message): number | string | undefined {
  const known = extent.has(1) ? extent.integer(1) : extent.text(2);
  const unknown = typeof known === 'number' ? known < 0 : known === '' || known === '?';
  return unknown ? undefined : known;
}

/**
 * ValueInfoProto: name 1, type 2. TypeProto: tensor_type 1: elem_type 1, shape 2: dim 1: dim_value
 * 1, dim_param 2.
 */
function readValue(value: Message): ModelValue {
  const name = value.text(1);
  const [tensor] = value
    .all(2)
    .flatMap((bytes) => readMessage(bytes).all(1))
    .map(readMessage);
  if (tensor === undefined) return { name };
  const [shape] = tensor.all(2).map(readMessage);
  const extents = shape?.all(1).map(readMessage).map(readExtent);
  return { name, elementType: tensor.integer(1), ...(extents === undefined ? {} : { shape: extents }) };
}

/** StringStringEntryProto: key 1, value 2. */
function readEntry(entry: Message): readonly [string, string] {
  return [entry.text(1), entry.text(2)];
}

/**
 * GraphProto: node 1, initializer 5, input 11, output 12, sparse_initializer 15. Throws
 * `onnx.malformed` and `onnx.unsupported`.
 */
export function readGraph(graph: Message, files: ExternalFiles): ModelGraph {
  if (graph.has(15)) {
    throw new NonetError({
      code: 'onnx.unsupported',
      expected: 'dense initialisers',
      found: 'a sparse one',
      hint: 'Write the weights as dense tensors.',
    });
  }
  // A node of two bytes would take a kilobyte.
  const nodes = graph.all(1);
  if (nodes.length > maximumNodes) {
    throw new NonetError({
      code: 'onnx.unsupported',
      expected: `at most ${maximumNodes} nodes`,
      found: `${nodes.length}`,
    });
  }
  const initialisers = graph.all(5).map((tensor) => readTensor(readMessage(tensor), undefined, files));
  const inputs = graph.all(11).map((value) => readValue(readMessage(value)));
  assertDistinct(initialisers.map(nameOf), 'initialisers');
  assertDistinct(inputs.map(nameOf), 'inputs');
  return {
    nodes: nodes.map((node) => readNode(readMessage(node))),
    initialisers,
    inputs,
    outputs: graph.all(12).map((value) => readValue(readMessage(value))),
  };
}

function readGraphMessage(model: Message): Message {
  if (!model.has(7)) {
    throw new NonetError({
      code: 'onnx.malformed',
      expected: 'a graph',
      found: 'none',
      hint: 'Is this an ONNX file?',
    });
  }
  // A message given in parts is all of them in a row, by the rules of the wire format.
  return readMessage(model.fixed(7));
}

/**
 * The files beside the model that hold its weights, as the model names them: paths relative to its
 * folder, which never leave it. Throws `onnx.malformed`.
 */
export function externalLocations(bytes: Uint8Array): readonly string[] {
  const tensors = readGraphMessage(readMessage(bytes)).all(5).map(readMessage);
  return [...new Set(tensors.flatMap((tensor) => readExternalLocation(tensor)?.location ?? []))];
}

/**
 * ModelProto: graph 7, opset_import 8 (domain 1, version 2), metadata_props 14, functions 25 (name
 * 1, domain 10). Throws `onnx.malformed` and `onnx.unsupported`.
 */
export function readModel(bytes: Uint8Array, files: ExternalFiles = new Map()): Model {
  const model = readMessage(bytes);
  const graph = readGraphMessage(model);
  const sets = model.all(8).map(readMessage);
  const opsets = sets.map((set) => [canonicalDomain(set.text(1)), set.integer(2)] as const);
  // skl2onnx writes a domain twice with one version, which is not a contradiction.
  const versions = new Map(opsets.map((set) => [set.join(' '), set[0]]));
  assertDistinct([...versions.values()], 'operator sets');
  return {
    ...readGraph(graph, files),
    opsets: new Map(opsets),
    functions: new Set(
      model
        .all(25)
        .map(readMessage)
        .map((fn) => `${canonicalDomain(fn.text(10))}:${fn.text(1)}`),
    ),
    metadata: Object.fromEntries(model.all(14).map((entry) => readEntry(readMessage(entry)))),
  };
}
