/**
 * What operations say of operands that do not fit, what their encodings refuse, and the operations
 * that have no derivative worth a table.
 */
import { decodeCanonical, encodeCanonical } from '@nonet/core/codec';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { operationKinds } from '../src/graph/operations.ts';
import type { Builder, TensorId } from '../src/index.ts';
import * as t from '../src/index.ts';
import { runBoth } from './runBoth.ts';

const seed = Number(process.env.SEED ?? 20261128);
console.log(`shapeInference.test.ts: SEED=${seed}`);

type Add = (g: Builder, image: TensorId, matrix: TensorId, integers: TensorId) => TensorId;

/** image f32[B,4,6,6], matrix f32[B,4], integers i32[B,3]. */
function build(add: Add) {
  const g = t.createBuilder();
  const y = add(
    g,
    g.input('image', 'f32', ['B', 4, 6, 6]),
    g.input('matrix', 'f32', ['B', 4]),
    g.input('integers', 'i32', ['B', 3]),
  );
  g.output('y', y);
  return g.finish();
}

const constants = (g: Builder, ...shape: number[]) =>
  g.constant(new Float32Array(shape.reduce((a, b) => a * b, 1)), shape);
const window = { stride: [1, 1], padding: [0, 0, 0, 0], dilation: [1, 1] };
const single = Math.fround(0.1);

