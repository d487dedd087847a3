/** From a model in f32 by quantisation to a proven answer, which is that of the graph of integers. */
import {
  bind,
  conv2d,
  createBuilder,
  createProgram,
  dense,
  flatten,
  type Graph,
  globalAveragePool,
  initialParameters,
  lenet5,
  mlp,
  add as plus,
  relu,
  sigmoid,
} from '@nonet/tensor';
import { quantise } from '@nonet/tensor/quantise';
import { expect, test } from 'vitest';
import { compileProgram } from '../src/zk/model/compileProgram.ts';
import { createProver } from '../src/zk/model/proveModel.ts';
import { verifyInference, verifyRegistration } from '../src/zk/model/verifyModel.ts';

/** A convolution, a residual connection, a mean over the image, a table, a dense layer. */
function residual(): Graph {
  const g = createBuilder();
  const x = g.input('x', 'f32', ['B', 2, 5, 5]);
  const first = relu(g, conv2d(g, x, 3, { kernel: 3, padding: 1 }));
  const second = conv2d(g, first, 3, { kernel: 3, padding: 1 });
  const sum = relu(g, plus(g, first, second));
  const mean = sigmoid(g, globalAveragePool(g, sum));
  g.output('logits', dense(g, flatten(g, mean), 4));
  return g.finish();
}

test.each([
  ['a perceptron', mlp({ features: [12], hidden: [7], classes: 3 }), 12, 'logits'],
  ['its label', mlp({ features: [12], hidden: [7], classes: 3 }), 12, 'label'],
  ['LeNet-5', lenet5({ classes: 10 }), 784, 'label'],
  ['a residual network', residual(), 50, 'logits'],
] as const)('%s', async (_, graph, size, output) => {
  const parameters = initialParameters(graph, `0x${'07'.repeat(32)}`);
  const rows = { x: Float32Array.from({ length: 24 * size }, (__, i) => Math.sin(i * i)) };
  const { graph: integers } = await quantise({ graph, parameters, rows, outputs: [output] });
  const compiled = compileProgram({ graph: integers, maximumBatch: 2 });
  const prover = createProver(compiled);
  const verdict = verifyRegistration(prover.register());
  if (!verdict.accepted) throw new Error(verdict.code);
  const { low, high } = compiled.program.input;
  const inputs = Int32Array.from({ length: 2 * size }, (__, i) => low + ((i * 7919) % (high - low + 1)));
  const { statement, proof } = prover.prove({ inputs, rows: 2, context: new Uint8Array() });
  expect(verifyInference(verdict.model, statement, proof)).toMatchObject({ accepted: true });
  const program = await createProgram(bind(integers, { B: 2 }));
  expect([...statement.outputs]).toEqual([...(program.run({ x: inputs })[output] as Int32Array)]);
});
