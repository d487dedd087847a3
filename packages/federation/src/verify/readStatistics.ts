/**
 * The figures of a job that counts, from the counts that travel in its receipt; and what they say of
 * columns, for a job that trains on the same tables. Nothing here checks the receipt: its verifier
 * compares the counts with the ledger's record.
 */
import { addressOf, MisuseError, NonetError } from '@nonet/core';
import { artefactOf, type Receipt } from '@nonet/core/receipt';
import type { Evidence, QueryColumn } from '@nonet/core/records';
import { answerStatistics, type Estimate, type StatisticsAnswer } from '@nonet/privacy/statistics';
import type { KnownColumn } from '@nonet/tensor/datasets';
import { federationFigures as figures } from '../figures.ts';
import { statisticsPlanOf } from '../statistics.ts';
import { decodeModel } from '../update/modelBlob.ts';
import { countsOf } from '../update/serverStep.ts';
import { verifierNames, verifierOf } from './completeness.ts';

/** The answers behind a record of figures; undefined where the counts do not travel, or are malformed. */
export function answersIn(receipt: Receipt, record: Evidence): readonly StatisticsAnswer[] | undefined {
  const { job } = receipt;
  const { artefact } = record;
  const bytes = artefact && artefactOf(receipt, artefact);
  const included = record.figures[figures.counted.name]?.value;
  if (job.kind !== 'count' || bytes === undefined || included === undefined) return undefined;
  if (addressOf(bytes) !== artefact) return undefined;
  try {
    return answerStatistics(
      statisticsPlanOf(job),
      countsOf(decodeModel(bytes, job.arithmetic).flat),
      included,
    );
  } catch (error) {
    if (error instanceof NonetError) return undefined;
    throw error;
  }
}

/**
 * What a count says of the columns that it asked about, as `planTable` takes it: mean and deviation
 * of numbers, as they were summed, with their noise; bounds and values of the query, which were public
 * before anyone counted. Verify the receipt first. Throws `receipt.statistics` where it is not of a
 * count whose figures travel along, and on a mean or deviation that the noise left undetermined.
 */
export function countedColumns(receipt: Receipt): Record<string, KnownColumn> {
  const { job } = receipt;
  const record = receipt.evidence.find((one) => verifierOf(one) === verifierNames.statistics);
  const answers = record && answersIn(receipt, record);
  if (job.kind !== 'count' || answers === undefined) {
    throw new MisuseError({
      code: 'receipt.statistics',
      expected: 'the receipt of a count, with its figures',
      found: job.kind === 'count' ? 'a receipt without them' : `the receipt of a job of kind ${job.kind}`,
      hint: '`npx nonet stats SITE... --range COLUMN=LOW:HIGH --values COLUMN=A,B` leaves one.',
    });
  }
  const known = job.query.columns.flatMap((column) => {
    const told = knownOf(column, answers);
    return told === undefined ? [] : [[column.name, told] as const];
  });
  return Object.fromEntries(known);
}

/** Undefined of a column of numbers whose variance was not asked. */
function knownOf(column: QueryColumn, answers: readonly StatisticsAnswer[]): KnownColumn | undefined {
  if (column.kind === 'category') return { kind: 'category', values: column.values };
  const { name, low, high } = column;
  const answer = answers.find(({ asked }) => asked.statistic === 'variance' && asked.column === name);
  if (answer?.kind !== 'variance') return undefined;
  const mean = numberOf(`the mean of ${name}`, answer.mean);
  const deviation = numberOf(`the deviation of ${name}`, answer.deviation);
  return { kind: 'number', mean, deviation, minimum: low, maximum: high };
}

function numberOf(what: string, { value, because }: Estimate): number {
  if (value !== undefined) return value;
  throw new MisuseError({
    code: 'receipt.statistics',
    expected: `${what} among the figures`,
    found: because ?? 'none',
    hint: 'Count again with fewer figures, a larger epsilon or narrower bounds, or leave the column out of the count.',
  });
}
