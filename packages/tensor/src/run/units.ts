/**
 * Which nodes one kernel call computes. Elementwise expressions over the same space are one
 * expression where nothing else reads what lies between; and they finish the sums of a contraction,
 * block by block while these are in the cache, where they read everything else in a way that the
 * kernel can follow. Each element goes through the same operations in the same order, so the bits
 * are those of one node after the other; what lies between has no memory.
 */
import type { FlatMap } from '../graph/affine.ts';
import { usesPosition } from '../graph/expression.ts';
import { type Graph, isLeaf, type Node, type PrimitiveNode, type TensorId } from '../graph/graph.ts';
import { type ElementSpecification, elementSpecification } from '../graph/primitives.ts';
import { boundShape, elementCount } from '../graph/shape.ts';
import type { Part } from '../kernels/compile.ts';
import { accessOf, columnsOf } from '../kernels/descriptors.ts';
import { finishOf } from '../kernels/finish.ts';
import { type Phase, splitPhases } from '../kernels/phases.ts';

/** One kernel call. */
export interface Unit {
  /** The node whose tensor it writes. */
  readonly id: TensorId;
  /** What it reads, without what it makes itself; reshapes are looked through. */
  readonly reads: readonly TensorId[];
  /** Of maps and views: one expression after the other. */
  readonly group?: Group;
  /** The contraction whose sums the group finishes. */
  readonly head?: TensorId;
  /** Of a contraction over an image with zeros between its pixels, which are left out. */
  readonly phases?: readonly Phase[];
}

/** Maps and views that are computed together, in the order of their numbers. */
export interface Group {
  readonly parts: readonly Part[];
  /** Tensors from outside, reshapes looked through. */
  readonly operands: readonly TensorId[];
  /** How they are read. */
  readonly specification: ElementSpecification;
}

type Elementwise = Extract<PrimitiveNode, { kind: 'map' | 'view' }>;

/** The node whose memory holds each tensor: a reshape lies where its operand does. */
export function findHolders(graph: Graph): readonly TensorId[] {
  const holders = [...graph.nodes.keys()];
  for (const [id, node] of graph.nodes.entries()) {
    if (node.kind === 'reshape') holders[id] = holders[node.operands[0]];
  }
  return holders;
}

/** Bounds the time that planning takes, and the registers of a program. */
const maximumMembers = 32;

const squeeze = (shape: readonly number[]) => shape.filter((extent) => extent !== 1);

