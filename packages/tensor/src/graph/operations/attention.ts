/** Scaled dot-product attention over several heads (Vaswani et al. 2017). */
import { project } from '../affine.ts';
import type { Builder } from '../builder.ts';
import { addMap, addReshape } from '../emit.ts';
import { arg, constant, type Expression, integer } from '../expression.ts';
import type { TensorId } from '../graph.ts';
import type { Extent, Shape } from '../shape.ts';
import {
  type Definitions,
  float,
  integerAttribute,
  isCount,
  isFloat,
  numberExtent,
  truthAttribute,
} from './definition.ts';
import { dense } from './linear.ts';
import { lowerSoftmax } from './reductions.ts';

/**
 * query (B,T,D), key (B,S,D), value (B,S,E), mask f32 (B,S) -> (B,T,E): per head, softmax(query key
 * / sqrt(D/heads)) value. Keys with mask 0 are not attended to; if `causal`, neither are keys after
 * the query, the last query being beside the last key.
 */
export interface AttentionOperation {
  readonly kind: 'attention';
  readonly operands: readonly TensorId[];
  readonly heads: number;
  readonly causal: boolean;
}

/**
 * What a masked score becomes: finite, so that a row in which everything is masked stays a number.
 */
const masked = constant(-1e30);

/** Definition, by kind. */
export const attention: Definitions<AttentionOperation> = {
  attention: {
    operands: ['query', 'key', 'value', 'mask?'],
    attributes: { heads: integerAttribute, causal: truthAttribute },
    infer({ heads, causal }, [query, key, value, mask], refuse) {
      const three = [query, key, value];
      const [batch, queries, width] = query.shape;
      const [, keys, depth] = value.shape;
      const fits =
        three.every((type) => isFloat(type, 3) && type.shape[0] === batch) &&
        key.shape[1] === keys &&
        key.shape[2] === width &&
        isCount(heads) &&
        [width, depth].every((extent) => typeof extent === 'number' && extent % heads === 0);
      if (!fits) refuse(`query f32[B,T,D], key f32[B,S,D], value f32[B,S,E], D and E multiples of ${heads}`);
      if (causal && (typeof queries === 'string' || typeof keys === 'string' || queries > keys)) {
        refuse('numbers as T and S, T not above S, in causal attention');
      }
      if (mask !== undefined && !(isFloat(mask, 2) && mask.shape[0] === batch && mask.shape[1] === keys)) {
        refuse(`mask f32[${batch},${keys}]`);
      }
      return float([batch, queries, depth]);
    },
    lower(g, { heads, causal }, [query, key, value, mask]) {
      const [batch, queries, width] = g.nodes[query].shape as readonly [Extent, Extent, number];
      const [, keys, depth] = g.nodes[value].shape as readonly [Extent, Extent, number];
      const split = (x: TensorId, length: Extent, features: number) =>
        addReshape(g, x, [batch, length, heads, features / heads]);
      const space: Shape = [batch, heads, queries, keys];
      const scores = g.add(
        {
          kind: 'contract',
          operands: [split(query, queries, width), split(key, keys, width)],
          out: space,
          k: [width / heads],
          maps: [project(5, [0, 2, 1, 4]), project(5, [0, 3, 1, 4])],
        },
        'attention',
      );
      let score: Expression = ['mul', arg(0), constant(1 / Math.sqrt(width / heads))];
      if (causal) {
        // Both are numbers here; the shape rule says so.
        const ahead = (keys as number) - (queries as number);
        score = ['select', ['lt', ['add', ['index', 2], integer(ahead)], ['index', 3]], masked, score];
      }
      if (mask !== undefined) score = ['select', ['eq', arg(1), constant(0)], masked, score];
      const hidden = mask === undefined ? [] : [{ tensor: mask, map: project(4, [0, 3]) }];
      const scaled = addMap(g, space, score, [{ tensor: scores }, ...hidden]);
      const weights = lowerSoftmax(g, scaled, 3);
      const mixed = g.add({
        kind: 'contract',
        operands: [weights, split(value, keys, depth)],
        out: [batch, queries, heads, depth / heads],
        k: [keys],
        maps: [project(5, [0, 2, 1, 4]), project(5, [0, 4, 2, 3])],
      });
      return addReshape(g, mixed, [batch, queries, depth]);
    },
  },
};

/** How `scaledDotProduct` and `multiHeadAttention` attend. */
export interface AttentionOptions {
  readonly heads: number;
  /** Whether a position sees only what came before it; it sees everything if left out. */
  readonly causal?: boolean;
  /** f32 (B,S): 0 hides a key. */
  readonly mask?: TensorId;
}

/** Attention over tensors that are projected already. */
export const scaledDotProduct = (
  g: Builder,
  query: TensorId,
  key: TensorId,
  value: TensorId,
  { heads, causal = false, mask }: AttentionOptions,
): TensorId =>
  g.add({
    kind: 'attention',
    operands: [query, key, value, ...(mask === undefined ? [] : [mask])],
    heads,
    causal,
  });

/**
 * Self-attention x (B,T,D) -> (B,T,D): dense layers for query, key and value, attention, a dense
 * layer.
 */
export function multiHeadAttention(g: Builder, x: TensorId, options: AttentionOptions): TensorId {
  const width = numberExtent(g.nodes[x].shape[2], 'the width for attention');
  const [query, key, value] = [0, 1, 2].map(() => dense(g, x, width, 'glorotUniform'));
  return dense(g, scaledDotProduct(g, query, key, value, options), width, 'glorotUniform');
}
