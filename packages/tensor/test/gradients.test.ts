/**
 * Derivatives of primitives, of expressions, and of the first operations; the others are in
 * operations.test.ts.
 */
import { createRandomStream } from '@nonet/core';
import { describe, expect, it } from 'vitest';
import { type Affine, identity, project } from '../src/graph/affine.ts';
import { addMap } from '../src/graph/emit.ts';
import type { Expression } from '../src/graph/expression.ts';
import {
  type Builder,
  createBuilder,
  crossEntropy,
  dense,
  differentiate,
  flatten,
  leavesOf,
  relu,
  softmax,
  standardise,
  type TensorId,
  transpose,
} from '../src/index.ts';
import { checkGradients, weigh } from './checkGradients.ts';
import { runBoth } from './runBoth.ts';

const random = createRandomStream([7, 7]);
const values = (length: number) => Float32Array.from({ length }, () => random.uniform() * 2 - 1);

describe('gradients agree with finite differences', () => {
  it('dense', async () => {
    const g = createBuilder();
    g.output('loss', weigh(g, dense(g, g.input('x', 'f32', [3, 4]), 2)));
    await checkGradients(g.finish(), { x: values(12) });
  });

  it('dense, to its input', async () => {
    const g = createBuilder();
    const hidden = dense(g, g.input('x', 'f32', [3, 4]), 3);
    g.output('loss', weigh(g, dense(g, hidden, 2)));
    await checkGradients(g.finish(), { x: values(12) });
  });

  it('relu', async () => {
    const g = createBuilder();
    g.output('loss', weigh(g, relu(g, g.parameter('p', [3, 5], 'heUniform'))));
    await checkGradients(g.finish(), {});
  });

  it('standardise, per feature and by scalars', async () => {
    const g = createBuilder();
    const p = g.parameter('p', [3, 2], 'heUniform');
    g.output('loss', weigh(g, standardise(g, standardise(g, p, [0.5, -1], [2, 0.5]), 0.25, 1.5)));
    await checkGradients(g.finish(), {});
  });

  it('flatten and transpose', async () => {
    const g = createBuilder();
    const p = g.parameter('p', [2, 3, 2], 'heUniform');
    g.output('loss', weigh(g, flatten(g, transpose(g, p, [2, 0, 1]))));
    await checkGradients(g.finish(), {});
  });

  it('softmax', async () => {
    const g = createBuilder();
    g.output('loss', weigh(g, softmax(g, g.parameter('p', [2, 4], 'heUniform'))));
    await checkGradients(g.finish(), {});
  });

  it('cross-entropy with weights', async () => {
    const g = createBuilder();
    const logits = g.parameter('p', [4, 3], 'heUniform');
    g.output('loss', crossEntropy(g, logits, g.input('y', 'i32', [4]), g.input('w', 'f32', [4])));
    await checkGradients(g.finish(), { y: Int32Array.of(0, 2, 1, 1), w: Float32Array.of(1, 0.5, 0, 2) });
  });

  it('a tensor used several times', async () => {
    const g = createBuilder();
    const p = g.parameter('p', [3, 3], 'heUniform');
    const both = addMap(
      g,
      [3, 3],
      ['mul', ['arg', 0], ['arg', 1]],
      [{ tensor: p }, { tensor: p, map: project(2, [1, 0]) }],
    );
    g.output(
      'loss',
      weigh(g, addMap(g, [3, 3], ['add', ['arg', 0], ['arg', 1]], [{ tensor: both }, { tensor: p }])),
    );
    await checkGradients(g.finish(), {});
  });

  const one: Expression = ['const', 'f32', 0x3f800000];
  const positive: Expression = ['add', ['mul', ['arg', 0], ['arg', 0]], one];
  const expressions: Record<string, Expression> = {
    neg: ['neg', ['arg', 0]],
    sub: ['sub', ['arg', 1], ['arg', 0]],
    div: ['div', ['arg', 0], ['add', ['mul', ['arg', 1], ['arg', 1]], one]],
    sqrt: ['sqrt', positive],
    tanh: ['call', 'tanh', ['mul', ['arg', 0], ['arg', 1]]],
    erf: ['mul', ['arg', 1], ['call', 'erf', ['arg', 0]]],
    'sqrt inside': ['mul', ['arg', 1], ['sqrt', positive]],
    exp: ['call', 'exp', ['mul', ['arg', 0], ['arg', 1]]],
    'exp inside': ['add', ['arg', 1], ['call', 'exp', ['arg', 0]]],
    log: ['call', 'log', positive],
    log1p: ['call', 'log1p', ['mul', ['arg', 0], ['arg', 0]]],
    sin: ['mul', ['arg', 1], ['call', 'sin', ['arg', 0]]],
    cos: ['call', 'cos', ['mul', ['arg', 0], ['arg', 1]]],
    select: ['select', ['lt', ['arg', 1], one], ['mul', ['arg', 0], ['arg', 1]], ['arg', 0]],
  };
  it.each(Object.entries(expressions))('map: %s', async (_, expression) => {
    const g = createBuilder();
    const p = g.parameter('p', [2, 3], 'heUniform');
    const q = g.parameter('q', [3], 'heUniform');
    const operands = [{ tensor: p }, { tensor: q, map: project(2, [1]) }];
    const used = JSON.stringify(expression).includes('["arg",1]');
    g.output('loss', weigh(g, addMap(g, [2, 3], expression, used ? operands : operands.slice(0, 1))));
    await checkGradients(g.finish(), {});
  });
});

