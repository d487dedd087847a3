/**
 * Running programs: inputs, states, and updates that must not disturb one another; kernels and twin
 * alike.
 */
import { describe, expect, it } from 'vitest';
import { project } from '../src/graph/affine.ts';
import { addMap } from '../src/graph/emit.ts';
import { calls } from '../src/graph/expression.ts';
import {
  bind,
  createBuilder,
  createProgram,
  deriveClassifierStep,
  type Graph,
  initialParameters,
  mlp,
  type Program,
  planMemory,
} from '../src/index.ts';
import { createTwinProgram } from '../src/twins/index.ts';
import { bitsOf, runBoth } from './runBoth.ts';

const makers: [string, (graph: Graph) => Promise<Program>][] = [
  ['kernels', createProgram],
  ['twin', async (graph) => createTwinProgram(graph)],
];

/** y = x + s, then s <- x. */
function running(): Graph {
  const g = createBuilder();
  const x = g.input('x', 'f32', [3]);
  const s = g.state('s', [3]);
  g.output('y', addMap(g, [3], ['add', ['arg', 0], ['arg', 1]], [{ tensor: x }, { tensor: s }]));
  g.output('before', s);
  g.update(s, x);
  return g.finish();
}

describe.each(makers)('a program of the %s', (_, make) => {
  it('keeps states between runs and outputs their old values', async () => {
    const program = await make(running());
    const first = program.run({ x: Float32Array.of(1, 2, 3) });
    expect([...first.y]).toEqual([1, 2, 3]);
    const second = program.run({ x: Float32Array.of(10, 20, 30) });
    expect([...second.y]).toEqual([11, 22, 33]);
    expect([...second.before]).toEqual([1, 2, 3]);
    expect(program.states()).toEqual([{ name: 's', shape: [3], data: Float32Array.of(10, 20, 30) }]);
    program.resetStates();
    expect([...program.run().y]).toEqual([10, 20, 30]);
  });

  it('continues from states that were read out', async () => {
    const [one, other] = [await make(running()), await make(running())];
    one.run({ x: Float32Array.of(1, 2, 3) });
    other.setStates(one.states());
    expect(other.run({ x: Float32Array.of(0, 0, 0) })).toEqual(one.run({ x: Float32Array.of(0, 0, 0) }));
  });

  it('takes inputs written in place', async () => {
    const program = await make(running());
    program.input('x').set([4, 5, 6]);
    expect([...program.run().y]).toEqual([4, 5, 6]);
  });

  it('refuses inputs that are missing, unknown, of another length or type', async () => {
    const program = await make(running());
    const step = await make(
      bind(deriveClassifierStep(mlp({ features: [2], hidden: [], classes: 2 })), { B: 1 }),
    );
    const refused = expect.objectContaining({ code: 'program.input' });
    const ones = Float32Array.of(1, 1);
    const inputs = { x: ones, y: 0, w: 1, learningRate: 0.1, momentum: 0 };
    expect(() => program.run()).toThrow(refused);
    expect(() => program.run({ z: 1 })).toThrow(refused);
    expect(() => program.run({ x: ones })).toThrow(refused);
    expect(() => program.run({ x: Int32Array.of(1, 2, 3) })).toThrow(refused);
    expect(() => program.input('z')).toThrow(refused);
    expect(() => step.run({ ...inputs, y: 0.5 })).toThrow(refused);
    expect(() => step.run({ ...inputs, y: Float32Array.of(0) })).toThrow(refused);
    expect(() => step.run(inputs)).not.toThrow();
  });

  it('refuses parameters and states of another graph', async () => {
    const model = mlp({ features: [2], hidden: [], classes: 2 });
    const program = await make(bind(deriveClassifierStep(model), { B: 1 }));
    const other = initialParameters(mlp({ features: [3], hidden: [], classes: 2 }), '0x01');
    expect(() => program.setParameters(other)).toThrow(
      expect.objectContaining({ code: 'parameters.mismatch' }),
    );
    expect(() => program.setStates(program.states().slice(1))).toThrow(
      expect.objectContaining({ code: 'program.states' }),
    );
  });

  it('refuses a graph with named extents', async () => {
    await expect(async () => make(mlp({ features: [2], hidden: [], classes: 2 }))).rejects.toMatchObject({
      code: 'shape.unbound',
    });
  });
});

describe('updates', () => {
  it('of two states by each other swap them', async () => {
    const g = createBuilder();
    const [a, b] = [g.state('a', [5]), g.state('b', [5])];
    const one = g.input('one', 'f32', [5]);
    const sum = addMap(g, [5], ['add', ['arg', 0], ['arg', 1]], [{ tensor: b }, { tensor: one }]);
    g.update(a, sum);
    g.update(b, a);
    const { states } = await runBoth(g.finish(), { one: Float32Array.of(1, 1, 1, 1, 1) }, { steps: 5 });
    expect(states.map(({ data }) => data[0])).toEqual([3, 2]);
  });

  it('that read the old value in another order are not made in place', async () => {
    const g = createBuilder();
    const p = g.parameter('p', [4, 4], 'heUniform');
    const turned = addMap(g, [4, 4], ['neg', ['arg', 0]], [{ tensor: p, map: project(2, [1, 0]) }]);
    g.update(p, turned);
    const graph = g.finish();
    expect(planMemory(graph).copies).toHaveLength(1);
    await runBoth(graph, {}, { parameters: initialParameters(graph, '0x01'), steps: 3 });
  });

  it('whose old value is read later are not made in place', async () => {
    const g = createBuilder();
    const s = g.state('s', [3]);
    const x = g.input('x', 'f32', [3]);
    const next = addMap(g, [3], ['add', ['arg', 0], ['arg', 1]], [{ tensor: s }, { tensor: x }]);
    const late = addMap(g, [3], ['mul', ['arg', 0], ['arg', 1]], [{ tensor: next }, { tensor: s }]);
    g.output('late', late);
    g.update(s, next);
    const graph = g.finish();
    expect(planMemory(graph).copies).toHaveLength(1);
    const { outputs } = await runBoth(graph, { x: Float32Array.of(1, 2, 3) }, { steps: 3 });
    expect([...outputs.late]).toEqual([6, 24, 54]);
  });
});

describe.each(calls)('%s', (call) => {
  it('has the same bits in the kernel and in the twin over all exponents', async () => {
    // Every 65,521st bit pattern (a prime), so all signs, exponents and many mantissas: 65,551
    // numbers.
    const patterns = Uint32Array.from({ length: 65_551 }, (_, i) => i * 65_521);
    const x = new Float32Array(patterns.buffer);
    const g = createBuilder();
    const input = g.input('x', 'f32', [x.length]);
    g.output('y', addMap(g, [x.length], ['call', call, ['arg', 0]], [{ tensor: input }]));
    const { outputs } = await runBoth(g.finish(), { x });
    expect(new Set(bitsOf(outputs.y)).size).toBeGreaterThan(1000);
  });
});