describe('operands that do not fit are refused', () => {
  it('with the operation, its note, its node, and the shapes that met', () => {
    const g = t.createBuilder();
    const x = g.input('x', 'f32', ['B', 4]);
    const weight = g.parameter('W', [3, 2], 'zeros');
    const bias = g.parameter('b', [2], 'zeros');
    expect(() => g.add({ kind: 'dense', operands: [x, weight, bias] }, 'head')).toThrow(
      expect.objectContaining({
        code: 'operation.operands',
        expected: 'x f32[B,...,I], weight f32[I,O], bias f32[O] for dense "head" (node 3)',
        found: 'x f32[B,4] (node 0), weight f32[3,2] (node 1), bias f32[2] (node 2)',
      }),
    );
  });

  it.each<[string, Add]>([
    ['dense without a bias', (g, _, m) => g.add({ kind: 'dense', operands: [m, constants(g, 4, 2)] })],
    [
      'dense of integers',
      (g, _, __, i) => g.add({ kind: 'dense', operands: [i, constants(g, 3, 2), constants(g, 2)] }),
    ],
    [
      'dense of another bias',
      (g, _, m) => g.add({ kind: 'dense', operands: [m, constants(g, 4, 2), constants(g, 3)] }),
    ],
    ['matmul of inner extents that differ', (g, _, m) => t.matmul(g, m, constants(g, 3, 2))],
    ['matmul of two dtypes', (g, _, m, i) => t.matmul(g, t.transpose(g, m, [1, 0]), i)],
    ['matmul of vectors', (g) => t.matmul(g, constants(g, 3), constants(g, 3))],
    ['matmul of batches that differ', (g, x) => t.matmul(g, x, constants(g, 3, 6, 2))],
    [
      'conv2d of a matrix',
      (g, _, m) => g.add({ kind: 'conv2d', operands: [m, constants(g, 1, 4, 1, 1)], ...window, groups: 1 }),
    ],
    [
      'conv2d of other channels',
      (g, x) => g.add({ kind: 'conv2d', operands: [x, constants(g, 2, 3, 3, 3)], ...window, groups: 1 }),
    ],
    [
      'conv2d in groups that do not divide',
      (g, x) => g.add({ kind: 'conv2d', operands: [x, constants(g, 3, 2, 3, 3)], ...window, groups: 2 }),
    ],
    [
      'conv2d in no groups',
      (g, x) => g.add({ kind: 'conv2d', operands: [x, constants(g, 2, 4, 3, 3)], ...window, groups: 0 }),
    ],
    ['conv2d with a kernel beyond the image', (g, x) => t.conv2d(g, x, 2, { kernel: 7 })],
    ['conv2d with a stride of 0', (g, x) => t.conv2d(g, x, 2, { kernel: 3, stride: 0 })],
    ['conv2d with a negative padding', (g, x) => t.conv2d(g, x, 2, { kernel: 3, padding: -1 })],
    ['conv2d with half a dilation', (g, x) => t.conv2d(g, x, 2, { kernel: 3, dilation: 0.5 })],
    [
      'conv2d with another bias',
      (g, x) =>
        g.add({
          kind: 'conv2d',
          operands: [x, constants(g, 2, 4, 3, 3), constants(g, 3)],
          ...window,
          groups: 1,
        }),
    ],
    [
      'convTranspose2d of other channels',
      (g, x) =>
        g.add({
          kind: 'convTranspose2d',
          operands: [x, constants(g, 3, 2, 3, 3)],
          ...window,
          outputPadding: [0, 0],
          groups: 1,
        }),
    ],
    ['convTranspose2d padded to nothing', (g, x) => t.convTranspose2d(g, x, 2, { kernel: 1, padding: 3 })],
    [
      'convTranspose2d with more output padding than stride',
      (g, x) => t.convTranspose2d(g, x, 2, { kernel: 2, outputPadding: 1 }),
    ],
    ['maxPool padded by its kernel', (g, x) => t.maxPool(g, x, { kernel: 2, padding: 2 })],
    ['maxPool beyond the image', (g, x) => t.maxPool(g, x, { kernel: 7 })],
    ['maxPool of a kernel of 0', (g, x) => t.maxPool(g, x, { kernel: 0, stride: 1 })],
    ['averagePool of a matrix', (g, _, m) => t.averagePool(g, m, { kernel: 1 })],
    [
      'layerNorm with another scale',
      (g, _, m) =>
        g.add({ kind: 'layerNorm', operands: [m, constants(g, 3), constants(g, 3)], epsilon: single }),
    ],
    ['layerNorm with an epsilon of 0', (g, _, m) => t.layerNorm(g, m, 0)],
    [
      'rmsNorm with a scalar',
      (g, _, m) => g.add({ kind: 'rmsNorm', operands: [m, constants(g)], epsilon: single }),
    ],
    [
      'batchNorm with other channels',
      (g, x) =>
        g.add({
          kind: 'batchNorm',
          operands: [x, ...[1, 2, 3, 4].map(() => constants(g, 3))],
          epsilon: single,
          momentum: single,
        }),
    ],
    ['batchNorm with a momentum of 2', (g, x) => t.batchNorm(g, x, { momentum: 2 })],
    [
      'attention in heads that do not divide',
      (g) =>
        t.scaledDotProduct(g, constants(g, 1, 2, 6), constants(g, 1, 3, 6), constants(g, 1, 3, 6), {
          heads: 4,
        }),
    ],
    [
      'causal attention of more queries than keys',
      (g) =>
        t.scaledDotProduct(g, constants(g, 1, 4, 6), constants(g, 1, 3, 6), constants(g, 1, 3, 6), {
          heads: 2,
          causal: true,
        }),
    ],
    [
      'attention with another mask',
      (g) =>
        t.scaledDotProduct(g, constants(g, 1, 2, 6), constants(g, 1, 3, 6), constants(g, 1, 3, 6), {
          heads: 2,
          mask: constants(g, 1, 2),
        }),
    ],
    ['add of shapes that do not broadcast', (g, _, m) => t.add(g, m, constants(g, 3))],
    ['add of two dtypes', (g, _, m, i) => t.add(g, m, i)],
    ['div of integers', (g, _, __, i) => t.div(g, i, i)],
    ['and of floats', (g, _, m) => t.and(g, m, m)],
    ['not of floats', (g, _, m) => t.not(g, m)],
    ['where by a float', (g, _, m) => t.where(g, m, m, m)],
    ['broadcast to a smaller shape', (g, x) => t.broadcast(g, x, ['B', 4, 6])],
    ['relu of integers', (g, _, __, i) => t.relu(g, i)],
    ['clip to nothing', (g, _, m) => t.clip(g, m, 2, 1)],
    ['clip to NaN', (g, _, m) => t.clip(g, m, Number.NaN, 1)],
    ['leakyRelu with a slope beyond f32', (g, _, m) => t.leakyRelu(g, m, 1e39)],
    ['power 9', (g, _, m) => t.power(g, m, 9)],
    ['power 1/2', (g, _, m) => t.power(g, m, 0.5)],
    ['cast to what it is', (g, _, m) => t.cast(g, m, 'f32')],
    ['sum over an axis twice', (g, _, m) => t.sum(g, m, { axes: [1, -1] })],
    ['softmax of integers', (g, _, __, i) => t.softmax(g, i)],
    [
      'slice beyond the end',
      (g, _, m) => g.add({ kind: 'slice', operands: [m], starts: [0, 3], counts: [0, 2], steps: [1, 1] }),
    ],
    ['slice of nothing', (g, _, m) => t.slice(g, m, { axis: 1, start: 2, end: 2 })],
    [
      'slice of a named axis',
      (g, _, m) => g.add({ kind: 'slice', operands: [m], starts: [1, 0], counts: [2, 0], steps: [1, 1] }),
    ],
    ['slice with a step of 0', (g, _, m) => t.slice(g, m, { axis: 1, step: 0 })],
    ['transpose by no permutation', (g, _, m) => t.transpose(g, m, [0, 0])],
    ['crossEntropy of float labels', (g, _, m) => t.crossEntropy(g, m, m, m)],
    ['exampleCrossEntropy of other labels', (g, _, m, i) => t.exampleCrossEntropy(g, m, i)],
    ['meanSquaredError of two shapes', (g, x, m) => t.meanSquaredError(g, x, m, m)],
    ['huber with a delta of 0', (g, _, m) => t.huber(g, m, m, t.sum(g, m, { axes: [1] }), 0)],
    ['dropout of everything', (g, _, m) => t.dropout(g, m, 1)],
  ])('%s', (_, add) => {
    expect(() => build(add)).toThrow(expect.objectContaining({ code: 'operation.operands' }));
  });

  it.each<[string, Add]>([
    ['an axis beyond the rank', (g, _, m) => t.sum(g, m, { axes: [2] })],
    ['an axis before the first', (g, _, m) => t.softmax(g, m, -3)],
    ['half an axis', (g, _, m) => t.argmin(g, m, 0.5)],
  ])('%s', (_, add) => {
    expect(() => build(add)).toThrow(expect.objectContaining({ code: 'operation.axis' }));
  });
});

