/**
 * Norms of per-example gradients, and the sum of per-example gradients clipped to a norm, graph ->
 * graph, without writing the per-example gradients out where that is the larger thing: what
 * differentially private training adds noise to.
 *
 * Sources: Goodfellow 2015, "Efficient per-example gradient computations" (norms of dense layers);
 * Li et al. 2022, "Large language models can be strong differentially private learners" (sequences,
 * ghost norms); Bu et al. 2022, "Differentially private optimization on large model at small cost"
 * (one backward pass, then the weighted sums from its adjoints). The steps:
 *
 * 1. Check that no tensor between parameters and losses mixes examples: each has the batch as one
 *    axis, and nothing reduces over it.
 * 2. Propagate the adjoints of the sum of the losses. As nothing mixes, the adjoint of a tensor at
 *    example b is the derivative of loss b alone.
 * 3. For each use of a parameter, the squared norm of its per-example gradient G_b = sum over
 *    positions s of a_bs g_bs^T:
 *    - a contraction, as sum over (s,s') of (a_bs . a_bs') (g_bs . g_bs') if that is smaller than
 *      G, else from G;
 *    - a table read by index, as sum over (s,s') with equal indices of g_bs . g_bs';
 *    - anything else (bias, scale, shift, positions) from G, which is no larger than the
 *      activations.
 * 4. norm_b = sqrt of the sum over parameters, in ascending order; factor_b = w_b min(1, C /
 *    norm_b).
 * 5. The gradient of each parameter from the same adjoints times factor_b: one contraction, no
 *    second pass.
 *
 * In exact arithmetic removing one example changes the sum by at most C. Norms and sums are f32: a
 * norm of n squares is off by at most n 2^-24 of itself where it is a sum of squares (dense layers,
 * biases), and by that much of the sum of absolute terms in the Gram form, where terms can cancel.
 * The tests hold the change below C (1 + 2^-10). Of data that an attacker chose that is no bound;
 * `rigorous` gives one: a parameter that an example meets at several positions, or in several uses,
 * gets its per-example gradient written out, and norm and sum are both taken from that. Then every
 * norm is a root of a sum of squares of what is added, and only the roundings of
 * docs/specs/dp.md §7.1 are left. An example may then have a norm that is not finite; what it adds
 * is for the caller to leave out.
 *
 * Refused with a reason: operations that mix examples (batchNorm in training), and parameters that
 * are transformed, other than reshaped or permuted, before they meet the examples.
 */
import { MisuseError } from '@nonet/core';
import { type Affine, compose, identity, project, projectedColumns } from '../graph/affine.ts';
import { type Builder, extendGraph } from '../graph/builder.ts';
import { addInOrder, addMap } from '../graph/emit.ts';
import { arg, constant, type Expression } from '../graph/expression.ts';
import {
  type Graph,
  isLeaf,
  leavesOf,
  outputNamed,
  type PrimitiveNode,
  type TensorId,
} from '../graph/graph.ts';
import { indexSpace } from '../graph/primitives.ts';
import type { Shape } from '../graph/shape.ts';
import { type Adjoint, asExpression, asOperands, invertAffine, materialise } from './adjoint.ts';
import {
  adjointNotes,
  behindParameters,
  type Contribution,
  contributionOf,
  propagate,
  total,
  type Use,
} from './differentiate.ts';
import { lower } from './lower.ts';

function refuse(expected: string, found: string, hint?: string): never {
  throw new MisuseError({
    code: 'exampleGradients.unsupported',
    expected,
    found,
    ...(hint === undefined ? {} : { hint }),
  });
}

/**
 * A use of a parameter by the examples; `carriers` are the reshaped or permuted forms between the
 * two, nearest the parameter first.
 */
interface ParameterUse {
  readonly use: Use;
  readonly carriers: readonly TensorId[];
}

interface Analysis {
  readonly graph: Graph;
  readonly losses: TensorId;
  /** The name of the batch extent. */
  readonly batch: string;
  readonly behind: ReadonlySet<TensorId>;
}

