/**
 * Verifiers of a federated run's evidence: each computes again, from blobs alone, what a record should say, and compares every field of it.
 * They throw a NonetError where a record says something else, and `blob.missing` where a blob is out of reach.
 */
import { type Address, addressOf, NonetError } from '@nonet/core';
import type { BlobStore } from '@nonet/core/ports';
import { type Evidence, toJson, type Verifier, type Verifiers } from '@nonet/core/records';
import { isUpdateRefusal } from '../step.ts';
import {
  accuracyClaim,
  type Claim,
  lastModel,
  ledgerClaim,
  objectionClaim,
  refusalClaim,
  roundClaim,
  roundInputs,
} from './claims.ts';
import { fetchLedgerRecord, type LedgerRecord, sameValue } from './ledgerRecord.ts';
import { encodeEvaluation, recomputeEvaluation, recomputeStep, recomputeUpdate } from './recompute.ts';

/** Replays all moves through the rules. */
const verifyRounds: Verifier = async (evidence, blobs, { job }) => {
  const record = await recordOf(evidence, blobs, job);
  compare(evidence, ledgerClaim(record.state, record.events.length), [evidence.artefact!]);
  return `${record.events.length} moves follow the rules and lead to model ${lastModel(record.state)}`;
};

/** Averages the updates of one round again, and evaluates the model if the record says how good it is. */
const verifyAggregate: Verifier = async (evidence, blobs, { job }) => {
  const record = await recordOf(evidence, blobs, job);
  const number = roundOf(evidence, 'round', record);
  const round = record.state.rounds[number]!;
  const inputs = inputsOf(evidence);
  // Whose update was in no store is not among the inputs; the ledger must say that it was refused.
  const unfound = (round.step?.refused ?? []).filter(
    (participant) => !inputs.includes(round.commitments[participant]!),
  );
  const evaluated = evidence.figures.accuracy !== undefined && job.evaluation !== undefined;
  const isStepped = round.phase === 'final' && round.step !== undefined;
  if (isStepped) {
    const step = await recomputeStep(job, record, blobs, number, unfound);
    if (step?.address !== round.step.model) {
      throw contradiction('aggregate.model', `model ${step?.address ?? 'none'}`, round.step.model);
    }
    if (step.refused.join() !== round.step.refused.join()) {
      throw contradiction('aggregate.refused', `[${step.refused}] refused`, `[${round.step.refused}]`);
    }
  }
  const evaluation =
    isStepped && evaluated ? await recomputeEvaluation(job, blobs, round.step.model) : undefined;
  compare(
    evidence,
    roundClaim(record.state, number, unfound, evaluation),
    roundInputs(job, evidence.artefact!, round, unfound, evaluation !== undefined),
  );
  return isStepped
    ? `averaging again gives model ${round.step.model}${evaluation === undefined ? '' : `, right on ${evaluation.correct} of ${evaluation.count}`}`
    : 'the ledger has no model of this round';
};

/** Evaluates the final model again. */
const verifyAccuracy: Verifier = async (evidence, blobs, { job }) => {
  const [ledger] = inputsOf(evidence);
  const record = await fetchLedgerRecord(blobs, required(ledger, 'the ledger record'), job);
  const model = lastModel(record.state);
  const evaluation = await recomputeEvaluation(job, blobs, model);
  const artefact = addressOf(encodeEvaluation(model, evaluation));
  if (evidence.artefact !== artefact) {
    throw contradiction('accuracy.artefact', `the evaluation ${artefact}`, String(evidence.artefact));
  }
  compare(evidence, accuracyClaim(evaluation), [ledger!, model, job.model.graph, job.evaluation!]);
  return `evaluated again: right on ${evaluation.correct} of ${evaluation.count}`;
};

