/**
 * Quantised models: known answers, every operation in integers near what it is in f32, kernels and
 * twin and BigInt bit for bit, what is refused, and the same address everywhere.
 */
import { createRandomStream } from '@nonet/core';
import { describe, expect, it } from 'vitest';
import { runBoth } from '../../test/runBoth.ts';
import { addMap } from '../graph/emit.ts';
import { arg, constant, type Expression } from '../graph/expression.ts';
import * as t from '../index.ts';
import { interpretIntegers } from '../testing/index.ts';
import { createTwinProgram } from '../twins/index.ts';
import { estimateQuantisation, measureQuantised, quantise } from './index.ts';

type G = t.Builder;
const { uniform } = createRandomStream([20261203, 0]);

/** Numbers between -1 and 1, or what `map` makes of them. */
const noise = (length: number, map: (value: number) => number = (value) => value) =>
  Float32Array.from({ length }, () => map(2 * uniform() - 1));

const size = (shape: t.Shape) => shape.reduce((count: number, extent) => count * Number(extent), 1);

/** Parameters of all sizes; variances above 0. */
const parametersOf = (graph: t.Graph): t.Parameters =>
  t.leavesOf(graph, 'parameter').map(({ name, shape }) => {
    const isPositive = name.endsWith('variance') || name.endsWith('scale');
    return { name, shape, data: noise(size(shape), (value) => (isPositive ? 1 + value / 2 : value / 2)) };
  });

/** A model of one input x f32[B,...] and one output y. */
function modelOf(shape: readonly number[], build: (g: G, x: number) => number) {
  const g = t.createBuilder();
  g.output('y', build(g, g.input('x', 'f32', ['B', ...shape])));
  const graph = g.finish();
  return { graph, parameters: parametersOf(graph) };
}

const image = [4, 8, 8] as const;
const channels = (g: G, values: readonly number[]) =>
  g.constant(Float32Array.from(values), [values.length, 1, 1]);

/** Each operation with what is around it in a model. */
const cases: Readonly<
  Record<string, readonly [shape: readonly number[], build: (g: G, x: number) => number]>
