/**
 * From a model as it predicts to the same model as it trains, graph -> graph: `batchNorm`
 * normalises by the statistics of its batch and moves the running ones, `dropout` drops by the
 * counter-based generator. Graphs without either stay as they are.
 */
import { type Affine, project } from '../graph/affine.ts';
import { type Builder, copyNode, createBuilder } from '../graph/builder.ts';
import { addMap, addReduce, countElements, type MapOperand, scalar, without } from '../graph/emit.ts';
import { arg, constant, type Expression } from '../graph/expression.ts';
import type { Graph, Node, TensorId } from '../graph/graph.ts';
import { inverseDeviation, moments, scaleAndShift } from '../graph/operations/normalisation.ts';

/** Whether `toTrainingMode` adds the inputs `seed` and `step`. */
export const usesDropout = (graph: Graph): boolean => graph.nodes.some(({ kind }) => kind === 'dropout');

type BatchNorm = Extract<Node, { kind: 'batchNorm' }>;

/**
 * Dropout adds the inputs `seed` i32[2] and `step` i32[]: public randomness, the same for all who
 * replay the step. Running statistics stay parameters, but get their values by updates and no
 * gradients: running <- (1 - momentum) running + momentum * batch, the variance of the batch over n
 * - 1; of one element, which has none, the running variance stays. A `batchNorm` whose statistics
 * are constants stays as it is.
 *
 * Examples of weight 0 in every loss of the graph are padding and count in no statistics, so a
 * batch that is padded at its end gives the bits of a smaller one. All rows count where no input
 * weighs the first axis of x.
 */
export function toTrainingMode(graph: Graph): Graph {
  const g = createBuilder();
  const numbers = new Map<TensorId, TensorId>();
  const memoised = <T>(make: () => T) => {
    let made: { readonly value: T } | undefined;
    return () => (made ??= { value: make() }).value;
  };
  const random = memoised(() => [g.input('seed', 'i32', [2]), g.input('step', 'i32', [])]);
  // The weights may come after the layers that need them, so leaves are copied on demand.
  const present = memoised(() => presentExamples(g, weightsOf(graph).map(number)));
  const copy = (node: Node): TensorId => {
    if (node.kind === 'dropout') {
      const { rate, stream } = node;
      const operands = [...node.operands.map(number), ...random()];
      return g.add({ kind: 'randomDropout', operands, rate, stream }, node.note);
    }
    if (node.kind === 'batchNorm' && hasRunningStatistics(graph, node))
      return normaliseBatch(g, node, node.operands.map(number), present());
    return copyNode(g, node, number);
  };
  function number(id: TensorId): TensorId {
    const known = numbers.get(id);
    if (known !== undefined) return known;
    const copied = copy(graph.nodes[id]);
    numbers.set(id, copied);
    return copied;
  }
  for (const id of graph.nodes.keys()) number(id);
  for (const { name, tensor } of graph.outputs) g.output(name, number(tensor));
  for (const { of, tensor } of graph.gradients) g.gradient(number(of), number(tensor));
  for (const { target, tensor } of graph.updates) g.update(number(target), number(tensor));
  return g.finish();
}

/** Whether a normalisation has statistics to move: fixed ones are those of a model that predicts. */
const hasRunningStatistics = ({ nodes }: Graph, { operands }: BatchNorm): boolean =>
  [operands[1], operands[2]].every((operand) => nodes[operand].kind === 'parameter');

/** The inputs by which the losses weigh examples. */
function weightsOf(graph: Graph): readonly TensorId[] {
  const weights = graph.nodes.flatMap((node) => {
    switch (node.kind) {
      case 'crossEntropy':
      case 'binaryCrossEntropy':
      case 'meanSquaredError':
      case 'huber':
        return graph.nodes[node.operands[2]].kind === 'input' ? [node.operands[2]] : [];
      default:
        return [];
    }
  });
  return [...new Set(weights)];
}

/** Which examples count, f32[B] of 0 and 1: those that any weight (B,...) is not 0 for. */
function presentExamples(g: Builder, weights: readonly TensorId[]): TensorId | undefined {
  const extents = new Set(weights.map((weight) => g.nodes[weight].shape[0]));
  if (extents.size !== 1) return undefined;
  const each = weights.map((weight) => {
    const { shape } = g.nodes[weight];
    const weighed: Expression = ['select', ['eq', arg(0), constant(0)], constant(0), constant(1)];
    const positions = addMap(g, shape, weighed, [{ tensor: weight }], 'present');
    return shape.length === 1 ? positions : addReduce(g, 'max', positions, [...shape.keys()].slice(1));
  });
  const larger: Expression = ['select', ['lt', arg(0), arg(1)], arg(1), arg(0)];
  return each.reduce((a, b) => addMap(g, [...extents] as const, larger, [{ tensor: a }, { tensor: b }]));
}