const hasBatch = ({ graph, batch }: Analysis, id: TensorId) =>
  (graph.nodes[id].shape as Shape).includes(batch);

/** Step 1. */
function analyse(source: Graph): Analysis {
  const graph = lower(source);
  const losses = outputNamed(graph, 'losses');
  const { dtype, shape } = graph.nodes[losses];
  const [batch] = shape;
  if (dtype !== 'f32' || shape.length !== 1 || typeof batch !== 'string') {
    refuse('an unbound output losses f32[B]', `${dtype}[${shape.join(',')}]`, 'Bind B afterwards.');
  }
  const analysis = { graph, losses, batch: batch as string, behind: behindParameters(graph) };
  for (const id of analysis.behind) assertSeparate(analysis, id);
  return analysis;
}

function assertSeparate(analysis: Analysis, id: TensorId) {
  const { graph, batch, behind } = analysis;
  const node = graph.nodes[id];
  if (isLeaf(node)) return;
  const primitive = node as PrimitiveNode;
  const of = `node ${id}, ${node.kind}${node.note === undefined ? '' : ` "${node.note}"`}`;
  const mixing = (found: string) =>
    refuse('operations that keep examples apart', `${of}, ${found}`, 'Use layerNorm in place of batchNorm.');
  const read = primitive.operands.filter((operand) => behind.has(operand) && hasBatch(analysis, operand));
  const count = node.shape.filter((extent) => extent === batch).length;
  if (count > 1) mixing('which pairs examples with one another');
  if ('k' in primitive && primitive.k.includes(batch) && count + read.length > 0)
    mixing('which sums over them');
  if (read.length > 0 && count === 0) mixing('whose result no longer tells them apart');
  if (primitive.kind === 'reshape' && read.length > 0) {
    const before = (shape: Shape) =>
      shape.slice(0, shape.indexOf(batch)).reduce<number>((n, extent) => n * Number(extent), 1);
    if (before(node.shape) !== before(graph.nodes[read[0]].shape)) mixing('which reorders them');
  }
}

/** Step 2: the uses of each parameter, consumers first. */
function findUses(g: Builder, analysis: Analysis): ReadonlyMap<TensorId, readonly ParameterUse[]> {
  const { graph, losses } = analysis;
  const uses = new Map<TensorId, ParameterUse[]>();
  propagate(g, graph, losses, (use) => {
    const tensor = (graph.nodes[use.consumer] as PrimitiveNode).operands[use.operand];
    if (hasBatch(analysis, tensor)) return false;
    const carriers = carriersOf(analysis, tensor);
    const [parameter] = carriers;
    uses.set(parameter, [...(uses.get(parameter) ?? []), { use, carriers }]);
    return true;
  });
  for (const { id, name } of leavesOf(graph, 'parameter')) {
    if (!uses.has(id)) refuse('every parameter to influence the losses', `${name}, which does not`);
  }
  return uses;
}

/** From the parameter to a tensor without examples that is a form of it. */
function carriersOf({ graph }: Analysis, tensor: TensorId): readonly TensorId[] {
  const chain: TensorId[] = [];
  for (let id = tensor; ; ) {
    chain.unshift(id);
    const node = graph.nodes[id];
    if (isLeaf(node)) return chain;
    const primitive = node as PrimitiveNode;
    const [operand] = primitive.operands;
    const permuted =
      primitive.kind === 'view' &&
      projectedColumns(primitive.maps[0], graph.nodes[operand].shape, primitive.out)?.length ===
        primitive.out.length;
    if (primitive.kind !== 'reshape' && !permuted) {
      refuse(
        'parameters that meet the examples as they are, reshaped or permuted',
        `node ${id}, ${node.kind}`,
      );
    }
    id = operand;
  }
}

/**
 * The use as if the parameter had an axis of examples: its contribution then is the per-example
 * gradient, (B, ...shape).
 */