> = {
  dense: [[20], (g, x) => t.dense(g, x, 12)],
  'dense, relu, dense': [[20], (g, x) => t.dense(g, t.relu(g, t.dense(g, x, 30)), 7)],
  'dense over the last of three axes': [[3, 20], (g, x) => t.dense(g, x, 12)],
  'matmul with a bias of its own': [
    [20],
    (g, x) => {
      const product = t.matmul(g, x, g.parameter('w', [20, 6], 'heUniform'));
      return t.add(g, product, g.parameter('b', [6], 'zeros'));
    },
  ],
  'a matrix from the left': [[6, 5], (g, x) => t.matmul(g, g.constant(noise(30), [5, 6]), x)],
  'conv2d, padding': [image, (g, x) => t.conv2d(g, x, 6, { kernel: 3, padding: 1 })],
  'conv2d, stride': [image, (g, x) => t.conv2d(g, x, 6, { kernel: 3, stride: 2, padding: 1 })],
  'conv2d, groups': [image, (g, x) => t.relu(g, t.conv2d(g, x, 6, { kernel: 3, groups: 2 }))],
  'conv2d, depthwise': [image, (g, x) => t.conv2d(g, x, 4, { kernel: 3, groups: 4, padding: 1 })],
  convTranspose2d: [image, (g, x) => t.convTranspose2d(g, x, 3, { kernel: 2, stride: 2 })],
  'batchNorm folded': [
    image,
    (g, x) => t.relu(g, t.batchNorm(g, t.conv2d(g, x, 6, { kernel: 3, padding: 1 }))),
  ],
  'batchNorm folded behind groups': [
    image,
    (g, x) => t.batchNorm(g, t.conv2d(g, x, 6, { kernel: 3, groups: 2 })),
  ],
  'batchNorm of an activation': [
    image,
    (g, x) => t.batchNorm(g, t.maxPool(g, t.conv2d(g, x, 6, { kernel: 3 }), { kernel: 2 })),
  ],
  relu6: [image, (g, x) => t.clip(g, t.conv2d(g, x, 6, { kernel: 3 }), 0, 1)],
  'clip of an activation': [
    image,
    (g, x) => {
      const y = t.conv2d(g, x, 6, { kernel: 1 });
      return t.concat(g, [t.clip(g, y, -0.5, 0.25), y], 1);
    },
  ],
  maxPool: [
    image,
    (g, x) => t.maxPool(g, t.conv2d(g, x, 6, { kernel: 1 }), { kernel: 3, stride: 2, padding: 1 }),
  ],
  averagePool: [image, (g, x) => t.averagePool(g, t.conv2d(g, x, 6, { kernel: 1 }), { kernel: 2 })],
  'averagePool, padding counted': [
    image,
    (g, x) =>
      t.averagePool(g, t.conv2d(g, x, 6, { kernel: 1 }), {
        kernel: 3,
        stride: 1,
        padding: 1,
        countPadding: true,
      }),
  ],
  'averagePool, padding left out': [
    image,
    (g, x) => t.averagePool(g, t.conv2d(g, x, 6, { kernel: 1 }), { kernel: 5, stride: 2, padding: 2 }),
  ],
  globalAveragePool: [
    image,
    (g, x) =>
      t.dense(g, t.flatten(g, t.globalAveragePool(g, t.relu(g, t.conv2d(g, x, 6, { kernel: 3 })))), 5),
  ],
  globalMaxPool: [image, (g, x) => t.globalMaxPool(g, t.conv2d(g, x, 6, { kernel: 3 }))],
  'residual sum': [
    image,
    (g, x) => {
      const y = t.relu(g, t.conv2d(g, x, 4, { kernel: 3, padding: 1 }));
      const z = t.relu(g, t.add(g, y, t.conv2d(g, y, 4, { kernel: 3, padding: 1 })));
      return t.relu(g, t.add(g, z, t.conv2d(g, z, 4, { kernel: 3, padding: 1 })));
    },
  ],
  difference: [
    [20],
    (g, x) => {
      const y = t.dense(g, x, 6);
      return t.sub(g, t.relu(g, y), t.tanh(g, t.dense(g, x, 6)));
    },
  ],
  'a sum whose scale has to be made': [
    image,
    (g, x) => t.add(g, t.globalAveragePool(g, x), t.maxPool(g, x, { kernel: 8 })),
  ],
  concat: [
    image,
    (g, x) => {
      const parts = [t.conv2d(g, x, 3, { kernel: 1 }), t.sigmoid(g, t.conv2d(g, x, 2, { kernel: 1 })), x];
      return t.relu(g, t.conv2d(g, t.concat(g, parts, 1), 5, { kernel: 1 }));
    },
  ],
  'a gate': [
    image,
    (g, x) => {
      const y = t.relu(g, t.conv2d(g, x, 4, { kernel: 1 }));
      return t.mul(g, y, t.sigmoid(g, t.conv2d(g, t.globalAveragePool(g, y), 4, { kernel: 1 })));
    },
  ],
  'products of two tensors': [
    [5, 8],
    (g, x) => t.matmul(g, t.dense(g, x, 6), t.transpose(g, t.dense(g, x, 6), [0, 2, 1])),
  ],
  'transpose, slice, flatten': [
    image,
    (g, x) => {
      const turned = t.transpose(g, x, [0, 2, 3, 1]);
      return t.dense(g, t.flatten(g, t.slice(g, turned, { axis: 1, start: 1, end: 6, step: 2 })), 5);
    },
  ],
  sigmoid: [[20], (g, x) => t.dense(g, t.sigmoid(g, t.dense(g, x, 12)), 4)],
  tanh: [[20], (g, x) => t.dense(g, t.tanh(g, t.dense(g, x, 12)), 4)],
  gelu: [[20], (g, x) => t.dense(g, t.gelu(g, t.dense(g, x, 12)), 4)],
  silu: [[20], (g, x) => t.dense(g, t.silu(g, t.dense(g, x, 12)), 4)],
  elu: [[20], (g, x) => t.dense(g, t.elu(g, t.dense(g, x, 12)), 4)],
  leakyRelu: [[20], (g, x) => t.dense(g, t.leakyRelu(g, t.dense(g, x, 12), 0.1), 4)],
  'hard-swish in three steps': [
    [20],
    (g, x) => {
      const y = t.dense(g, x, 12);
      const three = g.constant(Float32Array.of(3), []);
      const gate = t.clip(g, t.add(g, y, three), 0, 6);
      return t.div(g, t.mul(g, y, gate), g.constant(Float32Array.of(6), []));
    },
  ],
  'PReLU with a slope for each channel': [
    image,
    (g, x) => {
      const y = t.conv2d(g, x, 4, { kernel: 1 });
      const negative = t.mul(g, t.sub(g, y, t.relu(g, y)), channels(g, [0.1, 0.5, -0.2, 1]));
      return t.conv2d(g, t.add(g, t.relu(g, y), negative), 3, { kernel: 1 });
    },
  ],
  'PReLU as ONNX files have it': [
    image,
    (g, x) => {
      const y = t.conv2d(g, x, 4, { kernel: 1 });
      const slopes = g.parameter('slopes', [4, 1, 1], 'zeros');
      const negative: Expression = ['lt', arg(0), constant(0)];
      const expression: Expression = ['select', negative, ['mul', arg(1), arg(0)], arg(0)];
      const map = {
        matrix: [
          [0, 1, 0, 0],
          [0, 0, 0, 0],
          [0, 0, 0, 0],
        ],
        offset: [0, 0, 0],
      };
      return addMap(g, g.nodes[y].shape, expression, [{ tensor: y }, { tensor: slopes, map }]);
    },
  ],
  'a function at the end': [[20], (g, x) => t.sigmoid(g, t.dense(g, x, 3))],
  'features in units of their own': [
    [3],
    (g, x) => t.dense(g, t.standardise(g, x, [1000, 0.001, 5], [100, 0.0002, 2]), 4),
  ],
  'a table of positions': [[4, 6], (g, x) => t.relu(g, t.addPositions(g, t.dense(g, x, 5)))],
  mean: [[6, 5], (g, x) => t.mean(g, t.dense(g, x, 4), { axes: [1] })],
};

