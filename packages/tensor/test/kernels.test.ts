/**
 * Every kernel against its scalar twin, bit for bit, on random shapes, index maps, expressions and
 * awkward numbers.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Affine, project } from '../src/graph/affine.ts';
import { createBuilder } from '../src/graph/builder.ts';
import { constant, type Expression, integer } from '../src/graph/expression.ts';
import { elementSpecification, type Primitive, type Reduction, reductions } from '../src/graph/primitives.ts';
import { asMatrixProduct } from '../src/kernels/descriptors.ts';
import { runBoth } from './runBoth.ts';

const seed = Number(process.env.SEED ?? 20260720);
console.log(`kernels.test.ts: SEED=${seed}`);
const options = { seed, numRuns: 60 };

/**
 * Zeros of both signs, subnormals, tiny, huge (products and sums of these stay finite), and
 * ordinary numbers.
 */
const awkward = [0, -0, 1, -1, 1e-45, -1e-45, 1e-40, 1.17549435e-38, 1e18, -1e18, 16777217, 1 / 3];
const number = fc.oneof(
  fc.constantFrom(...awkward),
  fc.float({ min: -8, max: 8, noNaN: true, noDefaultInfinity: true }),
);

function numbers(random: () => number, length: number): Float32Array {
  return Float32Array.from({ length }, random);
}

/** Draws from `number` without building an array of arbitraries per element. */
const source = fc
  .tuple(fc.array(number, { minLength: 16, maxLength: 64 }), fc.integer({ min: 1, max: 1000 }))
  .map(([pool, stride]) => {
    let at = 0;
    return () => pool[(at += stride) % pool.length];
  });

/** A graph of one primitive over inputs a, b, c, ... of the given types. */
function single(
  shapes: readonly { shape: readonly number[]; dtype?: 'f32' | 'i32' }[],
  primitive: (operands: number[]) => Primitive,
) {
  const g = createBuilder();
  const operands = shapes.map(({ shape, dtype }, i) =>
    g.input(String.fromCharCode(97 + i), dtype ?? 'f32', shape),
  );
  g.output('out', g.add(primitive(operands)));
  return g.finish();
}

const size = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

describe('matmul', () => {
  const extent = fc.oneof(fc.integer({ min: 1, max: 20 }), fc.constantFrom(32, 33));
  const cases = fc.tuple(extent, extent, extent, fc.boolean(), fc.boolean(), fc.boolean(), source);
  it('equals the twin in every transposition', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ([m, n, k, ta, tb, swap, random]) => {
        const a = ta ? [k, m] : [m, k];
        const b = tb ? [n, k] : [k, n];
        const mapA = project(3, ta ? [2, 0] : [0, 2]);
        const mapB = project(3, tb ? [1, 2] : [2, 1]);
        const graph = single(
          swap ? [{ shape: b }, { shape: a }] : [{ shape: a }, { shape: b }],
          (operands) => ({
            kind: 'contract',
            operands,
            out: [m, n],
            k: [k],
            maps: swap ? [mapB, mapA] : [mapA, mapB],
          }),
        );
        const shapes = swap ? [b, a] : [a, b];
        await runBoth(graph, { a: numbers(random, size(shapes[0])), b: numbers(random, size(shapes[1])) });
      }),
      options,
    );
  });

  it('keeps the order of terms across cache blocks', async () => {
    // 400 terms, 200 rows and 1040 columns: more than one block of each.
    const [random] = fc.sample(source, { seed, numRuns: 1 });
    for (const [m, n] of [
      [5, 1040],
      [200, 13],
    ]) {
      const graph = single([{ shape: [m, 400] }, { shape: [400, n] }], (operands) => ({
        kind: 'contract',
        operands,
        out: [m, n],
        k: [400],
        maps: [project(3, [0, 2]), project(3, [2, 1])],
      }));
      await runBoth(graph, { a: numbers(random, 400 * m), b: numbers(random, 400 * n) });
    }
  });
});

