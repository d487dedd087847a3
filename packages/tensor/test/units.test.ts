/**
 * Nodes that one kernel call computes together: chains of elementwise expressions, contractions
 * that they finish, transposed convolutions without their zeros. Kernels against the twin, bit for
 * bit, on one thread and on several.
 */
import { createRandomStream } from '@nonet/core';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { type Affine, project } from '../src/graph/affine.ts';
import type { Builder } from '../src/graph/builder.ts';
import { addMap } from '../src/graph/emit.ts';
import { arg, constant, type Expression } from '../src/graph/expression.ts';
import type { TensorId } from '../src/graph/graph.ts';
import { clipped, reluOf, sigmoidOf } from '../src/graph/operations/elementwise.ts';
import * as t from '../src/index.ts';
import { planUnits } from '../src/run/units.ts';
import { startThreads } from '../src/threads/index.ts';
import { bitsOf, runBoth } from './runBoth.ts';

const seed = Number(process.env.SEED ?? 20261201);
console.log(`units.test.ts: SEED=${seed}`);

const two = startThreads(2);
const three = startThreads(3);
afterAll(() => Promise.all([two.close(), three.close()]));

/** Zeros of both signs, subnormal numbers, infinities, NaN, and ordinary numbers. */
const awkward = [0, -0, 1e-45, -1e-40, 1e30, -1e19, 6, -6, Infinity, -Infinity, Number.NaN];
function numbers(key: number, length: number, strange = 0.1): Float32Array {
  const random = createRandomStream([seed, key]).uniform;
  return Float32Array.from({ length }, () => {
    const choice = random();
    return choice < strange ? awkward[Math.floor((choice / strange) * awkward.length)] : 8 * random() - 4;
  });
}

/** One thread, two or three. */
const onThreads = (key: number) => [{}, { threads: two }, { threads: three }][key % 3];

/** Inputs for all that a graph takes. */
function inputsOf(graph: t.Graph, key: number, strange?: number) {
  return Object.fromEntries(
    t.leavesOf(graph, 'input').map(({ name, shape }, i) => {
      const length = (shape as readonly number[]).reduce((a, b) => a * b, 1);
      return [name, numbers(key + i, length, strange)];
    }),
  );
}

/** What may stand in a chain: the operation, and how its second operand is read. */
const kinds = [
  'relu',
  'relu6',
  'clip',
  'sigmoid',
  'hardSwish',
  'perChannel',
  'perExample',
  'perColumn',
  'scalar',
  'residual',
  'transposed',
  'twice',
] as const;
type Kind = (typeof kinds)[number];

const x = arg(0);
const alone: { readonly [K in Kind]?: Expression } = {
  relu: reluOf,
  relu6: clipped(x, constant(0), constant(6)),
  clip: clipped(x, constant(-1.5), constant(2)),
  sigmoid: sigmoidOf,
  hardSwish: ['mul', x, clipped(['add', x, constant(3)], constant(0), constant(6))],
  twice: ['mul', x, sigmoidOf],
};

/** One more operation on `value`, whose shape has four axes. */
function extend(g: Builder, value: TensorId, kind: Kind, name: string): TensorId {
  const shape = g.nodes[value].shape as readonly number[];
  const [batch, channels, height, width] = shape;
  const single = alone[kind];
  if (single !== undefined) return addMap(g, shape, single, [{ tensor: value }]);
  const seconds: { readonly [K in Kind]?: readonly [readonly number[], Affine] } = {
    perChannel: [[channels], project(4, [1])],
    perExample: [[batch, channels], project(4, [0, 1])],
    perColumn: [[width], project(4, [3])],
    scalar: [[], project(4, [])],
    residual: [shape, project(4, [0, 1, 2, 3])],
    transposed: [[batch, channels, width, height], project(4, [0, 1, 3, 2])],
  };
  const [own, map] = seconds[kind]!;
  const second = g.input(name, 'f32', own);
  return addMap(g, shape, ['add', ['mul', x, x], arg(1)], [{ tensor: value }, { tensor: second, map }]);
}

const chain = fc.array(fc.constantFrom(...kinds), { maxLength: 5 });
const small = fc.integer({ min: 1, max: 3 });
const windows = fc.record({
  batch: small,
  groups: fc.integer({ min: 1, max: 5 }),
  channels: fc.constantFrom(1, 1, 2, 3),
  filters: fc.constantFrom(1, 1, 2, 5),
  kernel: fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 })),
  stride: fc.tuple(small, small),
  padding: fc.tuple(fc.nat(2), fc.nat(2), fc.nat(2), fc.nat(2)),
  dilation: fc.tuple(fc.constantFrom(1, 1, 2), fc.constantFrom(1, 1, 2)),
  extra: fc.tuple(fc.nat(4), fc.constantFrom(0, 1, 3, 4, 7, 15, 16, 17, 30)),
});