describe('each operation', () => {
  it.each(Object.keys(cases))('%s', async (name) => {
    const [shape, build] = cases[name];
    const model = modelOf(shape, build);
    const isUnits = name.startsWith('features');
    const draw = (rows: number) =>
      noise(rows * size(shape)).map((value, i) =>
        isUnits ? [1000 + 200 * value, 0.001 + 0.0004 * value, 5 + 4 * value][i % 3] : value,
      );
    const x = draw(64);
    const quantised = await quantise({ ...model, rows: { x } });
    // In f32, and in integers by kernels and twin.
    const own = x.subarray(0, 3 * size(shape));
    const bound = [model.graph, quantised.encoder, quantised.graph].map((graph) => t.bind(graph, { B: 3 }));
    const float = await t.createProgram(bound[0]);
    float.setParameters(model.parameters);
    const expected = float.run({ x: own }).y;
    const integers = (await runBoth(bound[1], { x: own })).outputs.x as Int32Array;
    const { y } = (await runBoth(bound[2], { x: integers })).outputs;
    expect(y).toBeInstanceOf(Int32Array);
    expect(interpretIntegers(bound[2], { x: integers }).y.map(Number)).toEqual(Array.from(y));
    const { scale, low, high } = quantised.scales.y;
    expect(Math.min(...y)).toBeGreaterThanOrEqual(low);
    expect(Math.max(...y)).toBeLessThanOrEqual(high);
    const squares = (values: Iterable<number>) =>
      Array.from(values).reduce((sum, value) => sum + value ** 2, 0);
    const error = squares(Array.from(y, (value, i) => value * scale - expected[i]));
    expect(Math.sqrt(error / squares(expected))).toBeLessThan(0.04);
  });
});

