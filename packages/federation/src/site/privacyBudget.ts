/**
 * A site's cumulative privacy budget: what has been released of one dataset, across jobs, and
 * whether more may leave. docs/specs/dp.md §14. It is charged before anything leaves, by the most
 * that a round may cost, and gives nothing back: a round that turns out void, or had more survivors
 * than the smallest cohort, has cost less than was charged. It is a filter: epsilon holds although
 * later jobs are chosen by what earlier ones released, as long as the limit itself and the distances
 * of the samplers are not (step 14.6). Records that are in two datasets are charged in each for itself.
 */
import { type Address, NonetError } from '@nonet/core';
import { composeCharges, orderOfBudget, type RoundCharge } from '@nonet/privacy/dp';

/** What the site's owner allows to be spent of a dataset, over all jobs. */
export interface PrivacyLimit {
  /**
   * What is protected. Rounds that protect participants protect their records too; the reverse is
   * not so, and such rounds are refused.
   */
  readonly unit: 'record' | 'participant';
  readonly epsilon: number;
  readonly delta: number;
}

/** What one contribution costs: a release, and those that are in the same bytes with noise of their own. */
export interface ContributionCost extends RoundCharge {
  readonly besides?: readonly RoundCharge[];
}

/** One contribution and what it costs. */
export interface BudgetCharge extends ContributionCost {
  /** The job's name on the ledger. */
  readonly job: Address;
  readonly round: number;
  /** The address of the bytes that are about to leave. */
  readonly contribution: Address;
}

/** A contribution of this account from the dataset, as a ledger shows it. */
export interface PublishedContribution {
  readonly job: Address;
  readonly round: number;
  /** As committed: its first 224 bits bind (round.md §4.1). */
  readonly contribution: Address;
}

/** The budget of one dataset. */
export interface PrivacyBudget {
  /**
   * Epsilon at the limit's delta of everything charged; Infinity where a charge does not protect
   * what the limit is about.
   */
  spent(): Promise<number>;
  /**
   * Durable when it resolves. Bytes that were charged before, for the same job, cost nothing again.
   * `published` are the contributions that the ledger shows of this account, in all of its jobs that
   * this dataset was used for. Throws `budget.behind` where one of them was never charged, `budget.spent` beyond
   * the limit, `budget.unit` where the round does not protect what the limit is about; nothing is
   * charged then, and nothing may leave.
   */
  charge(charge: BudgetCharge, published: readonly PublishedContribution[]): Promise<'charged' | 'repeated'>;
  /** Whether so many more of these rounds have room, for before a job is joined. Throws as `charge`. */
  assertRoom(round: ContributionCost, rounds: number): Promise<void>;
}

/** `0x` and the digits of 224 bits. */
const boundDigits = 2 + 224 / 4;

/** What one change of the limit's unit may tell: a round for single records bounds no participant. */
const protects = ({ unit }: ContributionCost, limit: PrivacyLimit) =>
  limit.unit === 'record' || unit === 'participant';

const partsOf = ({ besides = [], ...charge }: ContributionCost): RoundCharge[] => [charge, ...besides];

/** Epsilon of what was charged, at the limit's delta; Infinity where the limit's unit is not protected. */
export function spentEpsilon(charges: readonly ContributionCost[], limit: PrivacyLimit): number {
  const [first] = charges;
  if (first === undefined) return 0;
  if (!charges.every((charge) => protects(charge, limit))) return Number.POSITIVE_INFINITY;
  // Step 14.6. Without a limit there is nothing to keep, and any order is a figure.
  const orders = limit.epsilon < Infinity ? [orderOfBudget(partsOf(first), limit)] : undefined;
  return composeCharges(charges.flatMap(partsOf), limit.delta, orders);
}

/** What so many such rounds cost. */
export function repeatCost({ besides, ...round }: ContributionCost, rounds: number): ContributionCost {
  const repeat = (charge: RoundCharge): RoundCharge => ({
    ...charge,
    count: rounds * charge.count,
    distance: rounds * charge.distance,
  });
  return { ...repeat(round), ...(besides === undefined ? {} : { besides: besides.map(repeat) }) };
}

/** Throws `budget.unit` and `budget.spent`. */
export function assertRoom(
  charges: readonly ContributionCost[],
  more: readonly ContributionCost[],
  limit: PrivacyLimit,
): void {
  const expected = "rounds that protect participants (this site's budget)";
  if (!more.every((charge) => protects(charge, limit))) {
    throw new NonetError({
      code: 'budget.unit',
      expected,
      found: 'rounds that protect single records',
      hint: 'Decline the job, or set the budget for records.',
    });
  }
  // A limit for records may have become one for participants since.
  const earlier = charges.filter((charge) => !protects(charge, limit)).length;
  if (earlier > 0) {
    throw new NonetError({
      code: 'budget.unit',
      expected,
      found: `${earlier} that protected single records, charged under another limit`,
      hint: 'What they tell of a participant has no bound. Set the budget for records, or use other data.',
    });
  }
  const epsilon = spentEpsilon([...charges, ...more], limit);
  if (epsilon <= limit.epsilon) return;
  throw new NonetError({
    code: 'budget.spent',
    expected: `epsilon of at most ${limit.epsilon} at delta ${limit.delta} over all jobs (this site's budget for the dataset)`,
    found: `${spentEpsilon(charges, limit).toFixed(3)} spent, ${epsilon.toFixed(3)} with this`,
    hint: 'Nothing was sent. Take part with data that were not used yet, or raise the budget knowingly.',
  });
}

/**
 * Throws `budget.behind` where the ledger shows a contribution that was never charged: a budget that
 * was restored from a backup, or begun anew, and knows less than has been released.
 */
export function assertKnows(
  charges: readonly Pick<BudgetCharge, 'job' | 'contribution'>[],
  published: readonly PublishedContribution[],
): void {
  const keyOf = ({ job, contribution }: Pick<BudgetCharge, 'job' | 'contribution'>) =>
    `${job} ${contribution.slice(0, boundDigits)}`;
  const known = new Set(charges.map(keyOf));
  const missing = published.filter((contribution) => !known.has(keyOf(contribution)));
  const [first] = missing;
  if (first === undefined) return;
  throw new NonetError({
    code: 'budget.behind',
    expected: 'a privacy budget that knows every contribution of this account that the ledger shows',
    found: `${missing.length} unknown, first one in round ${first.round} of job ${first.job}`,
    hint: 'Put the newest copy of the budget back. If it is lost, what was spent is not known: use other data.',
  });
}

/** Whether the very bytes were charged for this job. */
export function isCharged(charges: readonly BudgetCharge[], { job, contribution }: BudgetCharge): boolean {
  return charges.some((known) => known.job === job && known.contribution === contribution);
}

/** For tests and simulations: survives a role, not the process. */
export function createMemoryBudget(limit: PrivacyLimit): PrivacyBudget {
  const charges: BudgetCharge[] = [];
  return {
    spent: async () => spentEpsilon(charges, limit),
    async charge(charge, published) {
      if (isCharged(charges, charge)) return 'repeated';
      assertKnows(charges, published);
      assertRoom(charges, [charge], limit);
      charges.push(charge);
      return 'charged';
    },
    assertRoom: async (round, rounds) => assertRoom(charges, [repeatCost(round, rounds)], limit),
  };
}
