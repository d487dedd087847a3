/**
 * Losses of ONNX, for files that carry them: scores (B,C,...), targets (B,...). A target outside
 * the classes scores 0.
 */

import { addMap } from '../../graph/emit.ts';
import { arg, constant, type Expression, integer } from '../../graph/expression.ts';
import type { TensorId } from '../../graph/graph.ts';
import { equalShapes } from '../../graph/shape.ts';
import type { NodeReader, Operators, Value } from '../reading.ts';
import {
  broadcastMap,
  first,
  fixed32,
  floatType,
  second,
  shapeOf,
  since,
  tensorValue,
  unaryMap,
} from './build.ts';
import { affine } from './linear.ts';
import { countOf, logSoftmaxOver, reduceAxes } from './reductions.ts';

/** -logProbability[target] * weight, reduced; `ignore_index` weighs nothing. */
function logLikelihood(n: NodeReader, logs: TensorId): TensorId {
  const target = n.tensor(1);
  const shape = shapeOf(n, logs);
  const wanted = [shape[0], ...shape.slice(2)];
  if (shape.length < 2 || !equalShapes(shapeOf(n, target), wanted)) {
    n.refuse(`targets [${wanted.join(',')}]`, `[${shapeOf(n, target).join(',')}]`);
  }
  if (n.has(2) && !equalShapes(n.shape(2), [shape[1]])) {
    n.refuse(`weights [${shape[1]}]`, `[${n.shape(2).join(',')}]`);
  }
  const atTarget = affine(
    shape.length,
    shape.flatMap((_, axis) => (axis === 1 ? [] : [{ [axis]: 1 }])),
  );
  const chosen: Expression = ['eq', ['index', 1], second];
  const ignored = n.hasAttribute('ignore_index') ? n.integer('ignore_index') : undefined;
  const counts: Expression =
    ignored === undefined
      ? chosen
      : [
          'and',
          chosen,
          ['xor', ['eq', second, integer(fixed32(n, ignored))], ['eq', integer(0), integer(0)]],
        ];
  const pick = (
    tensor: TensorId,
    e: Expression,
    map = affine(
      shape.length,
      shape.map((_, axis) => ({ [axis]: 1 })),
    ),
  ) =>
    reduceAxes(
      n,
      'sum',
      addMap(
        n.g,
        shape,
        ['select', counts, e, constant(0)],
        [
          { tensor, map },
          { tensor: target, map: atTarget },
        ],
        n.node.operator,
      ),
      [1],
    );
  const negative = pick(logs, ['neg', first]);
  const reduction = n.text('reduction', 'mean');
  const weighted = n.has(2) || ignored !== undefined;
  const weights = n.has(2)
    ? pick(n.tensor(2), first, affine(shape.length, [{ 1: 1 }]))
    : pick(n.g.constant(Float32Array.of(1), []), first, affine(shape.length, []));
  const losses = weighted ? broadcastMap(n, ['mul', first, second], [negative, weights]) : negative;
  if (reduction === 'none') return losses;
  if (reduction !== 'mean' && reduction !== 'sum') return n.refuse('reduction mean, sum or none', reduction);
  const axes = [...shapeOf(n, losses).keys()];
  const total = reduceAxes(n, 'sum', losses, axes);
  if (reduction === 'sum') return total;
  if (!weighted) return unaryMap(n, total, ['div', first, constant(countOf(n, losses, axes))]);
  return broadcastMap(n, ['div', arg(0), arg(1)], [total, reduceAxes(n, 'sum', weights, axes)]);
}

/** Losses, by name. */
export const losses: Operators = {
  NegativeLogLikelihoodLoss: since(12, (n) => {
    const type = floatType(n, 0);
    return tensorValue(logLikelihood(n, n.tensor(0)), type);
  }),
  SoftmaxCrossEntropyLoss: since(12, (n): readonly Value[] => {
    const type = floatType(n, 0);
    const logs = logSoftmaxOver(n, n.tensor(0), 1);
    return [tensorValue(logLikelihood(n, logs), type), tensorValue(logs, type)];
  }),
};
