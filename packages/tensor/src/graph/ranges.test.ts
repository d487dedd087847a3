/** Ranges of integers: known answers, what may wrap, and every value of random graphs inside. */
import { createRandomStream } from '@nonet/core';
import { describe, expect, it } from 'vitest';
import { createTwinProgram } from '../twins/index.ts';
import { type Affine, project } from './affine.ts';
import { type Builder, createBuilder } from './builder.ts';
import { addMap, addReduce } from './emit.ts';
import { arg, type Expression, integer } from './expression.ts';
import type { Graph, TensorId } from './graph.ts';
import { analyseRanges, assertNoWrap, babyBearLimit, i32Limit } from './ranges.ts';

const bounded = (g: Builder, x: TensorId, low: number, high: number): TensorId =>
  g.add({ kind: 'requantise', operands: [x], axis: 0, shift: [0], zero: [0], low, high });

/** The range of the output `y`. */
function rangeOf(build: (g: Builder) => TensorId) {
  const g = createBuilder();
  g.output('y', build(g));
  const graph = g.finish();
  return analyseRanges(graph)[graph.outputs[0].tensor];
}

/** (rows, 2) of bytes 0 to 255, times two columns of weights. */
function product(g: Builder, weights: readonly number[], extent: number | 'B' = 'B') {
  const x = bounded(g, g.input('x', 'i32', [extent, 2]), 0, 255);
  const w = g.constant(Int32Array.from(weights), [2, 2]);
  const maps = [project(3, [0, 2]), project(3, [2, 1])];
  return g.add({ kind: 'contract', operands: [x, w], out: [extent, 2], k: [2], maps });
}

describe('ranges', () => {
  it('of a product are the worst of each column of weights', () => {
    expect(rangeOf((g) => product(g, [1, -2, 3, -4]))).toMatchObject({ low: -6 * 255, high: 4 * 255 });
  });

  it('of a product count terms that no weight tells apart', () => {
    const range = rangeOf((g) => {
      const x = bounded(g, g.input('x', 'i32', [7, 10]), -1, 3);
      const one = g.constant(Int32Array.of(5), []);
      const maps = [project(2, [0, 1]), project(2, [])];
      return g.add({ kind: 'contract', operands: [x, one], out: [7], k: [10], maps });
    });
    expect(range).toMatchObject({ low: -50, high: 150 });
  });

  it('of a requantisation reach the sum before the shift', () => {
    const range = rangeOf((g) =>
      g.add({
        kind: 'requantise',
        operands: [product(g, [1, -2, 3, -4])],
        axis: 1,
        shift: [4, 3],
        zero: [1, 0],
        low: -100,
        high: 90,
      }),
    );
    expect(range).toEqual({ low: -100, high: 90, peak: 6 * 255 + 8 });
  });

  it.each<[string, Expression, number, number]>([
    ['a sum', ['add', arg(0), integer(3)], -7, 23],
    ['a difference', ['sub', integer(0), arg(0)], -20, 10],
    ['a product', ['mul', arg(0), arg(0)], -200, 400],
    ['a larger one', ['select', ['lt', arg(0), integer(0)], integer(0), arg(0)], 0, 20],
    ['a smaller one', ['select', ['lt', arg(0), integer(5)], arg(0), integer(5)], -10, 5],
    ['a choice', ['select', ['eq', arg(0), integer(5)], integer(50), arg(0)], -10, 50],
    ['a shift', ['shr', arg(0), integer(1)], -5, 10],
    ['a doubling', ['shl', arg(0), integer(1)], -20, 40],
    ['lower bits', ['and', arg(0), integer(7)], 0, 7],
    ['joined bits', ['or', ['and', arg(0), integer(7)], integer(16)], 0, 31],
    ['a position', ['index', 0], 0, 3],
  ])('of %s', (_, expression, low, high) => {
    const range = rangeOf((g) =>
      addMap(g, [4], expression, [{ tensor: bounded(g, g.input('x', 'i32', [4]), -10, 20) }]),
    );
    expect(range).toMatchObject({ low, high });
  });

  it('of what wrapped are all of i32', () => {
    const range = rangeOf((g) => {
      const x = g.input('x', 'i32', [4]);
      const wrapped = addMap(g, [4], ['add', arg(0), integer(1)], [{ tensor: x }]);
      return bounded(g, wrapped, -5, 2 ** 31 - 1);
    });
    expect(range).toMatchObject({ low: -5, high: 2 ** 31 - 1 });
  });
});

