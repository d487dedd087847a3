/**
 * Derivatives against central finite differences on the twin. The step is 2^-7, the loss about 1, so rounding contributes about
 * 2^-24 * 2^7 = 8e-6 and curvature about h^2 = 6e-5 per unit of third derivative: tolerance 2e-3 absolute, 1 % relative.
 */
import { createRandomStream } from '@nonet/core';
import { describe, expect, it } from 'vitest';
import { identity, project } from '../src/affine.ts';
import type { Expression } from '../src/expression.ts';
import {
  type Builder,
  createBuilder,
  createTwinProgram,
  crossEntropy,
  dense,
  differentiate,
  flatten,
  type Graph,
  type InputValue,
  initialParameters,
  leavesOf,
  lower,
  relu,
  softmax,
  standardise,
  type TensorId,
  transpose,
} from '../src/index.ts';
import { addMap } from '../src/lower.ts';
import { runBoth } from './runBoth.ts';

const step = 2 ** -7;

/** Checks every gradient of the output `loss`, and that the kernels agree on all of them. */
async function checkGradients(graph: Graph, inputs: Readonly<Record<string, InputValue>>): Promise<void> {
  const withGradients = differentiate(lower(graph), 'loss');
  const parameters = initialParameters(graph, '0x0123').map((parameter) => ({
    ...parameter,
    data: parameter.data.every((value) => value === 0)
      ? parameter.data.map((_, i) => 0.1 + 0.05 * i)
      : parameter.data,
  }));
  const { outputs } = await runBoth(withGradients, inputs, { parameters });
  const program = createTwinProgram(graph);
  const lossAt = (index: number, element: number, shift: number) => {
    const moved = parameters.map((parameter, i) => {
      const data = parameter.data.slice();
      if (i === index) data[element] += shift;
      return { ...parameter, data };
    });
    program.setParameters(moved);
    return program.run(inputs).loss[0];
  };
  for (const [index, { name, data }] of parameters.entries()) {
    for (let element = 0; element < data.length; element++) {
      const difference = (lossAt(index, element, step) - lossAt(index, element, -step)) / (2 * step);
      const found = outputs[`d ${name}`][element];
      const error = Math.abs(found - difference);
      expect(error, `${name}[${element}]: ${found}, differences give ${difference}`).toBeLessThan(
        2e-3 + 0.01 * Math.abs(difference),
      );
    }
  }
}

/** sum of x * pattern: a loss that tells elements apart. */
function weigh(g: Builder, x: TensorId): TensorId {
  const shape = g.nodes[x].shape as readonly number[];
  const count = shape.reduce((a, b) => a * b, 1);
  const pattern = g.constant(
    Float32Array.from({ length: count }, (_, i) => Math.fround(0.3 + ((i * 7) % 5) / 4)),
    shape,
  );
  const rank = shape.length;
  const product = addMap(g, shape, ['mul', ['arg', 0], ['arg', 1]], [{ tensor: x }, { tensor: pattern }]);
  return g.add({ kind: 'reduce', op: 'sum', operands: [product], out: [], k: shape, maps: [identity(rank)] });
}

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
    'sqrt inside': ['mul', ['arg', 1], ['sqrt', positive]],
    exp: ['call', 'exp', ['mul', ['arg', 0], ['arg', 1]]],
    'exp inside': ['add', ['arg', 1], ['call', 'exp', ['arg', 0]]],
    log: ['call', 'log', positive],
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

  it('refuses maxima and slices on the way, and parameters without influence', () => {
    const reduced = (op: 'max' | 'sum', map = identity(2), k: readonly number[] = [2, 3]) =>
      scalarLoss((g, p) => g.add({ kind: 'reduce', op, operands: [p], out: [], k, maps: [map] }));
    for (const graph of [reduced('max'), reduced('sum', identity(2), [2, 2])]) {
      expect(() => differentiate(graph, 'loss')).toThrow(
        expect.objectContaining({ code: 'differentiate.unsupported' }),
      );
    }
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