function exampleGradient(g: Builder, analysis: Analysis, { use }: ParameterUse, note: string): TensorId {
  const { graph, batch } = analysis;
  const node = graph.nodes[use.consumer] as PrimitiveNode;
  const shape = graph.nodes[node.operands[use.operand]].shape;
  if (!('maps' in node))
    return refuse('parameters read by affine maps or as tables', `node ${use.consumer}, ${node.kind}`);
  const space = indexSpace(node);
  const own = node.maps[use.operand];
  const column = space.indexOf(batch);
  const extended: Affine = {
    matrix: [space.map((_, axis) => (axis === column ? 1 : 0)), ...own.matrix],
    offset: [0, ...own.offset],
  };
  const wide = { ...node, maps: node.maps.with(use.operand, extended) } as PrimitiveNode;
  const shapes = node.operands.map((operand, i) =>
    i === use.operand ? [batch, ...shape] : graph.nodes[operand].shape,
  );
  const contribution = contributionOf(g, wide, use, shapes, note);
  if (contribution === undefined)
    return refuse('parameters with a gradient', `node ${use.consumer}, ${node.kind}`);
  return materialise(g, contribution, [batch, ...shape]);
}

/** Sum of squares of each example. */
function squaredNorm(g: Builder, tensor: TensorId): TensorId {
  const [batch, ...rest] = g.nodes[tensor].shape;
  const map = identity(rest.length + 1);
  return g.add(
    { kind: 'contract', operands: [tensor, tensor], out: [batch], k: rest, maps: [map, map] },
    'norms',
  );
}

const size = (extents: Shape): number =>
  extents.reduce<number>(
    (n, extent) => n * (typeof extent === 'number' ? extent : Number.POSITIVE_INFINITY),
    1,
  );

/** Step 3. */
function squaredNormOfUse(
  g: Builder,
  analysis: Analysis,
  parameterUse: ParameterUse,
  note: string,
  factors: TensorId[] = [],
): TensorId {
  const { graph } = analysis;
  const { use } = parameterUse;
  const node = graph.nodes[use.consumer] as PrimitiveNode;
  if (node.kind === 'gather' && use.operand === 0) return tableNorm(g, analysis, node, use);
  const gram = node.kind === 'contract' ? gramNorm(g, analysis, node, use, factors) : undefined;
  return gram ?? squaredNorm(g, exampleGradient(g, analysis, parameterUse, note));
}

/** sum over positions (s,s') that read the same row of (adjoint of s) . (adjoint of s'). */
function tableNorm(
  g: Builder,
  { graph, batch }: Analysis,
  node: Extract<PrimitiveNode, { kind: 'gather' }>,
  { adjoint }: Use,
): TensorId {
  const [, index] = node.operands;
  const [examples, ...positions] = graph.nodes[index].shape;
  if (node.axis !== 0 || examples !== batch)
    refuse('tables read along axis 0 by an index of each example', 'another gather');
  const width = node.shape.slice(1 + positions.length);
  const out: Shape = [batch, ...positions, ...positions];
  const n = positions.length;
  const first = [0, ...Array.from({ length: n }, (_, i) => 1 + i)];
  const second = [0, ...Array.from({ length: n }, (_, i) => 1 + n + i)];
  const rank = out.length + width.length;
  const features = Array.from({ length: width.length }, (_, i) => out.length + i);
  const rows = materialise(g, adjoint, node.shape);
  const products = g.add(
    {
      kind: 'contract',
      operands: [rows, rows],
      out,
      k: width,
      maps: [project(rank, [...first, ...features]), project(rank, [...second, ...features])],
    },
    'norms',
  );
  const same = addMap(
    g,
    out,
    ['select', ['eq', arg(1), arg(2)], arg(0), constant(0)],
    [
      { tensor: products },
      { tensor: index, map: project(out.length, first) },
      { tensor: index, map: project(out.length, second) },
    ],
  );
  if (n === 0) return same;
  const k = out.slice(1);
  return g.add({
    kind: 'reduce',
    op: 'sum',
    operands: [same],
    out: [batch],
    k,
    maps: [identity(out.length)],
  });
}

