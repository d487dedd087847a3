/**
 * Primitives that move elements, integers and random numbers: known values, kernel against twin,
 * what is refused.
 */
import { philox } from '@nonet/core';
import { encodeCanonical } from '@nonet/core/codec';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Primitive } from '../src/graph/primitives.ts';
import type { Dtype, Shape } from '../src/graph/shape.ts';
import { bind, createBuilder, createProgram, decodeGraph, encodeGraph } from '../src/index.ts';
import { createTwinProgram } from '../src/twins/index.ts';
import { runBoth } from './runBoth.ts';

const seed = Number(process.env.SEED ?? 20261127);
console.log(`primitives.test.ts: SEED=${seed}`);

/** A graph of one primitive over inputs a, b, c, ... of the given types. */
function single(types: readonly (readonly [Dtype, Shape])[], primitive: (operands: number[]) => Primitive) {
  const g = createBuilder();
  const operands = types.map(([dtype, shape], i) => g.input(String.fromCharCode(97 + i), dtype, shape));
  g.output('out', g.add(primitive(operands)));
  return g.finish();
}

const count = (length: number) => Float32Array.from({ length }, (_, i) => i + 1);
const size = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

/** The primitive over inputs counted 1, 2, 3, ... */
async function valuesOf(
  shapes: readonly (readonly number[])[],
  primitive: (operands: number[]) => Primitive,
) {
  const graph = single(
    shapes.map((shape) => ['f32', shape]),
    primitive,
  );
  const inputs = Object.fromEntries(
    shapes.map((shape, i) => [String.fromCharCode(97 + i), count(size(shape))]),
  );
  return [...(await runBoth(graph, inputs)).outputs.out];
}

describe('pad', () => {
  const pad =
    (low: number[], high: number[], interior: number[], valueBits = 0) =>
    (operands: number[]) =>
      ({ kind: 'pad', operands, low, high, interior, valueBits }) as const;

  it('puts elements apart and the value elsewhere', async () => {
    expect(await valuesOf([[3]], pad([1], [2], [1], 0xbf800000))).toEqual([-1, 1, -1, 2, -1, 3, -1, -1]);
    expect(await valuesOf([[2, 2]], pad([0, 1], [1, 0], [0, 0]))).toEqual([0, 1, 2, 0, 3, 4, 0, 0, 0]);
    expect(await valuesOf([[]], pad([], [], []))).toEqual([1]);
  });

  it('equals the twin on random shapes', async () => {
    const axis = fc.record({
      extent: fc.integer({ min: 1, max: 5 }),
      low: fc.nat(3),
      high: fc.nat(3),
      interior: fc.nat(2),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(axis, { minLength: 1, maxLength: 4 }), async (axes) => {
        const parts = pad(
          axes.map(({ low }) => low),
          axes.map(({ high }) => high),
          axes.map(({ interior }) => interior),
          0x80000000,
        );
        await valuesOf([axes.map(({ extent }) => extent)], parts);
      }),
      { seed, numRuns: 60 },
    );
  });
});

describe('concat', () => {
  it('joins along the axis', async () => {
    const join = (axis: number) => (operands: number[]) => ({ kind: 'concat', operands, axis }) as const;
    expect(
      await valuesOf(
        [
          [1, 2],
          [2, 2],
        ],
        join(0),
      ),
    ).toEqual([1, 2, 1, 2, 3, 4]);
    expect(
      await valuesOf(
        [
          [2, 1],
          [2, 2],
          [2, 1],
        ],
        join(1),
      ),
    ).toEqual([1, 1, 2, 1, 2, 3, 4, 2]);
  });
});

