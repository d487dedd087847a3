/**
 * A job as one role sees it: the fold of the reducer over the ledger's moves, kept current. A ledger that goes away is waited for; one
 * that accepts a move which the rules refuse is not followed any further.
 */
import { MisuseError, NonetError, pause, UndecidedError } from '@nonet/core';
import type { Signer } from '@nonet/core/identity';
import {
  isRefusal,
  type JobState,
  type JobTerms,
  type Ledger,
  type LedgerEvent,
  type Move,
  type Posted,
  type Refusal,
} from '@nonet/core/ports';
import { addressOfJob, type Job, termsOf, toJson } from '@nonet/core/records';
import { createJobState, reduceRound } from '../round.ts';
import type { OnEvent } from './events.ts';

/** What every role needs. */
export interface RoleParameters {
  readonly ledger: Ledger;
  readonly job: Job;
  readonly signer: Signer;
  /** Stops the role: it returns what it has done so far. */
  readonly signal: AbortSignal;
  readonly onEvent?: OnEvent;
  /** How often deadlines are looked at and outages retried. Default 250. */
  readonly pollMilliseconds?: number;
}

export const defaultPollMilliseconds = 250;

export interface JobView {
  readonly state: JobState;
  /** All moves so far. */
  readonly events: readonly LedgerEvent[];
  /**
   * Resolves when there are more moves than `seen`, after `milliseconds`, or when the signal aborts. Throws what following threw. One caller
   * at a time.
   */
  change(seen: number, milliseconds: number): Promise<void>;
}

/**
 * Follows the job until the signal aborts; resolves once it has caught up with the ledger. Throws `job.unknown` and `job.terms` unless the
 * ledger holds this job as its record says.
 */
export async function followJob(parameters: RoleParameters): Promise<JobView> {
  const { ledger, job, signal, onEvent, pollMilliseconds = defaultPollMilliseconds } = parameters;
  const terms = await outlast(parameters, () => readTerms(ledger, job));
  if (terms === undefined) {
    return { state: createJobState(termsOf(job)), events: [], change: async () => {} };
  }
  const snapshot = await outlast(parameters, () => ledger.rounds.state(terms.job));
  let state = createJobState(terms);
  let events: readonly LedgerEvent[] = [];
  let folded = 0;
  let failure: unknown;
  let wake = () => {};
  const caughtUp = () => snapshot === undefined || hasReached(state, snapshot);

  async function fold(): Promise<void> {
    // From the first move again after each outage: what was folded before is replaced once it is passed.
    let next = createJobState(terms as JobTerms);
    const moves: LedgerEvent[] = [];
    for await (const event of ledger.rounds.follow((terms as JobTerms).job, signal)) {
      const outcome = reduceRound(next, event.move, event.by, event.at);
      if (isRefusal(outcome)) {
        throw new NonetError({
          code: 'ledger.rules',
          expected: `${event.move.type} in block ${event.block} to be refused with ${outcome.refused}`,
          found: 'a ledger that accepted it',
          hint: 'This ledger does not keep the rules of a round; do not use it.',
        });
      }
      next = outcome;
      moves.push(event);
      if (moves.length > folded) {
        folded = moves.length;
        state = next;
        events = moves;
        wake();
      }
    }
  }
  (async () => {
    while (!signal.aborted) {
      try {
        await fold();
        return;
      } catch (cause) {
        if (signal.aborted) return;
        if (!(cause instanceof UndecidedError)) {
          failure = cause;
          wake();
          return;
        }
        onEvent?.({ type: 'waiting', because: cause.message });
        await pause(pollMilliseconds, signal);
      }
    }
  })();

  const view: JobView = {
    get state() {
      return state;
    },
    get events() {
      return events;
    },
    async change(seen, milliseconds) {
      if (failure !== undefined) throw failure;
      if (folded > seen) return;
      await new Promise<void>((resolve) => {
        const done = () => {
          clearTimeout(timer);
          signal.removeEventListener('abort', done);
          wake = () => {};
          resolve();
        };
        const timer = setTimeout(done, milliseconds);
        signal.addEventListener('abort', done);
        wake = done;
        if (signal.aborted) done();
      });
      if (failure !== undefined) throw failure;
    },
  };
  while (!caughtUp() && !signal.aborted) await view.change(events.length, pollMilliseconds);
  return view;
}

