/**
 * Attention (operator sets 23 and 24) and rotary position embedding, after the reference
 * implementations of ONNX 1.22: grouped heads, past keys and values, masks that are added or that
 * exclude, causal masks aligned to the upper left.
 */

import { addMap } from '../../graph/emit.ts';
import { arg, constant, type Expression, integer } from '../../graph/expression.ts';
import type { TensorId } from '../../graph/graph.ts';
import type { Shape } from '../../graph/shape.ts';
import type { NodeReader, Operators, Value } from '../reading.ts';
import {
  broadcastMap,
  first,
  fixedExtent,
  fixedShape,
  floatType,
  isTrue,
  permute,
  reshapeTo,
  second,
  shapeOf,
  since,
  tensorValue,
  unaryMap,
  viewOf,
} from './build.ts';
import { gatherRows } from './gathers.ts';
import { affine, matmul } from './linear.ts';
import { softmaxOver } from './reductions.ts';
import { sliceRange } from './slices.ts';

/** (B,L,H*E) -> (B,H,L,E). */
function split(n: NodeReader, x: TensorId, heads: number): TensorId {
  const [batch, length, width] = shapeOf(n, x);
  const size = fixedExtent(n, width, 'the width') / heads;
  return permute(n, reshapeTo(n, x, [batch, length, heads, size]), [0, 2, 1, 3]);
}

/** (B,H,L,E) -> (B,L,H*E). */
function join(n: NodeReader, x: TensorId): TensorId {
  const [batch, heads, length, size] = shapeOf(n, x);
  return reshapeTo(n, permute(n, x, [0, 2, 1, 3]), [
    batch,
    length,
    fixedExtent(n, heads, 'heads') * fixedExtent(n, size, 'the size of a head'),
  ]);
}

/** Each head `times` in a row: [h0, h0, h1, h1, ...]. */
function repeatHeads(n: NodeReader, x: TensorId, times: number): TensorId {
  if (times === 1) return x;
  const [batch, heads, length, size] = shapeOf(n, x);
  const out: Shape = [batch, heads, times, length, size];
  const map = affine(5, [{ 0: 1 }, { 1: 1 }, { 3: 1 }, { 4: 1 }]);
  return reshapeTo(n, viewOf(n, x, out, map), [batch, fixedExtent(n, heads, 'heads') * times, length, size]);
}

function withPast(n: NodeReader, past: number, x: TensorId): TensorId {
  if (!n.has(past)) return x;
  return n.g.add({ kind: 'concat', operands: [n.tensor(past), x], axis: 2 }, 'Attention');
}

const none = constant(Number.NEGATIVE_INFINITY);

/**
 * What is added to the scores (B,H,L,S): the mask given, the causal one, and the padding of keys.
 */
function maskScores(n: NodeReader, scores: TensorId, pastLength: number): TensorId {
  let masked = scores;
  const shape = shapeOf(n, scores);
  const keys = fixedExtent(n, shape[3], 'keys');
  if (n.has(3)) {
    const excludes = n.type(3) === 'bool';
    const mask = n.tensor(3);
    if (shapeOf(n, mask).length === 0) n.refuse('a mask with an axis of keys', 'one number');
    const length = fixedExtent(n, shapeOf(n, mask).at(-1)!, 'keys of the mask');
    const wide = padMask(n, mask, keys - length, excludes);
    const e: Expression = excludes
      ? ['add', first, ['select', isTrue(second), constant(0), none]]
      : ['add', first, second];
    masked = broadcastMap(n, e, [masked, wide], shape);
  }
  if (n.flag('is_causal', false)) {
    const last: Expression = ['add', ['index', 2], integer(pastLength)];
    masked = unaryMap(n, masked, ['select', ['lt', last, ['index', 3]], none, first]);
  }
  if (n.has(6)) {
    const lengths = n.tensor(6);
    const e: Expression = ['select', ['lt', ['index', 3], second], first, none];
    const operands = [{ tensor: masked }, { tensor: lengths, map: affine(4, [{ 0: 1 }]) }];
    masked = addMap(n.g, shape, e, operands, 'Attention');
  }
  return masked;
}

/** A mask shorter than the keys excludes the rest. */
function padMask(n: NodeReader, mask: TensorId, missing: number, excludes: boolean): TensorId {
  if (missing === 0) return mask;
  const shape = shapeOf(n, mask);
  const zeros = shape.map(() => 0);
  return n.g.add(
    {
      kind: 'pad',
      operands: [mask],
      low: zeros,
      high: zeros.with(-1, missing),
      interior: zeros,
      valueBits: excludes ? 0 : (none[2] as number),
    },
    'Attention',
  );
}

