/**
 * A graph is one static program in SSA form: each node makes one tensor, from nodes with smaller
 * numbers. Leaves are inputs, parameters, states and constants; weights are never inside (model =
 * graph + parameters). Inner nodes are readable operations (operations/) or the primitives into
 * which `lower` turns them (primitives.ts).
 *
 * Identity (docs/specs/graph.md §2, encode.ts): nodes in post-order from the declared outputs,
 * gradients and updates. The names of inputs and outputs are the calling convention and count; the
 * names of parameters and states, and notes, do not.
 */
import { MisuseError } from '@nonet/core';
import type { Operation } from './operations.ts';
import type { Primitive } from './primitives.ts';
import type { Dtype, Shape, TensorId } from './shape.ts';

export type { TensorId };

/**
 * The version of the arithmetic that gives a graph its meaning: rounding, order of reductions, the
 * table of calls.
 */
export const arithmetic = 1;

/**
 * How a parameter starts: zeros, ones, or uniform in +-sqrt(6/fanIn) (He 2015), or
 * +-sqrt(6/(fanIn+fanOut)) (Glorot 2010).
 */
export const initialisers = ['zeros', 'ones', 'heUniform', 'glorotUniform'] as const;
/** The name of one of these schemes. */
export type Initialiser = (typeof initialisers)[number];

/** A node that nothing is computed for. */
export type Leaf =
  | { readonly kind: 'input'; readonly name: string; readonly dtype: Dtype; readonly shape: Shape }
  | {
      readonly kind: 'parameter';
      readonly name: string;
      readonly dtype: 'f32';
      readonly shape: readonly number[];
      readonly initialiser: Initialiser;
    }
  /** Kept between runs, zeros at first (a momentum). */
  | {
      readonly kind: 'state';
      readonly name: string;
      readonly dtype: 'f32';
      readonly shape: readonly number[];
    }
  | {
      readonly kind: 'constant';
      readonly dtype: Dtype;
      readonly shape: readonly number[];
      /** Little-endian, row-major, 4 bytes an element. */
      readonly bytes: Uint8Array<ArrayBuffer>;
    };

/**
 * What an inner node carries besides its attributes: the inferred type of its tensor, and a remark
 * for readers.
 */
interface Inferred {
  readonly dtype: Dtype;
  readonly shape: Shape;
  readonly note?: string;
}

/** A readable operation with the type of its result. */
export type OperationNode = Operation & Inferred;
/** A primitive with the type of its result. */
export type PrimitiveNode = Primitive & Inferred;
/** A node makes one tensor of `dtype` and `shape`; its number is the tensor's. */
export type Node = Leaf | OperationNode | PrimitiveNode;

/** A static program: nodes in canonical order, and what of them is kept. */
export interface Graph {
  readonly nodes: readonly Node[];
  readonly outputs: readonly { readonly name: string; readonly tensor: TensorId }[];
  /** What `differentiate` adds: the derivative of an output with respect to each parameter. */
  readonly gradients: readonly { readonly of: TensorId; readonly tensor: TensorId }[];
  /** After a run, parameter or state `target` takes the value of `tensor`. */
  readonly updates: readonly { readonly target: TensorId; readonly tensor: TensorId }[];
}

type LeafKind = Leaf['kind'];
const leafKinds: ReadonlySet<string> = new Set<LeafKind>(['input', 'parameter', 'state', 'constant']);

/** Whether the node is an input, a parameter, a state or a constant. */
export function isLeaf(node: Node): node is Leaf {
  return leafKinds.has(node.kind);
}

function operandsOf(node: Node): readonly TensorId[] {
  return isLeaf(node) ? [] : node.operands;
}

/** The leaves of one kind with their numbers, in canonical order. */
export function leavesOf<K extends LeafKind>(
  graph: Graph,
  kind: K,
): readonly (Extract<Leaf, { kind: K }> & { readonly id: TensorId })[] {
  return graph.nodes.flatMap((node, id) =>
    node.kind === kind ? [{ ...(node as Extract<Leaf, { kind: K }>), id }] : [],
  );
}

/** The number of the output called `name`; throws `graph.noOutput`. */
export function outputNamed(graph: Graph, name: string): TensorId {
  const output = graph.outputs.find((candidate) => candidate.name === name);
  if (output !== undefined) return output.tensor;
  throw new MisuseError({
    code: 'graph.noOutput',
    expected: `an output called ${name}`,
    found: graph.outputs.map((candidate) => candidate.name).join(', ') || 'no outputs',
  });
}

/**
 * Numbers the nodes in post-order from outputs, gradients, updates, and leaves out what none of
 * them needs (docs/specs/graph.md §2).
 */
export function canonicalise(graph: Graph): Graph {
  const order: TensorId[] = [];
  const numbers = new Map<TensorId, TensorId>();
  const visit = (root: TensorId) => {
    const stack: { id: TensorId; next: number }[] = [{ id: root, next: 0 }];
    while (stack.length > 0) {
      const top = stack[stack.length - 1];
      const operands = operandsOf(graph.nodes[top.id]);
      if (numbers.has(top.id)) stack.pop();
      else if (top.next < operands.length) stack.push({ id: operands[top.next++], next: 0 });
      else {
        numbers.set(top.id, order.length);
        order.push(top.id);
        stack.pop();
      }
    }
    return numbers.get(root)!;
  };
  const outputs = graph.outputs.map(({ name, tensor }) => ({ name, tensor: visit(tensor) }));
  const gradients = graph.gradients.map(({ of, tensor }) => ({ of: visit(of), tensor: visit(tensor) }));
  const updates = graph.updates.map(({ target, tensor }) => ({
    target: visit(target),
    tensor: visit(tensor),
  }));
  const nodes = order.map((id): Node => {
    const node = graph.nodes[id];
    return isLeaf(node) ? node : { ...node, operands: node.operands.map((operand) => numbers.get(operand)!) };
  });
  return { nodes, outputs, gradients, updates };
}