/**
 * The Gram form for a contraction; undefined where the per-example gradient is smaller, or the
 * parameter is read in windows. `factors` receives both squared norms (B) of a single position.
 */
function gramNorm(
  g: Builder,
  { graph, batch }: Analysis,
  node: Extract<PrimitiveNode, { kind: 'contract' }>,
  { operand, adjoint }: Use,
  factors: TensorId[],
): TensorId | undefined {
  const space = indexSpace(node);
  const rank = node.out.length;
  const parameter = graph.nodes[node.operands[operand]];
  const { rows, summed } = invertAffine(node.maps[operand], parameter.shape, space, rank);
  const other = node.maps[1 - operand];
  const isRead = (column: number) => other.matrix.some((row) => row[column] !== 0);
  const columns = rows.flatMap((row) => (row.kind === 'copy' ? [row.column] : []));
  const positions = summed.filter((column) => space[column] !== batch);
  if (columns.length !== rows.length || positions.some((column) => column >= rank)) return undefined;
  const extents = (of: readonly number[]): Shape => of.map((column) => space[column]);
  if (size(extents(positions)) ** 2 > size(parameter.shape)) return undefined;
  // A column of the parameter is read by the adjoint, by the other factor, or by both (groups).
  const shared = columns.filter((column) => column < rank && isRead(column));
  const left = columns.filter((column) => column < rank && !isRead(column));
  const right = columns.filter((column) => column >= rank);
  const out = [space.indexOf(batch), ...shared, ...positions];
  const outExtents = [...extents(out), ...extents(positions)];
  const dots = (tensor: TensorId, map: Affine, terms: readonly number[]): TensorId => {
    const width = outExtents.length + terms.length;
    const read = (copy: 0 | 1): Affine => {
      const place = (column: number): number => {
        const position = positions.indexOf(column);
        if (position >= 0) return 1 + shared.length + copy * positions.length + position;
        const at = out.indexOf(column);
        return at >= 0 ? at : outExtents.length + terms.indexOf(column);
      };
      const back = project(
        width,
        [...space.keys()].map((column) =>
          terms.includes(column) || out.includes(column) ? place(column) : -1,
        ),
      );
      return compose(map, back, width);
    };
    return g.add(
      {
        kind: 'contract',
        operands: [tensor, tensor],
        out: outExtents,
        k: extents(terms),
        maps: [read(0), read(1)],
      },
      'norms',
    );
  };
  const whole = project(space.length, [...Array(rank).keys()]);
  const gradients = dots(materialise(g, adjoint, node.out), whole, left);
  const activations = dots(node.operands[1 - operand], other, right);
  if (outExtents.length === 1) factors.push(gradients, activations);
  const map = identity(outExtents.length);
  return g.add({
    kind: 'contract',
    operands: [activations, gradients],
    out: [batch],
    k: outExtents.slice(1),
    maps: [map, map],
  });
}

interface Clipping {
  readonly g: Builder;
  readonly analysis: Analysis;
  readonly uses: ReadonlyMap<TensorId, readonly ParameterUse[]>;
  readonly norms: TensorId;
  /** Per-example gradients (B, ...shape) that the sum is to be taken from, by parameter. */
  readonly written: ReadonlyMap<TensorId, TensorId>;
}

/**
 * Squared factors above 2^64 give the norm Infinity. A norm of at least 2^-16 then has squared
 * factors of at least 2^-96, of which f32 loses nothing that counts: of a large and a tiny factor,
 * the tiny one's squares would be lost, and with them the norm.
 */
function refuseUnequal(g: Builder, batch: string, norms: TensorId, factors: readonly TensorId[]): TensorId {
  const most = addInOrder(
    g,
    [batch],
    factors.map((tensor) => ({ tensor })),
  );
  const large: Expression = ['lt', constant(2 ** 64), arg(1)];
  return addMap(
    g,
    [batch],
    ['select', large, constant(Number.POSITIVE_INFINITY), arg(0)],
    [{ tensor: norms }, { tensor: most }],
    'norms',
  );
}

