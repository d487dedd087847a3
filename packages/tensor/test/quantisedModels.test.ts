/**
 * Random models of images, quantised: branches that meet again, tensors read twice, outputs that are
 * read on. Kernels, twin and BigInt give the same integers, and these are near the model's numbers.
 */
import { createRandomStream } from '@nonet/core';
import { expect, it } from 'vitest';
import type { TensorId } from '../src/graph/graph.ts';
import * as t from '../src/index.ts';
import { quantise } from '../src/quantise/index.ts';
import { interpretIntegers } from '../src/testing/index.ts';
import { runBoth } from './runBoth.ts';

const seed = Number(process.env.SEED ?? 20261204);
console.log(`quantisedModels.test.ts: SEED=${seed}`);

function randomModel(key: number) {
  const { uniform, below } = createRandomStream([seed, key]);
  const pick = <T>(from: readonly T[]): T => from[below(from.length)];
  const chance = (probability: number) => uniform() < probability;
  const g = t.createBuilder();
  const shapeOf = (id: TensorId) => g.nodes[id].shape as readonly [string, number, number, number];
  const functions: readonly ((x: TensorId) => TensorId)[] = [
    (x) => t.relu(g, x),
    (x) => t.relu(g, x),
    (x) => t.clip(g, x, -0.5, 1),
    (x) => t.sigmoid(g, x),
    (x) => t.tanh(g, x),
    (x) => t.silu(g, x),
    (x) => t.gelu(g, x),
    (x) => t.leakyRelu(g, x, 0.2),
    (x) => t.mul(g, x, t.sigmoid(g, x)),
  ];
  const conv = (x: TensorId, filters: number, kernel: number, groups = 1) =>
    t.conv2d(g, x, filters, { kernel, padding: (kernel - 1) / 2, groups });
  const grow: readonly ((x: TensorId) => TensorId)[] = [
    (x) => conv(x, 2 + 2 * below(2), 1 + 2 * below(2)),
    (x) => pick(functions)(conv(x, 4, 3)),
    (x) => (shapeOf(x)[1] % 2 === 0 ? conv(x, 4, 3, 2) : x),
    (x) => t.batchNorm(g, conv(x, 4, 1)),
    (x) => t.relu(g, t.batchNorm(g, x)),
    (x) => pick(functions)(x),
    (x) => t.add(g, x, pick(functions)(conv(x, shapeOf(x)[1], 3))),
    (x) => t.relu(g, t.add(g, conv(x, shapeOf(x)[1], 1), x)),
    (x) => t.sub(g, x, conv(x, shapeOf(x)[1], 1)),
    (x) => t.mul(g, x, t.sigmoid(g, conv(t.globalAveragePool(g, x), shapeOf(x)[1], 1))),
    (x) => (shapeOf(x)[1] > 8 ? x : t.concat(g, [x, pick(functions)(conv(x, 2, 1))], 1)),
    (x) => (shapeOf(x)[2] < 4 ? x : t.maxPool(g, x, { kernel: 2 })),
    (x) => (shapeOf(x)[2] < 4 ? x : t.averagePool(g, x, { kernel: 2 })),
  ];
  let x: TensorId = g.input('x', 'f32', ['B', 2, 6, 6]);
  if (chance(0.3)) x = t.standardise(g, x, 0.25, 0.5);
  for (let layer = 2 + below(4); layer > 0; layer--) {
    x = pick(grow)(x);
    if (chance(0.1)) g.output(`seen${layer}`, x);
  }
  const logits = t.dense(g, t.flatten(g, x), 4);
  g.output('logits', logits);
  g.output('label', t.argmax(g, logits));
  const graph = g.finish();
  const parameters = t.leavesOf(graph, 'parameter').map(({ name, shape }) => {
    const isPositive = /variance|scale/.test(name);
    const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () =>
      isPositive ? 0.5 + uniform() : uniform() - 0.5,
    );
    return { name, shape, data };
  });
  const rows = { x: Float32Array.from({ length: 48 * 72 }, () => 2 * uniform() - 0.5) };
  return { graph, parameters, rows };
}

/** The nodes that a prover has to know (docs/specs/quantise.md §5.5). */
function assertVocabulary({ nodes }: t.Graph): void {
  for (const node of nodes) {
    expect(node.dtype).toBe('i32');
    switch (node.kind) {
      case 'input':
      case 'constant':
      case 'contract':
      case 'reduce':
      case 'view':
      case 'reshape':
      case 'pad':
      case 'concat':
      case 'gather':
        break;
      case 'map':
        expect(['add', 'sub', 'mul'].map((operation) => [operation, ['arg', 0], ['arg', 1]])).toContainEqual(
          node.expression,
        );
        break;
      case 'requantise':
        expect(new Set(node.zero)).toEqual(new Set([0]));
        break;
      case 'lookup':
        expect(nodes[node.operands[1]].kind).toBe('constant');
        break;
      default:
        expect(node.kind).toBe('one of these');
    }
    for (const operand of 'operands' in node ? node.operands : []) {
      if (nodes[operand].kind !== 'input') continue;
      expect(node).toMatchObject({ kind: 'requantise', shift: [0], zero: [0] });
    }
  }
}

it('random models give the same integers three times, near their numbers', async () => {
  for (let key = 0; key < 60; key++) {
    const { graph, parameters, rows } = randomModel(key);
    const { graph: integers, encoder, scales } = await quantise({ graph, parameters, rows });
    assertVocabulary(integers);
    const x = rows.x.subarray(0, 2 * 72);
    const bound = [graph, encoder, integers].map((each) => t.bind(each, { B: 2 }));
    const float = await t.createProgram(bound[0]);
    float.setParameters(parameters);
    const expected = float.run({ x });
    const encoded = (await runBoth(bound[1], { x })).outputs.x as Int32Array;
    const { outputs } = await runBoth(bound[2], { x: encoded });
    const exact = interpretIntegers(bound[2], { x: encoded });
    for (const [name, values] of Object.entries(outputs)) {
      expect(exact[name].map(Number), `${name} of model ${key}`).toEqual(Array.from(values));
      if (name === 'label') continue;
      const squares = (of: (i: number) => number) =>
        Array.from(values.keys()).reduce((sum, i) => sum + of(i) ** 2, 0);
      const error = squares((i) => values[i] * scales[name].scale - expected[name][i]);
      expect(Math.sqrt(error / squares((i) => expected[name][i])), `${name} of model ${key}`).toBeLessThan(
        0.1,
      );
    }
  }
});