/** The kernel calls of a bound graph of primitives, in their order. */
export function planUnits(graph: Graph): readonly Unit[] {
  const holders = findHolders(graph);
  const readers = graph.nodes.map(() => new Set<TensorId>());
  for (const [id, node] of graph.nodes.entries()) {
    if (isLeaf(node) || node.kind === 'reshape') continue;
    for (const operand of node.operands) readers[holders[operand]].add(id);
  }
  const updated = new Set(graph.updates.map(({ tensor }) => holders[tensor]));
  const kept = new Set(updated);
  for (const { tensor } of [...graph.outputs, ...graph.gradients]) kept.add(holders[tensor]);
  const shapeOf = (id: TensorId) => boundShape(graph.nodes[id].shape);
  const elementwise = (id: TensorId): Elementwise | undefined => {
    const node = graph.nodes[id];
    return node.kind === 'map' || node.kind === 'view' ? (node as Elementwise) : undefined;
  };
  const specifications = new Map<TensorId, ElementSpecification>();
  const specify = (id: TensorId): ElementSpecification => {
    const known = specifications.get(id);
    if (known !== undefined) return known;
    const node = elementwise(id)!;
    const made = elementSpecification(node, node.operands.map(shapeOf));
    specifications.set(id, made);
    return made;
  };
  const onlyReadBy = (id: TensorId, members: ReadonlySet<TensorId>) =>
    !kept.has(id) &&
    readers[id].size <= members.size &&
    [...readers[id]].every((reader) => members.has(reader));
  const readsOtherwise = new Map<TensorId, ReadonlySet<TensorId>>();
  /** What a map or view reads otherwise than all its elements, one after the other. */
  const readOtherwiseBy = (reader: TensorId): ReadonlySet<TensorId> => {
    const known = readsOtherwise.get(reader);
    if (known !== undefined) return known;
    const specification = specify(reader);
    const count = elementCount(specification.out);
    const otherwise = elementwise(reader)!.operands.filter(
      (operand, i) =>
        accessOf(specification, specification.operands[i]) !== 'inOrder' ||
        count !== elementCount(shapeOf(operand)),
    );
    const made = new Set(otherwise.map((operand) => holders[operand]));
    readsOtherwise.set(reader, made);
    return made;
  };
  /** Whether the maps and views that read a tensor all read its elements one after the other. */
  const readInOrder = (id: TensorId) => [...readers[id]].every((reader) => !readOtherwiseBy(reader).has(id));

  /** The maps and views that end in `root`. */
  const grow = (root: TensorId): ReadonlySet<TensorId> => {
    const members = new Set([root]);
    const space = squeeze(shapeOf(root));
    const absorbs = (id: TensorId) => {
      const node = elementwise(id);
      if (node === undefined || members.has(id) || members.size === maximumMembers) return false;
      if (!onlyReadBy(id, members)) return false;
      const sameSpace = `${squeeze(shapeOf(id))}` === `${space}`;
      const sameAxes = `${shapeOf(id)}` === `${shapeOf(root)}`;
      const positions = node.kind === 'map' && usesPosition(node.expression);
      return sameSpace && (sameAxes || !positions) && readInOrder(id);
    };
    const waiting = [root];
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
      for (const operand of elementwise(id)!.operands.map((each) => holders[each])) {
        if (!absorbs(operand)) continue;
        members.add(operand);
        // What it reads may now be read by members only.
        waiting.push(operand);
      }
    }
    return members;
  };

  const groupOf = (members: ReadonlySet<TensorId>, root: TensorId): Group => {
    const { out } = specify(root);
    const order = [...members].sort((a, b) => a - b);
    const operands: TensorId[] = [];
    const reads: FlatMap[] = [];
    const known = new Map<string, number>();
    const parts = order.map((id): Part => {
      const node = elementwise(id)!;
      const own = specify(id);
      const sources = node.operands.map((operand, i) => {
        const holder = holders[operand];
        if (members.has(holder)) return { part: order.indexOf(holder) };
        const read = spreadRead(own.operands[i], own.out, out);
        const key = JSON.stringify([holder, read]);
        const at = known.get(key) ?? operands.length;
        if (at === operands.length) {
          known.set(key, at);
          operands.push(holder);
          reads.push(read);
        }
        return { operand: at };
      });
      return {
        expression: node.kind === 'map' ? node.expression : ['arg', 0],
        dtypes: node.operands.map((operand) => graph.nodes[operand].dtype),
        sources,
      };
    });
    return { parts, operands, specification: { out, k: [], operands: reads } };
  };

  /** The last contraction that only these members read, if its sums can be finished by them. */
  const headOf = (group: Group, members: ReadonlySet<TensorId>, root: TensorId) => {
    if (updated.has(root) || group.parts.some(({ expression }) => usesPosition(expression))) return undefined;
    // Columns divide the elements, so that few of them are different.
    const followed = new Map<number, boolean>();
    const follows = (columns: number) => {
      const known = followed.get(columns) ?? finishOf(group.specification, columns) !== undefined;
      followed.set(columns, known);
      return known;
    };
    const heads = group.operands.filter((id) => {
      const node = graph.nodes[id];
      if (node.kind !== 'contract') return false;
      if (!onlyReadBy(id, members) || !readInOrder(id)) return false;
      if (phasesOf(id) !== undefined) return false;
      const columns = columnsOf(elementSpecification(node, node.operands.map(shapeOf)));
      return columns !== undefined && follows(columns);
    });
    return heads.length === 0 ? undefined : heads.reduce((a, b) => Math.max(a, b));
  };

  const finite = new Map<TensorId, boolean>();
  const weighsFinitely = (id: TensorId): boolean => {
    const known = finite.get(id) ?? isFiniteConstant(graph.nodes[id]);
    finite.set(id, known);
    return known;
  };

  /** A contraction and the padding that only it reads, if the zeros can be left out. */
  const phasesOf = (id: TensorId): { readonly unit: Unit; readonly padding: TensorId } | undefined => {
    const node = graph.nodes[id];
    if (node.kind !== 'contract' || node.dtype !== 'f32') return undefined;
    for (const image of [0, 1] as const) {
      const [padding, weight] = [node.operands[image], node.operands[1 - image]];
      const pad = graph.nodes[padding];
      if (pad.kind !== 'pad' || !onlyReadBy(padding, new Set([id]))) continue;
      const phases = splitPhases(node, image, pad, shapeOf(pad.operands[0]), shapeOf(weight));
      if (phases === undefined || !weighsFinitely(weight)) continue;
      const reads = [holders[pad.operands[0]], holders[weight]];
      return { unit: { id, reads: image === 0 ? reads : reads.toReversed(), phases }, padding };
    }
    return undefined;
  };

  const units: Unit[] = [];
  const absorbed = new Set<TensorId>();
  for (let id = graph.nodes.length - 1; id >= 0; id--) {
    const node = graph.nodes[id];
    if (isLeaf(node) || node.kind === 'reshape' || absorbed.has(id)) continue;
    if (elementwise(id) === undefined) {
      const phased = phasesOf(id);
      if (phased !== undefined) {
        absorbed.add(phased.padding);
        units.push(phased.unit);
        continue;
      }
      units.push({ id, reads: node.operands.map((operand) => holders[operand]) });
      continue;
    }
    const members = grow(id);
    const group = groupOf(members, id);
    const head = headOf(group, members, id);
    for (const member of members) absorbed.add(member);
    if (head === undefined) {
      units.push({ id, reads: group.operands, group });
      continue;
    }
    absorbed.add(head);
    const own = (graph.nodes[head] as PrimitiveNode).operands.map((operand) => holders[operand]);
    units.push({ id, reads: [...group.operands.filter((each) => each !== head), ...own], group, head });
  }
  return units.reverse();
}

/** Whether a leaf is a constant without infinities and NaN. */
function isFiniteConstant(node: Node): boolean {
  if (node.kind !== 'constant' || node.dtype !== 'f32') return false;
  const view = new DataView(node.bytes.buffer, node.bytes.byteOffset, node.bytes.length);
  for (let at = 0; at < node.bytes.length; at += 4) {
    if (!Number.isFinite(view.getFloat32(at, true))) return false;
  }
  return true;
}

/** A read over `from`, as one over `to`: the same axes but for some of extent 1. */
function spreadRead({ base, strides }: FlatMap, from: readonly number[], to: readonly number[]): FlatMap {
  const long = strides.filter((_, axis) => from[axis] !== 1);
  let at = 0;
  return { base, strides: to.map((extent) => (extent === 1 ? 0 : long[at++])) };
}
