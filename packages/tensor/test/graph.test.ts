/** Graphs: what they print, what their identity is, and what their encoding refuses. */
import { type Canonical, decodeCanonical, encodeCanonical } from '@nonet/core/codec';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Expression, floatBits } from '../src/graph/expression.ts';
import {
  bind,
  createBuilder,
  decodeGraph,
  dense,
  deriveClassifierStep,
  encodeGraph,
  type Graph,
  graphAddress,
  largeConstantAddresses,
  largeConstants,
  leavesOf,
  lower,
  mlp,
  planMemory,
  printGraph,
  relu,
  transpose,
} from '../src/index.ts';

const model = mlp({ features: [4], standardise: { mean: 0.5, deviation: 2 }, hidden: [3], classes: 2 });

describe('printGraph', () => {
  it('shows the training step of a linear classifier', () => {
    expect(printGraph(deriveClassifierStep(mlp({ features: [784], hidden: [], classes: 10 })))).toBe(
      `graph  arithmetic 1
 input x f32[B,784]  y i32[B]  w f32[B]  learningRate f32[]  momentum f32[]
 parameter dense0.weight f32[784,10]  dense0.bias f32[10]
 state dense0.weight.velocity f32[784,10]  dense0.bias.velocity f32[10]
 %0  f32[B,10]   = contract x[o0,k0] dense0.weight[k0,o1] k=[784]            dense
 %1  f32[B,10]   = map a0+a1 (%0, dense0.bias[o1])
 %2  f32[B]      = reduce max %1[o0,k0] k=[10]                               crossEntropy
 %3  f32[B,10]   = map exp(a0-a1) (%1, detached %2[o0])
 %4  f32[B]      = reduce sum %3[o0,k0] k=[10]
 %5  i32[10]     = map index0 ()                                             crossEntropy
 %6  i32[B]      = gather %5[y] axis=0                                       crossEntropy
 %7  f32[B,10]   = map select(index1==a1,a0,0) (%1, %6[o0])
 %8  f32[B]      = reduce sum %7[o0,k0] k=[10]
 %9  f32[]       = reduce sum w[k0] k=[B]
 %10 f32[B]      = map ((log(a0)+a1)-a2)*(a3/a4) (%4, detached %2, %8, w, %9[])
 %11 f32[]       = reduce sum %10[k0] k=[B]
 %12 f32[B]      = map (a1/a2)/a0 (%4, w, %9[])                              d%4
 %13 f32[B,10]   = map a0*a1 (%12[o0], %3)                                   d%1
 %14 f32[B]      = map neg(a0/a1) (w, %9[])                                  d%8
 %15 f32[B,10]   = map select(index1==a1,a0,0) (%14[o0], %6[o0])             d%1
 %16 f32[B,10]   = map a0+a1 (%13, %15)                                      d%1
 %17 f32[784,10] = contract x[k0,o0] %16[k0,o1] k=[B]                        d dense0.weight
 %18 f32[784,10] = map (a0*a1)+a2 (momentum[], dense0.weight.velocity, %17)
 %19 f32[784,10] = map a0-(a1*a2) (dense0.weight, learningRate[], %18)
 %20 f32[10]     = reduce sum %16[k0,o0] k=[B]                               d dense0.bias
 %21 f32[10]     = map (a0*a1)+a2 (momentum[], dense0.bias.velocity, %20)
 %22 f32[10]     = map a0-(a1*a2) (dense0.bias, learningRate[], %21)
 output loss=%11  update dense0.weight=%19 dense0.bias=%22 dense0.weight.velocity=%18 dense0.bias.velocity=%21`,
    );
  });

  it('shows a model in readable operations', () => {
    expect(printGraph(model)).toBe(
      `graph  arithmetic 1
 input x f32[B,4]
 parameter dense0.weight f32[4,3]  dense0.bias f32[3]  dense1.weight f32[3,2]  dense1.bias f32[2]
 constant c0 f32[] = 0.5  c1 f32[] = 2
 %0 f32[B,4] = standardise x c0 c1
 %1 f32[B,3] = dense %0 dense0.weight dense0.bias
 %2 f32[B,3] = relu %1
 %3 f32[B,2] = dense %2 dense1.weight dense1.bias
 %4 f32[B,2] = softmax %3
 %5 i32[B]   = argmax %3
 output logits=%3  output probabilities=%4  output label=%5`,
    );
  });
});

