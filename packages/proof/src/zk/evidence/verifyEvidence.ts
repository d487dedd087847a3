/**
 * Verifiers of evidence about proven answers (docs/specs/proof-files.md §4). Each computes again
 * what a record should say and compares every field of it; a contradiction is a NonetError.
 */
import { type Address, addressOf, equalBytes, NonetError } from '@nonet/core';
import { encodeCanonical } from '@nonet/core/codec';
import type { BlobStore, Ledger } from '@nonet/core/ports';
import type { Receipt, Verifier, Verifiers } from '@nonet/core/receipt';
import { type Evidence, idOfJob, toJson } from '@nonet/core/records';
import { maximumProofFile } from '../model/proofFile.ts';
import type { FinalModel, RemadeModel, RemakeOptions } from '../model/remakeModel.ts';
import { type ProofFileVerdict, readProofFile, verifyProofFile } from '../model/verifyProofFile.ts';
import { answerClaim, contextOfJob, modelClaim, type ProofClaim, proofVerifierNames } from './claims.ts';

/** What these verifiers need of others. */
export interface ProofPorts {
  /**
   * The final model of the receipt's job by the ledger record at `record`, which is compared with
   * the ledger if there is one. Throws on contradiction, and `blob.missing`.
   */
  readFinalModel(
    record: Address | undefined,
    blobs: BlobStore,
    receipt: Receipt,
    ledger: Ledger | undefined,
  ): Promise<FinalModel & { readonly inputs: readonly Address[] }>;
  /** Makes it into integers again. */
  remakeModel(model: FinalModel, options: RemakeOptions): Promise<RemadeModel>;
  /** The modelId of that. */
  identifyModel(model: RemadeModel): Address;
  /** So many times the usual budget is the most that making it again may take. */
  readonly budgetFactor: number;
}

type AcceptedFile = Extract<ProofFileVerdict, { accepted: true }> & { readonly bytes: Uint8Array };

/** Verifiers by name. A proof is verified once for a receipt, however many records speak of it. */
export function createProofVerifiers(ports: ProofPorts): Verifiers {
  const known = new WeakMap<Receipt, Map<Address, Promise<AcceptedFile>>>();
  const fileOf = (address: Address, blobs: BlobStore, receipt: Receipt): Promise<AcceptedFile> => {
    const told = known.get(receipt) ?? new Map<Address, Promise<AcceptedFile>>();
    known.set(receipt, told);
    const file = told.get(address) ?? acceptFile(address, blobs, receipt);
    told.set(address, file);
    return file;
  };
  const verifyAnswer: Verifier = async (evidence, blobs, receipt) => {
    assertOnce(receipt, proofVerifierNames.answer);
    const address = artefactOf(evidence);
    const file = await fileOf(address, blobs, receipt);
    compare(evidence, answerClaim(answerOf(file, receipt)), [address]);
    return {
      found: `the proof was verified again, with ${file.bits.toFixed(1)} bits: model ${file.model.modelId} gave this answer`,
      confirmed: false,
    };
  };
  const verifyModel: Verifier = async (evidence, blobs, receipt, ledger) => {
    assertOnce(receipt, proofVerifierNames.model);
    const address = artefactOf(evidence);
    const [record] = inputsOf(evidence);
    const file = await fileOf(address, blobs, receipt);
    const final = await ports.readFinalModel(record, blobs, receipt, ledger);
    const { modelId, program } = file.model;
    const [statement] = file.statements;
    assertContext(statement!.context, receipt, final.address);
    const { maximumBatch } = program;
    const remade = await ports.remakeModel(final, { maximumBatch, budgetFactor: ports.budgetFactor });
    const own = ports.identifyModel(remade);
    if (own !== modelId) {
      throw contradiction('proof.model', `model ${own}, which the final model of the job becomes`, modelId);
    }
    const differs = remade.inputs.findIndex((value, i) => value !== statement!.inputs[i]);
    if (differs >= 0) {
      const expected = `example ${remade.example} of the public test set, ${remade.inputs[differs]} at ${differs}`;
      throw contradiction('proof.input', expected, String(statement!.inputs[differs]));
    }
    if (ledger !== undefined) await assertRegistered(file, receipt, ledger);
    compare(evidence, modelClaim({ modelId, ...remade }), [record!, ...final.inputs, address]);
    return {
      found: `made into integers again, the final model ${final.address} is model ${modelId}`,
      confirmed: ledger !== undefined,
    };
  };
  return { [proofVerifierNames.answer]: verifyAnswer, [proofVerifierNames.model]: verifyModel };
}

