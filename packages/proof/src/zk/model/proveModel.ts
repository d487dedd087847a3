/**
 * The prover: registers a model and proves its answers (docs/specs/zk.md §9, §10). It keeps the
 * commitment to the weights, so that a proof costs little more than its answers.
 */
import { fromInteger, logCeil } from '@nonet/algebra';
import { type Address, MisuseError, NonetError } from '@nonet/core';
import { type Canonical, encodeCanonical } from '@nonet/core/codec';
import { type Committed, commitColumns } from '../commitment/proveCommitment.ts';
import { createWorkspace, type Workspace } from '../hash/hashKernels.ts';
import { ProofWriter } from '../proofBytes.ts';
import { Rejected } from '../rejection.ts';
import { estimateMemory, largestBatch } from './estimate.ts';
import { analyseProgram, type Program, type ProgramRanges, readProgram } from './program.ts';
import { proveRelations } from './proveRelations.ts';
import {
  assertWeights,
  countLookups,
  deriveColumns,
  type LayerWeights,
  largestPositions,
  runProgram,
  weightValues,
} from './proveWitness.ts';
import { inferenceRelations, type Relations, registrationRelations } from './relations.ts';
import { relationLayouts } from './shape.ts';
import { assertSoundness } from './soundness.ts';
import {
  inferenceTranscript,
  modelIdOf,
  registrationFormat,
  registrationTranscript,
  type Statement,
} from './statement.ts';

/** What a prover is made of. */
export interface ProverOptions {
  readonly program: Program;
  /** Of each layer that has weights, in order. */
  readonly weights: readonly LayerWeights[];
  /** Bytes of memory that may be used, 4 GiB if left out; beyond, `proof.memory`. */
  readonly memoryLimit?: number;
}

/** What to prove. */
export interface ProveOptions {
  /** `rows` of the program's input, one after the other. */
  readonly inputs: Int32Array;
  readonly rows: number;
  readonly context: Uint8Array;
  /** Called as each phase begins. */
  readonly onProgress?: (phase: string) => void;
}

/** A statement and its proof. */
export interface ProvenInference {
  readonly statement: Statement;
  readonly proof: Uint8Array<ArrayBuffer>;
}

/** A model whose answers can be proven. */
export interface Prover {
  readonly modelId: Address;
  /** The canonical registration, for `verifyRegistration`. */
  register(): Uint8Array<ArrayBuffer>;
  prove(options: ProveOptions): ProvenInference;
  /** Bytes of memory that a proof of `rows` rows takes, about, the weights' commitment included. */
  predictMemory(rows: number): number;
  /** Bytes of memory that it holds: what its largest proof so far has taken. */
  memoryBytes(): number;
}

/** What a program's author did wrong, as an error. */
function orMisuse<T>(body: () => T): T {
  try {
    return body();
  } catch (error) {
    if (error instanceof Rejected) throw new MisuseError({ ...error.rejection, cause: error });
    throw error;
  }
}

/** The ranges of a program that can be proven; says the largest batch where one is too large. */
function analyse(program: Program): ProgramRanges {
  try {
    const ranges = analyseProgram(readProgram(program as unknown as Canonical));
    assertSoundness(program, ranges);
    return ranges;
  } catch (error) {
    if (!(error instanceof Rejected)) throw error;
    const { rejection } = error;
    if (!['program.lookups', 'program.soundness'].includes(rejection.code)) {
      throw new MisuseError({ ...rejection, cause: error });
    }
    const rows = largestBatch(program);
    const hint =
      rows === 0
        ? 'Take a smaller model: not even one row fits.'
        : `Compile it for batches of at most ${rows} rows, and prove more rows in several proofs.`;
    throw new MisuseError({ ...rejection, hint, cause: error });
  }
}

/** Refuses, before work begins, what memory will not do. */
function assertMemory(relations: Relations, limit: number, hint: () => string): void {
  const needed = estimateMemory(relations);
  if (needed <= limit) return;
  const megabytes = (bytes: number) => `${Math.ceil(bytes / 2 ** 20)} MiB`;
  throw new MisuseError({
    code: 'proof.memory',
    expected: `a proof within ${megabytes(limit)} of memory`,
    found: `one that takes about ${megabytes(needed)}`,
    hint: hint(),
  });
}

/**
 * Commits to the weights. Throws `program.*`, with the largest batch that fits where one is too
 * large, `proof.weights` and `proof.memory`.
 */
