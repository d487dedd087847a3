import { expect, test } from 'vitest';
import {
  type ImageLayer,
  type SampleModel,
  type SampleOptions,
  sampleImageModel,
  sampleModel,
} from '../../testing/sampleModels.ts';
import { createProver } from './proveModel.ts';
import { claimCount, inferenceRelations } from './relations.ts';
import { verifyInference, verifyRegistration } from './verifyModel.ts';

/** A registered sample. */
function register(options: SampleOptions | SampleModel) {
  const sample = 'program' in options ? options : sampleModel(options);
  const prover = createProver(sample);
  const verdict = verifyRegistration(prover.register());
  if (!verdict.accepted) throw new Error(JSON.stringify(verdict));
  return { ...sample, prover, model: verdict.model };
}

test.each<SampleOptions>([
  { sizes: [12, 7, 5], output: 'values' },
  { sizes: [12, 7, 5], output: 'position' },
  { sizes: [5, 3], output: 'position', requantiseLast: true },
  { sizes: [5, 3], output: 'values', requantiseLast: true },
  { sizes: [9, 8, 6, 3], output: 'values', withTable: true },
  { sizes: [1, 1, 1], output: 'values', withTable: true, requantiseLast: true },
  { sizes: [1, 1], output: 'position' },
  { sizes: [9, 6, 5], output: 'values', requantiseLast: { low: -32768, high: 32767 } },
  { sizes: [9, 6, 5], output: 'position', requantiseLast: { low: -30000, high: 32767 } },
  { sizes: [40, 33, 17, 12, 4], output: 'position', withTable: true, requantiseLast: true },
])('answers of %j are proven and accepted, in batches of any size', (options) => {
  const { prover, model, inputsOf } = register(options);
  for (const rows of [1, 2, 3, 7, 16]) {
    const { statement, proof } = prover.prove({ inputs: inputsOf(rows), rows, context: Uint8Array.of(rows) });
    const verdict = verifyInference(model, statement, proof);
    expect(verdict).toMatchObject({ accepted: true });
    if (verdict.accepted) expect(verdict.bits).toBeGreaterThan(102);
  }
});

test('an addition of many tensors is proven: its values count among those of a proof, and among its claims', () => {
  const requantise = { shift: Array(4).fill(0), zero: Array(4).fill(0), low: -128, high: 127 };
  const sample = sampleModel({ sizes: [4, 4], output: 'values', requantiseLast: true });
  const additions = Array.from({ length: 100 }, (_, i) => ({
    kind: 'add' as const,
    source: i + 1,
    others: Array.from({ length: 64 }, (_, k) => ({ source: i + 1, factor: k % 2 === 0 ? 1 : -1 })),
    requantise,
  }));
  const layers = [...sample.program.layers, ...additions];
  const { prover, model, inputsOf } = register({ ...sample, program: { ...sample.program, layers } });
  const question = { inputs: inputsOf(1), rows: 1, context: new Uint8Array() };
  const { statement, proof } = prover.prove(question);
  expect(statement.outputs).toEqual(register(sample).prover.prove(question).statement.outputs);
  expect(verifyInference(model, statement, proof)).toMatchObject({ accepted: true });
  const relations = inferenceRelations(model.program, model.ranges, 1, []);
  expect(claimCount(relations)).toBeGreaterThan(100 * 65);
});

test('of a dense layer bias, weights and source are claimed; of the table multiplicity and inverse', () => {
  const { model } = register({ sizes: [6, 5, 3], output: 'values', requantiseLast: true });
  const relations = inferenceRelations(model.program, model.ranges, 1, []);
  const { components, products, output } = relations;
  const ofComponents = components.flatMap(({ uses, lookups }) => [
    ...uses,
    ...Array(Math.ceil(lookups.length / 2)),
  ]);
  expect(products.map(({ kind }) => kind)).toEqual(['linear', 'linear']);
  expect(claimCount(relations)).toBe(ofComponents.length + 2 * 3 + 2 + (output === undefined ? 0 : 1));
});

