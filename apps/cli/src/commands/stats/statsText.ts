/** The figures of a job that counts, as a table with their conditions and as one document. */
import { quoteArgument } from '@nonet/core/records';
import { describePrivacy } from '@nonet/privacy/dp';
import { type Estimate, estimateText, rowsOfAnswer } from '@nonet/privacy/statistics';
import type { FinishedStatistics } from '../../rehearsal/finishStatistics.ts';
import { bold, dim, formatSeconds, formatTable, green, plural, red } from '../../terminal/terminal.ts';

/** One document: the query, a row for each figure, what was spent, and where the receipt is. */
export function statisticsJson({ outcome, result, receiptFile, verified }: FinishedStatistics) {
  const { job, state, seconds } = outcome;
  return {
    query: job.query,
    sites: state.participants.length,
    included: result?.included ?? null,
    figures: (result?.answers ?? []).flatMap((answer) =>
      rowsOfAnswer(answer).map(({ name, estimate }) => ({
        name,
        statistic: answer.asked.statistic,
        ...estimateJson(estimate),
      })),
    ),
    withheld: withheldSites(result),
    privacy: privacyJson(result),
    receipt: receiptFile,
    verified,
    seconds: Number(seconds.toFixed(3)),
  };
}

/** JSON has no infinity: a bound that is not there is null. */
function estimateJson({ value, because, standardError, interval }: Estimate) {
  const bound = (limit: number) => (Number.isFinite(limit) ? limit : null);
  return {
    value: value ?? null,
    ...(because === undefined ? {} : { because }),
    standardError,
    interval: interval.map(bound),
  };
}

function privacyJson(result: FinishedStatistics['result']) {
  const spent = result?.spent;
  if (spent === undefined) return null;
  const { epsilon, delta, unit, honest, accountant, assumptions } = spent;
  return { epsilon, delta, unit: unit.of, honest, accountant, assumptions };
}

/** The most sites that withheld one of the figures. */
function withheldSites(result: FinishedStatistics['result']): number {
  return Math.max(0, ...(result?.answers ?? []).map(({ coverage }) => coverage.withheld));
}

/** Figures, what they rest on, and where the receipt is. */
export function renderStatistics(finished: FinishedStatistics): string {
  const { outcome, result, receiptFile, pageFile, verified } = finished;
  const { state, seconds, run } = outcome;
  const lines = [''];
  if (result === undefined) {
    lines.push(red(bold(`over after ${plural(state.rounds.length, 'round')}, without figures`)));
  } else {
    const { included, answers } = result;
    const rows = answers.flatMap(rowsOfAnswer);
    lines.push(
      `${bold(`${included} of ${plural(state.participants.length, 'site')} together`)} ${dim(`in ${formatSeconds(seconds)}`)}`,
      '',
      formatTable(rows.map(({ name, estimate }) => [`  ${name}`, estimateText(estimate)])),
      '',
      ...conditionsOf(finished).map((text) => `  ${text}`),
    );
  }
  lines.push(
    '',
    verified ? green('✓ nothing contradicts the receipt') : red('✗ the receipt does not verify'),
    `  receipt  ${receiptFile}`,
    `  page     ${pageFile}`,
    dim(
      `  check it again: npx nonet verify ${quoteArgument(receiptFile)} --blobs ${quoteArgument(run.resolve('blobs'))}`,
    ),
  );
  return lines.join('\n');
}

/** What a reader must know to read the figures aright. */
function conditionsOf({ outcome: { job }, result }: FinishedStatistics): string[] {
  const { minimumRecords } = job.query;
  const withheld = withheldSites(result);
  const spent = result?.spent;
  return [
    'Values beyond the bounds count as the bounds. Bins and grid are in the intervals.',
    ...(withheld === 0
      ? []
      : [
          `${plural(withheld, 'site')} withheld a figure for which it has fewer than ${minimumRecords} records.`,
        ]),
    ...(spent === undefined
      ? [
          'Sums are exact and intervals certain: what one site counted is hidden in the sum, and a single record',
          'is not, from those who know all others. --epsilon adds noise.',
        ]
      : [
          'Noise is in every figure; intervals hold with 95 %, each for itself. They do not say how far other records would differ.',
          ...describePrivacy(spent).split('\n'),
        ]),
  ];
}
