/**
 * What evidence says of a job that counts: its figures, and what they rest on
 * (docs/specs/statistics.md §6.5), as pure functions of facts. The writer of evidence and its
 * verifier call the same functions.
 */
import type { Address } from '@nonet/core';
import type { JobState } from '@nonet/core/ports';
import { type CountJob, createFigures } from '@nonet/core/records';
import { estimateText, rowsOfAnswer } from '@nonet/privacy/statistics';
import { federationFigures as figures } from '../figures.ts';
import { statisticsMechanism } from '../mechanisms.ts';
import { isReadable } from '../privacy.ts';
import { type StatisticsResult, spentOfCounts, statisticsPlanOf } from '../statistics.ts';
import type { Claim } from './claims.ts';
import { roundUpEpsilon } from './privacyClaim.ts';

/** A sentence is for people: of a histogram of a thousand bins it tells the first. */
const toldRows = 24;

/** The figures of a job that counts, with their conditions. */
export function statisticsClaim({ included, answers, spent }: StatisticsResult): Claim {
  const rows = answers.flatMap(rowsOfAnswer);
  const told = rows.slice(0, toldRows).map(({ name, estimate }) => `${name} ${estimateText(estimate)}`);
  const more = rows.length > told.length ? `; and ${rows.length - told.length} figures more` : '';
  const withheld = Math.max(0, ...answers.map(({ coverage }) => coverage.withheld));
  const sentences = [
    `The records of ${included} participants together: ${told.join('; ')}${more}.`,
    ...(withheld === 0
      ? []
      : [`Up to ${withheld} of them withheld what too few of their records would tell.`]),
    spent === undefined
      ? 'Sums are exact: no noise hides single records from those who know all others.'
      : 'Noise is in every figure; intervals hold with a probability of 95 %, each for itself.',
  ];
  return {
    kind: 'measurement',
    cells: ['privacy-scalability'],
    mechanism: spent === undefined ? 'privacy.masking' : statisticsMechanism.id,
    sentence: sentences.join(' '),
    figures: createFigures([
      [figures.counted, included],
      [figures.statistics, rows.length],
    ]),
  };
}

/**
 * What the sums of a job have spent of each record, void rounds included; undefined for a job of
 * exact sums. Throws what `statisticsPlanOf` and `reportStatistics` throw.
 */
export function countPrivacyClaim(state: JobState, job: CountJob): Claim | undefined {
  const plan = statisticsPlanOf(job);
  if (plan.privacy === undefined) return undefined;
  const { epsilon, delta, honest, releases } = plan.privacy;
  const report = spentOfCounts(plan, state);
  const spent = roundUpEpsilon(report?.epsilon ?? 0);
  const readable = state.rounds.filter(isReadable);
  const lost = readable.filter(({ phase }) => phase === 'void').length;
  const wasted = lost === 0 ? '' : `, ${lost} of which led to no figures and count all the same`;
  const sentences = [
    `By differential privacy, what was released has spent epsilon ${spent} at delta ${delta} of each single record. The job promised at most ${epsilon}.`,
    `The sums of ${readable.length} rounds could be read${wasted}; each participant agreed to ${releases}.`,
    ...(spent > epsilon ? ['That is more than was promised.'] : []),
    ...(report === undefined
      ? []
      : [
          'It holds against readers of the sums, not against those who unmask the counts of one participant, in which only its own share of the noise is.',
          ...report.assumptions,
          `The accountant is ${report.accountant}.`,
        ]),
  ];
  return {
    kind: 'observation',
    cells: ['privacy-scalability'],
    mechanism: statisticsMechanism.id,
    sentence: sentences.join(' '),
    figures: createFigures([
      [figures.epsilonSpent, spent],
      [figures.epsilonPromised, epsilon],
      [figures.delta, delta],
      [figures.releasesRead, readable.length],
      [figures.releasesPlanned, releases],
      [figures.honestAssumed, honest],
    ]),
  };
}

/** What the figures are computed from again: the ledger's record and the last model. */
export function statisticsInputs(record: Address, model: Address): Address[] {
  return [record, model];
}
