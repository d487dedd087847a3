/**
 * Who could read what of a training job, for a person who answers for the data: what follows from
 * the job record and, of masked updates, from what the ledger shows of its rounds.
 */
import type { Exposed, Exposure } from '@nonet/core/receipt';
import { isMasked, type TrainJob } from '@nonet/core/records';

/** Nothing here deletes what a store keeps, or takes an entry off a ledger. */
export const stored = 'as long as a store keeps it';
export const forGood = 'for good: a ledger forgets nothing';

/** `from` are the records that show what the ledger took. */
export function exposureOf(job: TrainJob, from: readonly number[]): Exposure {
  const isHidden = isMasked(job.arithmetic);
  return {
    summary: {
      text: isHidden
        ? 'No example left its site, and no update could be read by itself: only the sum of all updates of a round. ' +
          'Nothing bounds what that sum and the models give away about a single example: no noise was added.'
        : 'No example left its site, but every update could be read, and an update can give away examples that it was trained on.',
      from,
      ofLedger: true,
    },
    rows: [
      {
        what: 'The examples of a site',
        who: 'the site itself',
        unless: isHidden ? 'nobody' : 'whoever studies its updates may recover some of them',
        until: 'it deletes them',
      },
      ...(isHidden ? maskedRows(job) : clearRows),
      {
        what: 'Each model, and how good it is',
        who: 'whoever reads the stores',
        unless: 'nobody',
        until: stored,
      },
      {
        what: 'Which account took part in which round, and which data it names',
        who: 'whoever reads the ledger',
        unless: 'nobody',
        until: forGood,
      },
    ],
  };
}

const clearRows: readonly Exposed[] = [
  {
    what: 'What the update of one site says',
    who: 'aggregators, watchers, stores, and whoever knows its address',
    unless: 'nobody',
    until: stored,
  },
  {
    what: 'How many examples a site has, up to 4,096',
    who: 'whoever reads the ledger',
    unless: 'nobody',
    until: forGood,
  },
];

function maskedRows({ arithmetic }: TrainJob): readonly Exposed[] {
  const threshold = isMasked(arithmetic) ? arithmetic.threshold : 0;
  const together = `more than ${threshold} % of the sites of a round together, or a ledger that shows them different sets`;
  return [
    {
      what: 'What the update of one site says, and its number of examples',
      who: 'the site itself',
      unless: together,
      until: 'the secrets of the round are erased, when it is over',
    },
    {
      what: 'The sum of all updates of a round',
      who: 'whoever reads the stores',
      unless: 'nobody',
      until: stored,
    },
  ];
}
