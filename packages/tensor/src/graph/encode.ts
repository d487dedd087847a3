/**
 * The canonical encoding of a graph, and so its identity (docs/specs/graph.md §3 to §5): canonical
 * CBOR of {format, arithmetic, nodes, outputs, gradients, updates}, nodes in post-order. A node is
 * an array of its kind, its operands and its attributes; inferred types, notes, and the names of
 * parameters and states are left out. Constants above 1 KiB are named by SHA-256 and travel beside
 * the graph.
 *
 * `decodeGraph` trusts nothing: every field is typed, every shape inferred again, every limit
 * checked, and the result must encode to the same bytes. Parameters get their names back from the
 * operations that use them (`dense0.weight`), else by position.
 */
import {
  type Address,
  addressOf,
  assertAddress,
  fromHex,
  isAddress,
  MisuseError,
  NonetError,
  toHex,
} from '@nonet/core';
import { type Canonical, decodeCanonical, encodeCanonical } from '@nonet/core/codec';
import type { Affine } from './affine.ts';
import { type Builder, createBuilder } from './builder.ts';
import { type Call, calls, type Expression } from './expression.ts';
import {
  arithmetic,
  type Graph,
  type Initialiser,
  initialisers,
  leavesOf,
  type Node,
  type TensorId,
} from './graph.ts';
import { layerNames } from './layerNames.ts';
import { decodeAttributes, encodeAttributes, isOperationKind, type Operation } from './operations.ts';
import { type Primitive, type Reduction, reductions } from './primitives.ts';
import { type Dtype, elementCount, type Shape } from './shape.ts';
import { integer, integers, list, oneOf, pattern, refuse, text } from './untrusted.ts';

const format = 'nonet graph 1';
const inlineBytes = 1024;
const maximumNodes = 100_000;

function encodeNode(node: Node): Canonical {
  switch (node.kind) {
    case 'input':
      return ['input', node.name, node.dtype, node.shape];
    case 'parameter':
      return ['parameter', node.shape, node.initialiser];
    case 'state':
      return ['state', node.shape];
    case 'constant': {
      const value = node.bytes.length > inlineBytes ? fromHex(addressOf(node.bytes)) : node.bytes;
      return ['constant', node.dtype, node.shape, value];
    }
    case 'contract':
      return ['contract', node.operands, node.out, node.k, node.maps.map(encodeAffine)];
    case 'reduce':
      return ['reduce', node.operands, node.op, node.out, node.k, node.maps.map(encodeAffine)];
    case 'map':
      return ['map', node.operands, node.out, node.maps.map(encodeAffine), node.detached, node.expression];
    case 'view':
      return ['view', node.operands, node.out, node.maps.map(encodeAffine)];
    case 'reshape':
      return ['reshape', node.operands, node.out];
    case 'pad':
      return ['pad', node.operands, node.low, node.high, node.interior, node.valueBits];
    case 'concat':
      return ['concat', node.operands, node.axis];
    case 'gather':
      return ['gather', node.operands, node.axis];
    case 'scatterAdd':
      return ['scatterAdd', node.operands, node.axis, node.size];
    case 'random':
      return ['random', node.operands, node.out, node.stream];
    case 'requantise':
      return ['requantise', node.operands, node.axis, node.shift, node.zero, node.low, node.high];
    case 'lookup':
      return ['lookup', node.operands, node.low, node.high];
    default:
      return [node.kind, node.operands, ...encodeAttributes(node)];
  }
}

function encodeAffine({ matrix, offset }: Affine): Canonical {
  return [matrix, offset];
}

/**
 * Canonical CBOR; SHA-256 of it is the graph's address. Constants above 1 KiB are named by address
 * only.
 */
export function encodeGraph(graph: Graph): Uint8Array<ArrayBuffer> {
  return encodeCanonical({
    format,
    arithmetic,
    nodes: graph.nodes.map(encodeNode),
    outputs: graph.outputs.map(({ name, tensor }) => [name, tensor]),
    gradients: graph.gradients.map(({ of, tensor }) => [of, tensor]),
    updates: graph.updates.map(({ target, tensor }) => [target, tensor]),
  });
}

/** SHA-256 of `encodeGraph`: the name of the graph in jobs and evidence. */
export function graphAddress(graph: Graph): Address {
  return addressOf(encodeGraph(graph));
}

/** The constants above 1 KiB, to be stored beside the encoding and handed to `decodeGraph`. */
export function largeConstants(graph: Graph): ReadonlyMap<Address, Uint8Array<ArrayBuffer>> {
  const large = leavesOf(graph, 'constant').filter(({ bytes }) => bytes.length > inlineBytes);
  return new Map(large.map(({ bytes }) => [addressOf(bytes), bytes]));
}

const dtype = (value: unknown): Dtype => oneOf(value, ['f32', 'i32'], 'dtype');

/** The builder checks the extents. */
const shape = (value: unknown) => list(value, 'shape') as Shape;

const maps = (value: unknown): readonly Affine[] =>
  list(value, 'maps').map((item) => {
    const [matrix, offset] = list(item, 'index map', 2);
    return {
      matrix: list(matrix, 'matrix').map((row) => integers(row, 'row')),
      offset: integers(offset, 'offset'),
    };
  });

