/**
 * Optimisers and clipping against PyTorch (vectors/tensor/optimisers.json), kernels against the
 * twin; schedules against their definitions.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { identity } from '../src/graph/affine.ts';
import { addMap } from '../src/graph/emit.ts';
import type { Graph, Optimiser } from '../src/index.ts';
import * as t from '../src/index.ts';
import { createTwinProgram } from '../src/twins/index.ts';

const file = join(import.meta.dirname, '../../../vectors/tensor/optimisers.json');
const { provenance, start, gradients, parameters } = JSON.parse(readFileSync(file, 'utf8')) as {
  provenance: string;
  start: number[];
  gradients: number[][];
  parameters: Record<string, number[][]>;
};

/** loss = sum of p * x, whose gradient is x. */
function linear(optimiser: Optimiser, clip: (graph: Graph) => Graph = (graph) => graph): Graph {
  const g = t.createBuilder();
  const p = g.parameter('p', [4], 'zeros');
  const x = g.input('x', 'f32', [4]);
  const product = addMap(g, [4], ['mul', ['arg', 0], ['arg', 1]], [{ tensor: p }, { tensor: x }]);
  const loss = g.add({
    kind: 'reduce',
    op: 'sum',
    operands: [product],
    out: [],
    k: [4],
    maps: [identity(1)],
  });
  g.output('loss', loss);
  return t.attachOptimiser(clip(t.differentiate(g.finish(), 'loss')), optimiser);
}

type Rates = Readonly<Record<string, number | ((step: number) => number)>>;
const cases: Readonly<Record<string, readonly [Graph, Rates]>> = {
  sgd: [linear(t.sgd), { learningRate: 0.1 }],
  momentum: [linear(t.sgdMomentum), { learningRate: 0.1, momentum: 0.9 }],
  nesterov: [linear(t.nesterov), { learningRate: 0.1, momentum: 0.9 }],
  adam: [linear(t.adam), t.adamRates({ learningRate: 0.01 })],
  adamW: [linear(t.adamW), t.adamWRates({ learningRate: 0.01, weightDecay: 0.1 })],
  'momentum, clipped by norm': [
    linear(t.sgdMomentum, (graph) => t.clipGradientNorm(graph, 0.5)),
    { learningRate: 0.1, momentum: 0.9 },
  ],
  'momentum, clipped by value': [
    linear(t.sgdMomentum, (graph) => t.clipGradientValues(graph, 0.25)),
    { learningRate: 0.1, momentum: 0.9 },
  ],
};

describe(`optimisers agree with ${provenance}`, () => {
  it('all of them', () => expect(Object.keys(parameters).sort()).toEqual(Object.keys(cases).sort()));

  it.each(Object.entries(cases))('%s', async (name, [graph, rates]) => {
    const programs = [await t.createProgram(graph), createTwinProgram(graph)];
    for (const program of programs) {
      program.setParameters([{ name: 'p', shape: [4], data: Float32Array.from(start) }]);
    }
    for (const [step, gradient] of gradients.entries()) {
      const scalars = Object.fromEntries(
        Object.entries(rates).map(([input, rate]) => [input, typeof rate === 'number' ? rate : rate(step)]),
      );
      for (const program of programs) program.run({ x: Float32Array.from(gradient), ...scalars });
      const [kernel, twin] = programs.map((program) => program.parameters()[0].data);
      expect(kernel).toEqual(twin);
      for (const [i, value] of kernel.entries()) expect(value).toBeCloseTo(parameters[name][step][i], 6);
    }
  });
});

describe('clipping', () => {
  const norm = (values: ArrayLike<number>) => Math.hypot(...Array.from(values));
  it('bounds the norm of all gradients together and leaves small ones alone', () => {
    const g = t.createBuilder();
    const x = g.input('x', 'f32', [1, 4]);
    g.output('loss', t.sum(g, t.dense(g, x, 3)));
    const graph = t.differentiate(t.lower(g.finish()), 'loss');
    const gradientsOf = (clipped: Graph, scale: number) => {
      const { loss: _, ...found } = createTwinProgram(clipped).run({
        x: Float32Array.of(1, 2, 3, 4).map((v) => v * scale),
      });
      return Object.values(found).flatMap((values) => [...values]);
    };
    const clipped = t.clipGradientNorm(graph, 2);
    expect(norm(gradientsOf(clipped, 100))).toBeCloseTo(2, 5);
    expect(norm(gradientsOf(graph, 100))).toBeGreaterThan(100);
    expect(gradientsOf(t.clipGradientNorm(graph, 1e3), 0.1)).toEqual(gradientsOf(graph, 0.1));
  });

  it('takes the norm of a hundred parameters', () => {
    const g = t.createBuilder();
    let x = g.input('x', 'f32', [1, 2]);
    for (let layer = 0; layer < 50; layer++) x = t.dense(g, x, 2);
    g.output('loss', t.sum(g, x));
    const graph = t.clipGradientNorm(t.differentiate(t.lower(g.finish()), 'loss'), 1);
    expect(graph.gradients).toHaveLength(100);
  });

  it('refuses bounds that are not positive, and graphs without gradients', () => {
    const graph = linear(t.sgd);
    for (const clip of [t.clipGradientNorm, t.clipGradientValues]) {
      expect(() => clip(graph, 0)).toThrow(expect.objectContaining({ code: 'optimiser.clip' }));
      expect(() => clip(graph, 1)).toThrow(expect.objectContaining({ code: 'optimiser.noGradients' }));
    }
  });
});

describe('schedules', () => {
  it('cosineDecay is half a cosine, to the last digits of f64', () => {
    const schedule = t.cosineDecay({ rate: 3, steps: 1000, floor: 1 });
    for (let step = 0; step <= 1000; step++) {
      expect(schedule(step)).toBeCloseTo(1 + (1 + Math.cos((Math.PI * step) / 1000)), 13);
    }
    expect(schedule(0)).toBe(3);
    expect(schedule(1000)).toBe(1);
    expect(schedule(5000)).toBe(1);
  });

  it('stepDecay and linearWarmup are what they say', () => {
    const decay = t.stepDecay({ rate: 1, factor: 0.5, every: 10 });
    expect([0, 9, 10, 25].map(decay)).toEqual([1, 1, 0.5, 0.25]);
    const warm = t.linearWarmup(8, 4);
    expect([0, 1, 2, 3, 4, 100].map(warm)).toEqual([2, 4, 6, 8, 8, 8]);
  });

  it('refuse lengths that are not positive', () => {
    for (const make of [
      () => t.cosineDecay({ rate: 1, steps: 0 }),
      () => t.stepDecay({ rate: 1, factor: 1, every: -1 }),
      () => t.linearWarmup(1, Number.NaN),
    ]) {
      expect(make).toThrow(expect.objectContaining({ code: 'schedule.argument' }));
    }
  });
});
