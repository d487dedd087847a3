/**
 * Where the time of a run goes: milliseconds by node, as `KernelProgram.profile` measures them, and
 * a table to read.
 */
import type { Graph, TensorId } from '../graph/graph.ts';
import { printGraph } from '../graph/print.ts';

/** Nodes that take no kernel call of their own are absent. */
export type Profile = readonly { readonly node: TensorId; readonly milliseconds: number }[];

/**
 * The nodes that took longest, one a line: milliseconds, share, the node as `printGraph` writes it.
 */
export function printProfile(graph: Graph, profile: Profile, lines = 20): string {
  const printed = printGraph(graph)
    .split('\n')
    .filter((line) => /^ *%\d/.test(line));
  const inner = graph.nodes.flatMap((node, id) => ('operands' in node ? [id] : []));
  const total = profile.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  const rows = profile
    .toSorted((a, b) => b.milliseconds - a.milliseconds)
    .slice(0, lines)
    .map(({ node, milliseconds }) => {
      const share = `${((100 * milliseconds) / total).toFixed(1)} %`.padStart(7);
      return `${milliseconds.toFixed(3).padStart(9)} ${share}  ${printed[inner.indexOf(node)].trim()}`;
    });
  return [`${total.toFixed(3)} ms in ${profile.length} kernel calls`, ...rows].join('\n');
}
