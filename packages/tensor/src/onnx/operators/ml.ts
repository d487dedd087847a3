/**
 * The operators of ai.onnx.ml that linear models and scalers of scikit-learn are exported to.
 * Labels that are texts become their positions in the list of labels, and a note says so; a ZipMap
 * stays the matrix of scores that it was made of.
 */
import { arg, constant, type Expression, integer } from '../../graph/expression.ts';
import type { TensorId } from '../../graph/graph.ts';
import type { NodeReader, Operators, Value } from '../reading.ts';
import {
  broadcastMap,
  first,
  fixed32,
  floatType,
  reshapeTo,
  second,
  shapeOf,
  since,
  tensorValue,
  unaryMap,
} from './build.ts';
import { castTo } from './constants.ts';
import { gatherConstantRows, gatherLast } from './gathers.ts';
import { matmul } from './linear.ts';
import { reduceAxes, reduceKept, softmaxOver } from './reductions.ts';

/** Input 0 as floats: these operators take any number. */
function floats(n: NodeReader): TensorId {
  const value = castTo(n, n.tensor(0), n.type(0), 'float32');
  return n.place(value);
}

const vector = (n: NodeReader, values: readonly number[]) =>
  n.g.constant(Float32Array.from(values), [values.length]);

/** Weights in attributes become parameters, like those of initialisers. */
function parameter(n: NodeReader, name: string, data: Float32Array<ArrayBuffer>, shape: readonly number[]) {
  const constant = { type: 'float32' as const, shape, data, name: `${n.node.name}.${name}` };
  return n.place({ kind: 'constant', constant });
}

/** x (B,features) against the rows of coefficients, one per target -> (B,targets). */
function linearScores(n: NodeReader, x: TensorId, targets: number): TensorId {
  const coefficients = n.floatList('coefficients');
  const features = coefficients.length / targets;
  if (shapeOf(n, x).length !== 2 || shapeOf(n, x)[1] !== features) {
    n.refuse(`rows of ${features} features`, `[${shapeOf(n, x).join(',')}]`);
  }
  const columns = Float32Array.from(
    coefficients,
    (_, i) => coefficients[(i % targets) * features + Math.floor(i / targets)],
  );
  const weight = parameter(n, 'coefficients', columns, [features, targets]);
  const intercepts = n.floatList('intercepts', []);
  if (intercepts.length === 0) return matmul(n, x, weight);
  if (intercepts.length !== targets) n.refuse(`${targets} intercepts`, `${intercepts.length}`);
  const bias = parameter(n, 'intercepts', Float32Array.from(intercepts), [targets]);
  return n.g.add({ kind: 'dense', operands: [x, weight, bias] }, n.node.operator);
}

const logistic: Expression = ['div', constant(1), ['add', constant(1), ['call', 'exp', ['neg', first]]]];

function transformed(n: NodeReader, scores: TensorId): TensorId {
  const transform = n.text('post_transform', 'NONE');
  if (transform === 'NONE') return scores;
  if (transform === 'LOGISTIC') return unaryMap(n, scores, logistic);
  if (transform === 'SOFTMAX') return softmaxOver(n, scores, 1);
  return n.refuse('post_transform NONE, LOGISTIC or SOFTMAX', transform);
}

/** Positions of labels (B) as the labels themselves, if they are numbers. */
function labelled(n: NodeReader, position: TensorId): Value {
  if (n.hasAttribute('classlabels_strings')) {
    const labels = n.textList('classlabels_strings');
    if (labels.length > 0) {
      n.note(`output ${n.node.outputs[0]} gives positions among the labels ${JSON.stringify(labels)}`);
      return tensorValue(position, 'int64');
    }
  }
  const labels = n.integerList('classlabels_ints', n.integerList('classlabels_int64s', []));
  if (labels.every((label, i) => label === i)) return tensorValue(position, 'int64');
  return tensorValue(gatherConstantRows(n, labels, position), 'int64');
}

