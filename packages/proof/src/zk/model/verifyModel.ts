/**
 * The verifier (docs/specs/zk.md §9, §10). It never throws on what it is given: a refusal has a
 * code, what was expected and what was found. Time and memory are bounded by the program: sizes are
 * checked before anything is allocated, and no size is read from a proof.
 */
import { add, eqValues, evaluateMultilinear, fromInteger, mul, type Quartic, zero } from '@nonet/algebra';
import { type Address, NonetError } from '@nonet/core';
import { type Canonical, decodeCanonical } from '@nonet/core/codec';
import { type Layout, positionLog, queries } from '../commitment/layout.ts';
import { createWorkspace, digestSize, type Workspace } from '../hash/hashKernels.ts';
import { ProofReader } from '../proofBytes.ts';
import { Rejected, type Rejection, reject } from '../rejection.ts';
import { analyseProgram, type Program, type ProgramRanges, readProgram, realPositions } from './program.ts';
import { inferenceRelations, pairCount, type Relations, registrationRelations } from './relations.ts';
import { patchProducts, relationDegree, relationLayouts, relationVariables } from './shape.ts';
import { combineBits, estimateSoundness, requiredBits, type Soundness } from './soundness.ts';
import {
  inferenceTranscript,
  maximumContext,
  modelIdOf,
  registrationFormat,
  registrationTranscript,
  type Statement,
} from './statement.ts';
import { verifyRelations } from './verifyRelations.ts';

/** Bytes of a registration that are looked at. */
const maximumRegistration = 2 ** 26;

declare const accepted: unique symbol;

/** A registration that `verifyRegistration` has accepted; nothing else makes one. */
export interface RegisteredModel {
  readonly [accepted]: true;
  readonly modelId: Address;
  readonly program: Program;
  readonly ranges: ProgramRanges;
  readonly commitment: Uint8Array;
  readonly soundness: Soundness;
}

const registered = new WeakSet<object>();

/** Accepted, with the bits that the answer has, registration and proof together; or refused. */
export type Verdict =
  | { readonly accepted: true; readonly bits: number; readonly soundness: Soundness }
  | ({ readonly accepted: false } & Rejection);

/** Accepted, with the model; or refused. */
export type RegistrationVerdict =
  | { readonly accepted: true; readonly model: RegisteredModel }
  | ({ readonly accepted: false } & Rejection);

/** The most bytes that a proof of these relations can have. */
export function proofLimit(relations: Relations): number {
  const layouts = relationLayouts(relations);
  const { components, products } = relations;
  const values = components.reduce((sum, c) => sum + c.uses.length + pairCount(c), 2 + 4 * products.length);
  const patches = Math.max(0, ...patchProducts(relations).map(({ source }) => source.variables));
  const rows = Math.max(...layouts.map(({ rowLog }) => rowLog));
  const rounds = (relationDegree + 1) * relationVariables(relations) + 3 * (patches + rows);
  const openings = layouts.reduce((sum, layout) => sum + openingLimit(layout), 0);
  return 2 * digestSize + 16 * (values + rounds) + openings;
}

function openingLimit(layout: Layout): number {
  const positions = Math.min(queries, 2 ** positionLog(layout));
  return 16 * 2 ** layout.columnLog + positions * (4 * layout.rows.length + digestSize * positionLog(layout));
}

/** Turns what a check threw into a refusal. */
function refusalOf(error: unknown): Rejection {
  if (error instanceof Rejected) return error.rejection;
  if (error instanceof NonetError) {
    return { code: error.code, expected: error.expected, found: error.found };
  }
  throw error;
}

/**
 * Checks that the weights of a model are committed to and in their ranges, and that nothing in its
 * program can wrap. `bytes` is a canonical registration.
 */
export function verifyRegistration(
  bytes: Uint8Array,
  workspace: Workspace = createWorkspace(),
): RegistrationVerdict {
  const mark = workspace.field.mark();
  try {
    if (bytes.length > maximumRegistration) {
      reject('registration.oversized', `at most ${maximumRegistration} bytes`, `${bytes.length}`);
    }
    const { program, commitment, proof } = readRegistration(decodeCanonical(bytes));
    const ranges = analyseProgram(program);
    const relations = registrationRelations(program, ranges);
    const soundness = estimateSoundness(relations);
    const largest = inferenceRelations(program, ranges, program.maximumBatch, placeholders(program));
    const bits = combineBits(soundness, estimateSoundness(largest));
    if (bits < requiredBits) reject('program.soundness', `at least ${requiredBits} bits`, bits.toFixed(2));
    const modelId = modelIdOf(program, commitment);
    const reader = new ProofReader(proof, proofLimit(relations));
    verifyRelations(workspace, registrationTranscript(workspace, modelId), reader, relations, commitment, {});
    reader.end();
    const model = { modelId, program, ranges, commitment, soundness } as RegisteredModel;
    registered.add(Object.freeze(model));
    return { accepted: true, model };
  } catch (error) {
    return { accepted: false, ...refusalOf(error) };
  } finally {
    workspace.field.release(mark);
  }
}