const imageModels: readonly (readonly [string, readonly [number, number, number], readonly ImageLayer[]])[] =
  [
    [
      'one convolution',
      [1, 4, 4],
      [
        { kind: 'convolution', channels: 2, kernel: [3, 3] },
        { kind: 'dense', size: 3 },
      ],
    ],
    [
      'padding on all sides, strides, an uneven image',
      [3, 7, 5],
      [
        { kind: 'convolution', channels: 5, kernel: [3, 2], stride: [2, 1], before: [1, 0], after: [1, 1] },
        { kind: 'convolution', channels: 2, kernel: [2, 2], stride: [1, 2], before: [1, 1] },
        { kind: 'dense', size: 4 },
      ],
    ],
    [
      'maxima of 2, 4, 6 and 9 values, some of them overlapping',
      [2, 15, 13],
      [
        { kind: 'maximum', kernel: [1, 2], stride: [1, 2] },
        { kind: 'maximum', kernel: [3, 3], stride: [2, 1] },
        { kind: 'convolution', channels: 3, kernel: [1, 1] },
        { kind: 'maximum', kernel: [2, 2], stride: [2, 2] },
        { kind: 'maximum', kernel: [3, 2], stride: [1, 1] },
        { kind: 'dense', size: 5 },
      ],
    ],
  ];

const sums: (typeof imageModels)[number] = [
  'a residual, averages, an input that is added',
  [2, 7, 6],
  [
    { kind: 'convolution', channels: 2, kernel: [3, 3], before: [1, 1], after: [1, 1] },
    { kind: 'add', other: 0 },
    { kind: 'convolution', channels: 2, kernel: [1, 1] },
    { kind: 'add', other: 2 },
    { kind: 'sum', kernel: [2, 3], stride: [2, 1] },
    { kind: 'sum', kernel: [3, 4], stride: [1, 1] },
    { kind: 'dense', size: 3 },
  ],
];

const moved: (typeof imageModels)[number] = [
  'groups, dilation, padded pooling, means of unequal windows, channels joined, scaled, moved, by table',
  [4, 7, 6],
  [
    {
      kind: 'convolution',
      channels: 6,
      groups: 2,
      kernel: [3, 2],
      dilation: [1, 2],
      before: [1, 1],
      after: [1, 1],
    },
    { kind: 'maximum', kernel: [3, 3], stride: [2, 2], before: [1, 1], after: [1, 1] },
    { kind: 'convolution', channels: 6, groups: 6, kernel: [2, 2], before: [1, 1] },
    { kind: 'join', others: [2, 2] },
    { kind: 'lookup', isPerChannel: true },
    {
      kind: 'sum',
      kernel: [2, 2],
      stride: [1, 2],
      before: [1, 0],
      after: [0, 1],
      dilation: [2, 1],
      isUneven: true,
    },
    { kind: 'add' },
    {
      kind: 'view',
      shape: [3, 18, 4],
      matrix: [
        [0, 1, 0],
        [0, 0, -1],
        [1, 0, 0],
      ],
      offset: [0, 2, -1],
    },
    { kind: 'lookup' },
    { kind: 'reshape', shape: [3, 24, 3] },
    { kind: 'add', other: 10, factor: -3 },
    { kind: 'multiply', other: 10 },
    { kind: 'dense', size: 3 },
    { kind: 'lookup' },
    { kind: 'multiply', other: 13 },
    { kind: 'dense', size: 3 },
  ],
];

const scaled: (typeof imageModels)[number] = [
  'channels scaled by what was seen of them all',
  [3, 4, 5],
  [
    { kind: 'convolution', channels: 5, kernel: [1, 1] },
    { kind: 'sum', kernel: [4, 5] },
    { kind: 'dense', size: 5 },
    { kind: 'view', shape: [5, 4, 5], matrix: [[1, 0, 0]], offset: [0] },
    { kind: 'multiply', other: 3 },
    { kind: 'dense', size: 4 },
  ],
];