/** The codec bounds the nesting, `expressionType` what an expression may be. */
function decodeExpression(value: unknown): Expression {
  const [kind, ...rest] = list(value, 'expression');
  const operands = (count: number) => list(rest, `operands of ${String(kind)}`, count).map(decodeExpression);
  switch (kind) {
    case 'arg':
    case 'index': {
      const index = integer(list(rest, kind, 1)[0], kind);
      if (index < 0) refuse(`a count as ${kind}`, index);
      return kind === 'arg' ? ['arg', index] : ['index', index];
    }
    case 'const': {
      const [type, bits] = list(rest, 'const', 2);
      return ['const', dtype(type), pattern(bits, 'a constant')];
    }
    case 'call': {
      const [name, operand] = list(rest, 'call', 2);
      return ['call', oneOf<Call>(name, calls, 'call'), decodeExpression(operand)];
    }
    case 'convert':
    case 'bitcast': {
      const [type, operand] = list(rest, kind, 2);
      return [kind, dtype(type), decodeExpression(operand)];
    }
    case 'select': {
      const [condition, yes, no] = operands(3);
      return ['select', condition, yes, no];
    }
    case 'neg':
    case 'sqrt':
      return [kind, operands(1)[0]];
    case 'add':
    case 'sub':
    case 'mul':
    case 'div':
    case 'lt':
    case 'eq':
    case 'and':
    case 'or':
    case 'xor':
    case 'shl':
    case 'shr': {
      const [a, b] = operands(2);
      return [kind, a, b];
    }
    default:
      return refuse('an operation of expressions', kind);
  }
}

/**
 * Names for parameters and states of a decoded graph: from the layer that uses them, else by
 * position.
 */
function parameterNames(nodes: readonly (readonly Canonical[])[]): ReadonlyMap<TensorId, string> {
  const names = new Map(
    layerNames(
      nodes.map(([kind, operands]) => ({
        kind: String(kind),
        operands: Array.isArray(operands) ? (operands as number[]) : [],
      })),
    ),
  );
  let others = 0;
  for (const [id, [kind]] of nodes.entries()) {
    if ((kind === 'parameter' || kind === 'state') && !names.has(id)) names.set(id, `${kind}${others++}`);
  }
  return names;
}

function decodeConstant(
  [type, extents, value]: readonly Canonical[],
  constants: ReadonlyMap<Address, Uint8Array>,
): Node {
  const kind = dtype(type);
  const numbers = integers(extents, 'shape of a constant');
  if (!(value instanceof Uint8Array)) return refuse('bytes as a constant', value);
  const length = 4 * elementCount(numbers);
  if (length <= inlineBytes) {
    if (value.length !== length) refuse(`${length} bytes`, `${value.length} bytes`);
    return { kind: 'constant', dtype: kind, shape: numbers, bytes: new Uint8Array(value) };
  }
  const address = toHex(value);
  assertAddress(address, 'a large constant');
  const bytes = constants.get(address);
  if (bytes === undefined || bytes.length !== length || addressOf(bytes) !== address) {
    throw new NonetError({
      code: 'graph.constantMissing',
      expected: `the ${length} bytes of constant ${address}`,
      found: bytes === undefined ? 'none' : `${bytes.length} other bytes`,
      hint: 'Pass the constants stored beside the graph to decodeGraph.',
    });
  }
  return { kind: 'constant', dtype: kind, shape: numbers, bytes: new Uint8Array(bytes) };
}

function decodeOperation(kind: string, [first, ...rest]: readonly Canonical[]): Operation | Primitive {
  const operands = integers(first, `operands of ${kind}`);
  const fields = (count: number) => list(rest, `attributes of ${kind}`, count);
  switch (kind) {
    case 'contract': {
      const [out, k, affine] = fields(3);
      return { kind, operands, out: shape(out), k: shape(k), maps: maps(affine) };
    }
    case 'reduce': {
      const [op, out, k, affine] = fields(4);
      const reduction = oneOf<Reduction>(op, reductions, 'reduction');
      return { kind, op: reduction, operands, out: shape(out), k: shape(k), maps: maps(affine) };
    }
    case 'map': {
      const [out, affine, detached, expression] = fields(4);
      return {
        kind,
        operands,
        out: shape(out),
        maps: maps(affine),
        detached: integers(detached, 'detached'),
        expression: decodeExpression(expression),
      };
    }
    case 'view': {
      const [out, affine] = fields(2);
      return { kind, operands, out: shape(out), maps: maps(affine) };
    }
    case 'reshape':
      return { kind, operands, out: shape(fields(1)[0]) };
    case 'pad': {
      const [low, high, interior, valueBits] = fields(4);
      return {
        kind,
        operands,
        low: integers(low, 'low'),
        high: integers(high, 'high'),
        interior: integers(interior, 'interior'),
        valueBits: integer(valueBits, 'valueBits'),
      };
    }
    case 'concat':
    case 'gather':
      return { kind, operands, axis: integer(fields(1)[0], 'axis') };
    case 'scatterAdd': {
      const [axis, size] = fields(2);
      return { kind, operands, axis: integer(axis, 'axis'), size: shape([size])[0] };
    }
    case 'random': {
      const [out, stream] = fields(2);
      return { kind, operands, out: shape(out), stream: integer(stream, 'stream') };
    }
    case 'requantise': {
      const [axis, shift, zero, low, high] = fields(5);
      return {
        kind,
        operands,
        axis: integer(axis, 'axis'),
        shift: integers(shift, 'shift'),
        zero: integers(zero, 'zero'),
        low: integer(low, 'low'),
        high: integer(high, 'high'),
      };
    }
    case 'lookup': {
      const [low, high] = fields(2);
      return { kind, operands, low: integer(low, 'low'), high: integer(high, 'high') };
    }
    default:
      return isOperationKind(kind)
        ? decodeAttributes(kind, operands, rest)
        : refuse('a known operation', kind);
  }
}