describe('contract', () => {
  // Each axis of an operand reads up to two axes of (o, k) with a stride each, forwards or
  // backwards, as windows do.
  const terms = fc.array(fc.tuple(fc.nat(), fc.constantFrom(1, 1, 1, 2, -1, -3)), { maxLength: 2 });
  const reads = fc.array(terms, { minLength: 1, maxLength: 4 });
  const space = fc.tuple(
    fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 }),
    fc.array(fc.integer({ min: 1, max: 7 }), { maxLength: 3 }),
  );
  it('equals the twin for any affine reads', async () => {
    await fc.assert(
      fc.asyncProperty(space, reads, reads, source, async ([out, k], left, right, random) => {
        const extents = [...out, ...k];
        const operands = [left, right].map((axes) => {
          const matrix = axes.map((terms) => {
            const row = extents.map(() => 0);
            for (const [choice, stride] of terms) row[choice % extents.length] = stride;
            return row;
          });
          const reach = (row: readonly number[], sign: number) =>
            row.reduce((sum, factor, axis) => sum + Math.max(0, sign * factor) * (extents[axis] - 1), 0);
          return {
            map: { matrix, offset: matrix.map((row) => reach(row, -1)) },
            shape: matrix.map((row) => reach(row, -1) + reach(row, 1) + 1),
          };
        });
        const graph = single(operands, (ids) => ({
          kind: 'contract',
          operands: ids,
          out,
          k,
          maps: operands.map(({ map }) => map),
        }));
        const [a, b] = operands.map(({ shape }) => numbers(random, size(shape)));
        await runBoth(graph, { a, b });
      }),
      { seed, numRuns: 150 },
    );
  });

  it.each([
    {
      name: 'the product of a convolution',
      batch: 3,
      channels: 2,
      filters: 5,
      image: 9,
      stride: 1,
      dilation: 1,
    },
    { name: 'strides and dilation', batch: 2, channels: 3, filters: 9, image: 17, stride: 2, dilation: 3 },
    {
      name: 'more terms than one block',
      batch: 1,
      channels: 33,
      filters: 3,
      image: 7,
      stride: 1,
      dilation: 1,
    },
    {
      name: 'more pixels than one block',
      batch: 2,
      channels: 1,
      filters: 6,
      image: 20,
      stride: 1,
      dilation: 1,
    },
  ])('runs $name and both its derivatives', async (shape) => {
    const { batch, channels, filters, image, stride, dilation } = shape;
    const taps = 3;
    const side = Math.floor((image - dilation * (taps - 1) - 1) / stride) + 1;
    const x = [batch, channels, image, image];
    const w = [filters, channels, taps, taps];
    const y = [batch, filters, side, side];
    // (b, o, i, j; c, h, v) as the columns of an index space, in any order.
    const window = (order: string): Affine => ({
      matrix: ['b', 'c', 'ih', 'jv'].map((axis) =>
        [...order].map((name) =>
          axis.includes(name) ? ('ij'.includes(name) ? stride : 'hv'.includes(name) ? dilation : 1) : 0,
        ),
      ),
      offset: [0, 0, 0, 0],
    });
    const pick = (order: string, axes: string) =>
      project(
        order.length,
        [...axes].map((axis) => order.indexOf(axis)),
      );
    const [random] = fc.sample(source, { seed, numRuns: 1 });
    const forward = single([{ shape: x }, { shape: w }], (operands) => ({
      kind: 'contract',
      operands,
      out: y,
      k: [channels, taps, taps],
      maps: [window('boijchv'), pick('boijchv', 'ochv')],
    }));
    await runBoth(forward, { a: numbers(random, size(x)), b: numbers(random, size(w)) });
    const filter = single([{ shape: x }, { shape: y }], (operands) => ({
      kind: 'contract',
      operands,
      out: w,
      k: [batch, side, side],
      maps: [window('ochvbij'), pick('ochvbij', 'boij')],
    }));
    await runBoth(filter, { a: numbers(random, size(x)), b: numbers(random, size(y)) });
    // The derivative of the image reads dY, padded (and spread by the stride), backwards.
    const reach = dilation * (taps - 1);
    const padded = [batch, filters, image + reach, image + reach];
    const back: Affine = {
      matrix: ['b', 'f', 'ph', 'qv'].map((axis) =>
        [...'bcpqfhv'].map((name) => (axis.includes(name) ? ('hv'.includes(name) ? -dilation : 1) : 0)),
      ),
      offset: [0, 0, reach, reach],
    };
    const data = single([{ shape: padded }, { shape: w }], (operands) => ({
      kind: 'contract',
      operands,
      out: x,
      k: [filters, taps, taps],
      maps: [back, pick('bcpqfhv', 'fchv')],
    }));
    await runBoth(data, { a: numbers(random, size(padded)), b: numbers(random, size(w)) });
  });

  it('runs contractions that are no matrix product', async () => {
    // A convolution of two axes of terms (o + k), and a batched product.
    const window: Affine = {
      matrix: [
        [1, 0, 0, 1, 0],
        [0, 1, 0, 0, 1],
      ],
      offset: [0, 0],
    };
    const convolution: Primitive = {
      kind: 'contract',
      operands: [0, 1],
      out: [4, 5, 3],
      k: [2, 3],
      maps: [window, project(5, [2, 3, 4])],
    };
    expect(
      asMatrixProduct(
        elementSpecification(convolution, [
          [5, 7],
          [3, 2, 3],
        ]),
      ),
    ).toBeUndefined();
    await runBoth(
      single([{ shape: [5, 7] }, { shape: [3, 2, 3] }], (operands) => ({ ...convolution, operands })),
      {
        a: Float32Array.from({ length: 35 }, (_, i) => i / 7),
        b: Float32Array.from({ length: 18 }, (_, i) => 1 / (i + 1)),
      },
    );
    const batched = single([{ shape: [3, 2, 5] }, { shape: [3, 5, 4] }], (operands) => ({
      kind: 'contract',
      operands,
      out: [3, 2, 4],
      k: [5],
      maps: [project(4, [0, 1, 3]), project(4, [0, 3, 2])],
    }));
    await runBoth(batched, {
      a: Float32Array.from({ length: 30 }, (_, i) => i / 7),
      b: Float32Array.from({ length: 60 }, (_, i) => 1 / (i + 1)),
    });
  });

  it('gives the one rounded product where there is no axis of terms', async () => {
    const graph = single([{ shape: [3] }, { shape: [5] }], (operands) => ({
      kind: 'contract',
      operands,
      out: [3, 5],
      k: [],
      maps: [project(2, [0]), project(2, [1])],
    }));
    const { outputs } = await runBoth(graph, {
      a: Float32Array.of(1, -0, 3),
      b: Float32Array.of(1, 2, 0, -4, 5),
    });
    // The sum starts at +0, so that a product of -0 gives +0.
    expect(Object.is(outputs.out[5], 0)).toBe(true);
  });
});

