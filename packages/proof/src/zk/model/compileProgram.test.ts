/** A program against the graph that it was compiled from, as the tensor package runs it. */
import { type Builder, bind, createBuilder, createProgram, type Graph, type Node } from '@nonet/tensor';
import { expect, test } from 'vitest';
import { checkProgram } from './checkProgram.ts';
import { compileProgram } from './compileProgram.ts';
import { createProver } from './proveModel.ts';
import { verifyInference, verifyRegistration } from './verifyModel.ts';

const affine = (...matrix: number[][]) => ({ matrix, offset: matrix.map(() => 0) });

/** Numbers that repeat, from -bound to bound. */
function numbers(count: number, bound: number, seed: number): Int32Array {
  let state = seed;
  return Int32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * (2 * bound + 1)) - bound;
  });
}

/** What graphs are built with here. */
type Build = Pick<Builder, 'input' | 'add' | 'constant' | 'output' | 'finish'>;

/** Notes nodes as they are, without types: for primitives that are refused before they are compiled. */
function noteNodes(): Build {
  const nodes: Node[] = [];
  const outputs: Graph['outputs'][number][] = [];
  const push = (node: object) => nodes.push({ dtype: 'i32', shape: [], ...node } as unknown as Node) - 1;
  return {
    input: (name, dtype, shape) => push({ kind: 'input', name, dtype, shape }),
    add: (primitive) => push(primitive),
    constant: (values, shape) =>
      push({ kind: 'constant', shape, bytes: new Uint8Array(Int32Array.from(values).buffer) }),
    output: (name, tensor) => void outputs.push({ name, tensor }),
    finish: () => ({ nodes, outputs, gradients: [], updates: [] }),
  };
}

/** The graph of a small network for images, in the primitives that quantisation writes. */
function imageGraph(g: Build, hasMaxima: boolean): Graph {
  const x = g.input('x', 'i32', ['B', 2, 6, 5]);
  const bounded = g.add({
    kind: 'requantise',
    operands: [x],
    axis: 0,
    shift: [0],
    zero: [0],
    low: -128,
    high: 127,
  });
  const padded = g.add({
    kind: 'pad',
    operands: [bounded],
    low: [0, 0, 1, 1],
    high: [0, 0, 1, 0],
    interior: [0, 0, 0, 0],
    valueBits: 0,
  });
  const kernel = g.constant(numbers(3 * 2 * 3 * 2, 127, 1), [3, 2, 3, 2]);
  const convolved = g.add({
    kind: 'contract',
    operands: [padded, kernel],
    out: ['B', 3, 6, 5],
    k: [2, 3, 2],
    maps: [
      affine([1, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 1, 0, 0], [0, 0, 1, 0, 0, 1, 0], [0, 0, 0, 1, 0, 0, 1]),
      affine([0, 1, 0, 0, 0, 0, 0], [0, 0, 0, 0, 1, 0, 0], [0, 0, 0, 0, 0, 1, 0], [0, 0, 0, 0, 0, 0, 1]),
    ],
  });
  const shifted = g.add({
    kind: 'map',
    operands: [convolved, g.constant(Int32Array.of(500, -3000, 0), [3])],
    out: ['B', 3, 6, 5],
    maps: [affine([1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]), affine([0, 1, 0, 0])],
    detached: [],
    expression: ['add', ['arg', 0], ['arg', 1]],
  });
  const activations = g.add({
    kind: 'requantise',
    operands: [shifted],
    axis: 1,
    shift: [8, 9, 7],
    zero: [0, 0, 0],
    low: 0,
    high: 255,
  });
  const pooled = hasMaxima
    ? g.add({
        kind: 'reduce',
        op: 'max',
        operands: [activations],
        out: ['B', 3, 3, 5],
        k: [2, 1],
        maps: [affine([1, 0, 0, 0, 0, 0], [0, 1, 0, 0, 0, 0], [0, 0, 2, 0, 1, 0], [0, 0, 0, 1, 0, 1])],
      })
    : activations;
  const size = hasMaxima ? 45 : 90;
  const entries = Int32Array.from({ length: 256 }, (_, i) => Math.round(127 * Math.tanh((i - 60) / 50)));
  const table = g.add({
    kind: 'lookup',
    operands: [pooled, g.constant(entries, [256])],
    low: 0,
    high: 255,
  });
  const flat = g.add({ kind: 'reshape', operands: [table], out: ['B', size] });
  const dense = g.add({
    kind: 'contract',
    operands: [flat, g.constant(numbers(size * 4, 127, 2), [size, 4])],
    out: ['B', 4],
    k: [size],
    maps: [affine([1, 0, 0], [0, 0, 1]), affine([0, 0, 1], [0, 1, 0])],
  });
  const logits = g.add({
    kind: 'requantise',
    operands: [dense],
    axis: 0,
    shift: [2],
    zero: [0],
    low: -32768,
    high: 32767,
  });
  if (!hasMaxima) {
    g.output('logits', logits);
    return g.finish();
  }
  const label = g.add({
    kind: 'reduce',
    op: 'argmax',
    operands: [logits],
    out: ['B'],
    k: [4],
    maps: [affine([1, 0], [0, 1])],
  });
  g.output('label', label);
  return g.finish();
}