interface Windows {
  readonly batch: number;
  readonly groups: number;
  readonly channels: number;
  readonly filters: number;
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number, number, number];
  readonly dilation: readonly [number, number];
  readonly extra: readonly [number, number];
}

/** A convolution of these windows, then the chain. */
function convolutionGraph(w: Windows, kinds: readonly Kind[]) {
  const [height, width] = w.kernel.map((count, i) => w.dilation[i] * (count - 1) + 1 + w.extra[i]);
  const g = t.createBuilder();
  const image = g.input('x', 'f32', [w.batch, w.groups * w.channels, height, width]);
  const weight = g.input('weight', 'f32', [w.groups * w.filters, w.channels, ...w.kernel]);
  const bias = g.input('bias', 'f32', [w.groups * w.filters]);
  const { stride, padding, dilation, groups } = w;
  let value = g.add({
    kind: 'conv2d',
    operands: [image, weight, bias],
    stride,
    padding,
    dilation,
    groups,
  });
  for (const [i, kind] of kinds.entries()) value = extend(g, value, kind, `y${i}`);
  g.output('out', value);
  return t.lower(g.finish());
}

describe('a convolution and what follows it', () => {
  it('equal the twin on random shapes, grouped and depthwise', async () => {
    await fc.assert(
      fc.asyncProperty(windows, chain, fc.nat(), async (w, kinds, key) => {
        const graph = convolutionGraph(w, kinds);
        await runBoth(graph, inputsOf(graph, key, key % 2 === 0 ? 0.02 : 0));
      }),
      { seed, numRuns: 150 },
    );
  });

  it('are finished in a part that has one column', async () => {
    // 73 columns on two threads are parts of 36, 36 and 1.
    const [channels, filters, width] = [1200, 3, 73];
    const g = t.createBuilder();
    const image = g.input('x', 'f32', [1, channels, 1, width + 2]);
    const weight = g.input('weight', 'f32', [filters, channels, 1, 3]);
    const bias = g.input('bias', 'f32', [filters]);
    const padding = [0, 0, 0, 0];
    const window = { stride: [1, 1], padding, dilation: [1, 1], groups: 1 };
    const sums = g.add({ kind: 'conv2d', operands: [image, weight, bias], ...window });
    g.output('out', t.relu(g, sums));
    const graph = t.lower(g.finish());
    const inputs = inputsOf(graph, 9, 0);
    const [alone, shared] = [await t.createProgram(graph), await t.createProgram(graph, { threads: two })];
    expect(bitsOf(shared.run(inputs).out)).toEqual(bitsOf(alone.run(inputs).out));
    shared.close();
  });

  it('have the same bits on one, two and three threads', async () => {
    await fc.assert(
      fc.asyncProperty(windows, chain, fc.nat(), async (w, kinds, key) => {
        // Enough work for every call to be shared.
        const wide = { ...w, batch: 2, filters: 3 * w.filters, extra: [90, 101] as const };
        const graph = convolutionGraph(wide, kinds);
        const inputs = inputsOf(graph, key, 0.001);
        const found = [];
        for (const threads of [undefined, two, three]) {
          const program = await t.createProgram(graph, threads === undefined ? {} : { threads });
          found.push(bitsOf(program.run(inputs).out));
          program.close();
        }
        expect(found[1]).toEqual(found[0]);
        expect(found[2]).toEqual(found[0]);
      }),
      { seed, numRuns: 12 },
    );
  });

  it('are one kernel call', () => {
    const w: Windows = {
      batch: 1,
      groups: 1,
      channels: 3,
      filters: 8,
      kernel: [3, 3],
      stride: [1, 1],
      padding: [1, 1, 1, 1],
      dilation: [1, 1],
      extra: [8, 8],
    };
    const kindsOf = (graph: t.Graph) => planUnits(graph).map(({ id }) => graph.nodes[id].kind);
    const graph = convolutionGraph(w, ['perChannel', 'relu6', 'residual', 'twice']);
    expect(kindsOf(graph)).toEqual(['pad', 'map']);
    expect(planUnits(graph)[1].head).toBe(graph.nodes.findIndex(({ kind }) => kind === 'contract'));
    // The kernel cannot follow a transposed read, so the sums are written out.
    expect(kindsOf(convolutionGraph(w, ['transposed', 'relu']))).toEqual(['pad', 'contract', 'map']);
    const depthwise = convolutionGraph({ ...w, groups: 8, channels: 1, filters: 1 }, ['relu']);
    expect(kindsOf(depthwise)).toEqual(['pad', 'map']);
  });
});

