import { describe, expect, it } from 'vitest';
import {
  batchNorm,
  createBuilder,
  createProgram,
  defineGraph,
  dense,
  fixParameters,
  initialParameters,
  leavesOf,
  matmul,
  mean,
  meanSquaredError,
  minimise,
  relu,
  sgd,
} from '../index.ts';
import { exportOnnx, importOnnx } from '../onnx/index.ts';
import { tensorFields, type WrittenNode, writeModel } from '../onnx/write.ts';
import { findTables } from './fix.ts';

const floats = (shape: readonly number[], value = (i: number) => ((i * 7) % 11) / 11 - 0.4) => {
  const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => value(i));
  return tensorFields('f32', shape, new Uint8Array(data.buffer));
};
const node = (
  operator: string,
  inputs: readonly string[],
  output: string,
  attributes: WrittenNode['attributes'] = {},
): WrittenNode => ({ operator, inputs, outputs: [output], attributes });

/**
 * As PyTorch writes an encoder that standardises its input (T,D): projection, positions, attention
 * under a mask, a scaled residual, PRelu, classes.
 */
const [T, D] = [3, 4];
const tables = ['pixel_mean', 'pixel_deviation', 'positions', 'root', 'mask'];
const encoder = writeModel({
  nodes: [
    node('Sub', ['x', 'pixel_mean'], 'centred'),
    node('Div', ['centred', 'pixel_deviation'], 'standardised'),
    node('MatMul', ['standardised', 'projection'], 'projected'),
    node('Add', ['projected', 'projection_bias'], 'tokens'),
    node('Add', ['tokens', 'positions'], 'placed'),
    node('Transpose', ['placed'], 'turned', { perm: [1, 0] }),
    node('MatMul', ['placed', 'turned'], 'scores'),
    node('Div', ['scores', 'root'], 'scaled'),
    node('Add', ['scaled', 'mask'], 'masked'),
    node('Softmax', ['masked'], 'weights', { axis: 1 }),
    node('MatMul', ['weights', 'placed'], 'attended'),
    node('Mul', ['attended', 'gamma'], 'gated'),
    node('Add', ['gated', 'placed'], 'sum'),
    node('LayerNormalization', ['sum', 'scale', 'shift'], 'normal'),
    node('PRelu', ['normal', 'slope'], 'active'),
    node('ReduceMean', ['active'], 'pooled', { axes: [0], keepdims: 1 }),
    node('Gemm', ['pooled', 'head', 'head_bias'], 'narrow', { transB: 1 }),
    node('MatMul', ['narrow', 'last'], 'single'),
    node('Add', ['single', 'last_bias'], 'y'),
  ],
  initialisers: [
    ['pixel_mean', floats([1, D])],
    ['pixel_deviation', floats([1, D], (i) => 1 + i)],
    ['projection', floats([D, D])],
    ['projection_bias', floats([D])],
    ['positions', floats([T, D], (i) => Math.fround(Math.sin(i)))],
    ['root', floats([1], () => 2)],
    ['mask', floats([T, T], (i) => (i % T > Math.floor(i / T) ? -1e9 : 0))],
    ['gamma', floats([D])],
    ['scale', floats([D], () => 1)],
    ['shift', floats([D], () => 0)],
    ['slope', floats([1], () => 0.25)],
    ['head', floats([2, D])],
    ['head_bias', floats([2])],
    ['last', floats([2, 1])],
    ['last_bias', floats([1])],
  ],
  inputs: [{ name: 'x', type: 'f32', shape: [T, D] }],
  outputs: [{ name: 'y', type: 'f32', shape: [1, 1] }],
  opsets: { '': 17 },
});
const names = (parameters: readonly { readonly name: string }[]) => parameters.map(({ name }) => name).sort();

