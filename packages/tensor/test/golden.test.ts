/**
 * Golden training runs: SHA-256 over all weights after N steps from seeded weights on Philox data. The hash is the arithmetic:
 * if it changes, every replay of an older run breaks, so it changes only with `arithmetic`.
 */
import { addressOf, createRandomStream } from '@nonet/core';
import { describe, expect, it } from 'vitest';
import {
  bind,
  createProgram,
  createTwinProgram,
  flattenParameters,
  initialParameters,
  mlp,
  type Program,
  stepGraph,
} from '../src/index.ts';

interface Run {
  readonly features: number;
  readonly hidden: number;
  readonly classes: number;
  readonly batch: number;
  readonly steps: number;
}

function train(program: Program, { features, batch, classes, steps }: Run): string {
  const random = createRandomStream([0x6e6f6e65, 0x74]);
  const w = new Float32Array(batch).fill(1);
  for (let step = 0; step < steps; step++) {
    const x = Float32Array.from({ length: batch * features }, () => random.below(256));
    const y = Int32Array.from({ length: batch }, () => random.below(classes));
    program.run({ x, y, w, lr: 0.05, mu: 0.9 });
  }
  const flat = flattenParameters(program.parameters());
  return addressOf(new Uint8Array(flat.buffer));
}

function prepare({ features, hidden, classes, batch }: Run) {
  const model = mlp({
    features: [features],
    standardise: { mean: 127.5, deviation: 73.9 },
    hidden: [hidden],
    classes,
  });
  const step = bind(stepGraph(model), { B: batch });
  const load = (program: Program) => {
    program.setParameters(initialParameters(model, '0x6e6f6e6574'));
    return program;
  };
  return { step, load };
}

describe('golden training runs', () => {
  it('MLP 784-128-10, batch 64, 50 steps, on the kernels', async () => {
    const run = { features: 784, hidden: 128, classes: 10, batch: 64, steps: 50 };
    const { step, load } = prepare(run);
    expect(train(load(await createProgram(step)), run)).toBe(
      '0xaf8718594d9f555b1adfe353c362523731c290f2de4d5a2fb9b1d8631fe8df61',
    );
  });

  it('MLP 20-16-5, batch 8, 20 steps, on the kernels and on the twin', async () => {
    const run = { features: 20, hidden: 16, classes: 5, batch: 8, steps: 20 };
    const { step, load } = prepare(run);
    const kernel = train(load(await createProgram(step)), run);
    expect(train(load(createTwinProgram(step)), run)).toBe(kernel);
    expect(kernel).toBe('0x5a85a0d70364a74a2c6356f12e2a9c8b1aab82d9a00359db497d19e5bb282e79');
  });
});
