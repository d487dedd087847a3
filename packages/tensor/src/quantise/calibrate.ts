/**
 * Calibration: between which numbers each tensor of a model lies over some rows of data, by running
 * the model in f32. Exact, and so the same everywhere.
 */
import { MisuseError, NonetError } from '@nonet/core';
import { copyNode, createBuilder } from '../graph/builder.ts';
import { type Graph, leavesOf, type TensorId } from '../graph/graph.ts';
import { elementCount } from '../graph/shape.ts';
import { estimateRun } from '../run/budget.ts';
import { createProgram } from '../run/execute.ts';
import { bind, unboundExtents } from '../transform/bind.ts';
import type { Prepared } from './prepare.ts';

/** Elements by input name, (N, ...shape) row-major: the same N for all of them. */
export type Rows = Readonly<Record<string, Float32Array | Uint8Array>>;

/** The least and the largest element of a tensor over all rows; padding with infinity apart. */
export interface Extremes {
  readonly low: number;
  readonly high: number;
}

/** Rows of one run, at most; fewer where their tensors would take more than a quarter of a GiB. */
export const rowsOfRun = 32;
const bytesOfRun = 2 ** 28;

/** How many rows there are. Throws `quantise.rows`. */
export function countRows(graph: Graph, rows: Rows): number {
  const counts = leavesOf(graph, 'input').map(({ name, dtype, shape }) => {
    const [batch, ...features] = shape;
    const values = rows[name];
    const isNamed = typeof batch === 'string' && features.every((extent) => typeof extent === 'number');
    const count = values === undefined ? 0 : values.length / elementCount(features as readonly number[]);
    const isFloat = dtype === 'f32';
    if (isNamed && isFloat && Number.isInteger(count) && count > 0) return count;
    throw new MisuseError({
      code: 'quantise.rows',
      expected: 'whole rows for each input f32[B,...]',
      found:
        values === undefined
          ? `none for ${name}`
          : `${values.length} elements for ${name} ${dtype}[${shape.join(',')}]`,
      hint: 'Export the model with a named batch as its first axis, and give it rows of data that it was made for.',
    });
  });
  if (new Set(counts).size === 1) return counts[0];
  throw new MisuseError({
    code: 'quantise.rows',
    expected: 'as many rows for each input',
    found: counts.join(', ') || 'a graph without inputs',
  });
}

/** Runs a graph over rows, some at a time; the last run repeats rows to be full. */
async function runOverRows(
  graph: Graph,
  rows: Rows,
  visit: (outputs: Readonly<Record<string, Float32Array | Int32Array>>, count: number) => void,
): Promise<void> {
  const total = countRows(graph, rows);
  const [batchName] = unboundExtents(graph);
  let batch = Math.min(rowsOfRun, total);
  const bound = (size: number) => bind(graph, { [batchName]: size });
  while (batch > 1 && estimateRun(bound(batch)).bytes > bytesOfRun) batch = Math.floor(batch / 2);
  const program = await createProgram(bound(batch));
  for (let start = 0; start < total; start += batch) {
    const count = Math.min(batch, total - start);
    for (const { name } of leavesOf(graph, 'input')) {
      const memory = program.input(name);
      const width = memory.length / batch;
      for (let row = 0; row < batch; row++) {
        const from = start + (row % count);
        memory.set(rows[name].subarray(from * width, (from + 1) * width), row * width);
      }
    }
    visit(program.run(), count);
  }
}

/** The part of a model that makes these tensors, each an output called after its number. */
export function probe({ nodes }: Pick<Prepared, 'nodes'>, wanted: readonly TensorId[]): Graph {
  const g = createBuilder();
  const last = Math.max(...wanted);
  for (const node of nodes.slice(0, last + 1)) copyNode(g, node, (id) => id);
  for (const id of wanted) g.output(`t${id}`, id);
  return g.finish();
}

/** The extremes of these tensors over all rows. Throws `quantise.rows` and `quantise.notFinite`. */
export async function findExtremes(
  prepared: Prepared,
  wanted: readonly TensorId[],
  rows: Rows,
): Promise<ReadonlyMap<TensorId, Extremes>> {
  const low = new Map(wanted.map((id) => [id, Infinity]));
  const high = new Map(wanted.map((id) => [id, -Infinity]));
  await runOverRows(probe(prepared, wanted), rows, (outputs) => {
    for (const id of wanted) {
      let [least, most] = [low.get(id)!, high.get(id)!];
      for (const value of outputs[`t${id}`]) {
        if (Number.isNaN(value)) throw notFinite(prepared, id);
        if (value < least && value !== -Infinity) least = value;
        if (value > most && value !== Infinity) most = value;
      }
      low.set(id, least);
      high.set(id, most);
    }
  });
  return new Map(wanted.map((id) => [id, { low: low.get(id)!, high: high.get(id)! }]));
}

function notFinite({ model, origins }: Prepared, id: TensorId): NonetError {
  return new NonetError({
    code: 'quantise.notFinite',
    expected: 'numbers in every tensor over the rows of calibration',
    found: `NaN in ${model.nodes[origins[id]].kind} (node ${origins[id]})`,
    hint: 'Quantise a model that gives finite numbers on these rows.',
  });
}
