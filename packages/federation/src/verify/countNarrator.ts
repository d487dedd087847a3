/**
 * How a job that counts tells of itself (docs/specs/receipt.md §4): its figures, how they were
 * summed, and who could read what. Figures are read from the counts that travel in the receipt,
 * whose address the verifier of the figures compares.
 */
import { NonetError } from '@nonet/core';
import {
  countOf,
  type Exposed,
  type Exposure,
  figureColumns,
  type Moment,
  type Narrator,
  type Receipt,
  type SpentBudget,
  type Told,
} from '@nonet/core/receipt';
import type { CountJob } from '@nonet/core/records';
import { estimateText, rowsOfAnswer, type StatisticsPrivacy } from '@nonet/privacy/statistics';
import { federationFigures as figures } from '../figures.ts';
import { statisticsPrivacyOf } from '../statistics.ts';
import { verifierNames, verifierOf } from './completeness.ts';
import { forGood, keptText, storedText, unmaskersOf } from './exposure.ts';
import { type NumberedRecord, numberIn, rolesIn } from './narrator.ts';
import { answersIn } from './readStatistics.ts';

/** Figures that a summary tells; the rest are in the records. */
const toldRows = 60;

/** Tells of the figures of a query, and who could read what of the counts behind them. */
export const narrateCounting: Narrator = (receipt) => {
  const { job, evidence } = receipt;
  const records = evidence.map((record, i): NumberedRecord => ({ number: i + 1, record }));
  const of = (verifier: string) => records.filter(({ record }) => verifierOf(record) === verifier);
  const [ledger] = of(verifierNames.rounds);
  const [result] = of(verifierNames.statistics);
  const roles = ledger === undefined ? undefined : rolesIn(receipt, ledger);
  return {
    title: titleOf(job.name, result),
    summary:
      result === undefined
        ? [{ text: 'This receipt states no figures.', from: [] }]
        : figuresOf(receipt, result),
    ...(roles === undefined ? {} : { roles }),
    ...(job.kind === 'count'
      ? {
          exposure: exposureOf(
            job,
            ledger === undefined ? [] : [ledger.number],
            of(verifierNames.privacy)[0],
          ),
        }
      : {}),
    timeline: {
      title: 'Round by round',
      unit: 'Round',
      columns: ['Took part'],
      level: '',
      count: 'Participants',
      moments: of(verifierNames.aggregate).map(momentOf),
    },
  };
};

function titleOf(name: string, result: NumberedRecord | undefined): Told {
  const counted = result && numberIn(result, figures.counted);
  if (result === undefined || counted === undefined) return { text: `the statistics “${name}”`, from: [] };
  return {
    text: `${countOf(counted, 'participant')} counted together`,
    from: [result.number],
    ofLedger: true,
  };
}

/** A sentence for each figure; where the counts do not travel along, that of the record. */
function figuresOf(receipt: Receipt, result: NumberedRecord): Told[] {
  const told = (text: string): Told => ({ text, from: [result.number], ofLedger: true });
  const rows = answersIn(receipt, result.record)
    ?.flatMap(rowsOfAnswer)
    .map(({ name, estimate }) => `${name}: ${estimateText(estimate)}`);
  if (rows === undefined) return [told(result.record.sentence)];
  const more = rows.length > toldRows ? [told(`There are ${rows.length - toldRows} figures more.`)] : [];
  return [...rows.slice(0, toldRows).map(told), ...more];
}

function exposureOf(job: CountJob, from: readonly number[], told: NumberedRecord | undefined): Exposure {
  const privacy = promiseOf(job);
  const stayed = 'No record left its site, and no site’s counts could be read by themselves: only their sum.';
  return {
    summary: {
      text: [stayed, noiseText(privacy), keptText(job)].join(' ').trim(),
      from: told === undefined ? from : [...from, told.number],
      ofLedger: true,
    },
    rows: rowsOfExposure(job),
    ...(privacy === undefined ? {} : { budgets: [budgetOf(job, privacy, told)] }),
  };
}

function noiseText(privacy: StatisticsPrivacy | undefined): string {
  return privacy === undefined
    ? 'Sums are exact, so that they tell of one record what all others do not: no noise was added.'
    : `Noise in it bounds what it tells of a single record: epsilon ${privacy.epsilon} at delta ${privacy.delta}.`;
}

function budgetOf(
  { minParticipants }: CountJob,
  { epsilon, delta, honest }: StatisticsPrivacy,
  told: NumberedRecord | undefined,
): SpentBudget {
  const spent = told && numberIn(told, figures.epsilonSpent);
  return {
    of: 'Each single record',
    spent: spent === undefined ? 'not said here' : `epsilon ${spent} at delta ${delta}`,
    allowed: `epsilon ${epsilon} at delta ${delta} in this job; each site counts for itself what it allows over all jobs`,
    condition: `at least ${honest} of ${minParticipants} sites in a sum add their share of the noise, and no site’s counts are unmasked`,
  };
}

function promiseOf(job: CountJob): StatisticsPrivacy | undefined {
  try {
    return statisticsPrivacyOf(job);
  } catch (error) {
    if (error instanceof NonetError) return undefined;
    throw error;
  }
}

function rowsOfExposure(job: CountJob): Exposed[] {
  return [
    {
      what: 'The records of a site',
      who: 'the site itself',
      unless: 'nobody',
      until: 'it deletes them',
    },
    {
      what: 'What one site counted',
      who: 'the site itself',
      unless: unmaskersOf(job.arithmetic.threshold),
      until: 'the secrets of the round are erased, when it is over',
    },
    {
      what: 'The sum of what all sites counted, and the figures that follow',
      who: 'whoever reads the stores',
      unless: 'nobody',
      until: storedText(job),
    },
    {
      what: 'Which account took part, and which data it names',
      who: 'whoever reads the ledger',
      unless: 'nobody',
      until: forGood,
    },
  ];
}

function momentOf(each: NumberedRecord): Moment {
  const participants = numberIn(each, figures.participants);
  return {
    number: each.number,
    position: numberIn(each, figures.round) ?? 0,
    cells: [participants === undefined ? '' : String(participants)],
    ...(participants === undefined ? {} : { count: participants }),
    figures: figureColumns(
      each.record.figures,
      [figures.round, figures.participants].map(({ name }) => name),
    ),
  };
}
