/**
 * How a site's sums become the entries of a masked vector: limbs where they are exact, a coarser
 * grid and noise where they are private. docs/specs/statistics.md §3 and §4. Sums over all sites
 * fit signed integers of the width asked for, or the query is refused; nothing is left to
 * probability.
 */
import { MisuseError } from '@nonet/core';
import type { StatisticsQuery } from '@nonet/core/records';
import { z } from 'zod';
import { accountRenyi } from '../dp/accountants/renyi.ts';
import { assertCount } from '../dp/assertions.ts';
import { calibrateNoise } from '../dp/calibrate.ts';
import type { DiscreteGaussianSumMechanism } from '../dp/mechanism.ts';
import {
  certainlyHonest,
  createPrivacyReport,
  type HonestPart,
  type PrivacyReport,
  type ReportedRelease,
} from '../dp/report.ts';
import { discreteGaussianDistance, mostSigma } from '../dp/sampling/discreteGaussian.ts';
import type { RoundCharge } from '../dp/spent.ts';
import type { PrivacyUnit } from '../dp/unit.ts';
import { type Part, type Tallies, talliesOf } from './layout.ts';

/** What of a job the width of sums, and the noise in them, depend on. */
export interface StatisticsSetting {
  /** Sites in a sum: the fewest, and the most. */
  readonly minParticipants: number;
  readonly maxParticipants: number;
  /** Whether any account may join (docs/specs/dp.md §13.2). Default false. */
  readonly open?: boolean;
  /** The largest magnitude of a sum that whoever keeps it can hold; 2^31 - 1 unless given. */
  readonly mostSum?: number;
}

/**
 * What a job of statistics promises about privacy: the parameters of its guarantee. Unit is the
 * record, with noise in shares; neighbours are `zeroOut` (docs/specs/dp.md §1).
 */
export const statisticsPrivacySchema = z.strictObject({
  unit: z.literal('record'),
  form: z.literal('distributed'),
  epsilon: z.number().positive(),
  delta: z.number().positive().lt(1),
  /** How many of the fewest sites are assumed to be honest; of more, the same part. */
  honest: z.int().positive(),
  /** Sums that may become readable before epsilon is spent; those of void rounds count. */
  releases: z.int().positive(),
  /** Noise of all honest shares on a query of one part, divided by its sensitivity. */
  noiseMultiplier: z.number().positive(),
});
/** A value of `statisticsPrivacySchema`. */
export type StatisticsPrivacy = Readonly<z.infer<typeof statisticsPrivacySchema>>;
/** What is wanted: the promise without the noise that keeps it. */
export type StatisticsPrivacyGoal = Omit<StatisticsPrivacy, 'noiseMultiplier'>;

/** Where the integers of one part are in the vector, and how they are written. */
export interface PartPlan {
  readonly part: Part;
  /** The first of its entries. */
  readonly at: number;
  /** Integers: cells, or 1. */
  readonly length: number;
  /** Entries of one integer, the lowest first. */
  readonly limbs: number;
  /** Without noise 0. With noise an entry counts in units of 2^shift. */
  readonly shift: number;
  /** l1 and l2 sensitivity of the entries, which are the same here; 0 without noise. */
  readonly sensitivity: number;
  /** Parameter of a site's discrete Gaussian noise, in units of the entry; 0 without noise. */
  readonly shareSigma: number;
}

/** One tally's parts, and the entry that counts sites which withheld it; without noise only. */
export interface TallyPlan {
  readonly parts: readonly PartPlan[];
  readonly withheldAt: number | undefined;
}

/** A query with the layout of its vector; from `planStatistics`. */
export interface StatisticsPlan extends Tallies {
  readonly query: StatisticsQuery;
  readonly setting: StatisticsSetting;
  readonly privacy: StatisticsPrivacy | undefined;
  /** Integers of 32 bits in a site's vector. */
  readonly entries: number;
  /** Bits of a limb below the top one. */
  readonly limbBits: number;
  /** By tally. */
  readonly plans: readonly TallyPlan[];
}

/** Amounts are coarsened until one record adds no more than this (§4.2). */
const finest = 256;
/** A sensitivity below this would lose more than 1/16 to rounding up. */
const coarsest = 16;

/** The largest magnitude of a site's noise, as the table of the sampler bounds it (dp.md §8.4). */
const mostNoise = (sigma: number) => Math.ceil(12 * sigma) + 2;

/**
 * The layout of a query's vector. Throws `statistics.overflow` where sums do not fit, with what
 * would help, and `dp.honesty` and `dp.argument` on a promise out of range.
 *
 * @example
 *   planStatistics(parseStatisticsQuery(query), { minParticipants: 3, maxParticipants: 20 });
 */
