/**
 * Every readable operation: values and gradients against PyTorch (vectors/tensor/operations.json),
 * gradients against finite differences, kernels against the twin bit for bit; and what shape
 * inference says of operands that do not fit.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { operationKinds } from '../src/graph/operations.ts';
import type { Builder, TensorId } from '../src/index.ts';
import * as t from '../src/index.ts';
import { checkGradients, weigh } from './checkGradients.ts';
import { runBoth } from './runBoth.ts';

interface Values {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}
interface Attributes {
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  readonly outputPadding: readonly number[];
  readonly dilation: readonly number[];
  readonly groups: number;
  readonly kernel: readonly [number, number];
  readonly countPadding: boolean;
  readonly heads: number;
  readonly causal: boolean;
}
interface Case {
  readonly name: string;
  readonly attributes: Attributes & { readonly before: number[][]; readonly after: number[][] };
  readonly inputs: readonly Values[];
  readonly output: Values;
  readonly gradients: readonly (readonly number[] | null)[];
}

const file = join(import.meta.dirname, '../../../vectors/tensor/operations.json');
const { cases, provenance } = JSON.parse(readFileSync(file, 'utf8')) as { cases: Case[]; provenance: string };

type Pair = readonly [number, number];
/** [rows, columns] -> [top, left, bottom, right] */
const around = ([rows, columns]: readonly number[]) => [rows, columns, rows, columns];

type Build = (g: Builder, x: readonly TensorId[], attributes: Attributes) => TensorId;

/** By the name of a case, or its first word. */
const builds: Readonly<Record<string, Build>> = {
  conv2d: (g, operands, { stride, padding, dilation, groups }) =>
    g.add({ kind: 'conv2d', operands, stride, padding: around(padding), dilation, groups }),
  convTranspose2d: (g, operands, { stride, padding, outputPadding, dilation, groups }) =>
    g.add({
      kind: 'convTranspose2d',
      operands,
      stride,
      padding: around(padding),
      outputPadding,
      dilation,
      groups,
    }),
  maxPool: (g, [x], { kernel, stride, padding, dilation }) =>
    t.maxPool(g, x, {
      kernel,
      stride: stride as Pair,
      padding: padding as Pair,
      dilation: dilation as Pair,
    }),
  averagePool: (g, [x], { kernel, stride, padding, countPadding }) =>
    t.averagePool(g, x, { kernel, stride: stride as Pair, padding: padding as Pair, countPadding }),
  globalAveragePool: (g, [x]) => t.globalAveragePool(g, x),
  globalMaxPool: (g, [x]) => t.globalMaxPool(g, x),
  layerNorm: (g, operands) => g.add({ kind: 'layerNorm', operands, epsilon: Math.fround(1e-5) }),
  rmsNorm: (g, operands) => g.add({ kind: 'rmsNorm', operands, epsilon: Math.fround(1e-5) }),
  batchNorm: (g, operands) => g.add({ kind: 'batchNorm', operands, epsilon: Math.fround(1e-5), momentum: 0 }),
  attention: (g, [query, key, value], options) => t.scaledDotProduct(g, query, key, value, options),
  relu: (g, [x]) => t.relu(g, x),
  leakyRelu: (g, [x]) => t.leakyRelu(g, x),
  elu: (g, [x]) => t.elu(g, x),
  'gelu erf': (g, [x]) => t.gelu(g, x),
  'gelu tanh': (g, [x]) => t.gelu(g, x, 'tanh'),
  silu: (g, [x]) => t.silu(g, x),
  sigmoid: (g, [x]) => t.sigmoid(g, x),
  softplus: (g, [x]) => t.softplus(g, x),
  tanh: (g, [x]) => t.tanh(g, x),
  exp: (g, [x]) => t.exp(g, x),
  erf: (g, [x]) => t.erf(g, x),
  abs: (g, [x]) => t.abs(g, x),
  neg: (g, [x]) => t.neg(g, x),
  clip: (g, [x]) => t.clip(g, x, -1.5, 2),
  power: (g, [x]) => t.power(g, x, 3),
  'power negative': (g, [x]) => t.power(g, x, -2),
  reciprocal: (g, [x]) => t.reciprocal(g, x),
  log: (g, [x]) => t.log(g, x),
  sqrt: (g, [x]) => t.sqrt(g, x),
  softmax: (g, [x]) => t.softmax(g, x),
  'softmax along 1': (g, [x]) => t.softmax(g, x, 1),
  'logSoftmax along 1': (g, [x]) => t.logSoftmax(g, x, 1),
  'sum 0,2': (g, [x]) => t.sum(g, x, { axes: [0, 2] }),
  'mean 1 keep': (g, [x]) => t.mean(g, x, { axes: [1], keep: true }),
  'max 1': (g, [x]) => t.max(g, x, { axes: [1] }),
  'min 0,2': (g, [x]) => t.min(g, x, { axes: [-1, 0] }),
  'argmax 1': (g, [x]) => t.argmax(g, x, 1),
  'argmin 2': (g, [x]) => t.argmin(g, x),
  add: (g, [a, b]) => t.add(g, a, b),
  sub: (g, [a, b]) => t.sub(g, a, b),
  mul: (g, [a, b]) => t.mul(g, a, b),
  div: (g, [a, b]) => t.div(g, a, b),
  maximum: (g, [a, b]) => t.maximum(g, a, b),
  minimum: (g, [a, b]) => t.minimum(g, a, b),
  dense: (g, operands) => g.add({ kind: 'dense', operands }),
  matmul: (g, [a, b]) => t.matmul(g, a, b),
  embedding: (g, [table, tokens]) => t.gather(g, table, tokens),
  crossEntropy: (g, [x, y, w]) => t.crossEntropy(g, x, y, w),
  binaryCrossEntropy: (g, [x, y, w]) => t.binaryCrossEntropy(g, x, y, w),
  meanSquaredError: (g, [x, y, w]) => t.meanSquaredError(g, x, y, w),
  huber: (g, [x, y, w]) => t.huber(g, x, y, w, 0.75),
};