/** Whether the adjoints of one example add up before they are the gradient of the parameter. */
function addsPositions({ graph, batch }: Analysis, { operand, consumer }: Use): boolean {
  const node = graph.nodes[consumer] as PrimitiveNode;
  if (!('maps' in node)) return true;
  const space = indexSpace(node);
  const { shape } = graph.nodes[node.operands[operand]];
  const { summed } = invertAffine(node.maps[operand], shape, space, node.shape.length);
  return summed.some((column) => space[column] !== batch);
}

/** Steps 1 to 4, with the output `norms`. */
function findNorms(source: Graph, rigorous: boolean): Clipping {
  const analysis = analyse(source);
  const { graph, batch } = analysis;
  const g = extendGraph(graph);
  const uses = findUses(g, analysis);
  const notes = adjointNotes(graph);
  const written = new Map<TensorId, TensorId>();
  const factors: TensorId[] = [];
  const squares = leavesOf(graph, 'parameter').map(({ id, shape, name }) => {
    const mine = uses.get(id)!;
    if (mine.length === 1) {
      if (!rigorous) return squaredNormOfUse(g, analysis, mine[0], notes[id]);
      if (!addsPositions(analysis, mine[0].use))
        return squaredNormOfUse(g, analysis, mine[0], notes[id], factors);
      const gradient = exampleGradient(g, analysis, mine[0], notes[id]);
      written.set(id, gradient);
      return squaredNorm(g, gradient);
    }
    // The uses of one parameter add up before their norm is taken.
    if (mine.some(({ carriers }) => carriers.length > 1)) {
      refuse('a parameter used several times as it is', `${name}, which is reshaped as well`);
    }
    const parts = mine.map(
      (parameterUse): Contribution => ({
        ...parameterUse.use,
        adjoint: {
          tensor: exampleGradient(g, analysis, parameterUse, notes[id]),
          map: identity(shape.length + 1),
        },
      }),
    );
    const gradient = materialise(g, total(g, parts, [batch, ...shape], notes[id]), [batch, ...shape]);
    if (rigorous) written.set(id, gradient);
    return squaredNorm(g, gradient);
  });
  const sum = addInOrder(
    g,
    [batch],
    squares.map((tensor) => ({ tensor })),
  );
  // Rounding may leave the Gram form of a gradient of nearly 0 below 0.
  const positive: Expression = ['select', ['lt', arg(0), constant(0)], constant(0), arg(0)];
  const root = addMap(g, [batch], ['sqrt', positive], [{ tensor: sum }], 'norms');
  const norms = rigorous && factors.length > 0 ? refuseUnequal(g, batch, root, factors) : root;
  g.output('norms', norms);
  return { g, analysis, uses, norms, written };
}

/**
 * From a graph with the output `losses` f32[B], B unbound (`attachExampleLosses`), to one with the
 * output `norms` f32[B] as well: the Euclidean norm of the gradient of each loss with respect to
 * all parameters. Throws `exampleGradients.unsupported` with the reason.
 */
export function perExampleNorms(graph: Graph): Graph {
  return findNorms(graph, false).g.finish();
}

/** How the gradients are clipped. */
export interface ClippedGradientSumOptions {
  readonly clippingNorm: number;
  /**
   * Whether what one example adds is bounded whatever the data, at the price of written-out
   * gradients; what differential privacy needs. Tables read by index are then refused.
   */
  readonly rigorous?: boolean;
}

/**
 * From a graph with the output `losses` f32[B], B unbound, to one with gradients: the sum over
 * examples of w min(1, clippingNorm / norm) times the gradient of the example's loss, with the new
 * input `w` f32[B] (1, or 0 for padding) and the output `norms`. Throws
 * `exampleGradients.unsupported` with the reason.
 */
