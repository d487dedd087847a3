import { concatBytes, NonetError } from '@nonet/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bind, createProgram, type OutputValue, predict } from '../index.ts';
import { importClassifier } from './classifier.ts';
import { type ImportOnnxReturnType, importOnnx } from './import.ts';
import { bytesField, integerField, message } from './protobuf.ts';
import {
  listFields,
  tensorFields,
  type WrittenModel,
  type WrittenNode,
  type WrittenValue,
  writeModel,
} from './write.ts';

/**
 * Made by the onnx package 1.23.2 and run by onnxruntime 1.31.1: Sub, Gemm (transB = 1), Relu, Gemm
 * (transB = 1), Softmax, some initialisers as float_data and some raw, as exporters of other
 * frameworks write them.
 */
const foreign = Buffer.from(
  [
    'CAgSBG9ubng6qAMKHwoFaW5wdXQKBG1lYW4SAWMaCC9wcmUvU3ViIgNTdWIKTwoBYwoCdzAKAmIwEgFoGgkvZmMxL0dlbW0i',
    'BEdlbW0qDwoFYWxwaGEVAACAP6ABASoOCgRiZXRhFQAAgD+gAQEqDQoGdHJhbnNCGAGgAQIKDAoBaBIBciIEUmVsdQouCgFy',
    'CgJ3MQoCYjESAXoaCS9mYzIvR2VtbSIER2VtbSoNCgZ0cmFuc0IYAaABAgofCgF6EgRwcm9iIgdTb2Z0bWF4KgsKBGF4aXMY',
    'AaABAhIKdG9yY2gtbGlrZSoWCAEIAhABIggAAAA/AAAAv0IEbWVhbiokCAMIAhABIhgAAAA/AACAvwAAgD4AAABAAABAvwAA',
    'wD9CAncwKhYIAxABIgzNzMw9zcxMvpqZmT5CAmIwKiQIAggDEAFCAncxShgAAIA/AACAvwAAAD8AAAC/AACAPgAAAEAqEggC',
    'EAEiCAAAAAAAAAA+QgJiMVocCgVpbnB1dBITChEIARINCgcSBWJhdGNoCgIIAmIbCgRwcm9iEhMKEQgBEg0KBxIFYmF0Y2gK',
    'AggCQgQKABAR',
  ].join(''),
  'base64',
);

const bytesOf = (data: Float32Array | Int32Array) => new Uint8Array(data.buffer);
const floats = (shape: readonly number[], ...values: number[]) =>
  tensorFields('f32', shape, bytesOf(Float32Array.from(values)));
const x: WrittenValue = { name: 'x', type: 'f32', shape: ['batch', 4] };
const y: WrittenValue = { name: 'y', type: 'f32', shape: ['batch', 4] };
const node = (
  operator: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: WrittenNode['attributes'] = {},
): WrittenNode => ({ operator, inputs, outputs, attributes });

/** A file of these nodes, from x f32[batch,4] to y, unless said otherwise. */
function onnxFile(nodes: readonly WrittenNode[], other: Partial<WrittenModel> = {}): Uint8Array<ArrayBuffer> {
  return writeModel({ nodes, initialisers: [], inputs: [x], outputs: [y], opsets: { '': 17 }, ...other });
}

/** Runs an imported graph of one input on the batch given by its length. */
async function run(
  { graph, parameters }: ImportOnnxReturnType,
  input: Float32Array | Int32Array,
  batch: number,
): Promise<OutputValue> {
  const program = await createProgram(bind(graph, { B: batch }));
  program.setParameters(parameters);
  return program.run({ x: input }).y;
}

const unsupported = (mention: string) => ({
  code: 'onnx.unsupported',
  message: expect.stringContaining(mention),
});

/** What importing throws. */
function refusal(bytes: Uint8Array, options = {}): NonetError {
  try {
    importOnnx(bytes, options);
  } catch (error) {
    expect(error).toBeInstanceOf(NonetError);
    return error as NonetError;
  }
  throw new NonetError({ code: 'test', expected: 'a refusal', found: 'none' });
}

