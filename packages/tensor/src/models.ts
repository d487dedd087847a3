/** Ready-made models, and the transformations from a model (a forward graph) to its loss and to its training step. */
import { createBuilder, extendGraph } from './builder.ts';
import { differentiate } from './differentiate.ts';
import { type Graph, outputNamed } from './graph.ts';
import { lower } from './lower.ts';
import { relu } from './operations/elementwise.ts';
import { dense } from './operations/linear.ts';
import { crossEntropy } from './operations/losses.ts';
import { standardise } from './operations/normalisation.ts';
import { argmax, softmax } from './operations/reductions.ts';
import { flatten } from './operations/shapes.ts';
import { attachOptimiser, type Optimiser, sgdMomentum } from './optimisers.ts';

export interface MlpOptions {
  /** The shape of one example: `[784]`, `[28, 28]`. */
  readonly features: readonly number[];
  /** Constants of the graph: one number, or one per feature. */
  readonly standardise?: {
    readonly mean: number | readonly number[];
    readonly deviation: number | readonly number[];
  };
  /** Units of each hidden layer, possibly none. */
  readonly hidden: readonly number[];
  readonly classes: number;
}

/**
 * A classifier of dense layers and relu. Input `x` f32[B, ...features]; outputs `logits` f32[B,classes], `probabilities`
 * f32[B,classes], `label` i32[B]. Parameters `dense0.weight` (I,O), `dense0.bias` (O), `dense1.weight`, ...
 */
export function mlp({ features, standardise: scaling, hidden, classes }: MlpOptions): Graph {
  const g = createBuilder();
  let x = g.input('x', 'f32', ['B', ...features]);
  if (scaling !== undefined) x = standardise(g, x, scaling.mean, scaling.deviation);
  if (features.length > 1) x = flatten(g, x);
  for (const units of hidden) x = relu(g, dense(g, x, units));
  const logits = dense(g, x, classes, 'glorotUniform');
  g.output('logits', logits);
  g.output('probabilities', softmax(g, logits));
  g.output('label', argmax(g, logits));
  return g.finish();
}

/**
 * From a graph with the output `logits` f32[B,C] to one with the output `loss` f32[]: the mean cross-entropy in nats, with the
 * inputs `y` i32[B] (labels) and `w` f32[B] (weights of examples; 0 for padding, not all 0). `logits` stays an output.
 */
export function attachCrossEntropy(graph: Graph): Graph {
  const logits = outputNamed(graph, 'logits');
  const g = extendGraph({ ...graph, outputs: [] });
  const batch = graph.nodes[logits].shape.slice(0, 1);
  const y = g.input('y', 'i32', batch);
  const w = g.input('w', 'f32', batch);
  g.output('loss', crossEntropy(g, logits, y, w));
  g.output('logits', logits);
  return g.finish();
}

/**
 * The training step of a model: inputs x, y, w, lr, mu; output `loss`; updates of parameters and velocities. Readable graph in,
 * primitives out; B is still unbound. This is the graph that a job names as its step.
 */
export function stepGraph(graph: Graph, optimiser: Optimiser = sgdMomentum): Graph {
  const { outputs, ...loss } = attachCrossEntropy(graph);
  const lossOnly = { ...loss, outputs: outputs.filter(({ name }) => name === 'loss') };
  return attachOptimiser(differentiate(lower(lossOnly), 'loss'), optimiser);
}
