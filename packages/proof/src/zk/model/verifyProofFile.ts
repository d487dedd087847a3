/**
 * Verifies proof files (docs/specs/proof-files.md §2): the registration inside, then every answer. Never
 * throws on what it is given; the first refusal ends it, and names the part that it is about.
 */
import { NonetError } from '@nonet/core';
import { type Canonical, decodeCanonical } from '@nonet/core/codec';
import { createWorkspace, type Workspace } from '../hash/hashKernels.ts';
import { Rejected, type Rejection, reject } from '../rejection.ts';
import {
  decodeIntegers,
  maximumProofFile,
  type ProofFile,
  type ProvenRows,
  proofFileFormat,
  type Stated,
} from './proofFile.ts';
import { assertItems } from './registration.ts';
import type { Statement } from './statement.ts';
import { type RegisteredModel, verifyInference, verifyRegistration } from './verifyModel.ts';

/** Answers of one file. */
const maximumAnswers = 2 ** 16;
/** Characters of a label, and labels. */
const maximumLabel = 1000;
const maximumLabels = 2 ** 16;

/** What a proof file shows, or why it shows nothing. */
export type ProofFileVerdict =
  | {
      readonly accepted: true;
      readonly model: RegisteredModel;
      /** In the order of the file. Each was accepted. */
      readonly statements: readonly Statement[];
      /** Of the weakest answer, together with the registration. */
      readonly bits: number;
      /** Stated by the maker of the file, shown by nothing. */
      readonly stated: Stated;
    }
  | ({
      readonly accepted: false;
      /** `the file`, `the registration`, `proof 1`, ... */
      readonly part: string;
    } & Rejection);

/** Checks all of a proof file. */
export function verifyProofFile(
  bytes: Uint8Array,
  workspace: Workspace = createWorkspace(),
): ProofFileVerdict {
  const read = readProofFile(bytes);
  if ('code' in read) return { accepted: false, part: 'the file', ...read };
  const { registration, context, answers, stated } = read;
  const registered = verifyRegistration(registration, workspace);
  if (!registered.accepted) return { ...registered, part: 'the registration' };
  const { model } = registered;
  const statements: Statement[] = [];
  let bits = Number.POSITIVE_INFINITY;
  for (const [i, { rows, inputs, outputs, proof }] of answers.entries()) {
    const statement: Statement = { modelId: model.modelId, context, rows, inputs, outputs };
    const verdict = verifyInference(model, statement, proof, workspace);
    if (!verdict.accepted) return { ...verdict, part: `proof ${i + 1}` };
    statements.push(statement);
    bits = Math.min(bits, verdict.bits);
  }
  return { accepted: true, model, statements, bits, stated };
}

/** The content of a proof file, unverified; or why there is none. */
export function readProofFile(bytes: Uint8Array): ProofFile | Rejection {
  try {
    if (bytes.length > maximumProofFile) {
      reject('file.oversized', `at most ${maximumProofFile} bytes`, `${bytes.length}`);
    }
    assertItems(bytes, 'file.oversized');
    return readContent(decodeCanonical(bytes));
  } catch (error) {
    if (error instanceof Rejected) return error.rejection;
    if (error instanceof NonetError) {
      return { code: error.code, expected: error.expected, found: error.found };
    }
    throw error;
  }
}

type Record = { readonly [key: string]: Canonical };

function malformed(expected: string, found: unknown): never {
  return reject('file.malformed', expected, String(found).slice(0, 80));
}

function readRecord(value: Canonical | undefined, fields: readonly string[], name: string): Record {
  const isRecord =
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
  const found = isRecord ? Object.keys(value).sort().join() : typeof value;
  if (found !== [...fields].sort().join()) malformed(`the fields ${fields.join(', ')} in ${name}`, found);
  return value as Record;
}

function readList(value: Canonical | undefined, most: number, name: string): readonly Canonical[] {
  if (!Array.isArray(value)) return malformed(`a list as ${name}`, typeof value);
  if (value.length > most) malformed(`at most ${most} ${name}`, value.length);
  return value as readonly Canonical[];
}

function readBytes(value: Canonical | undefined, name: string): Uint8Array {
  return value instanceof Uint8Array ? value : malformed(`bytes as ${name}`, typeof value);
}

function readIntegers(value: Canonical | undefined, name: string): Int32Array {
  const bytes = readBytes(value, name);
  return decodeIntegers(bytes) ?? malformed(`integers of 4 bytes as ${name}`, `${bytes.length} bytes`);
}

/** Whether rows, inputs, outputs and context fit the model is for the verifier of the answer. */
function readContent(value: Canonical): ProofFile {
  const record = readRecord(
    value,
    ['format', 'registration', 'context', 'stated', 'answers'],
    'a proof file',
  );
  if (record.format !== proofFileFormat) malformed(proofFileFormat, record.format);
  const answers = readList(record.answers, maximumAnswers, 'answers').map((answer): ProvenRows => {
    const entry = readRecord(answer, ['rows', 'inputs', 'outputs', 'proof'], 'an answer');
    const { rows } = entry;
    return {
      rows: typeof rows === 'number' ? rows : malformed('a number of rows', typeof rows),
      inputs: readIntegers(entry.inputs, 'inputs'),
      outputs: readIntegers(entry.outputs, 'outputs'),
      proof: readBytes(entry.proof, 'a proof'),
    };
  });
  if (answers.length === 0) malformed('at least one answer', 'none');
  return {
    registration: readBytes(record.registration, 'the registration'),
    context: readBytes(record.context, 'the context'),
    stated: readStated(record.stated),
    answers,
  };
}

function readStated(value: Canonical | undefined): Stated {
  const record = readRecord(value, ['labels', 'scale'], 'stated');
  const labels = readList(record.labels, maximumLabels, 'labels').map((label) =>
    typeof label === 'string' && label.length <= maximumLabel
      ? label
      : malformed(`labels of at most ${maximumLabel} characters`, typeof label),
  );
  const { scale } = record;
  if (scale !== null && !(typeof scale === 'number' && scale > 0))
    malformed('a scale above 0, or null', scale);
  return { labels, scale: scale as number | null };
}