describe('hostile sizes are refused before anything is allocated', () => {
  const huge = 2 ** 31 - 1;
  it.each<[string, Add]>([
    ['convTranspose2d', (g, x) => t.convTranspose2d(g, x, 2, { kernel: 1, stride: huge })],
    ['conv2d', (g, x) => t.conv2d(g, x, 2, { kernel: 1, padding: huge })],
    ['broadcast', (g, _, m) => t.broadcast(g, m, [huge, 2, 'B', 4])],
    ['broadcast to a name of two letters', (g, _, m) => t.broadcast(g, m, ['BB', 'B', 4])],
    ['add', (g) => t.add(g, constants(g, 65536, 1), g.input('row', 'f32', [1, 65536]))],
    ['matmul', (g) => t.matmul(g, g.input('a', 'f32', [65536, 1]), g.input('b', 'f32', [1, 65536]))],
  ])('%s', (_, add) => {
    expect(() => build(add)).toThrow(expect.objectContaining({ code: 'shape.malformed' }));
  });
});

/** One node of each kind, with every attribute. */
const samples: Readonly<Record<string, Add>> = {
  dense: (g, _, m) => t.dense(g, m, 2),
  matmul: (g, x, m) => t.matmul(g, m, t.reshape(g, t.sum(g, x, { axes: [0, 2] }), [4, 6])),
  conv2d: (g, x) =>
    t.conv2d(g, x, 4, { kernel: [3, 2], stride: [2, 1], padding: [1, 2, 0, 1], dilation: [1, 2], groups: 2 }),
  convTranspose2d: (g, x) =>
    t.convTranspose2d(g, x, 2, { kernel: 3, stride: 2, padding: 1, outputPadding: [1, 0] }),
  maxPool: (g, x) => t.maxPool(g, x, { kernel: [2, 3], stride: 2, padding: [1, 0], dilation: [2, 1] }),
  averagePool: (g, x) => t.averagePool(g, x, { kernel: 3, padding: 1 }),
  standardise: (g, _, m) => t.standardise(g, m, [1, 2, 3, 4], 2),
  layerNorm: (g, _, m) => t.layerNorm(g, m),
  rmsNorm: (g, _, m) => t.rmsNorm(g, m),
  batchNorm: (g, x) => t.batchNorm(g, x),
  attention: (g, x) => t.multiHeadAttention(g, t.reshape(g, x, ['B', 36, 4]), { heads: 2, causal: true }),
  leakyRelu: (g, x) => t.leakyRelu(g, x, 0.2),
  elu: (g, x) => t.elu(g, x, 1.5),
  gelu: (g, x) => t.gelu(g, x, 'tanh'),
  clip: (g, x) => t.clip(g, x, -1, Number.POSITIVE_INFINITY),
  power: (g, x) => t.power(g, x, -3),
  cast: (g, _, __, i) => t.cast(g, i, 'f32'),
  where: (g, _, m, i) => t.where(g, t.less(g, i, t.not(g, i)), t.cast(g, i, 'f32'), t.sum(g, m)),
  not: (g, _, __, i) => t.not(g, i),
  broadcast: (g, _, m) => t.broadcast(g, t.reshape(g, m, ['B', 1, 4]), ['B', 3, 4]),
  sum: (g, x) => t.sum(g, x, { axes: [1, 3] }),
  mean: (g, x) => t.mean(g, x, { axes: [0, 2], keep: true }),
  max: (g, x) => t.max(g, x, { axes: [3] }),
  min: (g, x) => t.min(g, x, { axes: [1], keep: true }),
  argmaxAlong: (g, x) => t.argmax(g, x, 1, true),
  argmin: (g, x) => t.argmin(g, x, 2),
  argmax: (g, x) => t.argmax(g, x),
  softmax: (g, x) => t.softmax(g, x),
  softmaxAlong: (g, x) => t.softmax(g, x, 1),
  logSoftmax: (g, x) => t.logSoftmax(g, x, 2),
  flatten: (g, x) => t.flatten(g, x),
  transpose: (g, x) => t.transpose(g, x, [0, 3, 1, 2]),
  slice: (g, x) =>
    t.slice(g, t.slice(g, x, { axis: 2, start: -1, end: -7, step: -2 }), { axis: 1, start: 1 }),
  crossEntropy: (g, x, _, i) => t.crossEntropy(g, t.reshape(g, x, ['B', 3, 48]), i, t.cast(g, i, 'f32')),
  exampleCrossEntropy: (g, x, _, i) => t.exampleCrossEntropy(g, t.reshape(g, x, ['B', 3, 48]), i),
  binaryCrossEntropy: (g, _, m) => t.binaryCrossEntropy(g, m, m, m),
  meanSquaredError: (g, _, m) => t.meanSquaredError(g, m, m, m),
  huber: (g, _, m) => t.huber(g, m, m, m, 0.5),
  dropout: (g, _, m) => t.dropout(g, m, 0.25),
  randomDropout: (g, _, m) =>
    g.add({
      kind: 'randomDropout',
      operands: [m, g.input('seed', 'i32', [2]), g.input('step', 'i32', [])],
      rate: 0.25,
      stream: 3,
    }),
};
const plain = [
  'relu',
  'silu',
  'sigmoid',
  'softplus',
  'tanh',
  'exp',
  'log',
  'sqrt',
  'erf',
  'abs',
  'neg',
  'reciprocal',
] as const;
const pairs = [
  'add',
  'sub',
  'mul',
  'div',
  'maximum',
  'minimum',
  'equal',
  'less',
  'greater',
  'lessOrEqual',
  'greaterOrEqual',
] as const;
const logic = ['and', 'or', 'xor'] as const;
const all: Readonly<Record<string, Add>> = {
  ...samples,
  ...Object.fromEntries(
    plain.map((kind) => [kind, (g: Builder, x: TensorId) => g.add({ kind, operands: [x] })]),
  ),
  ...Object.fromEntries(
    pairs.map((kind) => [
      kind,
      (g: Builder, x: TensorId, m: TensorId) => g.add({ kind, operands: [x, t.sum(g, m, { axes: [0, 1] })] }),
    ]),
  ),
  ...Object.fromEntries(
    logic.map((kind) => [
      kind,
      (g: Builder, _: TensorId, __: TensorId, i: TensorId) => g.add({ kind, operands: [i, i] }),
    ]),
  ),
};