export function planStatistics(
  query: StatisticsQuery,
  setting: StatisticsSetting,
  privacy?: StatisticsPrivacy,
): StatisticsPlan {
  assertSetting(setting, privacy);
  const { tallies, sources } = talliesOf(query);
  const limbBits = limbBitsOf(setting);
  let entries = 0;
  const plans = tallies.map(({ parts }): TallyPlan => {
    const planned = parts.map((part): PartPlan => {
      const written =
        privacy === undefined
          ? writeExactly(query, setting, limbBits, part)
          : writeWithNoise(query, setting, part, sigmaFactor(privacy, tallies.length, parts.length));
      const length = part.kind === 'cells' ? part.length : 1;
      const at = entries;
      entries += length * written.limbs;
      return { part, at, length, ...written };
    });
    return { parts: planned, withheldAt: privacy === undefined ? entries++ : undefined };
  });
  return { query, setting, privacy, tallies, sources, entries, limbBits, plans };
}

const mostSumOf = ({ mostSum = 2 ** 31 - 1 }: StatisticsSetting) => mostSum;

/** Step 3.2: balanced limbs of so many bits add up within a sum. */
function limbBitsOf(setting: StatisticsSetting): number {
  return Math.floor(Math.log2(mostSumOf(setting) / setting.maxParticipants)) + 1;
}

const boundOf = (part: Part) => (part.kind === 'cells' ? 1 : part.bound);

type Writing = Pick<PartPlan, 'limbs' | 'shift' | 'sensitivity' | 'shareSigma'>;

/** Steps 3.1 to 3.3. */
function writeExactly(
  query: StatisticsQuery,
  setting: StatisticsSetting,
  limbBits: number,
  part: Part,
): Writing {
  let most = query.maximumRecords * boundOf(part);
  if (!(most < 2 ** 53) || limbBits < 2) throw overflow(query, setting, most);
  let limbs = 1;
  for (; setting.maxParticipants * most > mostSumOf(setting); limbs++) {
    most = Math.floor((most + 2 ** (limbBits - 1)) / 2 ** limbBits);
  }
  return { limbs, shift: 0, sensitivity: 0, shareSigma: 0 };
}

/** Step 4.3: what a part's sensitivity is multiplied by to get the noise of one share. */
function sigmaFactor({ noiseMultiplier, honest }: StatisticsPrivacy, tallies: number, parts: number): number {
  return noiseMultiplier * Math.sqrt((tallies * parts) / honest);
}

/** Samplers round up to multiples of 2^-20, and so does the plan. */
const roundSigma = (sigma: number) => Math.ceil(sigma * 2 ** 20) / 2 ** 20;

/** Step 4.2: the finest grid on which the sums of all sites fit with their noise. */
function writeWithNoise(
  query: StatisticsQuery,
  setting: StatisticsSetting,
  part: Part,
  factor: number,
): Writing {
  const bound = boundOf(part);
  const most = query.maximumRecords * bound;
  if (!(most < 2 ** 53)) throw overflow(query, setting, most);
  for (let shift = 0; ; shift++) {
    const sensitivity = Math.ceil(bound / 2 ** shift);
    if (shift > 0 && sensitivity < coarsest) throw overflow(query, setting, most);
    const shareSigma = roundSigma(sensitivity * factor);
    const largest = Math.ceil(most / 2 ** shift) + mostNoise(shareSigma);
    const fits = setting.maxParticipants * largest <= mostSumOf(setting) && shareSigma <= mostSigma;
    if (sensitivity <= finest && fits) return { limbs: 1, shift, sensitivity, shareSigma };
  }
}

function overflow(query: StatisticsQuery, { maxParticipants }: StatisticsSetting, most: number): MisuseError {
  return new MisuseError({
    code: 'statistics.overflow',
    expected: 'sums that fit, those of a site below 2^53',
    found: `${maxParticipants} sites of at most ${query.maximumRecords} records, up to ${most.toExponential(1)} each`,
    hint: 'A smaller maximumRecords, fewer sites or a coarser step of the columns would do; with noise also a larger epsilon.',
  });
}

function assertSetting(
  { minParticipants, maxParticipants }: StatisticsSetting,
  privacy?: StatisticsPrivacy,
): void {
  assertCount('minParticipants', minParticipants);
  assertCount('maxParticipants', maxParticipants, minParticipants);
  if (privacy === undefined || privacy.honest <= minParticipants) return;
  throw new MisuseError({
    code: 'dp.honesty',
    expected: `at most ${minParticipants} honest sites, the fewest in a sum`,
    found: String(privacy.honest),
  });
}

const unit: PrivacyUnit = { of: 'record', noise: 'distributed', relation: 'zeroOut' };

/**
 * The noise that keeps a promise (step 4.4). Throws `dp.unreachable` and `dp.distance` where none
 * does, and what `planStatistics` throws.
 */
