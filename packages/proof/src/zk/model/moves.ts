/**
 * Layers that only move values (docs/specs/zk.md §8.11): which position of a source each position
 * of the result is a copy of. Positions are those of padded tensors.
 */
import { type Layer, realPositions, type TensorRange } from './program.ts';

/** Position `to[k]` of the result is position `from[k]` of a source; each `to` occurs once. */
export interface Moves {
  readonly to: Int32Array;
  readonly from: Int32Array;
}

/** The moves of a layer, for each tensor that it reads; what no move reaches is 0. */
export function movesOf(
  layer: Extract<Layer, { kind: 'join' | 'view' }>,
  tensors: readonly TensorRange[],
  target: TensorRange,
): readonly { readonly tensor: number; readonly moves: Moves }[] {
  const to = realPositions(target.axes);
  if (layer.kind === 'view') {
    return [{ tensor: layer.source, moves: viewMoves(layer, tensors[layer.source], to) }];
  }
  const width = target.size / layer.outer;
  let start = 0;
  return [layer.source, ...layer.others].map((tensor) => {
    const from = realPositions(tensors[tensor].axes);
    const own = from.length / layer.outer;
    const first = start;
    start += own;
    const place = (k: number) => Math.floor(k / own) * width + first + (k % own);
    return { tensor, moves: { to: from.map((_, k) => to[place(k)]), from } };
  });
}

function viewMoves(
  { shape, matrix, offset }: Extract<Layer, { kind: 'view' }>,
  source: TensorRange,
  to: Int32Array,
): Moves {
  const strides = source.axes.map((_, axis) =>
    source.axes.slice(axis + 1).reduce((product, { variables }) => product * 2 ** variables, 1),
  );
  const index = shape.map(() => 0);
  const found: { to: number; from: number }[] = [];
  for (const target of to) {
    const read = matrix.map((row, axis) =>
      row.reduce((sum, factor, column) => sum + factor * index[column], offset[axis]),
    );
    if (read.every((at, axis) => at >= 0 && at < source.axes[axis].size)) {
      found.push({ to: target, from: read.reduce((sum, at, axis) => sum + at * strides[axis], 0) });
    }
    for (let axis = shape.length - 1; axis >= 0 && ++index[axis] === shape[axis]; axis--) index[axis] = 0;
  }
  return { to: Int32Array.from(found, (move) => move.to), from: Int32Array.from(found, (move) => move.from) };
}
