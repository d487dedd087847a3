/**
 * Reverse-mode differentiation, graph -> graph. Run `lower` first: derivatives exist for primitives only.
 *
 * An adjoint is a tensor read through an index map, so broadcasts are never written out; the adjoint 1 of the output itself is a
 * literal. Adjoints of a tensor used several times add in ascending consumer number (then operand number): the order is part of
 * the arithmetic. Detached operands stop gradients. Not differentiable, and refused when a parameter lies behind: max and argmax.
 */
import { MisuseError } from '@nonet/core';
import { type Affine, compose, identity, project, projectedColumns } from './affine.ts';
import { type Builder, extendGraph } from './builder.ts';
import {
  arg,
  constant,
  differentiateExpression,
  type Expression,
  renumberArguments,
  usedArguments,
} from './expression.ts';
import { type Graph, isLeaf, leavesOf, outputNamed, type TensorId } from './graph.ts';
import { addMap } from './lower.ts';
import { indexSpace, isPrimitive, type Primitive, type PrimitiveKind } from './primitives.ts';
import type { Shape } from './shape.ts';

type Adjoint = { readonly tensor: TensorId; readonly map: Affine } | { readonly literal: 1 };

interface Contribution {
  readonly consumer: TensorId;
  readonly operand: number;
  readonly adjoint: Adjoint;
}

/** The adjoint as a value inside a map over its own tensor's shape: an argument, or the literal. */
function asExpression(adjoint: Adjoint, index: number): Expression {
  return 'tensor' in adjoint ? arg(index) : constant(1);
}

function asOperands(adjoint: Adjoint): readonly { tensor: TensorId; map: Affine }[] {
  return 'tensor' in adjoint ? [adjoint] : [];
}

/** The adjoint as a tensor of the given shape, written out if it is a broadcast. */
function materialise(g: Builder, adjoint: Adjoint, shape: Shape): TensorId {
  if ('tensor' in adjoint && JSON.stringify(adjoint.map) === JSON.stringify(identity(shape.length))) {
    return adjoint.tensor;
  }
  return addMap(g, shape, asExpression(adjoint, 0), asOperands(adjoint), 'broadcast');
}

function projection(map: Affine, operand: Shape, space: Shape): readonly (number | undefined)[] {
  const columns = projectedColumns(map, operand, space);
  if (columns !== undefined) return columns;
  throw new MisuseError({
    code: 'differentiate.unsupported',
    expected: 'operands read whole, permuted or broadcast',
    found: `the index map ${JSON.stringify(map)}`,
    hint: 'The derivative of a slice or stride is a padding, which is not among the primitives yet.',
  });
}

/**
 * From an adjoint over an index space to the adjoint of the operand read there through `map`: axes of the space that the
 * operand lacks are summed, row-major.
 */
function pullBack(
  g: Builder,
  adjoint: Adjoint,
  space: Shape,
  map: Affine,
  operand: Shape,
  note: string,
): Adjoint {
  const columns = projection(map, operand, space);
  const missing = [...space.keys()].filter((column) => !columns.includes(column));
  // (operand index, missing index) -> index in the space
  const rank = operand.length + missing.length;
  const back = project(
    rank,
    space.map((_, column) =>
      columns.includes(column) ? columns.indexOf(column) : operand.length + missing.indexOf(column),
    ),
  );
  if (missing.length === 0) {
    return 'tensor' in adjoint ? { tensor: adjoint.tensor, map: compose(adjoint.map, back, rank) } : adjoint;
  }
  const source =
    'tensor' in adjoint ? adjoint : { tensor: materialise(g, adjoint, space), map: identity(space.length) };
  const tensor = g.add(
    {
      kind: 'reduce',
      op: 'sum',
      operands: [source.tensor],
      out: operand,
      k: missing.map((column) => space[column]),
      maps: [compose(source.map, back, rank)],
    },
    note,
  );
  return { tensor, map: identity(operand.length) };
}

/** The contribution of one consumer to the adjoint of its operand number `i`; undefined where it is zero. */
type Rule<P> = (
  g: Builder,
  primitive: P,
  output: { readonly id: TensorId; readonly adjoint: Adjoint },
  i: number,
  operands: readonly Shape[],
  note: string,
) => Adjoint | undefined;