describe('what no gradient trained', () => {
  it('is a constant of an imported model, and the notes name it', () => {
    const read = importOnnx(encoder);
    expect(names(read.parameters)).toEqual(
      [
        'projection',
        'projection_bias',
        'gamma',
        'scale',
        'shift',
        'slope',
        'head',
        'head_bias',
        'last',
        'last_bias',
      ].sort(),
    );
    expect(names(importOnnx(encoder, { fixed: [] }).parameters)).toEqual(
      [...names(read.parameters), ...tables].sort(),
    );
    expect(read.notes).toEqual([`training leaves as they are: ${tables.join(', ')}`]);
  });

  it('gives the same answers as parameters of the same values', async () => {
    const input = Float32Array.from({ length: T * D }, (_, i) => Math.cos(i));
    const [fixed, free] = [importOnnx(encoder), importOnnx(encoder, { fixed: [] })].map(
      async ({ graph, parameters }) => {
        const program = await createProgram(graph);
        program.setParameters(parameters);
        return program.run({ x: input }).y;
      },
    );
    expect(await fixed).toEqual(await free);
  });

  it('stays as it is in training, and after', async () => {
    const { graph, parameters } = importOnnx(encoder);
    const g = createBuilder();
    for (const one of graph.nodes) {
      if ('operands' in one) {
        const { dtype: _, shape: __, note, ...operation } = one;
        g.add(operation, note);
      } else g.leaf(one);
    }
    const [{ tensor }] = graph.outputs as [(typeof graph.outputs)[number]];
    const one = g.constant(Float32Array.of(1), [1]);
    g.output('loss', meanSquaredError(g, mean(g, tensor, { axes: [0] }), one, one));
    const inputs = { x: Float32Array.from({ length: T * D }, (_, i) => Math.cos(i)) };
    const state = await minimise({
      graph: g.finish(),
      optimiser: sgd,
      rates: { learningRate: 0.01 },
      from: { parameters, states: [], step: 0 },
      steps: 2,
      inputs: () => inputs,
    });
    expect(names(state.parameters)).toEqual(names(parameters));
    const moved = state.parameters.filter(({ data }, i) =>
      data.some((v, at) => v !== parameters[i]!.data[at]),
    );
    expect(moved.length).toBeGreaterThan(5);
  });

  it('is what the caller says, where the caller says it', () => {
    const read = importOnnx(encoder, { fixed: ['projection', 'mask'] });
    expect(names(read.parameters)).not.toContain('projection');
    expect(names(read.parameters)).toContain('positions');
    expect(() => importOnnx(encoder, { fixed: ['nothing'] })).toThrow(
      expect.objectContaining({ code: 'parameters.mismatch' }),
    );
  });

  it('may be infinite, as a mask is', () => {
    const masked = writeModel({
      nodes: [node('Add', ['x', 'mask'], 'y')],
      initialisers: [['mask', floats([2, 2], (i) => (i === 1 ? Number.NEGATIVE_INFINITY : 0))]],
      inputs: [{ name: 'x', type: 'f32', shape: [2, 2] }],
      outputs: [{ name: 'y', type: 'f32', shape: [2, 2] }],
      opsets: { '': 17 },
    });
    expect(importOnnx(masked).parameters).toEqual([]);
  });

  it('is nothing of a model that exportOnnx wrote: its parameters are named in the file', () => {
    const graph = defineGraph({ x: ['f32', 2, 3] }, (g, { x }) => ({
      y: g.add({ kind: 'sub', operands: [x, g.parameter('offset', [2, 3], 'ones')] }),
    }));
    const parameters = initialParameters(graph, '0x01');
    expect(findTables(graph)).toEqual(['offset']);
    expect(names(importOnnx(exportOnnx({ graph, parameters })).parameters)).toEqual(['offset']);
  });
});

describe('fixParameters', () => {
  const graph = defineGraph({ x: ['f32', 'B', 3] }, (g, { x }) => ({
    y: dense(g, relu(g, batchNorm(g, dense(g, x, 4))), 2),
  }));
  const parameters = initialParameters(graph, '0x02');

  it('makes constants of the named, and keeps the order of the others', () => {
    const head = parameters.map(({ name }) => name).filter((name) => !name.startsWith('dense1.'));
    const fixed = fixParameters({ graph, parameters }, head);
    expect(fixed.parameters).toEqual(parameters.filter(({ name }) => !head.includes(name)));
    expect(leavesOf(fixed.graph, 'parameter').map(({ name }) => name)).toEqual([
      'dense1.weight',
      'dense1.bias',
    ]);
    expect(leavesOf(fixed.graph, 'constant')).toHaveLength(head.length);
  });

  it('leaves batch normalisation as it predicts where its statistics are fixed', async () => {
    const labelled = defineGraph({ x: ['f32', 4, 3], t: ['f32', 4, 2], w: ['f32', 4] }, (g, { x, t, w }) => {
      const y = dense(g, relu(g, batchNorm(g, dense(g, x, 4))), 2);
      return { loss: meanSquaredError(g, y, t, w) };
    });
    const start = initialParameters(labelled, '0x02');
    const head = names(start).filter((name) => !name.startsWith('dense1.'));
    const fixed = fixParameters({ graph: labelled, parameters: start }, head);
    const inputs = {
      x: Float32Array.from({ length: 12 }, (_, i) => 50 + i),
      t: new Float32Array(8),
      w: new Float32Array(4).fill(1),
    };
    const program = await createProgram(labelled);
    program.setParameters(start);
    const predicted = program.run(inputs).loss![0];
    const losses: number[] = [];
    const state = await minimise({
      graph: fixed.graph,
      optimiser: sgd,
      rates: { learningRate: 1e-6 },
      from: { parameters: fixed.parameters, states: [], step: 0 },
      steps: 1,
      inputs: () => inputs,
      onProgress: ({ loss }) => losses.push(loss),
    });
    expect(losses).toEqual([predicted]);
    expect(names(state.parameters)).toEqual(['dense1.bias', 'dense1.weight']);
  });

  it('finds weights of layers and running statistics, and what meets nothing but weights', () => {
    expect(findTables(graph)).toEqual([]);
    const g = createBuilder();
    const x = g.input('x', 'f32', ['B', 2]);
    const [a, b, c] = ['a', 'b', 'c'].map((name) => g.parameter(name, [2, 2], 'ones'));
    g.output('y', matmul(g, x, matmul(g, a!, b!)));
    g.output('z', c!);
    // a b is one weight, of two factors; c meets no data.
    expect(findTables(g.finish())).toEqual(['c']);
  });

  it('refuses names that are none of its parameters', () => {
    expect(() => fixParameters({ graph, parameters }, ['dense0.weight', 'dense9.weight'])).toThrow(
      expect.objectContaining({ code: 'parameters.mismatch', found: 'dense9.weight' }),
    );
  });
});
