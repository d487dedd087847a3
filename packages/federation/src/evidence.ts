/**
 * From a finished or stopped job to its evidence: what the ledger recorded, what each round came to, how good the model is, what was refused and why,
 * what it cost, and what all of it rests on. The facts come from ledger and blobs, so that a run that crashed on the way tells the same
 * story; only costs and moves that the ledger refused come from what the roles reported.
 */
import { type Address, NonetError } from '@nonet/core';
import type { BlobStore, JobState, Ledger, LedgerEvent } from '@nonet/core/ports';
import { createFigure, type Evidence, type Figure, type Job, type Origin, termsOf } from '@nonet/core/records';
import type { FederationEvent, ModelEvaluation } from './roles/events.ts';
import { includedParticipants } from './round.ts';
import { isUpdateRefusal, type UpdateOutcome } from './update/step.ts';
import {
  accuracyClaim,
  assumptionsOf,
  type Claim,
  lastModel,
  ledgerClaim,
  objectionClaim,
  refusalClaim,
  roundClaim,
  roundInputs,
} from './verify/claims.ts';
import { decodeLedgerRecord, encodeLedgerRecord, type LedgerRecord } from './verify/ledgerRecord.ts';
import {
  encodeEvaluation,
  recomputeEvaluation,
  recomputeStep,
  recomputeUpdate,
  recomputeUpdates,
} from './verify/recompute.ts';
import { objectedRound } from './verify/verifiers.ts';

/** What a role reported, and which one it was. Events that this package does not know are passed over. */
export interface RoleReport {
  readonly by: string;
  readonly event: FederationEvent | { readonly type: string };
}

/** What a run cost. Who measured it says over which rounds and processes. */
export interface RunCosts {
  /** Blob bytes through the stores, in and out. */
  readonly bytesMoved: number;
  /** Moves on the ledger. */
  readonly transactions: number;
  readonly gas: number;
  /** Wall-clock seconds by phase, over all rounds: `training`, `collecting`, ... */
  readonly seconds: Readonly<Record<string, number>>;
}

export interface RunEvidenceParameters {
  readonly job: Job;
  readonly ledger: Pick<Ledger, 'chainId' | 'contract' | 'operator'>;
  /** All moves of the job. */
  readonly events: readonly LedgerEvent[];
  /** Models and updates; the new artefacts are put there, too. */
  readonly blobs: BlobStore;
  readonly origin: Extract<Origin, { type: 'run' }>;
  readonly reports?: readonly RoleReport[];
  readonly costs?: RunCosts;
  /** ISO 8601; default: now. */
  readonly date?: string;
}

export interface RunEvidence {
  readonly evidence: readonly Evidence[];
  /** Small blobs that the evidence refers to, to travel with the receipt. */
  readonly artefacts: readonly Uint8Array<ArrayBuffer>[];
}

/** Moves that the ledger refused are listed up to this number. */
const listedRefusals = 50;

/** Throws what replaying the moves throws (`record.rules`): evidence is not made of a ledger that breaks the rules. */
export async function createRunEvidence(parameters: RunEvidenceParameters): Promise<RunEvidence> {
  const { job, ledger, events, blobs, origin, reports = [], costs } = parameters;
  const { date = new Date().toISOString() } = parameters;
  const recordBytes = encodeLedgerRecord(ledger, termsOf(job), events);
  const record = decodeLedgerRecord(recordBytes, job);
  const { state } = record;
  const { address } = await blobs.put(recordBytes);
  const artefacts = [recordBytes];
  const base = { origin, date, grade: 4 as const };
  const here = (
    claim: Claim,
    verifier: string,
    inputs: readonly Address[],
    artefact = address,
  ): Evidence => ({
    ...base,
    ...claim,
    cells: [...claim.cells],
    artefact,
    check: { how: 'here', verifier, inputs: [...inputs] },
  });
  const evaluations = reportedEvaluations(reports);
  const evaluationOf = async (model: Address): Promise<ModelEvaluation | undefined> => {
    if (job.evaluation === undefined) return undefined;
    return evaluations.get(model) ?? recomputeEvaluation(job, blobs, model);
  };

  const evidence: Evidence[] = [];
  const final = lastModel(state);
  const result = final === job.model.parameters ? undefined : await evaluationOf(final);
  if (result !== undefined) {
    const bytes = encodeEvaluation(final, result);
    artefacts.push(bytes);
    const { address: artefact } = await blobs.put(bytes);
    const inputs = [address, final, job.model.graph, job.evaluation!];
    evidence.push(here(accuracyClaim(result), 'federation.accuracy', inputs, artefact));
  }
  for (const [number, round] of state.rounds.entries()) {
    if (round.phase !== 'final' && round.phase !== 'void') continue;
    const refusals = round.phase === 'final' ? await refusalsOf(job, record, blobs, number) : [];
    const those = (which: (outcome: UpdateOutcome | undefined) => boolean) =>
      refusals.filter(({ outcome }) => which(outcome)).map(({ participant }) => participant);
    const unfound = those((outcome) => outcome === undefined);
    const acceptable = those((outcome) => outcome !== undefined && !isUpdateRefusal(outcome));
    const evaluation = round.phase === 'final' ? await evaluationOf(round.step!.model) : undefined;
    const claim = roundClaim(state, number, { unfound, acceptable }, evaluation);
    const inputs = roundInputs(job, address, round, unfound, evaluation !== undefined);
    evidence.push(here(claim, 'federation.aggregate', inputs));
    for (const { participant, outcome } of refusals) {
      if (outcome === undefined) evidence.push(notFound(base, number, participant));
      else {
        const commitment = round.commitments[participant]!;
        const refusal = refusalClaim(number, participant, outcome);
        evidence.push(here(refusal, 'federation.refusal', [address, commitment]));
      }
    }
    for (const participant of round.unavailable) evidence.push(notFound(base, number, participant));
  }
  if (state.end?.reason === 'objected') {
    const available = await availableUpdates(state, state.end.round, blobs);
    const { number, unfound, inputs } = objectedRound(record, available);
    const outcomes = await recomputeUpdates(job, record, blobs, number, unfound);
    const step = await recomputeStep(job, record, blobs, number, outcomes);
    const claim = objectionClaim(state, step, unfound);
    evidence.push(here(claim, 'federation.objection', [address, ...inputs]));
  }
  evidence.push(here(ledgerClaim(state, events.length), 'federation.rounds', [address]));
  evidence.push(...refusedMoves(base, reports));
  if (costs !== undefined) {
    evidence.push({
      ...base,
      kind: 'measurement',
      sentence: 'What this run took: time by phase, work of the ledger, and bytes through the stores.',
      cells: ['performance-decentralisation', 'verifiability-decentralisation'],
      mechanism: 'federation.rounds',
      figures: costFigures(costs),
      check: { how: 'none', because: 'time and traffic of a run cannot be measured again afterwards' },
    });
  }
  evidence.push(
    ...assumptionsOf(job, ledger.operator).map((assumption) => ({
      ...assumption,
      cells: [...assumption.cells],
      origin,
      figures: {},
      check: { how: 'none' as const, because: 'it is an assumption' },
      date,
    })),
  );
  return { evidence, artefacts };
}

