/**
 * Support vector machines of ai.onnx.ml, as libsvm has them: a kernel of the row with every support
 * vector, weighted sums of them, a vote of each pair of classes, and Platt's probabilities.
 */
import { addMap, type MapOperand } from '../../graph/emit.ts';
import { arg, constant, type Expression, integer } from '../../graph/expression.ts';
import type { TensorId } from '../../graph/graph.ts';
import type { NodeReader, Operators, Value } from '../reading.ts';
import { broadcastMap, first, reshapeTo, shapeOf, since, tensorValue, unaryMap } from './build.ts';
import { affine } from './linear.ts';
import { floats, labelled, logisticOf, transformedScores } from './mlScores.ts';
import { reduceAxes, reduceKept } from './reductions.ts';

const add = (a: Expression, b: Expression): Expression => ['add', a, b];
const mul = (a: Expression, b: Expression): Expression => ['mul', a, b];

/** x (B,F) against vectors (V,F), with the products as terms: (B,V). */
function products(n: NodeReader, x: TensorId, vectors: TensorId): TensorId {
  const maps = [affine(3, [{ 0: 1 }, { 2: 1 }]), affine(3, [{ 1: 1 }, { 2: 1 }])];
  const out = [shapeOf(n, x)[0], shapeOf(n, vectors)[0]];
  const k = [shapeOf(n, x)[1]];
  return n.g.add({ kind: 'contract', operands: [x, vectors], out, k, maps }, n.node.operator);
}

/** The kernel of every row with every support vector: (B,V). Parameters: gamma, coef0, degree. */
function kernelOf(n: NodeReader, x: TensorId, vectors: TensorId): TensorId {
  const kind = n.text('kernel_type', 'LINEAR');
  const [gamma, offset, degree] = n.floatList('kernel_params', [0, 0, 3]);
  if (kind === 'RBF') {
    const shape = [shapeOf(n, x)[0], shapeOf(n, vectors)[0], shapeOf(n, x)[1]];
    const difference = addMap(
      n.g,
      shape,
      ['sub', arg(0), arg(1)],
      [
        { tensor: x, map: affine(3, [{ 0: 1 }, { 2: 1 }]) },
        { tensor: vectors, map: affine(3, [{ 1: 1 }, { 2: 1 }]) },
      ],
      n.node.operator,
    );
    const distance = reduceAxes(n, 'sum', unaryMap(n, difference, mul(first, first)), [2]);
    return unaryMap(n, distance, ['call', 'exp', mul(constant(-gamma), first)]);
  }
  const product = products(n, x, vectors);
  const scaled = add(mul(constant(gamma), first), constant(offset));
  if (kind === 'LINEAR') return product;
  if (kind === 'SIGMOID') return unaryMap(n, product, ['call', 'tanh', scaled]);
  if (kind !== 'POLY') return n.refuse('kernel_type LINEAR, RBF, POLY or SIGMOID', kind);
  if (!Number.isInteger(degree) || degree < 1 || degree > 16) n.refuse('a degree of 1 to 16', `${degree}`);
  const base = unaryMap(n, product, scaled);
  const power = Array.from({ length: degree - 1 }).reduce<Expression>((e) => mul(e, first), first);
  return unaryMap(n, base, power);
}

/** Support vectors (V,F), of as many features as the rows have. */
function vectorsOf(n: NodeReader, x: TensorId, count: number): TensorId {
  const list = n.floatList('support_vectors');
  const features = shapeOf(n, x)[1];
  if (count < 1 || list.length !== count * Number(features)) {
    n.refuse(`${count} support vectors of ${features} features`, `${list.length} numbers`);
  }
  return n.g.constant(Float32Array.from(list), [count, Number(features)]);
}

