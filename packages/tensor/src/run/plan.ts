/**
 * The memory plan of a graph: an address for every tensor in one linear memory, fixed before the
 * first run. Leaves, and what outlives a run, have places of their own; intermediate tensors share
 * space when their lifetimes do not overlap; what lies inside a unit has none. A reshape lies where
 * its operand lies. An update is
 * written straight into its parameter or state where nothing reads the old value any more.
 */
import { MisuseError } from '@nonet/core';
import { type Graph, isLeaf, type TensorId } from '../graph/graph.ts';
import { boundShape, elementCount } from '../graph/shape.ts';
import { findCompanions } from '../kernels/companions.ts';
import { accessOf } from '../kernels/descriptors.ts';
import { findHolders, planUnits, type Unit } from './units.ts';

/** Where every tensor of a graph lies. */
export interface MemoryPlan {
  /** The kernel calls, in their order. */
  readonly units: readonly Unit[];
  /** Byte address of each tensor, by node number; 0 of one that lies inside a unit. */
  readonly addresses: readonly number[];
  /** Updates that need a copy after the run: the others are made in place. */
  readonly copies: readonly { readonly target: TensorId; readonly tensor: TensorId }[];
  /** Nodes computed together with an earlier one, by that one. */
  readonly companions: ReadonlyMap<TensorId, TensorId>;
  /** Bytes that the tensors take together. */
  readonly bytes: number;
}

const align = (bytes: number) => Math.ceil(bytes / 16) * 16;

/** First fit over the gaps that dead tensors leave; grows at the end. */
function createSpace() {
  const free: { start: number; bytes: number }[] = [];
  let end = 0;
  return {
    end: () => end,
    take(bytes: number): number {
      const gap = free.find((candidate) => candidate.bytes >= bytes);
      if (gap === undefined) {
        const start = end;
        end += bytes;
        return start;
      }
      const { start } = gap;
      gap.start += bytes;
      gap.bytes -= bytes;
      return start;
    },
    give(start: number, bytes: number) {
      free.push({ start, bytes });
      free.sort((a, b) => a.start - b.start);
      for (let i = free.length - 1; i > 0; i--) {
        if (free[i - 1].start + free[i - 1].bytes !== free[i].start) continue;
        free[i - 1].bytes += free[i].bytes;
        free.splice(i, 1);
      }
    },
  };
}

/**
 * Plans a bound graph of primitives. Throws `plan.tooLarge` above the 4 GiB that 32-bit addresses
 * reach.
 */
export function planMemory(graph: Graph): MemoryPlan {
  const plan = layMemory(graph);
  if (plan.bytes > 2 ** 32 - 2 ** 24) {
    throw new MisuseError({
      code: 'plan.tooLarge',
      expected: 'tensors within 4 GiB',
      found: `${plan.bytes} bytes`,
      hint: 'Use a smaller batch or model.',
    });
  }
  return plan;
}

/** The plan of a bound graph of primitives, whether or not addresses reach all of it. */
export function layMemory(graph: Graph): MemoryPlan {
  const never = graph.nodes.length;
  const holder = findHolders(graph);
  const units = planUnits(graph);
  const lastUse = new Array<number>(never).fill(-1);
  for (const { id, reads } of units) for (const operand of reads) lastUse[operand] = id;
  for (const { tensor } of [...graph.outputs, ...graph.gradients]) lastUse[holder[tensor]] = never;
  // A leaf that another parameter or state takes over is read after the last node.
  for (const { tensor } of graph.updates)
    if (isLeaf(graph.nodes[holder[tensor]])) lastUse[holder[tensor]] = never;
  const unitOf = new Map(units.map((unit) => [unit.id, unit]));
  const inPlace = new Map<TensorId, TensorId>();
  const copies = graph.updates.filter(({ target, tensor }) => {
    const unit = unitOf.get(tensor);
    if (inPlace.has(tensor) || unit === undefined || lastUse[target] > tensor) return true;
    if (!mayOverwrite(unit, target)) return true;
    inPlace.set(tensor, target);
    return false;
  });
  for (const { tensor } of copies) lastUse[holder[tensor]] = never;
  const bytesOf = (id: TensorId) => align(4 * elementCount(boundShape(graph.nodes[id].shape)));
  const addresses = new Array<number>(never).fill(0);
  const space = createSpace();
  const companions = findCompanions(graph);
  const taken = new Set(companions.values());
  for (const [id, node] of graph.nodes.entries()) if (isLeaf(node)) addresses[id] = space.take(bytesOf(id));
  for (const { id, reads } of units) {
    const target = inPlace.get(id);
    if (target !== undefined) addresses[id] = addresses[target];
    else if (!taken.has(id)) addresses[id] = space.take(bytesOf(id));
    const companion = companions.get(id);
    if (companion !== undefined) addresses[companion] = space.take(bytesOf(companion));
    for (const operand of new Set(reads)) {
      const dead = lastUse[operand] === id && !isLeaf(graph.nodes[operand]) && !inPlace.has(operand);
      if (dead) space.give(addresses[operand], bytesOf(operand));
    }
  }
  for (const id of graph.nodes.keys()) addresses[id] = addresses[holder[id]];
  return { units, addresses, copies, companions, bytes: space.end() };
}

/** Whether the unit may write into the memory of `target`: maps that read it in order. */
function mayOverwrite({ group, head }: Unit, target: TensorId): boolean {
  if (group === undefined || head !== undefined) return false;
  const { operands, specification } = group;
  return operands.every(
    (operand, i) => operand !== target || accessOf(specification, specification.operands[i]) === 'inOrder',
  );
}