const rules: { readonly [K in PrimitiveKind]: Rule<Extract<Primitive, { kind: K }>> } = {
  contract(g, primitive, { adjoint }, i, operands, note) {
    const space = indexSpace(primitive);
    const columns = projection(primitive.maps[i], operands[i], space);
    const summed = [...space.keys()].filter((column) => !columns.includes(column));
    const rank = operands[i].length + summed.length;
    const back = project(
      rank,
      space.map((_, column) =>
        columns.includes(column) ? columns.indexOf(column) : operands[i].length + summed.indexOf(column),
      ),
    );
    const outer = materialise(g, adjoint, primitive.out);
    const outerMap = {
      matrix: back.matrix.slice(0, primitive.out.length),
      offset: back.offset.slice(0, primitive.out.length),
    };
    const other = 1 - i;
    const pair = [
      { tensor: outer, map: outerMap },
      { tensor: primitive.operands[other], map: compose(primitive.maps[other], back, rank) },
    ];
    if (i === 1) pair.reverse();
    const tensor = g.add(
      {
        kind: 'contract',
        operands: pair.map((operand) => operand.tensor),
        out: operands[i],
        k: summed.map((column) => space[column]),
        maps: pair.map((operand) => operand.map),
      },
      note,
    );
    return { tensor, map: identity(operands[i].length) };
  },
  reduce(g, primitive, { adjoint }, _, operands, note) {
    if (primitive.op !== 'sum') {
      throw new MisuseError({
        code: 'differentiate.unsupported',
        expected: 'operations with a derivative between the parameters and the output',
        found: `reduce ${primitive.op}`,
        hint: 'Detach it, as softmax does with its maximum.',
      });
    }
    const space = indexSpace(primitive);
    const keep = project(space.length, [...primitive.out.keys()]);
    const spread =
      'tensor' in adjoint
        ? { tensor: adjoint.tensor, map: compose(adjoint.map, keep, space.length) }
        : adjoint;
    return pullBack(g, spread, space, primitive.maps[0], operands[0], note);
  },
  map(g, primitive, { id, adjoint }, i, operands, note) {
    if (primitive.detached.includes(i)) return undefined;
    // Arguments of the derivative: the operands, then the output itself, then the adjoint.
    const count = primitive.operands.length;
    const seed = asExpression(adjoint, count + 1);
    const derivative = differentiateExpression(primitive.expression, i, seed, arg(count));
    if (derivative === undefined) return undefined;
    const { out } = primitive;
    if (derivative === seed) return pullBack(g, adjoint, out, primitive.maps[i], operands[i], note);
    const used = usedArguments(derivative);
    const order = [...used.filter((index) => index > count), ...used.filter((index) => index <= count)];
    const sources = order.map((index) => {
      if (index > count) return asOperands(adjoint)[0];
      if (index === count) return { tensor: id };
      return { tensor: primitive.operands[index], map: primitive.maps[index] };
    });
    const expression = renumberArguments(derivative, (index) => order.indexOf(index));
    const tensor = addMap(g, out, expression, sources, note);
    return pullBack(g, { tensor, map: identity(out.length) }, out, primitive.maps[i], operands[i], note);
  },
  view: (g, primitive, { adjoint }, _, operands, note) =>
    pullBack(g, adjoint, primitive.out, primitive.maps[0], operands[0], note),
  reshape(g, primitive, { adjoint }, _, operands, note) {
    const tensor = materialise(g, adjoint, primitive.out);
    return {
      tensor: g.add({ kind: 'reshape', operands: [tensor], out: operands[0] }, note),
      map: identity(operands[0].length),
    };
  },
};

/** Adds the contributions in ascending order of consumer and operand: ((c1 + c2) + c3) + ... */
function total(g: Builder, contributions: readonly Contribution[], shape: Shape, note: string): Adjoint {
  const ordered = contributions.toSorted((a, b) => a.consumer - b.consumer || a.operand - b.operand);
  if (ordered.length === 1) return ordered[0].adjoint;
  const operands = ordered.flatMap(({ adjoint }) => asOperands(adjoint));
  let next = 0;
  const sum = ordered
    .map(({ adjoint }) => asExpression(adjoint, 'tensor' in adjoint ? next++ : 0))
    .reduce((a, b): Expression => ['add', a, b]);
  return { tensor: addMap(g, shape, sum, operands, note), map: identity(shape.length) };
}

/**
 * Adds the derivative of the scalar output called `output` with respect to every parameter, as `graph.gradients`. Other
 * outputs stay. Throws `differentiate.notLowered`, `differentiate.notScalar`, `differentiate.unsupported`, or
 * `differentiate.unused` if a parameter does not influence the output.
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
  const behind = dependsOn(graph, new Set(parameters.map(({ id }) => id)));
  const contributions = new Map<TensorId, Contribution[]>([
    [root, [{ consumer: root, operand: 0, adjoint: { literal: 1 } }]],
  ]);
  const notes = printedNames(graph).map((name) => (name.startsWith('%') ? `d${name}` : `d ${name}`));
  const gradients = new Map<TensorId, Adjoint>();
  for (let id = root; id >= 0; id--) {
    const node = graph.nodes[id];
    const mine = contributions.get(id);
    if (mine === undefined || !behind.has(id)) continue;
    const adjoint = total(g, mine, node.shape, notes[id]);
    gradients.set(id, adjoint);
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
    const rule = rules[node.kind] as Rule<Primitive>;
    for (const [i, operand] of node.operands.entries()) {
      if (!behind.has(operand)) continue;
      const part = rule(g, node, { id, adjoint }, i, shapes, notes[operand]);
      if (part === undefined) continue;
      const known = contributions.get(operand) ?? [];
      contributions.set(operand, [...known, { consumer: id, operand: i, adjoint: part }]);
    }
  }
  for (const { id, name, shape } of parameters) {
    const adjoint = gradients.get(id);
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

/** The nodes that a change of one of `sources` can reach. */
function dependsOn(graph: Graph, sources: ReadonlySet<TensorId>): ReadonlySet<TensorId> {
  const reached = new Set(sources);
  for (const [id, node] of graph.nodes.entries()) {
    if (!isLeaf(node) && node.operands.some((operand) => reached.has(operand))) reached.add(id);
  }
  return reached;
}

/** As printed: leaves by name, other tensors by their number among the inner nodes. */
function printedNames(graph: Graph): readonly string[] {
  let inner = 0;
  return graph.nodes.map((node) =>
    isLeaf(node) ? ('name' in node ? node.name : 'constant') : `%${inner++}`,
  );
}