function regressor(n: NodeReader): Value {
  const x = floats(n);
  const count = n.integer('n_supports', 0);
  const coefficients = n.floatList('coefficients');
  const [rho = 0] = n.floatList('rho', [0]);
  n.ignore('n_targets');
  const rows = count === 0 ? [1, coefficients.length] : [1, count];
  const weights = n.g.constant(Float32Array.from(coefficients), rows);
  const kernels = count === 0 ? x : kernelOf(n, x, vectorsOf(n, x, count));
  if (count === 0) n.ignore('kernel_type', 'kernel_params', 'support_vectors');
  const score = unaryMap(n, products(n, kernels, weights), add(first, constant(rho)));
  const oneClass = n.integer('one_class', 0) !== 0;
  const sign: Expression = ['select', ['lt', constant(0), first], constant(1), constant(-1)];
  return tensorValue(transformedScores(n, oneClass ? unaryMap(n, score, sign) : score), 'float32');
}

/** The classes of each pair, (0,1), (0,2), ..., (1,2), ... */
const pairsOf = (classes: number): readonly (readonly [number, number])[] =>
  Array.from({ length: classes }, (_, i) => i).flatMap((i) =>
    Array.from({ length: classes - 1 - i }, (_, j) => [i, i + 1 + j] as const),
  );

/** (B,pairs): the decision of each pair of classes, above 0 for the first. */
function decisions(n: NodeReader, x: TensorId, classes: number): TensorId {
  const counts = n.integerList('vectors_per_class');
  const total = counts.reduce((a, b) => a + b, 0);
  const coefficients = n.floatList('coefficients');
  const rho = n.floatList('rho');
  const pairs = pairsOf(classes);
  if (
    counts.length !== classes ||
    coefficients.length !== (classes - 1) * total ||
    rho.length < pairs.length
  ) {
    n.refuse(
      `coefficients of ${total} vectors for ${classes} classes`,
      `${coefficients.length}, and ${rho.length} rho`,
    );
  }
  const start = counts.map((_, i) => counts.slice(0, i).reduce((a, b) => a + b, 0));
  const table = new Float32Array(pairs.length * total);
  for (const [p, [i, j]] of pairs.entries()) {
    for (let v = start[i]; v < start[i] + counts[i]; v++)
      table[p * total + v] = coefficients[(j - 1) * total + v];
    for (let v = start[j]; v < start[j] + counts[j]; v++) table[p * total + v] = coefficients[i * total + v];
  }
  const kernels = kernelOf(n, x, vectorsOf(n, x, total));
  const sums = products(n, kernels, n.g.constant(table, [pairs.length, total]));
  const offsets = n.g.constant(Float32Array.from(rho.slice(0, pairs.length)), [pairs.length]);
  return broadcastMap(n, add(arg(0), arg(1)), [sums, offsets]);
}

/** (B,C): how many pairs each class wins. */
function votesOf(n: NodeReader, scores: TensorId, classes: number): TensorId {
  const pairs = pairsOf(classes);
  const won = unaryMap(n, scores, ['select', ['lt', constant(0), first], constant(1), constant(0)]);
  const wins = new Float32Array(classes * pairs.length);
  const losses = new Float32Array(classes * pairs.length);
  for (const [p, [i, j]] of pairs.entries()) {
    wins[i * pairs.length + p] = 1;
    losses[j * pairs.length + p] = 1;
  }
  const lost = unaryMap(n, won, ['sub', constant(1), first]);
  const table = (list: Float32Array<ArrayBuffer>) => n.g.constant(list, [classes, pairs.length]);
  return broadcastMap(n, add(arg(0), arg(1)), [
    products(n, won, table(wins)),
    products(n, lost, table(losses)),
  ]);
}

/**
 * Probabilities (B,C) from those of the pairs by the second method of Wu, Lin and Weng (2004), as
 * libsvm iterates it: at most 100 times, until no class is off by 0.005 / C.
 */
