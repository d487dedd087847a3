/**
 * Tree ensembles of ai.onnx.ml: every tree is walked at once, from its root down by a table of
 * nodes, as many steps as the deepest tree has; leaves lead to themselves. Which feature a node
 * looks at is data, so its value is the sum over all features of those that are it.
 */
import { addMap } from '../../graph/emit.ts';
import { arg, constant, type Expression, integer } from '../../graph/expression.ts';
import type { TensorId } from '../../graph/graph.ts';
import type { NodeReader, Operators, Value } from '../reading.ts';
import {
  assertConstantSize,
  broadcastMap,
  first,
  fixedExtent,
  not,
  shapeOf,
  since,
  tensorValue,
  unaryMap,
} from './build.ts';
import { gatherRowsAt } from './gathers.ts';
import { affine } from './linear.ts';
import { floats, labelled, logisticOf, transformedScores } from './mlScores.ts';
import { reduceAxes } from './reductions.ts';

const lt = (a: Expression, b: Expression): Expression => ['lt', a, b];
const eq = (a: Expression, b: Expression): Expression => ['eq', a, b];
const or = (a: Expression, b: Expression): Expression => ['or', a, b];

/** Whether a value x takes the first branch of a node with threshold t. */
const modes: Readonly<Record<string, (x: Expression, t: Expression) => Expression>> = {
  BRANCH_LEQ: (x, t) => or(lt(x, t), eq(x, t)),
  BRANCH_LT: lt,
  BRANCH_GTE: (x, t) => or(lt(t, x), eq(x, t)),
  BRANCH_GT: (x, t) => lt(t, x),
  BRANCH_EQ: eq,
  BRANCH_NEQ: (x, t) => not(eq(x, t)),
};
const modeNames = Object.keys(modes);

/** All nodes of all trees, by their position in the file. */
interface Forest {
  /** Rows of (feature, first branch, second branch, mode, whether a missing value takes the first). */
  readonly rows: readonly (readonly number[])[];
  readonly thresholds: readonly number[];
  readonly roots: readonly number[];
  readonly depth: number;
  /** The position of node `node` of tree `tree`. */
  readonly positionOf: (tree: number, node: number) => number;
}

const mostNodes = 2 ** 20;

function readForest(n: NodeReader): Forest {
  n.ignore('nodes_hitrates', 'nodes_hitrates_as_tensor');
  const trees = n.integerList('nodes_treeids');
  const nodes = n.integerList('nodes_nodeids');
  const features = n.integerList('nodes_featureids');
  const kinds = n.textList('nodes_modes');
  const yes = n.integerList('nodes_truenodeids');
  const no = n.integerList('nodes_falsenodeids');
  const exact = n.tensorAttribute('nodes_values_as_tensor');
  const thresholds = exact === undefined ? n.floatList('nodes_values') : Array.from(exact.data, Number);
  const missing = n.integerList('nodes_missing_value_tracks_true', []);
  const lists = [nodes, features, kinds, yes, no, thresholds];
  if (lists.some(({ length }) => length !== trees.length) || trees.length === 0 || trees.length > mostNodes) {
    n.refuse(
      `up to ${mostNodes} nodes with all their attributes`,
      lists.map(({ length }) => length).join(', '),
    );
  }
  const positions = new Map(trees.map((tree, i) => [`${tree} ${nodes[i]}`, i]));
  const positionOf = (tree: number, node: number) =>
    positions.get(`${tree} ${node}`) ?? n.refuse('nodes that there are', `node ${node} of tree ${tree}`);
  const rows = trees.map((tree, i) => {
    if (kinds[i] === 'LEAF') return [0, i, i, 0, 0];
    const mode = modeNames.indexOf(kinds[i]);
    if (mode < 0) n.refuse(`a mode among ${modeNames.join(', ')}`, kinds[i]);
    return [features[i], positionOf(tree, yes[i]), positionOf(tree, no[i]), mode, missing[i] === 1 ? 1 : 0];
  });
  const roots = [...new Map(trees.map((tree, i) => [tree, i] as const).reverse()).values()].reverse();
  return { rows, thresholds, roots, depth: depthOf(n, rows, roots), positionOf };
}