it('units are planned without going through all operands of a map for each of them', () => {
  const count = 500;
  const g = t.createBuilder();
  const matrix = g.input('x', 'f32', [3, 3]);
  const products = Array.from({ length: count }, () => ({ tensor: t.matmul(g, matrix, matrix) }));
  g.output('y', addMap(g, [3, 3], arg(0), products));
  const graph = t.lower(g.finish());
  let reads = 0;
  const get = (of: readonly number[], key: string | symbol) => {
    reads++;
    return Reflect.get(of, key);
  };
  const nodes = graph.nodes.map((node) =>
    node.kind === 'map' ? { ...node, operands: new Proxy(node.operands, { get }) } : node,
  );
  expect(planUnits({ ...graph, nodes })).toHaveLength(count);
  expect(reads).toBeLessThan(30 * count);
});

describe('a product and what follows it', () => {
  const extent = fc.constantFrom(1, 2, 3, 7, 12, 33, 64, 193, 260);
  it('equals the twin, with a bias of each column and more', async () => {
    await fc.assert(
      fc.asyncProperty(
        extent,
        extent,
        fc.constantFrom(1, 5, 20),
        chain,
        fc.nat(),
        async (m, n, k, kinds, key) => {
          const g = t.createBuilder();
          const a = g.input('a', 'f32', [m, k]);
          const b = g.input('b', 'f32', [k, n]);
          let value = t.reshape(g, t.matmul(g, a, b), [1, 1, m, n]);
          value = extend(g, value, 'perColumn', 'bias');
          for (const [i, kind] of kinds.entries()) value = extend(g, value, kind, `y${i}`);
          g.output('out', value);
          const graph = t.lower(g.finish());
          await runBoth(graph, inputsOf(graph, key, 0.02), onThreads(key));
        },
      ),
      { seed, numRuns: 40 },
    );
  });

  it('keeps what an update reads', async () => {
    // The gradient is a product that the step could finish in place, over the old value.
    const g = t.createBuilder();
    const p = g.parameter('p', [40, 50], 'heUniform');
    const a = g.input('a', 'f32', [40, 7]);
    const b = g.input('b', 'f32', [7, 50]);
    const step: Expression = ['sub', arg(0), ['mul', constant(0.1), arg(1)]];
    g.update(p, addMap(g, [40, 50], step, [{ tensor: p }, { tensor: t.matmul(g, a, b) }]));
    g.output('b', b);
    const graph = t.lower(g.finish());
    await runBoth(graph, inputsOf(graph, 1, 0), { parameters: t.initialParameters(graph, '0x05'), steps: 3 });
  });
});

describe('elementwise chains', () => {
  const pool = [-0, 0, -1.5, 2, 6, 6.5, -7, 1e-45, -1e-45, 89, -104, 150, -150, ...awkward];
  const bounds = [-0, 0, -1.5, 2, 6, Number.POSITIVE_INFINITY, Number.NaN];
  it('recognise relu, clip and sigmoid, and give their bits at every strange number', async () => {
    const x = arg(0);
    const expressions: Expression[] = [reluOf, sigmoidOf, ['mul', x, sigmoidOf]];
    for (const low of bounds) {
      for (const high of bounds) expressions.push(clipped(x, constant(low), constant(high)));
    }
    // Almost the same, which is something else.
    expressions.push(['select', ['or', ['lt', x, constant(0)], ['eq', x, constant(1)]], constant(0), x]);
    expressions.push([
      'select',
      ['lt', constant(0), x],
      ['select', ['lt', x, constant(6)], x, constant(5)],
      x,
    ]);
    const g = t.createBuilder();
    const input = g.input('x', 'f32', [pool.length]);
    for (const [i, expression] of expressions.entries()) {
      g.output(`y${i}`, addMap(g, [pool.length], expression, [{ tensor: input }]));
    }
    await runBoth(g.finish(), { x: Float32Array.from(pool) });
  });

  it('of any shape and any reads equal the twin', async () => {
    const extents = fc.tuple(
      small,
      fc.constantFrom(1, 3, 8),
      fc.constantFrom(1, 4, 10),
      fc.constantFrom(1, 7, 10, 80, 300),
    );
    await fc.assert(
      fc.asyncProperty(extents, chain, fc.nat(), fc.boolean(), async (shape, kinds, key, kept) => {
        const g = t.createBuilder();
        let value = g.input('x', 'f32', shape);
        for (const [i, kind] of kinds.entries()) {
          value = extend(g, value, kind, `y${i}`);
          // What else is read stays in memory.
          if (kept && i % 2 === 0) g.output(`kept${i}`, value);
        }
        g.output('out', value);
        const graph = t.lower(g.finish());
        await runBoth(graph, inputsOf(graph, key), onThreads(key));
      }),
      { seed, numRuns: 60 },
    );
  });

  it('with positions keep them', async () => {
    const g = t.createBuilder();
    const shape = [3, 5, 70];
    const input = g.input('x', 'f32', shape);
    const position: Expression = ['add', arg(0), ['convert', 'f32', ['index', 1]]];
    const once = addMap(g, shape, position, [{ tensor: input }]);
    const flat = t.reshape(g, once, [3, 1, 5, 70]);
    const again: Expression = ['mul', arg(0), ['convert', 'f32', ['index', 2]]];
    g.output('y', addMap(g, [3, 1, 5, 70], again, [{ tensor: flat }]));
    const graph = g.finish();
    await runBoth(graph, inputsOf(graph, 3));
  });
});