const integerInputs: Readonly<Record<string, number>> = { embedding: 1, 'crossEntropy over sequences': 1 };
/**
 * Where a step of finite differences could cross from one piece to the next, inputs are spread out
 * instead.
 */
const kinked = /^(maxPool|globalMaxPool|max|min|relu|leakyRelu|elu|abs|clip|huber|maximum|minimum)/;

/** Numbers 1/8 apart in a scrambled order, none within 1/32 of a multiple of 1/16. */
const spread = (count: number) =>
  Float32Array.from({ length: count }, (_, i) => ((i * 37) % count) / 8 - Math.floor(count / 16) + 1 / 32);

const plain = cases.filter(({ name }) => name !== 'batchNorm in training');

function graphOf({ name, inputs, attributes, output, gradients }: Case) {
  const g = t.createBuilder();
  const tensors = inputs.map(({ shape }, i) =>
    integerInputs[name] === i ? g.input(`x${i}`, 'i32', shape) : g.parameter(`x${i}`, shape, 'zeros'),
  );
  const build = builds[name] ?? builds[name.split(' ')[0]];
  const y = build(g, tensors, attributes);
  g.output('y', y);
  expect(g.nodes[y].shape).toEqual(output.shape);
  if (gradients.some((gradient) => gradient !== null)) {
    // Parameters that the operation does not differentiate (running statistics) enter the loss
    // plainly.
    const rest = tensors.filter((_, i) => gradients[i] === null && integerInputs[name] !== i);
    const loss = [y, ...rest].map((tensor) => weigh(g, tensor)).reduce((a, b) => t.add(g, a, b));
    g.output('loss', loss);
  }
  return g.finish();
}

function closest(found: ArrayLike<number>, expected: readonly number[], what: string) {
  expect(found.length, what).toBe(expected.length);
  for (const [i, value] of expected.entries()) {
    const error = Math.abs(found[i] - value);
    expect(error, `${what}[${i}]: ${found[i]}, PyTorch has ${value}`).toBeLessThan(
      2e-6 + 1e-5 * Math.abs(value),
    );
  }
}

