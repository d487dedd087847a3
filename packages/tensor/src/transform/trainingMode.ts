/**
 * From a model as it predicts to the same model as it trains, graph -> graph: `batchNorm`
 * normalises by the statistics of its batch and moves the running ones, `dropout` drops by the
 * counter-based generator. Graphs without either stay as they are.
 */
import { project } from '../graph/affine.ts';
import { type Builder, copyNode, createBuilder } from '../graph/builder.ts';
import { addMap, countElements, type MapOperand, scalar } from '../graph/emit.ts';
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
 * - 1. Examples of weight 0 count in the statistics of a batch: a padded batch should repeat
 * examples.
 */
export function toTrainingMode(graph: Graph): Graph {
  const g = createBuilder();
  const numbers: TensorId[] = [];
  const number = (id: TensorId) => numbers[id];
  let source: readonly TensorId[] | undefined;
  const random = () => (source ??= [g.input('seed', 'i32', [2]), g.input('step', 'i32', [])]);
  for (const node of graph.nodes) {
    if (node.kind === 'dropout') {
      const { rate, stream } = node;
      const operands = [...node.operands.map(number), ...random()];
      numbers.push(g.add({ kind: 'randomDropout', operands, rate, stream }, node.note));
    } else if (node.kind === 'batchNorm') {
      numbers.push(normaliseBatch(g, node, node.operands.map(number)));
    } else numbers.push(copyNode(g, node, number));
  }
  for (const { name, tensor } of graph.outputs) g.output(name, number(tensor));
  for (const { of, tensor } of graph.gradients) g.gradient(number(of), number(tensor));
  for (const { target, tensor } of graph.updates) g.update(number(target), number(tensor));
  return g.finish();
}

function normaliseBatch(
  g: Builder,
  { epsilon, momentum }: BatchNorm,
  [x, running, runningVariance, scale, shift]: readonly TensorId[],
): TensorId {
  const { shape } = g.nodes[x];
  const axes = [...shape.keys()].filter((axis) => axis !== 1);
  const channels = shape.slice(1, 2);
  const { mean, variance, map } = moments(g, x, axes, 'batchNorm');
  const moved = (batch: Expression): Expression => [
    'add',
    ['mul', constant(1 - momentum), arg(0)],
    ['mul', constant(momentum), batch],
  ];
  const towards = (target: TensorId, batch: Expression, operands: readonly MapOperand[]) =>
    g.update(target, addMap(g, channels, moved(batch), [{ tensor: target }, ...operands]));
  towards(running, arg(1), [{ tensor: mean }]);
  const { literal, named } = countElements(
    g,
    axes.map((axis) => shape[axis]),
  );
  const count: Expression = named === undefined ? constant(literal) : ['mul', arg(2), constant(literal)];
  // One element has no deviation, and would divide by 0.
  const least: Expression = ['select', ['lt', count, constant(2)], constant(2), count];
  const unbiased: Expression = ['mul', arg(1), ['div', least, ['sub', least, constant(1)]]];
  const counted = named === undefined ? [] : [{ tensor: named, map: scalar(1) }];
  towards(runningVariance, unbiased, [{ tensor: variance }, ...counted]);
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