describe('gather and scatterAdd', () => {
  const gather = (axis: number) =>
    single(
      [
        ['f32', [2, 3, 2]],
        ['i32', [2]],
      ],
      (operands) => ({ kind: 'gather', operands, axis }),
    );

  it('picks along the axis', async () => {
    const { outputs } = await runBoth(gather(1), { a: count(12), b: Int32Array.of(2, 0) });
    expect([...outputs.out]).toEqual([5, 6, 1, 2, 11, 12, 7, 8]);
  });

  it('adds in the order of the source, from +0', async () => {
    const graph = single(
      [
        ['f32', [5]],
        ['i32', [5]],
      ],
      (operands) => ({
        kind: 'scatterAdd',
        operands,
        axis: 0,
        size: 3,
      }),
    );
    // 1 + 2^-24 - 1: the order of the source decides whether the small term survives.
    const a = Float32Array.of(1, 2 ** -24, -1, -0, 7);
    const { outputs } = await runBoth(graph, { a, b: Int32Array.of(0, 0, 0, 1, 2) });
    expect([...outputs.out]).toEqual([0, 0, 7]);
  });

  it('equal the twin on random indices', async () => {
    const cases = fc.record({
      outer: fc.integer({ min: 1, max: 3 }),
      extent: fc.integer({ min: 1, max: 6 }),
      inner: fc.integer({ min: 1, max: 9 }),
      indices: fc.array(fc.nat(100), { minLength: 1, maxLength: 12 }),
    });
    await fc.assert(
      fc.asyncProperty(cases, async ({ outer, extent, inner, indices }) => {
        const index = Int32Array.from(indices, (i) => i % extent);
        const gathered = single(
          [
            ['f32', [outer, extent, inner]],
            ['i32', [index.length]],
          ],
          (operands) => ({
            kind: 'gather',
            operands,
            axis: 1,
          }),
        );
        await runBoth(gathered, { a: count(outer * extent * inner), b: index });
        const scattered = single(
          [
            ['f32', [outer, index.length, inner]],
            ['i32', [index.length]],
          ],
          (operands) => ({
            kind: 'scatterAdd',
            operands,
            axis: 1,
            size: extent,
          }),
        );
        const source = Float32Array.from({ length: outer * index.length * inner }, (_, i) => 1 / (i + 1));
        await runBoth(scattered, { a: source, b: index });
      }),
      { seed, numRuns: 60 },
    );
  });

  it.each([3, -1, 2 ** 31 - 1, -(2 ** 31)])('stop the run at the index %i', async (bad) => {
    const scatter = single(
      [
        ['f32', [2]],
        ['i32', [2]],
      ],
      (operands) => ({ kind: 'scatterAdd', operands, axis: 0, size: 3 }),
    );
    for (const make of [createProgram, async (graph: typeof scatter) => createTwinProgram(graph)]) {
      const [gathering, scattering] = [await make(gather(1)), await make(scatter)];
      const refused = (kind: string) =>
        expect.objectContaining({
          code: 'program.index',
          expected: `indices of 0 to 2 for ${kind}`,
          found: String(bad),
        });
      const b = Int32Array.of(0, bad);
      expect(() => gathering.run({ a: count(12), b })).toThrow(refused('gather'));
      expect(() => scattering.run({ a: count(2), b })).toThrow(refused('scatterAdd'));
    }
  });
});

describe('random', () => {
  const graph = (length: number, stream: number) =>
    single(
      [
        ['i32', [2]],
        ['i32', []],
      ],
      (operands) => ({ kind: 'random', operands, out: [length], stream }),
    );

  it('is Philox4x32-10 by element, step and stream under the seed', async () => {
    const { outputs } = await runBoth(graph(6, 7), { a: Int32Array.of(11, -12), b: 13 });
    const words = [0, 1].flatMap((block) => philox([block, 13, 7, 0], [11, -12 >>> 0]));
    expect([...outputs.out].map((word) => word >>> 0)).toEqual(words.slice(0, 6));
  });

  // Random123 1.14, tests/kat_vectors: philox4x32 10, counter and key of zeros.
  it('gives the known answer of zeros', async () => {
    const { outputs } = await runBoth(graph(4, 0), { a: Int32Array.of(0, 0), b: 0 });
    expect([...outputs.out].map((word) => (word >>> 0).toString(16))).toEqual([
      '6627e8d5',
      'e169c58d',
      'bc57ac4c',
      '9b00dbd8',
    ]);
  });
});