/** Whether `state` is at least as far as `snapshot`; acting on less would redo work of rounds long over. */
function hasReached(state: JobState, snapshot: JobState): boolean {
  const size = ({ participants, rounds, end }: JobState) => {
    const last = rounds.at(-1);
    return [
      participants.length,
      rounds.length,
      end === undefined ? 0 : 1,
      rounds.filter(({ phase }) => phase === 'final' || phase === 'void').length,
      rounds.filter(({ step }) => step !== undefined).length,
      last === undefined || rounds.length > snapshot.rounds.length
        ? Number.POSITIVE_INFINITY
        : Object.keys(last.commitments).length,
    ];
  };
  const reached = size(state);
  const wanted = size(snapshot);
  if (state.rounds.length === 0 && snapshot.rounds.length === 0) return reached[0]! >= wanted[0]!;
  return wanted.every((count, i) => reached[i]! >= count);
}

/** Throws `job.unknown` or `job.terms`: whoever takes part checks what the ledger was told (round.md §1.1). */
async function readTerms(ledger: Ledger, job: Job): Promise<JobTerms> {
  const expected = termsOf(job);
  const found = await ledger.jobs.read(addressOfJob(job));
  if (found === undefined) {
    throw new NonetError({
      code: 'job.unknown',
      expected: `job ${expected.job} on the ledger`,
      found: 'no such job',
      hint: 'Is this the right ledger? The job must be created there first.',
    });
  }
  for (const field of Object.keys(expected) as (keyof JobTerms)[]) {
    if (toJson(sorted(found[field])) === toJson(sorted(expected[field]))) continue;
    throw new NonetError({
      code: 'job.terms',
      expected: `the ledger to hold ${field} as in the job record: ${toJson(expected[field])}`,
      found: toJson(found[field]) ?? 'nothing',
      hint: 'Do not take part: the ledger was told something else than the job says.',
    });
  }
  return found;
}

/** Objects with their fields in one order. */
function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Repeats while ledger or store are out of reach; undefined only when the signal aborted. */
export async function outlast<T>(
  { signal, onEvent, pollMilliseconds = defaultPollMilliseconds }: RoleParameters,
  attempt: () => Promise<T>,
): Promise<T | undefined> {
  for (let wait = pollMilliseconds; !signal.aborted; wait = Math.min(2 * wait, 5000)) {
    try {
      return await attempt();
    } catch (cause) {
      if (signal.aborted) return undefined;
      if (!(cause instanceof UndecidedError)) throw cause;
      onEvent?.({ type: 'waiting', because: cause.message });
      await pause(wait, signal);
    }
  }
  return undefined;
}

/**
 * Submits a move, through outages. A move that went through just before an outage is refused as `Repeated` or `WrongPhase` the second time:
 * refusals are for the caller to judge. Undefined only when the signal aborted.
 */
export async function submit(parameters: RoleParameters, move: Move): Promise<Posted | Refusal | undefined> {
  const { ledger, job, signer, onEvent } = parameters;
  const address = addressOfJob(job);
  const outcome = await outlast(parameters, () => ledger.rounds.submit(address, move, signer));
  if (outcome !== undefined && isRefusal(outcome)) onEvent?.({ type: 'moveRefused', move, refusal: outcome });
  return outcome;
}

export function assertRole(allowed: boolean, role: string, { signer, job }: RoleParameters): void {
  if (allowed) return;
  throw new MisuseError({
    code: 'job.role',
    expected: `${signer.account} to be ${role} of job "${job.name}"`,
    found: 'another account',
    hint: 'Use the key that the job names.',
  });
}