describe('importOnnx', () => {
  it('keeps names as far as they are names here, and calls extents by capital letters', () => {
    const inputs: WrittenValue[] = [
      { name: 'input/0:a', type: 'f32', shape: ['n', 'seq len', 3] },
      { name: 'input/0;a', type: 'f32', shape: ['n', 'seq len', 3] },
      { name: '7', type: 'i32', shape: ['s'] },
    ];
    const nodes = [node('Add', ['input/0:a', 'input/0;a'], ['0']), node('Identity', ['7'], ['ids'])];
    const outputs = [
      { name: '0', type: 'f32', shape: inputs[0].shape },
      { name: 'ids', type: 'i32', shape: ['s'] },
    ] as const;
    const read = importOnnx(onnxFile(nodes, { inputs, outputs }));
    expect(read.inputs.map(({ name }) => name)).toEqual(['input_0_a', 'input_0_a_1', 'tensor']);
    expect(read.outputs.map(({ name }) => name)).toEqual(['tensor', 'ids']);
    expect(read.extents).toEqual({ B: 'n', S: 'seq len', T: 's' });
    expect(read.graph.nodes[0].shape).toEqual(['B', 'S', 3]);
  });

  it('fixes named extents where it is told to, and knows their names', () => {
    const read = importOnnx(onnxFile([node('Relu', ['x'], ['y'])]), { extents: { batch: 2 } });
    expect(read.graph.nodes[0].shape).toEqual([2, 4]);
    expect(refusal(onnxFile([node('Relu', ['x'], ['y'])]), { extents: { bacth: 2 } })).toMatchObject({
      code: 'onnx.extent',
      expected: 'one of the named extents batch',
      found: 'bacth',
    });
  });

  it('makes initialisers parameters, and Constant nodes and single numbers constants', () => {
    const nodes = [
      node('Constant', [], ['c'], { value: { tensor: floats([4], 1, 2, 3, 4) } }),
      node('Mul', ['x', 'w'], ['a']),
      node('Add', ['a', 'c'], ['b']),
      node('Div', ['b', 'half'], ['y']),
    ];
    const read = importOnnx(
      onnxFile(nodes, {
        initialisers: [
          ['w', floats([4], 1, 1, 1, 1)],
          ['half', floats([], 0.5)],
        ],
      }),
      { fixed: [] },
    );
    expect(read.parameters.map(({ name, shape }) => [name, shape])).toEqual([['w', [4]]]);
    expect(read.graph.nodes.filter(({ kind }) => kind === 'constant')).toHaveLength(2);
  });

  it('folds what a file computes about shapes, keeping the batch open', async () => {
    const nodes = [
      node('Shape', ['x'], ['shape']),
      node('Constant', [], ['zero'], { value_int: 0 }),
      node('Constant', [], ['axes'], { value_ints: [0] }),
      node('Gather', ['shape', 'zero'], ['n'], { axis: 0 }),
      node('Unsqueeze', ['n', 'axes'], ['n1']),
      node('Constant', [], ['rest'], { value_ints: [2, -1] }),
      node('Concat', ['n1', 'rest'], ['target'], { axis: 0 }),
      node('Reshape', ['x', 'target'], ['z']),
      node('ReduceSum', ['z', 'last'], ['y'], { keepdims: 0 }),
    ];
    const read = importOnnx(onnxFile(nodes, { initialisers: [['last', listFields([-1])]] }));
    expect(read.graph.nodes.map(({ kind }) => kind)).toEqual(['input', 'reshape', 'sum']);
    expect(await run(read, Float32Array.of(1, 2, 3, 4), 1)).toEqual(Float32Array.of(3, 7));
  });

  it('folds what it computes from weights, by the same arithmetic, into a parameter', async () => {
    const nodes = [
      node('Transpose', ['w'], ['t']),
      node('Neg', ['t'], ['u']),
      node('MatMul', ['x', 'u'], ['y']),
    ];
    const weight = floats([2, 4], 1, 2, 3, 4, 5, 6, 7, 8);
    const read = importOnnx(onnxFile(nodes, { initialisers: [['w', weight]] }));
    expect(read.parameters).toEqual([
      { name: 'u', shape: [4, 2], data: Float32Array.of(-1, -5, -2, -6, -3, -7, -4, -8) },
    ]);
    expect(await run(read, Float32Array.of(1, 1, 1, 1), 1)).toEqual(Float32Array.of(-10, -26));
  });

  it('says which element types it converted', () => {
    const double = [integerField(1, 1), integerField(2, 11), bytesField(9, new Uint8Array(8))];
    const read = importOnnx(
      onnxFile([node('Add', ['x', 'd'], ['y'])], {
        inputs: [{ ...x, type: 11 }],
        initialisers: [['d', double]],
      }),
    );
    expect(read.notes).toEqual([
      '1 float64 initialiser was rounded to float32',
      'input x is float64 in the file and float32 here',
      'output y is float64 in the file and float32 here',
      'training leaves as they are: d',
    ]);
  });

  it('reads int64 as i32, counts negative indices from the end, and stops on others', async () => {
    const inputs: WrittenValue[] = [{ name: 'x', type: 'i64', shape: ['batch'] }];
    const read = importOnnx(
      onnxFile([node('Gather', ['table', 'x'], ['y'])], {
        inputs,
        initialisers: [['table', floats([3, 1], 10, 20, 30)]],
      }),
    );
    expect(await run(read, Int32Array.of(0, -1), 2)).toEqual(Float32Array.of(10, 30));
    await expect(run(read, Int32Array.of(0, 3), 2)).rejects.toMatchObject({ code: 'program.index' });
  });
});

