/**
 * Lowering: the only definition of each readable operation, in primitives. Notes keep the operation's name, so that a printed
 * graph still tells where a primitive comes from.
 */
import { type Affine, identity, project } from './affine.ts';
import { type Builder, copyNode, createBuilder } from './builder.ts';
import { arg, constant, type Expression } from './expression.ts';
import type { Graph, TensorId } from './graph.ts';
import type { Operation, OperationKind } from './operations.ts';
import type { Shape } from './shape.ts';

interface MapOperand {
  readonly tensor: TensorId;
  /** The identity if left out. */
  readonly map?: Affine;
  readonly detached?: boolean;
}

/** Adds a map over `out`; operands are whole tensors unless they say otherwise. */
export function addMap(
  g: Builder,
  out: Shape,
  expression: Expression,
  operands: readonly MapOperand[],
  note?: string,
): TensorId {
  return g.add(
    {
      kind: 'map',
      operands: operands.map(({ tensor }) => tensor),
      out,
      maps: operands.map(({ map }) => map ?? identity(out.length)),
      detached: operands.flatMap(({ detached }, i) => (detached ? [i] : [])),
      expression,
    },
    note,
  );
}

/** Reduces the last axis of x. */
function reduceLast(g: Builder, op: 'sum' | 'max' | 'argmax', x: TensorId, note?: string): TensorId {
  const shape = g.nodes[x].shape;
  return g.add(
    {
      kind: 'reduce',
      op,
      operands: [x],
      out: shape.slice(0, -1),
      k: shape.slice(-1),
      maps: [identity(shape.length)],
    },
    note,
  );
}

/** Reads a tensor without the last axis of a space of the given rank: `[o0]` of `[o0,o1]`. */
const withoutLast = (rank: number): Affine => project(rank, [...Array(rank - 1).keys()]);
const scalar = (rank: number): Affine => project(rank, []);

const shifted: Expression = ['call', 'exp', ['sub', arg(0), arg(1)]];

const lowerings: {
  readonly [K in OperationKind]: (
    g: Builder,
    operation: Extract<Operation, { kind: K }>,
    operands: readonly TensorId[],
  ) => TensorId;
} = {
  dense(g, _, [x, weight, bias]) {
    const [batch, inputs] = g.nodes[x].shape;
    const out = [batch, g.nodes[weight].shape[1]];
    const product = g.add(
      {
        kind: 'contract',
        operands: [x, weight],
        out,
        k: [inputs],
        maps: [project(3, [0, 2]), project(3, [2, 1])],
      },
      'dense',
    );
    return addMap(
      g,
      out,
      ['add', arg(0), arg(1)],
      [{ tensor: product }, { tensor: bias, map: project(2, [1]) }],
    );
  },
  relu(g, _, [x]) {
    const positive: Expression = ['lt', constant(0), arg(0)];
    return addMap(g, g.nodes[x].shape, ['select', positive, arg(0), constant(0)], [{ tensor: x }], 'relu');
  },
  standardise(g, _, [x, mean, deviation]) {
    const { shape } = g.nodes[x];
    const trailing = (tensor: TensorId): MapOperand => {
      const { length } = g.nodes[tensor].shape;
      return {
        tensor,
        map: project(
          shape.length,
          Array.from({ length }, (_, axis) => axis + shape.length - length),
        ),
      };
    };
    return addMap(
      g,
      shape,
      ['div', ['sub', arg(0), arg(1)], arg(2)],
      [{ tensor: x }, trailing(mean), trailing(deviation)],
      'standardise',
    );
  },
  flatten(g, _, [x]) {
    const [batch, ...features] = g.nodes[x].shape;
    const out = [batch, (features as number[]).reduce((a, b) => a * b, 1)];
    return g.add({ kind: 'reshape', operands: [x], out }, 'flatten');
  },
  transpose(g, { axes }, [x]) {
    const { shape } = g.nodes[x];
    const inverse = shape.map((_, axis) => axes.indexOf(axis));
    return g.add(
      {
        kind: 'view',
        operands: [x],
        out: axes.map((axis) => shape[axis]),
        maps: [project(shape.length, inverse)],
      },
      'transpose',
    );
  },
  softmax(g, _, [x]) {
    const { shape } = g.nodes[x];
    const row = withoutLast(shape.length);
    const largest = reduceLast(g, 'max', x, 'softmax');
    const powers = addMap(g, shape, shifted, [{ tensor: x }, { tensor: largest, map: row, detached: true }]);
    const total = reduceLast(g, 'sum', powers);
    return addMap(g, shape, ['div', arg(0), arg(1)], [{ tensor: powers }, { tensor: total, map: row }]);
  },
  argmax: (g, _, [x]) => reduceLast(g, 'argmax', x, 'argmax'),
  crossEntropy(g, _, [logits, label, weight]) {
    const { shape } = g.nodes[logits];
    const batch = shape.slice(0, 1);
    const row = withoutLast(2);
    const largest = reduceLast(g, 'max', logits, 'crossEntropy');
    const powers = addMap(g, shape, shifted, [
      { tensor: logits },
      { tensor: largest, map: row, detached: true },
    ]);
    const total = reduceLast(g, 'sum', powers);
    const picked = addMap(
      g,
      shape,
      ['select', ['eq', ['index', 1], arg(1)], arg(0), constant(0)],
      [{ tensor: logits }, { tensor: label, map: row }],
    );
    const score = reduceLast(g, 'sum', picked);
    const weights = reduceLast(g, 'sum', weight);
    const logSumExp: Expression = ['add', ['call', 'log', arg(0)], arg(1)];
    const losses = addMap(
      g,
      batch,
      ['mul', ['sub', logSumExp, arg(2)], ['div', arg(3), arg(4)]],
      [
        { tensor: total },
        { tensor: largest, detached: true },
        { tensor: score },
        { tensor: weight },
        { tensor: weights, map: scalar(1) },
      ],
    );
    return reduceLast(g, 'sum', losses);
  },
};

/** The same graph in primitives only. Pure; parameters, states and inputs keep their order. */
export function lower(graph: Graph): Graph {
  const g = createBuilder();
  const numbers: TensorId[] = [];
  for (const node of graph.nodes) {
    const lowering = lowerings[node.kind as OperationKind] as
      | ((g: Builder, node: unknown, operands: readonly TensorId[]) => TensorId)
      | undefined;
    numbers.push(
      lowering === undefined || !('operands' in node)
        ? copyNode(g, node, (id) => numbers[id])
        : lowering(
            g,
            node,
            node.operands.map((id) => numbers[id]),
          ),
    );
  }
  for (const { name, tensor } of graph.outputs) g.output(name, numbers[tensor]);
  for (const { of, tensor } of graph.gradients) g.gradient(numbers[of], numbers[tensor]);
  for (const { target, tensor } of graph.updates) g.update(numbers[target], numbers[tensor]);
  return g.finish();
}