export function createProver({ program, weights: given, memoryLimit = 2 ** 32 }: ProverOptions): Prover {
  const workspace = createWorkspace(memoryLimit);
  const ranges = analyse(program);
  assertWeights(program, ranges, given);
  // Of one type, and the caller's no longer.
  const weights = given.map(({ weights: own, bias }) => ({
    weights: Int32Array.from(own),
    bias: Int32Array.from(bias),
  }));
  const columns = weightValues(program, ranges, weights);
  const registration = orMisuse(() => registrationRelations(program, ranges));
  assertMemory(registration, memoryLimit, () => 'Take a smaller model.');
  const [layout] = relationLayouts(registration);
  const committed = commitColumns(
    workspace,
    layout,
    columns.map((values) => ({ kind: 'integers', values })),
  );
  const modelId = modelIdOf(program, committed.root);
  const relationsOf = (rows: number) =>
    orMisuse(() => inferenceRelations(program, ranges, rows, Array<number>(rows).fill(0)));
  const assertRows = (rows: number) =>
    assertMemory(relationsOf(rows), memoryLimit, () => {
      let fitting = 1;
      while (2 * fitting < rows && estimateMemory(relationsOf(2 * fitting)) <= memoryLimit) fitting *= 2;
      return rows === 1 ? 'Take a smaller model.' : `Prove at most ${fitting} rows at a time.`;
    });
  return {
    modelId,
    register: () => {
      const mark = workspace.field.mark();
      const writer = new ProofWriter();
      const derived = deriveColumns(program, ranges, registration, undefined, weights, []);
      const counts = countLookups(program, registration, derived, undefined, columns);
      proveRelations(workspace, registrationTranscript(workspace, modelId), writer, registration, {
        weights: committed,
        columns: [...derived, counts],
      });
      workspace.field.release(mark);
      const proof = writer.finish();
      return encodeCanonical({ format: registrationFormat, program, commitment: committed.root, proof });
    },
    memoryBytes: () => workspace.field.memory.buffer.byteLength,
    predictMemory: (rows) => estimateMemory(relationsOf(rows)),
    prove: (options) => {
      const mark = workspace.field.mark();
      try {
        assertInputs(program, ranges, options);
        assertRows(options.rows);
        return proveInference(workspace, program, ranges, weights, committed, modelId, options);
      } finally {
        // Also where memory did not do: the next, smaller batch finds it free.
        workspace.field.release(mark);
      }
    },
  };
}

function assertInputs(
  { maximumBatch, input: { low, high } }: Program,
  { tensors: [{ size }] }: ProgramRanges,
  { inputs, rows }: ProveOptions,
): void {
  if (!Number.isInteger(rows) || rows < 1 || rows > maximumBatch || inputs.length !== rows * size) {
    throw new MisuseError({
      code: 'proof.inputs',
      expected: `1 to ${maximumBatch} rows of ${size} inputs`,
      found: `${inputs.length} inputs in ${rows} rows`,
    });
  }
  const outside = inputs.find((value) => value < low || value > high);
  if (outside !== undefined) {
    throw new MisuseError({
      code: 'proof.inputs',
      expected: `inputs from ${low} to ${high}`,
      found: `${outside}`,
    });
  }
}

function proveInference(
  workspace: Workspace,
  program: Program,
  ranges: ProgramRanges,
  weights: readonly LayerWeights[],
  committed: Committed,
  modelId: Address,
  { inputs, rows, context, onProgress }: ProveOptions,
): ProvenInference {
  onProgress?.('run');
  const run = runProgram(program, ranges, weights, inputs, rows);
  const last = ranges.tensors[ranges.tensors.length - 1];
  const result = run.tensors[run.tensors.length - 1];
  const positions = largestPositions(result, rows, last.size, last.variables);
  const outputs =
    program.output === 'position'
      ? positions
      : Int32Array.from({ length: rows * last.size }, (_, i) => {
          const row = Math.floor(i / last.size);
          return result[row * 2 ** last.variables + (i % last.size)];
        });
  const statement: Statement = { modelId, context, rows, inputs, outputs };
  const relations = orMisuse(() => inferenceRelations(program, ranges, rows, [...positions]));
  const derived = deriveColumns(program, ranges, relations, run, weights, [...positions]);
  const counts = countLookups(program, relations, derived, run.tensors[0], []);
  const found = counts.reduce((sum, count) => sum + count, 0);
  if (found !== relations.lookups) {
    throw new NonetError({
      code: 'proof.witness',
      expected: `${relations.lookups} look-ups that are in the table`,
      found: `${found}`,
      hint: 'This is a defect of Nonet; please report it.',
    });
  }
  const proof = proveStatement(
    workspace,
    statement,
    relations,
    committed,
    run.tensors[0],
    [...derived, counts],
    onProgress,
  );
  return { statement, proof };
}

/** The proof of a statement from the values of the witness columns. */
export function proveStatement(
  workspace: Workspace,
  statement: Statement,
  relations: Relations,
  weights: Committed,
  input: Int32Array,
  columns: readonly ArrayLike<number>[],
  onProgress?: (phase: string) => void,
): Uint8Array<ArrayBuffer> {
  const mark = workspace.field.mark();
  const writer = new ProofWriter();
  const at = workspace.field.placeBase(input.map(fromInteger), 2 ** logCeil(input.length));
  proveRelations(workspace, inferenceTranscript(workspace, statement), writer, relations, {
    weights,
    columns,
    input: at,
    onProgress,
  });
  workspace.field.release(mark);
  return writer.finish();
}
