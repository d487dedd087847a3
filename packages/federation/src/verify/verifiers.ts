/**
 * Verifiers of a federated run's evidence: each computes again, from blobs alone, what a record
 * should say, and compares every field of it. They throw a NonetError where a record says something
 * else, and `blob.missing` where a blob is out of reach.
 */
import { type Address, addressOf, NonetError } from '@nonet/core';
import type { BlobStore, Ledger, Round } from '@nonet/core/ports';
import type { Receipt, Verifier, Verifiers } from '@nonet/core/receipt';
import {
  type Evidence,
  type FigureDeclaration,
  type RoundJob,
  readFigure,
  requireCountJob,
  requireRoundJob,
  requireTrainJob,
  toJson,
} from '@nonet/core/records';
import { assertWithinBudget, type RunCost, scaleBudget, usualBudget } from '@nonet/tensor';
import { federationFigures as figures } from '../figures.ts';
import { assertPrivacyDelivered } from '../privacy.ts';
import { finalModel, includedParticipants, isOver } from '../rules/state.ts';
import { assertStatisticsDelivered, resultOfCounts } from '../statistics.ts';
import type { Update } from '../update/message.ts';
import { fetchModel } from '../update/modelBlob.ts';
import {
  accuracyClaim,
  type Claim,
  incidentClaims,
  ledgerClaim,
  noFindings,
  type RoundFindings,
  refusalClaim,
  roundClaim,
  roundInputs,
  testInputs,
} from './claims.ts';
import { assertComplete, assertRoundsToldOnce, verifierNames, verifierOf } from './completeness.ts';
import type { ModelEvaluation } from './graphEvaluator.ts';
import { assertRecorded, fetchLedgerRecord, type LedgerRecord, sameValue } from './ledgerRecord.ts';
import { privacyClaim } from './privacyClaim.ts';
import {
  encodeEvaluation,
  judgeRefusal,
  type RecomputedSum,
  type RefusalFinding,
  recomputeAccepted,
  recomputeEvaluation,
  recomputeMaskedStep,
  recomputeStep,
} from './recompute.ts';
import { countPrivacyClaim, statisticsClaim, statisticsInputs } from './statisticsClaim.ts';

/** A verifier but for its result: what it found in words. */
type Check = (...parameters: Parameters<Verifier>) => Promise<string>;

/**
 * Replays all moves through the rules, and looks whether the receipt leaves out anything of what
 * they led to.
 */
const verifyRounds: Check = async (evidence, blobs, receipt, ledger) => {
  const { record, job } = await recordOf(evidence.artefact, blobs, receipt, ledger);
  compare(evidence, ledgerClaim(record, job.kind), [evidence.artefact!]);
  assertComplete(receipt, job, record);
  const { chainId, contract } = record.state.ledger;
  const where = `those of contract ${contract} on chain ${chainId}`;
  return (
    `${record.events.length} moves follow the rules, ` +
    `${ledger === undefined ? `are said to be ${where}` : `are ${where}`}, ` +
    `and lead to model ${finalModel(record.state)}`
  );
};

/**
 * What the ledger record alone shows of a round: a record that says otherwise is wrong also where
 * its blobs are out of reach.
 */
function assertFollows(evidence: Evidence, { sentence, figures: shown }: Claim): void {
  const head = sentence.slice(0, -1);
  if (!evidence.sentence.startsWith(head)) throw contradiction('claim.sentence', head, evidence.sentence);
  for (const declaration of [figures.participants, figures.absent, figures.refused]) {
    const [expected, found] = [shown[declaration.name], evidence.figures[declaration.name] ?? null];
    if (!sameValue(expected, found)) throw contradiction('claim.figures', toJson(expected), toJson(found));
  }
}

/** Evaluates a model of a receipt again. */
type Evaluate = (
  receipt: Receipt,
  job: RoundJob,
  blobs: BlobStore,
  model: Address,
) => Promise<ModelEvaluation>;

/**
 * Evaluations within a budget for each receipt: its author chose the graph. A model is
 * evaluated once, however many statements speak of it.
 */
