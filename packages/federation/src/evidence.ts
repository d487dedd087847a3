/**
 * From a job that is over to its evidence: what the ledger recorded, what each round came to, how
 * good the model is, what was refused and why, who was proven to have lied, what it cost, and what
 * all of it rests on. The facts come from ledger and blobs, so that a run that crashed on the way
 * tells the same story; only costs and moves that the ledger refused come from what the roles
 * reported.
 */
import type { Address } from '@nonet/core';
import type { BlobStore, LedgerEvent } from '@nonet/core/ports';
import {
  createFigures,
  type Evidence,
  type FigureDeclaration,
  type Origin,
  type RoundJob,
  termsOf,
} from '@nonet/core/records';
import { federationFigures as figures } from './figures.ts';
import { datasetsOfRegistrations, fetchRegistrations } from './masked/maskedRound.ts';
import type { FederationEvent } from './roles/events.ts';
import {
  acceptedParticipants,
  finalModel,
  includedParticipants,
  isOver,
  type LedgerName,
} from './rules/state.ts';
import { resultOfCounts } from './statistics.ts';
import type { HeldOut } from './update/heldOut.ts';
import type { Update } from './update/message.ts';
import { decodeModel, maximumModelBytes } from './update/modelBlob.ts';
import { isUpdateRefusal } from './update/step.ts';
import {
  accuracyClaim,
  assumptionsOf,
  type Claim,
  incidentClaims,
  ledgerClaim,
  noFindings,
  type RoundFindings,
  refusalClaim,
  roundClaim,
  roundInputs,
  testInputs,
} from './verify/claims.ts';
import { verifierNames } from './verify/completeness.ts';
import type { ModelEvaluation } from './verify/graphEvaluator.ts';
import { decodeLedgerRecord, encodeLedgerRecord, type LedgerRecord } from './verify/ledgerRecord.ts';
import { privacyClaim } from './verify/privacyClaim.ts';
import {
  encodeEvaluation,
  judgeRefusal,
  type RefusalFinding,
  recomputeEvaluation,
  recomputeMaskedStep,
  recomputeUpdate,
} from './verify/recompute.ts';
import { countPrivacyClaim, statisticsClaim, statisticsInputs } from './verify/statisticsClaim.ts';
import { datasetsOf } from './verify/verifiers.ts';

/**
 * What a role reported, and which one it was. Events that this package does not know are passed
 * over.
 */
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
  /** Wall-clock seconds, over all rounds; what each covers: figures.ts. */
  readonly seconds: Readonly<Record<'training' | 'collecting' | 'stepping' | 'checking', number>>;
  /** Where updates are masked: what that took besides. */
  readonly masking?: { readonly seconds: number; readonly bytes: number };
}

