import { toHex } from '@nonet/core';
import {
  batchNorm,
  createBuilder,
  decodeSafetensors,
  dense,
  encodeSafetensors,
  type Graph,
  initialParameters,
  mlp,
  type Parameters,
  reshape,
} from '@nonet/tensor';
import { expect, test } from 'vitest';
import { averageUpdates } from './fedAvg.ts';
import { quantise, subtractParameters } from './fixedPoint.ts';
import { joinModel, modelEntries, modelOfParameters, parametersOfModel, trainedModel } from './graphModel.ts';
import { encodeModel, readModel } from './modelBlob.ts';
import { averaging } from './serverStep.ts';

const code = (code: string) => expect.objectContaining({ code });

function createGraph(): Graph {
  const g = createBuilder();
  const x = g.input('x', 'f32', ['B', 2]);
  g.output('logits', dense(g, batchNorm(g, reshape(g, x, ['B', 2])), 2));
  return g.finish();
}
const graph = createGraph();
const parameters = initialParameters(graph, toHex(new Uint8Array(32)));
const arithmetic = {
  kind: 'fixedPoint',
  entries: modelEntries(graph),
  headerLeaves: 1,
  clamp: 8,
  scaleBits: 20,
  maximumWeight: 4096,
} as const;

const withStatistics = (mean: readonly number[], variance: readonly number[]): Parameters =>
  parameters.map((parameter) => {
    const values = { 'norm0.mean': mean, 'norm0.variance': variance }[parameter.name];
    return values === undefined ? parameter : { ...parameter, data: Float32Array.from(values) };
  });
const statisticsOf = (file: Uint8Array) =>
  Object.fromEntries(
    parametersOfModel(graph, file)
      .filter(({ name }) => name.startsWith('norm0.') && /mean|variance/.test(name))
      .map(({ name, data }) => [name.slice(6), [...data]]),
  );

/** One round as roles play it: integers from each, their exact average, the next model. */
function playRound(start: Uint8Array, sites: readonly (readonly [weight: number, trained: Parameters])[]) {
  const before = readModel(start, arithmetic);
  const contributions = sites.map(([weight, trained]) => {
    const after = readModel(trainedModel(graph, start, trained), arithmetic);
    return { weight, entries: quantise(subtractParameters(after.flat, before.flat), arithmetic) };
  });
  const flat = averaging.apply(before.flat, averageUpdates(contributions, arithmetic));
  return encodeModel({ tensors: before.tensors, flat });
}

test('a running statistic is three numbers of the model, named by their units', () => {
  const file = encodeModel(modelOfParameters(graph, parameters));
  const names = decodeSafetensors(file).tensors.map(({ name }) => name);
  expect(names).toEqual([
    'dense0.bias',
    'dense0.weight',
    'norm0.mean',
    'norm0.mean*2^24',
    'norm0.mean*2^48',
    'norm0.scale',
    'norm0.shift',
    'norm0.variance',
    'norm0.variance*2^24',
    'norm0.variance*2^48',
  ]);
  expect(modelEntries(graph)).toBe(2 + 4 + 2 * 4 + 2 * 4);
  expect(parametersOfModel(graph, file)).toEqual(parameters);
});

test('a mean of 1,017 and a variance of 2.5e9 arrive in one round, to the precision of f32', () => {
  const start = encodeModel(modelOfParameters(graph, parameters));
  const next = playRound(start, [
    [300, withStatistics([1017, -3.5e6], [2502.25, 2.5e9])],
    [100, withStatistics([1001, 0.25], [2490.5, 1.5e9])],
  ]);
  const { mean, variance } = statisticsOf(next);
  const near = (found: number, expected: number) =>
    expect(Math.abs(found / expected - 1), `${found} for ${expected}`).toBeLessThan(2 ** -23);
  near(mean![0]!, (3 * 1017 + 1001) / 4);
  near(mean![1]!, (3 * -3.5e6 + 0.25) / 4);
  near(variance![0]!, (3 * 2502.25 + 2490.5) / 4);
  near(variance![1]!, (3 * 2.5e9 + 1.5e9) / 4);
});

test('what is small stays as fine as a number of its own, round after round', () => {
  let file = encodeModel(modelOfParameters(graph, parameters));
  const rounds = [
    [
      [1e6, 1e-3],
      [1e12, 1e-4],
    ],
    [
      [1e6 + 1, 2e-3],
      [1.5e12, 3e-4],
    ],
    [
      [-4.75, 0],
      [0.125, 1e-5],
    ],
    [
      [-4.75, 0],
      [0.125, 1e-5],
    ],
  ] as const;
  for (const [mean, variance] of rounds) {
    file = playRound(file, [
      [1, withStatistics(mean, variance)],
      [2, withStatistics(mean, variance)],
    ]);
  }
  const found = statisticsOf(file);
  for (const [i, expected] of [-4.75, 0].entries()) expect(found.mean![i]).toBeCloseTo(expected, 5);
  for (const [i, expected] of [0.125, 1e-5].entries()) expect(found.variance![i]).toBeCloseTo(expected, 5);
});

test('a statistic that moves further than its parts reach is refused, not cut', () => {
  const start = encodeModel(modelOfParameters(graph, parameters));
  const far = withStatistics([0, 0], [1e16, 1]);
  expect(() => trainedModel(graph, start, far)).toThrow(code('update.range'));
  expect(statisticsOf(trainedModel(graph, start, withStatistics([0, 0], [2e15, 1]))).variance).toEqual([
    Math.fround(2e15),
    1,
  ]);
});

test('a variance is never below 0', () => {
  const { tensors } = decodeSafetensors(encodeModel(modelOfParameters(graph, parameters)));
  const file = encodeSafetensors(
    tensors.map((tensor) =>
      tensor.name === 'norm0.variance' ? { ...tensor, data: Float32Array.of(-1e-3, 2) } : tensor,
    ),
  );
  expect(statisticsOf(file).variance).toEqual([0, 2]);
});

test('a model that lacks a part, or has another shape there, is refused', () => {
  const { tensors } = decodeSafetensors(encodeModel(modelOfParameters(graph, parameters)));
  const without = tensors.filter(({ name }) => name !== 'norm0.mean*2^48');
  const reshaped = tensors.map((tensor) =>
    tensor.name === 'norm0.mean*2^24' ? { ...tensor, shape: [1, 2] } : tensor,
  );
  for (const wrong of [without, reshaped]) {
    const file = encodeSafetensors(wrong);
    expect(() => parametersOfModel(graph, file)).toThrow(code('parameters.mismatch'));
    expect(() => trainedModel(graph, file, parameters)).toThrow(code('parameters.mismatch'));
  }
});

test('for other tools a statistic is one tensor; a graph without any keeps its bytes', () => {
  const start = encodeModel(modelOfParameters(graph, parameters));
  const file = trainedModel(graph, start, withStatistics([1017, 0], [1e9, 1]));
  const { tensors } = decodeSafetensors(joinModel(graph, file));
  expect(tensors.map(({ name }) => name)).not.toContain('norm0.mean*2^24');
  expect(tensors.find(({ name }) => name === 'norm0.variance')!.data).toEqual(Float32Array.of(1e9, 1));
  const plain = mlp({ features: [3], hidden: [], classes: 2 });
  const plainFile = encodeModel(modelOfParameters(plain, initialParameters(plain, '0x01')));
  expect(joinModel(plain, plainFile)).toBe(plainFile);
});