test.each([...imageModels, sums, moved, scaled])('answers about images: %s', (_, shape, layers) => {
  for (const output of ['values', 'position'] as const) {
    const { prover, model, inputsOf } = register(sampleImageModel(shape, layers, output));
    for (const rows of [1, 3]) {
      const { statement, proof } = prover.prove({ inputs: inputsOf(rows), rows, context: new Uint8Array() });
      expect(verifyInference(model, statement, proof)).toMatchObject({ accepted: true });
    }
  }
});

test('the samples clamp on both sides and between, so that every equation is used', () => {
  const { prover, inputsOf } = register({ sizes: [12, 7], output: 'values', requantiseLast: true });
  const { statement } = prover.prove({ inputs: inputsOf(16), rows: 16, context: new Uint8Array() });
  expect(statement.outputs).toContain(0);
  expect(statement.outputs).toContain(127);
  expect(statement.outputs.some((value) => value > 0 && value < 127)).toBe(true);
});

test('rounding is half up, as in arithmetic.md: -3, -2, -1, 0, 1, 2, 3 halved and quartered', () => {
  const program = sampleModel({ sizes: [1, 2], output: 'values', requantiseLast: true }).program;
  const requantise = { shift: [1, 2], zero: [0, 0], low: -100, high: 100 };
  const layer = { kind: 'dense', source: 0, size: 2, biasBits: 0, requantise } as const;
  const weights = [{ weights: [1, 1], bias: [0, 0] }];
  const prover = createProver({ program: { ...program, layers: [layer] }, weights });
  const inputs = Int32Array.of(-3, -2, -1, 0, 1, 2, 3);
  const { statement } = prover.prove({ inputs, rows: 7, context: new Uint8Array() });
  const pairs = Array.from({ length: 7 }, (_, i) => [...statement.outputs.subarray(2 * i, 2 * i + 2)]);
  expect(pairs).toEqual([
    [-1, -1],
    [-1, 0],
    [0, 0],
    [0, 0],
    [1, 0],
    [1, 1],
    [2, 1],
  ]);
});

test('of equal largest values the lowest position is the answer, and no other one is accepted', () => {
  const program = sampleModel({ sizes: [1, 4], output: 'position' }).program;
  const layer = { kind: 'dense', source: 0, size: 4, biasBits: 3, requantise: null } as const;
  const prover = createProver({
    program: { ...program, layers: [layer] },
    weights: [{ weights: [0, 1, 1, 0], bias: [1, 0, 0, 1] }],
  });
  const verdict = verifyRegistration(prover.register());
  if (!verdict.accepted) throw new Error(verdict.code);
  const { statement, proof } = prover.prove({
    inputs: Int32Array.of(1, 3, -1),
    rows: 3,
    context: new Uint8Array(),
  });
  expect([...statement.outputs]).toEqual([0, 1, 0]);
  expect(verifyInference(verdict.model, statement, proof)).toMatchObject({ accepted: true });
  const other = { ...statement, outputs: Int32Array.of(0, 2, 0) };
  expect(verifyInference(verdict.model, other, proof)).toMatchObject({ accepted: false });
});

test('the same model has the same identity, and another weight, scale or table another one', () => {
  const { program, weights } = sampleModel({ sizes: [4, 3, 2], output: 'values', withTable: true });
  const idOf = (p = program, w = weights) => createProver({ program: p, weights: w }).modelId;
  const [first, second] = weights;
  const changed = [
    idOf(),
    idOf(program, [
      { ...first, weights: Int8Array.from(first.weights, (v, i) => (i === 5 ? v ^ 1 : v)) },
      second,
    ]),
    idOf({ ...program, maximumBatch: 8 }),
    idOf({ ...program, input: { ...program.input, low: -127 } }),
    idOf({ ...program, tables: [{ low: 0, values: program.tables[0].values.with(9, 1) }] }),
  ];
  expect(idOf()).toBe(changed[0]);
  expect(new Set(changed).size).toBe(changed.length);
});