it.each([
  ['GatherElements', [0, 3, 0]],
  ['GatherElements', [0, -4, 0]],
  ['GatherND', [0, 3]],
])('%s stops on a position outside its axis, though it lies inside the tensor', async (operator, indices) => {
  const matrix = floats([2, 3], 1, 2, 3, 4, 5, 6);
  const inputs: WrittenValue[] = [{ name: 'x', type: 'i64', shape: [1, indices.length] }];
  const attributes = operator === 'GatherElements' ? { axis: 1 } : {};
  const nodes = [node(operator, ['m', 'x'], ['y'], attributes)];
  const { graph, parameters } = importOnnx(onnxFile(nodes, { inputs, initialisers: [['m', matrix]] }));
  const program = await createProgram(graph);
  program.setParameters(parameters);
  expect(() => program.run({ x: Int32Array.from(indices) })).toThrow(
    expect.objectContaining({ code: 'program.index' }),
  );
});

describe('what importOnnx refuses', () => {
  const relu = node('Relu', ['x'], ['y']);
  const axis = (value: number) =>
    message(5, bytesField(1, 'axis'), integerField(3, value), integerField(20, 2));
  const softmax = message(
    1,
    bytesField(1, 'x'),
    bytesField(2, 'z'),
    bytesField(4, 'Softmax'),
    axis(0),
    axis(1),
  );
  // A graph in two parts is both of them: the second holds this node.
  const twice = concatBytes(onnxFile([relu]), message(7, softmax));

  it.each<[string, Uint8Array, string]>([
    ['an unknown operator', onnxFile([node('Frobnicate', ['x'], ['y'])]), 'y (Frobnicate)'],
    ['a name of Object.prototype', onnxFile([node('valueOf', ['x'], ['y'])]), 'y (valueOf)'],
    ['control flow, with what to do', onnxFile([node('Loop', ['x'], ['y'])]), 'unroll loops'],
    ['an arc sine, with the reason', onnxFile([node('Asin', ['x'], ['y'])]), 'no inverse'],
    ['an attribute that the operator lacks', onnxFile([node('Relu', ['x'], ['y'], { slope: 1 })]), 'slope'],
    ['an attribute of another type', onnxFile([node('Softmax', ['x'], ['y'], { axis: 'last' })]), 'axis'],
    ['an input too many', onnxFile([node('Relu', ['x', 'x'], ['y'])]), 'no input 1'],
    ['an output too many', onnxFile([node('Relu', ['x'], ['y', 'z'])]), 'output 1'],
    ['an input too few', onnxFile([node('Add', ['x'], ['y'])]), 'input 1'],
    ['an axis out of range', onnxFile([node('Softmax', ['x'], ['y'], { axis: 2 })]), 'an axis of 2'],
    ['an operator set too new', onnxFile([relu], { opsets: { '': 99 } }), '99'],
    ['an operator before it was as it is read', onnxFile([node('Gelu', ['x'], ['y'])]), 'operator set 20'],
    [
      'another domain',
      onnxFile([{ ...relu, domain: 'com.microsoft' }], { opsets: { 'com.microsoft': 1 } }),
      'com.microsoft.Relu',
    ],
    ['arithmetic on texts', onnxFile([relu], { inputs: [{ ...x, type: 8 }] }), 'numbers in node'],
    [
      'texts as numbers',
      onnxFile([node('Cast', ['x'], ['y'], { to: 1 })], { inputs: [{ ...x, type: 8 }] }),
      'numbers in node',
    ],
    [
      'texts as they are',
      onnxFile([node('Identity', ['x'], ['y'])], { inputs: [{ ...x, type: 8 }] }),
      'output y',
    ],
    [
      'categories of a constant that an encoder may not know',
      onnxFile(
        [
          {
            ...node('OneHotEncoder', ['c'], ['y'], { cats_int64s: [1, 2], zeros: 0 }),
            domain: 'ai.onnx.ml',
          },
        ],
        { initialisers: [['c', floats([1], 3)]], opsets: { '': 17, 'ai.onnx.ml': 1 } },
      ),
      'an input that is computed',
    ],
    [
      'more keys than values',
      onnxFile(
        [
          {
            ...node('LabelEncoder', ['x'], ['y'], { keys_int64s: [1, 2], values_int64s: [5] }),
            domain: 'ai.onnx.ml',
          },
        ],
        { inputs: [{ ...x, type: 'i64' }], opsets: { '': 17, 'ai.onnx.ml': 2 } },
      ),
      'as many values as keys',
    ],
    ['complex numbers as input', onnxFile([relu], { inputs: [{ ...x, type: 14 }] }), 'complex64'],
    ['an empty input', onnxFile([relu], { inputs: [{ ...x, shape: [0, 4] }] }), 'positive extents'],
    [
      'a shape that is computed while the model runs',
      onnxFile([node('Reshape', ['x', 's'], ['y'])], { inputs: [x, { name: 's', type: 'i64', shape: [2] }] }),
      'a constant as input 1',
    ],
    [
      'shapes that do not broadcast, both of them',
      onnxFile([node('Add', ['x', 'w'], ['y'])], { initialisers: [['w', floats([3], 1, 2, 3)]] }),
      '[B,4] and [3]',
    ],
    [
      'matrices that do not fit, both of them',
      onnxFile([node('MatMul', ['x', 'w'], ['y'])], { initialisers: [['w', floats([3, 1], 1, 2, 3)]] }),
      '[B,4] and [3,1]',
    ],
    [
      'a shape that no multiple of the batch fills',
      onnxFile([node('Reshape', ['x', 's'], ['y'])], { initialisers: [['s', listFields([-1, 3])]] }),
      '[-1,3]',
    ],
    [
      'a bias longer than the result, of which a map would read the beginning',
      onnxFile([node('Gemm', ['x', 'w', 'c'], ['y'], { alpha: { float: 2 } })], {
        initialisers: [
          ['w', floats([4, 1], 1, 1, 1, 1)],
          ['c', floats([2], 1, 2)],
        ],
      }),
      '[2]',
    ],
    [
      'slopes longer than the input',
      onnxFile([node('PRelu', ['x', 'w'], ['y'])], { initialisers: [['w', floats([5], 1, 2, 3, 4, 5)]] }),
      '[B,4]',
    ],
    [
      'a scaler of more features than the input has',
      onnxFile([{ ...node('Scaler', ['x'], ['y'], { offset: { floats: [1, 2] } }), domain: 'ai.onnx.ml' }], {
        inputs: [{ ...x, shape: [2, 1] }],
        opsets: { 'ai.onnx.ml': 3 },
      }),
      '[2,1]',
    ],
    [
      'a threshold of integers, whose result would be floats under their name',
      onnxFile([{ ...node('Binarizer', ['x'], ['y']), domain: 'ai.onnx.ml' }], {
        inputs: [{ ...x, type: 'i64' }],
        opsets: { 'ai.onnx.ml': 3 },
      }),
      'floats as input 0',
    ],
    ['a truth that is 2', onnxFile([node('Gemm', ['x', 'x'], ['y'], { transB: 2 })]), '0 or 1'],
    [
      'an unknown mode',
      onnxFile([node('DepthToSpace', ['x'], ['y'], { blocksize: 2, mode: 'ABC' })], {
        inputs: [{ ...x, shape: [1, 4, 2, 2] }],
      }),
      'DCR or CRD',
    ],
    [
      'pads for fewer axes than a transposed convolution has',
      onnxFile([node('ConvTranspose', ['x', 'w'], ['y'], { pads: [0, 0, 0] })], {
        inputs: [{ ...x, shape: [1, 1, 4] }],
        initialisers: [['w', floats([1, 1, 2], 1, 1)]],
      }),
      '2 pads',
    ],
    [
      'an order of fewer axes',
      onnxFile([node('Transpose', ['x'], ['y'], { perm: [0] })]),
      'an order of 2 axes',
    ],
    [
      'a letter twice in the result of a sum',
      onnxFile([node('Einsum', ['x'], ['y'], { equation: 'ij->jj' })]),
      'once',
    ],
    [
      'indices that leave another axis, and would read the next row',
      onnxFile([node('GatherElements', ['x', 'i'], ['y'], { axis: 0 })], {
        inputs: [
          { ...x, shape: [2, 3] },
          { name: 'i', type: 'i64', shape: [2, 5] },
        ],
      }),
      '[2,5]',
    ],
    [
      'batches that are not those of the data',
      onnxFile([node('GatherND', ['x', 'i'], ['y'], { batch_dims: 1 })], {
        inputs: [
          { ...x, shape: [2, 3] },
          { name: 'i', type: 'i64', shape: [1, 1] },
        ],
      }),
      'batch_dims 1',
    ],
    [
      'a constant without a value',
      onnxFile([node('ConstantOfShape', ['s'], ['y'], { value: { tensor: floats([0]) } })], {
        initialisers: [['s', listFields([2000])]],
      }),
      'one number as value',
    ],
    [
      'labels that fit no 32 bits',
      onnxFile(
        [
          {
            ...node('LabelEncoder', ['x'], ['y'], { keys_int64s: [1], values_int64s: [2 ** 32] }),
            domain: 'ai.onnx.ml',
          },
        ],
        {
          inputs: [{ ...x, type: 'i64' }],
          opsets: { 'ai.onnx.ml': 2 },
        },
      ),
      'fit 32 bits',
    ],
    ['an operator set of ai.onnx.ml too new', onnxFile([relu], { opsets: { '': 17, 'ai.onnx.ml': 9 } }), '9'],
    [
      'a training graph',
      onnxFile([node('Dropout', ['x', '', 't'], ['y'])], {
        initialisers: [['t', [integerField(2, 9), bytesField(9, Uint8Array.of(1))]]],
      }),
      'model.eval()',
    ],
  ])('%s', (_, bytes, mention) => {
    expect(refusal(bytes)).toMatchObject(unsupported(mention));
  });

  it.each<[string, Uint8Array]>([
    ['nothing', new Uint8Array()],
    ['a file without a graph', integerField(1, 8)],
    ['a node without an operator set', onnxFile([relu], { opsets: {} })],
    ['an input that nothing makes', onnxFile([node('Relu', ['q'], ['y'])])],
    ['nodes out of order', onnxFile([node('Relu', ['a'], ['y']), node('Relu', ['x'], ['a'])])],
    ['a value made twice', onnxFile([node('Relu', ['x'], ['y']), node('Neg', ['x'], ['y'])])],
    [
      'initialisers of one name',
      onnxFile([node('Mul', ['x', 'w'], ['y'])], {
        initialisers: [
          ['w', floats([], 1)],
          ['w', floats([], 2)],
        ],
      }),
    ],
    ['inputs of one name', onnxFile([relu], { inputs: [x, { ...x, shape: ['batch', 5] }] })],
    ['two versions of one operator set', concatBytes(onnxFile([relu]), message(8, integerField(2, 13)))],
    ['attributes of one name', twice],
    [
      'a name in broken UTF-8',
      onnxFile([relu]).map((byte, i, all) => (byte === 0x78 && all[i - 1] === 1 ? 0xff : byte)),
    ],
    ['an output that nothing makes', onnxFile([node('Relu', ['x'], ['z'])])],
    ['no outputs', onnxFile([relu], { outputs: [] })],
  ])('%s', (_, bytes) => {
    expect(['onnx.malformed', 'onnx.unsupported']).toContain(refusal(bytes).code);
  });

  it('a function of the file itself, naming it and how to inline it', () => {
    const fn = message(25, bytesField(1, 'Relu'), bytesField(10, 'mine'));
    const bytes = concatBytes(onnxFile([{ ...relu, domain: 'mine' }], { opsets: { mine: 1 } }), fn);
    expect(refusal(bytes)).toMatchObject(unsupported('mine.Relu'));
    expect(refusal(bytes).hint).toContain('inline_local_functions');
  });

  it.each<[string, readonly WrittenNode[], Partial<WrittenModel>?]>([
    ['ConstantOfShape', [node('ConstantOfShape', ['s'], ['c']), node('Add', ['x', 'c'], ['y'])]],
    ['Expand', [node('Expand', ['x', 's'], ['y'])]],
    ['Tile', [node('Tile', ['x', 's'], ['y'])], { inputs: [{ ...x, shape: [2, 4] }] }],
    ['Pad', [node('Pad', ['x', 'p'], ['y'])], { inputs: [{ ...x, shape: [2, 4] }] }],
    ['edge Pad', [node('Pad', ['x', 'p'], ['y'], { mode: 'edge' })], { inputs: [{ ...x, shape: [2, 4] }] }],
    ['OneHot', [node('OneHot', ['x', 'd', 'v'], ['y'])]],
    ['Range', [node('Range', ['d0', 'd', 'd1'], ['r']), node('Identity', ['x'], ['y'])]],
  ])('%s of 2^40 elements, before it allocates them', (_, nodes, other = {}) => {
    const initialisers: WrittenModel['initialisers'] = [
      ['s', listFields([2 ** 20, 2 ** 20])],
      ['p', listFields([0, 0, 2 ** 40, 0])],
      ['d', [integerField(2, 7), integerField(7, 2 ** 40)]],
      ['d0', [integerField(2, 7), integerField(7, 0)]],
      ['d1', [integerField(2, 7), integerField(7, 1)]],
      ['v', floats([2], 0, 1)],
    ];
    expect(refusal(onnxFile(nodes, { initialisers, ...other })).code).toBe('onnx.unsupported');
  });

  it.each<[string, WrittenNode, WrittenValue['shape']]>([
    ['a slice of an axis of 2^29', node('Slice', ['x', 'from', 'to'], ['y']), [2 ** 29]],
    [
      'a pool whose counts have 2^28 terms',
      node('AveragePool', ['x'], ['y'], { kernel_shape: [2 ** 14], pads: [2 ** 14, 2 ** 14] }),
      [1, 1, 2 ** 14],
    ],
  ])('reads %s without listing positions', (_, operator, shape) => {
    const { graph } = importOnnx(
      onnxFile([operator], {
        inputs: [{ ...x, shape }],
        initialisers: [
          ['from', listFields([0])],
          ['to', listFields([-1])],
        ],
      }),
    );
    expect(graph.nodes.length).toBeGreaterThan(1);
  });

  it.each<[string, readonly WrittenNode[], readonly WrittenValue[], string]>([
    [
      'positions of 2^26 axes',
      [node('GatherND', ['x', 'i'], ['y'])],
      [
        { ...x, shape: [2] },
        { name: 'i', type: 'i64', shape: [1, 2 ** 26] },
      ],
      'positions of [2]',
    ],
    [
      'a window of 2^26',
      [node('MaxPool', ['x'], ['y', 'z'], { kernel_shape: [2 ** 26], pads: [2 ** 25, 2 ** 25] })],
      [{ ...x, shape: [1, 1, 1] }],
      '67108864',
    ],
    [
      'weights of 2^30 for a resize',
      [node('Resize', ['x', '', '', 'sizes'], ['y'], { mode: 'linear' })],
      [{ ...x, shape: [1, 2 ** 15] }],
      '[32767,32768]',
    ],
    [
      'many constants of 2^22',
      Array.from({ length: 9 }, (_, i) => node('ConstantOfShape', ['large'], [`c${i}`])),
      [x],
      'c8',
    ],
    [
      'a slice of more starts than ends',
      [node('Slice', ['x', 'ones', 'large'], ['y'])],
      [x],
      'as many starts',
    ],
  ])('refuses %s', (_, nodes, inputs, mention) => {
    const initialisers: WrittenModel['initialisers'] = [
      ['sizes', listFields([1, 2 ** 15 - 1])],
      ['large', listFields([2 ** 22])],
      ['ones', listFields([1, 1])],
    ];
    expect(refusal(onnxFile(nodes, { inputs, initialisers }), {})).toMatchObject(unsupported(mention));
  });

  it('refuses a split into 2^40 parts', () => {
    const nodes = [node('Split', ['x'], ['y'], { num_outputs: 2 ** 40 })];
    const bytes = onnxFile(nodes, { inputs: [{ ...x, shape: [2, 4] }], opsets: { '': 18 } });
    expect(refusal(bytes)).toMatchObject(unsupported('1 parts'));
  });

  it('refuses 100,001 nodes', () => {
    const nodes = bytesField(
      7,
      new Uint8Array(200_002).map((_, i) => (i % 2 === 0 ? 0x0a : 0)),
    );
    expect(refusal(nodes)).toMatchObject(unsupported('at most 100000 nodes'));
  });

  it('copies no constant for each of the thousand times that a node names it', () => {
    const weight = floats([2 ** 15], ...new Array<number>(2 ** 15).fill(1));
    const concat = node('Concat', new Array<string>(1000).fill('w'), ['y'], { axis: 0 });
    const { graph } = importOnnx(onnxFile([concat], { initialisers: [['w', weight]] }), { fixed: [] });
    expect(graph.nodes.map(({ kind }) => kind)).toEqual(['parameter', 'concat']);
  });

  it('adds small integers at their own width when it folds, as a run does', () => {
    const u8 = (value: number) => [
      integerField(1, 1),
      integerField(2, 2),
      bytesField(9, Uint8Array.of(value)),
    ];
    const { graph } = importOnnx(
      onnxFile([node('Add', ['a', 'b'], ['c']), node('Identity', ['c'], ['y'])], {
        initialisers: [
          ['a', u8(200)],
          ['b', u8(100)],
        ],
      }),
    );
    expect(graph.nodes.at(-1)).toMatchObject({ kind: 'constant', bytes: Uint8Array.of(44, 0, 0, 0) });
  });

  it('does not fold without end', () => {
    // Each product is 2^18 terms, so that 16 of them are the budget of one import; the rest stay in
    // the graph.
    const weight = floats([64, 64], ...new Array<number>(4096).fill(0.01));
    const nodes = Array.from({ length: 200 }, (_, i) => node('MatMul', [`w${i}`, 'w0'], [`w${i + 1}`]));
    const read = importOnnx(
      onnxFile([...nodes, node('MatMul', ['x', 'w200'], ['y'])], {
        inputs: [{ ...x, shape: ['batch', 64] }],
        initialisers: [['w0', weight]],
      }),
    );
    const products = read.graph.nodes.filter(({ kind }) => kind === 'matmul').length;
    expect(products).toBe(201 - 16);
  });
});

