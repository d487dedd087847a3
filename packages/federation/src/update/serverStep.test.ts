import { encodeSafetensors, initialParameters, mlp } from '@nonet/tensor';
import { expect, test } from 'vitest';
import { joinModel, modelOfParameters, parametersOfModel } from './graphModel.ts';
import { encodeModel } from './modelBlob.ts';
import { addVelocities, countsOf, createCounts, createSumStep } from './serverStep.ts';

test('a step with momentum rounds each velocity and each number once, as IEEE 754 says', () => {
  const step = createSumStep({ kind: 'momentum', rate: 0.1, momentum: 0.6 });
  // By Python 3, whose floats are doubles, rounded to f32 with struct.pack.
  const next = step.apply(Float32Array.of(1, 0.3, 0, 0.3), Int32Array.of(3, -7));
  expect([...next]).toEqual([
    0.699999988079071, 1.1800000667572021, -0.30000001192092896, 0.8799999952316284,
  ]);
});

test('sums that move nothing leave the numbers, and shrink the velocities', () => {
  const step = createSumStep({ kind: 'momentum', rate: 1, momentum: 0.5 });
  const start = Float32Array.of(2, 0, 4, 0);
  expect([...step.apply(start, new Int32Array(2))]).toEqual([4, 0, 2, 0]);
  expect([...start]).toEqual([2, 0, 4, 0]);
});

test('a model whose sum is beyond f32 is not finite, which callers refuse', () => {
  const step = createSumStep({ kind: 'momentum', rate: 1e300, momentum: 0 });
  expect([...step.apply(new Float32Array(2), Int32Array.of(-5))]).toEqual([Infinity, Infinity]);
});

test('counts are exact up to 32 bits, below 0 too, and are added to those before', () => {
  const step = createSumStep({ kind: 'count' });
  const { flat, tensors } = createCounts(4);
  expect(tensors).toEqual([
    { name: 'high', shape: [4] },
    { name: 'low', shape: [4] },
  ]);
  const sum = Int32Array.of(2 ** 31 - 1, -(2 ** 31), -1, 2 ** 24 + 1);
  const next = step.apply(flat, sum);
  expect([...countsOf(next)]).toEqual([...sum]);
  // Low halves are never below 0, so that a count is written in one way.
  expect([...next]).toEqual([32_767, -32_768, -1, 256, 65_535, 0, 65_535, 1]);
  const again = step.apply(next, Int32Array.of(-(2 ** 31 - 1), 5, 3, -1));
  expect([...countsOf(again)]).toEqual([0, -(2 ** 31) + 5, 2, 2 ** 24]);
});

const graph = mlp({ features: [2], hidden: [3], classes: 2 });
const parameters = initialParameters(graph, `0x${'07'.repeat(32)}`);

test('velocities lie behind the parameters, and are no part of the model that is used', () => {
  const plain = modelOfParameters(graph, parameters);
  const model = addVelocities(plain);
  const { length } = plain.flat;
  expect(model.flat.subarray(0, length)).toEqual(plain.flat);
  expect([...model.flat.subarray(length)]).toEqual(Array(length).fill(0));
  const file = encodeModel(model);
  expect(parametersOfModel(graph, file)).toEqual(parametersOfModel(graph, encodeModel(plain)));
  expect(joinModel(graph, file)).toEqual(
    encodeSafetensors(plain.tensors.map(({ name }) => parameters.find((one) => one.name === name)!)),
  );
});

test('refuses a parameter whose name sorts behind those of velocities', () => {
  const model = { tensors: [{ name: '~w', shape: [1] }], flat: new Float32Array(1) };
  expect(() => addVelocities(model)).toThrow(expect.objectContaining({ code: 'model.names', found: '~w' }));
});
