/** What the models of ai.onnx.ml share: their inputs as floats, transforms of scores, labels. */
import { constant, type Expression } from '../../graph/expression.ts';
import type { TensorId } from '../../graph/graph.ts';
import type { NodeReader, Value } from '../reading.ts';
import { first, tensorValue, unaryMap } from './build.ts';
import { castTo } from './constants.ts';
import { gatherConstantRows } from './gathers.ts';
import { softmaxOver } from './reductions.ts';

/** Input 0 as floats: these operators take any number. */
export function floats(n: NodeReader): TensorId {
  const value = castTo(n, n.tensor(0), n.type(0), 'float32');
  return n.place(value);
}

/** 1 / (1 + exp(-x)), without overflow. */
export function logisticOf(x: Expression): Expression {
  const negative: Expression = ['lt', x, constant(0)];
  const decay: Expression = ['call', 'exp', ['select', negative, x, ['neg', x]]];
  return ['div', ['select', negative, decay, constant(1)], ['add', constant(1), decay]];
}

/** Scores (B,C) after the node's post_transform. */
export function transformedScores(n: NodeReader, scores: TensorId): TensorId {
  const transform = n.text('post_transform', 'NONE');
  if (transform === 'NONE') return scores;
  if (transform === 'LOGISTIC') return unaryMap(n, scores, logisticOf(first));
  if (transform === 'SOFTMAX') return softmaxOver(n, scores, 1);
  return n.refuse('post_transform NONE, LOGISTIC or SOFTMAX', transform);
}

/** Positions of labels (B) as the labels themselves, if they are numbers. */
export function labelled(n: NodeReader, position: TensorId): Value {
  if (n.hasAttribute('classlabels_strings')) {
    const labels = n.textList('classlabels_strings');
    if (labels.length > 0) {
      n.note(`output ${n.node.outputs[0]} gives positions among the labels ${JSON.stringify(labels)}`);
      return { ...tensorValue(position, 'int64'), labels } as Value;
    }
  }
  const labels = n.integerList('classlabels_ints', n.integerList('classlabels_int64s', []));
  if (labels.every((label, i) => label === i)) return tensorValue(position, 'int64');
  return tensorValue(gatherConstantRows(n, labels, position), 'int64');
}