describe('importClassifier', () => {
  it('agrees with onnxruntime on a file from elsewhere', async () => {
    const read = importClassifier(foreign);
    const { probabilities, labels } = await predict({
      ...read,
      features: Float32Array.of(1, 2, -0.5, 0.25, 3, -4),
    });
    const expected = [
      7.551545877504395e-6, 0.9999924898147583, 0.009013299830257893, 0.9909866452217102, 0.9992157220840454,
      0.000784248870331794,
    ];
    for (const [i, value] of expected.entries()) {
      expect(Math.abs(probabilities[i] - value)).toBeLessThan(1e-6 * value + 1e-9);
    }
    expect([...labels]).toEqual([1, 1, 0]);
  });

  it('takes a matrix of scores for logits', async () => {
    const read = importClassifier(onnxFile([node('Relu', ['x'], ['y'])]));
    expect(read.graph.outputs.map(({ name }) => name)).toEqual(['logits', 'probabilities', 'label']);
    const { labels } = await predict({ ...read, features: Float32Array.of(0, 3, 1, 2) });
    expect([...labels]).toEqual([1]);
  });

  it.each<[string, Uint8Array]>([
    ['two inputs', onnxFile([node('Add', ['x', 'z'], ['y'])], { inputs: [x, { ...x, name: 'z' }] })],
    ['a fixed batch', onnxFile([node('Relu', ['x'], ['y'])], { inputs: [{ ...x, shape: [2, 4] }] })],
    ['no scores', onnxFile([node('ReduceMax', ['x'], ['y'], { axes: [1], keepdims: 0 })])],
    [
      'two matrices',
      onnxFile([node('Relu', ['x'], ['y']), node('Neg', ['x'], ['z'])], {
        outputs: [y, { ...y, name: 'z' }],
      }),
    ],
    [
      'rows without an answer',
      onnxFile(
        [
          {
            ...node('OneHotEncoder', ['x'], ['e'], { cats_int64s: [1, 2], zeros: 0 }),
            domain: 'ai.onnx.ml',
          },
          node('Flatten', ['e'], ['y']),
        ],
        { opsets: { '': 17, 'ai.onnx.ml': 1 } },
      ),
    ],
  ])('refuses %s', (_, bytes) => {
    expect(() => importClassifier(bytes)).toThrow(expect.objectContaining({ code: 'onnx.unsupported' }));
  });
});

