/**
 * Reverse-mode differentiation, graph -> graph. Run `lower` first: derivatives exist for primitives
 * only.
 *
 * An adjoint is a tensor read through an index map, so broadcasts are never written out; the
 * adjoint 1 of the output itself is a literal. Adjoints of a tensor used several times add in
 * ascending consumer number (then operand number): the order is part of the arithmetic. Detached
 * operands stop gradients. A maximum or minimum hands its whole adjoint to the lowest position of
 * the chosen value. Integers carry no gradient: indices, argmax, argmin, comparisons and random
 * numbers are constants here. Refused with a reason when a parameter lies behind: requantise,
 * lookup, bits read as numbers, diagonals (adjoint.ts).
 */
import { MisuseError } from '@nonet/core';
import { type Affine, compose, identity, project } from '../graph/affine.ts';
import { type Builder, extendGraph } from '../graph/builder.ts';
import { addInOrder, addMap } from '../graph/emit.ts';
import {
  arg,
  constant,
  differentiateExpression,
  type Expression,
  integer,
  renumberArguments,
  usedArguments,
} from '../graph/expression.ts';
import {
  type Graph,
  isLeaf,
  leavesOf,
  outputNamed,
  type PrimitiveNode,
  type TensorId,
} from '../graph/graph.ts';
import { indexSpace, isPrimitive, type Primitive, type PrimitiveKind } from '../graph/primitives.ts';
import { rowMajorStrides, type Shape } from '../graph/shape.ts';
import {
  type Adjoint,
  asExpression,
  asOperands,
  backOf,
  finish,
  invertAffine,
  materialise,
  padBefore,
  pullBack,
  readThrough,
} from './adjoint.ts';

/** What one use of a tensor adds to its adjoint. */
export interface Contribution {
  readonly consumer: TensorId;
  readonly operand: number;
  readonly adjoint: Adjoint;
}

function refuse(found: string, hint: string): never {
  throw new MisuseError({
    code: 'differentiate.unsupported',
    expected: 'operations with a derivative between the parameters and the output',
    found,
    hint,
  });
}

/**
 * The contribution of one consumer to the adjoint of its operand number `i`; undefined where it is
 * zero.
 */
type Rule<P> = (
  g: Builder,
  primitive: P,
  output: { readonly id: TensorId; readonly shape: Shape; readonly adjoint: Adjoint },
  i: number,
  operands: readonly Shape[],
  note: string,
) => Adjoint | undefined;

const rules: { readonly [K in PrimitiveKind]: Rule<Extract<Primitive, { kind: K }>> } = {
  contract(g, primitive, { adjoint }, i, operands, note) {
    const { out } = primitive;
    const space = indexSpace(primitive);
    const inverse = invertAffine(primitive.maps[i], operands[i], space, out.length);
    const { mid, summed, back, windows } = inverse;
    const other = 1 - i;
    if (windows.some((column) => primitive.maps[other].matrix.some((row) => row[column] !== 0))) {
      refuse('a contraction in which both factors move along a window', 'Contract a view of the windows.');
    }
    const rank = mid.length + summed.length;
    const whole = { tensor: materialise(g, adjoint, out), map: identity(out.length) };
    const outer = asOperands(padBefore(g, whole, out, inverse, note))[0];
    const pair = [
      { tensor: outer.tensor, map: backOf(inverse, out.length) },
      { tensor: primitive.operands[other], map: compose(primitive.maps[other], back, rank) },
    ];
    if (i === 1) pair.reverse();
    const tensor = g.add(
      {
        kind: 'contract',
        operands: pair.map((operand) => operand.tensor),
        out: mid,
        k: summed.map((column) => space[column]),
        maps: pair.map((operand) => operand.map),
      },
      note,
    );
    return { tensor: finish(g, tensor, inverse, note), map: identity(operands[i].length) };
  },
  reduce(g, primitive, { adjoint }, _, operands, note) {
    const { out, op } = primitive;
    const space = indexSpace(primitive);
    if (op === 'sum') return pullBack(g, adjoint, out, space, primitive.maps[0], operands[0], note);
    if (op === 'argmax' || op === 'argmin') return undefined;
    const chosen = g.add({ ...primitive, op: op === 'max' ? 'argmax' : 'argmin' }, note);
    return chooseTerm(g, primitive, chosen, adjoint, operands[0], note);
  },
  map(g, primitive, { id, adjoint }, i, operands, note) {
    if (primitive.detached.includes(i)) return undefined;
    // Arguments of the derivative: the operands, then the output itself, then the adjoint.
    const count = primitive.operands.length;
    const seed = asExpression(adjoint, count + 1);
    const derivative = differentiateExpression(primitive.expression, i, seed, arg(count));
    if (derivative === undefined) return undefined;
    const { out } = primitive;
    if (derivative === seed) return pullBack(g, adjoint, out, out, primitive.maps[i], operands[i], note);
    const used = usedArguments(derivative);
    const order = [...used.filter((index) => index > count), ...used.filter((index) => index <= count)];
    const sources = order.map((index) => {
      if (index > count) return asOperands(adjoint)[0];
      if (index === count) return { tensor: id };
      return { tensor: primitive.operands[index], map: primitive.maps[index] };
    });
    const expression = renumberArguments(derivative, (index) => order.indexOf(index));
    const product: Adjoint = { tensor: addMap(g, out, expression, sources, note), map: identity(out.length) };
    return pullBack(g, product, out, out, primitive.maps[i], operands[i], note);
  },
  view: (g, { out, maps }, { adjoint }, _, operands, note) =>
    pullBack(g, adjoint, out, out, maps[0], operands[0], note),
  reshape(g, primitive, { adjoint }, _, operands, note) {
    const tensor = materialise(g, adjoint, primitive.out);
    return {
      tensor: g.add({ kind: 'reshape', operands: [tensor], out: operands[0] }, note),
      map: identity(operands[0].length),
    };
  },
  pad(_, { low, interior }, { adjoint }, __, [{ length }]) {
    const { matrix } = identity(length);
    const steps = matrix.map((row, axis) => row.map((factor) => factor * (interior[axis] + 1)));
    return readThrough(adjoint, { matrix: steps, offset: low }, length);
  },
  concat(_, { axis }, { adjoint }, i, operands) {
    const start = operands.slice(0, i).reduce((total, shape) => total + (shape[axis] as number), 0);
    const { matrix, offset } = identity(operands[i].length);
    return readThrough(adjoint, { matrix, offset: offset.with(axis, start) }, offset.length);
  },
  gather(g, { axis, operands: [, index] }, { shape, adjoint }, i, [data], note) {
    if (i === 1) return undefined;
    const source = materialise(g, adjoint, shape);
    const tensor = g.add({ kind: 'scatterAdd', operands: [source, index], axis, size: data[axis] }, note);
    return { tensor, map: identity(data.length) };
  },
  scatterAdd(g, { axis, operands: [, index] }, { shape, adjoint }, i, [source], note) {
    if (i === 1) return undefined;
    const data = materialise(g, adjoint, shape);
    return {
      tensor: g.add({ kind: 'gather', operands: [data, index], axis }, note),
      map: identity(source.length),
    };
  },
  random: () => undefined,
  requantise: () => refuse('requantise, which rounds', 'Train before quantising.'),
  lookup: () => refuse('lookup, whose table is not a function of real numbers', 'Train before quantising.'),
};

