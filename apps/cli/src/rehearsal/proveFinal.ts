/**
 * What a run ends with: one prediction of its final model, proven (docs/specs/proof-files.md §3).
 * The model is quantised with public rows, so that anyone can make the same model again and see that
 * the proof is about this one. A model that cannot be proven is no reason to call a run failed.
 */
import { type Address, NonetError } from '@nonet/core';
import type { AnchorPosition, BlobStore } from '@nonet/core/ports';
import { createFigures, type Evidence, idOfJob, type TrainJob } from '@nonet/core/records';
import { fetchGraph, finalModel, parametersOfModel } from '@nonet/federation';
import { createProver, encodeProofFile, provenRows, type RemadeModel, remakeModel } from '@nonet/proof/zk';
import {
  answerClaim,
  contextOfJob,
  inferenceMechanism,
  modelClaim,
  type ProofClaim,
  proofFigures,
  proofVerifierNames,
} from '@nonet/proof/zk/evidence';
import { verifyProofFile } from '@nonet/proof/zk/verify';
import { bind, createProgram, leavesOf, unboundExtents } from '@nonet/tensor';
import { decodeDataset } from '@nonet/tensor/datasets';
import type { Outcome } from './coordinator.ts';

/** A proof of more bytes stays in the stores; a smaller one travels in the receipt. */
const largestEmbedded = 2 ** 21;

/** What proving one prediction came to. */
export interface ProvenPrediction {
  readonly evidence: readonly Evidence[];
  /** Blobs that travel in the receipt. */
  readonly artefacts: readonly Uint8Array[];
  /** Undefined where the model could not be proven. */
  readonly proof?: {
    readonly modelId: Address;
    readonly bits: number;
    readonly bytes: number;
    readonly label: string;
    /** From making the model into integers to having verified the proof. */
    readonly seconds: number;
  };
  /** Why there is none. */
  readonly refusal?: NonetError;
}

type Base = Pick<Evidence, 'origin' | 'date'>;

/**
 * Proves one prediction, puts registration and proof into `blobs`, and registers the model on the
 * ledger; `record` is the ledger record's address. Undefined where the job asks for none, has no
 * public test set, or came to no model.
 */
export async function proveFinalModel(
  outcome: Outcome,
  blobs: BlobStore,
  record: Address,
  base: Base,
): Promise<ProvenPrediction | undefined> {
  const { job, state, proves } = outcome;
  if (!proves || job.kind !== 'train' || job.testSet === undefined) return undefined;
  if (finalModel(state) === job.model.parameters) return undefined;
  try {
    return await proveAnswer({ ...outcome, job }, job.testSet, blobs, record, base);
  } catch (error) {
    if (!(error instanceof NonetError)) throw error;
    const sentence = `No prediction of the final model was proven: expected ${error.expected}, found ${error.found} (${error.code}).`;
    const evidence: Evidence = {
      ...base,
      kind: 'observation',
      grade: 4,
      sentence,
      cells: [],
      figures: {},
      check: { how: 'none', because: 'it says what is not there' },
    };
    return { evidence: [evidence], artefacts: [], refusal: error };
  }
}

