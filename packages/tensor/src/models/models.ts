/** Ready-made models, and the transformations from a model (a forward graph) to its loss and to its training step. */
import { type Builder, createBuilder, extendGraph } from '../graph/builder.ts';
import { type Graph, outputNamed, type TensorId } from '../graph/graph.ts';
import { multiHeadAttention } from '../graph/operations/attention.ts';
import { add } from '../graph/operations/broadcasting.ts';
import { conv2d } from '../graph/operations/convolution.ts';
import { gelu, relu } from '../graph/operations/elementwise.ts';
import { dense } from '../graph/operations/linear.ts';
import { crossEntropy, exampleCrossEntropy } from '../graph/operations/losses.ts';
import { layerNorm, standardise } from '../graph/operations/normalisation.ts';
import { maxPool } from '../graph/operations/pooling.ts';
import { argmax, softmax } from '../graph/operations/reductions.ts';
import { addPositions, embedding, flatten } from '../graph/operations/shapes.ts';
import { differentiate } from '../transform/differentiate.ts';
import { forTraining } from '../transform/forTraining.ts';
import { lower } from '../transform/lower.ts';
import { attachOptimiser, type Optimiser, sgdMomentum } from '../transform/optimisers.ts';

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
  return classify(g, dense(g, x, classes, 'glorotUniform'));
}

export interface Lenet5Options {
  readonly classes: number;
}

/**
 * LeNet-5 as it is built today (after LeCun et al. 1998): input `x` f32[B,1,28,28]; 6 kernels of 5x5 (padded), relu, maxima of 2x2, 16 kernels of
 * 5x5, relu, maxima of 2x2, dense layers of 120, 84 and `classes`. 61,706 parameters for 10 classes. Outputs as `mlp`.
 */
export function lenet5({ classes }: Lenet5Options): Graph {
  const g = createBuilder();
  let x = g.input('x', 'f32', ['B', 1, 28, 28]);
  x = maxPool(g, relu(g, conv2d(g, x, 6, { kernel: 5, padding: 2 })), { kernel: 2 });
  x = maxPool(g, relu(g, conv2d(g, x, 16, { kernel: 5 })), { kernel: 2 });
  x = flatten(g, x);
  for (const units of [120, 84]) x = relu(g, dense(g, x, units));
  return classify(g, dense(g, x, classes, 'glorotUniform'));
}

export interface TransformerOptions {
  /** Number of tokens. */
  readonly vocabulary: number;
  readonly width: number;
  readonly heads: number;
  readonly layers: number;
  /** Number of positions. */
  readonly context: number;
}

/**
 * A decoder that predicts the next token (Vaswani et al. 2017, normalised before each part as in GPT-2): input `x` i32[B,context]; learned positions,
 * causal attention, two dense layers of 4 times the width with gelu. `vocabulary` 64, `width` 128, `heads` 4, `layers` 5, `context` 64 has about a
 * million parameters. Outputs `logits` f32[B,context,vocabulary], `probabilities`, `label`.
 */
export function transformer({ vocabulary, width, heads, layers, context }: TransformerOptions): Graph {
  const g = createBuilder();
  const tokens = g.input('x', 'i32', ['B', context]);
  let x = addPositions(g, embedding(g, tokens, { vocabulary, width }));
  for (let layer = 0; layer < layers; layer++) {
    x = add(g, x, multiHeadAttention(g, layerNorm(g, x), { heads, causal: true }));
    x = add(g, x, dense(g, gelu(g, dense(g, layerNorm(g, x), 4 * width)), width));
  }
  return classify(g, dense(g, layerNorm(g, x), vocabulary, 'glorotUniform'));
}

/** Ends a classifier: logits, their softmax, and the class of the largest. */
function classify(g: Builder, logits: TensorId): Graph {
  g.output('logits', logits);
  g.output('probabilities', softmax(g, logits));
  g.output('label', argmax(g, logits));
  return g.finish();
}

/**
 * From a graph with the output `logits` f32[B,...,C] to one with the output `loss` f32[]: the mean cross-entropy in nats, with the
 * inputs `y` i32[B,...] (labels) and `w` f32[B,...] (weights of examples; 0 for padding, not all 0). `logits` stays an output.
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
 * From a graph with the output `logits` f32[B,...,C] to one with the output `losses` f32[B] alone: the cross-entropy of each example, meaned over
 * its positions, with the input `y` i32[B,...]. What `clippedGradientSum` takes.
 */
export function attachExampleLosses(graph: Graph): Graph {
  const logits = outputNamed(graph, 'logits');
  const g = extendGraph({ ...graph, outputs: [] });
  const y = g.input('y', 'i32', graph.nodes[logits].shape.slice(0, -1));
  g.output('losses', exampleCrossEntropy(g, logits, y));
  return g.finish();
}

/**
 * The training step of a model: inputs x, y, w, lr, mu; output `loss`; updates of parameters and velocities. Readable graph in,
 * primitives out; B is still unbound. Dropout adds the inputs `seed` and `step`. This is the graph that a job names as its step.
 */
export function stepGraph(graph: Graph, optimiser: Optimiser = sgdMomentum): Graph {
  const { outputs, ...loss } = attachCrossEntropy(forTraining(graph));
  const lossOnly = { ...loss, outputs: outputs.filter(({ name }) => name === 'loss') };
  return attachOptimiser(differentiate(lower(lossOnly), 'loss'), optimiser);
}
