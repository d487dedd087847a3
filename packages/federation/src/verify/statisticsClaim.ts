/**
 * What evidence says of a job that counts: its figures, and what they rest on
 * (docs/specs/statistics.md §7.4), as pure functions of facts. The writer of evidence and its
 * verifier call the same functions.
 */
import type { Address } from '@nonet/core';
import { createFigures } from '@nonet/core/records';
import { describePrivacy } from '@nonet/privacy/dp';
import { estimateText, rowsOfAnswer } from '@nonet/privacy/statistics';
import { federationFigures as figures } from '../figures.ts';
import { statisticsMechanism } from '../mechanisms.ts';
import type { StatisticsResult } from '../statistics.ts';
import type { Claim } from './claims.ts';

/** A sentence is for people: of a histogram of a thousand bins it tells the first. */
const toldRows = 24;

/** The figures of a job that counts, with their conditions. */
export function statisticsClaim({ included, answers, spent, promised }: StatisticsResult): Claim {
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
      : `Noise is in every figure, and intervals hold 95 % of the time, each for itself. ${describePrivacy(spent).replaceAll('\n', '. ')}`,
  ];
  return {
    kind: 'measurement',
    cells: ['privacy-scalability'],
    mechanism: spent === undefined ? 'privacy.masking' : statisticsMechanism.id,
    sentence: sentences.join(' '),
    figures: createFigures([
      [figures.counted, included],
      [figures.statistics, rows.length],
      ...(spent === undefined || promised === undefined
        ? []
        : ([
            [figures.epsilonSpent, Math.ceil(spent.epsilon * 1e6) / 1e6],
            [figures.epsilonPromised, promised],
            [figures.delta, spent.delta],
          ] as const)),
    ]),
  };
}

/** What the figures are computed from again: the ledger's record and the last model. */
export function statisticsInputs(record: Address, model: Address): Address[] {
  return [record, model];
}
