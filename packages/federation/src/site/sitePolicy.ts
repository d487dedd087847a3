/**
 * What a site's owner allows, checked before the site joins a job. Every rule is optional; an
 * absent rule allows.
 */
import { type Address, NonetError } from '@nonet/core';
import type { Account } from '@nonet/core/identity';
import { isMasked, type RoundJob } from '@nonet/core/records';
import { type PrivacyParameters, parsePrivacyParameters, privacyMechanismId } from '@nonet/privacy/dp';
import type { StatisticsPrivacy } from '@nonet/privacy/statistics';
import { maskingMechanism, statisticsMechanism } from '../mechanisms.ts';
import { assertPrivacyDelivered } from '../privacy.ts';
import { assertStatisticsDelivered, statisticsPrivacyOf } from '../statistics.ts';
import type { PrivacyLimit } from './privacyBudget.ts';

/** What a participant's site allows; a limit that is absent allows everything. */
export interface SitePolicy {
  readonly creators?: readonly Account[];
  readonly maximumRounds?: number;
  /** Smallest cohort that one's update may be averaged in. */
  readonly minParticipants?: number;
  /** Forward graphs that may be trained here. */
  readonly graphs?: readonly Address[];
  /** The labels that one's data have, in this order. */
  readonly labels?: readonly string[];
  /**
   * Columns that may be used: as features, and for the label unless `labels` says what it may be.
   */
  readonly columns?: readonly string[];
  /** Mechanisms without which the site does not take part. */
  readonly guarantees?: readonly string[];
  /**
   * What may be spent of the dataset's privacy, over all jobs. A job must promise as much by itself;
   * what is left of it is for the budget to say (privacyBudget.ts).
   */
  readonly privacy?: PrivacyLimit;
  /**
   * The largest part of the smallest cohort, up to 1, on whose noise a job's promise may count; a job
   * whose sites each add all of their noise counts on none.
   */
  readonly honestPart?: number;
}

type Require = (holds: boolean | undefined, expected: string, found: unknown) => void;

/** That the job's own promise is no weaker than the limit. */
function assertPromise(job: RoundJob, limit: PrivacyLimit, require: Require): void {
  const expected = `privacy of each ${limit.unit}, epsilon at most ${limit.epsilon} at delta ${limit.delta}`;
  const promise = promiseOf(job);
  require(promise !== undefined, expected, 'no differential privacy');
  const { unit, epsilon, delta } = promise!;
  const covers = unit === 'participant' || limit.unit === 'record';
  require(covers &&
    epsilon <= limit.epsilon &&
    delta <= limit.delta, expected, `each ${unit}, epsilon ${epsilon} at delta ${delta}`);
}

/** That no more of the smallest cohort are taken to be honest than the site's owner does. */
function assertHonestPart(job: RoundJob, part: number, require: Require): void {
  const promise = promiseOf(job);
  if (promise === undefined || !('honest' in promise)) return;
  const { honest } = promise;
  require(honest <=
    part *
      job.minParticipants, `noise of at most ${100 * part} % of ${job.minParticipants} participants, the smallest cohort, to count on`, honest);
}

function promiseOf(job: RoundJob): PrivacyParameters | StatisticsPrivacy | undefined {
  if (job.kind === 'count') return statisticsPrivacyOf(job);
  const guarantee = job.guarantees.find(({ mechanism }) => mechanism === privacyMechanismId);
  return guarantee && parsePrivacyParameters(guarantee.parameters);
}

/** Throws `policy.refused`, naming the first rule that the job breaks. */
export function assertPolicy(job: RoundJob, policy: SitePolicy): void {
  const require: Require = (holds, expected, found) => {
    if (holds !== false) return;
    throw new NonetError({
      code: 'policy.refused',
      expected: `a job with ${expected} (this site's policy)`,
      found: String(found),
      hint: "Decline the job, or change the site's policy.",
    });
  };
  const { creators, maximumRounds, minParticipants, graphs, labels, columns, guarantees } = policy;
  require(creators?.includes(job.creator), 'a known creator', job.creator);
  require(maximumRounds === undefined ||
    job.rounds <= maximumRounds, `at most ${maximumRounds} rounds`, job.rounds);
  require(minParticipants === undefined ||
    job.minParticipants >=
      minParticipants, `at least ${minParticipants} participants a round`, job.minParticipants);
  const graph = 'graph' in job.model ? job.model.graph : undefined;
  require(graphs === undefined || (graph !== undefined && graphs.includes(graph)), 'a known graph', graph ??
    (job.kind === 'count' ? 'a query' : 'an opaque model'));
  if (job.kind === 'train') {
    require(labels === undefined ||
      labels.join('\n') ===
        job.data.labels.join('\n'), `the labels ${labels?.join(', ')}`, job.data.labels.join(', '));
  }
  for (const name of columnsUsed(job, labels !== undefined)) {
    require(columns?.includes(name), `no other columns than ${columns?.join(', ')}`, name);
  }
  if (policy.privacy !== undefined) assertPromise(job, policy.privacy, require);
  if (policy.honestPart !== undefined) assertHonestPart(job, policy.honestPart, require);
  for (const mechanism of guarantees ?? []) {
    require(job.guarantees.some(
      (guarantee) => guarantee.mechanism === mechanism,
    ), `the guarantee ${mechanism}`, job.guarantees.map((guarantee) => guarantee.mechanism).join(', ') ||
      'none');
  }
}

/** The column of the label is not among them where a rule says what it may hold. */
function columnsUsed(job: RoundJob, areLabelsKnown: boolean): string[] {
  if (job.kind === 'count') return job.query.columns.map(({ name }) => name);
  const { columns = [], target } = job.data.table ?? {};
  const used = columns.map(({ name }) => name);
  return target === undefined || areLabelsKnown ? used : [...used, target];
}

/**
 * Throws `job.guarantee` on a job that names a guarantee of ours, and is not run so; and what
 * `assertPrivacyDelivered` throws of noise that does not keep what is promised.
 */
export function assertDelivered(job: RoundJob): void {
  const { arithmetic, guarantees } = job;
  if (job.kind === 'count') assertStatisticsDelivered(job);
  else assertPrivacyDelivered(job);
  const foreign = job.kind === 'count' ? privacyMechanismId : statisticsMechanism.id;
  for (const { mechanism, parameters } of guarantees) {
    if (mechanism === foreign) {
      throw new NonetError({
        code: 'job.guarantee',
        expected: `a job of another kind, as its guarantee ${mechanism} says`,
        found: `a job of the kind ${job.kind}`,
        hint: 'Do not take part: the job promises what it does not do.',
      });
    }
    if (mechanism !== maskingMechanism.id) continue;
    const { threshold } = maskingMechanism.parse(parameters);
    const found = isMasked(arithmetic) ? arithmetic.threshold : undefined;
    if (found === threshold) continue;
    throw new NonetError({
      code: 'job.guarantee',
      expected: `a job whose updates are masked with a threshold of ${threshold} %, as its guarantee ${mechanism} says`,
      found: found === undefined ? 'a job of clear updates' : `a threshold of ${found} %`,
      hint: 'Do not take part: the job promises what it does not do.',
    });
  }
}