describe('open extents', () => {
  const open = (shape: WrittenValue['shape'], nodes = [node('Relu', ['x'], ['y'])]) =>
    onnxFile(nodes, { inputs: [{ ...x, shape }], outputs: [{ ...y, shape: [] }] });

  it.each([
    ['-1', [-1, 4, -1]],
    ['a question mark', ['?', 4, '?']],
    ['nothing', ['', 4, '']],
  ])('are what the file calls %s, each its own', (_, shape) => {
    const { graph, extents } = importOnnx(open(shape));
    expect(graph.nodes[0]).toMatchObject({ shape: ['B', 4, 'X'] });
    expect(extents).toEqual({ B: 'batch', X: 'x.2' });
    expect(importOnnx(open(shape), { extents: { batch: 2, 'x.2': 3 } }).graph.nodes[0]).toMatchObject({
      shape: [2, 4, 3],
    });
  });

  it('of first axes without a name are one batch', () => {
    const file = onnxFile([node('Add', ['x', 'z'], ['y'])], {
      inputs: [
        { ...x, shape: [-1, 4] },
        { ...x, name: 'z', shape: [-1, 4] },
      ],
    });
    expect(importOnnx(file).extents).toEqual({ B: 'batch' });
    expect(() => importOnnx(file, { extents: { 'z.0': 1 } })).not.toThrow();
  });

  it('multiply where axes are joined, and divide where they are split', async () => {
    const imported = importOnnx(
      writeModel({
        nodes: [
          node('Reshape', ['x', 's'], ['a']),
          node('Relu', ['a'], ['b']),
          node('Reshape', ['b', 't'], ['y']),
        ],
        initialisers: [
          ['s', listFields([-1, 2])],
          ['t', listFields([-1, 4])],
        ],
        inputs: [x],
        outputs: [y],
        opsets: { '': 17 },
      }),
    );
    expect(imported.graph.nodes.map(({ shape }) => shape)).toEqual([
      ['B', 4],
      ['2*B', 2],
      ['2*B', 2],
      ['B', 4],
    ]);
    const values = Float32Array.of(1, -2, 3, -4, 5, -6, 7, -8);
    expect([...(await run(imported, values, 2))]).toEqual([1, 0, 3, 0, 5, 0, 7, 0]);
  });
});