function coupled(n: NodeReader, scores: TensorId, classes: number): TensorId {
  const [batch] = shapeOf(n, scores);
  const pairs = pairsOf(classes);
  const [a, b] = [n.floatList('prob_a'), n.floatList('prob_b')];
  if (a.length < pairs.length || b.length < pairs.length)
    n.refuse(`${pairs.length} of prob_a and prob_b`, `${a.length}, ${b.length}`);
  const slopes = n.g.constant(Float32Array.from(a.slice(0, pairs.length)), [pairs.length]);
  const shifts = n.g.constant(Float32Array.from(b.slice(0, pairs.length)), [pairs.length]);
  const raw: Expression = ['sub', constant(1), logisticOf(add(mul(arg(0), arg(1)), arg(2)))];
  const chance = broadcastMap(n, raw, [scores, slopes, shifts]);
  const low = constant(1e-7);
  const high = constant(1 - 1e-7);
  const bounded = unaryMap(n, chance, [
    'select',
    ['lt', first, low],
    low,
    ['select', ['lt', high, first], high, first],
  ]);
  // r(i,j), the chance of i against j: pair p of (i,j), turned over for j < i.
  const order = new Int32Array(classes * classes);
  const turned = new Int32Array(classes * classes);
  for (const [p, [i, j]] of pairs.entries()) {
    order[i * classes + j] = p;
    order[j * classes + i] = p;
    turned[j * classes + i] = 1;
  }
  const picked = n.g.add(
    { kind: 'gather', operands: [bounded, n.g.constant(order, [classes, classes])], axis: 1 },
    n.node.operator,
  );
  const flag = n.g.constant(turned, [classes, classes]);
  const diagonal: Expression = ['eq', ['index', 1], ['index', 2]];
  const r = broadcastMap(
    n,
    [
      'select',
      diagonal,
      constant(0),
      ['select', ['eq', arg(1), integer(1)], ['sub', constant(1), arg(0)], arg(0)],
    ],
    [picked, flag],
  );
  // Q(t,t) = sum over j of r(j,t)^2, Q(t,j) = -r(j,t) r(t,j).
  const squares = reduceAxes(n, 'sum', unaryMap(n, r, mul(first, first)), [1]);
  const q = addMap(
    n.g,
    [batch, classes, classes],
    ['select', diagonal, arg(2), ['neg', mul(arg(0), arg(1))]],
    [
      { tensor: r, map: affine(3, [{ 0: 1 }, { 2: 1 }, { 1: 1 }]) },
      { tensor: r, map: affine(3, [{ 0: 1 }, { 1: 1 }, { 2: 1 }]) },
      { tensor: squares, map: affine(3, [{ 0: 1 }, { 1: 1 }]) },
    ],
    n.node.operator,
  );
  return iterate(n, q, classes);
}

const iterations = 100;