function addNode(
  g: Builder,
  [kind, ...fields]: readonly Canonical[],
  name: string,
  constants: ReadonlyMap<Address, Uint8Array>,
): TensorId {
  switch (kind) {
    case 'input': {
      const [given, type, extents] = list(fields, 'an input', 3);
      return g.input(text(given, 'name'), dtype(type), shape(extents));
    }
    case 'parameter': {
      const [extents, initialiser] = list(fields, 'a parameter', 2);
      const scheme = oneOf<Initialiser>(initialiser, initialisers, 'initialiser');
      return g.parameter(name, integers(extents, 'shape of a parameter'), scheme);
    }
    case 'state':
      return g.state(name, integers(list(fields, 'a state', 1)[0], 'shape of a state'));
    case 'constant':
      return g.leaf(decodeConstant(list(fields, 'a constant', 3), constants));
    default:
      return g.add(decodeOperation(text(kind, 'kind'), fields));
  }
}

/**
 * Reads an encoded graph. Throws `codec.malformed` or `graph.malformed` on anything but the
 * canonical encoding of a well-formed graph, `graph.constantMissing` if a large constant is not
 * among `constants`.
 */
export function decodeGraph(
  bytes: Uint8Array,
  constants: ReadonlyMap<Address, Uint8Array> = new Map(),
): Graph {
  const value = decodeCanonical(bytes);
  let graph: Graph;
  try {
    graph = build(value, constants);
  } catch (cause) {
    // What is misuse in a program that builds a graph is bad input in bytes from elsewhere.
    if (!(cause instanceof MisuseError)) throw cause;
    throw new NonetError({ code: 'graph.malformed', expected: cause.expected, found: cause.found, cause });
  }
  if (graphAddress(graph) === addressOf(bytes)) return graph;
  return refuse(
    'the canonical form: nodes in post-order, all of them used',
    'another form of the same graph',
  );
}

function build(value: Canonical, constants: ReadonlyMap<Address, Uint8Array>): Graph {
  if (value === null || typeof value !== 'object' || value instanceof Uint8Array || Array.isArray(value)) {
    return refuse('an encoded graph', typeof value);
  }
  const fields = value as Readonly<Record<string, Canonical>>;
  if (fields.format !== format) refuse(format, fields.format);
  if (fields.arithmetic !== arithmetic) refuse(`arithmetic ${arithmetic}`, fields.arithmetic);
  const nodes = list(fields.nodes, 'nodes').map((node) => list(node, 'node'));
  if (nodes.length > maximumNodes) refuse(`at most ${maximumNodes} nodes`, `${nodes.length}`);
  const names = parameterNames(nodes);
  const g = createBuilder();
  for (const [id, node] of nodes.entries()) addNode(g, node, names.get(id) ?? '', constants);
  for (const output of list(fields.outputs, 'outputs')) {
    const [name, tensor] = list(output, 'output', 2);
    g.output(text(name, 'name of an output'), integer(tensor, 'tensor'));
  }
  const pairs = (value: unknown, name: string) =>
    list(value, name).map((pair) => list(pair, name, 2).map((id) => integer(id, name)));
  for (const [of, tensor] of pairs(fields.gradients, 'gradients')) g.gradient(of, tensor);
  for (const [target, tensor] of pairs(fields.updates, 'updates')) g.update(target, tensor);
  return g.finish();
}

/**
 * The addresses of the constants above 1 KiB that an encoded graph names, so that they can be
 * fetched for `decodeGraph`, which refuses anything malformed. Throws `codec.malformed`.
 */
export function largeConstantAddresses(bytes: Uint8Array): readonly Address[] {
  const value = decodeCanonical(bytes);
  const nodes = value !== null && typeof value === 'object' && 'nodes' in value ? value.nodes : [];
  if (!Array.isArray(nodes)) return [];
  return nodes.flatMap((node: Canonical) => {
    const [kind, , extents, content] = Array.isArray(node) ? node : [];
    if (kind !== 'constant' || !Array.isArray(extents) || !(content instanceof Uint8Array)) return [];
    const large = extents.every(Number.isSafeInteger) && 4 * elementCount(extents) > inlineBytes;
    const address = toHex(content);
    return large && isAddress(address) ? [address] : [];
  });
}
