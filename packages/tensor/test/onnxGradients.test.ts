/**
 * What is read into many steps has a derivative by itself: recurrent layers, sorting, writing at
 * positions and angles, against central differences.
 */
import { describe, it } from 'vitest';
import { copyNode } from '../src/graph/builder.ts';
import { createBuilder, type Graph } from '../src/index.ts';
import { importOnnx } from '../src/onnx/index.ts';
import { integerField } from '../src/onnx/protobuf.ts';
import { listFields, tensorFields, type WrittenNode, writeModel } from '../src/onnx/write.ts';
import { checkGradients, weigh } from './checkGradients.ts';

type Weights = Readonly<Record<string, readonly number[]>>;
type Lists = Readonly<
  Record<string, { readonly shape: readonly number[]; readonly data: readonly number[] }>
>;

const weight = (shape: readonly number[], shift: number) =>
  tensorFields(
    'f32',
    shape,
    new Uint8Array(
      Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(3 * i + shift))
        .buffer,
    ),
  );

/**
 * A graph of one node over weights of these shapes, times an input that is 1, so that nothing is
 * folded; with a loss over its first output.
 */
function lossOf(node: Omit<WrittenNode, 'outputs'>, weights: Weights, lists: Lists = {}): Graph {
  const bytes = writeModel({
    nodes: [
      ...Object.keys(weights).map((name) => ({
        operator: 'Mul',
        inputs: [`${name}.weight`, 'one'],
        outputs: [name],
      })),
      { ...node, outputs: ['y'] },
    ],
    initialisers: [
      ...Object.entries(weights).map(([name, shape], i) => [`${name}.weight`, weight(shape, i)] as const),
      ...Object.entries(lists).map(([name, { shape, data }]) => {
        const fields = listFields(data);
        return [name, [...shape.map((extent) => integerField(1, extent)), ...fields.slice(1)]] as const;
      }),
    ],
    inputs: [{ name: 'one', type: 'f32', shape: [1] }],
    outputs: [{ name: 'y', type: 'f32', shape: [] }],
    opsets: { '': 18 },
  });
  return withLoss(importOnnx(bytes).graph);
}

function withLoss(graph: Graph): Graph {
  const g = createBuilder();
  for (const node of graph.nodes) copyNode(g, node, (id) => id);
  g.output('loss', weigh(g, graph.outputs[0]!.tensor));
  return g.finish();
}

describe('the derivative of', () => {
  const sequence = { x: [3, 2, 2], w: [1, 12, 2], r: [1, 12, 3], b: [1, 24] };
  const nodes: Readonly<Record<string, readonly [Omit<WrittenNode, 'outputs'>, Weights, Lists?]>> = {
    'an LSTM': [{ operator: 'LSTM', inputs: ['x', 'w', 'r', 'b'], attributes: { hidden_size: 3 } }, sequence],
    'a GRU': [
      { operator: 'GRU', inputs: ['x', 'w', 'r', 'b'], attributes: { hidden_size: 3 } },
      { x: [3, 2, 2], w: [1, 9, 2], r: [1, 9, 3], b: [1, 18] },
    ],
    'a GRU as PyTorch has it, both ways': [
      {
        operator: 'GRU',
        inputs: ['x', 'w', 'r', 'b'],
        attributes: { hidden_size: 2, linear_before_reset: 1, direction: 'bidirectional' },
      },
      { x: [2, 2, 2], w: [2, 6, 2], r: [2, 6, 2], b: [2, 12] },
    ],
    TopK: [{ operator: 'TopK', inputs: ['x', 'k'] }, { x: [2, 5] }, { k: { shape: [1], data: [3] } }],
    ScatterND: [
      { operator: 'ScatterND', inputs: ['x', 'i', 'u'] },
      { x: [4, 2], u: [2, 2] },
      { i: { shape: [2, 1], data: [3, 1] } },
    ],
    'a sine': [{ operator: 'Sin', inputs: ['x'] }, { x: [4] }],
    'a power': [
      { operator: 'Pow', inputs: ['x', 'e'] },
      { x: [2, 2], e: [2, 2] },
    ],
  };
  it.each(Object.entries(nodes))('%s', async (name, [node, weights, lists]) => {
    // A power has a derivative where its base is positive.
    const bases = name === 'a power' ? [Float32Array.of(0.5, 1.25, 2, 0.75)] : [];
    await checkGradients(lossOf(node, weights, lists), { one: Float32Array.of(1) }, bases);
  });
});
