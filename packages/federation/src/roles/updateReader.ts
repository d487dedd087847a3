/**
 * Fetches and judges update messages, each once: what an aggregator checks while a round collects
 * is at hand when it sums. Reads go on in the background, so that a store which trickles holds up
 * nothing but what only it has. What cannot be read is asked for again next time: absence is no
 * ground for a refusal (update.md §2).
 */
import { type Address, NonetError, pause } from '@nonet/core';
import type { BlobStore, JobState } from '@nonet/core/ports';
import { type Arithmetic, isMasked, maskedEntries } from '@nonet/core/records';
import { longestTimer } from '../stores/boundCall.ts';
import { updateBytes, verifyUpdate } from '../update/message.ts';
import { expectedUpdate, isUpdateRefusal, type MaskedUpdate, type UpdateOutcome } from '../update/step.ts';
import { isPassing } from './jobView.ts';

export interface UpdateReaderParameters {
  readonly store: BlobStore;
  readonly arithmetic: Arithmetic;
  readonly signal: AbortSignal;
  /** How many downloads begin at a time. Default 8. */
  readonly concurrency?: number;
}

/**
 * What is known of one update: what it says, or that it is still being read, that no store serves
 * it, or that it has not the length of a masked message, and is not asked for again.
 */
export type Reading = UpdateOutcome | MaskedUpdate | 'reading' | 'failed' | 'unfit';

export interface UpdateReader {
  /** Begins to read what is not read yet, and waits for all of it until `untilMilliseconds`. */
  readAll(
    state: JobState,
    round: number,
    participants: readonly number[],
    untilMilliseconds: number,
  ): Promise<ReadonlyMap<number, Reading>>;
  /** Drops what was kept of rounds before `round`. */
  forget(round: number): void;
}

/** Whether an update was read, whatever it says. */
export function isRead(reading: Reading): reading is UpdateOutcome | MaskedUpdate {
  return reading !== 'reading' && reading !== 'failed' && reading !== 'unfit';
}

/** The refusals among what was read. */
export function refusalsIn(readings: ReadonlyMap<number, Reading>) {
  return [...readings].flatMap(([participant, reading]) =>
    isRead(reading) && !('masked' in reading) && isUpdateRefusal(reading)
      ? [{ participant, refusal: reading }]
      : [],
  );
}

/**
 * A download that takes longer lets the next begin: a few that hang must not keep the rest waiting.
 */
const slotMilliseconds = 2000;

interface Read {
  /**
   * What was asked for: receipts may name another address of the same commitment (round.md §4.1).
   */
  readonly blob: Address;
  reading: Reading;
  /** Rejects on what is a mistake of this program. */
  readonly done: Promise<void>;
}

interface ReadRound {
  readonly reads: Map<number, Read>;
  readonly stop: AbortController;
}

export function createUpdateReader(parameters: UpdateReaderParameters): UpdateReader {
  const { store, arithmetic, signal, concurrency = 8 } = parameters;
  const kept = new Map<number, ReadRound>();
  let running = 0;
  const queue: (() => void)[] = [];

  /** Resolves with what gives the slot back, which happens by itself after a while. */
  async function takeSlot(): Promise<() => void> {
    while (running >= concurrency) await new Promise<void>((resolve) => queue.push(resolve));
    running++;
    let held = true;
    const release = () => {
      if (!held) return;
      held = false;
      clearTimeout(timer);
      running--;
      queue.shift()?.();
    };
    const timer = setTimeout(release, slotMilliseconds);
    return release;
  }

  async function read(
    state: JobState,
    round: number,
    participant: number,
    blob: Address,
    stop: AbortSignal,
  ): Promise<Reading> {
    const release = await takeSlot();
    try {
      const current = state.rounds[round]!;
      if (isMasked(arithmetic)) {
        const maximumBytes = 4 * maskedEntries(arithmetic);
        const { bytes } = await store.get(blob, { signal: stop, maximumBytes });
        // Its length is its only fault, and no receipts of another length count (round.md §12.6).
        return bytes.length === maximumBytes ? { masked: bytes } : 'unfit';
      }
      const maximumBytes = updateBytes(arithmetic.entries);
      const message = await store.get(blob, { signal: stop, maximumBytes });
      return verifyUpdate(message, expectedUpdate(state, current, participant, arithmetic));
    } catch (cause) {
      // Its length is bound by its address, so that it need not be read.
      if (cause instanceof NonetError && cause.code === 'blob.oversized') {
        if (isMasked(arithmetic)) return 'unfit';
        const { expected, found } = cause;
        return { refused: 'WrongLength', entry: 0, expected, found };
      }
      if (!isPassing(cause) && !stop.aborted) throw cause;
      return 'failed';
    } finally {
      release();
    }
  }

  function begin(state: JobState, round: number, participant: number, { reads, stop }: ReadRound): Read {
    const known = reads.get(participant);
    const { blob } = state.rounds[round]!.commitments[participant]!;
    if (known !== undefined && known.reading !== 'failed' && known.blob === blob) return known;
    const ended = AbortSignal.any([signal, stop.signal]);
    const begun: Read = {
      blob,
      reading: 'reading',
      done: read(state, round, participant, blob, ended).then((reading) => {
        begun.reading = reading;
      }),
    };
    // The caller that waits for it hears of it.
    begun.done.catch(() => {});
    reads.set(participant, begun);
    return begun;
  }

  return {
    async readAll(state, round, participants, untilMilliseconds) {
      const known = kept.get(round) ?? { reads: new Map<number, Read>(), stop: new AbortController() };
      kept.set(round, known);
      const begun = participants.map((one) => [one, begin(state, round, one, known)] as const);
      const rest = new AbortController();
      const left = Math.min(longestTimer, Math.max(0, untilMilliseconds - Date.now()));
      const waited = pause(left, AbortSignal.any([signal, rest.signal]));
      await Promise.race([Promise.all(begun.map(([, { done }]) => done)), waited]).finally(() =>
        rest.abort(),
      );
      return new Map(begun.map(([participant, { reading }]) => [participant, reading]));
    },
    forget(round) {
      for (const [earlier, { stop }] of kept) {
        if (earlier >= round) continue;
        stop.abort();
        kept.delete(earlier);
      }
    },
  };
}
