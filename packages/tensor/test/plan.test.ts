/**
 * The memory plan: no two tensors that live at the same time overlap, and running allocates
 * nothing.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Affine, project } from '../src/graph/affine.ts';
import { createBuilder } from '../src/graph/builder.ts';
import { addMap } from '../src/graph/emit.ts';
import { boundShape, elementCount } from '../src/graph/shape.ts';
import {
  bind,
  createProgram,
  deriveClassifierStep,
  type Graph,
  initialParameters,
  mlp,
  planMemory,
  printProfile,
} from '../src/index.ts';
import { lower } from '../src/transform/lower.ts';
import { runBoth } from './runBoth.ts';

const seed = Number(process.env.SEED ?? 20260721);
console.log(`plan.test.ts: SEED=${seed}`);

/**
 * When each tensor is written first and read last, from the definition: a slow count beside the
 * planner's own.
 */
function lifetimes(
  graph: Graph,
): readonly { readonly id: number; readonly from: number; readonly to: number }[] {
  const { companions, copies, units } = planMemory(graph);
  const end = graph.nodes.length;
  const aliases = (id: number): readonly number[] => [
    id,
    ...graph.nodes.flatMap((node, other) =>
      node.kind === 'reshape' && node.operands[0] === id ? aliases(other) : [],
    ),
  ];
  const written = new Set(units.map(({ id }) => id));
  /** What a unit reads: through reshapes, and through what is made inside it. */
  const readBy = (id: number): readonly number[] => {
    const node = graph.nodes[id];
    if (!('operands' in node)) return [id];
    return node.operands.flatMap((operand) => {
      const inner = graph.nodes[operand];
      return 'operands' in inner && !written.has(operand) ? readBy(operand) : [operand];
    });
  };
  return graph.nodes.flatMap((node, id) => {
    const isLeaf = !('operands' in node);
    const names = aliases(id);
    const outlives = [...graph.outputs, ...graph.gradients, ...copies].some(({ tensor }) =>
      names.includes(tensor),
    );
    if (!isLeaf && !written.has(id)) {
      expect(node.kind === 'reshape' || !outlives, `${id} is kept`).toBe(true);
      return [];
    }
    const earlier = [...companions].find(([, later]) => later === id)?.[0];
    const reads = units.flatMap((unit) => (readBy(unit.id).includes(id) ? [unit.id] : []));
    return [
      { id, from: isLeaf ? -1 : (earlier ?? id), to: isLeaf || outlives ? end : Math.max(id, ...reads) },
    ];
  });
}

function assertDisjoint(graph: Graph) {
  const { addresses, bytes, copies } = planMemory(graph);
  const inPlace = new Set(
    graph.updates
      .filter(({ target }) => !copies.some((copy) => copy.target === target))
      .map(({ tensor }) => tensor),
  );
  const live = lifetimes(graph).map(({ id, from, to }) => {
    const size = 4 * elementCount(boundShape(graph.nodes[id].shape));
    return { id, from, to, start: addresses[id], end: addresses[id] + size };
  });
  for (const [i, a] of live.entries()) {
    expect(a.end).toBeLessThanOrEqual(bytes);
    for (const b of live.slice(i + 1)) {
      const together = a.from <= b.to && b.from <= a.to;
      const overlap = a.start < b.end && b.start < a.end;
      if (!together || !overlap) continue;
      // An update made in place lies on its target, and only there.
      expect(inPlace.has(a.id) || inPlace.has(b.id), `${a.id} and ${b.id}`).toBe(true);
      expect(a.start).toBe(b.start);
    }
  }
}

/**
 * Largest and its position in windows of `taps` on both axes, both wanted, with the derivative's
 * map at the end.
 */
function pooling(
  rows: number,
  columns: number,
  taps: number,
  stride: number,
  ops: readonly ['max' | 'min', 'argmax' | 'argmin'],
) {
  const g = createBuilder();
  const x = g.input('x', 'f32', [2, (rows - 1) * stride + taps, (columns - 1) * stride + taps]);
  const window: Affine = {
    matrix: [
      [1, 0, 0, 0, 0],
      [0, stride, 0, 1, 0],
      [0, 0, stride, 0, 1],
    ],
    offset: [0, 0, 0],
  };
  const out = [2, rows, columns];
  const [value, position] = ops.map((op) =>
    g.add({ kind: 'reduce', op, operands: [x], out, k: [taps, taps], maps: [window] }),
  );
  g.output('position', position);
  g.output('value', addMap(g, out, ['neg', ['arg', 0]], [{ tensor: value }]));
  return g.finish();
}