function linearClassifier(n: NodeReader): readonly Value[] {
  const x = floats(n);
  // How scores of several classes were learned; it does not change how they are computed.
  n.ignore('multi_class');
  const texts = n.textList('classlabels_strings', []);
  const count = texts.length || n.integerList('classlabels_ints', []).length;
  const intercepts = n.floatList('intercepts', []).length;
  const rows = intercepts || count;
  if (rows === 1 && count === 2) {
    if (n.text('post_transform', 'NONE') !== 'LOGISTIC') {
      n.refuse('post_transform LOGISTIC for one row of two classes', n.text('post_transform', 'NONE'));
    }
    const chance = transformed(n, linearScores(n, x, 1));
    const other = unaryMap(n, chance, ['sub', constant(1), first]);
    const scores = n.g.add({ kind: 'concat', operands: [other, chance], axis: 1 }, 'LinearClassifier');
    const position = reduceAxes(n, 'argmax', scores, [1]);
    return [labelled(n, position), tensorValue(scores, 'float32')];
  }
  if (rows !== count) n.refuse(`${count} rows of coefficients`, `${rows}`);
  const scores = linearScores(n, x, count);
  return [labelled(n, reduceAxes(n, 'argmax', scores, [1])), tensorValue(transformed(n, scores), 'float32')];
}

function normalise(n: NodeReader): Value {
  const x = floats(n);
  const norm = n.text('norm', 'MAX');
  const axes = [shapeOf(n, x).length - 1];
  const magnitude: Expression = ['select', ['lt', first, constant(0)], ['neg', first], first];
  if (norm !== 'L1' && norm !== 'L2') return n.refuse('norm L1 or L2', norm);
  const terms = unaryMap(n, x, norm === 'L1' ? magnitude : ['mul', first, first]);
  const sum = reduceKept(n, 'sum', terms, axes);
  const length = norm === 'L1' ? sum : unaryMap(n, sum, ['sqrt', first]);
  // A row of zeros stays zeros.
  const e: Expression = ['select', ['eq', second, constant(0)], first, ['div', first, second]];
  return tensorValue(broadcastMap(n, e, [x, length]), 'float32');
}

/** Integer keys to integer values, by comparing with each. */
function labelEncoder(n: NodeReader): Value {
  const keys = n.integerList('keys_int64s', []);
  const values = n.integerList('values_int64s', []);
  if (keys.length === 0 || keys.length !== values.length || keys.length > 32) {
    return n.refuse('one to 32 integer keys with integer values', `${keys.length} and ${values.length}`);
  }
  const e = keys.reduceRight<Expression>(
    (rest, key, i) => [
      'select',
      ['eq', arg(0), integer(fixed32(n, key))],
      integer(fixed32(n, values[i])),
      rest,
    ],
    integer(fixed32(n, n.integer('default_int64', -1))),
  );
  return tensorValue(unaryMap(n, n.tensor(0), e), 'int64');
}

/** Operators of ai.onnx.ml, by name. */
export const ml: Operators = {
  'ai.onnx.ml.Scaler': since(1, (n) => {
    const e: Expression = ['mul', ['sub', arg(0), arg(1)], arg(2)];
    const operands = [floats(n), vector(n, n.floatList('offset', [0])), vector(n, n.floatList('scale', [1]))];
    return tensorValue(broadcastMap(n, e, operands, n.shape(0)), 'float32');
  }),
  'ai.onnx.ml.Normalizer': since(1, normalise),
  'ai.onnx.ml.LinearRegressor': since(1, (n) => {
    const scores = linearScores(n, floats(n), n.integer('targets', 1));
    return tensorValue(transformed(n, scores), 'float32');
  }),
  'ai.onnx.ml.LinearClassifier': since(1, linearClassifier),
  'ai.onnx.ml.ZipMap': since(1, (n) => {
    const labels = n.hasAttribute('classlabels_strings')
      ? n.textList('classlabels_strings')
      : n.integerList('classlabels_int64s', []);
    n.note(`output ${n.node.outputs[0]} is a matrix with a column for each of ${JSON.stringify(labels)}`);
    return n.value(0);
  }),
  'ai.onnx.ml.LabelEncoder': since(2, labelEncoder),
  'ai.onnx.ml.ArrayFeatureExtractor': since(1, (n) => {
    const indices = n.tensor(1);
    const flat = reshapeTo(
      n,
      indices,
      shapeOf(n, indices).filter((extent) => extent !== 1),
    );
    return tensorValue(gatherLast(n, n.tensor(0), flat), n.type(0));
  }),
  'ai.onnx.ml.Binarizer': since(1, (n) => {
    const type = floatType(n, 0);
    const e: Expression = [
      'select',
      ['lt', constant(n.float('threshold', 0)), first],
      constant(1),
      constant(0),
    ];
    return tensorValue(unaryMap(n, n.tensor(0), e), type);
  }),
};
