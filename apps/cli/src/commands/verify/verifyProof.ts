/**
 * `nonet verify FILE` of a proof, or of a model's registration: what it shows, what it does not
 * show, and on request whether it is about the caller's own model and input.
 */
import { equalBytes, MisuseError, toHex, utf8 } from '@nonet/core';
import { printable } from '@nonet/core/records';
import { encodeInputs, identifyModel, makeIntegerModel } from '@nonet/proof/zk';
import {
  type RegisteredModel,
  type Rejection,
  type Statement,
  verifyProofFile,
  verifyRegistration,
} from '@nonet/proof/zk/verify';
import { type ModelRows, openProvableModel, type ProvableModel, scores } from '../../models/provableModel.ts';
import { calibrationRows } from '../../proofs/calibration.ts';
import { findRegistrations } from '../../proofs/ledgerModels.ts';
import {
  describeProof,
  describeRegistration,
  type Finding,
  type ProofSummary,
  renderProof,
  renderRegistration,
  renderRejection,
} from '../../proofs/proofText.ts';
import { splitRows } from '../../proofs/proveRows.ts';
import { print, printJson } from '../../terminal/terminal.ts';
import type { VerifyOptions } from './definition.ts';

/**
 * Returns the exit code: 0 accepted, and all that was compared is equal; 1 refused, or something
 * differs. Throws what reading the files that the options name throws.
 */
export async function verifyProofBytes(
  file: string,
  bytes: Uint8Array,
  options: VerifyOptions,
): Promise<number> {
  const verdict = verifyProofFile(bytes);
  if (!verdict.accepted) return refuse(file, verdict.part, verdict, options);
  const { model, statements, bits, stated } = verdict;
  const context = statements[0]!.context;
  const findings: Finding[] = [];
  if (options.context !== undefined) {
    findings.push({
      piece: 'the context',
      ...(equalBytes(utf8(options.context), context)
        ? { equal: true }
        : { equal: false, code: 'proof.context', expected: options.context, found: contextText(context) }),
    });
  }
  if (options.model !== undefined) {
    findings.push(...(await compareModel(model, statements, { ...options, model: options.model })));
  }
  const summary: ProofSummary = {
    file,
    modelId: model.modelId,
    program: model.program,
    bits,
    context: contextText(context),
    stated,
    answers: statements.flatMap(({ rows, outputs }) => splitRows(outputs, rows)),
    findings,
    registrations: await findRegistrations(model.modelId, options),
  };
  const code = summary.registrations?.length !== 0 && findings.every(({ equal }) => equal) ? 0 : 1;
  if (options.json) printJson({ ...describeProof(summary), verified: code === 0 });
  else print(renderProof(summary, process.stdout.columns));
  return code;
}

/** The same of a registration alone. */
export async function verifyRegistrationBytes(
  file: string,
  bytes: Uint8Array,
  options: VerifyOptions,
): Promise<number> {
  const verdict = verifyRegistration(bytes);
  if (!verdict.accepted) return refuse(file, 'the registration', verdict, options);
  const { modelId, program, soundness } = verdict.model;
  const registrations = await findRegistrations(modelId, options);
  const summary = { file, modelId, program, bits: soundness.bits, registrations };
  const code = registrations?.length === 0 ? 1 : 0;
  if (options.json) printJson({ ...describeRegistration(summary), verified: code === 0 });
  else print(renderRegistration(summary, process.stdout.columns));
  return code;
}

function refuse(
  file: string,
  part: string,
  { code, expected, found }: Rejection,
  { json }: VerifyOptions,
): number {
  if (json) printJson({ file, verified: false, part, refused: { code, expected, found } });
  else print(renderRejection(file, part, { code, expected, found }, process.stdout.columns));
  return 1;
}

/** Its text, where it is one; else hexadecimal digits. */
function contextText(context: Uint8Array): string {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(context);
    return printable(text) === text ? text : toHex(context);
  } catch {
    return toHex(context);
  }
}

/**
 * Quantises the caller's model again, and encodes the caller's rows: whether the proof is about
 * these. Throws what that throws.
 */
async function compareModel(
  { modelId, program }: RegisteredModel,
  statements: readonly Statement[],
  options: VerifyOptions & { readonly model: string },
): Promise<Finding[]> {
  const model = await openProvableModel(options.model, options);
  const calibration = await calibrationOf(model, options);
  const integers = await makeIntegerModel({
    graph: model.graph,
    parameters: model.parameters,
    rows: { [model.input]: calibration.features },
    output: scores,
    answer: program.output,
    maximumBatch: program.maximumBatch,
  });
  const own = identifyModel(integers);
  const source = `it is the model of ${options.model}, quantised again`;
  const findings: Finding[] =
    own === modelId
      ? [{ piece: source, equal: true }]
      : [{ piece: source, equal: false, code: 'proof.model', expected: modelId, found: own }];
  // The rows of another model are other integers.
  if (options.input === undefined || own !== modelId) return findings;
  const rows = await model.readRows(options.input);
  const encoded = await encodeInputs(integers.quantised, rows.features);
  const proven = Int32Array.from(statements.flatMap(({ inputs }) => [...inputs]));
  const piece = `it is about the rows of ${options.input}`;
  const differs = encoded.length === proven.length ? encoded.findIndex((value, i) => value !== proven[i]) : 0;
  if (differs < 0) return [...findings, { piece, equal: true }];
  const width = encoded.length / rows.numbers.length;
  const [expected, found] =
    encoded.length === proven.length
      ? [
          `${encoded[differs]} in row ${Math.floor(differs / width) + 1}, at ${differs % width}`,
          `${proven[differs]}`,
        ]
      : [`${encoded.length} integers`, `${proven.length}`];
  return [...findings, { piece, equal: false, code: 'proof.input', expected, found }];
}

async function calibrationOf(
  model: ProvableModel,
  { calibration, input }: VerifyOptions,
): Promise<ModelRows> {
  if (calibration !== undefined) return model.readRows(calibration);
  if (model.testSet !== undefined) return calibrationRows(model.testSet);
  // As `nonet prove` does where it is told nothing else.
  if (input !== undefined) return model.readRows(input);
  throw new MisuseError({
    code: 'verify.calibration',
    expected: 'the rows that the model was quantised with: --calibration FILE',
    found: 'none',
  });
}
