/** Terms of a job for tests of the client: one account in every role, a minute for each phase. */
import { addressOf, utf8 } from '@nonet/core';
import type { Account } from '@nonet/core/identity';
import type { JobTerms, TimedPhase } from '@nonet/core/ports';

export const phases: Readonly<Record<TimedPhase, number>> = {
  open: 0,
  collecting: 60,
  closing: 60,
  appealing: 60,
  complaining: 0,
  opening: 0,
  stepping: 60,
  objecting: 60,
};

/** `name` tells jobs of one creator apart. */
export function draftTerms(name: string, account: Account, change: Partial<JobTerms> = {}): JobTerms {
  return {
    record: addressOf(utf8(name)),
    creator: account,
    model: addressOf(utf8('model')),
    rounds: 1,
    minParticipants: 1,
    maxParticipants: 5,
    invited: false,
    phases,
    grace: 0,
    attempts: 5,
    expiry: 2 ** 33,
    aggregators: [account],
    watchers: [],
    stores: [account],
    copies: 1,
    maximumWeight: 100,
    escrow: 0n,
    bond: 0n,
    ...change,
  };
}
