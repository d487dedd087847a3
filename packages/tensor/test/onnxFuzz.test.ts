/**
 * Damaged and invented ONNX files: the answer is a graph or a typed error that some reading
 * foresaw. fast-check prints the seed of a failure; these seeds are fixed.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { importOnnx } from '../src/onnx/index.ts';
import { operatorFamilies } from '../src/onnx/operators.ts';
import {
  type Attributes,
  listFields,
  tensorFields,
  type WrittenNode,
  writeModel,
} from '../src/onnx/write.ts';
import { loadOnnxCases } from './onnxCases.ts';
import { loadToolModels } from './onnxTools.ts';

function answers(bytes: Uint8Array): void {
  try {
    importOnnx(bytes);
  } catch (error) {
    expect(error).toMatchObject({ code: expect.stringMatching(/^onnx\.(malformed|unsupported)$/) });
    const { cause } = error as Error;
    // Not what the last resort of the import caught.
    if (cause !== undefined) expect(cause).toMatchObject({ code: expect.any(String) });
  }
}

const files = [
  ...loadToolModels().map(({ bytes }) => bytes),
  ...loadOnnxCases().cases.map(({ model }) => model),
].filter(({ length }) => length < 12_000);

it('answers files of other tools and published cases with bytes changed', () => {
  const byte = fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 127, 128, 255));
  const edits = fc.array(fc.tuple(fc.nat(), byte), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(fc.nat(files.length - 1), edits, (file, changes) => {
      const bytes = files[file].slice();
      for (const [at, value] of changes) bytes[at % bytes.length] = value;
      answers(bytes);
    }),
    { seed: 2026, numRuns: 8000 },
  );
});

const attributeNames = [
  'axis',
  'axes',
  'alpha',
  'auto_pad',
  'batch_dims',
  'block_size',
  'blocksize',
  'ceil_mode',
  'classlabels_ints',
  'coefficients',
  'dilations',
  'direction',
  'epsilon',
  'equation',
  'group',
  'intercepts',
  'is_causal',
  'keepdims',
  'kernel_shape',
  'kv_num_heads',
  'max',
  'mode',
  'norm',
  'num_groups',
  'num_outputs',
  'output_padding',
  'output_shape',
  'p',
  'pads',
  'perm',
  'q_num_heads',
  'reduction',
  'size',
  'strides',
  'to',
  'upper',
  'activations',
  'batch_axis',
  'direction',
  'hidden_size',
  'k',
  'kernel_type',
  'layout',
  'n_supports',
  'n_targets',
  'nodes_falsenodeids',
  'nodes_featureids',
  'nodes_modes',
  'nodes_nodeids',
  'nodes_treeids',
  'nodes_truenodeids',
  'nodes_values',
  'rho',
  'scales',
  'split',
  'starts',
  'ends',
  'support_vectors',
  'target_ids',
  'target_nodeids',
  'target_treeids',
  'target_weights',
  'time_axis',
  'vectors_per_class',
];

const small = fc.integer({ min: -3, max: 9 });
const attribute = fc.oneof(
  small,
  fc.constantFrom<Attributes[string]>('SAME_UPPER', 'VALID', 'edge', 'linear', 'L2', 'ij,jk->ik', 'bad'),
  fc.array(small, { maxLength: 5 }),
  fc.double({ noNaN: true, min: -2, max: 2 }).map((float) => ({ float })),
  fc.array(fc.double({ noNaN: true, min: -2, max: 2 }), { maxLength: 4 }).map((floats) => ({ floats })),
  fc.array(fc.constantFrom('LEAF', 'BRANCH_LEQ', 'Tanh', 'a'), { maxLength: 4 }).map((texts) => ({ texts })),
);

const operators = Object.values(operatorFamilies).flatMap((family) => Object.keys(family));
const inputs = [
  'x',
  'image',
  'ids',
  'flag',
  'sequence',
  'gates',
  'w',
  'kernel',
  'list',
  'one',
  'negative',
  '',
];

it('answers every operator with any attributes and inputs', () => {
  const invented = fc.record({
    operator: fc.constantFrom(...operators),
    opset: fc.constantFrom(1, 6, 7, 9, 10, 11, 13, 17, 18, 21, 24, 27),
    inputs: fc.array(fc.constantFrom(...inputs), { maxLength: 6 }),
    attributes: fc.dictionary(fc.constantFrom(...attributeNames), attribute, { maxKeys: 6 }),
  });
  const f32 = (shape: readonly number[]) => {
    const length = shape.reduce((a, b) => a * b, 1);
    return tensorFields('f32', shape, new Uint8Array(new Float32Array(length).fill(0.5).buffer));
  };
  fc.assert(
    fc.property(invented, ({ operator, opset, inputs: from, attributes }) => {
      const [domain, name] = operator.includes('.')
        ? ([operator.replace(/\.\w+$/, ''), operator.replace(/.*\./, '')] as const)
        : (['', operator] as const);
      const node: WrittenNode = { operator: name, domain, inputs: from, outputs: ['y'], attributes };
      answers(
        writeModel({
          nodes: [node],
          opsets: { '': opset, 'ai.onnx.ml': 3, 'com.microsoft': 1 },
          inputs: [
            { name: 'x', type: 'f32', shape: ['n', 4] },
            { name: 'image', type: 'f32', shape: ['n', 2, 5, 5] },
            { name: 'ids', type: 'i64', shape: ['n', 3] },
            { name: 'flag', type: 'bool', shape: [2] },
            { name: 'sequence', type: 'f32', shape: [3, 'n', 4] },
          ],
          initialisers: [
            ['w', f32([4, 4])],
            ['gates', f32([1, 4, 4])],
            ['kernel', f32([2, 2, 3, 3])],
            ['list', listFields([2, 2])],
            ['one', listFields([1])],
            ['negative', listFields([-1])],
          ],
          outputs: [{ name: 'y', type: 'f32', shape: [] }],
        }),
      );
    }),
    { seed: 2027, numRuns: 12_000 },
  );
});
