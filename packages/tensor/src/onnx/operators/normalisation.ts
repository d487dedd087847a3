/**
 * Normalisations. Means and variances are two-pass: the mean, then the mean of squared differences,
 * each sum sequential; then (x - mean) / sqrt(variance + epsilon) * scale + bias, in this order.
 */
import { arg, constant, type Expression } from '../../graph/expression.ts';
import type { TensorId } from '../../graph/graph.ts';
import { type Extent, equalShapes, type Shape } from '../../graph/shape.ts';
import type { NodeReader, Operators, Read, Value } from '../reading.ts';
import {
  axesOf,
  axisOf,
  broadcastMap,
  first,
  fixedExtent,
  floatType,
  reshapeTo,
  second,
  shapeOf,
  since,
  tensorValue,
  unaryMap,
} from './build.ts';
import { affine } from './linear.ts';
import { meanKept, reduceKept } from './reductions.ts';
import { padConstant } from './slices.ts';

const square: Expression = ['mul', first, first];

/** Mean and variance over axes that stay, and x less its mean. */
function statistics(n: NodeReader, x: TensorId, axes: readonly number[]) {
  const mean = meanKept(n, x, axes);
  const centred = broadcastMap(n, ['sub', first, second], [x, mean]);
  return { mean, centred, variance: meanKept(n, unaryMap(n, centred, square), axes) };
}

/** (x - mean) / sqrt(variance + epsilon) over axes, with the mean and the deviation. */
function standardised(n: NodeReader, x: TensorId, axes: readonly number[], epsilon: number) {
  const { mean, centred, variance } = statistics(n, x, axes);
  const deviation = unaryMap(n, variance, ['sqrt', ['add', first, constant(epsilon)]]);
  return { mean, deviation, y: broadcastMap(n, ['div', first, second], [centred, deviation]) };
}

/** A vector of channels against (B, C, spatial...). */
function channels(n: NodeReader, vector: TensorId, rank: number): TensorId {
  return reshapeTo(n, vector, [...shapeOf(n, vector), ...Array<Extent>(rank - 2).fill(1)]);
}

const scaleAndShift: Expression = ['add', ['mul', first, second], arg(2)];

/**
 * By the running statistics, or in training mode by those of the batch, which then move the running
 * ones.
 */
function batchNormalisation(n: NodeReader): readonly Value[] {
  const type = floatType(n, 0, 1, 2, 3, 4);
  const momentum = n.float('momentum', 0.9);
  if (n.opset < 9 && !n.flag('spatial', true)) n.refuse('spatial 1', '0');
  if (n.opset < 7 && n.node.outputs.length > 1 && !n.flag('is_test', false)) n.refuse('is_test 1', '0');
  if (n.opset < 7) n.ignore('is_test');
  const x = n.tensor(0);
  const rank = shapeOf(n, x).length;
  if (rank < 2) n.refuse('an axis of channels', `[${shapeOf(n, x).join(',')}]`);
  const [scale, bias, runningMean, runningVariance] = [1, 2, 3, 4].map((i) => channels(n, n.tensor(i), rank));
  const training = n.integer('training_mode', 0) !== 0;
  const epsilon = Math.fround(n.float('epsilon', 1e-5));
  if (!training && epsilon > 0) {
    const operands = [0, 3, 4, 1, 2].map((i) => n.tensor(i));
    // ONNX keeps this fraction of the old statistics, the graph moves by the rest.
    const node = { kind: 'batchNorm', operands, epsilon, momentum: Math.fround(1 - momentum) } as const;
    return [tensorValue(n.g.add(node), type)];
  }
  const axes = [...shapeOf(n, x).keys()].filter((axis) => axis !== 1);
  const batch = training ? statistics(n, x, axes) : undefined;
  const mean = batch?.mean ?? runningMean;
  const variance = batch?.variance ?? runningVariance;
  const e: Expression = [
    'add',
    [
      'mul',
      ['div', ['sub', arg(0), arg(1)], ['sqrt', ['add', arg(2), constant(n.float('epsilon', 1e-5))]]],
      arg(3),
    ],
    arg(4),
  ];
  const y = tensorValue(broadcastMap(n, e, [x, mean, variance, scale, bias], shapeOf(n, x)), type);
  if (batch === undefined) return [y];
  const moved: Expression = [
    'add',
    ['mul', first, constant(momentum)],
    ['mul', second, constant(1 - momentum)],
  ];
  const move = (running: TensorId, present: TensorId, i: number) => {
    const next = broadcastMap(n, moved, [running, reshapeTo(n, present, shapeOf(n, running))]);
    return tensorValue(reshapeTo(n, next, n.shape(i)), n.type(i));
  };
  return [y, move(runningMean, batch.mean, 3), move(runningVariance, batch.variance, 4)];
}

