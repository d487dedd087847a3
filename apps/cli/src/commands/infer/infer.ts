/**
 * `nonet infer MODEL ROWS`: predictions of an exported model for the rows of a table, by our own
 * kernels.
 */
import { MisuseError } from '@nonet/core';
import { type DataSchema, dataSchemaSchema, parseRecord } from '@nonet/core/records';
import {
  assertWithinBudget,
  bind,
  estimateRun,
  inferenceBatch,
  predict,
  scaleBudget,
  usualBudget,
} from '@nonet/tensor';
import { readFeatures, type Table } from '@nonet/tensor/datasets';
import { type ImportOnnxReturnType, importClassifier } from '@nonet/tensor/onnx';
import { readTableFile } from '../../files/dataFile.ts';
import { readOnnxFile } from '../../files/onnxFile.ts';
import { locateError } from '../../terminal/locateError.ts';
import { dim, note, plural, print, printJson } from '../../terminal/terminal.ts';
import type { InferOptions } from './definition.ts';
import { describeModel } from './describe.ts';
import { budgetHint, inferForeign } from './foreignModel.ts';
import { importChoices, importForeign, noRowsGiven } from './modelChoices.ts';

/**
 * Prints CSV: row, label, and the probability of each label. Throws `infer.file`, `infer.schema`,
 * and what reading the model and the rows throws.
 */
export async function inferRows(
  modelFile: string,
  rowsFile: string | undefined,
  options: InferOptions,
): Promise<void> {
  const { json } = options;
  const file = nameFile(modelFile, () => readOnnxFile(modelFile));
  const choices = importChoices(options);
  if (options.describe) return describeModel(modelFile, file, choices, json === true);
  if (rowsFile === undefined) throw noRowsGiven();
  const foreign = nameFile(modelFile, () => importForeign(file, choices));
  if (foreign !== undefined) return inferForeign(modelFile, foreign, rowsFile, options);
  const model = nameFile(modelFile, () => importClassifier(file.bytes));
  const budget = scaleBudget(usualBudget, options.budget ?? 1);
  const cost = estimateRun(bind(model.graph, { B: inferenceBatch }));
  assertWithinBudget(cost, budget, `a run of ${modelFile}`, budgetHint);
  const schema = schemaOf(model, modelFile);
  const table = await readTableFile(rowsFile);
  const features = nameFile(rowsFile, () => readFeatures(table, schema));
  const { probabilities, labels } = await predict({
    graph: model.graph,
    parameters: model.parameters,
    features,
  });
  const classes = schema.labels.length;
  const rows = table.rows.map(({ row }, i) => ({
    row,
    label: schema.labels[labels[i]!]!,
    probabilities: Object.fromEntries(
      schema.labels.map((label, k) => [label, probabilities[i * classes + k]!]),
    ),
  }));
  const agreement = agreementWith(table, schema, rows);
  if (json) {
    printJson({ model: modelFile, rows, ...(agreement === undefined ? {} : { accuracy: agreement }) });
    return;
  }
  print(['row', schema.table!.target, ...schema.labels.map((label) => `p(${label})`)].join(','));
  for (const { row, label, probabilities } of rows) {
    print([row, label, ...Object.values(probabilities).map((p) => p.toFixed(6))].join(','));
  }
  if (agreement !== undefined) {
    const right = Math.round(agreement * rows.length);
    note(
      dim(
        `${right} of ${plural(rows.length, 'row')} agree with the column ${schema.table!.target} of ${rowsFile}`,
      ),
    );
  }
}

/** Where the table happens to have the label, how many predictions agree with it: a fraction. */
function agreementWith(
  table: Table,
  { table: columns }: DataSchema,
  rows: readonly { readonly label: string }[],
): number | undefined {
  const index = table.columns.indexOf(columns!.target);
  if (index < 0 || rows.length === 0) return undefined;
  return rows.filter(({ label }, i) => table.rows[i]!.cells[index] === label).length / rows.length;
}

function schemaOf({ metadata }: ImportOnnxReturnType, file: string): DataSchema {
  const refuse = (found: string) =>
    new MisuseError({
      code: 'infer.schema',
      expected: `a model in ${file} that names its labels and columns, as nonet export writes them for a table`,
      found,
      hint: 'Models of images and other arrays have no columns to read a CSV by.',
    });
  const { 'nonet.labels': labels, 'nonet.table': table } = metadata;
  if (labels === undefined || table === undefined) throw refuse('no such metadata');
  try {
    const parsed = { shape: [1], labels: JSON.parse(labels) as unknown, table: JSON.parse(table) as unknown };
    return parseRecord(dataSchemaSchema, parsed, 'schema');
  } catch (cause) {
    throw refuse(cause instanceof Error ? cause.message : String(cause));
  }
}

/** What is wrong with a file is a mistake of the caller, and the message says which file. */
function nameFile<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw locateError(error, `in ${file}`);
  }
}
