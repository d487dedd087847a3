/**
 * The operators of ai.onnx.ml that linear models and scalers of scikit-learn are exported to.
 * Labels that are texts become their positions in the list of labels, and a note says so; a ZipMap
 * stays the matrix of scores that it was made of.
 */
import { arg, constant, type Expression, integer } from '../../graph/expression.ts';
import type { TensorId } from '../../graph/graph.ts';
import { multiplyExtents } from '../../graph/shape.ts';
import type { NodeReader, Operators, Value } from '../reading.ts';
import {
  broadcastMap,
  first,
  fixed32,
  floatType,
  isFloat,
  not,
  reshapeTo,
  second,
  shapeOf,
  since,
  tensorValue,
  unaryMap,
} from './build.ts';
import { castTo } from './constants.ts';
import { gather, gatherConstantRows, gatherLast } from './gathers.ts';
import { matmul } from './linear.ts';
import { floats, labelled, transformedScores } from './mlScores.ts';
import { reduceAxes, reduceKept } from './reductions.ts';

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
    const chance = unaryMap(n, linearScores(n, x, 1), logistic);
    const other = unaryMap(n, chance, ['sub', constant(1), first]);
    const scores = n.g.add({ kind: 'concat', operands: [other, chance], axis: 1 }, 'LinearClassifier');
    const position = reduceAxes(n, 'argmax', scores, [1]);
    return [labelled(n, position), tensorValue(scores, 'float32')];
  }
  if (rows !== count) n.refuse(`${count} rows of coefficients`, `${rows}`);
  const scores = linearScores(n, x, count);
  return [
    labelled(n, reduceAxes(n, 'argmax', scores, [1])),
    tensorValue(transformedScores(n, scores), 'float32'),
  ];
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

/** The keys or categories of a node in i32: integers, or positions of texts for an input of texts. */
function codes(n: NodeReader, integers: string, texts: string): readonly number[] {
  const list =
    n.type(0) === 'string'
      ? n.textList(texts, []).map(n.codeOf)
      : n.integerList(integers, []).map((entry) => fixed32(n, entry));
  if (list.length > 0) return list;
  return n.refuse(n.type(0) === 'string' ? `a list of texts, ${texts}` : `integers, ${integers}`, 'none');
}

/** 1 where an element is the k-th of a list, else 0: x (...) -> (...,K). */
function matches(n: NodeReader, list: readonly number[]): TensorId {
  const own = reshapeTo(n, floatsOrIntegers(n), [...n.shape(0), 1]);
  const e: Expression = ['select', ['eq', first, second], constant(1), constant(0)];
  return broadcastMap(n, e, [own, n.g.constant(Int32Array.from(list), [list.length])]);
}

/** Keys to values; the first of equal keys counts. */
function labelEncoder(n: NodeReader): Value {
  const keys = codes(n, 'keys_int64s', 'keys_strings');
  const floats = n.floatList('values_floats', []);
  const texts = n.textList('values_strings', []);
  const integers = n.integerList('values_int64s', []);
  const values = [floats, texts, integers].find((list) => list.length > 0) ?? [];
  if (keys.length !== values.length) {
    return n.refuse('as many values as keys', `${keys.length} keys and ${values.length} values`);
  }
  n.ignore('default_int64', 'default_float', 'default_string');
  // The last position stands for all other keys.
  const found = matches(n, keys);
  const last = found === undefined ? 0 : shapeOf(n, found).length - 1;
  const any = reduceAxes(n, 'max', found, [last]);
  const position = reduceAxes(n, 'argmax', found, [last]);
  const e: Expression = ['select', ['eq', first, constant(0)], integer(keys.length), second];
  const at = broadcastMap(n, e, [any, position]);
  if (texts.length > 0) {
    const labels = [...texts, n.text('default_string', '_Unused')];
    return { ...tensorValue(at, 'int64'), labels } as Value;
  }
  if (floats.length > 0) {
    const list = vector(n, [...floats, n.float('default_float', -0)]);
    return tensorValue(gather(n, list, at, 0), 'float32');
  }
  return tensorValue(gatherConstantRows(n, [...integers, n.integer('default_int64', -1)], at), 'int64');
}

