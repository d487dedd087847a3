/**
 * `nonet infer MODEL ROWS --prove FILE`: the labels of the rows of a table, by the model in integers,
 * with a proof for all of them.
 */
import { MisuseError } from '@nonet/core';
import { foreignCell, formatRecord } from '../../files/csv.ts';
import { writeWhole } from '../../files/writeWhole.ts';
import { openProvableModel } from '../../models/provableModel.ts';
import { readCalibration } from '../../proofs/calibration.ts';
import { proveRows } from '../../proofs/proveRows.ts';
import { describeReport } from '../../proofs/reportText.ts';
import { bold, dim, formatBytes, note, plural, print, printJson } from '../../terminal/terminal.ts';
import type { InferOptions } from './definition.ts';

/**
 * Prints CSV: row (as in the file) and label. Throws `cli.option`, and what reading, quantising and
 * proving throw.
 */
export async function proveTable(
  modelFile: string,
  rowsFile: string,
  options: InferOptions & { readonly prove: string },
): Promise<void> {
  for (const name of ['skipBadRows', 'budget'] as const) {
    if (options[name] === undefined) continue;
    throw new MisuseError({
      code: 'cli.option',
      expected: '--prove with rows that can all be read, of a model of your own',
      found: name === 'budget' ? '--budget' : '--skip-bad-rows',
    });
  }
  const model = await openProvableModel(modelFile, options);
  const rows = await model.readRows(rowsFile);
  const calibration = await readCalibration(model, options.calibration, rows);
  const proven = await proveRows({
    model,
    calibration,
    rows,
    answer: 'position',
    context: new Uint8Array(),
    say: (text) => note(dim(text)),
  });
  writeWhole(options.prove, proven.bytes);
  const { modelId, report, isLabelled } = proven;
  const answers = proven.outputs.map(([position], i) => ({
    row: rows.numbers[i]!,
    label: model.labels[position!] ?? `${position}`,
  }));
  if (options.json) {
    printJson({
      model: modelFile,
      rows: answers,
      proof: { file: options.prove, bytes: proven.bytes.length, modelId },
    });
    return;
  }
  print(formatRecord(['row', 'label']));
  for (const { row, label } of answers) print(formatRecord([`${row}`, foreignCell(label)]));
  for (const line of describeReport(report, isLabelled)) note(line);
  note(
    `${bold(options.prove)}  ${formatBytes(proven.bytes.length)}: ${plural(answers.length, 'answer')} of model ${modelId}`,
  );
}
