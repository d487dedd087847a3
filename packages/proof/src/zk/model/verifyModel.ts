/**
 * The verifier (docs/specs/zk.md §9, §10). It never throws on what it is given: a refusal has a
 * code, what was expected and what was found. Time and memory are bounded by the program: sizes are
 * checked before anything is allocated, and no size is read from a proof.
 */
import { add, eqValues, fromInteger, mul, type Quartic, scale, zero } from '@nonet/algebra';
import { type Address, NonetError } from '@nonet/core';
import { type Layout, positionLog, queries } from '../commitment/layout.ts';
import { createWorkspace, digestSize, type Workspace } from '../hash/hashKernels.ts';
import { ProofReader } from '../proofBytes.ts';
import { describe, Rejected, type Rejection, reject } from '../rejection.ts';
import { analyseProgram, type Program, type ProgramRanges, realPositions } from './program.ts';
import { readRegistration } from './registration.ts';
import { claimCount, inferenceRelations, type Relations, registrationRelations } from './relations.ts';
import { patchProducts, relationDegree, relationLayouts, relationVariables } from './shape.ts';
import { assertSoundness, combineBits, estimateSoundness, type Soundness } from './soundness.ts';
import {
  inferenceTranscript,
  maximumContext,
  modelIdOf,
  registrationTranscript,
  type Statement,
} from './statement.ts';
import { verifyRelations } from './verifyRelations.ts';

declare const accepted: unique symbol;

/** A registration that `verifyRegistration` has accepted; nothing else makes one, nothing changes it. */
export interface RegisteredModel {
  readonly [accepted]: true;
  readonly modelId: Address;
  readonly program: Program;
  readonly ranges: ProgramRanges;
  readonly commitment: Uint8Array;
  readonly soundness: Soundness;
}

/** What was accepted, by the object that stands for it: callers hold no reference to the bytes. */
const registered = new WeakMap<object, Own>();

type Own = Omit<RegisteredModel, typeof accepted>;

/** The value, and all that it holds, as it is now for good. */
function freezeDeeply<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const part of Object.values(value)) freezeDeeply(part);
  return Object.freeze(value);
}

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
  const images = patchProducts(relations);
  // The value of a patch is read beside that of its image, which is the claim.
  const values = claimCount(relations) + images.length;
  const patches = Math.max(0, ...images.map(({ source }) => source.variables));
  const rows = Math.max(...layouts.map(({ rowLog }) => rowLog));
  const rounds = (relationDegree + 1) * relationVariables(relations) + 3 * (patches + rows);
  const openings = layouts.reduce((sum, layout) => sum + openingLimit(layout), 0);
  return 2 * digestSize + 16 * (values + rounds) + openings;
}

function openingLimit(layout: Layout): number {
  const positions = Math.min(queries, 2 ** positionLog(layout));
  return 16 * 2 ** layout.columnLog + positions * (4 * layout.rows.length + digestSize * positionLog(layout));
}

/** Turns what was thrown into a refusal: nothing that a verifier is given makes it throw. */
function refusalOf(error: unknown): Rejection {
  if (error instanceof Rejected) return error.rejection;
  if (error instanceof NonetError) {
    return { code: error.code, expected: error.expected, found: error.found };
  }
  const found = error instanceof Error ? error.message.slice(0, 200) : describe(error);
  return { code: 'verifier.failed', expected: 'a verification that ends', found };
}

let shared: Workspace | undefined;

/** One for all callers that bring none: each would reserve addresses for its whole memory. */
function sharedWorkspace(): Workspace {
  shared ??= createWorkspace();
  return shared;
}

/**
 * Checks that the weights of a model are committed to and in their ranges, and that nothing in its
 * program can wrap. `bytes` is a canonical registration.
 */
export function verifyRegistration(
  bytes: Uint8Array,
  workspace: Workspace = sharedWorkspace(),
): RegistrationVerdict {
  const mark = workspace.field.mark();
  try {
    const { program, commitment, proof } = readRegistration(bytes);
    const ranges = analyseProgram(program);
    const relations = registrationRelations(program, ranges);
    const soundness = assertSoundness(program, ranges);
    const modelId = modelIdOf(program, commitment);
    const reader = new ProofReader(proof, proofLimit(relations));
    verifyRelations(workspace, registrationTranscript(workspace, modelId), reader, relations, commitment, {});
    reader.end();
    const own = { modelId, program: freezeDeeply(program), ranges: freezeDeeply(ranges), soundness };
    const model = Object.freeze({ ...own, commitment: commitment.slice() }) as RegisteredModel;
    registered.set(model, { ...own, commitment });
    return { accepted: true, model };
  } catch (error) {
    return { accepted: false, ...refusalOf(error) };
  } finally {
    workspace.field.release(mark);
  }
}

