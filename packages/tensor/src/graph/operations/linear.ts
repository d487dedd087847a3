/** Products with matrices. */
import { project } from '../affine.ts';
import type { Builder } from '../builder.ts';
import { addMap, trailing } from '../emit.ts';
import { arg } from '../expression.ts';
import type { Initialiser, TensorId } from '../graph.ts';
import { nextLayer } from '../layerNames.ts';
import type { Shape } from '../shape.ts';
import { broadcastMap, broadcastShapes } from './broadcasting.ts';
import { type Definitions, float, isFloat, numberExtent } from './definition.ts';

/** Products with matrices. */
export type LinearOperation =
  /** x (...,I), weight (I,O), bias (O) -> (...,O): x weight + bias. */
  | { readonly kind: 'dense'; readonly operands: readonly TensorId[] }
  /** a (...,M,K), b (...,K,N) -> (...,M,N); the leading axes broadcast. f32 or i32. */
  | { readonly kind: 'matmul'; readonly operands: readonly TensorId[] };

const leading = (shape: Shape) => shape.slice(0, -2);

/** Definitions, by kind. */
export const linear: Definitions<LinearOperation> = {
  dense: {
    operands: ['x', 'weight', 'bias'],
    attributes: {},
    infer(_, [x, weight, bias], refuse) {
      const [inputs, units] = weight.shape;
      const fits =
        isFloat(x) &&
        x.shape.length >= 2 &&
        isFloat(weight, 2) &&
        isFloat(bias, 1) &&
        x.shape.at(-1) === inputs;
      if (!fits || units !== bias.shape[0]) refuse('x f32[B,...,I], weight f32[I,O], bias f32[O]');
      return float([...x.shape.slice(0, -1), units]);
    },
    lower(g, _, [x, weight, bias]) {
      const { shape } = g.nodes[x];
      const rank = shape.length;
      const out = [...shape.slice(0, -1), g.nodes[weight].shape[1]];
      const product = g.add(
        {
          kind: 'contract',
          operands: [x, weight],
          out,
          k: shape.slice(-1),
          maps: [
            project(
              rank + 1,
              shape.map((__, axis) => (axis === rank - 1 ? rank : axis)),
            ),
            project(rank + 1, [rank, rank - 1]),
          ],
        },
        'dense',
      );
      return addMap(
        g,
        out,
        ['add', arg(0), arg(1)],
        [{ tensor: product }, { tensor: bias, map: trailing(rank, 1) }],
      );
    },
  },
  matmul: {
    operands: ['a', 'b'],
    attributes: {},
    infer(_, [a, b], refuse) {
      const batch = broadcastShapes([leading(a.shape), leading(b.shape)]);
      const fits =
        a.dtype === b.dtype &&
        a.shape.length >= 2 &&
        b.shape.length >= 2 &&
        a.shape.at(-1) === b.shape.at(-2) &&
        batch !== undefined;
      if (!fits) return refuse('a [...,M,K] and b [...,K,N] of one dtype');
      return { dtype: a.dtype, shape: [...batch, a.shape.at(-2)!, b.shape.at(-1)!] };
    },
    lower(g, _, [a, b]) {
      const [left, right] = [g.nodes[a].shape, g.nodes[b].shape];
      const batch = broadcastShapes([leading(left), leading(right)])!;
      const columns = batch.length + 3;
      const read = (shape: Shape, row: number, column: number) => ({
        matrix: [
          ...broadcastMap(leading(shape), batch).matrix.map((factors) => [...factors, 0, 0, 0]),
          ...project(columns, [row, column]).matrix,
        ],
        offset: shape.map(() => 0),
      });
      const [m, n, k] = [batch.length, batch.length + 1, batch.length + 2];
      return g.add(
        {
          kind: 'contract',
          operands: [a, b],
          out: [...batch, left.at(-2)!, right.at(-1)!],
          k: left.slice(-1),
          maps: [read(left, m, k), read(right, k, n)],
        },
        'matmul',
      );
    },
  },
};

/**
 * x (...,I) -> (...,units) with new parameters `NAME.weight` (I,units) and `NAME.bias` (units),
 * named by position.
 */
export function dense(
  g: Builder,
  x: TensorId,
  units: number,
  initialiser: Initialiser = 'heUniform',
): TensorId {
  const { shape } = g.nodes[x];
  const inputs = numberExtent(
    shape.length >= 2 ? shape.at(-1) : undefined,
    'the last of two or more axes for dense',
  );
  const name = nextLayer(g.nodes, 'dense');
  const weight = g.parameter(`${name}.weight`, [inputs, units], initialiser);
  const bias = g.parameter(`${name}.bias`, [units], 'zeros');
  return g.add({ kind: 'dense', operands: [x, weight, bias] });
}

/** a (...,M,K) times b (...,K,N). */
export const matmul = (g: Builder, a: TensorId, b: TensorId): TensorId =>
  g.add({ kind: 'matmul', operands: [a, b] });