function attention(n: NodeReader): readonly Value[] {
  const type = floatType(n, 0, 1, 2);
  // The softmax is computed in f32, no matter which precision the node asks for.
  n.ignore('softmax_precision');
  const flat = n.shape(0).length === 3;
  const [queryHeads, keyHeads] = [n.integer('q_num_heads', 0), n.integer('kv_num_heads', 0)];
  const bare = ![3, 4, 5, 6].some((i) => n.has(i)) && !n.hasAttribute('scale') && n.float('softcap', 0) === 0;
  const causal = n.flag('is_causal', false);
  const aligned = !causal || n.shape(0)[1] === n.shape(1)[1];
  if (flat && bare && aligned && queryHeads === keyHeads && n.node.outputs.length === 1) {
    n.ignore('qk_matmul_output_mode');
    const operands = [n.tensor(0), n.tensor(1), n.tensor(2)];
    return [tensorValue(n.g.add({ kind: 'attention', operands, heads: queryHeads, causal }), type)];
  }
  const heads = (i: number, count: number) => (flat ? split(n, n.tensor(i), count) : n.tensor(i));
  const query = heads(0, queryHeads);
  const key = withPast(n, 4, heads(1, keyHeads));
  const value = withPast(n, 5, heads(2, keyHeads));
  const [, queries, , size] = shapeOf(n, query);
  const width = fixedExtent(n, size, 'the size of a head');
  const times = fixedExtent(n, queries, 'heads') / fixedExtent(n, shapeOf(n, key)[1], 'heads');
  const scale = n.float('scale', 1 / Math.sqrt(width));
  if (!(scale >= 0)) n.refuse('a scale that has a square root', `${scale}`);
  const root = Math.sqrt(scale);
  const scaled = (x: TensorId) => unaryMap(n, x, ['mul', first, constant(root)]);
  const transposed = permute(n, scaled(repeatHeads(n, key, times)), [0, 1, 3, 2]);
  const products = matmul(n, scaled(query), transposed);
  const cap = n.float('softcap', 0);
  const capped =
    cap > 0
      ? unaryMap(n, products, ['mul', ['call', 'tanh', ['div', first, constant(cap)]], constant(cap)])
      : products;
  const pastLength = n.has(4) ? fixedExtent(n, n.shape(4)[2], 'past keys') : 0;
  const masked = maskScores(n, capped, pastLength);
  const weights = softmaxOver(n, masked, 3);
  const y = matmul(n, weights, repeatHeads(n, value, times));
  const stages = [products, capped, masked, weights];
  const stage =
    stages[n.integer('qk_matmul_output_mode', 0)] ?? n.refuse('qk_matmul_output_mode 0 to 3', 'another');
  return [flat ? join(n, y) : y, key, value, stage].map((tensor) => tensorValue(tensor, type));
}

/**
 * Turns pairs of features by the angle of their position: halves of a head, or neighbours if
 * interleaved.
 */
function rotaryEmbedding(n: NodeReader): Value {
  const type = floatType(n, 0, 1, 2);
  const flat = n.shape(0).length === 3;
  const given = n.tensor(0);
  const heads = n.integer('num_heads', 0);
  // (B,L,H,E)
  let x: TensorId;
  if (flat) {
    const [batch, length, width] = shapeOf(n, given);
    x = reshapeTo(n, given, [batch, length, heads, fixedExtent(n, width, 'the width') / heads]);
  } else {
    x = permute(n, given, [0, 2, 1, 3]);
  }
  const size = fixedExtent(n, shapeOf(n, x)[3], 'the size of a head');
  const turned = n.integer('rotary_embedding_dim', 0) || size;
  const half = turned / 2;
  const interleaved = n.flag('interleaved', false);
  const angle = (i: number): TensorId => {
    const cache = n.has(3) ? gatherRows(n, n.tensor(i), 3) : n.tensor(i);
    const [batch, length, count] = fixedShape(n, shapeOf(n, cache));
    return reshapeTo(n, cache, [batch, length, 1, count]);
  };
  const [cosine, sine] = [angle(1), angle(2)];
  const pair = (which: 0 | 1) => {
    const from = interleaved ? which : which * half;
    return sliceRange(n, x, 3, from, half, interleaved ? 2 : 1);
  };
  const [a, b] = [pair(0), pair(1)];
  const turn = (operation: 'sub' | 'add', left: TensorId, right: TensorId) =>
    broadcastMap(
      n,
      [operation, ['mul', arg(0), arg(1)], ['mul', arg(2), arg(3)]],
      [cosine, left, sine, right],
    );
  const [real, imaginary] = [turn('sub', a, b), turn('add', b, a)];
  const shape = shapeOf(n, real);
  const rotated = interleaved
    ? reshapeTo(
        n,
        concat(
          n,
          [real, imaginary].map((part) => reshapeTo(n, part, [...shape, 1])),
          4,
        ),
        shape.with(3, turned),
      )
    : concat(n, [real, imaginary], 3);
  const whole =
    turned === size ? rotated : concat(n, [rotated, sliceRange(n, x, 3, turned, size - turned, 1)], 3);
  return tensorValue(flat ? reshapeTo(n, whole, n.shape(0)) : permute(n, whole, [0, 2, 1, 3]), type);
}

const concat = (n: NodeReader, operands: readonly TensorId[], axis: number) =>
  n.g.add({ kind: 'concat', operands, axis }, n.node.operator);

/** Attention and rotary position embedding, by name. */
export const attentionOperators: Operators = {
  Attention: since(23, attention),
  RotaryEmbedding: since(23, rotaryEmbedding),
};