/** Each category of the file as a column: 1 where the input is it. */
function oneHotEncoder(n: NodeReader): Value {
  const columns = matches(n, codes(n, 'cats_int64s', 'cats_strings'));
  if (!n.flag('zeros', true)) {
    const any = reduceAxes(n, 'max', columns, [shapeOf(n, columns).length - 1]);
    const unknown = unaryMap(n, any, ['select', ['eq', first, constant(0)], integer(1), integer(0)]);
    n.check(unknown, `it has a category that node ${n.node.name} of the model does not know`);
  }
  return tensorValue(columns, 'float32');
}

/** Input 0 in i32; floats towards zero, as ONNX Runtime takes categories. */
function floatsOrIntegers(n: NodeReader): TensorId {
  return isFloat(n.type(0)) ? unaryMap(n, n.tensor(0), ['convert', 'i32', first]) : n.tensor(0);
}

/** Replaces one value, perhaps NaN, by a value for each feature. */
function imputer(n: NodeReader): Value {
  const type = n.type(0);
  const float = isFloat(type);
  const values = float ? n.floatList('imputed_value_floats') : n.integerList('imputed_value_int64s');
  const replaced = float ? n.float('replaced_value_float', 0) : n.integer('replaced_value_int64', 0);
  const list = float
    ? n.g.constant(Float32Array.from(values), [values.length])
    : n.g.constant(
        Int32Array.from(values, (value) => fixed32(n, value)),
        [values.length],
      );
  const given = float ? constant(replaced) : integer(fixed32(n, replaced));
  const missing: Expression = Number.isNaN(replaced) ? not(['eq', first, first]) : ['eq', first, given];
  return tensorValue(
    broadcastMap(n, ['select', missing, second, first], [n.tensor(0), list], n.shape(0)),
    type,
  );
}

/** Operators of ai.onnx.ml, by name. */
export const ml: Operators = {
  'ai.onnx.ml.Scaler': since(1, (n) => {
    const e: Expression = ['mul', ['sub', arg(0), arg(1)], arg(2)];
    const operands = [floats(n), vector(n, n.floatList('offset', [0])), vector(n, n.floatList('scale', [1]))];
    return tensorValue(broadcastMap(n, e, operands, n.shape(0)), 'float32');
  }),
  'ai.onnx.ml.Normalizer': since(1, normalise),
  'ai.onnx.ml.OneHotEncoder': since(1, oneHotEncoder),
  'ai.onnx.ml.Imputer': since(1, imputer),
  'ai.onnx.ml.FeatureVectorizer': since(1, (n) => {
    n.ignore('inputdimensions');
    const parts = n.values().map((value) => {
      const tensor = n.place(value);
      const type = value.kind === 'tensor' ? value.type : value.constant.type;
      const x = n.place(castTo(n, tensor, type, 'float32'));
      const shape = shapeOf(n, x);
      return shape.length === 1 ? reshapeTo(n, x, [...shape, 1]) : x;
    });
    const joined = parts.length === 1 ? parts[0] : n.g.add({ kind: 'concat', operands: parts, axis: 1 });
    return tensorValue(joined, 'float32');
  }),
  'ai.onnx.ml.LinearRegressor': since(1, (n) => {
    const scores = linearScores(n, floats(n), n.integer('targets', 1));
    return tensorValue(transformedScores(n, scores), 'float32');
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
    const shape = n.shape(0);
    const indices = n.tensor(1);
    const count = multiplyExtents(shapeOf(n, indices));
    // A vector counts as one row.
    const rows = shape.length === 1 ? reshapeTo(n, n.tensor(0), [1, ...shape]) : n.tensor(0);
    return tensorValue(gatherLast(n, rows, reshapeTo(n, indices, [count])), n.type(0));
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