/** Checks that the registered model gave the outputs of the statement. */
export function verifyInference(
  model: RegisteredModel,
  statement: Statement,
  proof: Uint8Array,
  workspace: Workspace = sharedWorkspace(),
): Verdict {
  const mark = workspace.field.mark();
  try {
    if (!registered.has(model)) {
      reject('registration.unverified', 'a model that verifyRegistration accepted', 'another object');
    }
    const own = registered.get(model) ?? model;
    const { program, ranges, commitment } = own;
    const stated = readStatement(own, statement);
    const { rows, inputs, outputs } = stated;
    const claimed = program.output === 'position' ? [...outputs] : [];
    const relations = inferenceRelations(program, ranges, rows, claimed);
    if (!(proof instanceof Uint8Array)) reject('proof.malformed', 'bytes', describe(proof));
    const reader = new ProofReader(proof, proofLimit(relations));
    const [{ axes, size, variables }] = ranges.tensors;
    const padded = new Uint32Array(rows * 2 ** variables);
    const positions = realPositions(axes);
    for (let row = 0; row < rows; row++) {
      for (let i = 0; i < size; i++) {
        padded[row * 2 ** variables + positions[i]] = fromInteger(inputs[row * size + i]);
      }
    }
    const input = { at: workspace.field.placeBase(padded), rows, variables };
    const last = ranges.tensors[ranges.tensors.length - 1];
    const outputAt = (point: readonly Quartic[]) => evaluateRows(outputs, rows, last, point);
    const transcript = inferenceTranscript(workspace, stated);
    verifyRelations(workspace, transcript, reader, relations, commitment, { input, outputAt });
    reader.end();
    const soundness = estimateSoundness(relations);
    return { accepted: true, bits: combineBits(own.soundness, soundness), soundness };
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
  const weights = eqValues(point.slice(point.length - variables), size);
  return eqValues(point.slice(0, point.length - variables), rows)
    .map((weight, row) => {
      const own = weights.map((factor, i) => scale(factor, fromInteger(values[row * size + i])));
      return mul(weight, own.reduce(add, zero));
    })
    .reduce(add, zero);
}

/** A copy of the statement, each part read once and checked. */
function readStatement({ program, ranges, commitment }: Own, statement: Statement): Statement {
  const fail = (expected: string, found: unknown): never =>
    reject('statement.malformed', expected, describe(found));
  if (typeof statement !== 'object' || statement === null) fail('a statement', statement);
  const { modelId, context, rows, inputs, outputs } = statement;
  // Computed anew, so that what is proven is about this program and nothing else.
  const own = modelIdOf(program, commitment);
  if (modelId !== own) reject('statement.model', own, describe(modelId));
  if (!(context instanceof Uint8Array) || context.length > maximumContext) {
    fail(`a context of at most ${maximumContext} bytes`, context);
  }
  if (!Number.isInteger(rows) || rows < 1 || rows > program.maximumBatch) {
    fail(`1 to ${program.maximumBatch} rows`, rows);
  }
  const readNumbers = (values: Int32Array, count: number, least: number, most: number, name: string) => {
    if (!(values instanceof Int32Array) || values.length !== count) fail(`${count} ${name}`, values);
    const copy = Int32Array.from(values);
    if (copy.length !== count) fail(`${count} ${name}`, values);
    const wrong = copy.find((value) => value < least || value > most);
    if (wrong !== undefined) fail(`${name} from ${least} to ${most}`, wrong);
    return copy;
  };
  const { low, high } = program.input;
  const last = ranges.tensors[ranges.tensors.length - 1];
  const stated = { modelId, context: Uint8Array.from(context), rows };
  const given = readNumbers(inputs, rows * ranges.tensors[0].size, low, high, 'inputs');
  if (program.output === 'position') {
    return { ...stated, inputs: given, outputs: readNumbers(outputs, rows, 0, last.size - 1, 'outputs') };
  }
  const all = readNumbers(outputs, rows * last.size, last.low, last.high, 'outputs');
  return { ...stated, inputs: given, outputs: all };
}
