/**
 * Parameters that training leaves as they are: they become constants of the graph, so no gradient
 * is computed for them, no optimiser keeps a state, and a federated job sends nothing of them.
 *
 * A file of another tool does not say what was trained: position tables, masks, means of a
 * standardisation and filter banks are initialisers like weights. `findTables` tells them apart by
 * what they are used for, which it can do for most, not for all: a position table that was learned
 * looks like one that was computed.
 */
import { MisuseError } from '@nonet/core';
import type { Parameters } from '../files/parameters.ts';
import { copyNode, createBuilder } from '../graph/builder.ts';
import { constant, differentiateExpression } from '../graph/expression.ts';
import { type Graph, isLeaf, leavesOf, type Node, type TensorId } from '../graph/graph.ts';
import { runningStatistics } from '../graph/operations/normalisation.ts';
import type { Shape } from '../graph/shape.ts';

/** A graph and the values of its parameters. */
export interface ParameterisedGraph {
  readonly graph: Graph;
  readonly parameters: Parameters;
}

/**
 * The same graph with the named parameters as constants, and the parameters that are left. Throws
 * `parameters.mismatch` on a name that is not a parameter of the graph.
 *
 *     // Trains the last layer alone.
 *     const names = parameters.map(({ name }) => name).filter((name) => !name.startsWith('head.'));
 *     const { graph: head, parameters: trained } = fixParameters({ graph, parameters }, names);
 */
export function fixParameters(
  { graph, parameters }: ParameterisedGraph,
  names: readonly string[],
): ParameterisedGraph {
  const fixed = new Set(names);
  const values = new Map(parameters.map((parameter) => [parameter.name, parameter]));
  const known = new Set(leavesOf(graph, 'parameter').map(({ name }) => name));
  for (const name of names) {
    if (known.has(name) && values.has(name)) continue;
    throw new MisuseError({
      code: 'parameters.mismatch',
      expected: `parameters of this graph: ${[...known].slice(0, 8).join(', ')}${known.size > 8 ? ', ...' : ''}`,
      found: name.slice(0, 80),
    });
  }
  const g = createBuilder();
  for (const node of graph.nodes) {
    if (node.kind === 'parameter' && fixed.has(node.name))
      g.constant(values.get(node.name)!.data, node.shape);
    else copyNode(g, node, (id) => id);
  }
  for (const { name, tensor } of graph.outputs) g.output(name, tensor);
  for (const { of, tensor } of graph.gradients) if (!isFixed(graph, of, fixed)) g.gradient(of, tensor);
  for (const { target, tensor } of graph.updates)
    if (!isFixed(graph, target, fixed)) g.update(target, tensor);
  return { graph: g.finish(), parameters: parameters.filter(({ name }) => !fixed.has(name)) };
}

function isFixed({ nodes }: Graph, id: TensorId, fixed: ReadonlySet<string>): boolean {
  const node = nodes[id];
  return node.kind === 'parameter' && fixed.has(node.name);
}

/** Axes of more than one element; a batch that is bound later is none. */
const widths = (shape: Shape) => shape.filter((extent) => typeof extent === 'number' && extent > 1).length;

/** Operations that move elements of the data and change none. */
const moving: ReadonlySet<Node['kind']> = new Set([
  'reshape',
  'flatten',
  'transpose',
  'slice',
  'view',
  'broadcast',
  'cast',
]);

/** The kind of a tensor, or of the one that it shows, moved about. */
function kindBehind({ nodes }: Graph, id: TensorId): Node['kind'] {
  let node = nodes[id];
  while (!isLeaf(node) && moving.has(node.kind)) node = nodes[node.operands[0]];
  return node.kind;
}

/** Layers to whose products a bias is added. */
const products: ReadonlySet<Node['kind']> = new Set([
  'matmul',
  'contract',
  'dense',
  'conv2d',
  'convTranspose2d',
]);

/**
 * Whether operand number `i` of a node, where data meet what depends on no data, is a weight: what
 * a layer multiplies, adds or looks up, and a gradient trains.
 */
function isWeight(
  graph: Graph,
  node: Exclude<Node, { kind: 'input' | 'parameter' | 'state' | 'constant' }>,
  i: number,
): boolean {
  const { shape } = graph.nodes[node.operands[i]];
  const others = node.operands.filter((_, at) => at !== i).map((operand) => kindBehind(graph, operand));
  const isVector = widths(shape) <= 1 && !others.includes('input');
  switch (node.kind) {
    case 'matmul':
    case 'contract':
      return true;
    case 'dense':
    case 'conv2d':
    case 'convTranspose2d':
    case 'layerNorm':
    case 'rmsNorm':
    case 'batchNorm':
      return i > 0;
    case 'attention':
      return i < 3;
    case 'gather':
      return i === 0;
    // Biases and scales lie along one axis, tables of positions and masks along several. A single
    // number is a constant of a formula, unless it is the bias of a layer with one output.
    case 'add':
      return isVector && (widths(shape) === 1 || others.some((kind) => products.has(kind)));
    case 'mul':
      return isVector && widths(shape) === 1;
    case 'concat':
      return isVector;
    case 'map':
      return isVector && differentiateExpression(node.expression, i, constant(1)) !== undefined;
    default:
      return false;
  }
}

/**
 * The parameters, by name, that are no weights of a layer: added or multiplied over several axes
 * (position tables, masks), subtracted or divided by, chosen among, combined with the input itself,
 * or used by no data at all.
 */
export function findTables(graph: Graph): readonly string[] {
  const { nodes } = graph;
  const dependsOnData = nodes.map(() => false);
  // From which parameters a tensor comes, where it depends on no data.
  const sources = nodes.map(() => new Set<string>());
  const weights = new Set(runningStatistics(graph).map(({ name }) => name));
  for (const [id, node] of nodes.entries()) {
    if (node.kind === 'input' || node.kind === 'state') dependsOnData[id] = true;
    if (node.kind === 'parameter') sources[id].add(node.name);
    if (isLeaf(node)) continue;
    dependsOnData[id] = node.operands.some((operand) => dependsOnData[operand]);
    for (const [i, operand] of node.operands.entries()) {
      if (!dependsOnData[id]) for (const name of sources[operand]) sources[id].add(name);
      else if (!dependsOnData[operand] && sources[operand].size > 0 && isWeight(graph, node, i)) {
        for (const name of sources[operand]) weights.add(name);
      }
    }
  }
  return leavesOf(graph, 'parameter').flatMap(({ name }) => (weights.has(name) ? [] : [name]));
}
