/**
 * What a run would take, before anything of it is run: a few hundred bytes of graph can ask for
 * hours and gigabytes. The estimate is a function of the graph alone, and runs nothing.
 */
import { UndecidedError } from '@nonet/core';
import type { Expression } from '../graph/expression.ts';
import { type Graph, isLeaf, type PrimitiveNode } from '../graph/graph.ts';
import { boundShape, elementCount } from '../graph/shape.ts';
import { lower } from '../transform/lower.ts';
import { layMemory } from './plan.ts';

/** What a program takes, or may take. */
export interface RunCost {
  /** Terms of sums and products, and operations of element-wise expressions. */
  readonly multiplyAdds: number;
  /** What its tensors need at once. */
  readonly bytes: number;
}

/** What a stranger's program may take unless its caller says otherwise: seconds, and 1 GiB. */
export const usualBudget: RunCost = { multiplyAdds: 2 ** 35, bytes: 2 ** 30 };

/** `factor` times a budget. */
export const scaleBudget = ({ multiplyAdds, bytes }: RunCost, factor: number): RunCost => ({
  multiplyAdds: factor * multiplyAdds,
  bytes: factor * bytes,
});

/** Operations of an expression; a call of exp and its like counts as its polynomial. */
const workOfCall = 16;

function sizeOf(e: Expression): number {
  let size = e[0] === 'call' ? workOfCall : 1;
  for (const part of e.slice(1)) if (Array.isArray(part)) size += sizeOf(part as unknown as Expression);
  return size;
}

function workOf(node: PrimitiveNode, operands: readonly (readonly number[])[]): number {
  const elements = elementCount(boundShape(node.shape));
  switch (node.kind) {
    case 'contract':
    case 'reduce':
      return elements * elementCount(boundShape(node.k));
    case 'map':
      return elements * sizeOf(node.expression);
    case 'scatterAdd':
      return elements + elementCount(operands[0]);
    case 'random':
      return elements * workOfCall;
    case 'reshape':
      return 0;
    default:
      return elements;
  }
}

/** What one run of a bound graph takes. Throws `shape.unbound` on named extents. */
export function estimateRun(source: Graph): RunCost {
  const graph = lower(source);
  let multiplyAdds = 0;
  for (const node of graph.nodes) {
    if (isLeaf(node)) continue;
    const primitive = node as PrimitiveNode;
    multiplyAdds += workOf(
      primitive,
      primitive.operands.map((operand) => boundShape(graph.nodes[operand].shape)),
    );
  }
  return { multiplyAdds, bytes: layMemory(graph).bytes };
}

const print = (value: number) => value.toLocaleString('en', { maximumSignificantDigits: 4 });

/**
 * Throws `run.budget` if a program takes more than the budget: an UndecidedError, since nothing was
 * found out about it.
 */
export function assertWithinBudget(cost: RunCost, budget: RunCost, what: string, hint: string): void {
  if (cost.multiplyAdds <= budget.multiplyAdds && cost.bytes <= budget.bytes) return;
  const words = ({ multiplyAdds, bytes }: RunCost) =>
    `${print(multiplyAdds)} multiply-adds and ${print(Math.ceil(bytes / 2 ** 20))} MiB`;
  throw new UndecidedError({
    code: 'run.budget',
    expected: `at most ${words(budget)} for ${what}`,
    found: words(cost),
    hint,
  });
}
