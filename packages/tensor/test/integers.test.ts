/**
 * Integers: reductions and contractions of i32 by known values, kernel against twin, and the kernel
 * that a contraction is given by what is known of its operands.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Affine } from '../src/graph/affine.ts';
import { project } from '../src/graph/affine.ts';
import { addMap } from '../src/graph/emit.ts';
import { arg } from '../src/graph/expression.ts';
import { type Primitive, type Reduction, reductions } from '../src/graph/primitives.ts';
import { createBuilder, createProgram, differentiate, type Shape } from '../src/index.ts';
import { findCompanions } from '../src/kernels/companions.ts';
import { runBoth } from './runBoth.ts';

const seed = Number(process.env.SEED ?? 20261201);
console.log(`integers.test.ts: SEED=${seed}`);

const size = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);
const least = -(2 ** 31);
const most = 2 ** 31 - 1;

/** A graph of one primitive over i32 inputs a, b, ... */
function single(shapes: readonly Shape[], primitive: (operands: number[]) => Primitive) {
  const g = createBuilder();
  const operands = shapes.map((shape, i) => g.input(String.fromCharCode(97 + i), 'i32', shape));
  g.output('out', g.add(primitive(operands)));
  return g.finish();
}

/** Whole numbers of all sizes, and those at which something changes. */
const integer = fc.oneof(
  fc.integer({ min: -300, max: 300 }),
  fc.integer(),
  fc.constantFrom(0, 1, -1, least, most, 32_767, -32_768, 65_536),
);
const source = fc
  .tuple(fc.array(integer, { minLength: 16, maxLength: 64 }), fc.integer({ min: 1, max: 1000 }))
  .map(([pool, stride]) => {
    let at = 0;
    return (length: number) => Int32Array.from({ length }, () => pool[(at += stride) % pool.length]);
  });

describe('reductions of i32', () => {
  const rows = (op: Reduction, width: number) =>
    single([[2, width]], (operands) => ({
      kind: 'reduce',
      op,
      operands,
      out: [2],
      k: [width],
      maps: [project(2, [0, 1])],
    }));
  const a = Int32Array.of(3, -7, 3, least, 2, 16_777_217, 16_777_216, 16_777_217);

  it.each([
    ['sum', [3 - 7 + 3 + least, 2 + 3 * 16_777_216 + 2]],
    ['max', [3, 16_777_217]],
    ['min', [least, 2]],
    ['argmax', [0, 1]],
    ['argmin', [3, 0]],
  ] as const)('%s is exact, and ties go to the lowest position', async (op, expected) => {
    const { outputs } = await runBoth(rows(op, 4), { a });
    expect([...outputs.out]).toEqual(expected.map((value) => value | 0));
  });

  it('sums wrap mod 2^32', async () => {
    const { outputs } = await runBoth(rows('sum', 2), { a: Int32Array.of(most, 1, least, -1) });
    expect([...outputs.out]).toEqual([least, most]);
  });

  it('have no derivative', () => {
    const g = createBuilder();
    const x = g.parameter('x', [3], 'zeros');
    const whole = addMap(g, [3], ['convert', 'i32', arg(0)], [{ tensor: x }]);
    const total = g.add({
      kind: 'reduce',
      op: 'sum',
      operands: [whole],
      out: [],
      k: [3],
      maps: [project(1, [0])],
    });
    g.output('loss', addMap(g, [], ['convert', 'f32', arg(0)], [{ tensor: total }]));
    expect(() => differentiate(g.finish(), 'loss')).toThrow('influence loss');
  });

  const windows = fc.record({
    out: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 3 }),
    k: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 2 }),
    stride: fc.constantFrom(1, 2, -1),
    op: fc.constantFrom(...reductions),
    numbers: source,
  });
  it('equal the twin over any windows, and together with their positions', async () => {
    await fc.assert(
      fc.asyncProperty(windows, async ({ out, k, stride, op, numbers }) => {
        const extents = [...out, ...k];
        const row = extents.map((_, column): number => (column === out.length - 1 ? stride : 1));
        const offset = stride < 0 ? out[out.length - 1] - 1 : 0;
        const reach = row.reduce((sum, factor, i) => sum + Math.abs(factor) * (extents[i] - 1), 1);
        const maps: Affine[] = [{ matrix: [row], offset: [offset] }];
        const g = createBuilder();
        const x = g.input('a', 'i32', [reach]);
        for (const each of new Set<Reduction>([op, 'argmax', 'max'])) {
          g.output(each, g.add({ kind: 'reduce', op: each, operands: [x], out, k, maps }));
        }
        const graph = g.finish();
        // A maximum and its position are one call.
        expect(findCompanions(graph).size).toBe(1);
        await runBoth(graph, { a: numbers(reach) });
      }),
      { seed, numRuns: 80 },
    );
  });

  it('goes through more terms and outputs than one block', async () => {
    const graph = single([[300, 600]], (operands) => ({
      kind: 'reduce',
      op: 'argmin',
      operands,
      out: [300],
      k: [600],
      maps: [project(2, [0, 1])],
    }));
    const a = Int32Array.from({ length: 300 * 600 }, (_, i) => Math.imul(i, 0x9e3779b1) >> 20);
    await runBoth(graph, { a });
  });
});