function createEvaluate(budget: RunCost): Evaluate {
  const known = new WeakMap<Receipt, { left: number; evaluations: Map<Address, Promise<ModelEvaluation>> }>();
  return (receipt, job, blobs, model) => {
    const told = known.get(receipt) ?? { left: budget.multiplyAdds, evaluations: new Map() };
    known.set(receipt, told);
    const admit = (cost: RunCost) => {
      assertWithinBudget(
        cost,
        { ...budget, multiplyAdds: told.left },
        'running the graph of this receipt',
        'It was not run. To allow ten times as much: nonet verify --budget 10, or ?budget=10 after the address of the page.',
      );
      told.left -= cost.multiplyAdds;
    };
    const evaluation = told.evaluations.get(model) ?? recomputeEvaluation(job, blobs, model, admit);
    told.evaluations.set(model, evaluation);
    return evaluation;
  };
}

/** Averages the updates of one round again, and evaluates the model if the job has a test set. */
const verifyAggregate =
  (evaluate: Evaluate): Check =>
  async (evidence, blobs, receipt, ledger) => {
    const { record, job } = await recordOf(evidence.artefact, blobs, receipt, ledger);
    const { state } = record;
    const number = roundOf(evidence, figures.round, record);
    const round = state.rounds[number]!;
    if (!isOver(round)) throw contradiction('aggregate.phase', 'a round that is final or void', round.phase);
    if (round.phase === 'void') {
      compare(
        evidence,
        roundClaim(state, number, noFindings, job.kind),
        roundInputs(job, evidence.artefact!, round, noFindings),
      );
      return 'the ledger has no model of this round';
    }
    assertFollows(evidence, roundClaim(state, number, noFindings, job.kind));
    const posted = round.posted!;
    // Updates that are not among the inputs were in no store when the record was made.
    const inputs = inputsOf(evidence);
    const unfound = includedParticipants(round).filter(
      (participant) => !inputs.includes(round.commitments[participant]!.blob),
    );
    const { step, datasets } =
      round.masking === undefined
        ? await recomputeClearStep(job, record, blobs, number, unfound)
        : await recomputeMaskedStep(job, record, blobs, number);
    if (step?.address !== posted.model) {
      throw contradiction('aggregate.model', `model ${step?.address ?? 'none'}`, posted.model);
    }
    if (step.partials?.address !== posted.partials) {
      throw contradiction(
        'aggregate.partials',
        `partial sums ${step.partials?.address ?? 'none'}`,
        posted.partials ?? 'none',
      );
    }
    const refusals = new Map<number, RefusalFinding>();
    for (const { participant } of posted.refused) {
      if (unfound.includes(participant)) continue;
      refusals.set(participant, await judgeRefusal(job, record, blobs, number, participant));
    }
    const evaluation =
      job.kind !== 'train' || job.testSet === undefined
        ? undefined
        : await evaluate(receipt, job, blobs, posted.model);
    const findings: RoundFindings = {
      unfound,
      refusals,
      datasets,
      ...(evaluation === undefined ? {} : { evaluation }),
      ...(step.heldOut === undefined ? {} : { heldOut: step.heldOut }),
    };
    compare(
      evidence,
      roundClaim(state, number, findings, job.kind),
      roundInputs(job, evidence.artefact!, round, findings),
    );
    const right = evaluation === undefined ? '' : `, right on ${evaluation.correct} of ${evaluation.count}`;
    const late = await foundAfterAll(round, unfound, blobs);
    return `averaging again gives model ${posted.model}${right}${late}`;
  };

async function recomputeClearStep(
  job: RoundJob,
  record: LedgerRecord,
  blobs: BlobStore,
  number: number,
  unfound: readonly number[],
): Promise<RecomputedSum> {
  const accepted = await recomputeAccepted(job, record, blobs, number);
  const step = await recomputeStep(job, record, blobs, number, accepted);
  const found = new Map([...accepted].filter(([participant]) => !unfound.includes(participant)));
  return { step, datasets: datasetsOf(found) };
}

const noDataset = `0x${'0'.repeat(64)}`;

/**
 * The dataset commitments that accepted updates name, in the order of participants; zero names
 * none.
 */
export function datasetsOf(accepted: ReadonlyMap<number, Update>): Address[] {
  return [...accepted.values()].flatMap(({ dataset }) => (dataset === noDataset ? [] : [dataset]));
}