test('convolution, bias, table, dense layer: proven answers are those of the graph', async () => {
  const graph = imageGraph(createBuilder(), false);
  const { program, weights } = compileProgram({ graph, maximumBatch: 4 });
  expect(program.layers.map(({ kind }) => kind)).toEqual(['convolution', 'lookup', 'dense']);
  const prover = createProver({ program, weights });
  const verdict = verifyRegistration(prover.register());
  if (!verdict.accepted) throw new Error(verdict.code);
  const rows = 3;
  const inputs = numbers(rows * 60, 128, 5).map((value) => Math.min(value, 127));
  const { statement, proof } = prover.prove({ inputs, rows, context: new Uint8Array() });
  expect(verifyInference(verdict.model, statement, proof)).toMatchObject({ accepted: true });
  const run = await createProgram(bind(graph, { B: rows }));
  expect([...statement.outputs]).toEqual([...(run.run({ x: inputs }).logits as Int32Array)]);
});

test('a program that computes something else than its graph is noticed', async () => {
  const graph = imageGraph(createBuilder(), false);
  const compiled = compileProgram({ graph, maximumBatch: 4 });
  await checkProgram({ compiled, graph, rows: 2 });
  const [first, ...others] = compiled.weights;
  const weights = [{ ...first, weights: Int32Array.from(first.weights).reverse() }, ...others];
  await expect(checkProgram({ compiled: { ...compiled, weights }, graph })).rejects.toMatchObject({
    code: 'proof.miscompiled',
  });
});

test('maxima of windows and argmax at the end become layers and a position', () => {
  const { program } = compileProgram({ graph: imageGraph(noteNodes(), true), maximumBatch: 4 });
  const once = { dilation: [1, 1], before: [0, 0], after: [0, 0] };
  expect(program.layers[1]).toEqual({ kind: 'maximum', source: 1, kernel: [2, 1], stride: [2, 1], ...once });
  expect(program.output).toBe('position');
});

test('sums of tensors and of windows become layers', () => {
  const g = noteNodes();
  const x = g.input('x', 'i32', ['B', 2, 4, 4]);
  const bounded = g.add({
    kind: 'requantise',
    operands: [x],
    axis: 0,
    shift: [0],
    zero: [0],
    low: 0,
    high: 255,
  });
  const whole = affine([1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]);
  const doubled = g.add({
    kind: 'map',
    operands: [bounded, bounded],
    out: ['B', 2, 4, 4],
    maps: [whole, whole],
    detached: [],
    expression: ['add', ['arg', 0], ['arg', 1]],
  });
  const halved = g.add({
    kind: 'requantise',
    operands: [doubled],
    axis: 0,
    shift: [1],
    zero: [0],
    low: 0,
    high: 255,
  });
  const total = g.add({
    kind: 'reduce',
    op: 'sum',
    operands: [halved],
    out: ['B', 2],
    k: [4, 4],
    maps: [affine([1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1])],
  });
  const mean = g.add({
    kind: 'requantise',
    operands: [total],
    axis: 0,
    shift: [4],
    zero: [0],
    low: 0,
    high: 255,
  });
  const dense = g.add({
    kind: 'contract',
    operands: [mean, g.constant(Int32Array.of(1, 2, 3, 4), [2, 2])],
    out: ['B', 2],
    k: [2],
    maps: [affine([1, 0, 0], [0, 0, 1]), affine([0, 0, 1], [0, 1, 0])],
  });
  g.output('y', dense);
  const { program, weights } = compileProgram({ graph: g.finish(), maximumBatch: 1 });
  const [twice, average] = [
    { shift: [1, 1], zero: [0, 0], low: 0, high: 255 },
    { shift: [4, 4], zero: [0, 0], low: 0, high: 255 },
  ];
  expect(program.layers).toEqual([
    { kind: 'add', source: 0, others: [{ source: 0, factor: 1 }], requantise: twice },
    {
      kind: 'sum',
      source: 1,
      kernel: [4, 4],
      stride: [1, 1],
      dilation: [1, 1],
      before: [0, 0],
      after: [0, 0],
      factors: [[1], [1]],
      requantise: average,
    },
    { kind: 'dense', source: 2, size: 2, biasBits: 0, requantise: null },
  ]);
  const prover = createProver({ program, weights });
  const inputs = numbers(32, 127, 3).map((value) => value + 128);
  const { statement } = prover.prove({ inputs, rows: 1, context: new Uint8Array() });
  const means = [0, 1].map((c) =>
    Math.floor(inputs.slice(16 * c, 16 * c + 16).reduce((a, b) => a + b) / 16 + 0.5),
  );
  expect([...statement.outputs]).toEqual([means[0] + 3 * means[1], 2 * means[0] + 4 * means[1]]);
});

test('what cannot be proven is refused by its node', () => {
  const g = createBuilder();
  const x = g.input('x', 'i32', ['B', 4]);
  const sum = g.add(
    {
      kind: 'map',
      operands: [x, x],
      out: ['B', 4],
      maps: [affine([1, 0], [0, 1]), affine([1, 0], [0, 1])],
      detached: [],
      expression: ['add', ['arg', 0], ['arg', 1]],
    },
    'residual',
  );
  g.output('y', sum);
  const compile = () => compileProgram({ graph: g.finish(), maximumBatch: 1 });
  expect(compile).toThrow(
    expect.objectContaining({ code: 'proof.unsupported', found: 'node 1, map (residual)' }),
  );
  const two = imageGraph(createBuilder(), false);
  const both = { ...two, outputs: [...two.outputs, { name: 'again', tensor: 1 }] };
  expect(() => compileProgram({ graph: both, maximumBatch: 1 })).toThrow(
    expect.objectContaining({ code: 'proof.unsupported' }),
  );
});
