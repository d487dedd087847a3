/**
 * The step that follows from what a round has published, for roles that post it or check it: reads
 * updates, and where they are masked also what takes the masks from their sum. Clear and masked
 * updates differ here and in what a participant sends, and nowhere else in the roles.
 */
import type { BlobStore, JobState, Round } from '@nonet/core/ports';
import type { RoundJob } from '@nonet/core/records';
import {
  type Blobs,
  computeMaskedStep,
  fetchRegistrations,
  fetchReveals,
  recoverRound,
} from '../masked/maskedRound.ts';
import { includedParticipants, maskSet } from '../rules/state.ts';
import type { Model } from '../update/modelBlob.ts';
import { computeStep, type MaskedUpdate, type Step, type UpdateOutcome } from '../update/step.ts';
import { createUpdateReader, isRead, type Reading, type UpdateReader } from './updateReader.ts';

/**
 * A step, or that none follows; whose updates could not be read; or that more has to be published
 * before there can be one.
 */
export type StepReading =
  | { readonly step: Step | undefined; readonly readings: ReadonlyMap<number, Reading> }
  | { readonly unread: readonly number[]; readonly readings: ReadonlyMap<number, Reading> }
  | { readonly lacking: string; readonly readings: ReadonlyMap<number, Reading> };

export interface StepReader extends UpdateReader {
  /** The step of a round whose set is fixed in `state`, from what can be read until then. */
  readStep(state: JobState, number: number, start: Model, untilMilliseconds: number): Promise<StepReading>;
}

export interface StepReaderParameters {
  readonly store: BlobStore;
  readonly job: RoundJob;
  readonly signal: AbortSignal;
}

/** How long what a round publishes besides updates, some kilobytes each, may take to be read. */
const shareMilliseconds = 10_000;

export function createStepReader({ store, job, signal }: StepReaderParameters): StepReader {
  const { arithmetic, minParticipants } = job;
  const updates = createUpdateReader({ store, arithmetic, signal });
  const registrations = new Map<number, Blobs>();
  /** By round: how many reveals were read, and what was lacking with these. */
  const lacking = new Map<number, readonly [reveals: number, because: string]>();

  /** Blobs that do not change any more, once all of them could be read. */
  async function readRegistrations(
    number: number,
    round: Round,
    options: object,
  ): Promise<Blobs | undefined> {
    const known = registrations.get(number);
    if (known !== undefined) return known;
    const read = await fetchRegistrations(store, round, options);
    if (read.size < maskSet(round).length) return undefined;
    registrations.set(number, read);
    return read;
  }

  return {
    readAll: updates.readAll,
    forget(round) {
      updates.forget(round);
      for (const kept of [registrations, lacking]) {
        for (const number of kept.keys()) if (number < round) kept.delete(number);
      }
    },
    async readStep(state, number, start, untilMilliseconds) {
      const round = state.rounds[number]!;
      const included = includedParticipants(round);
      const readings = await updates.readAll(state, number, included, untilMilliseconds);
      const unread = included.filter((participant) => !isRead(readings.get(participant)!));
      if (unread.length > 0) return { unread, readings };
      if (arithmetic.kind === 'fixedPoint') {
        const known = readings as ReadonlyMap<number, UpdateOutcome>;
        return { step: computeStep(start, round, known, arithmetic, minParticipants), readings };
      }
      const options = {
        signal,
        untilMilliseconds: Math.min(untilMilliseconds, Date.now() + shareMilliseconds),
      };
      const shares = await readRegistrations(number, round, options);
      if (shares === undefined) return { lacking: 'registrations that can be read', readings };
      const { revealed } = round.masking!;
      const [known, because] = lacking.get(number) ?? [];
      if (known === revealed.length && round.posted === undefined) return { lacking: because!, readings };
      const reveals = await fetchReveals(store, round, options);
      const recovery = recoverRound(state, number, { registrations: shares, reveals });
      if (recovery.outcome !== 'recovered') {
        const because = describe(recovery);
        const isAll = reveals.size === revealed.length;
        if (isAll) lacking.set(number, [revealed.length, because]);
        // No more can come once a step was posted: none follows from what there is.
        return isAll && round.posted !== undefined
          ? { step: undefined, readings }
          : { lacking: because, readings };
      }
      const messages = new Map(
        [...readings].map(([participant, reading]) => [participant, (reading as MaskedUpdate).masked]),
      );
      return { step: computeMaskedStep(start, round, messages, recovery, arithmetic), readings };
    },
  };
}

function describe(recovery: Exclude<ReturnType<typeof recoverRound>, { outcome: 'recovered' }>): string {
  if (recovery.outcome === 'missing') {
    const { participant, lacking } = recovery.missing[0]!;
    return `${lacking} more right shares of a secret of participant ${participant}`;
  }
  const liars = recovery.lies.map(({ participant }) => participant);
  return `what participants ${liars.join(', ')} shared: their registrations are wrong`;
}