describe('integers', () => {
  it('requantise rounds half up, exactly, by channel, and clamps', async () => {
    const graph = single([['i32', [2, 5]]], (operands) => ({
      kind: 'requantise',
      operands,
      axis: 0,
      shift: [1, 31],
      zero: [0, 1],
      low: -128,
      high: 127,
    }));
    const a = Int32Array.of(3, -3, 1, -1, 300, 2 ** 31 - 1, 2 ** 30, 2 ** 30 - 1, -(2 ** 30), -(2 ** 30) - 1);
    const { outputs } = await runBoth(graph, { a });
    expect([...outputs.out]).toEqual([2, -1, 1, 0, 127, 2, 2, 1, 1, 0]);
  });

  it('lookup reads the table and stops outside', async () => {
    const graph = single(
      [
        ['i32', [3]],
        ['f32', [4]],
      ],
      (operands) => ({ kind: 'lookup', operands, low: -2, high: 1 }),
    );
    const b = Float32Array.of(10, 20, 30, 40);
    expect([...(await runBoth(graph, { a: Int32Array.of(-2, 1, 0), b })).outputs.out]).toEqual([10, 40, 30]);
    for (const program of [await createProgram(graph), createTwinProgram(graph)]) {
      for (const bad of [-3, 2, 2 ** 31 - 1, -(2 ** 31)]) {
        expect(() => program.run({ a: Int32Array.of(0, 0, bad), b })).toThrow(
          expect.objectContaining({ code: 'program.index' }),
        );
      }
    }
  });

  it('contract wraps mod 2^32', async () => {
    const row = { matrix: [[0]], offset: [0] };
    const graph = single(
      [
        ['i32', [3]],
        ['i32', [3]],
      ],
      (operands) => ({
        kind: 'contract',
        operands,
        out: [],
        k: [3],
        maps: [
          { ...row, matrix: [[1]] },
          { ...row, matrix: [[1]] },
        ],
      }),
    );
    const a = Int32Array.of(2 ** 30, -(2 ** 31), 7);
    const { outputs } = await runBoth(graph, { a, b: Int32Array.of(3, -1, 5) });
    expect(outputs.out[0]).toBe(Number(BigInt.asIntN(32, 3n * 2n ** 30n + 2n ** 31n + 35n)));
  });
});