describe('values of inputs', () => {
  const file = onnxFile([node('Add', ['x', 'shift'], ['y'])], {
    inputs: [x, { name: 'shift', type: 'f32', shape: [-1] }],
  });

  it('become constants, with an open axis as long as they are many', async () => {
    const texts = onnxFile([node('Relu', ['x'], ['y'])], { inputs: [{ ...x, type: 8 }] });
    expect(() => importOnnx(texts, { values: { x: [1, 2, 3, 4] } })).toThrow('numbers for input x');
    const imported = importOnnx(file, { values: { shift: [1, 2, 3, 4] } });
    expect(imported.inputs.map(({ name }) => name)).toEqual(['x']);
    expect([...(await run(imported, Float32Array.of(1, 1, 1, 1), 1))]).toEqual([2, 3, 4, 5]);
  });

  it.each([
    ['an input that the file lacks', { other: 1 }, 'x, shift'],
    ['fewer values than the input has', { x: [1, 2, 3] }, 'as many values'],
  ])('are refused for %s', (_, values, mention) => {
    expect(() => importOnnx(file, { values })).toThrow(
      expect.objectContaining({ code: 'onnx.value', message: expect.stringContaining(mention) }),
    );
  });
});

describe('integers beyond 32 bits', () => {
  const one: WrittenValue = { name: 'x', type: 'i64', shape: [2] };
  const file = (operator: string, second: number) =>
    onnxFile([node(operator, ['x', 'c'], ['y'])], {
      inputs: [one],
      outputs: [{ ...one, name: 'y' }],
      initialisers: [['c', listFields([second, second])]],
    });
  const most = 2 ** 31 - 1;

  it.each([
    ['Add', 1, most - 1, most],
    ['Add', -1, -most, -most - 1],
    ['Sub', 5, -most + 4, -most - 1],
    ['Mul', 46341, 46340, 46341 * 46340],
    ['Mul', -65536, 32768, -(2 ** 31)],
  ])('%s of %i and %i fits', async (operator, second, first, expected) => {
    const { graph } = importOnnx(file(operator, second));
    const program = await createProgram(graph);
    expect([...program.run({ x: Int32Array.of(0, first) }).y!][1]).toBe(expected);
  });

  it.each([
    ['Add', 1, most],
    ['Add', -2, -most],
    ['Sub', -1, most],
    ['Mul', 46341, 46341],
    ['Mul', 65536, 32768],
    ['Mul', -65536, 32769],
    ['Mul', most, most],
  ])('%s of %i and %i stops the run', async (operator, second, first) => {
    const program = await createProgram(importOnnx(file(operator, second)).graph);
    expect(() => program.run({ x: Int32Array.of(0, first) })).toThrow(
      expect.objectContaining({ code: 'program.index', message: expect.stringContaining('beyond 32 bits') }),
    );
  });
});