test('a caller learns what is wrong with weights, inputs and programs', () => {
  const sample = sampleModel({ sizes: [4, 3], output: 'values' });
  const { program, weights, inputsOf } = sample;
  const code = (name: string) => expect.objectContaining({ code: name });
  const heavy = [{ ...weights[0], weights: Int16Array.from({ length: 12 }, () => 128) }];
  expect(() => createProver({ program, weights: heavy })).toThrow(code('proof.weights'));
  expect(() => createProver({ program, weights: [] })).toThrow(code('proof.weights'));
  const prover = createProver(sample);
  const context = new Uint8Array();
  expect(() => prover.prove({ inputs: inputsOf(1), rows: 2, context })).toThrow(code('proof.inputs'));
  expect(() => prover.prove({ inputs: Int32Array.of(1, 2, 3, 128), rows: 1, context })).toThrow(
    code('proof.inputs'),
  );
  const layer = { kind: 'dense', source: 0, size: 3, biasBits: 30, requantise: null } as const;
  expect(() => createProver({ program: { ...program, layers: [layer] }, weights })).toThrow(
    code('program.range'),
  );
});

test('what memory will not do is refused before work begins, with what will do', () => {
  const sample = sampleModel({ sizes: [64, 32, 8], output: 'values', maximumBatch: 256 });
  const code = (name: string, hint: string) =>
    expect.objectContaining({ code: name, hint: expect.stringContaining(hint) });
  expect(() => createProver({ ...sample, memoryLimit: 2 ** 17 })).toThrow(code('proof.memory', 'smaller'));
  const free = createProver(sample);
  const memoryLimit = Math.ceil(free.predictMemory(32));
  const small = createProver({ ...sample, memoryLimit });
  const phases: string[] = [];
  const prove = (rows: number) =>
    small.prove({
      inputs: sample.inputsOf(rows),
      rows,
      context: new Uint8Array(),
      onProgress: (phase) => phases.push(phase),
    });
  expect(() => prove(256)).toThrow(code('proof.memory', 'at most 32 rows'));
  expect(phases).toEqual([]);
  prove(32);
  expect(phases).toEqual(['run', 'commit to the run', 'commit to look-ups', 'sumcheck', 'open']);
});

test('memory is predicted within a factor of two', () => {
  for (const [sample, rows] of [
    [sampleModel({ sizes: [784, 128, 10], output: 'values', maximumBatch: 64 }), 1],
    [sampleModel({ sizes: [784, 128, 10], output: 'values', maximumBatch: 64 }), 64],
    [sampleImageModel([1, 28, 28], imageModels[0][2], 'values'), 2],
  ] as const) {
    const prover = createProver(sample);
    prover.prove({ inputs: sample.inputsOf(rows), rows, context: new Uint8Array() });
    const ratio = prover.predictMemory(rows) / prover.memoryBytes();
    expect(ratio).toBeGreaterThan(0.5);
    expect(ratio).toBeLessThan(2);
  }
});

test('a batch beyond what one proof can show is refused with the largest one that fits', () => {
  const sample = sampleModel({ sizes: [784, 128, 10], output: 'values', maximumBatch: 65_536 });
  expect(() => createProver(sample)).toThrow(
    expect.objectContaining({ code: 'program.lookups', hint: expect.stringContaining('at most 4096 rows') }),
  );
});

test('256 answers of a model of digits are one proof', () => {
  const { prover, model, inputsOf } = register({
    sizes: [784, 128, 10],
    output: 'values',
    maximumBatch: 256,
  });
  const { statement, proof } = prover.prove({ inputs: inputsOf(256), rows: 256, context: new Uint8Array() });
  const verdict = verifyInference(model, statement, proof);
  if (!verdict.accepted) throw new Error(verdict.code);
  expect(verdict.bits).toBeGreaterThan(100);
});
