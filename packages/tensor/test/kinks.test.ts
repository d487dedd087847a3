/**
 * Derivatives at the points where two branches of a function meet: those of PyTorch
 * (vectors/tensor/kinks.json). Zero-initialised heads and units that are off sit exactly there.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as t from '../src/index.ts';
import { importOnnx } from '../src/onnx/index.ts';
import { tensorFields, type WrittenNode, writeModel } from '../src/onnx/write.ts';
import { runBoth } from './runBoth.ts';

interface Kink {
  readonly name: string;
  readonly points: readonly number[];
  readonly gradient: readonly number[];
}
const file = join(import.meta.dirname, '../../../vectors/tensor/kinks.json');
const { cases, provenance } = JSON.parse(readFileSync(file, 'utf8')) as { cases: Kink[]; provenance: string };

type Build = (g: t.Builder, p: t.TensorId) => t.TensorId;
const numbers = (g: t.Builder, ...values: number[]) => g.constant(Float32Array.from(values), [values.length]);

const operations: Readonly<Record<string, Build>> = {
  relu: t.relu,
  abs: t.abs,
  leakyRelu: (g, p) => t.leakyRelu(g, p, 0.125),
  elu: (g, p) => t.elu(g, p, 0.5),
  silu: t.silu,
  sigmoid: t.sigmoid,
  softplus: t.softplus,
  'gelu erf': (g, p) => t.gelu(g, p),
  'gelu tanh': (g, p) => t.gelu(g, p, 'tanh'),
  clip: (g, p) => t.clip(g, p, -1.5, 2),
  power: (g, p) => t.power(g, p, 2),
  max: (g, p) => t.max(g, p),
  min: (g, p) => t.min(g, p),
  maxPool: (g, p) =>
    t.maxPool(g, g.add({ kind: 'reshape', operands: [p], out: [1, 1, 1, 2] }), { kernel: [1, 2] }),
  huber: (g, p) => t.mul(g, t.huber(g, p, numbers(g, 0, 0, 0), numbers(g, 1, 1, 1), 0.75), numbers(g, 3)),
  binaryCrossEntropy: (g, p) =>
    t.mul(g, t.binaryCrossEntropy(g, p, numbers(g, 0, 0.25, 1), numbers(g, 1, 1, 1)), numbers(g, 3)),
};

const node = (operator: string, attributes: WrittenNode['attributes'] = {}, ...further: string[]) => ({
  operator,
  attributes,
  further,
});
const nodes: Readonly<Record<string, ReturnType<typeof node>>> = {
  HardSigmoid: node('HardSigmoid', { alpha: { float: 1 / 6 }, beta: { float: 0.5 } }),
  HardSwish: node('HardSwish'),
  Clip: node('Clip', {}, 'zero', 'six'),
  ThresholdedRelu: node('ThresholdedRelu', { alpha: { float: 1 } }),
  Celu: node('Celu', { alpha: { float: 0.5 } }),
  Selu: node('Selu'),
  PRelu: node('PRelu', {}, 'slope'),
  Softsign: node('Softsign'),
  Mish: node('Mish'),
  Shrink: node('Shrink', { lambd: { float: 0.5 }, bias: { float: 0.5 } }),
};

/** The sum of the operator over p: x is 1, so that x times p are the points. */
function graphOfNode(name: string, points: readonly number[]): t.Graph {
  const { operator, attributes, further } = nodes[name]!;
  const floats = (values: readonly number[], shape: readonly number[]) =>
    tensorFields('f32', shape, new Uint8Array(Float32Array.from(values).buffer));
  const bytes = writeModel({
    nodes: [
      { operator: 'MatMul', inputs: ['x', 'p'], outputs: ['z'], attributes: {} },
      { operator, inputs: ['z', ...further], outputs: ['a'], attributes },
      { operator: 'ReduceSum', inputs: ['a'], outputs: ['loss'], attributes: { keepdims: 0 } },
    ],
    initialisers: [
      ['p', floats(points, [1, points.length])],
      ['zero', floats([0], [])],
      ['six', floats([6], [])],
      ['slope', floats([0.125], [1])],
    ],
    inputs: [{ name: 'x', type: 'f32', shape: [1, 1] }],
    outputs: [{ name: 'loss', type: 'f32', shape: [] }],
    opsets: { '': 18 },
  });
  return importOnnx(bytes).graph;
}

function graphOf({ name, points }: Kink): t.Graph {
  const build = operations[name];
  if (build === undefined) return graphOfNode(name, points);
  const g = t.createBuilder();
  g.output('loss', t.sum(g, build(g, g.parameter('p', [points.length], 'zeros'))));
  return g.finish();
}

describe(`derivatives at kinks are those of ${provenance}`, () => {
  it.each(cases.map((kink) => [kink.name, kink] as const))('%s', async (_, kink) => {
    const graph = t.differentiate(t.lower(graphOf(kink)), 'loss');
    const parameters = t.leavesOf(graph, 'parameter').map(({ name, shape }) => ({
      name,
      shape,
      data: name === 'p' ? Float32Array.from(kink.points) : Float32Array.of(0.125),
    }));
    const inputs: Record<string, Float32Array<ArrayBuffer>> = {};
    if (t.leavesOf(graph, 'input').length > 0) inputs.x = Float32Array.of(1);
    const { outputs } = await runBoth(graph, inputs, { parameters });
    for (const [i, found] of outputs['d p']!.entries()) expect(found).toBeCloseTo(kink.gradient[i]!, 6);
  });
});

describe('labels outside the classes', () => {
  const logits = Float32Array.of(1, 2, 3, 3, 2, 1);
  const weighted = t.defineGraph({ x: ['f32', 2, 3], y: ['i32', 2], w: ['f32', 2] }, (g, { x, y, w }) => ({
    loss: t.crossEntropy(g, x, y, w),
  }));
  const single = t.defineGraph({ x: ['f32', 2, 3], y: ['i32', 2] }, (g, { x, y }) => ({
    loss: t.exampleCrossEntropy(g, x, y),
  }));
  it.each([7, 3, -1, -100])('%s of 3 stops the run, also with the weight 0', async (label) => {
    const refusal = expect.objectContaining({ code: 'program.index', found: String(label) });
    const y = Int32Array.of(0, label);
    await expect(runBoth(single, { x: logits, y })).rejects.toThrow(refusal);
    await expect(runBoth(weighted, { x: logits, y, w: Float32Array.of(1, 0) })).rejects.toThrow(refusal);
  });
});