describe('known answers', () => {
  /** x from -127 to 127 in steps of 1, so that its scale is 1. */
  const rows = { x: Float32Array.of(-127, 127, 3, -4, 0, 1) };

  it('of a product whose weights are powers of two', async () => {
    const { graph } = modelOf([2], (g, x) => t.relu(g, t.dense(g, x, 2)));
    const parameters = [
      { name: 'dense0.weight', shape: [2, 2], data: Float32Array.of(1, 0.5, 0.5, -0.25) },
      { name: 'dense0.bias', shape: [2], data: Float32Array.of(8, -4) },
    ];
    const wholes = { x: Float32Array.of(-128, 0, 127, -128, 0, 100) };
    const { graph: integers, scales } = await quantise({ graph, parameters, rows: wholes });
    // The scale is that at which no weight of a sum that is not shifted is beyond 127.
    expect(scales.y).toEqual({ scale: 1 / 127, low: 0, high: 32_767 });
    const constants = t.leavesOf(integers, 'constant').map(({ bytes }) => [...new Int32Array(bytes.buffer)]);
    // 127 w, rounded half up, and for the second channel twice that.
    expect(constants).toEqual([
      [127, 127, 64, -63],
      [8 * 127, -4 * 127 * 2],
    ]);
    expect(t.printGraph(integers)).toContain('>>[0,1]+[0,0] axis=1 in 0..32767');
    const { y } = createTwinProgram(t.bind(integers, { B: 1 })).run({ x: Int32Array.of(10, 20) });
    expect([...y]).toEqual([10 * 127 + 20 * 64 + 8 * 127, 0]);
  });

  it('of the way in: half up, and clamped', async () => {
    const model = modelOf([1], (g, x) => t.dense(g, t.mul(g, x, g.constant(Float32Array.of(2), [])), 1));
    const { encoder } = await quantise({ ...model, rows: { x: rows.x.map((value) => value / 2) } });
    const x = Float32Array.of(-100, -0.75, -0.25, 0.25, 0.75, 100);
    const run = createTwinProgram(t.bind(encoder, { B: 6 })).run({ x });
    expect([...run.x]).toEqual([-128, -1, 0, 1, 2, 127]);
  });

  it('of pixels, which stay what they are', async () => {
    const model = modelOf([2], (g, x) => t.dense(g, x, 3));
    const { encoder, graph } = await quantise({ ...model, rows: { x: Uint8Array.of(0, 7, 200, 3) } });
    const run = createTwinProgram(t.bind(encoder, { B: 2 })).run({ x: Uint8Array.of(9, 255, 0, 200) });
    expect([...run.x]).toEqual([9, 255, 0, 200]);
    expect(t.printGraph(graph)).toContain('in 0..255');
  });

  it('of labels: the first of equal logits', async () => {
    const g = t.createBuilder();
    const logits = t.dense(g, g.input('x', 'f32', ['B', 2]), 3);
    g.output('logits', logits);
    g.output('label', t.argmax(g, logits));
    const parameters = [
      { name: 'dense0.weight', shape: [2, 3], data: Float32Array.of(1, 1, 0, 0, 0, 1) },
      { name: 'dense0.bias', shape: [3], data: new Float32Array(3) },
    ];
    const { graph, scales } = await quantise({ graph: g.finish(), parameters, rows });
    const run = createTwinProgram(t.bind(graph, { B: 2 })).run({ x: Int32Array.of(5, 5, 4, 5) });
    expect([...run.label]).toEqual([0, 2]);
    expect(Object.keys(scales)).toEqual(['logits']);
    expect(scales.logits).toMatchObject({ low: -32_768, high: 32_767 });
  });

  it('of a model whose address is the same everywhere', async () => {
    const graph = t.lenet5({ classes: 10 });
    const parameters = t.initialParameters(graph, '0x2a');
    const rows = { x: Float32Array.from({ length: 8 * 784 }, (_, i) => ((i * 7919) % 256) / 255) };
    const quantised = await quantise({ graph, parameters, rows });
    expect(t.graphAddress(quantised.graph)).toBe(
      '0xc662b43b5dbaf591464b7776c8b8660f90b9329d7c252f4d1d9162c616bf4e80',
    );
    expect(t.graphAddress(quantised.encoder)).toBe(
      '0x98c216b0309500d35ad335d38b96699ca9cff6c6d2748fc9b367bec53533d789',
    );
    expect(quantised.parents).toEqual({
      model: '0xf9616b7187903eceae60683427cd2b36a82bcc3c067e4f36a484266424db592e',
      parameters: '0x5e0229b49b7c4c1f8b0da82da590a7e886c16b381efe0758f4bcb6291804d6cd',
      rows: '0x0f0da440d209870b888f94ffdd08212ddea9eabf3b2a14c9be54a6529947029f',
    });
  });
});