describe(`operations agree with ${provenance}`, () => {
  it.each(plain.map((item) => [item.name, item] as const))('%s', async (_, item) => {
    const graph = graphOf(item);
    const integers = Object.fromEntries(
      item.inputs.flatMap(({ data }, i) =>
        integerInputs[item.name] === i ? [[`x${i}`, Int32Array.from(data)]] : [],
      ),
    );
    const parameters = t.leavesOf(graph, 'parameter').map(({ name, shape }) => ({
      name,
      shape,
      data: Float32Array.from(item.inputs[Number(name.slice(1))].data),
    }));
    const differentiable = graph.outputs.length > 1;
    const full = differentiable ? t.differentiate(t.lower(graph), 'loss') : graph;
    const { outputs } = await runBoth(full, integers, { parameters });
    closest(outputs.y, item.output.data, 'y');
    for (const [i, gradient] of item.gradients.entries()) {
      if (gradient !== null) closest(outputs[`d x${i}`], gradient, `d x${i}`);
    }
  });

  it('covers every operation that is here', () => {
    const used = new Set(plain.flatMap((item) => graphOf(item).nodes.map(({ kind }) => kind)));
    const others = [
      'standardise',
      'exampleCrossEntropy',
      'flatten',
      'transpose',
      'slice',
      'argmax',
      'dropout',
      'randomDropout',
      'cast',
    ];
    const logic = [
      'equal',
      'less',
      'greater',
      'lessOrEqual',
      'greaterOrEqual',
      'and',
      'or',
      'xor',
      'not',
      'where',
      'broadcast',
    ];
    for (const kind of operationKinds) expect([...used, ...others, ...logic], kind).toContain(kind);
  });
});

describe('gradients of operations agree with finite differences', () => {
  const differentiable = plain.filter(({ gradients }) => gradients.some((gradient) => gradient !== null));
  it.each(differentiable.map((item) => [item.name, item] as const))('%s', async (_, item) => {
    const graph = graphOf(item);
    const values = t.leavesOf(graph, 'parameter').map(({ name, shape }) => {
      const { data } = item.inputs[Number(name.slice(1))];
      // The second operand lies in between, so that the two are never close.
      if (kinked.test(item.name))
        return spread(shape.reduce((a, b) => a * b, 1)).map((v) => (name === 'x0' ? v : v + 0.04));
      return Float32Array.from(data);
    });
    const integers = Object.fromEntries(
      item.inputs.flatMap(({ data }, i) =>
        integerInputs[item.name] === i ? [[`x${i}`, Int32Array.from(data)]] : [],
      ),
    );
    await checkGradients(graph, integers, values);
  });
});

describe('gradients of what is not in the table agree with finite differences', () => {
  const shape = [2, 3, 4];
  const builders: Readonly<Record<string, (g: Builder, p: TensorId) => TensorId>> = {
    slice: (g, p) =>
      t.slice(g, t.slice(g, p, { axis: 2, start: 3, end: -5, step: -2 }), { axis: 1, start: 1 }),
    broadcast: (g, p) => t.broadcast(g, t.mean(g, p, { axes: [1], keep: true }), [5, 2, 3, 4]),
    where: (g, p) => {
      const condition = g.constant(Int32Array.of(0, 1, 1, 0), [4]);
      return t.where(g, condition, p, t.mul(g, p, p));
    },
    concat: (g, p) => t.concat(g, [t.exp(g, p), p, t.slice(g, p, { axis: 1, end: 1 })], 1),
    pad: (g, p) =>
      t.pad(
        g,
        p,
        [
          [1, 0],
          [0, 2],
          [1, 1],
        ],
        0.5,
      ),
    'a residual': (g, p) => t.add(g, p, t.tanh(g, t.dense(g, p, 4))),
    'an embedding read twice': (g, p) =>
      t.gather(
        g,
        t.gather(g, p, g.constant(Int32Array.of(2, 0, 2), [3]), 1),
        g.constant(Int32Array.of(1, 1), [2]),
        0,
      ),
    exampleCrossEntropy: (g, p) =>
      t.exampleCrossEntropy(g, p, g.constant(Int32Array.of(0, 3, 1, 2, 2, 0), [2, 3])),
    'attention with a mask': (g, p) =>
      t.scaledDotProduct(g, p, p, p, {
        heads: 2,
        mask: g.constant(Float32Array.of(1, 0, 1, 1, 1, 0), [2, 3]),
      }),
  };
  it.each(Object.entries(builders))('%s', async (_, build) => {
    const g = t.createBuilder();
    g.output('loss', weigh(g, build(g, g.parameter('p', shape, 'heUniform'))));
    await checkGradients(g.finish(), {});
  });

  it('dropout, the same mask in both directions', async () => {
    const g = t.createBuilder();
    const p = g.parameter('p', shape, 'heUniform');
    g.output('loss', weigh(g, t.mul(g, p, t.dropout(g, p, 0.5))));
    await checkGradients(t.toTrainingMode(g.finish()), { seed: Int32Array.of(1, 2), step: 3 });
  });
});