/** The number of steps after which every path is at a leaf. */
function depthOf(n: NodeReader, rows: Forest['rows'], roots: readonly number[]): number {
  let level = new Set(roots);
  for (let depth = 0; depth <= 4096; depth++) {
    const next = new Set<number>();
    for (const at of level) {
      const [, yes, no] = rows[at];
      if (yes !== at) next.add(yes).add(no);
    }
    if (next.size === 0) return depth;
    level = next;
  }
  return n.refuse('trees of at most 4096 levels', 'deeper ones, or a circle');
}

/** x (B,F) -> (B,T): the leaf that each row reaches in each tree. */
function walk(n: NodeReader, x: TensorId, { rows, thresholds, roots, depth }: Forest): TensorId {
  const [batch, width] = shapeOf(n, x);
  const features = fixedExtent(n, width, 'the number of features');
  if (rows.some(([feature]) => feature < 0 || feature >= features))
    n.refuse(`features below ${features}`, 'others');
  const trees = roots.length;
  n.budget.unrolled -= depth;
  if (n.budget.unrolled < 0) n.refuse('fewer levels of trees', `${depth} more`);
  const plain = rows.every(([, , , mode, missing]) => mode === rows[0][3] && missing === 0);
  const columns = plain ? 3 : 5;
  const table = n.g.constant(Int32Array.from(rows.flatMap((row) => row.slice(0, columns))), [
    rows.length,
    columns,
  ]);
  const limits = n.g.constant(Float32Array.from(thresholds), [rows.length]);
  const start = n.g.constant(Int32Array.from(roots), [trees]);
  let at = addMap(
    n.g,
    [batch, trees],
    first,
    [{ tensor: start, map: affine(2, [{ 1: 1 }]) }],
    n.node.operator,
  );
  const usual = modes[modeNames[rows.find(([, yes], i) => yes !== i)?.[3] ?? 0]];
  for (let level = 0; level < depth; level++) {
    const row = gatherRowsAt(n, table, at);
    const field = (column: number) => ({
      tensor: row,
      map: affine(2, [{ 0: 1 }, { 1: 1 }, {}], [0, 0, column]),
    });
    const chosen = addMap(
      n.g,
      [batch, trees, features],
      ['select', eq(['index', 2], arg(1)), arg(0), constant(0)],
      [
        { tensor: x, map: affine(3, [{ 0: 1 }, { 2: 1 }]) },
        { tensor: row, map: affine(3, [{ 0: 1 }, { 1: 1 }, {}]) },
      ],
      n.node.operator,
    );
    const value = { tensor: reduceAxes(n, 'sum', chosen, [2]) };
    const limit = { tensor: gatherRowsAt(n, limits, at) };
    const isFirst = plain
      ? usual(arg(0), arg(1))
      : or(
          modeNames
            .map((name, mode): Expression => ['and', eq(arg(4), integer(mode)), modes[name](arg(0), arg(1))])
            .reduce(or),
          ['and', eq(arg(5), integer(1)), not(eq(arg(0), arg(0)))],
        );
    // A missing value that does not take the first branch takes the second, also of NEQ.
    const known: Expression = plain
      ? isFirst
      : ['and', isFirst, or(eq(arg(0), arg(0)), eq(arg(5), integer(1)))];
    const operands = [value, limit, field(1), field(2), ...(plain ? [] : [field(3), field(4)])];
    at = addMap(n.g, [batch, trees], ['select', known, arg(2), arg(3)], operands, n.node.operator);
  }
  return at;
}

/** What leaves give: (nodes, targets), and which targets any leaf gives. */
function leafWeights(n: NodeReader, forest: Forest, kind: 'class' | 'target', targets: number) {
  const trees = n.integerList(`${kind}_treeids`);
  const nodes = n.integerList(`${kind}_nodeids`);
  const ids = n.integerList(`${kind}_ids`);
  const exact = n.tensorAttribute(`${kind}_weights_as_tensor`);
  const weights = exact === undefined ? n.floatList(`${kind}_weights`) : Array.from(exact.data, Number);
  assertConstantSize(n, [forest.rows.length, targets]);
  const table = new Float32Array(forest.rows.length * targets);
  for (const [i, tree] of trees.entries()) {
    if (!(ids[i] >= 0 && ids[i] < targets)) n.refuse(`ids below ${targets}`, `${ids[i]}`);
    table[forest.positionOf(tree, nodes[i]) * targets + ids[i]] += weights[i];
  }
  return { table, ids: new Set(ids), positive: weights.every((weight) => weight >= 0) };
}