describe('what becomes of a graph', () => {
  it('folds normalisation, bias and relu into one product and one shift', async () => {
    const [shape, build] = cases['batchNorm folded'];
    const { graph } = await quantise({ ...modelOf(shape, build), rows: { x: noise(16 * 256) } });
    const kinds = graph.nodes
      .map(({ kind }) => kind)
      .filter((kind) => kind !== 'constant' && kind !== 'input');
    expect(kinds).toEqual(['requantise', 'pad', 'contract', 'map', 'requantise']);
  });

  it('makes one table of a function in several steps', async () => {
    const [shape, build] = cases['hard-swish in three steps'];
    const { graph } = await quantise({ ...modelOf(shape, build), rows: { x: noise(16 * 20) } });
    expect(graph.nodes.filter(({ kind }) => kind === 'lookup')).toHaveLength(1);
    expect(t.printGraph(graph)).not.toContain('map a0*a1');
  });

  it('computes a product once, of which a clamp and something else are made', async () => {
    const [shape, build] = cases['clip of an activation'];
    const { graph } = await quantise({ ...modelOf(shape, build), rows: { x: noise(16 * 256) } });
    expect(graph.nodes.filter(({ kind }) => kind === 'contract')).toHaveLength(1);
  });

  it('uses fewer bits of weights where a sum has very many terms', async () => {
    const { graph } = modelOf([70_000], (g, x) => t.dense(g, x, 1));
    const parameters = [
      { name: 'dense0.weight', shape: [70_000, 1], data: new Float32Array(70_000).fill(0.01) },
      { name: 'dense0.bias', shape: [1], data: Float32Array.of(-3) },
    ];
    const x = noise(4 * 70_000).map(Math.abs);
    const quantised = await quantise({ graph, parameters, rows: { x } });
    const [weights] = t
      .leavesOf(quantised.graph, 'constant')
      .map(({ bytes }) => new Int32Array(bytes.buffer));
    expect(weights[0]).toBeLessThan(64);
    const [encode, run] = [quantised.encoder, quantised.graph].map((each) => t.bind(each, { B: 4 }));
    const encoded = (await t.createProgram(encode)).run({ x }).x;
    const { y } = (await t.createProgram(run)).run({ x: encoded });
    const expected = 0.01 * x.subarray(0, 70_000).reduce((sum, value) => sum + value, 0) - 3;
    expect(Math.abs((y[0] * quantised.scales.y.scale) / expected - 1)).toBeLessThan(1 / weights[0]);
  });

  it('keeps a channel whose weights are 0, and one whose weights are next to nothing', async () => {
    const { graph } = modelOf([1], (g, x) => t.dense(g, x, 3));
    const parameters = [
      { name: 'dense0.weight', shape: [1, 3], data: Float32Array.of(0, 1e-20, 1) },
      { name: 'dense0.bias', shape: [3], data: Float32Array.of(0.5, -0.25, 0) },
    ];
    const quantised = await quantise({ graph, parameters, rows: { x: Float32Array.of(-1, 1) } });
    const { y } = createTwinProgram(t.bind(quantised.graph, { B: 1 })).run({ x: Int32Array.of(1) });
    const found = Array.from(y, (value) => value * quantised.scales.y.scale);
    expect(found).toEqual([expect.closeTo(0.5, 2), expect.closeTo(-0.25, 2), expect.closeTo(1, 2)]);
  });

  it('gives a residual stream one scale', async () => {
    const [shape, build] = cases['residual sum'];
    const { graph, details } = await quantise({ ...modelOf(shape, build), rows: { x: noise(16 * 256) } });
    expect(graph.nodes.filter(({ kind }) => kind === 'lookup')).toHaveLength(0);
    expect(new Set(details.tensors.slice(1).map(({ scale }) => scale)).size).toBe(1);
  });

  it('leaves softmax over logits out, and keeps what is asked for', async () => {
    const graph = t.mlp({ features: [4], hidden: [5], classes: 3 });
    const model = { graph, parameters: t.initialParameters(graph, '0x01'), rows: { x: noise(40) } };
    expect((await quantise(model)).graph.outputs.map(({ name }) => name)).toEqual(['logits', 'label']);
    const { graph: labels } = await quantise({ ...model, outputs: ['label'] });
    expect(labels.outputs.map(({ name }) => name)).toEqual(['label']);
  });

  it('names its parents, and changes with each of them', async () => {
    const model = modelOf([4], (g, x) => t.dense(g, x, 3));
    const rows = { x: noise(40) };
    const first = await quantise({ ...model, rows });
    const parameters = model.parameters.map((each) => ({
      ...each,
      data: each.data.map((value, i) => (i === 0 ? -value : value)),
    }));
    const others = [
      await quantise({ ...model, rows: { x: rows.x.with(0, 1.5) } }),
      await quantise({ ...model, parameters, rows }),
    ];
    expect(first.parents.model).toBe(t.graphAddress(model.graph));
    expect(others.map(({ parents }) => parents)).not.toContainEqual(first.parents);
    for (const { graph, encoder } of others) {
      expect([t.graphAddress(graph), t.graphAddress(encoder)]).not.toEqual([
        t.graphAddress(first.graph),
        t.graphAddress(first.encoder),
      ]);
    }
    expect(await quantise({ ...model, rows })).toEqual(first);
  });

  it('follows a model however deep it is', async () => {
    const deep = (layers: number, layer: (g: G, x: number) => number) =>
      modelOf([2], (g, x) => Array.from({ length: layers }).reduce<number>((y) => layer(g, y), x));
    const rows = { x: noise(8) };
    const turned = (g: G, x: number) => t.slice(g, x, { axis: 1, start: 0 });
    const { graph: views } = await quantise({ ...deep(10_000, turned), rows });
    expect(views.nodes).toHaveLength(10_002);
    const { graph: scaled } = await quantise({ ...deep(10_000, t.neg), rows });
    expect(scaled.nodes).toHaveLength(2);
    const doubled = (g: G, x: number) => t.add(g, x, turned(g, x));
    const { details } = await quantise({ ...deep(4000, doubled), rows: { x: new Float32Array(2) } });
    expect(details.tensors).toHaveLength(4001);
    const { graph: tables } = await quantise({ ...deep(200, t.tanh), rows });
    // Functions of at most 64 steps each.
    expect(tables.nodes.filter(({ kind }) => kind === 'lookup')).toHaveLength(4);
  });

  it('survives its encoding', async () => {
    const model = modelOf([40], (g, x) => t.dense(g, x, 30));
    const { graph } = await quantise({ ...model, rows: { x: noise(400) } });
    const decoded = t.decodeGraph(t.encodeGraph(graph), t.largeConstants(graph));
    expect(t.graphAddress(decoded)).toBe(t.graphAddress(graph));
  });
});

