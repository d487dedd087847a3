/**
 * `node bench/peers/onnxRuntime.ts MODEL.onnx ROWS.csv`: the same rows through an exported model in ONNX Runtime and in Nonet. Labels must be equal,
 * probabilities within 1e-5; prints the largest difference and exits 1 beyond it. Needs `npm run bench:peers` once.
 */
import { readFileSync } from 'node:fs';
import { MisuseError, NonetError } from '@nonet/core';
import { dataSchemaSchema, parseRecord } from '@nonet/core/records';
import { predict } from '@nonet/tensor';
import { readCsv, readFeatures } from '@nonet/tensor/data';
import { importClassifier } from '@nonet/tensor/onnx';

const tolerance = 1e-5;
const [modelFile, rowsFile] = process.argv.slice(2);
if (modelFile === undefined || rowsFile === undefined) {
  throw new MisuseError({
    code: 'bench.arguments',
    expected: 'a model and a table: node bench/peers/onnxRuntime.ts model.onnx rows.csv',
    found: `${process.argv.length - 2} arguments`,
  });
}
const { InferenceSession, Tensor } = await import('onnxruntime-node');

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
const ours = await predict({ graph, parameters, features });
const rows = ours.labels.length;

const session = await InferenceSession.create(bytes);
const input = new Tensor('float32', features, [rows, features.length / rows]);
const theirs = await session.run({ x: input });
const probabilities = theirs.probabilities?.data as Float32Array;
const labels = Array.from(theirs.label?.data as BigInt64Array, Number);

let largest = 0;
for (let i = 0; i < probabilities.length; i++) {
  largest = Math.max(largest, Math.abs(probabilities[i]! - ours.probabilities[i]!));
}
const differing = labels.filter((label, row) => label !== ours.labels[row]).length;
console.log(
  JSON.stringify(
    { peer: 'onnxruntime-node 1.30.0', rows, differingLabels: differing, largestDifference: largest },
    null,
    2,
  ),
);
if (differing > 0 || !(largest <= tolerance)) {
  throw new NonetError({
    code: 'bench.onnx',
    expected: `equal labels, and probabilities within ${tolerance}`,
    found: `${differing} other labels, a difference of ${largest}`,
  });
}
