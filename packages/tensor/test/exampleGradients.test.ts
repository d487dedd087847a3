/**
 * Per-example norms and clipped sums against the slow twin, which differentiates one example at a
 * time; sensitivity; what is refused. The twin works in f64 from f32 gradients, so both agree to a
 * few units of 2^-24 times the number of terms.
 */
import { createRandomStream } from '@nonet/core';
import { describe, expect, it } from 'vitest';
import { addMap } from '../src/graph/emit.ts';
import type { Builder, Graph, Parameters, TensorId } from '../src/index.ts';
import * as t from '../src/index.ts';
import { clippedGradientSum, perExampleNorms } from '../src/transform/exampleGradients.ts';
import { createTwinProgram } from '../src/twins/index.ts';
import { runBoth } from './runBoth.ts';

const random = createRandomStream([0xc11b, 5]);
const uniform = (length: number) => Float32Array.from({ length }, () => random.uniform() * 2 - 1);

interface Twin {
  readonly norms: readonly number[];
  /** All parameters, flat. */
  readonly gradients: readonly (readonly number[])[];
}

type Inputs = Readonly<Record<string, Float32Array | Int32Array>>;

/** The gradient of each loss alone: the graph bound to one example. */
function twin(graph: Graph, parameters: Parameters, inputs: Inputs, batch: number): Twin {
  const g = t.createBuilder();
  for (const node of graph.nodes) {
    if ('operands' in node) {
      const { dtype: _, shape: __, note: ___, ...attributes } = node;
      g.add(attributes);
    } else g.leaf(node);
  }
  const losses = graph.outputs.find(({ name }) => name === 'losses')!.tensor;
  g.output('loss', t.sum(g, losses));
  const single = t.bind(t.differentiate(t.lower(g.finish()), 'loss'), { B: 1 });
  const program = createTwinProgram(single);
  program.setParameters(parameters);
  const gradients = Array.from({ length: batch }, (_, example) => {
    const one = Object.fromEntries(
      Object.entries(inputs).map(([name, values]) => {
        const width = values.length / batch;
        return [name, values.slice(example * width, (example + 1) * width)];
      }),
    );
    const outputs = program.run(one);
    return parameters.flatMap(({ name }) => [...outputs[`d ${name}`]]);
  });
  return { norms: gradients.map((gradient) => Math.hypot(...gradient)), gradients };
}

function clippedSum({ norms, gradients }: Twin, weights: ArrayLike<number>, clippingNorm: number): number[] {
  return gradients[0].map((_, i) =>
    gradients.reduce(
      (sum, gradient, b) => sum + weights[b] * Math.min(1, clippingNorm / norms[b]) * gradient[i],
      0,
    ),
  );
}

const batch = 5;
const classes = 3;

function model(
  build: (g: Builder, x: TensorId) => TensorId,
  shape: readonly number[],
  dtype: 'f32' | 'i32' = 'f32',
) {
  const g = t.createBuilder();
  g.output('logits', build(g, g.input('x', dtype, ['B', ...shape])));
  return t.attachExampleLosses(g.finish());
}

const models: Readonly<Record<string, Graph>> = {
  'dense layers': model((g, x) => t.dense(g, t.relu(g, t.dense(g, x, 6)), classes), [4]),
  'dense layers over positions, by Gram matrices': model(
    (g, x) => t.dense(g, t.tanh(g, t.dense(g, x, 8)), classes),
    [2, 7],
  ),
  'dense layers over positions, by gradients': model(
    (g, x) => t.dense(g, t.tanh(g, t.dense(g, x, 2)), classes),
    [9, 2],
  ),
  convolutions: model(
    (g, x) => {
      const first = t.relu(g, t.conv2d(g, x, 4, { kernel: 3, padding: 1 }));
      const second = t.relu(
        g,
        t.conv2d(g, t.maxPool(g, first, { kernel: 2 }), 6, { kernel: 2, stride: 2, groups: 2 }),
      );
      return t.dense(g, t.flatten(g, second), classes);
    },
    [2, 8, 8],
  ),
  'a transposed convolution': model(
    (g, x) => t.dense(g, t.flatten(g, t.convTranspose2d(g, x, 2, { kernel: 2, stride: 2 })), classes),
    [3, 2, 2],
  ),
  'normalisation and attention': model(
    (g, x) =>
      t.dense(
        g,
        t.rmsNorm(g, t.multiHeadAttention(g, t.layerNorm(g, x), { heads: 2, causal: true })),
        classes,
      ),
    [4, 4],
  ),
  'embedding and positions': model(
    (g, x) =>
      t.dense(g, t.layerNorm(g, t.addPositions(g, t.embedding(g, x, { vocabulary: 6, width: 4 }))), classes),
    [5],
    'i32',
  ),
  'a layer used twice': model(
    (g, x) => {
      const weight = g.parameter('w', [4, 4], 'heUniform');
      const bias = g.parameter('b', [4], 'zeros');
      const once = t.tanh(g, g.add({ kind: 'dense', operands: [x, weight, bias] }));
      return t.dense(g, t.tanh(g, g.add({ kind: 'dense', operands: [once, weight, bias] })), classes);
    },
    [4],
  ),
};

