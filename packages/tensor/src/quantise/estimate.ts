/** What quantising a model takes, before any of it is done. */
import { copyNode, createBuilder } from '../graph/builder.ts';
import { type Graph, isLeaf } from '../graph/graph.ts';
import { estimateRun, type RunCost } from '../run/budget.ts';
import { bind, unboundExtents } from '../transform/bind.ts';
import { lower } from '../transform/lower.ts';
import { countRows, type Rows, rowsOfRun } from './calibrate.ts';

/** What a piece of work takes. */
export interface WorkCost extends RunCost {
  /** On one thread, at 2^31 multiply-adds a second: what small models reach here, and large ones beat. */
  readonly seconds: number;
}

/** What quantising takes, and then each answer. */
export interface QuantisationCost {
  readonly calibration: WorkCost;
  /** Of one row, alone; much the same in f32 and in integers. */
  readonly inference: WorkCost;
}

const multiplyAddsPerSecond = 2 ** 31;

function workOf({ multiplyAdds, bytes }: RunCost, times: number): WorkCost {
  const total = multiplyAdds * times;
  return { multiplyAdds: total, bytes, seconds: total / multiplyAddsPerSecond };
}

/**
 * The cost of `quantise` with these rows, from shapes alone. Its caller may hand it to
 * `assertWithinBudget`. Throws `quantise.rows`.
 */
export function estimateQuantisation({
  graph,
  rows,
}: {
  readonly graph: Graph;
  readonly rows: Rows;
}): QuantisationCost {
  const count = countRows(graph, rows);
  const primitives = lower({ ...graph, gradients: [], updates: [] });
  const g = createBuilder();
  for (const [id, node] of primitives.nodes.entries()) {
    copyNode(g, node, (at) => at);
    // Calibration keeps every tensor until it was looked at.
    if (!isLeaf(node) && node.dtype === 'f32') g.output(`t${id}`, id);
  }
  const bound = (of: Graph, batch: number) =>
    bind(of, Object.fromEntries(unboundExtents(of).map((name) => [name, batch])));
  const batch = Math.min(rowsOfRun, count);
  const { bytes } = estimateRun(bound(g.finish(), batch));
  const once = estimateRun(bound(primitives, 1));
  return {
    calibration: workOf({ multiplyAdds: once.multiplyAdds, bytes }, count),
    inference: workOf(once, 1),
  };
}