/** Judges a refused update again. */
const verifyRefusal: Verifier = async (evidence, blobs, { job }) => {
  const record = await recordOf(evidence, blobs, job);
  const number = roundOf(evidence, 'inRound', record);
  const participant = evidence.figures.participant?.value ?? -1;
  const round = record.state.rounds[number]!;
  const commitment = round.commitments[participant];
  if (commitment === undefined || round.step?.refused.includes(participant) !== true) {
    throw contradiction(
      'refusal.participant',
      `a participant refused in round ${number + 1}`,
      String(participant),
    );
  }
  const outcome = await recomputeUpdate(job, record, blobs, number, participant);
  if (!isUpdateRefusal(outcome)) {
    throw contradiction('refusal.update', 'an update that is to be refused', 'an acceptable one');
  }
  compare(evidence, refusalClaim(number, participant, outcome), [evidence.artefact!, commitment]);
  return `the update is ${outcome.refused}`;
};

/** Computes the disputed step again. */
const verifyObjection: Verifier = async (evidence, blobs, { job }) => {
  const record = await recordOf(evidence, blobs, job);
  const { end } = record.state;
  if (end?.reason !== 'objected') {
    throw contradiction('objection.none', 'an objection on the ledger', end?.reason ?? 'none');
  }
  const { number, unfound, inputs } = objectedRound(record, inputsOf(evidence));
  const step = await recomputeStep(job, record, blobs, number, unfound);
  compare(evidence, objectionClaim(record.state, step), [evidence.artefact!, ...inputs]);
  return `recomputed: ${step?.address ?? 'no model'}`;
};

/** The disputed round, whose updates are not among `available`, and from what the step is computed. */
export function objectedRound(record: LedgerRecord, available: readonly Address[]) {
  const number = (record.state.end as { readonly round: number }).round;
  const round = record.state.rounds[number]!;
  const included = Object.keys(round.commitments)
    .map(Number)
    .filter((participant) => !round.unavailable.includes(participant));
  const unfound = included.filter((participant) => !available.includes(round.commitments[participant]!));
  const found = included.filter((participant) => !unfound.includes(participant));
  const inputs = [round.model, ...found.map((participant) => round.commitments[participant]!)];
  return { number, unfound, inputs };
}

/** The verifiers of this package, by the name that evidence uses. */
export const federationVerifiers: Verifiers = {
  'federation.rounds': verifyRounds,
  'federation.aggregate': verifyAggregate,
  'federation.accuracy': verifyAccuracy,
  'federation.refusal': verifyRefusal,
  'federation.objection': verifyObjection,
};

type Parameters = globalThis.Parameters<Verifier>;

async function recordOf(
  evidence: Evidence,
  blobs: BlobStore,
  job: Parameters[2]['job'],
): Promise<LedgerRecord> {
  return fetchLedgerRecord(blobs, required(evidence.artefact, 'the ledger record as artefact'), job);
}

function inputsOf({ check }: Evidence): readonly Address[] {
  return check.how === 'here' ? check.inputs : [];
}

/** The ledger's number of the round that a figure names. */
function roundOf(evidence: Evidence, figure: string, { state }: LedgerRecord): number {
  const number = (evidence.figures[figure]?.value ?? 0) - 1;
  if (state.rounds[number] !== undefined) return number;
  throw contradiction('claim.round', `one of ${state.rounds.length} rounds`, String(number + 1));
}

/** Throws `claim.FIELD` at the first field of a record that does not follow from the facts. */
function compare(evidence: Evidence, claim: Claim, inputs: readonly Address[]): void {
  const { kind, sentence, cells, mechanism, figures } = evidence;
  const found = { kind, sentence, cells, mechanism: mechanism ?? '', figures, inputs: inputsOf(evidence) };
  const expected = { ...claim, inputs };
  for (const field of Object.keys(found) as (keyof typeof found)[]) {
    if (sameValue(found[field], expected[field])) continue;
    throw contradiction(`claim.${field}`, toJson(expected[field]), toJson(found[field]));
  }
}

function required<T>(value: T | undefined, name: string): T {
  if (value !== undefined) return value;
  throw contradiction('claim.artefact', name, 'none');
}

function contradiction(code: string, expected: string, found: string): NonetError {
  return new NonetError({ code, expected: expected.slice(0, 2000), found: found.slice(0, 2000) });
}