describe('reduce', () => {
  const shape = fc.array(fc.integer({ min: 1, max: 19 }), { minLength: 1, maxLength: 3 });
  const cases = fc.tuple(shape, fc.nat(), fc.constantFrom(...reductions), fc.boolean(), source);
  it('equals the twin over any axes in any order', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ([shape, choice, op, reversed, random]) => {
        const axes = [...shape.keys()];
        if (reversed) axes.reverse();
        const kept = axes.filter((axis) => (choice >> axis) & 1);
        const reduced = axes.filter((axis) => !((choice >> axis) & 1));
        const order = [...kept, ...reduced];
        const graph = single([{ shape }], (operands) => ({
          kind: 'reduce',
          op,
          operands,
          out: kept.map((axis) => shape[axis]),
          k: reduced.map((axis) => shape[axis]),
          maps: [
            project(
              order.length,
              shape.map((_, axis) => order.indexOf(axis)),
            ),
          ],
        }));
        await runBoth(graph, { a: numbers(random, size(shape)) });
      }),
      options,
    );
  });

  it('keeps the lowest of equal maxima and minima, zeros of both signs being equal', async () => {
    const graph = (op: Reduction) =>
      single([{ shape: [4] }], (operands) => ({
        kind: 'reduce',
        op,
        operands,
        out: [],
        k: [4],
        maps: [project(1, [0])],
      }));
    const a = Float32Array.of(-1, -0, 0, -0);
    expect((await runBoth(graph('argmax'), { a })).outputs.out[0]).toBe(1);
    expect(Object.is((await runBoth(graph('max'), { a })).outputs.out[0], -0)).toBe(true);
    const b = Float32Array.of(1, 0, -0, 0);
    expect((await runBoth(graph('argmin'), { a: b })).outputs.out[0]).toBe(1);
    expect(Object.is((await runBoth(graph('min'), { a: b })).outputs.out[0], 0)).toBe(true);
  });
});