function iterate(n: NodeReader, q: TensorId, classes: number): TensorId {
  const [batch] = shapeOf(n, q);
  const shape = [batch, classes];
  n.budget.unrolled -= iterations * (classes + 1);
  if (n.budget.unrolled < 0) n.refuse('fewer iterations', `${iterations} of ${classes} classes`);
  let p = addMap(n.g, shape, constant(1 / classes), [], n.node.operator);
  let running: TensorId | undefined;
  const row = (tensor: TensorId): MapOperand => ({ tensor, map: affine(2, [{ 0: 1 }, {}]) });
  for (let round = 0; round < iterations; round++) {
    const maps = [affine(3, [{ 0: 1 }, { 1: 1 }, { 2: 1 }]), affine(3, [{ 0: 1 }, { 2: 1 }])];
    let qp = n.g.add({ kind: 'contract', operands: [q, p], out: shape, k: [classes], maps }, n.node.operator);
    let total = reduceKept(n, 'sum', broadcastMap(n, mul(arg(0), arg(1)), [p, qp]), [1]);
    const off: Expression = ['sub', arg(0), arg(1)];
    const error = broadcastMap(n, ['select', ['lt', off, constant(0)], ['neg', off], off], [qp, total]);
    const largest = reduceKept(n, 'max', error, [1]);
    const goesOn: Expression = ['select', ['lt', first, constant(0.005 / classes)], integer(0), integer(1)];
    running =
      running === undefined
        ? unaryMap(n, largest, goesOn)
        : broadcastMap(n, ['select', ['eq', arg(1), integer(0)], integer(0), goesOn], [largest, running]);
    let next = p;
    for (let t = 0; t < classes; t++) {
      const qt: MapOperand = { tensor: qp, map: affine(2, [{ 0: 1 }, {}], [0, t]) };
      const qtt: MapOperand = { tensor: q, map: affine(2, [{ 0: 1 }, {}, {}], [0, t, t]) };
      const qtj: MapOperand = { tensor: q, map: affine(2, [{ 0: 1 }, {}, { 1: 1 }], [0, t, 0]) };
      // Operands 0: what moves, 1: total, 2: Qp(t), 3: Q(t,t), 4: Q(t,j).
      const step: Expression = ['div', ['sub', arg(1), arg(2)], arg(3)];
      const scale = add(constant(1), step);
      const others = [row(total), qt, qtt];
      const moved = (e: Expression, tensor: TensorId, more: readonly MapOperand[]) =>
        addMap(n.g, shape, ['div', e, scale], [{ tensor }, ...others, ...more], n.node.operator);
      const here: Expression = ['select', ['eq', ['index', 1], integer(t)], step, constant(0)];
      const p1 = moved(add(arg(0), here), next, []);
      const qp1 = moved(add(arg(0), mul(step, arg(4))), qp, [qtj]);
      const sum = add(arg(1), mul(step, add(mul(step, arg(3)), mul(constant(2), arg(2)))));
      const total1 = addMap(
        n.g,
        [batch, 1],
        ['div', sum, mul(scale, scale)],
        [row(total), ...others],
        n.node.operator,
      );
      [next, qp, total] = [p1, qp1, total1];
    }
    p = broadcastMap(n, ['select', ['eq', arg(2), integer(1)], arg(1), arg(0)], [p, next, running]);
  }
  return p;
}

/** Without support vectors: one row of coefficients for each class. */
function linearMachine(n: NodeReader, x: TensorId, classes: number): TensorId {
  const coefficients = n.floatList('coefficients');
  const [rho = 0] = n.floatList('rho', [0]);
  n.ignore('kernel_type', 'kernel_params', 'support_vectors', 'vectors_per_class', 'prob_a', 'prob_b');
  const weights = n.g.constant(Float32Array.from(coefficients), [classes, coefficients.length / classes]);
  return unaryMap(n, products(n, x, weights), add(first, constant(rho)));
}

function classifier(n: NodeReader): readonly Value[] {
  const x = floats(n);
  const names = n.textList('classlabels_strings', []);
  const classes = names.length || n.integerList('classlabels_ints', []).length;
  if (classes < 2) n.refuse('two classes or more', `${classes}`);
  if (n.integerList('vectors_per_class', []).length === 0) {
    const scores = linearMachine(n, x, classes);
    const label = labelled(n, reduceAxes(n, 'argmax', scores, [1]));
    return [label, tensorValue(transformedScores(n, scores), 'float32')];
  }
  const scores = decisions(n, x, classes);
  const label = labelled(n, reduceAxes(n, 'argmax', votesOf(n, scores, classes), [1]));
  if (n.floatList('prob_a', []).length > 0) {
    return [label, tensorValue(transformedScores(n, coupled(n, scores, classes)), 'float32')];
  }
  n.ignore('prob_b');
  if (classes > 2) return [label, tensorValue(transformedScores(n, scores), 'float32')];
  // One decision for two classes: against the first, for the second.
  const column = reshapeTo(n, scores, [shapeOf(n, scores)[0], 1]);
  const two = broadcastMap(
    n,
    ['select', ['eq', ['index', 1], integer(0)], ['neg', first], first],
    [column],
    [shapeOf(n, scores)[0], 2],
  );
  return [label, tensorValue(transformedScores(n, two), 'float32')];
}

/** Support vector machines, by name. */
export const supportVectors: Operators = {
  'ai.onnx.ml.SVMClassifier': since(1, classifier),
  'ai.onnx.ml.SVMRegressor': since(1, regressor),
};
