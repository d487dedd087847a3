/** The accounts of a job, for the stores that keep room for them (docs/specs/update.md §5). */
import { pause } from '@nonet/core';
import type { Account } from '@nonet/core/identity';
import type { Ledger } from '@nonet/core/ports';
import { idOfJob, type RoundJob } from '@nonet/core/records';
import type { Members } from '../stores/storeServer.ts';

/** A stranger's signatures make a store ask its ledger no more often. */
const askedMilliseconds = 1000;

/**
 * Those that the job record names, and those that have joined: the ledger is asked when an account
 * is not known yet, once a second at most.
 */
export function createMembers(job: RoundJob, ledger: Ledger): Members {
  const { creator, aggregators, watchers, maxParticipants } = job;
  const named = [creator, ...aggregators, ...watchers];
  const known = new Set<Account>(named);
  let asked = Number.NEGATIVE_INFINITY;
  let asking: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;
  // Who comes while it waits shares it; who comes later may have joined later, and asks again, once
  // this one is answered.
  const ask = () => {
    next ??= asking
      .catch(() => {})
      .then(() => pause(Math.max(0, asked + askedMilliseconds - performance.now())))
      .then(() => {
        next = undefined;
        asked = performance.now();
        asking = read();
        return asking;
      });
    return next;
  };
  const read = async () => {
    for (const { move, by } of await ledger.rounds.moves(idOfJob(job))) {
      if (move.type === 'join') known.add(by);
    }
  };
  return {
    count: named.length + maxParticipants,
    async includes(account) {
      if (!known.has(account)) await ask();
      return known.has(account);
    },
  };
}