describe('NaN', () => {
  it.each(['max', 'min'] as const)('is the %s of terms that hold one, wherever it stands', async (op) => {
    const width = 600;
    const g = createBuilder();
    const x = g.input('x', 'f32', [9, width]);
    g.output('y', g.add({ kind: op, operands: [x], axes: [1], keep: false }));
    const at = [0, 1, 7, 255, 256, 299, 599, -1, 8];
    const values = Float32Array.from({ length: 9 * width }, (_, i) =>
      at[Math.floor(i / width)] === i % width ? Number.NaN : Math.sin(i),
    );
    const { y } = (await runBoth(g.finish(), { x: values })).outputs;
    expect([...y].map(Number.isNaN)).toEqual(at.map((position) => position >= 0));
  });

  it.each(['argmax', 'argmin'] as const)('is where %s stops', async (kind) => {
    const g = createBuilder();
    const x = g.input('x', 'f32', [3, 5]);
    const choice = kind === 'argmax' ? { kind: 'argmaxAlong' as const } : { kind };
    g.output('y', g.add({ ...choice, operands: [x], axis: 1, keep: false }));
    const values = [Number.NaN, 1, 9, 2, -9, 1, 2, Number.NaN, 9, Number.NaN, -4, 1, 2, 3, 4];
    const { y } = (await runBoth(g.finish(), { x: Float32Array.from(values) })).outputs;
    expect([...y]).toEqual(kind === 'argmax' ? [0, 2, 4] : [0, 2, 0]);
  });

  it.each(['relu', 'maximum', 'minimum'] as const)('passes through %s', async (kind) => {
    const g = createBuilder();
    const [x, one] = [g.input('x', 'f32', [4]), g.input('one', 'f32', [1])];
    g.output('y', g.add(kind === 'relu' ? { kind, operands: [x] } : { kind, operands: [one, x] }));
    const run = await runBoth(g.finish(), {
      x: Float32Array.of(Number.NaN, -1, 2, -0),
      ...(kind === 'relu' ? {} : { one: Float32Array.of(1) }),
    });
    const expected = { relu: [0, 2, 0], maximum: [1, 2, 1], minimum: [-1, 1, -0] }[kind];
    expect([...run.outputs.y]).toEqual([Number.NaN, ...expected]);
  });
});