describe('what is refused', () => {
  const refused = async (shape: readonly number[], build: (g: G, x: number) => number, rows?: number) => {
    const x = noise((rows ?? 8) * size(shape));
    return quantise({ ...modelOf(shape, build), rows: { x } }).then(
      () => undefined,
      (error) => error,
    );
  };

  it.each<[string, readonly number[], (g: G, x: number) => number, string]>([
    ['softmax', [4], (g, x) => t.softmax(g, x), 'softmax (node 1)'],
    ['layerNorm', [4], (g, x) => t.layerNorm(g, x), 'layerNorm (node 3)'],
    ['a quotient', [4], (g, x) => t.div(g, x, t.exp(g, t.dense(g, x, 4))), 'div (node 5)'],
    [
      'a mean of numbers of values with no small common multiple',
      [1, 9, 9],
      (g, x) => t.averagePool(g, x, { kernel: 9, stride: 1, padding: 4 }),
      'averagePool (node 1)',
    ],
    ['a logarithm of what may be negative', [4], (g, x) => t.log(g, t.dense(g, x, 3)), 'NaN in log (node 4)'],
    ['numbers made from integers', [4], (g, x) => t.cast(g, t.argmax(g, x), 'f32'), 'cast (node 2)'],
  ])('%s, by node and operator, with what to do', async (_, shape, build, found) => {
    const error = await refused(shape, build);
    expect(error).toMatchObject({ code: expect.stringMatching(/quantise\.(unsupported|notFinite)/), found });
    expect(error.hint).toMatch(/outputs|logits|countPadding|finite/);
  });

  it('a function without a value where its table needs one', async () => {
    const { graph } = modelOf([1], (g, x) => {
      const y = t.dense(g, x, 1);
      return t.sqrt(g, t.add(g, y, g.constant(Float32Array.of(1.5), [])));
    });
    const parameters = [
      { name: 'dense0.weight', shape: [1, 1], data: Float32Array.of(1) },
      { name: 'dense0.bias', shape: [1], data: Float32Array.of(0) },
    ];
    // Between -1 and 2 it has values, at -128 times 2 / 127 it has none.
    const error = await quantise({ graph, parameters, rows: { x: Float32Array.of(-1, 2) } }).catch(
      (each) => each,
    );
    expect(error).toMatchObject({ code: 'quantise.unsupported', found: 'sqrt (node 6)' });
    expect(error.hint).toContain('clip');
  });

  it('a sum that the field could not hold', async () => {
    const error = await refused(
      [1, 20_000],
      (g, x) => {
        const y = t.relu(g, t.mul(g, x, x));
        return t.matmul(g, y, t.transpose(g, y, [0, 2, 1]));
      },
      4,
    );
    expect(error).toMatchObject({ code: 'ranges.wrap', expected: expect.stringContaining('BabyBear') });
  });

  it('rows that do not fit, and inputs that are no rows', async () => {
    const model = modelOf([4], (g, x) => t.dense(g, x, 3));
    for (const rows of [{}, { x: new Float32Array(3) }, { x: new Float32Array(0) }, { y: noise(4) }]) {
      await expect(quantise({ ...model, rows })).rejects.toMatchObject({ code: 'quantise.rows' });
    }
    const g = t.createBuilder();
    g.output('y', t.embedding(g, g.input('x', 'i32', ['B', 3]), { vocabulary: 5, width: 2 }));
    const graph = g.finish();
    const tokens = {
      graph,
      parameters: t.initialParameters(graph, '0x01'),
      rows: { x: new Float32Array(3) },
    };
    await expect(quantise(tokens)).rejects.toMatchObject({ code: 'quantise.rows' });
  });

  it('numbers that are none, no outputs, an output without an input, a state', async () => {
    const model = modelOf([4], (g, x) => t.dense(g, x, 3));
    const rows = { x: Float32Array.of(1, Number.NaN, 0, 0) };
    await expect(quantise({ ...model, rows })).rejects.toMatchObject({ code: 'quantise.notFinite' });
    await expect(quantise({ ...model, rows: { x: noise(4) }, outputs: [] })).rejects.toMatchObject({
      code: 'quantise.outputs',
    });
    await expect(quantise({ ...model, rows: { x: noise(4) }, outputs: ['z'] })).rejects.toMatchObject({
      code: 'graph.noOutput',
    });
    const fixed = modelOf([4], (g) => g.constant(Float32Array.of(1), [1]));
    const stateful = modelOf([4], (g, x) => t.add(g, x, g.state('s', [4])));
    expect(await quantise({ ...stateful, rows: { x: noise(4) } }).catch(({ found }) => found)).toMatch(
      'state',
    );
    expect(await quantise({ ...fixed, rows: {} }).catch(({ code }) => code)).toMatch(/quantise/);
  });
});

