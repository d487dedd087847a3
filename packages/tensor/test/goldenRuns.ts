/**
 * Golden training runs: SHA-256 over all weights after some steps from seeded weights on Philox data. The hash is the arithmetic: if it changes, every
 * replay of an older run breaks, so it changes only with `arithmetic`. Runs in any engine: the tests run it in Node and in Chromium, `npm run
 * golden:engines` in the shells of other engines.
 */
import { addressOf, createRandomStream } from '@nonet/core';
import {
  add,
  addPositions,
  attachCrossEntropy,
  type Builder,
  bind,
  conv2d,
  createProgram,
  crossEntropy,
  defineGraph,
  defineModel,
  dense,
  embedding,
  flatten,
  flattenParameters,
  type Graph,
  gelu,
  initialParameters,
  layerNorm,
  leavesOf,
  maxPool,
  mlp,
  multiHeadAttention,
  type Program,
  relu,
  sgdMomentum,
  standardise,
  type TensorId,
  trainingStep,
} from '../src/index.ts';

export interface GoldenRun {
  readonly name: string;
  /** With the output `loss`; bound. */
  readonly graph: Graph;
  readonly steps: number;
  /** What is drawn for each step: whole numbers below these. */
  readonly below: Readonly<Record<string, number>>;
  readonly hash: string;
}

const pixels = { mean: 127.5, deviation: 73.9 };
const classifier = (model: Graph, batch: number) => bind(attachCrossEntropy(model), { B: batch });
const digits = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'] as const;

export const smallMlp: GoldenRun = {
  name: 'MLP 20-16-5, batch 8, 20 steps',
  graph: classifier(mlp({ features: [20], standardise: pixels, hidden: [16], classes: 5 }), 8),
  steps: 20,
  below: { x: 256, y: 5 },
  hash: '0x5a85a0d70364a74a2c6356f12e2a9c8b1aab82d9a00359db497d19e5bb282e79',
};

/** LeCun et al. 1998 with rectifiers and maxima. */
const lenet5 = defineModel({ shape: [1, 28, 28], labels: digits }, (g, x) => {
  const scaled = standardise(g, x, pixels.mean, pixels.deviation);
  const layer = (x: TensorId, channels: number, padding: number) =>
    maxPool(g, relu(g, conv2d(g, x, channels, { kernel: 5, padding })), { kernel: 2 });
  let y = flatten(g, layer(layer(scaled, 6, 2), 16, 0));
  for (const units of [120, 84]) y = relu(g, dense(g, y, units));
  return dense(g, y, 10);
}).graph;

/** A decoder that predicts the next of 50 tokens: 2 layers of width 32 with 4 heads. */
const transformer = defineGraph(
  { tokens: ['i32', 4, 16], next: ['i32', 4, 16], w: ['f32', 4, 16] },
  (g, { tokens, next, w }) => {
    let x = addPositions(g, embedding(g, tokens, { vocabulary: 50, width: 32 }));
    for (let layer = 0; layer < 2; layer++) {
      x = add(g, x, multiHeadAttention(g, layerNorm(g, x), { heads: 4, causal: true }));
      x = add(g, x, feedForward(g, layerNorm(g, x)));
    }
    return { loss: crossEntropy(g, dense(g, layerNorm(g, x), 50), next, w) };
  },
);

function feedForward(g: Builder, x: TensorId): TensorId {
  return dense(g, gelu(g, dense(g, x, 128)), 32);
}

export const goldenRuns: readonly GoldenRun[] = [
  smallMlp,
  {
    name: 'MLP 784-128-10, batch 64, 50 steps',
    graph: classifier(mlp({ features: [784], standardise: pixels, hidden: [128], classes: 10 }), 64),
    steps: 50,
    below: { x: 256, y: 10 },
    hash: '0xaf8718594d9f555b1adfe353c362523731c290f2de4d5a2fb9b1d8631fe8df61',
  },
  {
    // Products large enough to be shared among threads.
    name: 'MLP 784-256-10, batch 128, 10 steps',
    graph: classifier(mlp({ features: [784], standardise: pixels, hidden: [256], classes: 10 }), 128),
    steps: 10,
    below: { x: 256, y: 10 },
    hash: '0x5f18f73237a93f142847f1703d2a916911fa912ed2d4ff60ebcf6d39386f8740',
  },
  {
    name: 'LeNet-5, batch 32, 10 steps',
    graph: classifier(lenet5, 32),
    steps: 10,
    below: { x: 256, y: 10 },
    hash: '0x43cfa945fd50973c3c1e9cc0175712cc9fd89bc74618edaa81a24b00332372a7',
  },
  {
    name: 'transformer, 2 layers of width 32, batch 4 of 16 tokens, 10 steps',
    graph: transformer,
    steps: 10,
    below: { tokens: 50, next: 50 },
    hash: '0xbc02ddd40ebebbf550973b7ad3b7b5e4135192c4bfa63a5756f978f789ddbddd',
  },
];

export const stepOf = ({ graph }: GoldenRun): Graph => trainingStep(graph, sgdMomentum);

/** Trains on the given implementation of programs and returns the hash. */
export async function hashOf(
  run: GoldenRun,
  create: (graph: Graph) => Program | Promise<Program> = createProgram,
): Promise<string> {
  const program = await create(stepOf(run));
  program.setParameters(initialParameters(run.graph, '0x6e6f6e6574'));
  const random = createRandomStream([0x6e6f6e65, 0x74]);
  const inputs = leavesOf(run.graph, 'input');
  for (const { name } of inputs) if (run.below[name] === undefined) program.input(name).fill(1);
  for (let step = 0; step < run.steps; step++) {
    for (const [name, limit] of Object.entries(run.below)) {
      const values = program.input(name);
      for (let i = 0; i < values.length; i++) values[i] = random.below(limit);
    }
    program.run({ lr: 0.05, mu: 0.9 });
  }
  const flat = flattenParameters(program.parameters());
  return addressOf(new Uint8Array(flat.buffer));
}
