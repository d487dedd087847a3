/** From a model (a graph with the output `logits`) to the losses that it is trained by. */
import { extendGraph } from '../graph/builder.ts';
import { type Graph, outputNamed } from '../graph/graph.ts';
import { crossEntropy, exampleCrossEntropy } from '../graph/operations/losses.ts';

/**
 * From a graph with the output `logits` f32[B,...,C] to one with the output `loss` f32[]: the mean
 * cross-entropy in nats, with the inputs `y` i32[B,...] (labels) and `w` f32[B,...] (weights of
 * examples; 0 for padding, not all 0). `logits` stays an output; others are dropped.
 */
export function attachCrossEntropy(graph: Graph): Graph {
  const logits = outputNamed(graph, 'logits');
  const g = extendGraph({ ...graph, outputs: [] });
  const batch = graph.nodes[logits].shape.slice(0, -1);
  const y = g.input('y', 'i32', batch);
  const w = g.input('w', 'f32', batch);
  g.output('loss', crossEntropy(g, logits, y, w));
  g.output('logits', logits);
  return g.finish();
}

/**
 * From a graph with the output `logits` f32[B,...,C] to one with the single output `losses` f32[B]:
 * the cross-entropy of each example in nats, averaged over its positions, with the input `y`
 * i32[B,...] (labels). What `clippedGradientSum` takes.
 */
export function attachExampleLosses(graph: Graph): Graph {
  const logits = outputNamed(graph, 'logits');
  const g = extendGraph({ ...graph, outputs: [] });
  const y = g.input('y', 'i32', graph.nodes[logits].shape.slice(0, -1));
  g.output('losses', exampleCrossEntropy(g, logits, y));
  return g.finish();
}