/** Evaluates the final model again. */
const verifyAccuracy =
  (evaluate: Evaluate): Check =>
  async (evidence, blobs, receipt, ledger) => {
    const [address] = inputsOf(evidence);
    const { record, job: any } = await recordOf(address, blobs, receipt, ledger);
    const job = requireTrainJob(any);
    const model = finalModel(record.state);
    const evaluation = await evaluate(receipt, job, blobs, model);
    const artefact = addressOf(encodeEvaluation(model, evaluation));
    if (evidence.artefact !== artefact) {
      throw contradiction('accuracy.artefact', `the evaluation ${artefact}`, String(evidence.artefact));
    }
    compare(evidence, accuracyClaim(evaluation, job.data.labels), [address!, model, ...testInputs(job)]);
    return `evaluated again: right on ${evaluation.correct} of ${evaluation.count}`;
  };

/** Computes the figures of a job that counts again from its last model. */
const verifyStatistics: Check = async (evidence, blobs, receipt, ledger) => {
  const [address] = inputsOf(evidence);
  const { record, job: any } = await recordOf(address, blobs, receipt, ledger);
  const job = requireCountJob(any);
  const model = finalModel(record.state);
  if (evidence.artefact !== model) {
    throw contradiction('statistics.artefact', `the counts ${model}`, String(evidence.artefact));
  }
  const result = resultOfCounts(job, record.state, await fetchModel(blobs, model, job.arithmetic));
  compare(evidence, statisticsClaim(result), statisticsInputs(address!, model));
  return `computed again from the counts of ${result.included} participants`;
};

/** Judges the reason for which an update was refused. */
const verifyRefusal: Check = async (evidence, blobs, receipt, ledger) => {
  const { record, job } = await recordOf(evidence.artefact, blobs, receipt, ledger);
  const number = roundOf(evidence, figures.inRound, record);
  const participant = readFigure(evidence, figures.participant)?.value ?? -1;
  const { phase, posted, commitments } = record.state.rounds[number]!;
  if (phase !== 'final' || !posted!.refused.some((refused) => refused.participant === participant)) {
    throw contradiction(
      'refusal.participant',
      `a participant refused in final round ${number + 1}`,
      String(participant),
    );
  }
  const finding = await judgeRefusal(job, record, blobs, number, participant);
  const { blob } = commitments[participant]!;
  compare(evidence, refusalClaim(record.state, number, participant, finding), [evidence.artefact!, blob]);
  return finding === 'true' ? 'the reason is true' : `the reason is not true: ${finding}`;
};

/** Finds a proven lie, an objection or a demand in the ledger's record. */
const verifyIncident: Check = async (evidence, blobs, receipt, ledger) => {
  const { record } = await recordOf(evidence.artefact, blobs, receipt, ledger);
  const claim = incidentsOf(record).get(evidence.sentence);
  if (claim === undefined) {
    throw contradiction('incident.none', 'what the ledger shows', evidence.sentence);
  }
  compare(evidence, claim, [evidence.artefact!]);
  return 'the ledger’s record shows it, and its rules accept what was shown';
};

/**
 * Counts again what was released, and accounts for it: what a job promises is derived from its
 * noise, and has to be delivered by the way in which the job is run.
 */
const verifyPrivacy: Check = async (evidence, blobs, receipt, ledger) => {
  const { record, job } = await recordOf(evidence.artefact, blobs, receipt, ledger);
  if (job.kind === 'count') assertStatisticsDelivered(job);
  else assertPrivacyDelivered(job);
  const claim = job.kind === 'count' ? countPrivacyClaim(record.state, job) : privacyClaim(record.state, job);
  if (claim === undefined) {
    throw contradiction('privacy.none', 'a job that promises differential privacy', 'none');
  }
  compare(evidence, claim, [evidence.artefact!]);
  const { max } = readFigure(evidence, figures.epsilonSpent)!;
  const { value } = readFigure(evidence, figures.releasesRead)!;
  return `accounting again for ${value} rounds that the ledger shows gives epsilon ${max}`;
};

/** Each starts from the ledger record, which `recordOf` compares with the ledger, if there is one. */
function withConfirmation(check: Check): Verifier {
  return async (evidence, blobs, receipt, ledger) => ({
    found: await check(evidence, blobs, receipt, ledger),
    confirmed: ledger !== undefined,
  });
}

/**
 * The verifiers of this package, by the name that evidence uses. What the graph of a receipt may
 * take is bounded for the receipt as a whole, by `factor` times the usual budget; beyond it a
 * statement is undecided, with the figures.
 */