describe('differentiate', () => {
  it('stops at detached operands', async () => {
    const g = createBuilder();
    const p = g.parameter('p', [2], 'zeros');
    const square = addMap(
      g,
      [2],
      ['mul', ['arg', 0], ['arg', 1]],
      [{ tensor: p }, { tensor: p, detached: true }],
    );
    g.output('loss', weigh(g, square));
    const graph = differentiate(g.finish(), 'loss');
    const parameters = [{ name: 'p', shape: [2], data: Float32Array.of(3, 5) }];
    const { outputs } = await runBoth(graph, {}, { parameters });
    // d/dp of sum c * p * stop(p) with c = 0.3, 0.8.
    expect([...outputs['d p']]).toEqual([0.3, 0.8].map((c, i) => Math.fround(Math.fround(c) * [3, 5][i])));
  });

  it('adds adjoints in ascending order of consumers', () => {
    const g = createBuilder();
    const p = g.parameter('p', [1], 'zeros');
    const scaled = [2, 3, 4].map((factor) => {
      const c = g.constant(Float32Array.of(factor), [1]);
      return addMap(g, [1], ['mul', ['arg', 0], ['arg', 1]], [{ tensor: p }, { tensor: c }]);
    });
    const total = addMap(
      g,
      [1],
      ['add', ['add', ['arg', 0], ['arg', 1]], ['arg', 2]],
      scaled.map((tensor) => ({ tensor })),
    );
    g.output('loss', weigh(g, total));
    const graph = differentiate(g.finish(), 'loss');
    const sum = graph.nodes[graph.gradients[0].tensor];
    expect(sum.kind === 'map' && sum.expression).toEqual([
      'add',
      ['add', ['arg', 0], ['arg', 1]],
      ['arg', 2],
    ]);
    const factors = (sum.kind === 'map' ? sum.operands : []).map((operand) => {
      const product = graph.nodes[operand];
      const constants = 'operands' in product ? product.operands.map((id) => graph.nodes[id]) : [];
      const constant = constants.filter((node) => node.kind === 'constant').at(-1);
      return constant?.kind === 'constant' ? new Float32Array(constant.bytes.buffer)[0] : undefined;
    });
    expect(factors).toEqual([2, 3, 4]);
  });

  it('adds the adjoints of a hundred consumers in order', async () => {
    const g = createBuilder();
    const p = g.parameter('p', [2], 'heUniform');
    const copies = Array.from({ length: 100 }, (_, i) =>
      addMap(g, [2], ['mul', ['arg', 0], ['const', 'f32', 0x3f800000 + 97 * i]], [{ tensor: p }]),
    );
    g.output('loss', weigh(g, g.add({ kind: 'concat', operands: copies, axis: 0 })));
    await checkGradients(g.finish(), {});
  });

  const scalarLoss = (build: (g: Builder, p: TensorId) => TensorId) => {
    const g = createBuilder();
    g.output('loss', build(g, g.parameter('p', [2, 3], 'heUniform')));
    return g.finish();
  };

  it('refuses readable operations, outputs that are no scalar, unknown outputs', () => {
    const graph = scalarLoss((g, p) => weigh(g, relu(g, p)));
    expect(() => differentiate(graph, 'loss')).toThrow(
      expect.objectContaining({ code: 'differentiate.notLowered' }),
    );
    const vector = scalarLoss((_, p) => p);
    expect(() => differentiate(vector, 'loss')).toThrow(
      expect.objectContaining({ code: 'differentiate.notScalar' }),
    );
    expect(() => differentiate(vector, 'cost')).toThrow(expect.objectContaining({ code: 'graph.noOutput' }));
  });

  it('refuses diagonals, what rounds, and parameters without influence', () => {
    const refused = expect.objectContaining({ code: 'differentiate.unsupported' });
    const diagonal = { matrix: [[1], [1]], offset: [0, 0] };
    const trace = scalarLoss((g, p) =>
      g.add({ kind: 'reduce', op: 'sum', operands: [p], out: [], k: [2], maps: [diagonal] }),
    );
    expect(() => differentiate(trace, 'loss')).toThrow(refused);
    const looked = scalarLoss((g, p) => {
      const table = g.add({
        kind: 'view',
        operands: [p],
        out: [3],
        maps: [{ matrix: [[0], [1]], offset: [0, 0] }],
      });
      return weigh(
        g,
        g.add({ kind: 'lookup', operands: [g.input('x', 'i32', [2]), table], low: 0, high: 2 }),
      );
    });
    expect(() => differentiate(looked, 'loss')).toThrow(refused);
    const unused = scalarLoss((g, p) => {
      g.output('other', g.parameter('q', [1], 'zeros'));
      return weigh(g, p);
    });
    expect(() => differentiate(unused, 'loss')).toThrow(
      expect.objectContaining({ code: 'differentiate.unused' }),
    );
    expect(leavesOf(unused, 'parameter')).toHaveLength(2);
  });
});