function costFigures({ bytesMoved, transactions, gas, seconds }: RunCosts): Record<string, Figure> {
  return {
    ...Object.fromEntries(
      Object.entries(seconds).map(([phase, value]) => [phase, createFigure(value, 'seconds')]),
    ),
    transactions: createFigure(transactions, 'transactions'),
    gas: createFigure(gas, 'gas'),
    traffic: createFigure(bytesMoved, 'bytes'),
  };
}

function reportedEvaluations(reports: readonly RoleReport[]): Map<Address, ModelEvaluation> {
  const evaluations = new Map<Address, ModelEvaluation>();
  for (const { event } of reports) {
    if (event.type === 'evaluated' && 'evaluation' in event) evaluations.set(event.model, event.evaluation);
  }
  return evaluations;
}

/** The refused of a round, each with why, or with an update that is acceptable by now; undefined where it is in no store. */
async function refusalsOf(job: Job, record: LedgerRecord, blobs: BlobStore, number: number) {
  const refused = record.state.rounds[number]!.step!.refused;
  return Promise.all(
    refused.map(async (participant) => {
      try {
        return { participant, outcome: await recomputeUpdate(job, record, blobs, number, participant) };
      } catch (cause) {
        if (!(cause instanceof NonetError) || !['blob.missing', 'blob.corrupt'].includes(cause.code))
          throw cause;
        return { participant, outcome: undefined };
      }
    }),
  );
}

async function availableUpdates(state: JobState, number: number, blobs: BlobStore): Promise<Address[]> {
  const round = state.rounds[number]!;
  const commitments = includedParticipants(round).map((participant) => round.commitments[participant]!);
  const held = await Promise.all(commitments.map((commitment) => blobs.has(commitment)));
  return commitments.filter((_, i) => held[i]);
}

type Base = Pick<Evidence, 'origin' | 'date'> & { readonly grade: 4 };

function notFound(base: Base, number: number, participant: number): Evidence {
  return {
    ...base,
    kind: 'observation',
    sentence: `In round ${number + 1} the update of participant ${participant} was left out: no store had it.`,
    cells: ['verifiability-decentralisation'],
    mechanism: 'federation.average',
    figures: { inRound: createFigure(number + 1, ''), participant: createFigure(participant, '') },
    check: { how: 'none', because: 'that a blob was missing at some time cannot be shown afterwards' },
  };
}

/** Moves of participants that the ledger did not take, as their senders reported. */
function refusedMoves(base: Base, reports: readonly RoleReport[]): Evidence[] {
  const seen = new Set<string>();
  const records: Evidence[] = [];
  for (const { by, event } of reports) {
    if (event.type !== 'moveRefused' || !('refusal' in event) || !('move' in event)) continue;
    const { move, refusal } = event;
    // Two roles that do the same thing, or one that does it again after a crash, are no incident.
    if (!['join', 'commit', 'appeal', 'object'].includes(move.type) || refusal.refused === 'Repeated')
      continue;
    const where = 'round' in move ? ` in round ${move.round + 1}` : '';
    const sentence = `The ledger refused a move of ${by}, ${move.type}${where}: ${refusal.refused}.`;
    if (seen.has(sentence) || seen.size === listedRefusals) continue;
    seen.add(sentence);
    records.push({
      ...base,
      kind: 'observation',
      sentence,
      cells: ['verifiability-decentralisation'],
      mechanism: 'federation.rounds',
      figures: {},
      check: { how: 'none', because: 'a move that was refused leaves no trace on the ledger' },
    });
  }
  return records;
}
