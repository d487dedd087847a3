/**
 * Models in training: statistics of batches against PyTorch, dropout against its probability, and
 * ready-made models end to end.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRandomStream } from '@nonet/core';
import { describe, expect, it } from 'vitest';
import type { Graph } from '../src/index.ts';
import * as t from '../src/index.ts';
import { weigh } from './checkGradients.ts';
import { runBoth } from './runBoth.ts';

interface Case {
  readonly name: string;
  readonly attributes: { readonly before: number[][]; readonly after: number[][] };
  readonly inputs: readonly { readonly shape: readonly number[]; readonly data: readonly number[] }[];
  readonly output: { readonly data: readonly number[] };
  readonly gradients: readonly (readonly number[])[];
}
const file = join(import.meta.dirname, '../../../vectors/tensor/operations.json');
const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: Case[] };

const near = (found: ArrayLike<number>, expected: readonly number[]) => {
  for (const [i, value] of expected.entries()) expect(found[i]).toBeCloseTo(value, 4);
};

describe('batchNorm in training', () => {
  const known = cases.find(({ name }) => name === 'batchNorm in training')!;
  const [x, scale, shift] = known.inputs;
  const model = (batch: number | string) => {
    const g = t.createBuilder();
    const image = g.add({ kind: 'reshape', operands: [g.parameter('x', x.shape, 'zeros')], out: x.shape });
    const y = t.batchNorm(g, batch === 3 ? image : g.input('z', 'f32', [batch, 4, 5]));
    g.output('y', y);
    if (batch === 3) g.output('loss', weigh(g, y));
    return g.finish();
  };
  const roles = ['x', 'norm0.mean', 'norm0.variance', 'norm0.scale', 'norm0.shift'];
  const values = [x.data, ...known.attributes.before, scale.data, shift.data];
  const parametersOf = (graph: Graph) =>
    t
      .leavesOf(graph, 'parameter')
      .map(({ name, shape }) => ({ name, shape, data: Float32Array.from(values[roles.indexOf(name)]) }));

  it('gives the values, gradients and running statistics of PyTorch', async () => {
    const graph = t.differentiate(t.lower(t.toTrainingMode(model(3))), 'loss');
    const { outputs, parameters } = await runBoth(graph, {}, { parameters: parametersOf(graph) });
    near(outputs.y, known.output.data);
    for (const [i, name] of ['x', 'norm0.scale', 'norm0.shift'].entries())
      near(outputs[`d ${name}`], known.gradients[i]);
    const running = ['norm0.mean', 'norm0.variance'].map(
      (name) => parameters.find((p) => p.name === name)!.data,
    );
    for (const [i, expected] of known.attributes.after.entries()) near(running[i], expected);
  });

  it('counts a batch whose size is bound later', async () => {
    const graph = t.bind(t.toTrainingMode(model('B')), { B: 3 });
    const parameters = t.leavesOf(graph, 'parameter').map(({ name, shape }) => ({
      name,
      shape,
      data: Float32Array.from(values[roles.indexOf(name)]),
    }));
    const { outputs } = await runBoth(graph, { z: Float32Array.from(x.data) }, { parameters });
    near(outputs.y, known.output.data);
  });

  it('trains a model whose order of parameters stays its own', async () => {
    const labels = ['a', 'b'] as const;
    const model = t.defineModel({ shape: [3], labels }, (g, x) =>
      t.dense(g, t.relu(g, t.batchNorm(g, t.dense(g, x, 4))), 2),
    );
    const features = Float32Array.from({ length: 24 * 3 }, (_, i) => ((i * 11) % 7) / 7);
    const data = {
      features,
      shape: [3],
      labels: Int32Array.from({ length: 24 }, (_, i) => i % 2),
      vocabulary: labels,
    };
    const trained = await t.train(model, data, {
      optimiser: t.sgd,
      rates: { learningRate: 0.1 },
      epochs: 2,
      batch: 8,
      seed: '0x01',
    });
    t.assertParameters(model.graph, trained.parameters);
    const { accuracy } = await t.evaluate({ ...trained, dataset: data });
    expect(accuracy).toBeGreaterThan(0);
    const trainer = await t.createLocalTrainer(model.graph, 8);
    const local = await trainer.train({
      parameters: trained.parameters,
      dataset: data,
      epochs: 1,
      learningRate: 0.1,
      momentum: 0,
      random: createRandomStream([1, 2]),
    });
    t.assertParameters(model.graph, local.parameters);
  });

  // Conv and dense before it, so that padded rows are not zeros where statistics are taken.
  const padded = (loss: (g: t.Builder, logits: t.TensorId, y: t.TensorId, w: t.TensorId) => t.TensorId) =>
    t.defineGraph({ x: ['f32', 'B', 2, 3, 3], y: ['i32', 'B'], w: ['f32', 'B'] }, (g, { x, y, w }) => {
      const image = t.batchNorm(g, t.conv2d(g, x, 3, { kernel: [2, 2] }));
      const hidden = t.batchNorm(g, t.dense(g, t.relu(g, t.flatten(g, image)), 4));
      return { loss: loss(g, t.dense(g, hidden, 2), y, w) };
    });
  const losses: Readonly<Record<string, Parameters<typeof padded>[0]>> = {
    crossEntropy: t.crossEntropy,
    'two losses': (g, logits, y, w) =>
      t.add(g, t.crossEntropy(g, logits, y, w), t.meanSquaredError(g, logits, t.mul(g, logits, logits), w)),
  };
  it.each(Object.entries(losses))('a padded batch has the bits of a smaller one: %s', async (_, loss) => {
    const step = t.deriveTrainingStep(padded(loss), t.sgd);
    const examples = Float32Array.from({ length: 3 * 18 }, (_, i) => ((i * 37) % 23) / 7 - 1);
    const run = async (size: number) => {
      const x = new Float32Array(size * 18);
      x.set(examples);
      const y = new Int32Array(size);
      y.set([0, 1, 1]);
      const w = new Float32Array(size).fill(1, 0, 3);
      const graph = t.bind(step, { B: size });
      return runBoth(
        graph,
        { x, y, w, learningRate: 0.5 },
        {
          parameters: t.initialParameters(graph, '0x03'),
          steps: 2,
        },
      );
    };
    const [exact, wider] = [await run(3), await run(8)];
    expect(wider.outputs.loss).toEqual(exact.outputs.loss);
    expect(wider.parameters).toEqual(exact.parameters);
    const start = t.initialParameters(t.bind(step, { B: 3 }), '0x03');
    expect(exact.parameters).not.toEqual(start);
  });

  it('one example has no variance, and leaves the running one as it is', async () => {
    const g = t.createBuilder();
    g.output('logits', t.dense(g, t.batchNorm(g, g.input('x', 'f32', ['B', 3])), 2));
    const step = t.bind(t.deriveClassifierStep(g.finish()), { B: 4 });
    const run = async (present: number) => {
      const w = new Float32Array(4).fill(1, 0, present);
      const x = Float32Array.from({ length: 12 }, (_, i) => i * i);
      const { parameters } = await runBoth(
        step,
        { x, y: new Int32Array(4), w, learningRate: 0.1, momentum: 0 },
        { parameters: t.initialParameters(step, '0x01') },
      );
      return (name: string) => [...parameters.find((one) => one.name === `norm0.${name}`)!.data];
    };
    const [one, two] = [await run(1), await run(2)];
    expect(one('mean')).toEqual([0, Math.fround(0.1), Math.fround(0.4)].map((v) => expect.closeTo(v, 6)));
    expect(one('variance')).toEqual([1, 1, 1]);
    // Of 0, 9: variance 40.5 over n - 1; of 1, 16 and 4, 25: 112.5 and 220.5.
    expect(two('variance')).toEqual([4.95, 12.15, 22.95].map((v) => expect.closeTo(v, 4)));
  });

  it('trains: an optimiser leaves running statistics to their updates', async () => {
    const g = t.createBuilder();
    const hidden = t.batchNorm(g, t.dense(g, g.input('x', 'f32', ['B', 3]), 4));
    g.output('logits', t.dense(g, t.relu(g, hidden), 2));
    const step = t.bind(t.deriveClassifierStep(g.finish()), { B: 4 });
    const inputs = {
      x: Float32Array.from({ length: 12 }, (_, i) => (i * 7) % 5),
      y: Int32Array.of(0, 1, 0, 1),
      w: new Float32Array(4).fill(1),
      learningRate: 0.1,
      momentum: 0.5,
    };
    const { parameters, states } = await runBoth(step, inputs, {
      parameters: t.initialParameters(step, '0x01'),
      steps: 3,
    });
    expect(states.map(({ name }) => name)).not.toContain('norm0.mean.velocity');
    expect(
      parameters.find(({ name }) => name === 'norm0.variance')!.data.every((v) => v > 0 && v !== 1),
    ).toBe(true);
  });
});

describe('dropout', () => {
  const model = (rate: number) => {
    const g = t.createBuilder();
    const x = g.input('x', 'f32', [4000]);
    g.output('a', t.dropout(g, x, rate));
    g.output('b', t.dropout(g, x, rate));
    return g.finish();
  };
  const ones = new Float32Array(4000).fill(1);
  const count = (values: ArrayLike<number>) => Array.from(values).filter((value) => value === 0).length;

  it('is nothing at inference', async () => {
    const { outputs } = await runBoth(model(0.5), { x: ones });
    expect(outputs.a).toEqual(ones);
  });

  // 4000 draws of probability 0.25: 1000 expected, standard deviation 27; six of them leave a false
  // alarm of 2e-9.
  it('drops the rate of entries, others in each layer, step and seed, and the same again', async () => {
    const graph = t.toTrainingMode(model(0.25));
    const run = async (seed: number, step: number) =>
      (await runBoth(graph, { x: ones, seed: Int32Array.of(seed, 7), step })).outputs;
    const first = await run(1, 0);
    for (const other of [first.b, (await run(1, 1)).a, (await run(2, 0)).a]) {
      expect(Math.abs(count(other) - 1000)).toBeLessThan(165);
      // Independent draws agree in 5/8 of the entries: 2500, deviation 31.
      expect(Math.abs(count(other.map((value, i) => (value === first.a[i] ? 0 : 1))) - 2500)).toBeLessThan(
        190,
      );
    }
    expect(new Set(first.a)).toEqual(new Set([0, Math.fround(4 / 3)]));
    expect(await run(1, 0)).toEqual(first);
  });

  it('passes gradients where it passes values', async () => {
    const g = t.createBuilder();
    g.output('loss', t.sum(g, t.dropout(g, g.parameter('p', [64], 'ones'), 0.5)));
    const graph = t.differentiate(t.lower(t.toTrainingMode(g.finish())), 'loss');
    const parameters = t.initialParameters(graph, '0x01');
    const { outputs } = await runBoth(graph, { seed: Int32Array.of(3, 4), step: 5 }, { parameters });
    expect(new Set(outputs['d p'])).toEqual(new Set([0, 2]));
  });

  it('trains with the model API, resumed or not', async () => {
    const labels = ['a', 'b'] as const;
    const model = t.defineModel({ shape: [4], labels }, (g, x) =>
      t.dense(g, t.dropout(g, t.relu(g, t.dense(g, x, 8)), 0.5), 2),
    );
    const random = createRandomStream([1, 1]);
    const features = Float32Array.from({ length: 40 * 4 }, () => random.uniform());
    const data = {
      features,
      shape: [4],
      labels: Int32Array.from({ length: 40 }, (_, i) => (features[4 * i] > 0.5 ? 1 : 0)),
      vocabulary: labels,
    };
    const options = {
      optimiser: t.sgdMomentum,
      rates: { learningRate: 0.1, momentum: 0.9 },
      batch: 10,
      seed: '0x2a',
    } as const;
    const whole = await t.train(model, data, { ...options, epochs: 4 });
    const half = await t.train(model, data, { ...options, epochs: 2 });
    const rest = await t.train(model, data, { ...options, epochs: 4, from: half });
    expect(rest.parameters).toEqual(whole.parameters);
    const local = {
      parameters: whole.parameters,
      dataset: data,
      epochs: 1,
      learningRate: 0.1,
      momentum: 0,
    };
    const twice = await Promise.all(
      [1, 1].map(async () =>
        (await t.createLocalTrainer(model.graph, 8)).train({ ...local, random: createRandomStream([5, 6]) }),
      ),
    );
    expect(twice[1]).toEqual(twice[0]);
  });
});

describe('ready-made models', () => {
  it('lenet5 has the parameters of LeNet-5, and its step is the same on kernels and twin', async () => {
    const model = t.lenet5({ classes: 10 });
    expect(t.parameterCount(model)).toBe(61_706);
    const names = t.leavesOf(model, 'parameter').map(({ name }) => name);
    expect(names.slice(0, 5)).toEqual([
      'conv0.weight',
      'conv0.bias',
      'conv1.weight',
      'conv1.bias',
      'dense0.weight',
    ]);
    expect(t.decodeGraph(t.encodeGraph(model))).toEqual(model);
    const step = t.bind(t.deriveClassifierStep(model), { B: 1 });
    const random = createRandomStream([9, 9]);
    const x = Float32Array.from({ length: 784 }, () => random.uniform());
    const inputs = { x, y: Int32Array.of(3), w: Float32Array.of(1), learningRate: 0.1, momentum: 0.9 };
    const { outputs } = await runBoth(step, inputs, { parameters: t.initialParameters(model, '0x05') });
    expect(outputs.loss[0]).toBeGreaterThan(1);
  }, 60_000);

  it('transformer learns to copy, decodes to itself, and its step is the same on kernels and twin', async () => {
    const options = { vocabulary: 5, width: 8, heads: 2, layers: 2, context: 6 };
    const model = t.transformer(options);
    expect(t.decodeGraph(t.encodeGraph(model))).toEqual(model);
    const step = t.bind(t.deriveClassifierStep(model, t.adam), { B: 2 });
    const x = Int32Array.from({ length: 12 }, (_, i) => (i * i) % 5);
    const w = new Float32Array(12).fill(1);
    const at = (n: number) =>
      Object.fromEntries(
        Object.entries(t.adamRates({ learningRate: 0.01 })).map(([name, rate]) => [
          name,
          typeof rate === 'number' ? rate : rate(n),
        ]),
      );
    const parameters = t.initialParameters(model, '0x05');
    await runBoth(step, { x, y: x, w, ...at(0) }, { parameters });
    const program = await t.createProgram(step);
    program.setParameters(parameters);
    const losses = Array.from({ length: 60 }, (_, n) => program.run({ x, y: x, w, ...at(n) }).loss[0]);
    expect(losses[59]).toBeLessThan(losses[0] / 4);
  }, 60_000);

  it('the transformer of the benchmark has about a million parameters', () => {
    const model = t.transformer({ vocabulary: 64, width: 128, heads: 4, layers: 5, context: 64 });
    expect(t.parameterCount(model)).toBe(1_016_256);
  });
});

describe('oriented gradients', () => {
  const [rows, columns, cell] = [8, 12, 4];
  const width = 4 * (rows / cell) * (columns / cell);
  const graph = t.orientedGradients({ features: [rows, columns], range: 255, cell, classes: width });
  /** Logits that are the features. */
  const parameters = t.initialParameters(graph, '0x00').map((parameter) => ({
    ...parameter,
    data: parameter.data.map((_, i) =>
      parameter.shape.length === 2 && Math.floor(i / width) === i % width ? 1 : 0,
    ),
  }));
  const featuresOf = async (image: Float32Array) => {
    const { outputs } = await runBoth(t.bind(graph, { B: 1 }), { x: image }, { parameters });
    return [...outputs.logits];
  };

  /** The definition, pixel by pixel. */
  function slowFeatures(image: Float32Array): number[] {
    const at = (row: number, column: number) =>
      row < 0 || column < 0 || row >= rows || column >= columns ? 0 : image[row * columns + column] / 255;
    const rise = (row: number, column: number, [down, right]: readonly [number, number]) => {
      let sum = 0;
      for (const [shift, weight] of [
        [-1, 1],
        [0, 2],
        [1, 1],
      ] as const) {
        const ahead = at(row + down + shift * right, column + right + shift * down);
        const behind = at(row - down + shift * right, column - right + shift * down);
        sum += (weight * (ahead - behind)) / 8;
      }
      return Math.max(0, sum);
    };
    const directions = [
      [0, 1],
      [0, -1],
      [1, 0],
      [-1, 0],
    ] as const;
    const cells = directions.flatMap((direction) =>
      Array.from({ length: width / 4 }, (_, i) => {
        const [top, left] = [cell * Math.floor((i * cell) / columns), (i * cell) % columns];
        let sum = 0;
        for (let pixel = 0; pixel < cell ** 2; pixel++)
          sum += rise(top + Math.floor(pixel / cell), left + (pixel % cell), direction);
        return sum / cell ** 2;
      }),
    );
    const mean = cells.reduce((a, b) => a + b) / width;
    const variance = cells.reduce((sum, value) => sum + (value - mean) ** 2, 0) / width;
    return cells.map((value) => (value - mean) / Math.sqrt(variance + 1e-6));
  }

  it('are what their definition says, pixel by pixel', async () => {
    const random = createRandomStream([3, 0xed9e]);
    const image = Float32Array.from({ length: rows * columns }, () => random.below(256));
    const slow = slowFeatures(image);
    near(await featuresOf(image), slow);
    expect(Math.hypot(...slow)).toBeCloseTo(Math.sqrt(width), 1);
  });

  it('tell an edge from its mirror image, and see none where there is none', async () => {
    const right = Float32Array.from({ length: rows * columns }, (_, i) => (i % columns < 6 ? 0 : 255));
    const features = await featuresOf(right);
    const strongest = features.indexOf(Math.max(...features));
    // Brightness grows to the right, in the middle cell of the upper row.
    expect(strongest).toBe(1);
    const left = await featuresOf(right.map((value) => 255 - value));
    expect(left[1]).toBeLessThan(left[width / 4 + 1]);
    expect(await featuresOf(new Float32Array(rows * columns))).toEqual(new Array(width).fill(0));
  });

  it('has its last layer alone to train', () => {
    const digits = t.orientedGradients({ features: [28, 28], range: 255, cell: 4, classes: 10 });
    expect(t.parameterCount(digits)).toBe(196 * 10 + 10);
  });
});
