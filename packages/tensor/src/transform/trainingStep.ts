/**
 * From a graph with a loss to one step of its training: a graph whose run changes its parameters
 * (docs/specs/arithmetic.md §7).
 */
import type { Graph } from '../graph/graph.ts';
import { differentiate } from './differentiate.ts';
import { attachCrossEntropy } from './losses.ts';
import { lower } from './lower.ts';
import { attachOptimiser, type Optimiser, sgdMomentum } from './optimisers.ts';
import { toTrainingMode } from './trainingMode.ts';

/**
 * From a graph with the scalar output `loss` to its training step: its inputs and the optimiser's
 * (such as `learningRate` f32[]); output `loss`; updates of parameters and of the optimiser's
 * states. Readable operations in, primitives out. Dropout adds the inputs of `toTrainingMode`.
 * Throws what `differentiate` throws.
 */
export function deriveTrainingStep(graph: Graph, optimiser: Optimiser): Graph {
  const outputs = graph.outputs.filter(({ name }) => name === 'loss');
  return attachOptimiser(differentiate(lower(toTrainingMode({ ...graph, outputs })), 'loss'), optimiser);
}

/**
 * The training step of a classifier: that of its mean cross-entropy, so inputs x, y, w and the
 * optimiser's. Bound to a batch, this is the graph that a job names as its step.
 */
export function deriveClassifierStep(graph: Graph, optimiser: Optimiser = sgdMomentum): Graph {
  return deriveTrainingStep(attachCrossEntropy(graph), optimiser);
}