/** What the evidence of a run is made from. */
export interface RunEvidenceParameters {
  readonly job: RoundJob;
  readonly ledger: LedgerName;
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

/** The records of a run, with the blobs that they refer to. */
export interface RunEvidence {
  readonly evidence: readonly Evidence[];
  /** Small blobs that the evidence refers to, to travel with the receipt. */
  readonly artefacts: readonly Uint8Array<ArrayBuffer>[];
}

/** Counts travel in the receipt up to this size, so that its reader sees each figure. */
const mostCountBytes = 2 ** 18;

/** Moves that the ledger refused are listed up to this number. */
const listedRefusals = 50;

/**
 * Evidence of a run. Throws what replaying the moves throws (`record.rules`): evidence is not made
 * of a ledger that breaks the rules.
 */
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
    if (job.kind !== 'train' || job.testSet === undefined) return undefined;
    return evaluations.get(model) ?? recomputeEvaluation(job, blobs, model);
  };

  const evidence: Evidence[] = [];
  const final = finalModel(state);
  const result = final === job.model.parameters ? undefined : await evaluationOf(final);
  if (job.kind === 'train' && result !== undefined) {
    const bytes = encodeEvaluation(final, result);
    artefacts.push(bytes);
    const { address: artefact } = await blobs.put(bytes);
    const inputs = [address, final, ...testInputs(job)];
    evidence.push(here(accuracyClaim(result, job.data.labels), verifierNames.accuracy, inputs, artefact));
  }
  if (job.kind === 'count' && final !== job.model.parameters) {
    const { bytes } = await blobs.get(final, { maximumBytes: maximumModelBytes(job.arithmetic) });
    if (bytes.length <= mostCountBytes) artefacts.push(new Uint8Array(bytes));
    const claim = statisticsClaim(resultOfCounts(job, state, decodeModel(bytes, job.arithmetic)));
    evidence.push(here(claim, verifierNames.statistics, statisticsInputs(address, final), final));
  }
  for (const [number, round] of state.rounds.entries()) {
    if (!isOver(round)) continue;
    const evaluation = round.phase === 'final' ? await evaluationOf(round.posted!.model) : undefined;
    const findings =
      round.phase === 'final' ? await findingsOf(job, record, blobs, number, evaluation) : noFindings;
    const inputs = roundInputs(job, address, round, findings);
    evidence.push(here(roundClaim(state, number, findings, job.kind), verifierNames.aggregate, inputs));
    for (const [participant, finding] of findings.refusals) {
      const claim = refusalClaim(state, number, participant, finding);
      evidence.push(here(claim, verifierNames.refusal, [address, round.commitments[participant]!.blob]));
    }
  }
  for (const claim of incidentClaims(record)) evidence.push(here(claim, verifierNames.incident, [address]));
  const privacy = job.kind === 'count' ? countPrivacyClaim(state, job) : privacyClaim(state, job);
  if (privacy !== undefined) evidence.push(here(privacy, verifierNames.privacy, [address]));
  evidence.push(here(ledgerClaim(record, job.kind), verifierNames.rounds, [address]));
  evidence.push(...refusedMoves(base, reports));
  if (costs !== undefined) evidence.push(...costRecords(base, job.kind, costs));
  evidence.push(
    ...assumptionsOf(state.terms, job).map((assumption) => ({
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

function reportedEvaluations(reports: readonly RoleReport[]): Map<Address, ModelEvaluation> {
  const evaluations = new Map<Address, ModelEvaluation>();
  for (const { event } of reports) {
    if (event.type === 'evaluated' && 'evaluation' in event) evaluations.set(event.model, event.evaluation);
  }
  return evaluations;
}

/**
 * What blobs show of a final round. Whether its step is right is for verifiers to say: evidence of
 * a wrong one is made all the same, and fails their check.
 */
async function findingsOf(
  job: RoundJob,
  record: LedgerRecord,
  blobs: BlobStore,
  number: number,
  evaluation: ModelEvaluation | undefined,
): Promise<RoundFindings> {
  const round = record.state.rounds[number]!;
  const unfound: number[] = [];
  for (const participant of includedParticipants(round)) {
    if (!(await blobs.has(round.commitments[participant]!.blob))) unfound.push(participant);
  }
  const refusals = new Map<number, RefusalFinding>();
  for (const { participant } of round.posted!.refused) {
    if (unfound.includes(participant)) continue;
    refusals.set(participant, await judgeRefusal(job, record, blobs, number, participant));
  }
  if (round.masking !== undefined) {
    const registrations = await fetchRegistrations(blobs, round, {});
    const datasets = datasetsOfRegistrations(record.state, number, registrations);
    const heldOut = unfound.length === 0 ? await heldOutOf(job, record, blobs, number) : undefined;
    return {
      unfound,
      refusals,
      datasets,
      ...(evaluation === undefined ? {} : { evaluation }),
      ...(heldOut === undefined ? {} : { heldOut }),
    };
  }
  const accepted = new Map<number, Update>();
  for (const participant of acceptedParticipants(round)) {
    if (unfound.includes(participant)) continue;
    const outcome = await recomputeUpdate(job, record, blobs, number, participant);
    if (!isUpdateRefusal(outcome)) accepted.set(participant, outcome);
  }
  const datasets = datasetsOf(accepted);
  return { unfound, refusals, datasets, ...(evaluation === undefined ? {} : { evaluation }) };
}

/** What a masked sum says of held-out examples; undefined where the job asks for none. */
async function heldOutOf(
  job: RoundJob,
  record: LedgerRecord,
  blobs: BlobStore,
  number: number,
): Promise<HeldOut | undefined> {
  if (job.arithmetic.kind !== 'masked' || job.arithmetic.heldOut === undefined) return undefined;
  return (await recomputeMaskedStep(job, record, blobs, number)).step?.heldOut;
}

type Base = Pick<Evidence, 'origin' | 'date'> & { readonly grade: 4 };

/** What each mechanism took, in a record of its own: the matrix charges each with its own. */
function costRecords(
  base: Base,
  kind: RoundJob['kind'],
  { bytesMoved, transactions, gas, seconds, masking }: RunCosts,
): Evidence[] {
  const { training, collecting, stepping, checking } = seconds;
  const [work, sums] = kind === 'count' ? ['counting', 'adding up counts'] : ['training', 'averaging'];
  const without = [kind === 'count' ? figures.counting : figures.training, training] as const;
  const measured = (
    sentence: string,
    claim: Pick<Evidence, 'cells' | 'mechanism'>,
    samples: readonly (readonly [FigureDeclaration, number])[],
  ): Evidence => ({
    ...base,
    ...claim,
    kind: 'measurement',
    sentence,
    figures: createFigures(samples),
    check: { how: 'none', because: 'time and traffic of a run cannot be measured again afterwards' },
  });
  return [
    measured(
      `What the ledger took in this run, beside ${work}: waiting for commitments, posting steps, moves and their gas.`,
      {
        cells: ['performance-decentralisation', 'verifiability-decentralisation'],
        mechanism: 'federation.rounds',
      },
      [
        without,
        [figures.collecting, collecting],
        [figures.stepping, stepping],
        [figures.transactions, transactions],
        [figures.gas, gas],
      ],
    ),
    measured(
      `What ${sums} took in this run, beside ${work}: bytes through the stores, and the time in which watchers computed each step again.`,
      { cells: ['verifiability-decentralisation'], mechanism: 'federation.average' },
      [without, [figures.checking, checking], [figures.traffic, bytesMoved]],
    ),
    ...(masking === undefined
      ? []
      : [
          measured(
            `What masks took in this run, beside ${work}: the time in which participants registered and revealed their shares, and what they sent for it.`,
            { cells: ['privacy-decentralisation'], mechanism: 'privacy.masking' },
            [without, [figures.masking, masking.seconds], [figures.maskTraffic, masking.bytes]],
          ),
        ]),
  ];
}

/** Moves that the ledger did not take, as their senders reported. */
function refusedMoves(base: Base, reports: readonly RoleReport[]): Evidence[] {
  const seen = new Set<string>();
  const records: Evidence[] = [];
  for (const { by, event } of reports) {
    if (event.type !== 'moveRefused' || !('refusal' in event) || !('move' in event)) continue;
    const { move, refusal } = event;
    // Two roles that do the same thing, or one that does it again after a crash, are no incident.
    if (!reportedMoves.includes(move.type) || refusal.refused === 'Repeated') continue;
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

/** What a role sends for itself; the rest several send at once, and all but one are refused. */
const reportedMoves: readonly string[] = [
  'join',
  'register',
  'commit',
  'complain',
  'appeal',
  'prove',
  'demand',
  'object',
];