export function createFederationVerifiers(factor = 1): Verifiers {
  const evaluate = createEvaluate(scaleBudget(usualBudget, factor));
  return {
    [verifierNames.rounds]: withConfirmation(verifyRounds),
    [verifierNames.aggregate]: withConfirmation(verifyAggregate(evaluate)),
    [verifierNames.accuracy]: withConfirmation(verifyAccuracy(evaluate)),
    [verifierNames.refusal]: withConfirmation(verifyRefusal),
    [verifierNames.incident]: withConfirmation(verifyIncident),
    [verifierNames.privacy]: withConfirmation(verifyPrivacy),
    [verifierNames.statistics]: withConfirmation(verifyStatistics),
  };
}

/** These verifiers with the usual budget. */
export const federationVerifiers: Verifiers = createFederationVerifiers();

interface Told {
  readonly job: RoundJob;
  readonly record: LedgerRecord;
}

/**
 * By receipt: replaying a long record, or asking the ledger, once per statement would take minutes.
 */
const records = new WeakMap<Receipt, Map<Address, Promise<Told>>>();

/** By record: a record of many incidents has as many statements about them. */
const incidents = new WeakMap<LedgerRecord, ReadonlyMap<string, Claim>>();

function incidentsOf(record: LedgerRecord): ReadonlyMap<string, Claim> {
  const known =
    incidents.get(record) ?? new Map(incidentClaims(record).map((claim) => [claim.sentence, claim]));
  incidents.set(record, known);
  return known;
}

/** The ledger record of a receipt: there is one, which the ledger, if it can be asked, confirms. */
export function recordOf(
  address: Address | undefined,
  blobs: BlobStore,
  receipt: Receipt,
  ledger: Ledger | undefined,
): Promise<Told> {
  const read = async (): Promise<Told> => {
    const named = receipt.evidence.filter((record) => verifierOf(record) === verifierNames.rounds);
    if (named.length !== 1 || address === undefined || named[0]!.artefact !== address) {
      const expected = 'one ledger record, with a statement about it, for the whole receipt';
      const others = named.map(({ artefact }) => artefact ?? 'none').join(', ');
      throw contradiction('claim.artefact', expected, `${address ?? 'none'} besides [${others}]`);
    }
    assertRoundsToldOnce(receipt);
    const job = requireRoundJob(receipt.job);
    const record = await fetchLedgerRecord(blobs, address, job);
    if (ledger !== undefined) await assertRecorded(record, ledger);
    return { job, record };
  };
  if (address === undefined) return read();
  const known = records.get(receipt) ?? new Map<Address, Promise<Told>>();
  records.set(receipt, known);
  const record = known.get(address) ?? read();
  known.set(address, record);
  return record;
}

/**
 * What a record left out as not found may have turned up since, or have been there all the time.
 */
async function foundAfterAll(round: Round, unfound: readonly number[], blobs: BlobStore): Promise<string> {
  const found: number[] = [];
  for (const participant of unfound) {
    if (await blobs.has(round.commitments[participant]!.blob).catch(() => false)) found.push(participant);
  }
  return found.length === 0
    ? ''
    : `; the updates of participants [${found}], said to be nowhere, can be found now`;
}

function inputsOf({ check }: Evidence): readonly Address[] {
  return check.how === 'here' ? check.inputs : [];
}

/** The ledger's number of the round that a figure names. */
function roundOf(evidence: Evidence, declaration: FigureDeclaration, { state }: LedgerRecord): number {
  const number = (readFigure(evidence, declaration)?.value ?? 0) - 1;
  if (state.rounds[number] !== undefined) return number;
  throw contradiction('claim.round', `one of ${state.rounds.length} rounds`, String(number + 1));
}

/** Throws `claim.FIELD` at the first field of a record that does not follow from the facts. */
function compare(evidence: Evidence, claim: Claim, inputs: readonly Address[]): void {
  const { kind, sentence, cells, mechanism = '', origin } = evidence;
  const found = {
    ...{ kind, sentence, cells, mechanism },
    figures: evidence.figures,
    inputs: inputsOf(evidence),
    grade: 'grade' in evidence ? evidence.grade : 0,
    // No other source is quoted for what the run itself shows.
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
