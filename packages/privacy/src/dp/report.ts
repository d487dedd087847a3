/**
 * A privacy figure with all that it rests on. docs/specs/dp.md §11. There is no other way from
 * releases to a sentence: a report cannot be made without unit, relation, sampling and honesty, and
 * is refused where a theorem's conditions and the run's differ.
 */
import { MisuseError } from '@nonet/core';
import type { AccountantName, PrivacyProfile } from './accountants/profile.ts';
import { invertCurve } from './accountants/profile.ts';
import { assertCount, assertDelta, assertNotNegative, UncoveredError } from './assertions.ts';
import { assertReleases, isSampled, type Release } from './mechanism.ts';
import type { PrivacyUnit } from './unit.ts';

/** Releases of one cohort. */
export interface ReportedRelease extends Release {
  /** Participants whose shares of noise are in the sum; `honest.of` unless given. */
  readonly included?: number;
}

/**
 * How many are assumed to be honest, of how many that take part. Of another number the same part is,
 * rounded down; where the cohort is open, and who joins may be one party under many accounts, as many
 * and no more.
 */
export interface HonestPart {
  readonly atLeast: number;
  readonly of: number;
  readonly open: boolean;
}

/** Shares of noise that are certain in a sum of so many participants. */
export function certainlyHonest({ atLeast, of, open }: HonestPart, included: number): number {
  const shares = Math.floor((included * atLeast) / of);
  return open ? Math.min(shares, atLeast) : shares;
}

/** What the releases of a run were, and who had to do what for the figure to hold. */
export interface PrivacyConditions {
  readonly unit: PrivacyUnit;
  readonly releases: readonly ReportedRelease[];
  readonly delta: number;
  /**
   * `secretPoisson`: each record is in a step with the same probability, independently, and no one
   * learns which were. `none`: everything is in every release, or it is public what is.
   */
  readonly sampling: 'secretPoisson' | 'none';
  /** Participants whose noise the figure counts on. */
  readonly honest: HonestPart;
  /**
   * Total variation distance, over all releases and coordinates, between what ran and what is
   * accounted for: samplers, truncated batches.
   */
  readonly distance: number;
}

/** A figure with its conditions; from `createPrivacyReport`. */
export interface PrivacyReport extends PrivacyConditions {
  readonly accountant: AccountantName;
  /** At least 0; includes what `distance` costs at this delta. */
  readonly epsilon: number;
  /** What the figure rests on, a sentence each. */
  readonly assumptions: readonly string[];
}

/**
 * The epsilon of a run, by `account`. Throws `dp.sampling` where amplification is claimed that the
 * run does not have, `dp.honesty` where shares of noise and honest participants do not match,
 * `dp.distance` where the distance alone exceeds delta, `dp.uncovered` where no theorem applies,
 * `dp.argument` for parameters out of range.
 */
export function createPrivacyReport(
  conditions: PrivacyConditions,
  account: (releases: readonly Release[]) => PrivacyProfile,
): PrivacyReport {
  assertReleases(conditions.releases);
  assertDelta(conditions.delta);
  assertNotNegative('distance', conditions.distance);
  assertSampling(conditions);
  assertHonesty(conditions);
  const profile = account(conditions.releases);
  const epsilon = adjustEpsilon(profile, conditions.delta, conditions.distance);
  return { ...conditions, accountant: profile.accountant, epsilon, assumptions: assumptionsOf(conditions) };
}

/**
 * The least epsilon at `delta` of a mechanism within total variation `distance` of the one that
 * `profile` bounds: delta grows by (1 + exp(epsilon)) distance (step 11.1). Throws `dp.distance` if
 * none reaches it.
 */
export function adjustEpsilon(profile: PrivacyProfile, delta: number, distance: number): number {
  const epsilon = epsilonWithDistance(profile, delta, distance);
  if (epsilon < Infinity) return epsilon;
  throw new MisuseError({
    code: 'dp.distance',
    expected: `a mechanism close enough to its model for a delta of ${delta}`,
    found: `a total variation distance of ${distance}`,
    hint: 'Use a larger maximum batch, a better sampler, more noise or a larger delta.',
  });
}

/**
 * `adjustEpsilon`, or Infinity if no epsilon reaches delta. The sum first falls with epsilon and
 * then grows, so the search stops at its first success.
 */