function instanceNormalisation(n: NodeReader): Value {
  const type = floatType(n, 0, 1, 2);
  const x = n.tensor(0);
  const rank = shapeOf(n, x).length;
  const axes = [...shapeOf(n, x).keys()].slice(2);
  const { y } = standardised(n, x, axes, n.float('epsilon', 1e-5));
  const [scale, bias] = [1, 2].map((i) => channels(n, n.tensor(i), rank));
  return tensorValue(broadcastMap(n, scaleAndShift, [y, scale, bias], shapeOf(n, x)), type);
}

/** Until version 21 scale and bias have one entry per group. */
const groupNormalisation =
  (perGroup: boolean): Read =>
  (n) => {
    const type = floatType(n, 0, 1, 2);
    n.ignore('stash_type');
    const x = n.tensor(0);
    const [batch, count, ...spatial] = shapeOf(n, x);
    const groups = n.integer('num_groups');
    const size = fixedExtent(n, count, 'channels') / groups;
    const split: Shape = [batch, groups, size, ...spatial];
    const axes = [...split.keys()].slice(2);
    const { y } = standardised(n, reshapeTo(n, x, split), axes, n.float('epsilon', 1e-5));
    const joined = perGroup ? y : reshapeTo(n, y, shapeOf(n, x));
    const [scale, bias] = [1, 2].map((i) => channels(n, n.tensor(i), shapeOf(n, joined).length));
    return tensorValue(
      reshapeTo(n, broadcastMap(n, scaleAndShift, [joined, scale, bias]), shapeOf(n, x)),
      type,
    );
  };

function trailing(n: NodeReader, x: TensorId): readonly number[] {
  const rank = shapeOf(n, x).length;
  const axis = axisOf(n, n.integer('axis', -1), rank);
  return [...Array(rank).keys()].slice(axis);
}

function layerNormalisation(n: NodeReader): readonly Value[] {
  const type = floatType(n, 0);
  n.ignore('stash_type');
  const x = n.tensor(0);
  const axes = trailing(n, x);
  const epsilon = Math.fround(n.float('epsilon', 1e-5));
  const end = shapeOf(n, x).slice(-axes.length);
  const plain = [1, 2].every((i) => n.has(i) && equalShapes(n.shape(i), end));
  if (plain && n.node.outputs.length === 1 && epsilon > 0) {
    const operands = [x, n.tensor(1), n.tensor(2)];
    return [tensorValue(n.g.add({ kind: 'layerNorm', operands, epsilon }), type)];
  }
  const { y, mean, deviation } = standardised(n, x, axes, epsilon);
  const scaled = broadcastMap(n, ['mul', first, second], [y, n.tensor(1)], shapeOf(n, x));
  const result = n.has(2)
    ? broadcastMap(n, ['add', first, second], [scaled, n.tensor(2)], shapeOf(n, x))
    : scaled;
  const inverse = unaryMap(n, deviation, ['div', constant(1), first]);
  return [tensorValue(result, type), tensorValue(mean, 'float32'), tensorValue(inverse, 'float32')];
}