/**
 * The adjoint of what a maximum or minimum chose: all of it to the lowest position of the chosen
 * value, `chosen` in (k).
 */
function chooseTerm(
  g: Builder,
  primitive: Extract<Primitive, { kind: 'reduce' }>,
  chosen: TensorId,
  adjoint: Adjoint,
  operand: Shape,
  note: string,
): Adjoint {
  const { out, k } = primitive;
  if (k.slice(1).some((extent) => typeof extent === 'string')) {
    refuse('a maximum over a named axis that is not the first', 'Bind the graph before differentiating.');
  }
  const space = indexSpace(primitive);
  const strides = rowMajorStrides(k.map((extent) => (typeof extent === 'string' ? 1 : extent)));
  const select = (shape: Shape, columns: readonly number[], reads: Affine): TensorId => {
    const flat = strides
      .map((stride, axis): Expression => scaled(['index', columns[out.length + axis]], stride))
      .reduce<Expression | undefined>((a, b) => (a === undefined ? b : ['add', a, b]), undefined);
    const operands = [
      { tensor: chosen, map: reads },
      ...asOperands(readThrough(adjoint, reads, shape.length)),
    ];
    const hit: Expression = ['eq', arg(0), flat ?? integer(0)];
    return addMap(g, shape, ['select', hit, asExpression(adjoint, 1), constant(0)], operands, note);
  };
  const inverse = invertAffine(primitive.maps[0], operand, space, space.length);
  // Where every term is read once, the choice is made in the order of the operand.
  if (inverse.summed.length === 0 && inverse.windows.length === 0) {
    const columns = space.map((_, column) => inverse.back.matrix[column].indexOf(1));
    const tensor = select(inverse.mid, columns, backOf(inverse, out.length));
    return { tensor: finish(g, tensor, inverse, note), map: identity(operand.length) };
  }
  const everywhere = select(space, [...space.keys()], project(space.length, [...out.keys()]));
  const whole: Adjoint = { tensor: everywhere, map: identity(space.length) };
  return pullBack(g, whole, space, space, primitive.maps[0], operand, note);
}

const scaled = (e: Expression, factor: number): Expression =>
  factor === 1 ? e : ['mul', e, integer(factor)];

/** Adds the contributions in ascending order of consumer and operand: ((c1 + c2) + c3) + ... */
export function total(
  g: Builder,
  contributions: readonly Contribution[],
  shape: Shape,
  note: string,
): Adjoint {
  const ordered = contributions.toSorted((a, b) => a.consumer - b.consumer || a.operand - b.operand);
  if (ordered.length === 1) return ordered[0].adjoint;
  if (ordered.length > 32) {
    const terms = ordered.map(({ adjoint }) => ({ tensor: materialise(g, adjoint, shape) }));
    return { tensor: addInOrder(g, shape, terms, note), map: identity(shape.length) };
  }
  const operands = ordered.flatMap(({ adjoint }) => asOperands(adjoint));
  let next = 0;
  const sum = ordered
    .map(({ adjoint }) => asExpression(adjoint, 'tensor' in adjoint ? next++ : 0))
    .reduce((a, b): Expression => ['add', a, b]);
  return { tensor: addMap(g, shape, sum, operands, note), map: identity(shape.length) };
}