/** relu(x W + b) with any names and detours. */
function sample({ weight = 'W', unused = false, input = 'x', output = 'y', swap = false } = {}): Graph {
  const g = createBuilder();
  if (unused) g.input('other', 'f32', [2]);
  const names = swap ? ['b', weight] : [weight, 'b'];
  const shapes = swap ? [[3], [4, 3]] : [[4, 3], [3]];
  const leaves = names.map((name, i) => g.parameter(name, shapes[i], 'zeros'));
  if (swap) leaves.reverse();
  const x = g.input(input, 'f32', ['B', 4]);
  g.output(output, relu(g, g.add({ kind: 'dense', operands: [x, ...leaves] }, 'a remark')));
  return g.finish();
}

describe('identity', () => {
  it('ignores names of parameters, remarks, order of construction and what is unused', () => {
    const address = graphAddress(sample());
    for (const same of [{ weight: 'V' }, { unused: true }, { swap: true }]) {
      expect(graphAddress(sample(same))).toBe(address);
    }
  });

  it('includes names of inputs and outputs', () => {
    const addresses = [{}, { input: 'z' }, { output: 'z' }].map((options) => graphAddress(sample(options)));
    expect(new Set(addresses).size).toBe(3);
  });

  it('is fixed', () => {
    expect(graphAddress(model)).toBe('0x5d30fe5dafd3a722bc75ce7bce6b1d589883b815c87307ac6ce165b18c5192ec');
    expect(graphAddress(deriveClassifierStep(model))).toBe(
      '0x85fd9dee93f72cc7f63f311cc391b257ee473ffbd3f4973c921712c5d17af4ca',
    );
  });

  it('parameters keep their order through every transformation', () => {
    const names = (graph: Graph) => leavesOf(graph, 'parameter').map(({ name }) => name);
    const step = deriveClassifierStep(model);
    for (const graph of [lower(model), step, bind(step, { B: 4 })])
      expect(names(graph)).toEqual(names(model));
  });
});

