/**
 * A graph under construction. `add` infers and checks the type of each node, `finish` gives the
 * canonical graph. The functions in operations/ add readable operations, so that a model reads as
 * it is drawn:
 *
 *     const g = createBuilder();
 *     const x = g.input('x', 'f32', ['B', 4]);
 *     const hidden = relu(g, dense(g, x, 16));
 *     g.output('logits', dense(g, hidden, 3));
 *     const graph = g.finish();
 */
import { MisuseError } from '@nonet/core';
import { canonicalise, type Graph, type Initialiser, type Node, type TensorId } from './graph.ts';
import { inferOperation, type Operation } from './operations.ts';
import { inferPrimitive, isPrimitive, type Primitive, type TensorType } from './primitives.ts';
import { assertShape, type Dtype, printUntrusted, type Shape } from './shape.ts';

/** A graph under construction. A `TensorId` is the number of a node in it. */
export interface Builder {
  /** The nodes so far; a tensor's number is its place here. */
  readonly nodes: readonly Node[];
  /** A value given at each run. */
  input(name: string, dtype: Dtype, shape: Shape): TensorId;
  /** f32; the name is for readers, and for files of parameters. */
  parameter(name: string, shape: readonly number[], initialiser: Initialiser): TensorId;
  /** f32, zeros at first. */
  state(name: string, shape: readonly number[]): TensorId;
  /** `values` row-major; f32 or i32 after their type. */
  constant(values: Float32Array | Int32Array, shape: readonly number[]): TensorId;
  /**
   * Adds any node, its type inferred and checked; `note` is printed beside it and is not part of
   * identity.
   */
  add(node: Operation | Primitive, note?: string): TensorId;
  /** Adds a leaf of another graph as it is. */
  leaf(node: Node): TensorId;
  output(name: string, tensor: TensorId): void;
  /** Declares `tensor` the derivative with respect to `of`. */
  gradient(of: TensorId, tensor: TensorId): void;
  /** After a run, the parameter or state `target` takes the value of `tensor`. */
  update(target: TensorId, tensor: TensorId): void;
  /** The graph in canonical order, without what no output, gradient or update needs. */
  finish(): Graph;
}

/** Says in a refusal at which node it was. */
function inferAt(node: TensorId, note: string | undefined, infer: () => TensorType): TensorType {
  try {
    return infer();
  } catch (cause) {
    if (!(cause instanceof MisuseError)) throw cause;
    const { code, found } = cause;
    const where = note === undefined ? `node ${node}` : `"${note}", node ${node}`;
    throw new MisuseError({ code, expected: `${cause.expected} (${where})`, found, cause });
  }
}

const namePattern = /^[A-Za-z][A-Za-z0-9_.]{0,63}$/;

function assertName(name: unknown, of: string) {
  if (typeof name === 'string' && namePattern.test(name)) return;
  throw new MisuseError({
    code: 'graph.name',
    expected: `a name of letters, digits, dots and underscores for ${of}`,
    found: printUntrusted(name),
  });
}

/**
 * An empty graph under construction. Its methods throw `graph.name` on malformed or repeated names,
 * `shape.malformed`, `graph.tensor` on numbers that are not tensors, `graph.constant`,
 * `graph.gradient` and `graph.update` on types that do not fit, and `operation.operands` or
 * `primitive.*` from `add`.
 */