describe('integers of other widths', () => {
  const two = (type: number): WrittenValue => ({ name: 'x', type, shape: [2] });
  const runNode = async (first: WrittenNode, type: number, input: Float32Array | Int32Array) => {
    const file = onnxFile([first], {
      inputs: [two(type)],
      outputs: [{ ...y, shape: [2] }],
      initialisers: [['axis', [integerField(2, 7), integerField(7, 0)]]],
    });
    return [...(await createProgram(importOnnx(file).graph)).run({ x: input }).y!];
  };
  const [float, int8, int64] = [1, 3, 7];

  it('wrap at 8 bits where they add up, as NumPy has it', async () => {
    const found = await runNode(node('CumSum', ['x', 'axis'], ['y']), int8, Int32Array.of(100, 100));
    expect(found).toEqual([100, -56]);
  });

  it.each([
    ['a sum', node('ReduceSum', ['x'], ['y']), int64, Int32Array.of(2 ** 30, 2 ** 30)],
    ['a cumulative sum', node('CumSum', ['x', 'axis'], ['y']), int64, Int32Array.of(2 ** 30, 2 ** 30)],
    ['a float', node('Cast', ['x'], ['y'], { to: 7 }), float, Float32Array.of(1, 3e9)],
    ['a NaN', node('Cast', ['x'], ['y'], { to: 7 }), float, Float32Array.of(1, Number.NaN)],
  ])('stop the run at %s that int64 holds and i32 does not', async (_, first, type, input) => {
    await expect(runNode(first, type, input)).rejects.toMatchObject({ code: 'program.index' });
  });

  it('hold what fits: floats towards zero', async () => {
    const cast = node('Cast', ['x'], ['y'], { to: 7 });
    expect(await runNode(cast, float, Float32Array.of(-(2 ** 31), 2147483520))).toEqual([
      -(2 ** 31),
      2147483520,
    ]);
  });
});