export function clippedGradientSum(
  graph: Graph,
  { clippingNorm, rigorous = false }: ClippedGradientSumOptions,
): Graph {
  if (!(Number.isFinite(clippingNorm) && clippingNorm > 0)) {
    throw new MisuseError({
      code: 'exampleGradients.clippingNorm',
      expected: 'a positive clipping norm',
      found: String(clippingNorm),
    });
  }
  const { g, analysis, uses, norms, written } = findNorms(graph, rigorous);
  const { batch, graph: lowered } = analysis;
  const bound = constant(clippingNorm);
  const factor = addMap(
    g,
    [batch],
    ['mul', arg(1), ['select', ['lt', bound, arg(0)], ['div', bound, arg(0)], constant(1)]],
    [{ tensor: norms }, { tensor: g.input('w', 'f32', [batch]) }],
    'clip',
  );
  const notes = adjointNotes(lowered);
  for (const { id, shape } of leavesOf(lowered, 'parameter')) {
    const gradient = written.get(id);
    if (gradient !== undefined) {
      const [{ carriers }] = uses.get(id)!;
      const sum = sumExamples(g, gradient, factor);
      const form = { tensor: sum, map: identity(g.nodes[sum].shape.length) };
      g.gradient(id, materialise(g, carryBack(g, lowered, carriers, form, notes[id]), shape));
      continue;
    }
    const parts = uses.get(id)!.map(({ use, carriers }): Contribution => {
      const scaled = { ...use, adjoint: scaleExamples(g, analysis, use, factor) };
      return { ...use, adjoint: backThrough(g, lowered, carriers, scaled, notes[id]) };
    });
    g.gradient(id, materialise(g, total(g, parts, shape, notes[id]), shape));
  }
  return g.finish();
}

/** Step 5: the adjoint of a consumer, each example times its factor. */
function scaleExamples(
  g: Builder,
  { graph, batch }: Analysis,
  { consumer, adjoint }: Use,
  factor: TensorId,
): Adjoint {
  const shape: Shape = graph.nodes[consumer].shape;
  const operands = asOperands(adjoint);
  const read = { tensor: factor, map: project(shape.length, [shape.indexOf(batch)]) };
  const product: Expression = ['mul', asExpression(adjoint, 0), arg(operands.length)];
  return { tensor: addMap(g, shape, product, [...operands, read], 'clip'), map: identity(shape.length) };
}

/** Sum over examples of factor_b times the gradient of example b: (B, ...shape) -> (...shape). */
function sumExamples(g: Builder, gradient: TensorId, factor: TensorId): TensorId {
  const [batch, ...shape] = g.nodes[gradient].shape;
  const last = shape.length;
  const maps = [project(last + 1, [last, ...shape.keys()]), project(last + 1, [last])];
  return g.add({ kind: 'contract', operands: [gradient, factor], out: shape, k: [batch], maps }, 'clip');
}

function applyUse(g: Builder, graph: Graph, use: Use, note: string): Adjoint {
  const node = graph.nodes[use.consumer] as PrimitiveNode;
  const shapes = node.operands.map((operand) => graph.nodes[operand].shape);
  return contributionOf(g, node, use, shapes, note) ?? refuse('a gradient', node.kind);
}

/**
 * The contribution of a use to the parameter itself, back through its reshaped and permuted forms.
 */
function backThrough(
  g: Builder,
  graph: Graph,
  carriers: readonly TensorId[],
  use: Use,
  note: string,
): Adjoint {
  return carryBack(g, graph, carriers, applyUse(g, graph, use, note), note);
}

/** From the form of a parameter that met the examples to the parameter. */
function carryBack(
  g: Builder,
  graph: Graph,
  carriers: readonly TensorId[],
  last: Adjoint,
  note: string,
): Adjoint {
  return carriers
    .slice(1)
    .reduceRight((adjoint, consumer) => applyUse(g, graph, { consumer, operand: 0, adjoint }, note), last);
}
