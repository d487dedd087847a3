/**
 * What a run has spent, from what its ledger shows: which sums became readable, and how many
 * participants were in each. docs/specs/dp.md §13.
 */
import { MisuseError } from '@nonet/core';
import { accountRenyi, profileOfRenyi, renyiCurve, renyiOrders } from './accountants/renyi.ts';
import type { DiscreteGaussianSumMechanism, Release } from './mechanism.ts';
import { type PrivacyParameters, unitOf } from './parameters.ts';
import { distanceOf, type PrivacySetting, releaseOf, sigmaOf } from './plan.ts';
import {
  certainlyHonest,
  createPrivacyReport,
  epsilonWithDistance,
  type PrivacyReport,
  type ReportedRelease,
} from './report.ts';
import type { PrivacyUnit } from './unit.ts';

/** What of a job the noise in one of its sums depends on. */
export type SumSetting = Pick<PrivacySetting, 'dimension' | 'minParticipants' | 'open'>;

/** A round as the ledger shows it. */
export interface ObservedRound {
  /** Participants in the sum. */
  readonly included: number;
  /**
   * Whether the sum became readable: its set was answered, or its updates were never masked. Void
   * rounds may be.
   */
  readonly readable: boolean;
}

/** Rounds of a run as epsilon. */
export interface SpentPrivacy {
  /** Rounds that were charged; void ones whose sum became readable among them. */
  readonly charged: number;
  /** `undefined` where nothing was released: nothing is spent. */
  readonly report: PrivacyReport | undefined;
}

/** What one round costs a participant in the smallest cohort, before anything is known of it. */
export interface RoundCharge {
  readonly unit: PrivacyUnit['of'];
  readonly mechanism: DiscreteGaussianSumMechanism;
  /** Releases of the mechanism in the round. */
  readonly count: number;
  /** Total variation distance of all of them from what is accounted for. */
  readonly distance: number;
}

/** The most that one round under these parameters may cost: what a site's budget is charged. */
export function chargeOfRound(parameters: PrivacyParameters, setting: SumSetting): RoundCharge {
  const { scale, unit } = parameters;
  const sigma = sigmaOf(parameters);
  const shares = sharesOf(parameters, setting, setting.minParticipants);
  const count = parameters.form === 'silo' ? parameters.stepsPerRound : 1;
  const distance = count * distanceOf(parameters, setting.dimension, sigma, shares);
  return { unit, mechanism: releaseOf(parameters, setting, { scale, sigma, shares }), count, distance };
}

/**
 * Epsilon at `delta` of everything that was charged, whichever jobs it was for, by the best of
 * `orders`; Infinity where no epsilon reaches delta. Where charges may depend on what was released
 * before, only one order that was fixed before them is a bound (step 14.6). Throws `dp.argument`.
 */
export function composeCharges(
  charges: readonly RoundCharge[],
  delta: number,
  orders: readonly number[] = renyiOrders,
): number {
  if (charges.length === 0) return 0;
  return epsilonWithDistance(accountRenyi(mergeEqual(charges), orders), delta, distanceOfAll(charges));
}

const distanceOfAll = (charges: readonly RoundCharge[]) =>
  charges.reduce((sum, { distance }) => sum + distance, 0);

/**
 * The Rényi order for a budget of `epsilon` at `delta` whose first charge is `first` (step 14.6):
 * the one that is best once as many such charges are spent as fit. It depends on nothing that is
 * released of the data, and a job that fills the budget by itself fits at it as planned.
 */
export function orderOfBudget(
  first: readonly RoundCharge[],
  { epsilon, delta }: { readonly epsilon: number; readonly delta: number },
): number {
  const curve = renyiCurve(mergeEqual(first));
  const distance = distanceOfAll(first);
  const epsilonsOf = (times: number) =>
    curve.map(({ order, divergence }) => ({
      order,
      epsilon: epsilonWithDistance(
        profileOfRenyi([{ order, divergence: times * divergence }]),
        delta,
        times * distance,
      ),
    }));
  const fits = (times: number) => epsilonsOf(times).some((point) => point.epsilon <= epsilon);
  let most = 1;
  while (most < mostRepeats && fits(2 * most)) most *= 2;
  for (let step = most / 2; step >= 1; step /= 2) if (fits(most + step)) most += step;
  return epsilonsOf(most).reduce((best, point) => (point.epsilon < best.epsilon ? point : best)).order;
}

/** More charges of a dataset than any site will see: charges that cost next to nothing end here. */
const mostRepeats = 2 ** 30;

/** One release with a count for each mechanism: accounting then takes as long as there are mechanisms. */
function mergeEqual(charges: readonly RoundCharge[]): Release[] {
  const counts = new Map<string, Release>();
  for (const { mechanism, count } of charges) {
    const key = JSON.stringify(mechanism, Object.keys(mechanism).sort());
    counts.set(key, { mechanism, count: count + (counts.get(key)?.count ?? 0) });
  }
  return [...counts.values()];
}

/**
 * The privacy that the readable rounds cost a participant that was in all of them, or one of its
 * records. More survivors than the smallest cohort mean more noise and less epsilon, but in an open
 * job. Throws `dp.honesty` where a readable sum holds fewer participants than one honest share
 * takes, and what `createPrivacyReport` throws.
 */
export function reportSpent(
  parameters: PrivacyParameters,
  setting: SumSetting,
  rounds: readonly ObservedRound[],
): SpentPrivacy {
  const { scale } = parameters;
  const sigma = sigmaOf(parameters);
  const counts = new Map<number, number>();
  for (const { included, readable } of rounds) {
    if (readable) counts.set(included, (counts.get(included) ?? 0) + 1);
  }
  const charged = [...counts.values()].reduce((sum, count) => sum + count, 0);
  if (charged === 0) return { charged, report: undefined };
  let distance = 0;
  const releases = [...counts].map(([included, times]): ReportedRelease => {
    const shares = sharesOf(parameters, setting, included);
    const count = times * (parameters.form === 'silo' ? parameters.stepsPerRound : 1);
    distance += count * distanceOf(parameters, setting.dimension, sigma, shares);
    return { count, included, mechanism: releaseOf(parameters, setting, { scale, sigma, shares }) };
  });
  const report = createPrivacyReport(
    {
      unit: unitOf(parameters),
      releases,
      delta: parameters.delta,
      sampling: parameters.unit === 'record' ? 'secretPoisson' : 'none',
      honest: {
        atLeast: parameters.form === 'silo' ? 1 : parameters.honest,
        of: setting.minParticipants,
        open: setting.open === true,
      },
      distance,
    },
    (all) => accountRenyi(all),
  );
  return { charged, report };
}

/** Honest shares of noise in a sum (step 13.2). */
function sharesOf(parameters: PrivacyParameters, setting: SumSetting, included: number): number {
  if (parameters.form === 'silo') return 1;
  const { minParticipants, open = false } = setting;
  const shares = certainlyHonest({ atLeast: parameters.honest, of: minParticipants, open }, included);
  if (shares >= 1) return shares;
  throw new MisuseError({
    code: 'dp.honesty',
    expected: `sums of participants of whom ${parameters.honest} in ${minParticipants} are honest`,
    found: `a readable sum of ${included}, in which no honest share of noise is certain`,
    hint: 'There is no figure for this run: what it released counts as unprotected.',
  });
}
