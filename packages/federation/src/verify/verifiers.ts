/**
 * Verifiers of a federated run's evidence: each computes again, from blobs alone, what a record should say, and compares every field of it.
 * They throw a NonetError where a record says something else, and `blob.missing` where a blob is out of reach.
 */
import { type Address, addressOf, NonetError } from '@nonet/core';
import type { BlobStore, Ledger, Round } from '@nonet/core/ports';
import type { Receipt, Verifier, Verifiers } from '@nonet/core/receipt';
import { type Evidence, toJson } from '@nonet/core/records';
import { isUpdateRefusal } from '../update/step.ts';
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
import { assertComplete, verifierOf } from './completeness.ts';
import { assertRecorded, fetchLedgerRecord, isOver, type LedgerRecord, sameValue } from './ledgerRecord.ts';
import {
  encodeEvaluation,
  recomputeEvaluation,
  recomputeStep,
  recomputeUpdate,
  recomputeUpdates,
  unavailable,
} from './recompute.ts';

/** Replays all moves through the rules, and looks whether the receipt leaves out anything of what they led to. */
const verifyRounds: Verifier = async (evidence, blobs, receipt, ledger) => {
  const record = await recordOf(evidence.artefact, blobs, receipt, ledger);
  compare(evidence, ledgerClaim(record.state, record.events.length), [evidence.artefact!]);
  assertComplete(receipt, record.state);
  return `${record.events.length} moves follow the rules${ledger === undefined ? '' : ', agree with the ledger'} and lead to model ${lastModel(record.state)}`;
};

/** Averages the updates of one round again, and evaluates the model if the job has a test set. */
const verifyAggregate: Verifier = async (evidence, blobs, receipt, ledger) => {
  const { job } = receipt;
  const record = await recordOf(evidence.artefact, blobs, receipt, ledger);
  const number = roundOf(evidence, 'round', record);
  const round = record.state.rounds[number]!;
  if (!isOver(round)) throw contradiction('aggregate.phase', 'a round that is final or void', round.phase);
  const inputs = inputsOf(evidence);
  const { step: posted } = round;
  if (round.phase === 'void' || posted === undefined) {
    const claim = roundClaim(record.state, number, { unfound: [], acceptable: [] }, undefined);
    compare(evidence, claim, roundInputs(job, evidence.artefact!, round, [], false));
    return 'the ledger has no model of this round';
  }
  // Whose update was in no store is not among the inputs; the ledger must say that it was refused.
  const unfound = posted.refused.filter((participant) => !inputs.includes(round.commitments[participant]!));
  const outcomes = await recomputeUpdates(job, record, blobs, number, unfound);
  const acceptable = posted.refused.filter((participant) => !isUpdateRefusal(outcomes.get(participant)!));
  for (const participant of acceptable) outcomes.set(participant, unavailable);
  const step = await recomputeStep(job, record, blobs, number, outcomes);
  if (step?.address !== posted.model) {
    throw contradiction('aggregate.model', `model ${step?.address ?? 'none'}`, posted.model);
  }
  if (step.refused.join() !== posted.refused.join()) {
    throw contradiction('aggregate.refused', `[${step.refused}] refused`, `[${posted.refused}]`);
  }
  const evaluated = job.evaluation !== undefined;
  const evaluation = evaluated ? await recomputeEvaluation(job, blobs, posted.model) : undefined;
  compare(
    evidence,
    roundClaim(record.state, number, { unfound, acceptable }, evaluation),
    roundInputs(job, evidence.artefact!, round, unfound, evaluated),
  );
  const right = evaluation === undefined ? '' : `, right on ${evaluation.correct} of ${evaluation.count}`;
  return `averaging again gives model ${posted.model}${right}${await foundAfterAll(round, unfound, blobs)}`;
};

/** Evaluates the final model again. */
const verifyAccuracy: Verifier = async (evidence, blobs, receipt, ledger) => {
  const { job } = receipt;
  const [address] = inputsOf(evidence);
  const record = await recordOf(address, blobs, receipt, ledger);
  const model = lastModel(record.state);
  const evaluation = await recomputeEvaluation(job, blobs, model);
  const artefact = addressOf(encodeEvaluation(model, evaluation));
  if (evidence.artefact !== artefact) {
    throw contradiction('accuracy.artefact', `the evaluation ${artefact}`, String(evidence.artefact));
  }
  compare(evidence, accuracyClaim(evaluation), [address!, model, job.model.graph, job.evaluation!]);
  return `evaluated again: right on ${evaluation.correct} of ${evaluation.count}`;
};