export function createBuilder(): Builder {
  const nodes: Node[] = [];
  const outputs: { name: string; tensor: TensorId }[] = [];
  // Sets: searching the nodes for each name would take minutes on a hostile graph of 100,000
  // parameters.
  const names = { inputs: new Set<string>(), parameters: new Set<string>(), outputs: new Set<string>() };
  const updated = new Set<TensorId>();
  const gradients: { of: TensorId; tensor: TensorId }[] = [];
  const updates: { target: TensorId; tensor: TensorId }[] = [];
  const push = (node: Node) => nodes.push(node) - 1;
  const assertTensor = (id: TensorId): Node => {
    if (Number.isInteger(id) && id >= 0 && id < nodes.length) return nodes[id];
    throw new MisuseError({
      code: 'graph.tensor',
      expected: `a tensor number below ${nodes.length}`,
      found: String(id),
    });
  };
  const addName = (known: Set<string>, name: string, of: string) => {
    assertName(name, of);
    if (known.has(name)) {
      throw new MisuseError({ code: 'graph.name', expected: `another name for ${of}`, found: name });
    }
    known.add(name);
  };
  const leaf = (node: Node): TensorId => {
    assertShape(node.shape, node.kind);
    if (node.kind === 'input') addName(names.inputs, node.name, 'an input');
    if (node.kind === 'parameter' || node.kind === 'state') {
      addName(names.parameters, node.name, `a ${node.kind}`);
    }
    return push(node);
  };
  const assertSame = (a: Node, b: Node, code: string) => {
    if (a.dtype === b.dtype && JSON.stringify(a.shape) === JSON.stringify(b.shape)) return;
    throw new MisuseError({
      code,
      expected: `${a.dtype}[${a.shape.join(',')}]`,
      found: `${b.dtype}[${b.shape.join(',')}]`,
    });
  };
  return {
    nodes,
    leaf,
    input: (name, dtype, shape) => leaf({ kind: 'input', name, dtype, shape }),
    parameter: (name, shape, initialiser) =>
      leaf({ kind: 'parameter', name, dtype: 'f32', shape, initialiser }),
    state: (name, shape) => leaf({ kind: 'state', name, dtype: 'f32', shape }),
    constant(values, shape) {
      if (values.length !== shape.reduce((count, extent) => count * extent, 1)) {
        throw new MisuseError({
          code: 'graph.constant',
          expected: `values for [${shape.join(',')}]`,
          found: `${values.length} values`,
        });
      }
      const bytes = new Uint8Array(4 * values.length);
      const view = new DataView(bytes.buffer);
      for (const [i, value] of values.entries()) {
        if (values instanceof Float32Array) view.setFloat32(4 * i, value, true);
        else view.setInt32(4 * i, value, true);
      }
      const dtype = values instanceof Float32Array ? 'f32' : 'i32';
      return leaf({ kind: 'constant', dtype, shape, bytes });
    },
    add(node, note) {
      const operands = node.operands.map(assertTensor);
      const { dtype, shape } = isPrimitive(node)
        ? inferAt(nodes.length, note, () => inferPrimitive(node, operands))
        : inferOperation(node, operands, nodes.length, note);
      return push({ ...node, dtype, shape, ...(note === undefined ? {} : { note }) });
    },
    output(name, tensor) {
      assertTensor(tensor);
      addName(names.outputs, name, 'an output');
      outputs.push({ name, tensor });
    },
    gradient(of, tensor) {
      assertSame(assertTensor(of), assertTensor(tensor), 'graph.gradient');
      gradients.push({ of, tensor });
    },
    update(target, tensor) {
      const node = assertTensor(target);
      assertSame(node, assertTensor(tensor), 'graph.update');
      if (!['parameter', 'state'].includes(node.kind) || updated.has(target)) {
        throw new MisuseError({
          code: 'graph.update',
          expected: 'one update for a parameter or state',
          found: node.kind,
        });
      }
      updated.add(target);
      updates.push({ target, tensor });
    },
    finish: () => canonicalise({ nodes, outputs, gradients, updates }),
  };
}

/**
 * A new builder holding the nodes of `graph` under the same numbers, with its outputs and updates
 * declared again.
 */
export function extendGraph(graph: Graph): Builder {
  const builder = createBuilder();
  for (const node of graph.nodes) copyNode(builder, node, (id) => id);
  for (const { name, tensor } of graph.outputs) builder.output(name, tensor);
  for (const { target, tensor } of graph.updates) builder.update(target, tensor);
  return builder;
}

/** Adds a node of another graph, its operands renumbered; types are inferred again. */
export function copyNode(builder: Builder, node: Node, number: (id: TensorId) => TensorId): TensorId {
  if (!('operands' in node)) return builder.leaf(node);
  const { dtype: _, shape: __, note, ...attributes } = node;
  return builder.add({ ...attributes, operands: node.operands.map(number) }, note);
}