function rmsNormalisation(n: NodeReader): Value {
  const type = floatType(n, 0, 1);
  n.ignore('stash_type');
  const x = n.tensor(0);
  const epsilon = Math.fround(n.float('epsilon', 1e-5));
  const end = shapeOf(n, x).slice(-trailing(n, x).length);
  if (equalShapes(n.shape(1), end) && epsilon > 0) {
    return tensorValue(n.g.add({ kind: 'rmsNorm', operands: [x, n.tensor(1)], epsilon }), type);
  }
  const meanSquare = meanKept(n, unaryMap(n, x, square), trailing(n, x));
  const root = unaryMap(n, meanSquare, ['sqrt', ['add', first, constant(epsilon)]]);
  const e: Expression = ['mul', ['div', arg(0), arg(1)], arg(2)];
  return tensorValue(broadcastMap(n, e, [x, root, n.tensor(1)], shapeOf(n, x)), type);
}

const magnitude: Expression = ['select', ['lt', first, constant(0)], ['neg', first], first];

function lpNormalisation(n: NodeReader): Value {
  const type = floatType(n, 0);
  const x = n.tensor(0);
  const axis = axisOf(n, n.integer('axis', -1), shapeOf(n, x).length);
  const p = n.integer('p', 2);
  if (p !== 1 && p !== 2) n.refuse('p = 1 or p = 2', `${p}`);
  const sum = reduceKept(n, 'sum', unaryMap(n, x, p === 1 ? magnitude : square), [axis]);
  const norm = p === 1 ? sum : unaryMap(n, sum, ['sqrt', first]);
  // A vector of zeros stays zeros.
  const e: Expression = ['select', ['eq', second, constant(0)], constant(0), ['div', first, second]];
  return tensorValue(broadcastMap(n, e, [x, norm]), type);
}

function meanVariance(n: NodeReader): Value {
  const type = floatType(n, 0);
  const x = n.tensor(0);
  const axes = axesOf(n, n.integerList('axes', [0, 2, 3]), shapeOf(n, x).length);
  const { centred, variance } = statistics(n, x, axes);
  const deviation = unaryMap(n, variance, ['sqrt', first]);
  const e: Expression = ['div', first, ['add', second, constant(1e-9)]];
  return tensorValue(broadcastMap(n, e, [centred, deviation]), type);
}

/**
 * x / (bias + alpha/size * sum of squares of nearby channels)^beta, as far as beta is a matter of
 * square roots.
 */
function localResponse(n: NodeReader): Value {
  const type = floatType(n, 0);
  const x = n.tensor(0);
  const size = n.integer('size');
  const [alpha, beta, bias] = [n.float('alpha', 1e-4), n.float('beta', 0.75), n.float('bias', 1)];
  if (beta !== 0.5 && beta !== 0.75 && beta !== 1) n.refuse('beta 0.5, 0.75 or 1', `${beta}`);
  const shape = shapeOf(n, x);
  const before = Math.floor((size - 1) / 2);
  const none = shape.map(() => 0);
  const squares = padConstant(
    n,
    unaryMap(n, x, square),
    none.with(1, before),
    none.with(1, size - 1 - before),
    0,
  );
  const columns = shape.length + 1;
  const map = affine(
    columns,
    shape.map((_, axis) => (axis === 1 ? { 1: 1, [shape.length]: 1 } : { [axis]: 1 })),
  );
  const sums = n.g.add(
    { kind: 'reduce', op: 'sum', operands: [squares], out: shape, k: [size], maps: [map] },
    'LRN',
  );
  const base: Expression = ['add', constant(bias), ['mul', constant(alpha / size), second]];
  const root: Expression = ['sqrt', base];
  const powers = new Map<number, Expression>([
    [0.5, root],
    [0.75, ['mul', root, ['sqrt', root]]],
    [1, base],
  ]);
  return tensorValue(broadcastMap(n, ['div', first, powers.get(beta)!], [x, sums]), type);
}

/** Normalisations, by name. */
export const normalisation: Operators = {
  BatchNormalization: since(1, batchNormalisation),
  InstanceNormalization: since(1, instanceNormalisation),
  GroupNormalization: [
    [18, groupNormalisation(true)],
    [21, groupNormalisation(false)],
  ],
  LayerNormalization: since(17, layerNormalisation),
  RMSNormalization: since(23, rmsNormalisation),
  LpNormalization: since(1, lpNormalisation),
  MeanVarianceNormalization: since(9, meanVariance),
  LRN: since(1, localResponse),
};
