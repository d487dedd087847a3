/**
 * Fetches and judges update messages, each once: what an aggregator checks while a round collects is at
 * hand when it sums. Several are fetched at a time, not all. What cannot be read by the deadline is
 * undefined, and asked for again next time: absence is no ground for a refusal (update.md §2).
 */
import { NonetError } from '@nonet/core';
import type { BlobStore, JobState } from '@nonet/core/ports';
import type { FixedPoint } from '@nonet/core/records';
import { updateBytes, verifyUpdate } from '../update/message.ts';
import { expectedUpdate, type UpdateOutcome } from '../update/step.ts';
import { isPassing } from './jobView.ts';

export interface UpdateReaderParameters {
  readonly store: BlobStore;
  readonly arithmetic: FixedPoint;
  readonly signal: AbortSignal;
  /** How many downloads at a time. Default 8. */
  readonly concurrency?: number;
}

export interface UpdateReader {
  /** What each of `participants` sent, or why it is refused; undefined where it cannot be read until then. */
  readAll(
    state: JobState,
    round: number,
    participants: readonly number[],
    untilMilliseconds: number,
  ): Promise<ReadonlyMap<number, UpdateOutcome | undefined>>;
  /** Drops what was kept of rounds before `round`. */
  forget(round: number): void;
}

export function createUpdateReader(parameters: UpdateReaderParameters): UpdateReader {
  const { store, arithmetic, signal, concurrency = 8 } = parameters;
  const kept = new Map<number, Map<number, Promise<UpdateOutcome | undefined>>>();
  let running = 0;
  const queue: (() => void)[] = [];

  async function read(
    state: JobState,
    round: number,
    participant: number,
    untilMilliseconds: number,
  ): Promise<UpdateOutcome | undefined> {
    if (running >= concurrency) await new Promise<void>((resolve) => queue.push(resolve));
    running++;
    try {
      const current = state.rounds[round]!;
      const { blob } = current.commitments[participant]!;
      const maximumBytes = updateBytes(arithmetic.entries);
      const bytes = await store.get(blob, { signal, untilMilliseconds, maximumBytes });
      return verifyUpdate(bytes, expectedUpdate(state, current, participant, arithmetic));
    } catch (cause) {
      // Its length is bound by its address, so that it need not be read.
      if (cause instanceof NonetError && cause.code === 'blob.oversized') {
        const { expected, found } = cause;
        return { refused: 'WrongLength', entry: 0, expected, found };
      }
      if (!isPassing(cause) && !signal.aborted) throw cause;
      return undefined;
    } finally {
      running--;
      queue.shift()?.();
    }
  }

  return {
    async readAll(state, round, participants, untilMilliseconds) {
      const known = kept.get(round) ?? new Map<number, Promise<UpdateOutcome | undefined>>();
      kept.set(round, known);
      const outcomes = await Promise.all(
        participants.map(async (participant) => {
          const pending = known.get(participant) ?? read(state, round, participant, untilMilliseconds);
          known.set(participant, pending);
          const outcome = await pending;
          if (outcome === undefined) known.delete(participant);
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
