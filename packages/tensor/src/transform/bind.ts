/** Fixing the named extents of a graph, such as the batch: graph -> graph. */
import { MisuseError } from '@nonet/core';
import { createBuilder } from '../graph/builder.ts';
import { type Graph, isLeaf, type Node } from '../graph/graph.ts';
import { extentFactors, multiplyExtents, type Shape } from '../graph/shape.ts';

/** The names of extents that are still to be bound. */
export function unboundExtents(graph: Graph): readonly string[] {
  const names = new Set<string>();
  for (const node of graph.nodes) {
    for (const extent of [...node.shape, ...('k' in node ? node.k : [])]) {
      for (const name of extentFactors(extent).names) names.add(name);
    }
  }
  return [...names].sort();
}

/**
 * Replaces named extents by numbers: `bind(graph, { B: 64 })`. Names that the graph lacks, and
 * extents that are not positive integers, throw `bind.extent`.
 */
export function bind(graph: Graph, extents: Readonly<Record<string, number>>): Graph {
  const known = unboundExtents(graph);
  for (const [name, extent] of Object.entries(extents)) {
    if (known.includes(name) && Number.isSafeInteger(extent) && extent > 0) continue;
    throw new MisuseError({
      code: 'bind.extent',
      expected:
        known.length === 0 ? 'no extents: all are bound' : `a positive integer for ${known.join(', ')}`,
      found: `${name}: ${extent}`,
    });
  }
  const replace = (shape: Shape): Shape =>
    shape.map((extent) => {
      const { count, names } = extentFactors(extent);
      return multiplyExtents([count, ...names.map((name) => extents[name] ?? name)]);
    });
  const g = createBuilder();
  for (const node of graph.nodes) {
    if (isLeaf(node)) {
      g.leaf({ ...node, shape: replace(node.shape) } as Node);
      continue;
    }
    const { dtype: _, shape: __, note, ...attributes } = node;
    g.add(
      {
        ...attributes,
        ...('out' in attributes ? { out: replace(attributes.out) } : {}),
        ...('k' in attributes ? { k: replace(attributes.k) } : {}),
        ...(attributes.kind === 'broadcast' ? { to: replace(attributes.to) } : {}),
        ...('size' in attributes ? { size: replace([attributes.size])[0] } : {}),
      } as typeof attributes,
      note,
    );
  }
  for (const { name, tensor } of graph.outputs) g.output(name, tensor);
  for (const { of, tensor } of graph.gradients) g.gradient(of, tensor);
  for (const { target, tensor } of graph.updates) g.update(target, tensor);
  return g.finish();
}