describe('encoding', () => {
  it.each([
    model,
    lower(model),
    deriveClassifierStep(model),
    bind(deriveClassifierStep(model), { B: 5 }),
    sample(),
  ])('round trips', (graph) => {
    const bytes = encodeGraph(graph);
    expect(encodeGraph(decodeGraph(bytes))).toEqual(bytes);
  });

  it('keeps constants when the Buffer that they came in is used again', () => {
    const g = createBuilder();
    g.output('y', g.constant(Float32Array.of(1, 2), [2]));
    const graph = g.finish();
    const buffer = Buffer.from(encodeGraph(graph));
    const decoded = decodeGraph(buffer);
    buffer.fill(0);
    expect(decoded).toEqual(graph);
  });

  it('finds the names of parameters again', () => {
    const decoded = decodeGraph(encodeGraph(model));
    expect(decoded).toEqual(model);
  });

  it('round trips a transposition and an expression with every operation', () => {
    const g = createBuilder();
    const x = transpose(g, g.input('x', 'f32', [2, 'B']), [1, 0]);
    const everything: Expression = ['eq', ['arg', 0], ['arg', 0]];
    g.output(
      'y',
      g.add({
        kind: 'map',
        operands: [x],
        out: ['B', 2],
        maps: [
          {
            matrix: [
              [1, 0],
              [0, 1],
            ],
            offset: [0, 0],
          },
        ],
        detached: [0],
        expression: [
          'select',
          ['eq', ['index', 1], ['const', 'i32', 1]],
          [
            'div',
            ['sqrt', ['neg', ['arg', 0]]],
            ['call', 'log', ['sub', ['arg', 0], ['const', 'f32', floatBits(-0)]]],
          ],
          [
            'add',
            ['mul', ['call', 'tanh', ['arg', 0]], ['call', 'erf', ['arg', 0]]],
            [
              'select',
              ['and', ['lt', ['arg', 0], ['arg', 0]], ['xor', everything, ['or', everything, everything]]],
              ['call', 'exp', ['arg', 0]],
              [
                'bitcast',
                'f32',
                ['shr', ['shl', ['convert', 'i32', ['arg', 0]], ['index', 0]], ['index', 1]],
              ],
            ],
          ],
        ],
      }),
    );
    const graph = g.finish();
    expect(decodeGraph(encodeGraph(graph))).toEqual(graph);
  });

  const wide = mlp({
    features: [300],
    standardise: { mean: new Array(300).fill(1), deviation: 1 },
    hidden: [],
    classes: 2,
  });

  it('names large constants by address', () => {
    const constants = largeConstants(wide);
    expect(constants.size).toBe(1);
    expect(largeConstantAddresses(encodeGraph(wide))).toEqual([...constants.keys()]);
    expect(largeConstantAddresses(encodeGraph(model))).toEqual([]);
    expect(encodeGraph(wide).length).toBeLessThan(1000);
    expect(decodeGraph(encodeGraph(wide), constants)).toEqual(wide);
  });

  it('refuses more nodes than any graph has, before it builds one', () => {
    const value = decodeCanonical(encodeGraph(model)) as { readonly nodes: readonly Canonical[] };
    const bytes = encodeCanonical({ ...value, nodes: Array(100_001).fill(value.nodes[0]) });
    expect(() => decodeGraph(bytes)).toThrow(
      expect.objectContaining({ code: 'graph.malformed', expected: 'at most 100000 nodes', found: '100001' }),
    );
  });

  it('finds no large constants in what is no graph', () => {
    const node = ['constant', 'f32', [2n ** 60n], new Uint8Array(32)];
    for (const value of [null, 7, [], { nodes: 1 }, { nodes: [1, node] }]) {
      expect(largeConstantAddresses(encodeCanonical(value))).toEqual([]);
    }
  });

  it('refuses large constants that are missing or other ones', () => {
    const [address] = largeConstants(wide).keys();
    const missing = expect.objectContaining({ code: 'graph.constantMissing' });
    expect(() => decodeGraph(encodeGraph(wide))).toThrow(missing);
    expect(() => decodeGraph(encodeGraph(wide), new Map([[address, new Uint8Array(1200)]]))).toThrow(missing);
  });

  type Fields = Record<string, unknown> & { nodes: unknown[][]; outputs: unknown[] };
  const tampered = (change: (fields: Fields) => void): Uint8Array => {
    const fields = structuredClone(decodeCanonical(encodeGraph(sample()))) as Fields;
    change(fields);
    return encodeCanonical(fields);
  };
  it.each<[string, (fields: Fields) => void]>([
    ['another format', (f) => (f.format = 'nonet graph 2')],
    ['another arithmetic', (f) => (f.arithmetic = 2)],
    ['nodes that are no list', (f) => (f.nodes = 'none' as never)],
    ['a node that is no list', (f) => (f.nodes[0] = 1 as never)],
    ['an unknown kind', (f) => (f.nodes[3][0] = 'conv')],
    ['a kind of Object.prototype', (f) => (f.nodes[3][0] = 'toString')],
    ['an operand ahead of its node', (f) => (f.nodes[3][1] = [0, 1, 4])],
    ['a negative operand', (f) => (f.nodes[3][1] = [0, 1, -1])],
    ['an operand too few', (f) => (f.nodes[3][1] = [0, 1])],
    ['operands in another order', (f) => (f.nodes[3][1] = [0, 2, 1])],
    ['an attribute too many', (f) => f.nodes[3].push(1)],
    ['an unknown dtype', (f) => (f.nodes[0][2] = 'f64')],
    ['a negative extent', (f) => (f.nodes[0][3] = ['B', -4])],
    ['an extent of 2^40', (f) => (f.nodes[0][3] = ['B', 2 ** 40])],
    ['an extent with a long name', (f) => (f.nodes[0][3] = ['Batch', 4])],
    ['a rank of 9', (f) => (f.nodes[0][3] = new Array(9).fill(1))],
    ['a named extent of a parameter', (f) => (f.nodes[1][1] = ['B', 3])],
    ['an unknown initialiser', (f) => (f.nodes[1][2] = 'normal')],
    ['a name with spaces', (f) => (f.nodes[0][1] = 'x y')],
    ['a name that is no text', (f) => (f.nodes[0][1] = 7)],
    ['an output that is no tensor', (f) => (f.outputs = [['y', 9]])],
    ['an output twice', (f) => f.outputs.push(f.outputs[0])],
    ['an update of an input', (f) => (f.updates = [[0, 0]])],
    ['an update of another shape', (f) => (f.updates = [[1, 2]])],
    ['an unused node', (f) => f.nodes.push(['state', [1]])],
    [
      'nodes out of order',
      (f) => f.nodes.splice(1, 2, f.nodes[2], f.nodes[1]) && (f.nodes[3][1] = [0, 2, 1]),
    ],
    ['a field too many', (f) => (f.extra = 1)],
  ])('refuses %s', (_, change) => {
    expect(() => decodeGraph(tampered(change))).toThrow(expect.objectContaining({ code: 'graph.malformed' }));
  });

  const oneMap = (
    expression: unknown,
    maps: unknown = [[[[1]], [0]]],
    out: unknown = [2],
    detached: unknown = [],
  ) =>
    encodeCanonical({
      format: 'nonet graph 1',
      arithmetic: 1,
      nodes: [
        ['input', 'x', 'f32', [2]],
        ['map', [0], out, maps, detached, expression],
      ],
      outputs: [['y', 1]],
      gradients: [],
      updates: [],
    });
  let deep: unknown = ['arg', 0];
  for (let i = 0; i < 50; i++) deep = ['neg', deep];
  it.each<[string, Uint8Array]>([
    ['an argument that is absent', oneMap(['arg', 1])],
    [
      'an axis that is absent',
      oneMap(['select', ['eq', ['index', 1], ['index', 0]], ['arg', 0], ['arg', 0]]),
    ],
    ['a comparison as a value', oneMap(['lt', ['arg', 0], ['arg', 0]])],
    ['arithmetic on an integer and a float', oneMap(['add', ['index', 0], ['arg', 0]])],
    ['a conversion to the dtype that it has', oneMap(['convert', 'f32', ['arg', 0]])],
    ['a conversion to f64', oneMap(['convert', 'f64', ['arg', 0]])],
    ['bits of floats combined', oneMap(['and', ['arg', 0], ['arg', 0]])],
    ['a shift by a float', oneMap(['bitcast', 'f32', ['shl', ['index', 0], ['arg', 0]]])],
    ['a select without comparison', oneMap(['select', ['arg', 0], ['arg', 0], ['arg', 0]])],
    ['an unknown call', oneMap(['call', 'tan', ['arg', 0]])],
    ['an unknown operation', oneMap(['pow', ['arg', 0], ['arg', 0]])],
    ['an operand too many', oneMap(['neg', ['arg', 0], ['arg', 0]])],
    ['33 bits', oneMap(['const', 'f32', 2 ** 33])],
    ['an expression 50 deep', oneMap(deep)],
    ['an index beyond the operand', oneMap(['arg', 0], [[[[1]], [1]]])],
    ['a negative index', oneMap(['arg', 0], [[[[-1]], [0]]])],
    [
      'a map with a row too many',
      oneMap(
        ['arg', 0],
        [
          [
            [[1], [0]],
            [0, 0],
          ],
        ],
      ),
    ],
    ['a map with a column too many', oneMap(['arg', 0], [[[[1, 0]], [0]]])],
    ['no map', oneMap(['arg', 0], [])],
    ['a factor of 1/2', oneMap(['arg', 0], [[[[0.5]], [0]]])],
    ['a detached operand that is absent', oneMap(['arg', 0], undefined, [2], [1])],
    ['a named extent read as a number', oneMap(['arg', 0], undefined, ['B'])],
  ])('refuses a map with %s', (_, bytes) => {
    expect(() => decodeGraph(bytes)).toThrow(expect.objectContaining({ code: 'graph.malformed' }));
  });

  it('answers any bytes with a graph that encodes to them or a typed error', () => {
    const start = encodeGraph(deriveClassifierStep(model));
    const accepted: number[] = [];
    fc.assert(
      fc.property(fc.nat(start.length - 1), fc.nat(255), (at, value) => {
        const bytes = start.slice();
        bytes[at] = value;
        try {
          expect(encodeGraph(decodeGraph(bytes))).toEqual(bytes);
          accepted.push(at);
        } catch (error) {
          expect(error).toMatchObject({ code: expect.stringMatching(/^(graph|codec)\./) });
        }
      }),
      { seed: 18, numRuns: 1500 },
    );
    expect(accepted.length).toBeLessThan(300);
  });

  it('judges 100,000 parameters and as many outputs in seconds', () => {
    const count = 100_000;
    const bytes = encodeCanonical({
      format: 'nonet graph 1',
      arithmetic: 1,
      nodes: Array.from({ length: count }, () => ['parameter', [1], 'zeros']),
      outputs: Array.from({ length: count }, (_, i) => [`o${i}`, i]),
      gradients: [],
      updates: [],
    });
    expect(decodeGraph(bytes).outputs.length).toBe(count);
  }, 20_000);
});