describe('reports', () => {
  const labels = ['a', 'b', 'c'];
  const graph = t.mlp({ features: [6], hidden: [16], classes: 3 });
  const parameters = t.initialParameters(graph, '0x0c');
  const x = noise(300 * 6);

  it('count what changed, and say where errors arise', async () => {
    const quantised = await quantise({ graph, parameters, rows: { x: x.subarray(0, 64 * 6) } });
    const program = await t.createProgram(t.bind(graph, { B: 300 }));
    program.setParameters(parameters);
    const predicted = program.run({ x }).label as Int32Array<ArrayBuffer>;
    // 30 labels that the model gets wrong.
    const truth = predicted.map((label, i) => (i < 30 ? (label + 1) % 3 : label));
    const dataset = { features: x, shape: [6], labels: truth, vocabulary: labels };
    const report = await measureQuantised({ quantised, dataset });
    expect(report).toMatchObject({ count: 300, floatAccuracy: 0.9 });
    expect(report.agreement).toBeGreaterThan(0.97);
    expect(report.accuracyLost).toBeCloseTo(report.floatAccuracy - report.quantisedAccuracy, 12);
    expect(report.tensors.map(({ name }) => name)).toEqual(['x', 'dense0', 'dense1']);
    const [input, hidden, logits] = report.tensors;
    // An input is as wrong as its rounding; what follows carries that, and adds its own.
    expect(input.error).toBe(input.ownError);
    expect(input.error).toBeCloseTo(1 / 127 / Math.sqrt(12) / Math.sqrt(1 / 3), 3);
    for (const { error, ownError } of [hidden, logits]) {
      expect(ownError).toBeGreaterThan(0);
      expect(ownError).toBeLessThan(error);
      expect(error).toBeLessThan(0.03);
    }
  });

  it('see numbers beyond what calibration saw', async () => {
    const quantised = await quantise({
      graph,
      parameters,
      rows: { x: x.subarray(0, 64 * 6).map((v) => v / 4) },
    });
    const dataset = { features: x, shape: [6], labels: new Int32Array(300), vocabulary: labels };
    const { tensors } = await measureQuantised({ quantised, dataset });
    // A quarter of numbers between -1 and 1 lies between -1/4 and 1/4.
    expect(tensors[0].saturated).toBeCloseTo(0.75, 1);
    expect(tensors[0].error).toBeGreaterThan(0.5);
  });

  it('refuse data of another model', async () => {
    const quantised = await quantise({ graph, parameters, rows: { x } });
    const dataset = { features: x, shape: [6], labels: new Int32Array(300), vocabulary: labels };
    for (const other of [
      { ...dataset, shape: [3], labels: new Int32Array(600) },
      { ...dataset, vocabulary: ['a', 'b'] },
    ]) {
      await expect(measureQuantised({ quantised, dataset: other })).rejects.toMatchObject({
        code: 'quantise.measure',
      });
    }
    const { graph: y, parameters: weights } = modelOf([6], (g, input) => t.dense(g, input, 3));
    const regression = await quantise({ graph: y, parameters: weights, rows: { x } });
    await expect(measureQuantised({ quantised: regression, dataset })).rejects.toMatchObject({
      code: 'quantise.measure',
    });
  });

  it('are preceded by what the work will take', () => {
    const { calibration, inference } = estimateQuantisation({ graph, rows: { x } });
    expect(inference.multiplyAdds).toBeGreaterThan(6 * 16 + 16 * 3);
    expect(calibration.multiplyAdds).toBe(300 * inference.multiplyAdds);
    expect(calibration.bytes).toBeGreaterThan(inference.bytes);
    expect(calibration.seconds).toBeCloseTo(calibration.multiplyAdds / 2 ** 31, 12);
    expect(() =>
      t.assertWithinBudget(calibration, { multiplyAdds: 10, bytes: 10 }, 'quantising', 'Use fewer rows.'),
    ).toThrow('quantising');
  });
});
