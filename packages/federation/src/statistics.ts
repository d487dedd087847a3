/**
 * Jobs that count: what of their record the sums and their noise follow from, whether it is run as
 * it promises, and what its ledger shows of it. docs/specs/statistics.md §6. Nothing here counts
 * records, so that a verifier can use it.
 */
import { NonetError } from '@nonet/core';
import type { JobState } from '@nonet/core/ports';
import type { CountJob, MaskedSum } from '@nonet/core/records';
import type { PrivacyReport } from '@nonet/privacy/dp';
import {
  answerStatistics,
  planStatistics,
  reportStatistics,
  type StatisticsAnswer,
  type StatisticsPlan,
  type StatisticsPrivacy,
} from '@nonet/privacy/statistics';
import { statisticsMechanism } from './mechanisms.ts';
import { isReadable } from './privacy.ts';
import { includedParticipants } from './rules/state.ts';
import { layoutOf, type Model } from './update/modelBlob.ts';
import { countsOf, createCounts } from './update/serverStep.ts';

/** The fields of a job that its sums follow from. */
export type CountFields = Pick<CountJob, 'query' | 'participants' | 'minParticipants' | 'maxParticipants'>;

/** How a query is counted in masked rounds. */
export interface CountPlan {
  readonly plan: StatisticsPlan;
  /** What the first round adds to. */
  readonly model: Model;
  readonly arithmetic: MaskedSum & CountJob['arithmetic'];
}

/**
 * The layout of a query's sums, with the arithmetic that keeps them exact: each site's share of the
 * 32 bits of a masked sum (step 6.1). Throws what `planStatistics` throws.
 */
export function planCounts(
  { query, participants, minParticipants, maxParticipants }: CountFields,
  threshold: number,
  privacy?: StatisticsPrivacy,
): CountPlan {
  const plan = planStatistics(
    query,
    { minParticipants, maxParticipants, open: participants === 'open' },
    privacy,
  );
  const model = createCounts(plan.entries);
  const mostEntry = Math.floor((2 ** 31 - 1) / maxParticipants);
  const step = { kind: 'count' } as const;
  return {
    plan,
    model,
    arithmetic: { kind: 'maskedSum', ...layoutOf(model), summed: plan.entries, mostEntry, step, threshold },
  };
}

/** What a job that counts promises of single records; undefined for exact sums. Throws `mechanism.parameters`. */
export function statisticsPrivacyOf({ guarantees }: CountJob): StatisticsPrivacy | undefined {
  const guarantee = guarantees.find(({ mechanism }) => mechanism === statisticsMechanism.id);
  return guarantee && statisticsMechanism.parse(guarantee.parameters);
}

/** The layout of a job's sums. Throws `mechanism.parameters` and what `planCounts` throws. */
export function statisticsPlanOf(job: CountJob): StatisticsPlan {
  return planCounts(job, job.arithmetic.threshold, statisticsPrivacyOf(job)).plan;
}

/**
 * That the sums of a job are those of its query, and that its noise keeps what is promised. Throws
 * `job.guarantee`, `mechanism.parameters`, and what `planStatistics` and `reportStatistics` throw:
 * `dp.promise` and others.
 */
export function assertStatisticsDelivered(job: CountJob): void {
  const { arithmetic, guarantees } = job;
  const privacy = statisticsPrivacyOf(job);
  const promises = guarantees.filter(({ mechanism }) => mechanism === statisticsMechanism.id).length;
  if (promises > 1) throw undelivered(`one guarantee ${statisticsMechanism.id}`, String(promises));
  const { plan, arithmetic: right } = planCounts(job, arithmetic.threshold, privacy);
  const describe = ({ entries, headerLeaves, summed, mostEntry }: MaskedSum) =>
    `${summed} sums of integers up to ${mostEntry}, ${entries} numbers behind ${headerLeaves} leaves`;
  const [expected, found] = [describe(right), describe(arithmetic)];
  if (expected !== found) throw undelivered(expected, found);
  if (privacy !== undefined) reportStatistics(plan, job.minParticipants);
}

function undelivered(expected: string, found: string): NonetError {
  return new NonetError({
    code: 'job.guarantee',
    expected,
    found,
    hint: 'Do not take part: the job does not do what it says.',
  });
}

/** What a job's sum came to: the figures that were asked for, and what they cost a record. */
export interface StatisticsResult {
  /** Sites whose counts are in the sum. */
  readonly included: number;
  readonly answers: readonly StatisticsAnswer[];
  /** What the readable sums of the job have spent; undefined where sums are exact. */
  readonly spent?: PrivacyReport;
}

/**
 * The result of a job whose round is final, from its last model (step 6.5). Throws
 * `statistics.round` before, and what `answerStatistics` and `reportStatistics` throw.
 */
export function resultOfCounts(job: CountJob, state: JobState, { flat }: Model): StatisticsResult {
  const round = state.rounds.find(({ phase }) => phase === 'final');
  if (round === undefined) {
    throw new NonetError({ code: 'statistics.round', expected: 'a round that is final', found: 'none' });
  }
  const included = includedParticipants(round).length;
  const plan = statisticsPlanOf(job);
  const answers = answerStatistics(plan, countsOf(flat), included);
  const spent = spentOfCounts(plan, state);
  return { included, answers, ...(spent === undefined ? {} : { spent }) };
}

/**
 * What the readable sums of a job have cost each record that is in all of them: those of void rounds
 * are among them. Undefined where sums are exact, or none could be read. Throws what
 * `reportStatistics` throws.
 */
export function spentOfCounts(
  plan: StatisticsPlan,
  { rounds }: Pick<JobState, 'rounds'>,
): PrivacyReport | undefined {
  const readable = rounds.filter(isReadable).map((round) => includedParticipants(round).length);
  return plan.privacy === undefined || readable.length === 0 ? undefined : reportStatistics(plan, readable);
}