describe('the builder', () => {
  const refuses = (code: string, action: () => unknown) =>
    expect(action).toThrow(expect.objectContaining({ code }));

  it('refuses tensors, names and updates that do not fit', () => {
    const g = createBuilder();
    const x = g.input('x', 'f32', ['B', 4]);
    refuses('graph.tensor', () => relu(g, 7));
    refuses('graph.name', () => g.input('x', 'f32', [1]));
    refuses('graph.name', () => g.input('', 'f32', [1]));
    refuses('graph.update', () => g.update(x, x));
    refuses('graph.constant', () => g.constant(Float32Array.of(1, 2), [3]));
    refuses('shape.malformed', () => g.input('z', 'f32', [0]));
    refuses('operation.operands', () => dense(g, g.input('flat', 'f32', ['B']), 3));
    refuses('operation.operands', () => transpose(g, x, [0, 0]));
    refuses('operation.operands', () => g.add({ kind: 'dense', operands: [x, x, x] }));
    refuses('operation.operands', () => g.add({ kind: 'crossEntropy', operands: [x, x, x] }));
    refuses('primitive.reshape', () => g.add({ kind: 'reshape', operands: [x], out: ['B', 5] }));
  });

  it('bind refuses unknown names and bad extents', () => {
    refuses('bind.extent', () => bind(model, { C: 3 }));
    refuses('bind.extent', () => bind(model, { B: 0 }));
    refuses('bind.extent', () => bind(bind(model, { B: 1 }), { B: 1 }));
  });
});

describe('planMemory', () => {
  it('writes every update of a training step in place and shares dead space', () => {
    const graph = lower(
      bind(deriveClassifierStep(mlp({ features: [784], hidden: [128], classes: 10 })), { B: 64 }),
    );
    const plan = planMemory(graph);
    expect(plan.copies).toEqual([]);
    for (const { target, tensor } of graph.updates) {
      expect(plan.addresses[tensor]).toBe(plan.addresses[target]);
    }
    const parameters = 101_770 * 4;
    expect(plan.bytes).toBeLessThan(3 * parameters + 64 * 784 * 4 + 200_000);
  });

  it('refuses unbound graphs', () => {
    expect(() => planMemory(lower(model))).toThrow(expect.objectContaining({ code: 'shape.unbound' }));
  });
});
