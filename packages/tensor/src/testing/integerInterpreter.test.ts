/**
 * The interpreter by answers from outside: ONNX's published cases of integer products, and rounding
 * half up by definition.
 */
import { describe, expect, it } from 'vitest';
import { loadOnnxCases } from '../../test/onnxCases.ts';
import { createBuilder, createProgram, lower } from '../index.ts';
import { importOnnx } from '../onnx/index.ts';
import { readModel } from '../onnx/model.ts';
import { readMessage } from '../onnx/protobuf.ts';
import { readTensor } from '../onnx/tensors.ts';
import { interpretIntegers } from './integerInterpreter.ts';

const { cases } = loadOnnxCases();

describe('products of integers published with ONNX', () => {
  it.each(
    [
      'test_matmulinteger',
      'test_basic_convinteger',
      'test_convinteger_with_padding',
      'test_convinteger_without_padding',
    ].filter((name) => cases.some((each) => each.name === name)),
  )('%s', async (name) => {
    const { model, sets } = cases.find((each) => each.name === name)!;
    const { graph, inputs: ports } = importOnnx(model);
    const files = readModel(model).inputs.map((input) => input.name);
    for (const { inputs, outputs } of sets) {
      const given = Object.fromEntries(
        ports.map(({ name: port, fileName }) => {
          const { data } = readTensor(readMessage(inputs[files.indexOf(fileName)]));
          return [port, Int32Array.from(data as ArrayLike<number>)];
        }),
      );
      const expected = outputs.map((bytes) =>
        Array.from(readTensor(readMessage(bytes)).data as ArrayLike<number>),
      );
      const found = interpretIntegers(lower(graph), given);
      expect(Object.values(found).map((values) => values.map(Number))).toEqual(expected);
      const run = (await createProgram(graph)).run(given);
      expect(Object.values(run).map((values) => Array.from(values))).toEqual(expected);
    }
  });
});

it('rounds half up, towards positive infinity, at every shift', () => {
  const numbers = [-5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 2 ** 31 - 1, -(2 ** 31)];
  for (const shift of [0, 1, 2, 7, 31]) {
    const g = createBuilder();
    const x = g.input('x', 'i32', [numbers.length]);
    const bounds = { low: -(2 ** 31), high: 2 ** 31 - 1 };
    g.output(
      'y',
      g.add({ kind: 'requantise', operands: [x], axis: 0, shift: [shift], zero: [0], ...bounds }),
    );
    const { y } = interpretIntegers(g.finish(), { x: numbers });
    // Every number here is exact in binary64.
    expect(y.map(Number)).toEqual(numbers.map((number) => Math.floor(number / 2 ** shift + 0.5)));
  }
});

it('stops at an integer that 32 bits do not hold, instead of wrapping', () => {
  const g = createBuilder();
  const x = g.input('x', 'i32', [1]);
  g.output(
    'y',
    g.add({
      kind: 'map',
      operands: [x],
      out: [1],
      maps: [{ matrix: [[1]], offset: [0] }],
      detached: [],
      expression: ['add', ['arg', 0], ['arg', 0]],
    }),
  );
  const graph = g.finish();
  expect(interpretIntegers(graph, { x: [2 ** 30 - 1] }).y).toEqual([2n ** 31n - 2n]);
  expect(() => interpretIntegers(graph, { x: [2 ** 30] })).toThrow('2147483648');
});