describe('every operation', () => {
  it('has a sample here', () => expect(Object.keys(all).sort()).toEqual([...operationKinds].sort()));

  it.each(Object.entries(all))('%s round trips with its attributes, and prints them', (kind, add) => {
    const graph = build(add);
    const node = graph.nodes.find((candidate) => candidate.kind === kind)!;
    const {
      operands: _,
      dtype: __,
      shape: ___,
      note: ____,
      kind: _____,
      ...attributes
    } = node as unknown as Record<string, unknown>;
    expect(t.decodeGraph(t.encodeGraph(graph))).toEqual(graph);
    for (const name of Object.keys(attributes)) expect(t.printGraph(graph)).toContain(` ${name}=`);
  });

  it.each(Object.entries(all))('%s refuses attributes of another type or number', (kind, add) => {
    const bytes = t.encodeGraph(build(add));
    const fields = decodeCanonical(bytes) as { nodes: unknown[][] };
    const at = fields.nodes.findIndex(([candidate]) => candidate === kind);
    const count = fields.nodes[at].length;
    for (let place = 2; place <= count; place++) {
      const changed = structuredClone(fields);
      // Beyond the last place: an attribute too many.
      changed.nodes[at][place] = { no: 'attribute' };
      expect(() => t.decodeGraph(encodeCanonical(changed as never))).toThrow(
        expect.objectContaining({ code: 'graph.malformed' }),
      );
    }
  });

  it.each(Object.entries(all))('%s keeps the order of inputs and parameters when lowered', (_, add) => {
    const graph = build(add);
    for (const kind of ['input', 'parameter'] as const) {
      const names = (lowered: t.Graph) => t.leavesOf(lowered, kind).map(({ name }) => name);
      expect(names(t.lower(graph))).toEqual(names(graph));
    }
  });

  /** Zeros of both signs, subnormals, tiny, huge, infinite, and equal numbers. */
  const awkward = [
    0,
    -0,
    1,
    -1,
    1,
    1e-45,
    -1e-45,
    1e-40,
    1.17549435e-38,
    1e18,
    -1e18,
    16777217,
    1 / 3,
    88,
    -104,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
  ];
  it.each(Object.entries(all))(
    '%s has the same bits on kernels and twin for awkward numbers',
    async (name, add) => {
      // Labels are classes, or the run stops.
      const integerOf = (v: number) => (/crossEntropy/i.test(name) ? Math.abs(v) % 3 : v % 3);
      const graph = t.bind(build(add), { B: 2 });
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.nat(awkward.length - 1), { minLength: 5, maxLength: 40 }),
          async (choice) => {
            let at = 0;
            const draw = () => awkward[choice[at++ % choice.length]];
            const inputs = Object.fromEntries(
              t.leavesOf(graph, 'input').map(({ name, dtype, shape }) => {
                const length = (shape as readonly number[]).reduce((a, b) => a * b, 1);
                const values = Array.from({ length }, draw);
                return [
                  name,
                  dtype === 'f32'
                    ? Float32Array.from(values)
                    : Int32Array.from(values, (v) => integerOf(Math.trunc(v))),
                ];
              }),
            );
            await runBoth(graph, inputs, { parameters: t.initialParameters(graph, '0x01') });
          },
        ),
        { seed, numRuns: 4 },
      );
    },
  );
});