export function planStatisticsPrivacy(
  query: StatisticsQuery,
  setting: StatisticsSetting,
  goal: StatisticsPrivacyGoal,
): StatisticsPrivacy {
  assertSetting(setting, { ...goal, noiseMultiplier: 1 });
  const { tallies } = talliesOf(query);
  const cells = tallies.flatMap(({ parts }) =>
    parts.map((part) => (part.kind === 'cells' ? part.length : 1)),
  );
  const dimension = cells.reduce((sum, length) => sum + length, 0);
  const { noiseMultiplier } = calibrateNoise({
    epsilon: goal.epsilon,
    delta: goal.delta,
    distance: goal.releases * dimension * goal.honest * discreteGaussianDistance(mostSigma),
    // Whatever the grid, noise over sensitivity is the same: that of the finest one stands for all.
    releasesAt: (multiplier) =>
      tallies.flatMap(({ parts }) => {
        const factor = sigmaFactor({ ...goal, noiseMultiplier: multiplier }, tallies.length, parts.length);
        return parts.map((part) => {
          const sensitivity = Math.min(finest, boundOf(part));
          const length = part.kind === 'cells' ? part.length : 1;
          const mechanism = mechanismOf(sensitivity, sensitivity * factor, length, goal.honest);
          return { count: goal.releases, mechanism };
        });
      }),
    account: (releases) => accountRenyi(mergeEqual(releases)),
  });
  const privacy = { ...goal, noiseMultiplier: Math.ceil(noiseMultiplier * 2 ** 20) / 2 ** 20 };
  reportStatistics(planStatistics(query, setting, privacy), setting.minParticipants);
  return privacy;
}

function mechanismOf(
  sensitivity: number,
  shareSigma: number,
  dimension: number,
  shares: number,
): DiscreteGaussianSumMechanism {
  return { kind: 'discreteGaussianSum', shareSigma, shares, sensitivity, dimension, samplingRate: 1 };
}

/** Releases of the same mechanism as one with a count: accounting takes as long as there are mechanisms. */
function mergeEqual<R extends ReportedRelease>(releases: readonly R[]): R[] {
  const merged = new Map<string, R>();
  for (const release of releases) {
    const { count, ...rest } = release;
    const key = JSON.stringify(rest);
    merged.set(key, { ...release, count: count + (merged.get(key)?.count ?? 0) });
  }
  return [...merged.values()];
}

const honestPartOf = (
  { honest }: StatisticsPrivacy,
  { minParticipants, open = false }: StatisticsSetting,
): HonestPart => ({ atLeast: honest, of: minParticipants, open });

/** One readable sum of so many sites, as the accountants know it. */
function releasesOf({ plans, privacy, setting }: StatisticsPlan, included: number): ReportedRelease[] {
  const shares = certainlyHonest(honestPartOf(privacy!, setting), included);
  if (shares < 1) {
    throw new MisuseError({
      code: 'dp.honesty',
      expected: `sums of sites of whom ${privacy!.honest} in ${setting.minParticipants} are honest`,
      found: `a sum of ${included}, in which no honest share of noise is certain`,
    });
  }
  return plans.flatMap(({ parts }) =>
    parts.map(({ sensitivity, shareSigma, length }) => ({
      count: 1,
      included,
      mechanism: mechanismOf(sensitivity, shareSigma, length, shares),
    })),
  );
}

const distanceOf = (releases: readonly ReportedRelease[]) =>
  releases.reduce((sum, { count, mechanism }) => {
    if (mechanism.kind !== 'discreteGaussianSum') return sum;
    const { dimension, shares, shareSigma } = mechanism;
    return sum + count * dimension * shares * discreteGaussianDistance(shareSigma);
  }, 0);

/**
 * What readable sums of these many sites cost a record: all parts of the query composed
 * (step 4.5). `included` is one sum's sites as often as the promise has releases, or those of each
 * sum that became readable. Throws `dp.promise` where epsilon is above the promised one: a reason
 * not to join. Throws `dp.honesty` where a sum is of too few, and `statistics.plain` on a plan
 * without noise.
 */
export function reportStatistics(plan: StatisticsPlan, included: number | readonly number[]): PrivacyReport {
  const { privacy, setting } = plan;
  if (privacy === undefined) {
    throw new MisuseError({
      code: 'statistics.plain',
      expected: 'a plan with noise',
      found: 'one whose sums are exact',
      hint: 'Without noise there is no epsilon.',
    });
  }
  const sums = typeof included === 'number' ? new Array<number>(privacy.releases).fill(included) : included;
  const releases = mergeEqual(sums.flatMap((sites) => releasesOf(plan, sites)));
  const report = createPrivacyReport(
    {
      unit,
      releases,
      delta: privacy.delta,
      sampling: 'none',
      honest: honestPartOf(privacy, setting),
      distance: distanceOf(releases),
    },
    (all) => accountRenyi(all),
  );
  if (sums.length > privacy.releases || report.epsilon <= privacy.epsilon * (1 + 1e-9)) return report;
  throw new MisuseError({
    code: 'dp.promise',
    expected: `noise that keeps the promised epsilon of ${privacy.epsilon}`,
    found: `noise that gives ${report.epsilon.toFixed(3)}`,
    hint: 'Do not join: this job promises more privacy than it gives.',
  });
}

/** The most that one readable sum may cost: what a site's budget is charged (docs/specs/dp.md §14). */
export function chargesOfStatistics(plan: StatisticsPlan): RoundCharge[] {
  return mergeEqual(releasesOf(plan, plan.setting.minParticipants)).map((release) => ({
    unit: unit.of,
    mechanism: release.mechanism as DiscreteGaussianSumMechanism,
    count: release.count,
    distance: distanceOf([release]),
  }));
}
