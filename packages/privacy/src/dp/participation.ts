/**
 * Participants that are sampled into rounds, seen by an observer who learns who took part, and by
 * one who does not. docs/specs/dp.md §10. On a ledger participants post under their addresses, so
 * the first figure is the one that holds; the second is what the same noise would be worth if
 * participation were secret, and shows what publicity costs.
 */
import { accountExactGaussian } from './accountants/exactGaussian.ts';
import { accountLossDistribution } from './accountants/lossDistribution.ts';
import { assertCount } from './assertions.ts';

/** A cohort drawn anew each round. */
export interface SampledParticipation {
  readonly noiseMultiplier: number;
  /** Probability with which a participant is in a round. */
  readonly samplingRate: number;
  readonly rounds: number;
  /** Rounds that one participant is in, at most; a ledger can enforce it. */
  readonly participations: number;
  readonly delta: number;
}

/** Both figures, always together. */
export interface ParticipationFigures {
  /** Holds: against anyone who sees who took part. The exact Gaussian, without amplification. */
  readonly publicParticipation: number;
  /** Would hold if no one but the participant ever learnt in which rounds it took part. */
  readonly secretParticipation: number;
}

/** Epsilon for both observers. Throws `dp.argument` for parameters out of range. */
export function accountParticipation(participation: SampledParticipation): ParticipationFigures {
  const { noiseMultiplier, samplingRate, rounds, participations, delta } = participation;
  assertCount('rounds', rounds);
  assertCount('participations', participations);
  const seen = accountExactGaussian([
    { mechanism: { kind: 'gaussian', noiseMultiplier }, count: Math.min(rounds, participations) },
  ]);
  const unseen = accountLossDistribution([
    { mechanism: { kind: 'poissonGaussian', noiseMultiplier, samplingRate }, count: rounds },
  ]);
  return { publicParticipation: seen.epsilonAt(delta), secretParticipation: unseen.epsilonAt(delta) };
}