const baseValues = (n: NodeReader): readonly number[] => {
  const exact = n.tensorAttribute('base_values_as_tensor');
  return exact === undefined ? n.floatList('base_values', []) : Array.from(exact.data, Number);
};

/** (B,targets): what the leaves that the rows reach give together. */
function gatherScores(
  n: NodeReader,
  forest: Forest,
  table: Float32Array<ArrayBuffer>,
  targets: number,
  op: 'sum' | 'min' | 'max',
): TensorId {
  const leaves = walk(n, floats(n), forest);
  const weights = n.g.constant(table, [forest.rows.length, targets]);
  return reduceAxes(n, op, gatherRowsAt(n, weights, leaves), [1]);
}

function withBase(n: NodeReader, scores: TensorId, base: readonly number[], targets: number): TensorId {
  if (base.length === 0) return scores;
  if (base.length !== targets && base.length !== 1) n.refuse(`${targets} base values`, `${base.length}`);
  const values = n.g.constant(Float32Array.from(base), [base.length]);
  return broadcastMap(n, ['add', arg(0), arg(1)], [scores, values]);
}

function regressor(n: NodeReader): Value {
  const forest = readForest(n);
  const targets = n.integer('n_targets', 1);
  const { table } = leafWeights(n, forest, 'target', targets);
  const how = n.text('aggregate_function', 'SUM');
  const op =
    ({ SUM: 'sum', AVERAGE: 'sum', MIN: 'min', MAX: 'max' } as const)[how] ??
    n.refuse('aggregate_function SUM, AVERAGE, MIN or MAX', how);
  const total = gatherScores(n, forest, table, targets, op);
  const count = forest.roots.length;
  const mean = how === 'AVERAGE' ? unaryMap(n, total, ['div', first, constant(count)]) : total;
  return tensorValue(transformedScores(n, withBase(n, mean, baseValues(n), targets)), 'float32');
}

/** Two classes of which leaves weigh one only: the other is what is left. */
function binaryScores(n: NodeReader, score: TensorId, positive: boolean): TensorId {
  const transform = n.text('post_transform', 'NONE');
  const two = (other: Expression, own: Expression) =>
    broadcastMap(n, ['select', eq(['index', 1], integer(0)), other, own], [score], [shapeOf(n, score)[0], 2]);
  if (positive && transform !== 'PROBIT') return two(['sub', constant(1), first], first);
  if (transform === 'LOGISTIC') return two(logisticOf(['neg', first]), logisticOf(first));
  return transformedScores(n, two(['neg', first], first));
}

function classifier(n: NodeReader): readonly Value[] {
  const forest = readForest(n);
  const names = n.textList('classlabels_strings', []);
  const count = names.length || n.integerList('classlabels_int64s', []).length;
  if (count < 2) n.refuse('two classes or more', `${count}`);
  const { table, ids, positive } = leafWeights(n, forest, 'class', count);
  const base = baseValues(n);
  if (count === 2 && ids.size === 1) {
    const [only] = ids;
    const column = table.filter((_, i) => i % 2 === only);
    const score = withBase(n, gatherScores(n, forest, column, 1, 'sum'), base.slice(-1), 1);
    const limit = positive ? 0.5 : 0;
    const chosen = unaryMap(n, score, ['select', lt(constant(limit), first), integer(1), integer(0)]);
    return [labelled(n, reshapeRow(n, chosen)), tensorValue(binaryScores(n, score, positive), 'float32')];
  }
  const scores = withBase(n, gatherScores(n, forest, table, count, 'sum'), base, count);
  return [
    labelled(n, reduceAxes(n, 'argmax', scores, [1])),
    tensorValue(transformedScores(n, scores), 'float32'),
  ];
}

/** (B,1) -> (B) */
const reshapeRow = (n: NodeReader, x: TensorId): TensorId =>
  n.g.add({ kind: 'reshape', operands: [x], out: [shapeOf(n, x)[0]] }, n.node.operator);

/** Tree ensembles, by name. */
export const trees: Operators = {
  'ai.onnx.ml.TreeEnsembleClassifier': since(1, classifier),
  'ai.onnx.ml.TreeEnsembleRegressor': since(1, regressor),
};
