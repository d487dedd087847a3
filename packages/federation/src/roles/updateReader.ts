/**
 * Fetches and judges update messages, each once: what an aggregator checks while a round collects is at hand when it sums. Several are
 * fetched at a time, not all.
 */
import { NonetError, UndecidedError } from '@nonet/core';
import type { Domain } from '@nonet/core/identity';
import type { BlobStore, JobState } from '@nonet/core/ports';
import type { FixedPoint } from '@nonet/core/records';
import { expectationOf, isUpdateRefusal, type UpdateOutcome } from '../update/step.ts';
import { maximumUpdateBytes, type UpdateRefusal, verifyUpdate } from '../update/message.ts';

export interface UpdateReaderParameters {
  readonly store: BlobStore;
  readonly vector: FixedPoint;
  readonly domain: Domain;
  readonly signal: AbortSignal;
  /** How many downloads at a time. Default 8. */
  readonly concurrency?: number;
}

export interface UpdateReader {
  /** The update of each of `participants`, or why it is none. What no store could serve is asked for again each time. */
  readAll(
    state: JobState,
    round: number,
    participants: readonly number[],
  ): Promise<ReadonlyMap<number, UpdateOutcome>>;
  /** Drops what was kept of rounds before `round`. */
  forget(round: number): void;
}

/** Whether another store, or the same one later, may still serve the message. */
export function isUnavailable(outcome: UpdateOutcome): outcome is UpdateRefusal {
  return isUpdateRefusal(outcome) && (outcome.refused === 'Unavailable' || outcome.refused === 'Corrupt');
}

export function createUpdateReader(parameters: UpdateReaderParameters): UpdateReader {
  const { store, vector, domain, signal, concurrency = 8 } = parameters;
  const kept = new Map<number, Map<number, Promise<UpdateOutcome>>>();
  let running = 0;
  const queue: (() => void)[] = [];

  async function read(state: JobState, round: number, participant: number): Promise<UpdateOutcome> {
    if (running >= concurrency) await new Promise<void>((resolve) => queue.push(resolve));
    running++;
    try {
      const address = state.rounds[round]!.commitments[participant]!;
      const bytes = await store.get(address, { maximumBytes: maximumUpdateBytes(vector), signal });
      return verifyUpdate(bytes, expectationOf(state, round, participant, vector, domain));
    } catch (cause) {
      return refusalOf(cause);
    } finally {
      running--;
      queue.shift()?.();
    }
  }

  return {
    async readAll(state, round, participants) {
      const known = kept.get(round) ?? new Map<number, Promise<UpdateOutcome>>();
      kept.set(round, known);
      const outcomes = await Promise.all(
        participants.map(async (participant) => {
          const pending = known.get(participant) ?? read(state, round, participant);
          known.set(participant, pending);
          const outcome = await pending;
          if (isUnavailable(outcome)) known.delete(participant);
          return [participant, outcome] as const;
        }),
      );
      return new Map(outcomes);
    },
    forget(round) {
      for (const earlier of kept.keys()) if (earlier < round) kept.delete(earlier);
    },
  };
}

/** What a store's failure means for the message (update.md §2.1). */
function refusalOf(cause: unknown): UpdateRefusal {
  if (!(cause instanceof NonetError)) throw cause;
  const { expected, found, code } = cause;
  if (code === 'blob.oversized') return { refused: 'Oversized', expected, found };
  if (code === 'blob.corrupt') return { refused: 'Corrupt', expected, found };
  if (code === 'blob.missing' || code === 'store.refused' || cause instanceof UndecidedError) {
    return { refused: 'Unavailable', expected, found };
  }
  throw cause;
}