describe('values of what has no derivative', () => {
  const run = async (add: Add) => {
    const graph = t.bind(build(add), { B: 1 });
    const image = Float32Array.from({ length: 144 }, (_, i) => i);
    const inputs = { image, matrix: Float32Array.of(-1.5, 0, 2.5, 3e9), integers: Int32Array.of(0, 1, -7) };
    const known = Object.fromEntries(
      t.leavesOf(graph, 'input').map(({ name }) => [name, inputs[name as keyof typeof inputs]]),
    );
    return [...(await runBoth(graph, known)).outputs.y];
  };

  it('casts, compares, combines, chooses, slices', async () => {
    expect(await run((g, _, m) => t.cast(g, m, 'i32'))).toEqual([-1, 0, 2, 2 ** 31 - 1]);
    expect(await run((g, _, __, i) => t.cast(g, i, 'f32'))).toEqual([0, 1, -7]);
    const zero = (g: Builder) => g.constant(Float32Array.of(0), []);
    expect(await run((g, _, m) => t.greater(g, m, zero(g)))).toEqual([0, 0, 1, 1]);
    expect(await run((g, _, m) => t.lessOrEqual(g, m, zero(g)))).toEqual([1, 1, 0, 0]);
    expect(await run((g, _, m) => t.greaterOrEqual(g, m, zero(g)))).toEqual([0, 1, 1, 1]);
    expect(await run((g, _, m) => t.equal(g, m, zero(g)))).toEqual([0, 1, 0, 0]);
    expect(await run((g, _, __, i) => t.less(g, i, t.not(g, i)))).toEqual([1, 0, 1]);
    expect(await run((g, _, __, i) => t.xor(g, t.and(g, i, i), t.or(g, i, t.not(g, i))))).toEqual([1, 0, 0]);
    expect(await run((g, _, __, i) => t.mul(g, i, i))).toEqual([0, 1, 49]);
    expect(await run((g, _, m) => t.where(g, t.less(g, m, zero(g)), zero(g), m))).toEqual([0, 0, 2.5, 3e9]);
    expect(
      await run((g, x) =>
        t.slice(g, t.slice(g, t.slice(g, x, { axis: 1, start: -1 }), { axis: 2, end: 1 }), {
          axis: 3,
          start: 5,
          end: -7,
          step: -2,
        }),
      ),
    ).toEqual([113, 111, 109]);
    expect(await run((g, _, m) => t.broadcast(g, t.reshape(g, m, ['B', 1, 4]), ['B', 2, 4]))).toEqual([
      -1.5, 0, 2.5, 3e9, -1.5, 0, 2.5, 3e9,
    ]);
  });

  it('attends to nothing that is masked', async () => {
    const g = t.createBuilder();
    const [q, k, v] = ['q', 'k', 'v'].map((name) => g.input(name, 'f32', [1, 3, 2]));
    g.output('y', t.scaledDotProduct(g, q, k, v, { heads: 1, mask: g.input('mask', 'f32', [1, 3]) }));
    const ones = new Float32Array(6).fill(1);
    const values = Float32Array.of(1, 2, 3, 4, 50, 60);
    const inputs = { q: ones, k: ones, v: values, mask: Float32Array.of(1, 1, 0) };
    expect([...(await runBoth(g.finish(), inputs)).outputs.y]).toEqual([2, 3, 2, 3, 2, 3]);
  });
});