describe('contractions of i32', () => {
  it('are exact mod 2^32', async () => {
    const graph = single(
      [
        [1, 3],
        [3, 1],
      ],
      (operands) => ({
        kind: 'contract',
        operands,
        out: [1, 1],
        k: [3],
        maps: [project(3, [0, 2]), project(3, [2, 1])],
      }),
    );
    const { outputs } = await runBoth(graph, {
      a: Int32Array.of(65_537, least, most),
      b: Int32Array.of(65_537, 3, most),
    });
    expect(outputs.out[0]).toBe(
      Number(BigInt.asIntN(32, 65_537n ** 2n + BigInt(least) * 3n + BigInt(most) ** 2n)),
    );
  });

  // Each axis of an operand reads up to two axes of (o, k), forwards or backwards, as windows do.
  const reads = fc.array(
    fc.array(fc.tuple(fc.nat(), fc.constantFrom(1, 1, 1, 2, -1, -3)), { maxLength: 2 }),
    { minLength: 1, maxLength: 4 },
  );
  const cases = fc.record({
    out: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 }),
    k: fc.array(fc.integer({ min: 1, max: 7 }), { maxLength: 3 }),
    left: reads,
    right: reads,
    isShort: fc.boolean(),
    bias: fc.boolean(),
    numbers: source,
  });
  it('equal the twin for any affine reads, of all i32 and of those that fit 16 bits', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ out, k, left, right, isShort, bias, numbers }) => {
        const extents = [...out, ...k];
        const g = createBuilder();
        const operands = [left, right].map((axes, i) => {
          const matrix = axes.map((terms) => {
            const row = extents.map(() => 0);
            for (const [choice, stride] of terms) row[choice % extents.length] = stride;
            return row;
          });
          const reach = (row: readonly number[], sign: number) =>
            row.reduce((sum, factor, axis) => sum + Math.max(0, sign * factor) * (extents[axis] - 1), 0);
          const shape = matrix.map((row) => reach(row, -1) + reach(row, 1) + 1);
          const tensor = g.input('ab'[i], 'i32', shape);
          return { map: { matrix, offset: matrix.map((row) => reach(row, -1)) }, shape, tensor };
        });
        const bounded = operands.map(({ tensor }) =>
          isShort
            ? g.add({
                kind: 'requantise',
                operands: [tensor],
                axis: 0,
                shift: [0],
                zero: [0],
                low: -32_768,
                high: 32_767,
              })
            : tensor,
        );
        const maps = operands.map(({ map }) => map);
        const sum = g.add({ kind: 'contract', operands: bounded, out, k, maps });
        const last = [out[out.length - 1]];
        const term = { tensor: g.input('c', 'i32', last), map: project(out.length, [out.length - 1]) };
        g.output('out', bias ? addMap(g, out, ['add', arg(0), arg(1)], [{ tensor: sum }, term]) : sum);
        if (!bias) g.output('c', term.tensor);
        const [a, b] = operands.map(({ shape }) => numbers(size(shape)));
        await runBoth(g.finish(), { a, b, c: numbers(last[0]) });
      }),
      { seed, numRuns: 150 },
    );
  });

  it.each([
    [5, 1040, 401],
    [200, 13, 1030],
    [1, 128, 785],
  ])('go through more than one block: %i rows, %i columns, %i terms', async (m, n, k) => {
    const numbers = (length: number, key: number) =>
      Int32Array.from({ length }, (_, i) => Math.imul(i + 1, key) >> 16);
    for (const isShort of [false, true]) {
      const g = createBuilder();
      const bounds = { axis: 0, shift: [0], zero: [0], low: -32_768, high: 32_767 } as const;
      const x = g.input('a', 'i32', [m, k]);
      const left = isShort ? g.add({ kind: 'requantise', operands: [x], ...bounds }) : x;
      const right = g.constant(numbers(n * k, 0x85ebca6b), [k, n]);
      const maps = [project(3, [0, 2]), project(3, [2, 1])];
      g.output('out', g.add({ kind: 'contract', operands: [left, right], out: [m, n], k: [k], maps }));
      await runBoth(g.finish(), { a: numbers(m * k, 0x9e3779b1) });
    }
  });
});