async function proveAnswer(
  { job, state, ledger, creator }: Outcome & { readonly job: TrainJob },
  test: Address,
  blobs: BlobStore,
  record: Address,
  base: Base,
): Promise<ProvenPrediction> {
  const address = finalModel(state);
  const graph = await fetchGraph(job, blobs);
  const parameters = parametersOfModel(graph, (await blobs.get(address)).bytes);
  const testSet = decodeDataset((await blobs.get(test)).bytes);
  const lap = createClock();
  const remade = await remakeModel({ address, graph, parameters, testSet });
  const quantising = lap();
  const prover = createProver(remade);
  const registration = prover.register();
  const registering = lap();
  const context = contextOfJob(idOfJob(job), address);
  const predicted = prover.predictMemory(1);
  const { statement, proof } = prover.prove({ inputs: remade.inputs, rows: 1, context });
  const proving = lap();
  const { labels } = job.data;
  const stated = { labels, scale: null };
  const file = encodeProofFile({ registration, context, stated, answers: [provenRows(statement, proof)] });
  const verdict = verifyProofFile(file);
  const verifying = lap();
  if (!verdict.accepted) {
    const { code, expected, found } = verdict;
    throw new NonetError({ code, expected, found, hint: 'This is a defect of Nonet; please report it.' });
  }
  const { modelId } = prover;
  const registrationBlob = await blobs.put(registration);
  const { address: artefact } = await blobs.put(file);
  const registered = await ledger.models.register(modelId, registrationBlob.address, creator);
  const position = statement.outputs[0]!;
  const label = labels[position]!;
  const here = (claim: ProofClaim, verifier: string, inputs: readonly Address[]): Evidence => ({
    ...base,
    ...claim,
    grade: 4,
    cells: [...claim.cells],
    artefact,
    check: { how: 'here', verifier, inputs: [...inputs] },
  });
  const { bits } = verdict;
  const answer = answerClaim({ modelId, position, label, bits, bytes: file.length });
  const inputs = [record, address, ...(job.model.kind === 'graph' ? [job.model.graph] : []), test, artefact];
  const seconds = { quantising, registering, proving, verifying, inferring: await timeInference(remade) };
  return {
    evidence: [
      here(answer, proofVerifierNames.answer, [artefact]),
      here(modelClaim({ modelId, ...remade }), proofVerifierNames.model, inputs),
      registrationRecord(base, modelId, registered),
      costRecord(base, seconds, { predicted, taken: prover.memoryBytes() }),
    ],
    artefacts: file.length <= largestEmbedded ? [file] : [],
    proof: {
      modelId,
      bits,
      bytes: file.length,
      label,
      seconds: quantising + registering + proving + verifying,
    },
  };
}

/** Seconds since the last call. */
function createClock(): () => number {
  let last = performance.now();
  return () => {
    const now = performance.now();
    const seconds = (now - last) / 1000;
    last = now;
    return seconds;
  };
}

const timedRuns = 5;

/** Seconds of an answer in integers without a proof, after a first one: each of some runs. */
async function timeInference({ quantised, inputs }: RemadeModel): Promise<readonly number[]> {
  const { graph } = quantised;
  const extents = Object.fromEntries(unboundExtents(graph).map((name) => [name, 1]));
  const program = await createProgram(bind(graph, extents));
  const rows = { [leavesOf(graph, 'input')[0]!.name]: inputs };
  program.run(rows);
  const lap = createClock();
  return Array.from({ length: timedRuns }, () => {
    program.run(rows);
    return lap();
  });
}

function registrationRecord(
  base: Base,
  modelId: Address,
  { chainId, transaction, block }: AnchorPosition,
): Evidence {
  return {
    ...base,
    kind: 'observation',
    grade: 4,
    sentence: `The account that ran the job registered model ${modelId} on the ledger in block ${block}.`,
    cells: ['verifiability-security'],
    mechanism: inferenceMechanism.id,
    figures: {},
    check: { how: 'ledger', chainId, transaction },
  };
}

function costRecord(
  base: Base,
  {
    quantising,
    registering,
    proving,
    verifying,
    inferring,
  }: {
    readonly quantising: number;
    readonly registering: number;
    readonly proving: number;
    readonly verifying: number;
    readonly inferring: readonly number[];
  },
  memory: { readonly predicted: number; readonly taken: number },
): Evidence {
  return {
    ...base,
    kind: 'measurement',
    grade: 4,
    sentence:
      'What a proven prediction took in this run, beside the prediction itself: making the model into integers, ' +
      'registering it, proving one answer, and verifying both.',
    cells: ['verifiability-security'],
    mechanism: inferenceMechanism.id,
    figures: createFigures([
      [proofFigures.inferring, inferring],
      [proofFigures.quantising, quantising],
      [proofFigures.registering, registering],
      [proofFigures.proving, proving],
      [proofFigures.verifying, verifying],
      [proofFigures.predictedMemory, memory.predicted],
      [proofFigures.provingMemory, memory.taken],
    ]),
    check: { how: 'none', because: 'times of a run cannot be measured again afterwards' },
  };
}
