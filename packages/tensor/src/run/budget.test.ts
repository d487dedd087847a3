import { describe, expect, it } from 'vitest';
import type { Affine } from '../graph/affine.ts';
import { type Builder, createBuilder } from '../graph/builder.ts';
import type { Graph, TensorId } from '../graph/graph.ts';
import { matmul } from '../graph/operations/linear.ts';
import { mlp } from '../models/architectures.ts';
import { estimateEvaluation } from '../training/estimateEvaluation.ts';
import { bind } from '../transform/bind.ts';
import { assertWithinBudget, estimateRun, scaleBudget, usualBudget } from './budget.ts';

const nothing = (rows: number, columns: number): Affine => ({
  matrix: Array.from({ length: rows }, () => new Array<number>(columns).fill(0)),
  offset: new Array<number>(rows).fill(0),
});

function graphOf(build: (g: Builder) => TensorId): Graph {
  const g = createBuilder();
  g.output('y', build(g));
  return g.finish();
}

describe('estimateRun', () => {
  it('counts the terms of a product, and the bytes of its tensors', () => {
    const graph = graphOf((g) => matmul(g, g.input('a', 'f32', [30, 50]), g.input('b', 'f32', [50, 20])));
    expect(estimateRun(graph)).toEqual({
      multiplyAdds: 30 * 50 * 20,
      bytes: 4 * (1500 + 1000 + 600) + 16 - 16,
    });
  });

  it('counts what a network computes for each example', () => {
    const model = mlp({ features: [784], hidden: [128], classes: 10 });
    const products = 784 * 128 + 128 * 10;
    const { multiplyAdds } = estimateRun(bind(model, { B: 64 }));
    expect(multiplyAdds).toBeGreaterThan(64 * products);
    expect(multiplyAdds).toBeLessThan(64 * products * 1.1);
  });

  it('counts whole batches of an evaluation', () => {
    const model = mlp({ features: [4], hidden: [8], classes: 3 });
    const [one, two] = [estimateEvaluation(model, 128), estimateEvaluation(model, 129)];
    expect(two).toEqual({ multiplyAdds: 2 * one.multiplyAdds, bytes: one.bytes });
  });
});

describe('a program of a few hundred bytes', () => {
  const hours = graphOf((g) => {
    const x = g.input('x', 'f32', [1]);
    const maps = [nothing(1, 2), nothing(1, 2)];
    return g.add({ kind: 'contract', operands: [x, x], out: [2 ** 20], k: [2 ** 29], maps });
  });
  const gigabytes = graphOf((g) => {
    const x = g.input('x', 'f32', [1]);
    const large = (literal: number) =>
      g.add({
        kind: 'map',
        operands: [x],
        out: [2 ** 29],
        maps: [nothing(1, 1)],
        detached: [],
        expression: ['add', ['arg', 0], ['const', 'f32', literal]],
      });
    const [a, b, c] = [large(1), large(2), large(3)];
    const maps = [nothing(1, 1), nothing(1, 1), nothing(1, 1)];
    const sum = ['add', ['arg', 0], ['add', ['arg', 1], ['arg', 2]]] as const;
    return g.add({ kind: 'map', operands: [a, b, c], out: [1], maps, detached: [], expression: sum });
  });

  it.each([
    ['that takes hours', hours, { multiplyAdds: 2 ** 49 }],
    ['that takes gigabytes, more than a program can have', gigabytes, { bytes: 3 * 2 ** 31 + 32 }],
  ])('%s is estimated without running or allocating it', (_, graph, cost) => {
    const found = estimateRun(graph);
    expect(found).toMatchObject(cost);
    expect(() => assertWithinBudget(found, usualBudget, 'a test', 'Do not.')).toThrow(
      expect.objectContaining({
        code: 'run.budget',
        name: 'UndecidedError',
        message: expect.stringContaining('multiply-adds and'),
      }),
    );
    expect(() => assertWithinBudget(found, scaleBudget(usualBudget, 1e6), 'a test', 'Do.')).not.toThrow();
  });
});
