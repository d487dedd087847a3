/** Operations that move elements: shapes, slices, tables, padding. */
import type { Affine } from '../affine.ts';
import { project } from '../affine.ts';
import type { Builder } from '../builder.ts';
import { addReshape } from '../emit.ts';
import { floatBits } from '../expression.ts';
import type { Initialiser, TensorId } from '../graph.ts';
import { nextLayer } from '../layerNames.ts';
import type { Extent, Shape } from '../shape.ts';
import { type Definitions, integersAttribute, isCount, numberExtent, resolveAxis } from './definition.ts';

type Node<K extends string> = { readonly kind: K; readonly operands: readonly TensorId[] };

/** Operations that move elements and change none. */
export type ShapeOperation =
  /** (B,...F) -> (B, product of F). */
  | Node<'flatten'>
  /** Axis i of the result is axis `axes[i]` of x. */
  | (Node<'transpose'> & { readonly axes: readonly number[] })
  /**
   * Per axis, `counts` elements from `starts` on, `steps` apart; steps may be negative. A count of
   * 0 takes the axis whole.
   */
  | (Node<'slice'> & {
      readonly starts: readonly number[];
      readonly counts: readonly number[];
      readonly steps: readonly number[];
    });

/** Definitions, by kind. */
export const shapes: Definitions<ShapeOperation> = {
  flatten: {
    operands: ['x'],
    attributes: {},
    infer(_, [{ dtype, shape }], refuse) {
      const [batch, ...features] = shape;
      if (batch === undefined || features.some((extent) => typeof extent === 'string')) {
        refuse('x [B,...F] with numbers as F');
      }
      return { dtype, shape: [batch, (features as number[]).reduce((a, b) => a * b, 1)] };
    },
    lower(g, _, [x]) {
      const [batch, ...features] = g.nodes[x].shape;
      const out = [batch, (features as number[]).reduce((a, b) => a * b, 1)];
      return g.add({ kind: 'reshape', operands: [x], out }, 'flatten');
    },
  },
  transpose: {
    operands: ['x'],
    attributes: { axes: integersAttribute },
    infer({ axes }, [{ dtype, shape }], refuse) {
      if (axes.length !== shape.length || !shape.every((_, axis) => axes.includes(axis))) {
        refuse(`a permutation of ${shape.length} axes, not [${axes.join(',')}],`);
      }
      return { dtype, shape: axes.map((axis) => shape[axis]) };
    },
    lower(g, { axes }, [x]) {
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
  },
  slice: {
    operands: ['x'],
    attributes: { starts: integersAttribute, counts: integersAttribute, steps: integersAttribute },
    infer({ starts, counts, steps }, [{ dtype, shape }], refuse) {
      if ([starts, counts, steps].some(({ length }) => length !== shape.length)) {
        refuse(`starts, counts and steps for ${shape.length} axes`);
      }
      const out = shape.map((extent, axis): Extent => {
        const [start, count, step] = [starts[axis], counts[axis], steps[axis]];
        if (count === 0 && start === 0 && step === 1) return extent;
        const last = start + step * (count - 1);
        const inside = typeof extent === 'number' && isCount(count) && count > 0 && Math.abs(step) < 2 ** 31;
        if (!inside || start < 0 || start >= extent || last < 0 || last >= extent) {
          return refuse(`${count} elements from ${start} by ${step} inside axis ${axis}`);
        }
        return count;
      });
      return { dtype, shape: out };
    },
    lower(g, { starts, counts, steps }, [x]) {
      const { shape } = g.nodes[x];
      const { matrix } = project(shape.length, [...shape.keys()]);
      const map: Affine = {
        matrix: matrix.map((row, axis) => row.with(axis, steps[axis])),
        offset: starts,
      };
      const out = shape.map((extent, axis) => (counts[axis] === 0 ? extent : counts[axis]));
      return g.add({ kind: 'view', operands: [x], out, maps: [map] }, 'slice');
    },
  },
};

/** (B,...F) -> (B, product of F). */
export const flatten = (g: Builder, x: TensorId): TensorId => g.add({ kind: 'flatten', operands: [x] });

/** Axis i of the result is axis `axes[i]` of x. */
export const transpose = (g: Builder, x: TensorId, axes: readonly number[]): TensorId =>
  g.add({ kind: 'transpose', operands: [x], axes });

/** The same elements in the same order under another shape. */
export const reshape = (g: Builder, x: TensorId, shape: Shape): TensorId => addReshape(g, x, shape);

/**
 * From `start` up to, not including, `end` along one axis, `step` apart; both count from the end if
 * negative.
 */
export function slice(
  g: Builder,
  x: TensorId,
  { axis, start = 0, end, step = 1 }: { axis: number; start?: number; end?: number; step?: number },
): TensorId {
  const { shape } = g.nodes[x];
  const at = resolveAxis(axis, shape.length);
  const extent = numberExtent(shape[at], 'the extent of a sliced axis');
  const from = start < 0 ? start + extent : start;
  const to = end === undefined ? extent : end < 0 ? end + extent : Math.min(end, extent);
  const fill = (value: number) => shape.map(() => value);
  return g.add({
    kind: 'slice',
    operands: [x],
    starts: fill(0).with(at, from),
    counts: fill(0).with(at, Math.max(0, Math.ceil((to - from) / step))),
    steps: fill(1).with(at, step),
  });
}

/** The tensors one after the other along an axis. */
export const concat = (g: Builder, tensors: readonly TensorId[], axis: number): TensorId =>
  g.add({
    kind: 'concat',
    operands: tensors,
    axis: resolveAxis(axis, g.nodes[tensors[0]]?.shape.length ?? 0),
  });

/** The value before and after each axis, [before, after] per axis. */
export function pad(
  g: Builder,
  x: TensorId,
  widths: readonly (readonly [before: number, after: number])[],
  value = 0,
): TensorId {
  return g.add({
    kind: 'pad',
    operands: [x],
    low: widths.map(([before]) => before),
    high: widths.map(([, after]) => after),
    interior: widths.map(() => 0),
    valueBits: floatBits(value),
  });
}

/** Rows of a table by index i32, along axis 0 if left out. An index out of range stops the run. */
export const gather = (g: Builder, table: TensorId, index: TensorId, axis = 0): TensorId =>
  g.add({ kind: 'gather', operands: [table, index], axis: resolveAxis(axis, g.nodes[table].shape.length) });

/** tokens i32 (...) -> (...,width), from the new parameter `NAME.weight` (vocabulary,width). */
export function embedding(
  g: Builder,
  tokens: TensorId,
  {
    vocabulary,
    width,
    initialiser = 'heUniform',
  }: { readonly vocabulary: number; readonly width: number; readonly initialiser?: Initialiser },
): TensorId {
  const name = nextLayer(g.nodes, 'gather');
  return gather(g, g.parameter(`${name}.weight`, [vocabulary, width], initialiser), tokens);
}

/** x (B,...S) plus the new parameter `NAME.weight` (S): a learned vector for each position. */
export function addPositions(g: Builder, x: TensorId, initialiser: Initialiser = 'heUniform'): TensorId {
  const [, ...shape] = g.nodes[x].shape;
  const extents = shape.map((extent) => numberExtent(extent, 'the extents of positions'));
  const weight = g.parameter(`${nextLayer(g.nodes, 'add')}.weight`, extents, initialiser);
  return g.add({ kind: 'add', operands: [x, weight] });
}
