/** What evaluating a classifier takes, before any of it is run. */
import type { Graph } from '../graph/graph.ts';
import { estimateRun, type RunCost } from '../run/budget.ts';
import { bind } from '../transform/bind.ts';
import { attachCrossEntropy } from '../transform/losses.ts';
import { inferenceBatch } from './predict.ts';

/** What `evaluate` takes for `count` examples; it runs the graph and its loss batch by batch. */
export function estimateEvaluation(graph: Graph, count: number): RunCost {
  const { multiplyAdds, bytes } = estimateRun(bind(attachCrossEntropy(graph), { B: inferenceBatch }));
  return { multiplyAdds: multiplyAdds * Math.ceil(count / inferenceBatch), bytes };
}
