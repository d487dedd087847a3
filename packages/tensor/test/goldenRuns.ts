/**
 * Golden training runs: SHA-256 over all weights after some steps from seeded weights on Philox data. The hash is the arithmetic: if it changes, every
 * replay of an older run breaks, so it changes only with `arithmetic`. Runs in any engine: the tests run it in Node and in Chromium, `npm run
 * golden:engines` in the shells of other engines.
 */
import { addressOf, createRandomStream } from '@nonet/core';
import {
  bind,
  createProgram,
  flattenParameters,
  type Graph,
  initialParameters,
  mlp,
  type Program,
  stepGraph,
} from '../src/index.ts';

export interface GoldenRun {
  readonly name: string;
  /** A model of whole numbers below 256 as `x`, with logits. */
  readonly model: Graph;
  readonly batch: number;
  readonly steps: number;
  readonly hash: string;
}

export const smallMlp: GoldenRun = {
  name: 'MLP 20-16-5, batch 8, 20 steps',
  model: mlp({ features: [20], standardise: { mean: 127.5, deviation: 73.9 }, hidden: [16], classes: 5 }),
  batch: 8,
  steps: 20,
  hash: '0x5a85a0d70364a74a2c6356f12e2a9c8b1aab82d9a00359db497d19e5bb282e79',
};

export const goldenRuns: readonly GoldenRun[] = [
  smallMlp,
  {
    name: 'MLP 784-128-10, batch 64, 50 steps',
    model: mlp({
      features: [784],
      standardise: { mean: 127.5, deviation: 73.9 },
      hidden: [128],
      classes: 10,
    }),
    batch: 64,
    steps: 50,
    hash: '0xaf8718594d9f555b1adfe353c362523731c290f2de4d5a2fb9b1d8631fe8df61',
  },
  {
    // Products large enough to be shared among threads.
    name: 'MLP 784-256-10, batch 128, 10 steps',
    model: mlp({
      features: [784],
      standardise: { mean: 127.5, deviation: 73.9 },
      hidden: [256],
      classes: 10,
    }),
    batch: 128,
    steps: 10,
    hash: '0x5f18f73237a93f142847f1703d2a916911fa912ed2d4ff60ebcf6d39386f8740',
  },
];

export const boundStep = ({ model, batch }: GoldenRun): Graph => bind(stepGraph(model), { B: batch });

/** Trains on the given implementation of programs and returns the hash. */
export async function hashOf(
  run: GoldenRun,
  create: (graph: Graph) => Program | Promise<Program> = createProgram,
): Promise<string> {
  const { model, batch, steps } = run;
  const program = await create(boundStep(run));
  program.setParameters(initialParameters(model, '0x6e6f6e6574'));
  const random = createRandomStream([0x6e6f6e65, 0x74]);
  const classes = lastExtent(model);
  const w = new Float32Array(batch).fill(1);
  for (let step = 0; step < steps; step++) {
    const x = Float32Array.from(program.input('x'), () => random.below(256));
    const y = Int32Array.from({ length: batch }, () => random.below(classes));
    program.run({ x, y, w, lr: 0.05, mu: 0.9 });
  }
  const flat = flattenParameters(program.parameters());
  return addressOf(new Uint8Array(flat.buffer));
}

function lastExtent({ nodes, outputs }: Graph): number {
  const logits = outputs.find(({ name }) => name === 'logits')!;
  return nodes[logits.tensor].shape.at(-1) as number;
}