function sample(graph: Graph): { readonly parameters: Parameters; readonly inputs: Inputs } {
  const parameters = t.initialParameters(graph, '0x0b').map((parameter) => ({
    ...parameter,
    data: parameter.data.map((value) => value + (random.uniform() - 0.5) / 4),
  }));
  const inputs = Object.fromEntries(
    t.leavesOf(graph, 'input').map(({ name, dtype, shape }) => {
      const length = batch * shape.slice(1).reduce<number>((n, extent) => n * Number(extent), 1);
      const below = name === 'y' ? classes : 6;
      return [
        name,
        dtype === 'f32' ? uniform(length) : Int32Array.from({ length }, () => random.below(below)),
      ];
    }),
  );
  return { parameters, inputs };
}

const arranged = (graph: Graph, parameters: Parameters) => t.arrangeParameters(graph, parameters);

describe('per-example gradients agree with one example at a time', () => {
  it.each(Object.entries(models))('%s', async (_, graph) => {
    const { parameters, inputs } = sample(graph);
    const slow = twin(graph, parameters, inputs, batch);
    const clippingNorm = [...slow.norms].sort((a, b) => a - b)[2] * 0.9;
    const clipped = t.bind(clippedGradientSum(graph, { clippingNorm }), { B: batch });
    const w = Float32Array.of(1, 1, 0, 1, 1);
    const { outputs } = await runBoth(
      clipped,
      { ...inputs, w },
      { parameters: arranged(clipped, parameters) },
    );
    for (const [b, norm] of slow.norms.entries()) expect(outputs.norms[b] / norm).toBeCloseTo(1, 4);
    const found = parameters.flatMap(({ name }) => [...outputs[`d ${name}`]]);
    for (const [i, value] of clippedSum(slow, w, clippingNorm).entries())
      expect(found[i]).toBeCloseTo(value, 4);
    const norms = t.bind(perExampleNorms(graph), { B: batch });
    const alone = await runBoth(norms, inputs, { parameters: arranged(norms, parameters) });
    expect(alone.outputs.norms).toEqual(outputs.norms);
  });
});

describe('rigorous sums agree with one example at a time', () => {
  const tables = ['embedding and positions'];
  const kept = Object.entries(models).filter(([name]) => !tables.includes(name));
  it.each(kept)('%s', async (_, graph) => {
    const { parameters, inputs } = sample(graph);
    const slow = twin(graph, parameters, inputs, batch);
    const clippingNorm = [...slow.norms].sort((a, b) => a - b)[2] * 0.9;
    const clipped = t.bind(clippedGradientSum(graph, { clippingNorm, rigorous: true }), { B: batch });
    const w = Float32Array.of(1, 1, 0, 1, 1);
    const { outputs } = await runBoth(
      clipped,
      { ...inputs, w },
      { parameters: arranged(clipped, parameters) },
    );
    for (const [b, norm] of slow.norms.entries()) expect(outputs.norms[b] / norm).toBeCloseTo(1, 4);
    const found = parameters.flatMap(({ name }) => [...outputs[`d ${name}`]]);
    for (const [i, value] of clippedSum(slow, w, clippingNorm).entries())
      expect(found[i]).toBeCloseTo(value, 4);
  });

  it.each(tables)('%s is refused', (name) => {
    expect(() => clippedGradientSum(models[name], { clippingNorm: 1, rigorous: true })).toThrow(
      expect.objectContaining({ code: 'exampleGradients.unsupported' }),
    );
  });
});