export function epsilonWithDistance(profile: PrivacyProfile, delta: number, distance: number): number {
  if (distance === 0) return profile.epsilonAt(delta);
  const deltaAt = (epsilon: number) => profile.deltaAt(epsilon) + (1 + Math.exp(epsilon)) * distance;
  const most = Math.log(delta / distance);
  if (!(most > 0)) return Infinity;
  let low = 0;
  for (let i = 1; i <= 512; i++) {
    const at = (most * i) / 512;
    if (deltaAt(at) <= delta) {
      const more = invertCurve((epsilon) => (low + epsilon >= at ? 0 : deltaAt(low + epsilon)), delta);
      return Math.min(at, low + more);
    }
    low = at;
  }
  return Infinity;
}

function assertSampling({ unit, releases, sampling }: PrivacyConditions): void {
  if (!releases.some(({ mechanism, count }) => count > 0 && isSampled(mechanism))) return;
  if (sampling !== 'secretPoisson') {
    throw new MisuseError({
      code: 'dp.sampling',
      expected: 'secret Poisson sampling, on which amplification rests',
      found: 'releases that count on it in a run without it',
      hint: 'Account without sampling: what is sampled in public is not amplified.',
    });
  }
  if (unit.of === 'participant') {
    throw new MisuseError({
      code: 'dp.sampling',
      expected: 'sampled records: participants post under their addresses',
      found: 'amplification by sampling of participants',
      hint: 'Account for the rounds that a participant is in; accountParticipation gives both figures.',
    });
  }
  if (unit.relation === 'replace') {
    throw new UncoveredError({
      code: 'dp.uncovered',
      expected: 'add-or-remove or zero-out neighbours under Poisson sampling',
      found: 'neighbours by replacement',
      hint: 'No dominating pair that composes is known for it; (epsilon, delta) of zero-out twice is a bound.',
    });
  }
}

function assertHonesty({ unit, releases, honest }: PrivacyConditions): void {
  assertCount('honest.of', honest.of);
  assertCount('honest.atLeast', honest.atLeast);
  const { atLeast, of } = honest;
  const certain = (included: number) => (unit.noise === 'silo' ? 1 : certainlyHonest(honest, included));
  const excess = releases.find(
    ({ mechanism, count, included = of }) =>
      mechanism.kind === 'discreteGaussianSum' && count > 0 && mechanism.shares > certain(included),
  );
  if (atLeast <= of && excess === undefined) return;
  const { included = of, mechanism } = excess ?? {};
  const shares = mechanism?.kind === 'discreteGaussianSum' ? mechanism.shares : 0;
  throw new MisuseError({
    code: 'dp.honesty',
    expected: `at most ${Math.min(certain(included), included)} shares of noise in a sum of ${included}, from as many honest participants`,
    found: `${shares} shares, ${atLeast} of ${of} participants honest`,
    hint: 'Size the noise for the fewest honest participants that are left.',
  });
}

function assumptionsOf({ unit, sampling, honest, distance, releases }: PrivacyConditions): string[] {
  const { of: kind, noise, relation } = unit;
  const neighbours = {
    addOrRemove: `one ${kind} more or less`,
    zeroOut: `one ${kind} whose contribution is zero instead`,
    replace: `one ${kind} replaced by any other`,
  }[relation];
  const presence =
    kind === 'participant'
      ? 'Who takes part is public.'
      : relation === 'addOrRemove'
        ? 'How many records a participant has must not become known.'
        : 'How many records a participant has may be known.';
  const isOther = releases.some(({ included = honest.of }) => included !== honest.of);
  const more = !isOther
    ? ''
    : honest.open
      ? ', and as many of larger numbers,'
      : ', and the same part of other numbers,';
  const strangers = honest.open ? ' Any account could join: only trust says that so many are honest.' : '';
  return [
    `Neighbouring datasets differ by ${neighbours}. ${presence}`,
    noise === 'silo'
      ? 'Each participant adds all of its noise itself: only the participant that owns the data must be honest.'
      : `At least ${honest.atLeast} of ${honest.of} participants${more} must be honest, add their share of noise and be included.${strangers}`,
    sampling === 'secretPoisson'
      ? 'Each record is drawn into each step independently and with equal probability, and no one else learns which were.'
      : 'Nothing rests on secret sampling.',
    distance > 0
      ? `What ran is within a total variation distance of ${distance.toExponential(1)} of what is accounted for; epsilon includes it.`
      : 'What ran is exactly what is accounted for.',
  ];
}

/** The figure and its conditions as text, a line each; the figure never without them. */
export function describePrivacy(report: PrivacyReport): string {
  const { unit, epsilon, delta, accountant, assumptions } = report;
  // Rounded up, never down.
  const shown = epsilon < Infinity ? (Math.ceil(epsilon * 1000) / 1000).toString() : 'infinite';
  return [
    `epsilon ${shown} at delta ${delta} per ${unit.of} (${unit.noise} noise), by ${accountant}`,
    ...assumptions,
  ].join('\n');
}
