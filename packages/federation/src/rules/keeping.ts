/**
 * How long stores keep the blobs of a job (docs/specs/update.md §5.8): until nothing about a round
 * can change any more, so that whoever has to show or recompute a blob still finds it. It follows
 * from the terms. Nothing here deletes a blob, or knows whether a store has.
 */
import { type JobTerms, timedPhases } from '@nonet/core/ports';

/**
 * So many times its duration a phase lasts at most: eight times, as long as honest roles wait
 * (docs/specs/round.md §10.3), and once more after the last answer (§7.5).
 */
const longest = 9;

/**
 * The ledger second until which stores keep what a job refers to. A round may begin in the second of
 * the expiry; each of its turns may pass from aggregator to aggregator, and objections may begin it
 * anew until attempts are used up. Later nothing is left to be shown, if one role ends each phase
 * when honest roles do (docs/specs/round.md §10.3).
 */
export function keptUntil({
  expiry,
  phases,
  attempts,
  aggregators,
}: Pick<JobTerms, 'expiry' | 'phases' | 'attempts' | 'aggregators'>): number {
  const seconds = timedPhases.reduce((sum, phase) => sum + phases[phase], 0);
  return expiry + longest * attempts * aggregators.length * seconds;
}
