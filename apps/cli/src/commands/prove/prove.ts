/**
 * `nonet prove MODEL`: answers of a model with a proof that anyone can check. The proof shows
 * integrity and hides nothing.
 */
import { MisuseError, utf8 } from '@nonet/core';
import { writeWhole } from '../../files/writeWhole.ts';
import { type ModelRows, openProvableModel, type ProvableModel } from '../../models/provableModel.ts';
import { exampleRows, readCalibration } from '../../proofs/calibration.ts';
import { openRegister } from '../../proofs/ledgerModels.ts';
import { proveRows, registrationAddress } from '../../proofs/proveRows.ts';
import { describeReport } from '../../proofs/reportText.ts';
import {
  bold,
  dim,
  formatBytes,
  formatCount,
  formatSeconds,
  note,
  plural,
  printJson,
} from '../../terminal/terminal.ts';
import type { ProveOptions } from './definition.ts';

/** Bytes of a context. */
const maximumContext = 1024;

/**
 * Writes a proof file. Throws `prove.model`, `prove.input`, `prove.context`, `prove.registration`,
 * `prove.ledger`, `prove.key`, and what reading, quantising, proving and the ledger throw.
 */
export async function proveAnswers(source: string, options: ProveOptions): Promise<void> {
  const context = utf8(options.context);
  if (context.length > maximumContext) {
    throw new MisuseError({
      code: 'prove.context',
      expected: `a context of at most ${maximumContext} bytes`,
      found: `${context.length}`,
    });
  }
  const register = await openRegister(options);
  const model = await openProvableModel(source, options);
  const rows = await rowsOf(model, options);
  const calibration = await readCalibration(model, options.calibration, rows);
  const say = (text: string) => note(dim(text));
  const answer = options.label ? 'position' : 'values';
  const proven = await proveRows({
    model,
    calibration,
    rows,
    answer,
    context,
    registrationFile: options.registration,
    say,
  });
  writeWhole(options.out, proven.bytes);
  const registered = await register?.(proven.modelId, registrationAddress(proven.registration));
  const { modelId, seconds, memory, report, scale, outputs } = proven;
  if (options.json) {
    printJson({
      file: options.out,
      bytes: proven.bytes.length,
      modelId,
      context: options.context,
      answers: outputs.map((values, i) => ({
        row: rows.numbers[i],
        ...(answer === 'position'
          ? { position: values[0], label: model.labels[values[0]!] ?? null }
          : { scores: values, scale }),
      })),
      report: proven.isLabelled
        ? report
        : { ...report, floatAccuracy: null, quantisedAccuracy: null, accuracyLost: null },
      seconds,
      memory,
      registered: registered ?? null,
    });
    return;
  }
  for (const line of describeReport(report, proven.isLabelled)) note(line);
  const time = `quantised in ${formatSeconds(seconds.quantising)}, registered in ${formatSeconds(seconds.registering)}, proven in ${formatSeconds(seconds.proving)}`;
  note(dim(`${time}, ${formatBytes(memory)} of memory`));
  note(
    `${bold(options.out)}  ${formatBytes(proven.bytes.length)}: ${plural(outputs.length, 'answer')} of model ${modelId}`,
  );
  if (registered !== undefined) {
    const { block, transaction, gas } = registered;
    note(`registered on the ledger in block ${block}, transaction ${transaction}, ${formatCount(gas)} gas`);
  }
}

async function rowsOf(model: ProvableModel, { input, example }: ProveOptions): Promise<ModelRows> {
  if (input !== undefined && example === undefined) return model.readRows(input);
  if (input === undefined && example !== undefined && model.testSet !== undefined) {
    return exampleRows(model.testSet, [example]);
  }
  throw new MisuseError({
    code: 'prove.input',
    expected: 'rows to answer: --input FILE, or of a run with a public test set --example NUMBER',
    found:
      input !== undefined ? 'both' : example === undefined ? 'neither' : 'a model without a public test set',
  });
}