describe('a transposed convolution by a constant', () => {
  type Transposed = Omit<Windows, 'groups' | 'dilation'>;
  function transposedGraph(w: Transposed, weights: Float32Array) {
    const { batch, channels, filters, kernel, stride, padding, extra } = w;
    const g = t.createBuilder();
    const image = g.input('x', 'f32', [batch, channels, 3 + extra[0], 3 + extra[1]]);
    const weight = g.constant(weights, [channels, filters, ...kernel]);
    const outputPadding = [0, 0];
    const window = { stride, padding, dilation: [1, 1] };
    let value = g.add({
      kind: 'convTranspose2d',
      operands: [image, weight],
      ...window,
      outputPadding,
      groups: 1,
    });
    value = extend(g, value, 'perChannel', 'bias');
    g.output('out', extend(g, value, 'sigmoid', ''));
    return t.lower(g.finish());
  }
  const cases = fc.record({
    batch: small,
    channels: small,
    filters: fc.constantFrom(1, 2, 5),
    kernel: fc.tuple(small, small),
    stride: fc.tuple(small, small),
    padding: fc.tuple(fc.nat(1), fc.nat(1), fc.nat(1), fc.nat(1)),
    extra: fc.tuple(fc.nat(4), fc.constantFrom(0, 4, 13, 20)),
  });
  const weightsOf = (w: { channels: number; filters: number; kernel: readonly number[] }, key: number) =>
    numbers(key, w.channels * w.filters * w.kernel[0] * w.kernel[1], 0);

  it('equals the twin on random shapes', async () => {
    await fc.assert(
      fc.asyncProperty(cases, fc.nat(), async (w, key) => {
        // The same on both axes more often than not, as models have it.
        const kernel = (key % 2 === 0 ? w.stride : w.kernel) as [number, number];
        const padding = w.padding.map((count, i) => Math.min(count, kernel[i % 2] - 1)) as [
          number,
          number,
          number,
          number,
        ];
        const graph = transposedGraph({ ...w, kernel, padding }, weightsOf({ ...w, kernel }, key));
        await runBoth(graph, inputsOf(graph, key + 1, 0.05), onThreads(key));
      }),
      { seed, numRuns: 80 },
    );
  });

  const usual: Transposed = {
    batch: 1,
    channels: 2,
    filters: 2,
    kernel: [2, 2],
    stride: [2, 2],
    padding: [0, 0, 0, 0],
    extra: [2, 3],
  };
  const phasesOf = (graph: t.Graph) => planUnits(graph).flatMap(({ phases = [] }) => phases).length;

  it('leaves out the zeros between pixels', () => {
    expect(phasesOf(transposedGraph(usual, weightsOf(usual, 1)))).toBe(4);
  });

  it('has a bounded number of phases, however many zeros are asked for', async () => {
    // One element, `interior` zeros to the next if there were one, and as many outputs as weights.
    const spreadGraph = (interior: number, count: number) => {
      const g = t.createBuilder();
      const weights = g.constant(numbers(4, count, 0), [count]);
      const around = [count - 1];
      const image = g.input('x', 'f32', [1]);
      const padding = { low: around, high: around, interior: [interior], valueBits: 0 };
      const padded = g.add({ kind: 'pad', operands: [image], ...padding });
      const maps = [
        { matrix: [[1, 1]], offset: [0] },
        { matrix: [[0, 1]], offset: [0] },
      ];
      const operands = [padded, weights];
      g.output('out', g.add({ kind: 'contract', operands, out: [count], k: [count], maps }));
      return g.finish();
    };
    expect(phasesOf(spreadGraph(2 ** 24, 2))).toBe(2);
    expect(phasesOf(spreadGraph(299, 300))).toBe(0);
    await runBoth(spreadGraph(2 ** 24, 2), { x: Float32Array.of(3) });
  });

  it('keeps them where a weight times zero is a NaN, or an output reads more than one pixel', async () => {
    const weights = weightsOf(usual, 1);
    weights[3] = Number.POSITIVE_INFINITY;
    const graph = transposedGraph(usual, weights);
    expect(phasesOf(graph)).toBe(0);
    await runBoth(graph, inputsOf(graph, 2, 0));
    const wide: Transposed = { ...usual, kernel: [3, 3] };
    expect(phasesOf(transposedGraph(wide, weightsOf(wide, 1)))).toBe(0);
  });
});