/** Mean and variance of each channel, and of how many elements they are. */
interface ChannelStatistics {
  readonly mean: TensorId;
  readonly variance: TensorId;
  /** Reads both at the channel of an element of x. */
  readonly map: Affine;
  readonly count: { readonly expression: Expression; readonly operands: readonly MapOperand[] };
}

/** Over all elements of x. `count` is an expression of `arg(2)`. */
function allStatistics(g: Builder, x: TensorId, axes: readonly number[]): ChannelStatistics {
  const { shape } = g.nodes[x];
  const { literal, named } = countElements(
    g,
    axes.map((axis) => shape[axis]),
  );
  return {
    ...moments(g, x, axes, 'batchNorm'),
    count:
      named === undefined
        ? { expression: constant(literal), operands: [] }
        : {
            expression: ['mul', arg(2), constant(literal)],
            operands: [{ tensor: named, map: scalar(1) }],
          },
  };
}

/** Over the elements of the examples that are present. `count` is an expression of `arg(2)`. */
function presentStatistics(
  g: Builder,
  x: TensorId,
  axes: readonly number[],
  present: TensorId,
): ChannelStatistics {
  const { shape } = g.nodes[x];
  const map = without(shape.length, axes);
  const { literal, named } = countElements(
    g,
    axes.slice(1).map((axis) => shape[axis]),
  );
  const examples = addReduce(g, 'sum', present, [0]);
  const positions: Expression = named === undefined ? constant(literal) : ['mul', arg(1), constant(literal)];
  const count = addMap(
    g,
    [],
    ['mul', arg(0), positions],
    [{ tensor: examples }, ...(named === undefined ? [] : [{ tensor: named }])],
  );
  const counted = { tensor: count, map: scalar(1) };
  const order = [1, ...axes];
  const mean = (values: TensorId, note?: string) => {
    const total = g.add(
      {
        kind: 'contract',
        operands: [values, present],
        out: [shape[1]],
        k: axes.map((axis) => shape[axis]),
        maps: [
          project(
            order.length,
            shape.map((_, axis) => order.indexOf(axis)),
          ),
          project(order.length, [order.indexOf(0)]),
        ],
      },
      note,
    );
    return addMap(g, [shape[1]], ['div', arg(0), arg(1)], [{ tensor: total }, counted]);
  };
  const centre = mean(x, 'batchNorm');
  const centred: Expression = ['sub', arg(0), arg(1)];
  const squares = addMap(g, shape, ['mul', centred, centred], [{ tensor: x }, { tensor: centre, map }]);
  return { mean: centre, variance: mean(squares), map, count: { expression: arg(2), operands: [counted] } };
}

function normaliseBatch(
  g: Builder,
  { epsilon, momentum }: BatchNorm,
  [x, running, runningVariance, scale, shift]: readonly TensorId[],
  present: TensorId | undefined,
): TensorId {
  const { shape } = g.nodes[x];
  const axes = [...shape.keys()].filter((axis) => axis !== 1);
  const channels = shape.slice(1, 2);
  const isPadded = present !== undefined && g.nodes[present].shape[0] === shape[0];
  const { mean, variance, map, count } = isPadded
    ? presentStatistics(g, x, axes, present)
    : allStatistics(g, x, axes);
  const moved = (batch: Expression): Expression => [
    'add',
    ['mul', constant(1 - momentum), arg(0)],
    ['mul', constant(momentum), batch],
  ];
  const towards = (target: TensorId, value: Expression, operands: readonly MapOperand[]) =>
    g.update(target, addMap(g, channels, value, [{ tensor: target }, ...operands]));
  towards(running, moved(arg(1)), [{ tensor: mean }]);
  // One element has no deviation, and would divide by 0.
  const several: Expression = ['lt', constant(1), count.expression];
  const least: Expression = ['select', several, count.expression, constant(2)];
  const unbiased: Expression = ['mul', arg(1), ['div', least, ['sub', least, constant(1)]]];
  towards(
    runningVariance,
    ['select', several, moved(unbiased), arg(0)],
    [{ tensor: variance }, ...count.operands],
  );
  const inverse = inverseDeviation(g, variance, epsilon);
  const channel = project(shape.length, [1]);
  return scaleAndShift(g, shape, [
    { tensor: x },
    { tensor: mean, map },
    { tensor: inverse, map },
    { tensor: scale, map: channel },
    { tensor: shift, map: channel },
  ]);
}
