/**
 * The way into a quantised model: where its inputs become integers, and the graph that makes them.
 */
import { copyNode, createBuilder } from '../graph/builder.ts';
import { addMap } from '../graph/emit.ts';
import { arg, constant, type Expression, integer } from '../graph/expression.ts';
import type { Graph, TensorId } from '../graph/graph.ts';
import { clipped } from '../graph/operations/elementwise.ts';
import { affineOf } from './maps.ts';
import { type Prepared, reach } from './prepare.ts';
import type { Targets } from './targets.ts';

/** Tensors that come in as integers, by the input that they are made from. */
export type Entries = ReadonlyMap<string, TensorId>;

/**
 * Where each input becomes integers: behind what only scales and shifts it, element by element, so
 * that features in units of their own share a scale.
 */
export function findEntries(prepared: Prepared): Entries {
  const { nodes, users, outputs } = prepared;
  const kept = new Set(outputs.map(({ tensor }) => tensor));
  const entries = new Map<string, TensorId>();
  for (const [id, node] of nodes.entries()) {
    if (node.kind !== 'input' || users[id].length === 0) continue;
    let entry = id;
    for (let at = id; users[at].length === 1 && !kept.has(at); ) {
      const [user] = users[at];
      if (affineOf(prepared, user)?.source === at) entry = user;
      else if (nodes[user].kind !== 'reshape') break;
      at = user;
    }
    entries.set(node.name, entry);
  }
  return entries;
}

/**
 * From the inputs of the model to integers: x / scale, rounded half up, between low and high. What
 * is left of a number above 0 when it is truncated is its floor.
 */
export function makeEncoder({ nodes }: Prepared, entries: Entries, targets: Targets): Graph {
  const g = createBuilder();
  const numbers = new Map<TensorId, TensorId>();
  const needed = reach(nodes, [...entries.values()]);
  for (const [id, node] of nodes.entries()) {
    if (needed.has(id))
      numbers.set(
        id,
        copyNode(g, node, (at) => numbers.get(at)!),
      );
  }
  for (const [name, entry] of entries) {
    const { scale, low, high } = targets.scaleOf(entry);
    const inside = clipped(['div', arg(0), constant(scale)], constant(low), constant(high));
    const above: Expression = ['convert', 'i32', ['add', inside, constant(0.5 - low)]];
    const tensor = numbers.get(entry)!;
    g.output(name, addMap(g, g.nodes[tensor].shape, ['add', above, integer(low)], [{ tensor }], 'encode'));
  }
  return g.finish();
}