describe('any bytes', () => {
  const conv = onnxFile(
    [
      node('Reshape', ['x', 's'], ['a']),
      node('Conv', ['a', 'w', 'b'], ['c'], { kernel_shape: [2, 2], pads: [1, 1, 0, 0], strides: [1, 1] }),
      node('MaxPool', ['c'], ['d'], { kernel_shape: [2, 2], ceil_mode: 1 }),
      node('Flatten', ['d'], ['y']),
    ],
    {
      initialisers: [
        ['s', listFields([-1, 1, 2, 2])],
        ['w', floats([1, 1, 2, 2], 1, 2, 3, 4)],
        ['b', floats([1], 1)],
      ],
    },
  );

  it.each<[string, Uint8Array]>([
    ['dense layers', new Uint8Array(foreign)],
    ['convolutions', conv],
  ])('give a graph or a typed error: %s with bytes changed, cut and repeated', (_, start) => {
    const answer = (bytes: Uint8Array) => {
      try {
        importOnnx(bytes);
      } catch (error) {
        expect(error).toMatchObject({ code: expect.stringMatching(/^onnx\./) });
      }
    };
    const edit = fc.tuple(fc.nat(start.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 3 }), (edits) => {
        const bytes = start.slice();
        for (const [at, value] of edits) bytes[at] = value;
        answer(bytes);
      }),
      { seed: 1164, numRuns: 3000 },
    );
    fc.assert(
      fc.property(fc.nat(start.length), fc.nat(start.length), (from, to) => {
        answer(concatBytes(start.subarray(0, from), start.subarray(to)));
      }),
      { seed: 1165, numRuns: 1000 },
    );
  });
});
