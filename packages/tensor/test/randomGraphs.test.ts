/**
 * Random graphs: contractions, maps, views, reshapes, paddings, reductions, whose values are read
 * once or often, are outputs, or become parameters and states. Kernels against the twin, bit for
 * bit.
 */
import { createRandomStream } from '@nonet/core';
import { expect, it } from 'vitest';
import { type Affine, project } from '../src/graph/affine.ts';
import { addMap, addReduce } from '../src/graph/emit.ts';
import { arg, constant, type Expression } from '../src/graph/expression.ts';
import type { TensorId } from '../src/graph/graph.ts';
import { clipped, reluOf, sigmoidOf } from '../src/graph/operations/elementwise.ts';
import * as t from '../src/index.ts';
import { planUnits } from '../src/run/units.ts';
import { runBoth } from './runBoth.ts';

const seed = Number(process.env.SEED ?? 20261202);
console.log(`randomGraphs.test.ts: SEED=${seed}`);

const size = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);
const sum: Expression = ['add', arg(0), arg(1)];
const expressions: readonly Expression[] = [
  sum,
  ['mul', sigmoidOf, arg(1)],
  ['sub', reluOf, ['mul', arg(1), arg(0)]],
  ['add', ['mul', arg(0), constant(0.5)], arg(1)],
  clipped(sum, constant(0), constant(6)),
  clipped(sum, constant(-1), constant(1)),
  ['select', ['lt', arg(1), arg(0)], arg(1), ['call', 'tanh', arg(0)]],
];

/** The graph of a number, and what its leaves are given. */
function randomGraph(key: number) {
  const { uniform, below } = createRandomStream([seed, key]);
  const pick = <T>(from: readonly T[]): T => from[below(from.length)];
  const chance = (probability: number) => uniform() < probability;
  const numbers = (shape: readonly number[]) =>
    Float32Array.from({ length: size(shape) }, () =>
      chance(0.02) ? pick([0, -0, 1e-45, 1e19]) : 4 * uniform() - 2,
    );
  const g = t.createBuilder();
  const shapeOf = (id: TensorId) => g.nodes[id].shape as readonly number[];
  const kept: TensorId[] = [];
  const leaf = (shape: readonly number[]): TensorId => {
    const name = `n${g.nodes.length}`;
    if (chance(0.2)) return g.constant(numbers(shape), shape);
    if (chance(0.5)) return g.input(name, 'f32', shape);
    kept.push(chance(0.5) ? g.state(name, shape) : g.parameter(name, shape, 'zeros'));
    return kept[kept.length - 1];
  };
  const pool: TensorId[] = [];
  /** A value of this shape that is there already, or a leaf. */
  const ofShape = (shape: readonly number[]): TensorId => {
    const found = pool.filter((id) => `${shapeOf(id)}` === `${shape}`);
    return found.length > 0 && chance(0.7) ? pick(found) : leaf(shape);
  };
  /** A read of some of the axes; of fewer elements, from within a larger tensor, or backwards. */
  const read = (space: readonly number[], axes: readonly number[]) => {
    const parts = axes.map((axis) => ({ axis, step: pick([1, 1, 1, 2, -1]), low: pick([0, 0, 1]) }));
    const whole = chance(0.6);
    if (whole) return { tensor: ofShape(axes.map((axis) => space[axis])), map: project(space.length, axes) };
    const own = parts.map(({ axis, step, low }) => low + (space[axis] - 1) * Math.abs(step) + 1);
    const map: Affine = {
      matrix: parts.map(({ axis, step }) => space.map((_, column) => (column === axis ? step : 0))),
      offset: parts.map(({ axis, step, low }) => low + (step < 0 ? space[axis] - 1 : 0)),
    };
    return { tensor: ofShape(own), map };
  };
  const some = (axes: readonly number[], probability: number) => axes.filter(() => chance(probability));
  const extents = (rank: number) => Array.from({ length: rank }, () => pick([1, 2, 3, 5, 8, 12, 13, 17]));

  const grow: readonly ((x: TensorId) => TensorId)[] = [
    () => {
      const [out, k] = [extents(below(4)), extents(below(3))];
      if (size(out) * size(k) > 4000) return leaf(out);
      const space = [...out, ...k];
      const reads = [0, 1].map(() => read(space, some([...space.keys()], 0.7)));
      const operands = reads.map(({ tensor }) => tensor);
      return g.add({ kind: 'contract', operands, out, k, maps: reads.map(({ map }) => map) });
    },
    (x) => {
      const order = [...shapeOf(x).keys()].sort(() => uniform() - 0.5);
      return t.transpose(g, x, order);
    },
    (x) => t.reshape(g, x, chance(0.5) ? [size(shapeOf(x))] : [1, ...shapeOf(x)]),
    (x) => addReduce(g, pick(['sum', 'max', 'min']), x, some([...shapeOf(x).keys()], 0.5)),
    (x) => {
      const counts = () => shapeOf(x).map(() => below(2));
      if (size(shapeOf(x)) > 500) return x;
      return g.add({
        kind: 'pad',
        operands: [x],
        low: counts(),
        high: counts(),
        interior: counts(),
        valueBits: 0,
      });
    },
  ];
  let last = leaf(extents(3));
  for (let node = 3 + below(12); node > 0; node--) {
    pool.push(last);
    if (chance(0.4)) last = pick(grow)(chance(0.8) ? last : pick(pool));
    else {
      const out = shapeOf(last);
      const second = chance(0.5) ? read(out, some([...out.keys()], 0.5)) : { tensor: ofShape(out) };
      last = addMap(g, out, pick(expressions), [{ tensor: last }, second]);
    }
    if (chance(0.1)) g.output(`o${node}`, last);
  }
  g.output('out', last);
  for (const target of [...kept]) {
    const value = ofShape(shapeOf(target));
    if (chance(0.5)) continue;
    // In order, which may be written in place; or backwards, which may not.
    const shape = shapeOf(target);
    const step = chance(0.5) ? 1 : -1;
    const map: Affine = {
      matrix: shape.map((_, axis) => shape.map((_, column) => (axis === column ? step : 0))),
      offset: shape.map((extent) => (step < 0 ? extent - 1 : 0)),
    };
    g.update(target, addMap(g, shape, expressions[3], [{ tensor: target, map }, { tensor: value }]));
  }
  const graph = t.lower(g.finish());
  const given = (kind: 'input' | 'parameter') =>
    t.leavesOf(graph, kind).map(({ name, shape }) => {
      return { name, shape: shape as readonly number[], data: numbers(shape as readonly number[]) };
    });
  return {
    graph,
    inputs: Object.fromEntries(given('input').map(({ name, data }) => [name, data])),
    parameters: given('parameter'),
  };
}

it('kernels and twin agree about random graphs', async () => {
  let chains = 0;
  let finished = 0;
  for (let key = 0; key < 120; key++) {
    const { graph, inputs, parameters } = randomGraph(key);
    await runBoth(graph, inputs, { parameters, steps: 3 });
    for (const { group, head } of planUnits(graph)) {
      if (group !== undefined && group.parts.length > 1) chains++;
      if (head !== undefined) finished++;
    }
  }
  // What one kernel call computes of several nodes is among them.
  expect(chains).toBeGreaterThan(50);
  expect(finished).toBeGreaterThan(10);
});
