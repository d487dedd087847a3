/**
 * `node bench/peers/onnxRuntime.ts`: an MLP, LeNet-5 and a small transformer, exported and run in
 * ONNX Runtime beside Nonet on the same random inputs.
 * `node bench/peers/onnxRuntime.ts MODEL.onnx ROWS.csv`: the rows of a table through an exported
 * classifier.
 *
 * Prints differing labels and the largest distance of the scores, in units in the last place of the
 * largest score; exits 1 on another label, or beyond 16 ulp: its sums have another order. Needs
 * `npm run bench:peers` once.
 */
import { readFileSync } from 'node:fs';
import { MisuseError, NonetError, philox } from '@nonet/core';
import { dataSchemaSchema, parseRecord } from '@nonet/core/records';
import {
  bind,
  createProgram,
  type Graph,
  initialParameters,
  leavesOf,
  lenet5,
  mlp,
  type Parameters,
  transformer,
} from '@nonet/tensor';
import { readCsv, readFeatures } from '@nonet/tensor/datasets';
import { exportOnnx, importClassifier, importOnnx } from '@nonet/tensor/onnx';

const tolerance = 16;

interface Comparison {
  readonly rows: number;
  readonly differingLabels: number;
  readonly largestDistanceUlp: number;
}

const ulpOf = (magnitude: number) => 2 ** (Math.floor(Math.log2(magnitude)) - 23);

/** Runs a file in both and compares its floats; labels are the largest along the last axis. */
async function compare(
  bytes: Uint8Array,
  graph: Graph,
  parameters: Parameters,
  inputs: Readonly<Record<string, Float32Array | Int32Array>>,
  output: string,
): Promise<Comparison> {
  const { InferenceSession, Tensor } = await import('onnxruntime-node');
  const program = await createProgram(graph);
  program.setParameters(parameters);
  const ours = program.run(inputs)[output]!;
  const session = await InferenceSession.create(bytes);
  const feeds = leavesOf(graph, 'input').map(({ name, shape, dtype }) => {
    const tensor = new Tensor(
      dtype === 'f32' ? 'float32' : 'int32',
      inputs[name]!,
      shape as readonly number[],
    );
    return [name, tensor] as const;
  });
  const result = (await session.run(Object.fromEntries(feeds)))[output]!;
  const theirs = result.data as Float32Array;
  const classes = result.dims.at(-1)!;
  const largest = theirs.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  const distance = theirs.reduce((most, value, i) => Math.max(most, Math.abs(value - ours[i]!)), 0);
  const labelOf = (scores: ArrayLike<number>, row: number) => {
    let best = 0;
    for (let i = 1; i < classes; i++)
      if (scores[row * classes + i]! > scores[row * classes + best]!) best = i;
    return best;
  };
  const rows = theirs.length / classes;
  const differing = Array.from({ length: rows }, (_, row) => labelOf(theirs, row) !== labelOf(ours, row));
  return {
    rows,
    differingLabels: differing.filter(Boolean).length,
    largestDistanceUlp: distance / ulpOf(largest),
  };
}

/** Numbers in -1..1, or whole ones below `below`, from a counter. */
function random(length: number, below?: number): Float32Array | Int32Array {
  const word = (i: number) => philox([i, 0, 0, 0], [1, 2])[0]!;
  return below === undefined
    ? Float32Array.from({ length }, (_, i) => word(i) / 2 ** 31 - 1)
    : Int32Array.from({ length }, (_, i) => word(i) % below);
}

async function compareModels(): Promise<Readonly<Record<string, Comparison>>> {
  const batch = 64;
  const models: Readonly<Record<string, { readonly model: Graph; readonly vocabulary?: number }>> = {
    mlp: { model: mlp({ features: [784], hidden: [128], classes: 10 }) },
    lenet: { model: lenet5({ classes: 10 }) },
    transformer: {
      model: transformer({ vocabulary: 64, width: 64, heads: 4, layers: 2, context: 32 }),
      vocabulary: 64,
    },
  };
  const results: Record<string, Comparison> = {};
  for (const [name, { model, vocabulary }] of Object.entries(models)) {
    const parameters = initialParameters(model, '0x01');
    const bytes = exportOnnx({ graph: model, parameters });
    const graph = bind(model, { B: batch });
    const inputs = leavesOf(graph, 'input').map((input) => {
      const length = (input.shape as readonly number[]).reduce((a, b) => a * b, 1);
      return [input.name, random(length, vocabulary)] as const;
    });
    // What comes back from the file is what went into it.
    const read = importOnnx(bytes);
    results[name] = await compare(
      bytes,
      bind(read.graph, { B: batch }),
      read.parameters,
      Object.fromEntries(inputs),
      'logits',
    );
  }
  return results;
}

async function compareTable(modelFile: string, rowsFile: string): Promise<Comparison> {
  const bytes = new Uint8Array(readFileSync(modelFile));
  const { graph, parameters, metadata } = importClassifier(bytes);
  const schema = parseRecord(
    dataSchemaSchema,
    {
      shape: [1],
      labels: JSON.parse(metadata['nonet.labels'] ?? 'null') as unknown,
      table: JSON.parse(metadata['nonet.table'] ?? 'null') as unknown,
    },
    'schema',
  );
  const features = readFeatures(readCsv(readFileSync(rowsFile, 'utf8')), schema);
  const [, ...shape] = leavesOf(graph, 'input')[0]!.shape as readonly number[];
  const rows = features.length / shape.reduce((a, b) => a * b, 1);
  return compare(bytes, bind(graph, { B: rows }), parameters, { x: features }, 'probabilities');
}

const [modelFile, rowsFile] = process.argv.slice(2);
if (modelFile !== undefined && rowsFile === undefined) {
  throw new MisuseError({
    code: 'bench.arguments',
    expected: 'a model and a table, or neither: node bench/peers/onnxRuntime.ts model.onnx rows.csv',
    found: 'a model only',
  });
}
const results =
  modelFile === undefined ? await compareModels() : { [modelFile]: await compareTable(modelFile, rowsFile!) };
console.log(JSON.stringify({ peer: 'onnxruntime-node 1.30.0', ...results }, null, 2));
for (const [name, { differingLabels, largestDistanceUlp }] of Object.entries(results)) {
  if (differingLabels === 0 && largestDistanceUlp <= tolerance) continue;
  throw new NonetError({
    code: 'bench.onnx',
    expected: `equal labels, and scores within ${tolerance} ulp of the largest, for ${name}`,
    found: `${differingLabels} other labels, a distance of ${largestDistanceUlp} ulp`,
  });
}
