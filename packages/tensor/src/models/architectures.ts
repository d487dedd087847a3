/** Ready-made classifiers. */
import { type Builder, createBuilder } from '../graph/builder.ts';
import type { Graph, TensorId } from '../graph/graph.ts';
import { multiHeadAttention } from '../graph/operations/attention.ts';
import { add } from '../graph/operations/broadcasting.ts';
import { conv2d } from '../graph/operations/convolution.ts';
import { gelu, relu } from '../graph/operations/elementwise.ts';
import { dense } from '../graph/operations/linear.ts';
import { layerNorm, standardise } from '../graph/operations/normalisation.ts';
import { averagePool, maxPool } from '../graph/operations/pooling.ts';
import { addPositions, embedding, flatten } from '../graph/operations/shapes.ts';
import { addPredictions } from './predictions.ts';

/** The layers of `mlp`. */
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
 * A classifier of dense layers and relu. Input `x` f32[B, ...features]; outputs `logits`
 * f32[B,classes], `probabilities` f32[B,classes], `label` i32[B]. Parameters `dense0.weight` (I,O),
 * `dense0.bias` (O), `dense1.weight`, ...
 */
export function mlp({ features, standardise: scaling, hidden, classes }: MlpOptions): Graph {
  const g = createBuilder();
  let x = g.input('x', 'f32', ['B', ...features]);
  if (scaling !== undefined) x = standardise(g, x, scaling.mean, scaling.deviation);
  if (features.length > 1) x = flatten(g, x);
  for (const units of hidden) x = relu(g, dense(g, x, units));
  return classify(g, dense(g, x, classes, 'glorotUniform'));
}

/** The layers of `lenet5`. */
export interface Lenet5Options {
  readonly classes: number;
}

/**
 * LeNet-5 in its modern form (after LeCun et al. 1998): input `x` f32[B,1,28,28]; 6 kernels of
 * 5x5 (padded), relu, maxima of 2x2, 16 kernels of 5x5, relu, maxima of 2x2, dense layers of 120,
 * 84 and `classes`. 61,706 parameters for 10 classes. Outputs as `mlp`.
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

/** The features of `orientedGradients`. */
export interface OrientedGradientsOptions {
  /** Rows and columns of one example, multiples of `cell`. */
  readonly features: readonly [rows: number, columns: number];
  /** What a full stroke is worth: 255 for bytes. */
  readonly range: number;
  /** Rows and columns of the cells that edges are averaged over. */
  readonly cell: number;
  readonly classes: number;
}

/** Sobel's kernel for brightness that grows to the right, as correlation. */
const rising = [-1, 0, 1, -2, 0, 2, -1, 0, 1].map((weight) => weight / 8);
const transposed = (kernel: readonly number[]) =>
  kernel.map((_, i) => kernel[3 * (i % 3) + Math.floor(i / 3)]);

/**
 * A linear classifier on features that are known beforehand: how strongly brightness grows in each
 * of four directions, averaged over cells and normalised within an example (a small form of Dalal
 * and Triggs 2005, "Histograms of oriented gradients for human detection"). Few parameters and no
 * statistics of the data, which is what noise spares (Tramèr and Boneh 2021, "Differentially
 * private learning needs better features"). Input `x` f32[B,rows,columns]; parameters
 * `dense0.weight` (4 rows columns / cell², classes), `dense0.bias` (classes). Outputs as `mlp`.
 */
export function orientedGradients({ features, range, cell, classes }: OrientedGradientsOptions): Graph {
  const [rows, columns] = features;
  const g = createBuilder();
  const x = standardise(g, g.input('x', 'f32', ['B', rows, columns]), 0, range);
  const image = g.add({ kind: 'reshape', operands: [x], out: ['B', 1, rows, columns] });
  const kernels = [rising, transposed(rising)].flatMap((kernel) => [kernel, kernel.map((weight) => -weight)]);
  const edges = relu(
    g,
    g.add({
      kind: 'conv2d',
      operands: [
        image,
        g.constant(Float32Array.from(kernels.flat()), [4, 1, 3, 3]),
        g.constant(new Float32Array(4), [4]),
      ],
      stride: [1, 1],
      padding: [1, 1, 1, 1],
      dilation: [1, 1],
      groups: 1,
    }),
  );
  const cells = flatten(g, averagePool(g, edges, { kernel: cell }));
  const width = (4 * rows * columns) / cell ** 2;
  const normalised = g.add({
    kind: 'layerNorm',
    operands: [
      cells,
      g.constant(new Float32Array(width).fill(1), [width]),
      g.constant(new Float32Array(width), [width]),
    ],
    epsilon: Math.fround(1e-6),
  });
  return classify(g, dense(g, normalised, classes, 'glorotUniform'));
}

/** The layers of `transformer`. */
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
 * A decoder that predicts the next token (Vaswani et al. 2017, normalised before each part as in
 * GPT-2): input `x` i32[B,context]; learned positions, causal attention, two dense layers of 4
 * times the width with gelu. `vocabulary` 64, `width` 128, `heads` 4, `layers` 5, `context` 64 has
 * about a million parameters. Outputs `logits` f32[B,context,vocabulary], `probabilities`, `label`.
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

function classify(g: Builder, logits: TensorId): Graph {
  for (const [name, tensor] of Object.entries(addPredictions(g, logits))) g.output(name, tensor);
  return g.finish();
}