/** One reading of a tensor by a consumer: what its adjoint is made from. */
export interface Use {
  readonly consumer: TensorId;
  /** Which of the consumer's operands. */
  readonly operand: number;
  /** Of the consumer's output. */
  readonly adjoint: Adjoint;
}

/** What a use contributes to the adjoint of the operand; undefined where that is zero. */
export function contributionOf(
  g: Builder,
  node: PrimitiveNode,
  { consumer, operand, adjoint }: Use,
  shapes: readonly Shape[],
  note: string,
): Adjoint | undefined {
  const rule = rules[node.kind] as Rule<Primitive>;
  return rule(g, node, { id: consumer, shape: node.shape, adjoint }, operand, shapes, note);
}

/**
 * Adds the adjoints of all tensors between the parameters and `root`, whose own adjoint is 1
 * everywhere, consumers first. `stop` may claim a use; nothing then flows through it.
 */
export function propagate(
  g: Builder,
  graph: Graph,
  root: TensorId,
  stop: (use: Use) => boolean = () => false,
): ReadonlyMap<TensorId, Adjoint> {
  const behind = behindParameters(graph);
  const contributions = new Map<TensorId, Contribution[]>([
    [root, [{ consumer: root, operand: 0, adjoint: { literal: 1 } }]],
  ]);
  const notes = adjointNotes(graph);
  const adjoints = new Map<TensorId, Adjoint>();
  for (let id = root; id >= 0; id--) {
    const node = graph.nodes[id];
    const mine = contributions.get(id);
    if (mine === undefined || !behind.has(id)) continue;
    const adjoint = total(g, mine, node.shape, notes[id]);
    adjoints.set(id, adjoint);
    if (isLeaf(node)) continue;
    if (!isPrimitive(node)) {
      throw new MisuseError({
        code: 'differentiate.notLowered',
        expected: 'a graph of primitives',
        found: `the operation ${node.kind}`,
        hint: 'Call lower(graph) first.',
      });
    }
    const shapes = node.operands.map((operand) => graph.nodes[operand].shape);
    for (const [i, operand] of node.operands.entries()) {
      if (!behind.has(operand)) continue;
      const use = { consumer: id, operand: i, adjoint };
      if (stop(use)) continue;
      const part = contributionOf(g, node, use, shapes, notes[operand]);
      if (part === undefined) continue;
      const known = contributions.get(operand) ?? [];
      contributions.set(operand, [...known, { consumer: id, operand: i, adjoint: part }]);
    }
  }
  return adjoints;
}

/**
 * Adds the derivative of the scalar output called `output` with respect to every parameter, as
 * `graph.gradients`. Other outputs stay. Throws `differentiate.notLowered`,
 * `differentiate.notScalar`, `differentiate.unsupported`, or `differentiate.unused` if a parameter
 * does not influence the output.
 */
export function differentiate(graph: Graph, output: string): Graph {
  const root = outputNamed(graph, output);
  if (graph.nodes[root].shape.length > 0 || graph.nodes[root].dtype !== 'f32') {
    throw new MisuseError({
      code: 'differentiate.notScalar',
      expected: `${output} to be f32[]`,
      found: `${graph.nodes[root].dtype}[${graph.nodes[root].shape.join(',')}]`,
    });
  }
  const g = extendGraph(graph);
  const parameters = leavesOf(graph, 'parameter');
  const gradients = propagate(g, graph, root);
  for (const { id, name, shape } of parameters) {
    const adjoint = gradients.get(id);
    // What an update gives its value needs no gradient: running statistics.
    if (adjoint === undefined && graph.updates.some(({ target }) => target === id)) continue;
    if (adjoint === undefined) {
      throw new MisuseError({
        code: 'differentiate.unused',
        expected: `every parameter to influence ${output}`,
        found: `${name}, which does not`,
      });
    }
    g.gradient(id, materialise(g, adjoint, shape));
  }
  return g.finish();
}

/** The parameters, and all that they influence. */
export function behindParameters(graph: Graph): ReadonlySet<TensorId> {
  const reached = new Set(leavesOf(graph, 'parameter').map(({ id }) => id));
  for (const [id, node] of graph.nodes.entries()) {
    if (!isLeaf(node) && node.operands.some((operand) => reached.has(operand))) reached.add(id);
  }
  return reached;
}

/**
 * What the adjoint of each tensor is noted as: `d x` of a leaf, `d%3` of another by its printed
 * number.
 */
export function adjointNotes(graph: Graph): readonly string[] {
  let inner = 0;
  return graph.nodes.map((node) => {
    if (!isLeaf(node)) return `d%${inner++}`;
    return `d ${'name' in node ? node.name : 'constant'}`;
  });
}
