/**
 * What a participant may still release of its data in a job that promises differential privacy: the
 * job's planned sums, and the site's budget. docs/specs/dp.md §12.1 and §14. Both are asked before
 * anything is computed, and the budget is charged before anything leaves.
 */
import { type Address, NonetError } from '@nonet/core';
import { type JobState, jobIdOf } from '@nonet/core/ports';
import type { RoundJob } from '@nonet/core/records';
import { chargeOfRound } from '@nonet/privacy/dp';
import { chargesOfStatistics } from '@nonet/privacy/statistics';
import { countReleases, privacyOf } from '../privacy.ts';
import type { ContributionCost, PublishedContribution } from '../site/privacyBudget.ts';
import { statisticsPlanOf } from '../statistics.ts';
import type { ParticipantParameters } from './participation.ts';

export interface Releases {
  /** Before the job is joined: whether all of its planned sums have room. Throws `budget.spent`. */
  assertJoinable(): Promise<void>;
  /** How many of the job's planned sums are left for `round` and those after it. */
  countLeft(state: JobState, own: number, round: number): number;
  /** Throws `privacy.releases`, and what `PrivacyBudget.assertRoom` throws. */
  assertRoom(state: JobState, own: number, round: number): Promise<void>;
  /** Durable when it resolves; only then may the contribution leave. Throws as the budget does. */
  charge(state: JobState, own: number, round: number, contribution: Address): Promise<void>;
}

interface Promised {
  readonly epsilon: number;
  readonly delta: number;
  /** Sums that may become readable. */
  readonly releases: number;
  /** Of one of them. */
  readonly cost: ContributionCost;
}

function promiseOf(job: RoundJob): Promised | undefined {
  if (job.kind === 'count') {
    const plan = statisticsPlanOf(job);
    if (plan.privacy === undefined) return undefined;
    const [first, ...besides] = chargesOfStatistics(plan);
    return { ...plan.privacy, cost: { ...first!, besides } };
  }
  const privacy = privacyOf(job);
  if (privacy === undefined) return undefined;
  return { ...privacy.parameters, cost: chargeOfRound(privacy.parameters, privacy.setting) };
}

/** Undefined for a job without such a promise. Throws `budget.none` where a site keeps no budget. */
export function createReleases({ job, budget }: ParticipantParameters): Releases | undefined {
  const promised = promiseOf(job);
  if (promised === undefined) return undefined;
  if (budget === undefined) {
    throw new NonetError({
      code: 'budget.none',
      expected: 'a privacy budget to charge, since the job promises differential privacy',
      found: 'none',
      hint: 'Give the participant a budget: createFileBudget keeps one on disk.',
    });
  }
  const { cost, epsilon, delta, releases } = promised;

  return {
    assertJoinable: () => budget.assertRoom(cost, releases),
    countLeft: (state, own, round) => countReleases(promised, state, own, round),
    async assertRoom(state, own, round) {
      if (countReleases(promised, state, own, round) < 1) {
        throw new NonetError({
          code: 'privacy.releases',
          expected: `one of the ${releases} sums for which the job promises epsilon ${epsilon} at delta ${delta}`,
          found: 'all of them released',
          hint: 'Nothing more leaves this site for the job. Plan more releases than rounds, for those that become void.',
        });
      }
      await budget.assertRoom(cost, 1);
    },
    async charge(state, own, round, contribution) {
      const job = jobIdOf(state.terms);
      const published = state.rounds.flatMap(({ commitments }, number): PublishedContribution[] => {
        const commitment = commitments[own];
        return commitment === undefined ? [] : [{ job, round: number, contribution: commitment.blob }];
      });
      await budget.charge({ ...cost, job, round, contribution }, published);
    },
  };
}