describe('an image classifier reads like a paper', () => {
  it('in operations, and in primitives', () => {
    const g = t.createBuilder();
    const x = g.input('x', 'f32', ['B', 1, 8, 8]);
    g.output('y', t.maxPool(g, t.relu(g, t.conv2d(g, x, 2, { kernel: 3, padding: 'same' })), { kernel: 2 }));
    const graph = g.finish();
    expect(t.printGraph(graph)).toBe(
      `graph  arithmetic 1
 input x f32[B,1,8,8]
 parameter conv0.weight f32[2,1,3,3]  conv0.bias f32[2]
 %0 f32[B,2,8,8] = conv2d x conv0.weight conv0.bias stride=[1,1] padding=[1,1,1,1] dilation=[1,1] groups=1
 %1 f32[B,2,8,8] = relu %0
 %2 f32[B,2,4,4] = maxPool %1 kernel=[2,2] stride=[2,2] padding=[0,0,0,0] dilation=[1,1]
 output y=%2`,
    );
    expect(t.printGraph(t.lower(graph))).toBe(
      `graph  arithmetic 1
 input x f32[B,1,8,8]
 parameter conv0.weight f32[2,1,3,3]  conv0.bias f32[2]
 %0 f32[B,1,10,10] = pad x [0+0,0+0,1+1,1+1] with 0
 %1 f32[B,2,8,8]   = contract %0[o0,k0,o2+k1,o3+k2] conv0.weight[o1,k0,k1,k2] k=[1,3,3]  conv2d
 %2 f32[B,2,8,8]   = map a0+a1 (%1, conv0.bias[o1])
 %3 f32[B,2,8,8]   = map select((a0<0)|(a0==0),0,a0) (%2)                      relu
 %4 f32[B,2,4,4]   = reduce max %3[o0,o1,2*o2+k0,2*o3+k1] k=[2,2]              maxPool
 output y=%4`,
    );
  });
});