describe('requantise', () => {
  it('rounds half up, towards positive infinity', async () => {
    const graph = single([[8]], (operands) => ({
      kind: 'requantise',
      operands,
      axis: 0,
      shift: [1],
      zero: [0],
      low: -128,
      high: 127,
    }));
    const { outputs } = await runBoth(graph, { a: Int32Array.of(-3, -2, -1, 0, 1, 2, 3, 1000) });
    expect([...outputs.out]).toEqual([-1, -1, 0, 0, 1, 1, 2, 127]);
  });

  const cases = fc.record({
    inner: fc.integer({ min: 1, max: 13 }),
    outer: fc.integer({ min: 1, max: 3 }),
    shift: fc.array(fc.nat(31), { minLength: 1, maxLength: 5 }),
    zero: fc.constantFrom(0, 0, 1, -5, most, least),
    bounds: fc.tuple(integer, integer),
    numbers: source,
  });
  it('equals the twin at every shift, zero and range', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ inner, outer, shift, zero, bounds, numbers }) => {
        const shape = [outer, shift.length, inner];
        const [low, high] = bounds.toSorted((x, y) => x - y);
        const g = createBuilder();
        const x = g.input('a', 'i32', shape);
        const attributes = {
          axis: shift.length === 1 ? 0 : 1,
          shift,
          zero: shift.map(() => zero),
          low,
          high,
        };
        // What follows it in memory must stay.
        g.output('out', g.add({ kind: 'requantise', operands: [x], ...attributes }));
        g.output('next', g.add({ kind: 'requantise', operands: [x], ...attributes, low, high: low }));
        await runBoth(g.finish(), { a: numbers(size(shape)) });
      }),
      { seed, numRuns: 150 },
    );
  });
});

it('more threads give the same integers', async () => {
  const { startThreads } = await import('../src/threads/index.ts');
  const threads = startThreads(2);
  const g = createBuilder();
  const x = g.input('x', 'i32', [128, 784]);
  const w = g.constant(
    Int32Array.from({ length: 784 * 128 }, (_, i) => ((i * 7919) % 255) - 127),
    [784, 128],
  );
  const maps = [project(3, [0, 2]), project(3, [2, 1])];
  g.output('out', g.add({ kind: 'contract', operands: [x, w], out: [128, 128], k: [784], maps }));
  const graph = g.finish();
  const input = { x: Int32Array.from({ length: 128 * 784 }, (_, i) => i % 256) };
  const [alone, together] = [await createProgram(graph), await createProgram(graph, { threads })];
  expect(together.run(input)).toEqual(alone.run(input));
  together.close();
  await threads.close();
});