it('what cancels cannot add more than the clipping norm to a rigorous sum', async () => {
  // Two large positions that cancel but for their rounding, and a small one: a Gram matrix loses
  // the norm among its terms.
  const g = t.createBuilder();
  const x = g.input('x', 'f32', ['B', 3, 8]);
  const weight = g.parameter('weight', [8, 16], 'heUniform');
  const signs = g.constant(Float32Array.of(1, -1, 1), [3, 1]);
  g.output('losses', t.sum(g, t.mul(g, t.matmul(g, x, weight), signs), { axes: [1, 2] }));
  const graph = g.finish();
  const examples = 64;
  const values = Float32Array.from({ length: examples * 24 }, (_, i) => {
    const [position, f] = [Math.floor((i % 24) / 8), i % 8];
    return position === 2 ? 0.01 * (f + 1) : 3e4 * (1 + f / 7) * (1 + Math.floor(i / 24));
  });
  const largest = async (rigorous: boolean) => {
    const program = await t.createProgram(
      t.bind(clippedGradientSum(graph, { clippingNorm: 2 ** -4, rigorous }), { B: 1 }),
    );
    const sums = Array.from({ length: examples }, (_, b) =>
      Math.hypot(...program.run({ x: values.slice(24 * b, 24 * b + 24), w: Float32Array.of(1) })['d weight']),
    );
    return Math.max(...sums);
  };
  expect(await largest(true)).toBeLessThan(2 ** -4 * (1 + 2 ** -16));
  expect(await largest(false)).toBeGreaterThan(2 ** -3);
});

it('a rigorous norm whose tiny factor f32 would lose is infinite', async () => {
  const graph = model(
    (g, x) => t.mul(g, t.dense(g, x, classes), g.constant(Float32Array.of(2 ** -80), [])),
    [4],
  );
  const run = async (rigorous: boolean) => {
    const clipped = t.bind(clippedGradientSum(graph, { clippingNorm: 2 ** -24, rigorous }), { B: 1 });
    const program = await t.createProgram(clipped);
    const x = new Float32Array(4).fill(2 ** 60);
    return program.run({ x, y: Int32Array.of(0), w: Float32Array.of(1) });
  };
  // Derivatives of about 2^-81, whose squares are 0 in f32, times 2^60.
  const lost = await run(false);
  expect(lost.norms[0]).toBe(0);
  expect(Math.hypot(...lost['d dense0.weight'])).toBeGreaterThan(2 ** -22);
  expect((await run(true)).norms[0]).toBe(Number.POSITIVE_INFINITY);
});

it('writes per-example gradients out only where they are the smaller thing', () => {
  const writes = (name: string, shape: readonly number[]) =>
    perExampleNorms(models[name]).nodes.some(
      (node) => JSON.stringify(node.shape) === JSON.stringify(['B', ...shape]),
    );
  expect(writes('dense layers over positions, by Gram matrices', [7, 8])).toBe(false);
  expect(writes('dense layers over positions, by Gram matrices', [2, 2])).toBe(true);
  expect(writes('dense layers over positions, by gradients', [2, 2])).toBe(true);
  expect(writes('dense layers over positions, by gradients', [9, 9])).toBe(false);
  expect(writes('embedding and positions', [6, 4])).toBe(false);
});

describe('sensitivity', () => {
  it.each(Object.entries(models))(
    'of %s: removing one example moves the sum by at most the clipping norm',
    async (_, graph) => {
      const { parameters, inputs } = sample(graph);
      const clippingNorm = 0.125;
      const clipped = t.bind(clippedGradientSum(graph, { clippingNorm }), { B: batch });
      const program = await t.createProgram(clipped);
      program.setParameters(arranged(clipped, parameters));
      const sumWith = (w: Float32Array) => {
        const outputs = program.run({ ...inputs, w });
        return parameters.flatMap(({ name }) => [...outputs[`d ${name}`]]);
      };
      const all = sumWith(new Float32Array(batch).fill(1));
      let largest = 0;
      for (let removed = 0; removed < batch; removed++) {
        const rest = sumWith(Float32Array.from({ length: batch }, (__, b) => (b === removed ? 0 : 1)));
        largest = Math.max(largest, Math.hypot(...all.map((value, i) => value - rest[i])));
      }
      // The slack for f32 is stated in exampleGradients.ts; without clipping the change is several
      // times larger.
      expect(largest).toBeLessThan(clippingNorm * (1 + 2 ** -10));
      expect(Math.max(...twin(graph, parameters, inputs, batch).norms)).toBeGreaterThan(2 * clippingNorm);
    },
  );
});