describe('map', () => {
  const { expression } = fc.letrec<{
    expression: Expression;
    integer: Expression;
    condition: Expression;
  }>((tie) => ({
    expression: fc.oneof(
      { maxDepth: 4, depthIdentifier: 'e' },
      fc.constantFrom<Expression>(['arg', 0], ['arg', 1], ['arg', 2]),
      number.map(constant),
      fc.tuple(fc.constantFrom('neg', 'sqrt'), tie('expression')) as fc.Arbitrary<Expression>,
      fc.tuple(
        fc.constantFrom('add', 'sub', 'mul', 'div'),
        tie('expression'),
        tie('expression'),
      ) as fc.Arbitrary<Expression>,
      fc.tuple(
        fc.constant('call'),
        fc.constantFrom('exp', 'log', 'tanh', 'erf', 'log1p', 'sin', 'cos'),
        tie('expression'),
      ) as fc.Arbitrary<Expression>,
      fc.tuple(
        fc.constant('select'),
        tie('condition'),
        tie('expression'),
        tie('expression'),
      ) as fc.Arbitrary<Expression>,
      fc.tuple(
        fc.constantFrom('convert', 'bitcast'),
        fc.constant('f32'),
        tie('integer'),
      ) as fc.Arbitrary<Expression>,
    ),
    integer: fc.oneof(
      { maxDepth: 3, depthIdentifier: 'i' },
      fc.constantFrom<Expression>(['arg', 3], ['index', 0], ['index', 1]),
      fc.integer().map(integer),
      fc.tuple(fc.constant('neg'), tie('integer')) as fc.Arbitrary<Expression>,
      fc.tuple(fc.constant('convert'), fc.constant('i32'), tie('expression')) as fc.Arbitrary<Expression>,
      // The bits of a NaN are outside the definition.
      tie('expression').map((e): Expression => ['bitcast', 'i32', ['select', ['eq', e, e], e, constant(0)]]),
      fc.tuple(
        fc.constantFrom('add', 'sub', 'mul', 'and', 'or', 'xor', 'shl', 'shr'),
        tie('integer'),
        tie('integer'),
      ) as fc.Arbitrary<Expression>,
    ),
    condition: fc.oneof(
      { maxDepth: 3, depthIdentifier: 'c' },
      fc.tuple(fc.constantFrom('lt', 'eq'), tie('expression'), tie('expression')) as fc.Arbitrary<Expression>,
      fc.tuple(fc.constantFrom('lt', 'eq'), tie('integer'), tie('integer')) as fc.Arbitrary<Expression>,
      fc.tuple(
        fc.constantFrom('and', 'or', 'xor'),
        tie('condition'),
        tie('condition'),
      ) as fc.Arbitrary<Expression>,
      fc.constant<Expression>(['eq', ['index', 1], ['arg', 3]]),
    ),
  }));
  const extent = fc.constantFrom(1, 3, 4, 7, 10, 40);
  it('equals the twin for random expressions over whole, broadcast and transposed operands', async () => {
    await fc.assert(
      fc.asyncProperty(expression, extent, extent, source, async (expression, rows, columns, random) => {
        const graph = single(
          [
            { shape: [rows, columns] },
            { shape: [columns] },
            { shape: [columns, rows] },
            { shape: [rows], dtype: 'i32' },
            { shape: [] },
          ],
          (operands) => ({
            kind: 'map',
            operands,
            out: [rows, columns],
            maps: [project(2, [0, 1]), project(2, [1]), project(2, [1, 0]), project(2, [0]), project(2, [])],
            detached: [],
            expression: ['add', expression, ['arg', 4]],
          }),
        );
        await runBoth(graph, {
          a: numbers(random, rows * columns),
          b: numbers(random, columns),
          c: numbers(random, rows * columns),
          d: Int32Array.from({ length: rows }, (_, i) => i % 5),
          e: 0.5,
        });
      }),
      { seed, numRuns: 200 },
    );
  });

  it.each([
    [2, 3, 7],
    [5, 2, 14],
    [40, 2, 3],
    [3, 2, 150],
  ])('repeats each element of %i rows, %i times, of %i columns', async (rows, times, columns) => {
    const graph = single([{ shape: [rows, columns] }], (operands) => ({
      kind: 'map',
      operands,
      out: [rows, times, columns, times],
      maps: [project(4, [0, 2])],
      detached: [],
      expression: ['neg', ['arg', 0]],
    }));
    await runBoth(graph, { a: Float32Array.from({ length: rows * columns }, (_, i) => i - 7) });
  });

  it('converts to integers, which have one zero, and back', async () => {
    const a = Float32Array.of(-0.5, -0, 0.5, -1.5, 3e9, -3e9, Infinity, -Infinity, Number.NaN);
    const expression: Expression = ['convert', 'f32', ['convert', 'i32', ['arg', 0]]];
    const graph = single([{ shape: [9] }], (operands) => ({
      kind: 'map',
      operands,
      out: [9],
      maps: [project(1, [0])],
      detached: [],
      expression,
    }));
    const { outputs } = await runBoth(graph, { a });
    const limit = 2 ** 31;
    expect([...outputs.out]).toEqual([0, 0, 0, -1, limit, -limit, limit, -limit, 0]);
  });

  it('reads slices, strides and reversals through a view', async () => {
    const graph = single([{ shape: [6, 9] }], (operands) => ({
      kind: 'view',
      operands,
      out: [3, 4],
      maps: [
        {
          matrix: [
            [2, 0],
            [0, -2],
          ],
          offset: [1, 8],
        },
      ],
    }));
    const { outputs } = await runBoth(graph, { a: Float32Array.from({ length: 54 }, (_, i) => i) });
    expect([...outputs.out]).toEqual([17, 15, 13, 11, 35, 33, 31, 29, 53, 51, 49, 47]);
  });
});