/** Judges a refused update again. */
const verifyRefusal: Verifier = async (evidence, blobs, receipt, ledger) => {
  const record = await recordOf(evidence.artefact, blobs, receipt, ledger);
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
  const outcome = await recomputeUpdate(receipt.job, record, blobs, number, participant);
  compare(evidence, refusalClaim(number, participant, outcome), [evidence.artefact!, commitment]);
  return `the update is ${isUpdateRefusal(outcome) ? outcome.refused : 'acceptable now'}`;
};

/** Computes the disputed step again. */
const verifyObjection: Verifier = async (evidence, blobs, receipt, ledger) => {
  const { job } = receipt;
  const record = await recordOf(evidence.artefact, blobs, receipt, ledger);
  const { end } = record.state;
  if (end?.reason !== 'objected') {
    throw contradiction('objection.none', 'an objection on the ledger', end?.reason ?? 'none');
  }
  const { number, unfound, inputs } = objectedRound(record, inputsOf(evidence));
  const outcomes = await recomputeUpdates(job, record, blobs, number, unfound);
  const step = await recomputeStep(job, record, blobs, number, outcomes);
  compare(evidence, objectionClaim(record.state, step, unfound), [evidence.artefact!, ...inputs]);
  const late = await foundAfterAll(record.state.rounds[number]!, unfound, blobs);
  return `recomputed: ${step?.address ?? 'no model'}${late}`;
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

/** By receipt: replaying a long record, or asking the ledger, once per statement would take minutes. */
const records = new WeakMap<Receipt, Map<Address, Promise<LedgerRecord>>>();

/** The ledger record of a receipt: there is one, which the ledger, if it can be asked, confirms. */
function recordOf(
  address: Address | undefined,
  blobs: BlobStore,
  receipt: Receipt,
  ledger: Ledger | undefined,
): Promise<LedgerRecord> {
  const read = async (): Promise<LedgerRecord> => {
    const named = receipt.evidence.filter((record) => verifierOf(record) === 'federation.rounds');
    if (named.length !== 1 || address === undefined || named[0]!.artefact !== address) {
      const expected = 'one ledger record, with a statement about it, for the whole receipt';
      const others = named.map(({ artefact }) => artefact ?? 'none').join(', ');
      throw contradiction('claim.artefact', expected, `${address ?? 'none'} besides [${others}]`);
    }
    const record = await fetchLedgerRecord(blobs, address, receipt.job);
    if (ledger !== undefined) await assertRecorded(record, ledger);
    return record;
  };
  if (address === undefined) return read();
  const known = records.get(receipt) ?? new Map<Address, Promise<LedgerRecord>>();
  records.set(receipt, known);
  const record = known.get(address) ?? read();
  known.set(address, record);
  return record;
}

/** What a record left out as not found may have turned up since, or have been there all the time: whoever verifies is told. */
async function foundAfterAll(round: Round, unfound: readonly number[], blobs: BlobStore): Promise<string> {
  const found: number[] = [];
  for (const participant of unfound) {
    if (await blobs.has(round.commitments[participant]!).catch(() => false)) found.push(participant);
  }
  return found.length === 0
    ? ''
    : `; the updates of participants [${found}], said to be nowhere, can be found now`;
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
  const { kind, sentence, cells, mechanism = '', figures, origin } = evidence;
  const found = {
    ...{ kind, sentence, cells, mechanism, figures },
    inputs: inputsOf(evidence),
    grade: 'grade' in evidence ? evidence.grade : 0,
    // Nobody else is quoted for what the run itself shows.
    origin: origin.type,
  };
  const expected = { ...claim, inputs, grade: 4, origin: 'run' };
  for (const field of Object.keys(found) as (keyof typeof found)[]) {
    if (sameValue(found[field], expected[field])) continue;
    throw contradiction(`claim.${field}`, toJson(expected[field]), toJson(found[field]));
  }
}

function contradiction(code: string, expected: string, found: string): NonetError {
  return new NonetError({ code, expected: expected.slice(0, 2000), found: found.slice(0, 2000) });
}