/** Positions for the sizes of the largest batch. */
const placeholders = ({ maximumBatch }: Program): number[] => Array<number>(maximumBatch).fill(0);

function readRegistration(value: Canonical): { program: Program; commitment: Uint8Array; proof: Uint8Array } {
  const record = value as { readonly [key: string]: Canonical };
  const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value);
  const fields = isRecord ? Object.keys(record).sort().join() : String(value).slice(0, 40);
  if (fields !== 'commitment,format,program,proof' || record.format !== registrationFormat) {
    reject('registration.malformed', `a ${registrationFormat}`, fields);
  }
  const { commitment, proof } = record;
  if (
    !(commitment instanceof Uint8Array && commitment.length === digestSize && proof instanceof Uint8Array)
  ) {
    reject('registration.malformed', 'a commitment of 32 bytes and a proof', 'others');
  }
  return { program: readProgram(record.program!), commitment, proof };
}

/** Checks that the registered model gave the outputs of the statement. */
export function verifyInference(
  model: RegisteredModel,
  statement: Statement,
  proof: Uint8Array,
  workspace: Workspace = createWorkspace(),
): Verdict {
  const mark = workspace.field.mark();
  try {
    if (!registered.has(model)) {
      reject('registration.unverified', 'a model that verifyRegistration accepted', 'another object');
    }
    const { program, ranges, commitment } = model;
    assertStatement(model, statement);
    const claimed = program.output === 'position' ? [...statement.outputs] : [];
    const relations = inferenceRelations(program, ranges, statement.rows, claimed);
    const reader = new ProofReader(proof, proofLimit(relations));
    const { rows } = statement;
    const [{ axes, size, variables }] = ranges.tensors;
    const padded = new Uint32Array(rows * 2 ** variables);
    const positions = realPositions(axes);
    for (let row = 0; row < rows; row++) {
      for (let i = 0; i < size; i++) {
        padded[row * 2 ** variables + positions[i]] = fromInteger(statement.inputs[row * size + i]);
      }
    }
    const input = { at: workspace.field.placeBase(padded), rows, variables };
    const last = ranges.tensors[ranges.tensors.length - 1];
    const outputAt = (point: readonly Quartic[]) => evaluateRows(statement.outputs, rows, last, point);
    const transcript = inferenceTranscript(workspace, statement);
    verifyRelations(workspace, transcript, reader, relations, commitment, { input, outputAt });
    reader.end();
    const soundness = estimateSoundness(relations);
    return { accepted: true, bits: combineBits(model.soundness, soundness), soundness };
  } catch (error) {
    return { accepted: false, ...refusalOf(error) };
  } finally {
    workspace.field.release(mark);
  }
}

/** Rows of `size` values, padded, as a polynomial at a point. */
function evaluateRows(
  values: Int32Array,
  rows: number,
  { size, variables }: { readonly size: number; readonly variables: number },
  point: readonly Quartic[],
): Quartic {
  const position = point.slice(point.length - variables);
  const weights = eqValues(point.slice(0, point.length - variables), rows);
  return weights
    .map((weight, row) => {
      const own = Array.from(values.subarray(row * size, (row + 1) * size), fromInteger);
      return mul(weight, evaluateMultilinear(own, position));
    })
    .reduce(add, zero);
}

function assertStatement({ program, ranges, commitment }: RegisteredModel, statement: Statement): void {
  const { context, rows, inputs, outputs } = statement;
  const fail = (expected: string, found: unknown): never =>
    reject('statement.malformed', expected, String(found));
  // Computed anew, so that what is proven is about this program and nothing else.
  const modelId = modelIdOf(program, commitment);
  if (statement.modelId !== modelId) reject('statement.model', modelId, String(statement.modelId));
  if (!(context instanceof Uint8Array) || context.length > maximumContext) {
    fail(`a context of at most ${maximumContext} bytes`, context?.length);
  }
  if (!Number.isInteger(rows) || rows < 1 || rows > program.maximumBatch) {
    fail(`1 to ${program.maximumBatch} rows`, rows);
  }
  const { low, high } = program.input;
  const { size } = ranges.tensors[0];
  if (!(inputs instanceof Int32Array) || inputs.length !== rows * size) {
    fail(`${rows * size} inputs`, inputs?.length);
  }
  const last = ranges.tensors[ranges.tensors.length - 1];
  const isPosition = program.output === 'position';
  const each = isPosition ? 1 : last.size;
  if (!(outputs instanceof Int32Array) || outputs.length !== rows * each) {
    fail(`${rows * each} outputs`, outputs?.length);
  }
  const assertRange = (values: Int32Array, least: number, most: number, name: string) => {
    for (const value of values)
      if (value < least || value > most) fail(`${name} from ${least} to ${most}`, value);
  };
  assertRange(inputs, low, high, 'inputs');
  assertRange(outputs, isPosition ? 0 : last.low, isPosition ? last.size - 1 : last.high, 'outputs');
}
