/**
 * Who could read what of a training job, for a person who answers for the data: what follows from
 * the job record and, of masked updates and noise, from what the ledger shows of its rounds.
 */
import { NonetError } from '@nonet/core';
import type { Exposed, Exposure, SpentBudget } from '@nonet/core/receipt';
import { isMasked, type RoundJob, type TrainJob } from '@nonet/core/records';
import type { PrivacyParameters } from '@nonet/privacy/dp';
import { privacyOf } from '../privacy.ts';
import { keptUntil } from '../rules/keeping.ts';
import { unitText } from './privacyClaim.ts';

/** `2027-01-02 15:04 UTC`: until when stores keep what the job refers to, or longer. */
function keptDate(job: RoundJob): string | undefined {
  const kept = new Date(1000 * keptUntil(job));
  // A receipt's job may be malformed: its verifier says so.
  return Number.isNaN(kept.getTime()) ? undefined : minuteText(kept);
}

const minuteText = (date: Date) => `${date.toISOString().slice(0, -8).replace('T', ' ')} UTC`;

/** Until when there is something to read at a store. */
export function storedText(job: RoundJob): string {
  const date = keptDate(job);
  return date === undefined ? 'a store deletes it' : `a store deletes it: not before ${date}`;
}

/** The same of all that stores hold, for the summary. */
export function keptText(job: RoundJob): string {
  const date = keptDate(job);
  return date === undefined ? '' : `Stores keep what they hold of it until ${date} at least.`;
}

export const forGood = 'for good: a ledger forgets nothing';

/** Who could read what one site masked, at this threshold in percent. */
export const unmaskersOf = (threshold: number) =>
  `more than ${threshold} % of the sites of a round together, or the ledger’s operator, who could show sites different sets or leave others out until its own are that many`;

/** What a receipt says was spent of a job's promise, and the record that says so. */
export interface ToldPrivacy {
  /** Epsilon of the participant that was in most rounds, and of the one that was in the fewest. */
  readonly most: number;
  readonly least: number;
  readonly from: number;
}

/** `from` are the records that show what the ledger took. */
export function exposureOf(job: TrainJob, from: readonly number[], spent?: ToldPrivacy): Exposure {
  const isHidden = isMasked(job.arithmetic);
  const privacy = promiseOf(job);
  return {
    summary: {
      text: [hidingText(isHidden, privacy), noiseText(isHidden, privacy, spent), keptText(job)]
        .filter((sentence) => sentence !== '')
        .join(' '),
      from: spent === undefined ? from : [...from, spent.from],
      ofLedger: true,
    },
    rows: [
      {
        what: 'The examples of a site',
        who: 'the site itself',
        unless:
          isHidden || privacy !== undefined
            ? 'nobody'
            : 'whoever studies its updates may recover some of them',
        until: 'it deletes them',
      },
      ...(isHidden ? maskedRows(job, privacy) : clearRows(job)),
      {
        what: 'Each model, and how good it is',
        who: 'whoever reads the stores',
        unless: 'nobody',
        until: storedText(job),
      },
      {
        what: 'Which account took part in which round, and which data it names',
        who: 'whoever reads the ledger',
        unless: 'nobody',
        until: forGood,
      },
    ],
    ...(privacy === undefined ? {} : { budgets: [budgetOf(job, privacy, spent)] }),
  };
}

/** A receipt's job may be malformed: its verifier says so. */
function promiseOf(job: TrainJob): PrivacyParameters | undefined {
  try {
    return privacyOf(job)?.parameters;
  } catch (error) {
    if (error instanceof NonetError) return undefined;
    throw error;
  }
}

function hidingText(isHidden: boolean, privacy: PrivacyParameters | undefined): string {
  if (isHidden) {
    return 'No example left its site, and no update could be read by itself: only the sum of all updates of a round.';
  }
  return privacy === undefined
    ? 'No example left its site, but every update could be read, and an update can give away examples that it was trained on.'
    : 'No example left its site, but every update could be read, as it was trained: with noise.';
}

function noiseText(isHidden: boolean, privacy: PrivacyParameters | undefined, spent?: ToldPrivacy): string {
  if (privacy === undefined) {
    return isHidden
      ? 'Nothing bounds what that sum and the models give away about a single example: no noise was added.'
      : '';
  }
  const told =
    spent === undefined
      ? ''
      : `: epsilon ${spent.most} was spent of the ${privacy.epsilon} that were promised`;
  return `Noise bounds what all of it together gives away of ${unitText(privacy)}${told}.`;
}

/** The budget of the job; what a site has spent in other jobs only the site knows. */
function budgetOf(
  { minParticipants }: TrainJob,
  privacy: PrivacyParameters,
  spent: ToldPrivacy | undefined,
): SpentBudget {
  const { epsilon, delta } = privacy;
  const what = unitText(privacy);
  const fewest =
    spent === undefined || spent.least === spent.most
      ? ''
      : `; ${spent.least} where a site was in fewer rounds`;
  return {
    of: `${what.charAt(0).toUpperCase()}${what.slice(1)}`,
    spent: spent === undefined ? 'not said here' : `epsilon ${spent.most} at delta ${delta}${fewest}`,
    allowed: `epsilon ${epsilon} at delta ${delta} in this job; each site counts for itself what it allows over all jobs`,
    condition:
      privacy.form === 'silo'
        ? 'the site adds its own noise'
        : `at least ${privacy.honest} of ${minParticipants} sites in a sum add their share of the noise, and no update is unmasked`,
  };
}

const clearRows = (job: TrainJob): readonly Exposed[] => [
  {
    what: 'What the update of one site says',
    who: 'aggregators, watchers, stores, and whoever knows its address',
    unless: 'nobody',
    until: storedText(job),
  },
  {
    what: 'How many examples a site has, up to 4,096',
    who: 'whoever reads the ledger',
    unless: 'nobody',
    until: forGood,
  },
];

const heldOutRow = (job: TrainJob): Exposed => ({
  what: 'How many examples the sites of a round hold out together, and how well a model does on them',
  who: 'whoever reads the stores',
  unless: 'nobody',
  until: storedText(job),
});

function maskedRows(job: TrainJob, privacy: PrivacyParameters | undefined): readonly Exposed[] {
  const { arithmetic } = job;
  const threshold = isMasked(arithmetic) ? arithmetic.threshold : 0;
  const counts = arithmetic.kind === 'masked' && arithmetic.weighting === 'examples';
  const noise = privacy === undefined ? '' : ', with its own noise';
  return [
    {
      what: `What the update of one site says${noise}${counts ? ', and its number of examples' : ''}`,
      who: 'the site itself',
      unless: unmaskersOf(threshold),
      until: 'the secrets of the round are erased, when it is over',
    },
    {
      what:
        privacy === undefined
          ? 'The sum of all updates of a round'
          : 'The sum of all updates of a round, with all noise',
      who: 'whoever reads the stores',
      unless: 'nobody',
      until: storedText(job),
    },
    ...(arithmetic.kind === 'masked' && arithmetic.heldOut !== undefined ? [heldOutRow(job)] : []),
  ];
}
