/**
 * Golden training runs: SHA-256 over all weights after some steps from seeded weights on Philox
 * data. The hash is the arithmetic: if it changes, every replay of an older run breaks, so it
 * changes only with `arithmetic`. Runs in any engine: the tests run it in Node and in Chromium,
 * `npm run golden:engines` in the shells of other engines.
 */
import { createRandomStream, sha256, toHex } from '@nonet/core';
import {
  attachCrossEntropy,
  bind,
  createProgram,
  deriveTrainingStep,
  flattenParameters,
  type Graph,
  initialParameters,
  leavesOf,
  lenet5,
  mlp,
  type Program,
  sgdMomentum,
  transformer,
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

const smallMlp: GoldenRun = {
  name: 'MLP 20-16-5, batch 8, 20 steps',
  graph: classifier(mlp({ features: [20], standardise: pixels, hidden: [16], classes: 5 }), 8),
  steps: 20,
  below: { x: 256, y: 5 },
  hash: '0x5a85a0d70364a74a2c6356f12e2a9c8b1aab82d9a00359db497d19e5bb282e79',
};

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
    name: 'LeNet-5, batch 8, 3 steps',
    graph: classifier(lenet5({ classes: 10 }), 8),
    steps: 3,
    below: { x: 2, y: 10 },
    hash: '0x99d6eead7861e6ad84258885ecb79025421d71def6e95194d4876444d994419f',
  },
  {
    name: 'transformer of 2 layers, batch of 2 x 16 tokens, 3 steps',
    graph: classifier(transformer({ vocabulary: 50, width: 32, heads: 4, layers: 2, context: 16 }), 2),
    steps: 3,
    below: { x: 50, y: 50 },
    hash: '0xd6b42b0a3ba2270d0cbb75ef7a029fedc9b6cfca1061db9869130262bf31ba9d',
  },
];

/** Those that the scalar twin gets through in seconds. */
export const smallRuns = goldenRuns.filter(({ name }) => !name.startsWith('MLP 784'));

export const stepOf = ({ graph }: GoldenRun): Graph => deriveTrainingStep(graph, sgdMomentum);

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
    program.run({ learningRate: 0.05, momentum: 0.9 });
  }
  const flat = flattenParameters(program.parameters());
  return toHex(sha256(new Uint8Array(flat.buffer)));
}