describe('the memory plan', () => {
  const node = fc.record({
    kind: fc.constantFrom('map', 'sum', 'max', 'argmax', 'reshape', 'output', 'update'),
    first: fc.nat(),
    second: fc.nat(),
  });
  it('keeps tensors that live together apart, in random graphs', () => {
    fc.assert(
      fc.property(fc.array(node, { minLength: 1, maxLength: 24 }), (nodes) => {
        const g = createBuilder();
        const shape = [3, 5];
        const floats = [g.input('x', 'f32', shape), g.state('s0', shape), g.state('s1', shape)];
        const free = [floats[1], floats[2]];
        for (const [i, { kind, first, second }] of nodes.entries()) {
          const a = floats[first % floats.length];
          const b = floats[second % floats.length];
          const read = { out: [3], k: [5], maps: [project(2, [0, 1])] };
          if (kind === 'map') {
            floats.push(addMap(g, shape, ['add', ['arg', 0], ['arg', 1]], [{ tensor: a }, { tensor: b }]));
          } else if (kind === 'reshape') {
            const flat = g.add({ kind: 'reshape', operands: [a], out: [15] });
            floats.push(g.add({ kind: 'reshape', operands: [flat], out: shape }));
          } else if (kind === 'output') g.output(`o${i}`, a);
          else if (kind === 'update') {
            const target = free.pop();
            if (target !== undefined) g.update(target, a);
          } else g.output(`r${i}`, g.add({ kind: 'reduce', op: kind, operands: [a], ...read }));
        }
        g.output('last', floats[floats.length - 1]);
        assertDisjoint(g.finish());
      }),
      { seed, numRuns: 300 },
    );
  });

  it('keeps them apart in a training step', () => {
    const graph = lower(
      bind(deriveClassifierStep(mlp({ features: [20], hidden: [30], classes: 4 })), { B: 8 }),
    );
    assertDisjoint(graph);
  });

  it('is all the memory there is: a run allocates none', async () => {
    const model = mlp({ features: [20], hidden: [30], classes: 4 });
    const program = await createProgram(bind(deriveClassifierStep(model), { B: 8 }));
    program.setParameters(initialParameters(model, '0x01'));
    const { buffer } = program.input('x');
    const inputs = {
      x: new Float32Array(160).fill(0.5),
      y: new Int32Array(8),
      w: new Float32Array(8).fill(1),
    };
    for (let step = 0; step < 3; step++) program.run({ ...inputs, learningRate: 0.1, momentum: 0.9 });
    expect(program.input('x').buffer).toBe(buffer);
    expect(buffer.byteLength).toBeGreaterThan(program.plan.bytes);
  });
});

describe('a profile', () => {
  it('is a run like any other, with the time of every kernel call', async () => {
    const model = mlp({ features: [20], hidden: [30], classes: 4 });
    const [program, other] = await Promise.all(
      [0, 1].map(() => createProgram(bind(deriveClassifierStep(model), { B: 8 }))),
    );
    const inputs = {
      x: new Float32Array(160).fill(0.5),
      y: new Int32Array(8),
      w: new Float32Array(8).fill(1),
    };
    for (const each of [program, other]) each.setParameters(initialParameters(model, '0x01'));
    const profile = program.profile({ ...inputs, learningRate: 0.1, momentum: 0.9 });
    other.run({ ...inputs, learningRate: 0.1, momentum: 0.9 });
    expect(program.parameters()).toEqual(other.parameters());
    expect(profile.every(({ milliseconds }) => milliseconds >= 0)).toBe(true);
    expect(profile).toHaveLength(program.plan.units.length);
    const fixed = profile.map(({ node }, i) => ({ node, milliseconds: i === 2 ? 3 : 0.25 }));
    const [title, first] = printProfile(program.graph, fixed, 1).split('\n');
    expect(title).toBe(
      `${(3 + 0.25 * (profile.length - 1)).toFixed(3)} ms in ${profile.length} kernel calls`,
    );
    expect(first).toMatch(/^ +3\.000 +\d+\.\d % {2}%\d+ /);
    expect(() => program.profile({ z: 1 })).toThrow(expect.objectContaining({ code: 'program.input' }));
  });
});

describe('an extreme and its position', () => {
  const extent = fc.integer({ min: 1, max: 21 });
  const cases = fc.tuple(
    extent,
    extent,
    fc.integer({ min: 1, max: 3 }),
    fc.integer({ min: 1, max: 3 }),
    fc.constantFrom(['max', 'argmax'] as const, ['min', 'argmin'] as const),
    fc.array(fc.constantFrom(0, -0, 1, -1, 2.5, 1e-45, -3), { minLength: 7, maxLength: 40 }),
  );
  it('are found by one kernel call, with the bits of the twin', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ([rows, columns, taps, stride, ops, pool]) => {
        const graph = pooling(rows, columns, taps, stride, ops);
        expect(planMemory(graph).companions.size).toBe(1);
        const [x] = graph.nodes.filter(({ kind }) => kind === 'input');
        const length = elementCount(boundShape(x.shape));
        await runBoth(graph, { x: Float32Array.from({ length }, (_, i) => pool[(i * i) % pool.length]) });
      }),
      { seed, numRuns: 60 },
    );
  });
});

it('a program whose tensors pass the memory of WebAssembly is refused before any is made', () => {
  const of = (rows: number) => {
    const g = createBuilder();
    const x = g.input('x', 'f32', [rows, 2 ** 20]);
    const y = g.input('y', 'f32', [rows, 2 ** 20]);
    g.output('x', x);
    g.output('y', y);
    return planMemory(g.finish());
  };
  expect(of(400).bytes).toBe(2 * 400 * 2 ** 22);
  expect(() => of(512)).toThrow(expect.objectContaining({ code: 'plan.tooLarge' }));
});