/**
 * Parameters at distinct multiples of 1/8 in a scrambled order, so that no two values are within
 * the step of a maximum's kink.
 */
const scrambled = (shape: readonly number[]) => {
  const count = shape.reduce((a, b) => a * b, 1);
  return Float32Array.from({ length: count }, (_, i) => ((i * 37) % count) / 8 - count / 16);
};

describe('derivatives through affine reads agree with finite differences', () => {
  const rows = (...rows: readonly (readonly [...number[], number])[]): Affine => ({
    matrix: rows.map((row) => row.slice(0, -1)),
    offset: rows.map((row) => row.at(-1)!),
  });
  // Rows are factors of the output's axes, then of the reduction's, then the offset.
  const reads: readonly [string, readonly number[], readonly number[], readonly number[], Affine][] = [
    ['a slice', [5], [3], [], rows([1, 1])],
    ['a stride', [7], [3], [], rows([2, 1])],
    ['a reversal', [5], [5], [], rows([-1, 4])],
    ['a reversed stride', [8], [3], [], rows([-3, 7])],
    ['one position', [4], [3], [], rows([0, 2])],
    ['a slice of a transposition', [4, 5], [3, 2], [], rows([0, 2, 0], [1, 0, 1])],
    ['overlapping windows', [6], [4], [3], rows([1, 1, 0])],
    ['dilated windows', [7], [3], [3], rows([1, 2, 0])],
    ['strided windows', [7], [3], [3], rows([2, 1, 0])],
    ['strided, dilated, shifted windows', [12], [3], [3], rows([3, 2, 1])],
    ['windows from the end', [6], [4], [3], rows([-1, 1, 3])],
    ['windows read backwards', [6], [4], [3], rows([1, -1, 2])],
    ['tiles', [6], [3], [2], rows([2, 1, 0])],
    ['tiles of a longer axis', [9], [3], [2], rows([2, 1, 1])],
    ['windows along a diagonal', [5, 6], [3, 4], [3], rows([1, 0, 1, 0], [0, 1, 1, 0])],
    ['tiles in two dimensions', [4, 6], [2, 2], [2, 3], rows([2, 0, 1, 0, 0], [0, 3, 0, 1, 0])],
    ['windows beside a batch', [2, 5], [2, 3], [3], rows([1, 0, 0, 0], [0, 1, 1, 0])],
  ];
  it.each(reads)('%s, by reductions', async (_, shape, out, k, map) => {
    for (const op of k.length > 0 ? (['sum', 'max', 'min'] as const) : (['sum'] as const)) {
      const g = createBuilder();
      const p = g.parameter('p', shape, 'zeros');
      g.output('loss', weigh(g, g.add({ kind: 'reduce', op, operands: [p], out, k, maps: [map] })));
      await checkGradients(g.finish(), {}, [scrambled(shape)]);
    }
  });

  it.each(reads)('%s, by views and maps', async (_, shape, out, k, map) => {
    const g = createBuilder();
    const p = g.parameter('p', shape, 'heUniform');
    const space = [...out, ...k];
    const viewed = g.add({ kind: 'view', operands: [p], out: space, maps: [map] });
    const squared = addMap(
      g,
      space,
      ['mul', ['arg', 0], ['arg', 1]],
      [{ tensor: p, map }, { tensor: viewed }],
    );
    g.output('loss', weigh(g, squared));
    await checkGradients(g.finish(), {});
  });

  it.each(reads)('%s, by contractions', async (_, shape, out, k, map) => {
    const g = createBuilder();
    const p = g.parameter('p', shape, 'heUniform');
    const q = g.parameter('q', [...k, 2], 'heUniform');
    const space = out.length + 1 + k.length;
    // An output axis more, which only q reads.
    const wider = {
      matrix: map.matrix.map((row) => [...row.slice(0, out.length), 0, ...row.slice(out.length)]),
      offset: map.offset,
    };
    const terms = project(space, [...k.map((_, i) => out.length + 1 + i), out.length]);
    for (const swapped of [false, true]) {
      const operands = swapped ? [q, p] : [p, q];
      const maps = swapped ? [terms, wider] : [wider, terms];
      g.output(
        swapped ? 'loss' : 'other',
        weigh(g, g.add({ kind: 'contract', operands, out: [...out, 2], k, maps })),
      );
    }
    await checkGradients(g.finish(), {});
  });

  it('refuses a window in which both factors move', () => {
    const g = createBuilder();
    const p = g.parameter('p', [5], 'heUniform');
    const window = rows([1, 1, 0]);
    const product = g.add({ kind: 'contract', operands: [p, p], out: [3], k: [3], maps: [window, window] });
    g.output('loss', weigh(g, product));
    expect(() => differentiate(g.finish(), 'loss')).toThrow(
      expect.objectContaining({ code: 'differentiate.unsupported' }),
    );
  });

  it('gives a tied maximum to the lowest position', async () => {
    const g = createBuilder();
    const p = g.parameter('p', [6], 'zeros');
    const pooled = g.add({
      kind: 'reduce',
      op: 'max',
      operands: [p],
      out: [2],
      k: [3],
      maps: [rows([3, 1, 0])],
    });
    g.output(
      'loss',
      g.add({ kind: 'reduce', op: 'sum', operands: [pooled], out: [], k: [2], maps: [identity(1)] }),
    );
    const graph = differentiate(g.finish(), 'loss');
    const data = Float32Array.of(1, 1, 0, -0, 0, -1);
    const { outputs } = await runBoth(graph, {}, { parameters: [{ name: 'p', shape: [6], data }] });
    expect([...outputs['d p']]).toEqual([1, 0, 0, 1, 0, 0]);
  });
});