describe('encoding', () => {
  const kinds: Record<string, ReturnType<typeof single>> = {
    pad: single([['f32', ['B', 2]]], (operands) => ({
      kind: 'pad',
      operands,
      low: [0, 1],
      high: [0, 2],
      interior: [0, 3],
      valueBits: 0x80000000,
    })),
    concat: single(
      [
        ['f32', ['B', 2]],
        ['f32', ['B', 3]],
      ],
      (operands) => ({ kind: 'concat', operands, axis: 1 }),
    ),
    gather: single(
      [
        ['f32', ['B', 2]],
        ['i32', ['B']],
      ],
      (operands) => ({ kind: 'gather', operands, axis: 1 }),
    ),
    scatterAdd: single(
      [
        ['f32', [4]],
        ['i32', [4]],
      ],
      (operands) => ({ kind: 'scatterAdd', operands, axis: 0, size: 'B' }),
    ),
    random: single(
      [
        ['i32', [2]],
        ['i32', []],
      ],
      (operands) => ({ kind: 'random', operands, out: ['B', 3], stream: 2 ** 32 - 1 }),
    ),
    requantise: single([['i32', ['B', 2]]], (operands) => ({
      kind: 'requantise',
      operands,
      axis: 1,
      shift: [0, 31],
      zero: [-1, 2],
      low: -8,
      high: 7,
    })),
    lookup: single(
      [
        ['i32', ['B']],
        ['f32', [4]],
      ],
      (operands) => ({ kind: 'lookup', operands, low: -1, high: 2 }),
    ),
  };

  it.each(Object.entries(kinds))('round trips %s, and binds it', (_, graph) => {
    expect(decodeGraph(encodeGraph(graph))).toEqual(graph);
    expect(bind(graph, { B: 5 }).nodes.at(-1)!.shape).not.toContain('B');
  });

  const encoded = (inputs: readonly (readonly [Dtype, unknown])[], node: readonly unknown[]) =>
    encodeCanonical({
      format: 'nonet graph 1',
      arithmetic: 1,
      nodes: [
        ...inputs.map(([dtype, shape], i) => ['input', `x${i}`, dtype, shape]),
        [node[0], [...inputs.keys()], ...node.slice(1)],
      ],
      outputs: [['y', inputs.length]],
      gradients: [],
      updates: [],
    });
  const vector: readonly [Dtype, unknown] = ['f32', [4]];
  const indices: readonly [Dtype, unknown] = ['i32', [4]];
  it.each<[string, Uint8Array]>([
    ['pad with a negative width', encoded([vector], ['pad', [-1], [0], [0], 0])],
    ['pad with a width too many', encoded([vector], ['pad', [1, 1], [0, 0], [0, 0], 0])],
    ['pad to 2^40 elements', encoded([vector], ['pad', [0], [2 ** 40], [0], 0])],
    ['pad to 2^31 between neighbours', encoded([vector], ['pad', [0], [0], [2 ** 31 - 1], 0])],
    ['pad with 33 bits', encoded([vector], ['pad', [0], [0], [0], 2 ** 32])],
    ['pad beside a named axis', encoded([['f32', ['B']]], ['pad', [1], [0], [0], 0])],
    ['concat of nothing', encoded([], ['concat', 0])],
    ['concat along an axis that is absent', encoded([vector, vector], ['concat', 1])],
    ['concat of two dtypes', encoded([vector, indices], ['concat', 0])],
    ['concat of two ranks', encoded([vector, ['f32', [4, 1]]], ['concat', 0])],
    ['concat along a named axis', encoded([['f32', ['B']], vector], ['concat', 0])],
    [
      'concat of unequal other axes',
      encoded(
        [
          ['f32', [2, 3]],
          ['f32', [3, 3]],
        ],
        ['concat', 1],
      ),
    ],
    [
      'concat to 2^30 elements',
      encoded(
        [
          ['f32', [2 ** 29]],
          ['f32', [2 ** 29]],
        ],
        ['concat', 0],
      ),
    ],
    ['gather by floats', encoded([vector, vector], ['gather', 0])],
    ['gather along an axis that is absent', encoded([vector, indices], ['gather', 1])],
    [
      'gather of rank 9',
      encoded(
        [
          ['f32', [1, 1, 1, 1, 1]],
          ['i32', [1, 1, 1, 1, 1]],
        ],
        ['gather', 0],
      ),
    ],
    ['scatterAdd of integers', encoded([indices, indices], ['scatterAdd', 0, 3])],
    ['scatterAdd of another shape', encoded([['f32', [3]], indices], ['scatterAdd', 0, 3])],
    ['scatterAdd into nothing', encoded([vector, indices], ['scatterAdd', 0, 0])],
    ['scatterAdd into 2^40 elements', encoded([vector, indices], ['scatterAdd', 0, 2 ** 40])],
    ['random from a float', encoded([vector, ['i32', []]], ['random', [4], 0])],
    [
      'random from half a seed',
      encoded(
        [
          ['i32', [1]],
          ['i32', []],
        ],
        ['random', [4], 0],
      ),
    ],
    [
      'random of 2^40 elements',
      encoded(
        [
          ['i32', [2]],
          ['i32', []],
        ],
        ['random', [2 ** 40], 0],
      ),
    ],
    [
      'random with a stream of 33 bits',
      encoded(
        [
          ['i32', [2]],
          ['i32', []],
        ],
        ['random', [4], 2 ** 32],
      ),
    ],
    ['requantise of floats', encoded([vector], ['requantise', 0, [1], [0], 0, 1])],
    ['requantise by 32', encoded([indices], ['requantise', 0, [32], [0], 0, 1])],
    ['requantise with a zero too many', encoded([indices], ['requantise', 0, [1], [0, 0], 0, 1])],
    ['requantise with shifts for no axis', encoded([indices], ['requantise', 0, [1, 1], [0, 0], 0, 1])],
    ['requantise into an empty range', encoded([indices], ['requantise', 0, [1], [0], 1, 0])],
    ['requantise into 33 bits', encoded([indices], ['requantise', 0, [1], [0], 0, 2 ** 31])],
    ['lookup by floats', encoded([vector, vector], ['lookup', 0, 3])],
    ['lookup in a table of another length', encoded([indices, vector], ['lookup', 0, 4])],
    ['an attribute too many', encoded([indices, vector], ['lookup', 0, 3, 0])],
  ])('refuses %s', (_, bytes) => {
    expect(() => decodeGraph(bytes)).toThrow(expect.objectContaining({ code: 'graph.malformed' }));
  });
});