it('a gradient that cancels to nothing has a norm near 0, and never NaN', async () => {
  // The third position is the sum of the first two and counts against them: in exact arithmetic the
  // gradient of the weights is what rounding left of x.
  const g = t.createBuilder();
  const x = g.input('x', 'f32', ['B', 3, 8]);
  const signs = g.constant(Float32Array.of(1, 1, -1), [3, 1]);
  g.output(
    'losses',
    t.sum(g, t.mul(g, t.matmul(g, x, g.parameter('weight', [8, 16], 'heUniform')), signs), { axes: [1, 2] }),
  );
  const graph = g.finish();
  const program = await t.createProgram(t.bind(perExampleNorms(graph), { B: 200 }));
  const values = new Float32Array(200 * 24);
  for (let b = 0; b < 200; b++) {
    for (let f = 0; f < 8; f++) {
      const [first, second] = [uniform(1)[0], uniform(1)[0]];
      values.set([first], b * 24 + f);
      values.set([second], b * 24 + 8 + f);
      values.set([first + second], b * 24 + 16 + f);
    }
  }
  const { norms } = program.run({ x: values });
  expect(norms.every((norm) => norm >= 0 && norm < 0.01)).toBe(true);
});

describe('what has no per-example gradient is refused', () => {
  const refused = expect.objectContaining({ code: 'exampleGradients.unsupported' });
  const clip = (graph: Graph) => clippedGradientSum(graph, { clippingNorm: 1 });
  const inputless: readonly [string, () => Graph][] = [
    [
      'statistics of a batch',
      () => t.toTrainingMode(model((g, x) => t.dense(g, t.batchNorm(g, t.dense(g, x, 4)), classes), [4])),
    ],
    [
      'a mean over examples',
      () =>
        model(
          (g, x) => t.sub(g, t.dense(g, x, classes), t.mean(g, t.dense(g, x, classes), { axes: [0] })),
          [4],
        ),
    ],
    [
      'examples paired with one another',
      () =>
        model(
          (g, x) => {
            const y = t.dense(g, x, classes);
            return t.matmul(g, t.matmul(g, y, t.transpose(g, y, [1, 0])), y);
          },
          [4],
        ),
    ],
    [
      'a parameter that is squared first',
      () =>
        model(
          (g, x) => {
            const p = g.parameter('p', [4, classes], 'heUniform');
            return t.matmul(g, x, t.mul(g, p, p));
          },
          [4],
        ),
    ],
    [
      'a parameter without influence on the losses',
      () => {
        const graph = model((g, x) => t.dense(g, x, classes), [4]);
        const g = t.createBuilder();
        for (const node of graph.nodes) {
          if ('operands' in node) g.add({ kind: node.kind, operands: node.operands } as never);
          else g.leaf(node);
        }
        g.output('losses', graph.outputs[0].tensor);
        g.output('other', g.parameter('q', [1], 'zeros'));
        return g.finish();
      },
    ],
    [
      'a bound batch',
      () =>
        t.bind(
          model((g, x) => t.dense(g, x, classes), [4]),
          { B: 3 },
        ),
    ],
  ];
  it.each(inputless)('%s', (_, make) => {
    expect(() => clip(make())).toThrow(refused);
    expect(() => perExampleNorms(make())).toThrow(refused);
  });

  it('names the operation that mixes', () => {
    const [, make] = inputless[0];
    expect(() => clip(make())).toThrow(
      expect.objectContaining({ found: expect.stringContaining('"batchNorm"') }),
    );
  });

  it('a clipping norm that is not positive, or a graph without losses', () => {
    const graph = model((g, x) => t.dense(g, x, classes), [4]);
    expect(() => clippedGradientSum(graph, { clippingNorm: 0 })).toThrow(
      expect.objectContaining({ code: 'exampleGradients.clippingNorm' }),
    );
    const g = t.createBuilder();
    g.output('y', addMap(g, ['B'], ['neg', ['arg', 0]], [{ tensor: g.input('x', 'f32', ['B']) }]));
    expect(() => clip(g.finish())).toThrow(expect.objectContaining({ code: 'graph.noOutput' }));
  });
});