describe('derivatives of moves agree with finite differences', () => {
  it('pad', async () => {
    const g = createBuilder();
    const p = g.parameter('p', [2, 3], 'heUniform');
    const padded = g.add({
      kind: 'pad',
      operands: [p],
      low: [1, 0],
      high: [0, 2],
      interior: [0, 1],
      valueBits: 0x3f800000,
    });
    g.output('loss', weigh(g, padded));
    await checkGradients(g.finish(), {});
  });

  it('concat, a tensor twice', async () => {
    const g = createBuilder();
    const p = g.parameter('p', [2, 3], 'heUniform');
    const q = g.parameter('q', [2, 1], 'heUniform');
    g.output('loss', weigh(g, g.add({ kind: 'concat', operands: [p, q, p], axis: 1 })));
    await checkGradients(g.finish(), {});
  });

  it('gather and scatterAdd, indices repeated', async () => {
    const g = createBuilder();
    const p = g.parameter('p', [2, 4, 3], 'heUniform');
    const index = g.input('i', 'i32', [2, 2]);
    const gathered = g.add({ kind: 'gather', operands: [p, index], axis: 1 });
    g.output('loss', weigh(g, g.add({ kind: 'scatterAdd', operands: [gathered, index], axis: 1, size: 5 })));
    await checkGradients(g.finish(), { i: Int32Array.of(3, 0, 3, 1) });
  });
});