describe('assertNoWrap', () => {
  const sumOf = (terms: number) => {
    const g = createBuilder();
    const x = bounded(g, g.input('x', 'i32', ['B', terms]), -128, 127);
    g.output('y', addReduce(g, 'sum', x, [1], 'total'));
    return g.finish();
  };

  it('lets a sum grow to the limit and refuses one term more, by name', () => {
    const most = Math.floor(babyBearLimit.magnitude / 128);
    expect(() => assertNoWrap(sumOf(most), babyBearLimit)).not.toThrow();
    expect(() => assertNoWrap(sumOf(most + 1), babyBearLimit)).toThrow(
      expect.objectContaining({
        code: 'ranges.wrap',
        found: `up to ${128 * (most + 1)} in node 2, reduce "total"`,
      }),
    );
    expect(() => assertNoWrap(sumOf(most + 1), i32Limit)).not.toThrow();
    expect(() => assertNoWrap(sumOf(2 ** 24), i32Limit)).toThrow('i32');
  });

  it('counts the rounding of a requantisation', () => {
    const g = createBuilder();
    const x = bounded(g, g.input('x', 'i32', [1]), 0, babyBearLimit.magnitude - 8);
    const shift = (by: number) =>
      g.add({ kind: 'requantise', operands: [x], axis: 0, shift: [by], zero: [0], low: 0, high: 5 });
    g.output('y', shift(4));
    expect(() => assertNoWrap(g.finish(), babyBearLimit)).not.toThrow();
    g.output('z', shift(5));
    expect(() => assertNoWrap(g.finish(), babyBearLimit)).toThrow('requantise');
  });

  it('takes a given range in the place of weights', () => {
    const g = createBuilder();
    g.output('y', product(g, [1, -2, 3, -4]));
    const graph = g.finish();
    const weights = graph.nodes.findIndex(({ kind }) => kind === 'constant');
    const given = new Map([[weights, { low: -128, high: 127 }]]);
    const { tensor } = graph.outputs[0];
    expect(analyseRanges(graph, given)[tensor]).toMatchObject({ low: -2 * 128 * 255, high: 2 * 127 * 255 });
  });

  it('refuses an input that nothing bounds, where it is added to', () => {
    const g = createBuilder();
    g.output('y', addMap(g, [1], ['add', arg(0), arg(0)], [{ tensor: g.input('x', 'i32', [1]) }]));
    expect(() => assertNoWrap(g.finish(), i32Limit)).toThrow('map');
  });
});

/** A random graph of integers whose values are outputs. */
function randomGraph(key: number): Graph {
  const { below } = createRandomStream([20261201, key]);
  const pick = <T>(from: readonly T[]): T => from[below(from.length)];
  const g = createBuilder();
  const pool: TensorId[] = [bounded(g, g.input('x', 'i32', [3, 4]), -below(200), below(300))];
  const constant = (shape: readonly number[]) => {
    const count = shape.reduce((a, b) => a * b, 1);
    return g.constant(
      Int32Array.from({ length: count }, () => below(400) - 200),
      shape,
    );
  };
  const reversed: Affine = {
    matrix: [
      [-1, 0],
      [0, 1],
    ],
    offset: [2, 0],
  };
  const grow: readonly ((x: TensorId) => TensorId)[] = [
    (x) => {
      const maps = [project(3, [0, 2]), project(3, [2, 1])];
      return g.add({ kind: 'contract', operands: [x, constant([4, 4])], out: [3, 4], k: [4], maps });
    },
    (x) =>
      g.add({
        kind: 'requantise',
        operands: [x],
        axis: 1,
        shift: [0, 1, 4, below(12)],
        zero: [0, 0, -3, below(9)],
        low: -below(300),
        high: below(300),
      }),
    (x) => addMap(g, [3, 4], pick(expressions), [{ tensor: x }, { tensor: pick(pool) }]),
    (x) => g.add({ kind: 'view', operands: [x], out: [3, 4], maps: [reversed] }),
    (x) => {
      const all = { kind: 'reduce', operands: [x], out: [3], k: [4], maps: [project(2, [0, 1])] } as const;
      const row = g.add({ ...all, op: pick(['sum', 'max', 'min', 'argmax', 'argmin'] as const) });
      return g.add({ kind: 'view', operands: [row], out: [3, 4], maps: [project(2, [0])] });
    },
    (x) => {
      const y = g.add({ kind: 'concat', operands: [x, constant([3, 1])], axis: 1 });
      const shifted = {
        matrix: [
          [1, 0],
          [0, 1],
        ],
        offset: [0, 1],
      };
      return g.add({ kind: 'view', operands: [y], out: [3, 4], maps: [shifted] });
    },
    (x) => {
      const safe = bounded(g, x, -2, 3);
      return g.add({ kind: 'lookup', operands: [safe, constant([6])], low: -2, high: 3 });
    },
  ];
  for (let node = 0; node < 8; node++) pool.push(pick(grow)(pick(pool)));
  for (const [i, id] of pool.entries()) g.output(`o${i}`, id);
  return g.finish();
}

const expressions: readonly Expression[] = [
  ['add', arg(0), arg(1)],
  ['sub', arg(0), arg(1)],
  ['mul', arg(0), arg(1)],
  ['select', ['lt', arg(0), arg(1)], arg(1), arg(0)],
  ['xor', ['and', arg(0), integer(63)], integer(5)],
  ['shr', arg(0), integer(3)],
];

it('hold every value of random graphs', () => {
  for (let key = 0; key < 200; key++) {
    const graph = randomGraph(key);
    const { below } = createRandomStream([20261202, key]);
    const x = Int32Array.from({ length: 12 }, () => below(1000) - 500);
    const outputs = createTwinProgram(graph).run({ x });
    const ranges = analyseRanges(graph);
    for (const { name, tensor } of graph.outputs) {
      const { low, high } = ranges[tensor]!;
      for (const value of outputs[name]) {
        const inside = value >= Math.max(low, -(2 ** 31)) && value <= Math.min(high, 2 ** 31 - 1);
        const wrapped = low < -(2 ** 31) || high > 2 ** 31 - 1;
        expect(inside || wrapped, `${name} of graph ${key}: ${value} in ${low}..${high}`).toBe(true);
      }
    }
  }
});
