/**
 * `nonet infer MODEL ROWS`: predictions of an exported model for the rows of a table, by our own
 * kernels.
 */
import { MisuseError } from '@nonet/core';
import {
  assertWithinBudget,
  bind,
  estimateRun,
  inferenceBatch,
  predict,
  scaleBudget,
  usualBudget,
} from '@nonet/tensor';
import { type FeatureRows, readFeatureRows, readLabels } from '@nonet/tensor/datasets';
import { importClassifier } from '@nonet/tensor/onnx';
import { foreignCell, formatRecord } from '../../files/csv.ts';
import { readTableFile } from '../../files/dataFile.ts';
import { readOnnxFile } from '../../files/onnxFile.ts';
import { describeStrange } from '../../files/strangeCells.ts';
import { importChoices, importForeign, noRowsGiven } from '../../models/modelChoices.ts';
import { hintAtSkipping, nameFile, schemaOf } from '../../models/tableModel.ts';
import { classesJson, classLines } from '../../terminal/classText.ts';
import { foreignText } from '../../terminal/foreignText.ts';
import { dim, note, plural, print, printJson, yellow } from '../../terminal/terminal.ts';
import type { InferOptions } from './definition.ts';
import { describeModel } from './describe.ts';
import { budgetHint, inferForeign } from './foreignModel.ts';

/**
 * Prints CSV: row (as in the file), label, and the probability of each label. Cells that are not as
 * in training are warned of. Throws `infer.file`, `infer.schema`, `infer.rows` if no row is left,
 * and what reading the model and the rows throws.
 */
export async function inferRows(
  modelFile: string,
  rowsFile: string | undefined,
  options: InferOptions,
): Promise<void> {
  const { delimiter, decimal, skipBadRows = false, json } = options;
  const file = nameFile(modelFile, () => readOnnxFile(modelFile));
  const choices = importChoices(options);
  if (options.describe) return describeModel(modelFile, file, choices, json === true);
  if (rowsFile === undefined) throw noRowsGiven();
  if (options.prove === undefined && options.calibration !== undefined) {
    throw new MisuseError({
      code: 'cli.option',
      expected: '--calibration together with --prove FILE',
      found: 'it alone',
    });
  }
  if (options.prove !== undefined) {
    const { proveTable } = await import('./proveTable.ts');
    return proveTable(modelFile, rowsFile, { ...options, prove: options.prove });
  }
  const foreign = nameFile(modelFile, () => importForeign(file, choices));
  if (foreign !== undefined) return inferForeign(modelFile, foreign, rowsFile, options);
  const model = nameFile(modelFile, () => importClassifier(file.bytes));
  const budget = scaleBudget(usualBudget, options.budget ?? 1);
  const cost = estimateRun(bind(model.graph, { B: inferenceBatch }));
  assertWithinBudget(cost, budget, `a run of ${modelFile}`, budgetHint);
  const schema = schemaOf(model, modelFile);
  const table = await readTableFile(rowsFile, { delimiter, decimal, tolerant: skipBadRows });
  const read = nameFile(rowsFile, () =>
    hintAtSkipping(() => readFeatureRows(table, schema, { skipBadRows })),
  );
  if (read.rows.length === 0) throw noRows(rowsFile, read);
  const { probabilities, labels } = await predict({
    graph: model.graph,
    parameters: model.parameters,
    features: read.features,
  });
  const classes = schema.labels.length;
  const rows = read.rows.map(({ row }, i) => ({
    row,
    label: labels[i]!,
    probabilities: Array.from(probabilities.subarray(i * classes, (i + 1) * classes)),
  }));
  const known = readLabels({ ...table, rows: read.rows }, schema);
  const right = known === undefined ? undefined : rows.filter(({ label }, i) => known[i] === label).length;
  const confusion = known === undefined ? undefined : confusionOf(known, labels, classes);
  const nameOf = (label: number) => schema.labels[label]!;
  if (json) {
    printJson({
      model: modelFile,
      rows: rows.map(({ row, label, probabilities }) => ({
        row,
        label: nameOf(label),
        // By label: a document has no order of labels that look like numbers.
        probabilities: Object.fromEntries(probabilities.map((p, k) => [nameOf(k), p])),
      })),
      skipped: read.skipped.map(({ row, error }) => ({ row, expected: error.expected, found: error.found })),
      warnings: read.strange,
      ...(right === undefined ? {} : { accuracy: right / rows.length }),
      ...(confusion === undefined ? {} : { classes: classesJson(confusion, schema.labels) }),
    });
  } else {
    const target = schema.table!.target;
    const names = ['row', target, ...schema.labels.map((label) => `p(${label})`)];
    print(formatRecord(names.map(foreignCell)));
    for (const { row, label, probabilities } of rows) {
      const cells = [`${row}`, foreignCell(nameOf(label)), ...probabilities.map((p) => p.toFixed(6))];
      print(formatRecord(cells));
    }
  }
  for (const cells of read.strange) note(yellow(describeStrange(cells)));
  describeSkipped(read);
  if (right !== undefined && !json) {
    const count = `${right} of ${plural(rows.length, 'row')}`;
    note(dim(`${count} agree with the column ${foreignText(schema.table!.target)} of ${rowsFile}`));
    for (const line of classLines(confusion!, schema.labels)) note(line);
  }
}

/** (C,C): row = label in the file, column = predicted label. Rows without a known label are left out. */
function confusionOf(
  known: readonly (number | undefined)[],
  predicted: ArrayLike<number>,
  classes: number,
): number[][] {
  const confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (const [i, label] of known.entries()) {
    const row = label === undefined ? undefined : confusion[label];
    if (row !== undefined) row[predicted[i]!]!++;
  }
  return confusion;
}

function describeSkipped({ skipped }: FeatureRows): void {
  const [first] = skipped;
  if (first === undefined) return;
  const { expected, found } = first.error;
  note(
    yellow(
      `${plural(skipped.length, 'row')} left out: expected ${foreignText(expected)}, found ${foreignText(found)}`,
    ),
  );
}

function noRows(file: string, { skipped }: FeatureRows): MisuseError {
  const [first] = skipped;
  return new MisuseError({
    code: 'infer.rows',
    expected: first === undefined ? `rows in ${file}` : `a row in ${file} with ${first.error.expected}`,
    found: first === undefined ? 'none' : `${first.error.found}; ${plural(skipped.length, 'row')} left out`,
  });
}