/** A proof file of one answer about this job. */
async function acceptFile(address: Address, blobs: BlobStore, receipt: Receipt): Promise<AcceptedFile> {
  const { bytes } = await blobs.get(address, { maximumBytes: maximumProofFile });
  const verdict = verifyProofFile(bytes);
  if (!verdict.accepted) {
    const { code, part, expected, found } = verdict;
    throw contradiction(code, `in ${part}: ${expected}`, found);
  }
  const { statements, model } = verdict;
  const [statement] = statements;
  if (statements.length !== 1 || statement!.rows !== 1 || model.program.output !== 'position') {
    throw contradiction(
      'proof.answer',
      'a proof of one position',
      `${statements.length} proofs of ${model.program.output}`,
    );
  }
  assertContext(statement!.context, receipt, undefined);
  return { ...verdict, bytes };
}

/** The context names the job, and the final model where that is known. */
function assertContext(context: Uint8Array, { job }: Receipt, model: Address | undefined): void {
  const expected = contextOfJob(idOfJob(job), model ?? '');
  const known = model === undefined ? context.subarray(0, expected.length) : context;
  if (equalBytes(known, expected)) return;
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  throw contradiction('proof.context', text(expected), text(context));
}

function answerOf({ model, statements, bits, bytes }: AcceptedFile, { job }: Receipt) {
  const [position] = statements[0]!.outputs as unknown as [number];
  const labels = job.kind === 'train' ? job.data.labels : [];
  const label = labels[position];
  if (label === undefined) {
    throw contradiction('proof.label', `a position below ${labels.length}`, `${position}`);
  }
  return { modelId: model.modelId, position, label, bits, bytes: bytes.length };
}

/** The runner registered the model that its proof is about. */
async function assertRegistered(
  { model, bytes }: AcceptedFile,
  { job }: Receipt,
  ledger: Ledger,
): Promise<void> {
  const read = readProofFile(bytes);
  const registration = 'code' in read ? undefined : addressOf(read.registration);
  const found = await ledger.models.find(model.modelId, job.creator);
  if (found.some((each) => each.registration === registration)) return;
  throw contradiction(
    'proof.unregistered',
    `registration ${registration} of model ${model.modelId} on the ledger, by ${job.creator}`,
    found.map((each) => each.registration).join(', ') || 'none',
  );
}

/** A receipt could name one proof 100,000 times, each time to be made again. */
function assertOnce({ evidence }: Receipt, name: string): void {
  const times = evidence.filter(({ check }) => check.how === 'here' && check.verifier === name).length;
  if (times > 1) throw contradiction('receipt.repetition', `one record: ${name}`, `${times}`);
}

function artefactOf({ artefact }: Evidence): Address {
  if (artefact !== undefined) return artefact;
  throw contradiction('claim.artefact', 'the address of a proof', 'none');
}

function inputsOf({ check }: Evidence): readonly Address[] {
  return check.how === 'here' ? check.inputs : [];
}

/** Throws `claim.FIELD` at the first field of a record that does not follow from the facts. */
function compare(evidence: Evidence, claim: ProofClaim, inputs: readonly Address[]): void {
  const { kind, sentence, cells, mechanism = '', origin } = evidence;
  const found = {
    ...{ kind, sentence, cells, mechanism },
    figures: evidence.figures,
    inputs: inputsOf(evidence),
    grade: 'grade' in evidence ? evidence.grade : 0,
    origin: origin.type,
  };
  const expected = { ...claim, inputs, grade: 4, origin: 'run' };
  for (const field of Object.keys(found) as (keyof typeof found)[]) {
    const [wanted, given] = [expected[field], found[field]];
    if (equalBytes(encodeCanonical(wanted), encodeCanonical(given))) continue;
    throw contradiction(`claim.${field}`, toJson(wanted), toJson(given));
  }
}

function contradiction(code: string, expected: string, found: string): NonetError {
  return new NonetError({ code, expected, found });
}
