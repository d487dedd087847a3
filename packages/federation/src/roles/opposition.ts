/**
 * What a watcher does about a wrong step: shows the ledger where it is wrong (docs/specs/round.md
 * §8), or, where the job has no rule that the ledger could judge by, objects with a bond (§9).
 */
import { type Address, NonetError } from '@nonet/core';
import {
  type BlobStore,
  type CallOptions,
  isRefusal,
  type JobState,
  type Lie,
  type Round,
} from '@nonet/core/ports';
import { acceptedParticipants, includedParticipants } from '../rules/state.ts';
import { findLie } from '../update/lies.ts';
import { updateBytes } from '../update/message.ts';
import { maximumModelBytes } from '../update/modelBlob.ts';
import { objectedStep, type Step } from '../update/step.ts';
import type { JobView, RoleParameters } from './jobView.ts';

/** A posted step that another one should be. */
export interface WrongStep {
  readonly number: number;
  readonly round: Round;
  /** The right one; undefined where no step follows from the updates. */
  readonly right: Step | undefined;
  /** In plain words. */
  readonly because: string;
}

type Opponent = RoleParameters & { readonly store: BlobStore };

/** No store has a longer blob (docs/specs/update.md §5.4). */
const maximumServedBytes = 2 ** 32;

/** True if a move was made. */
export async function oppose(
  parameters: Opponent,
  view: JobView,
  state: JobState,
  wrong: WrongStep,
  untilMilliseconds: number,
): Promise<boolean> {
  if (state.terms.rule === undefined) return object(parameters, view, wrong);
  const { onEvent } = parameters;
  const { number, round, because } = wrong;
  const lie = await findShownLie(parameters, state, number, round, untilMilliseconds);
  if (lie === undefined) {
    // For a step that only names another true reason: its model is the right one.
    onEvent?.({ type: 'unchecked', round: number, because: `${because}, of which nothing can be shown` });
    return false;
  }
  const outcome = await view.submit({ type: 'prove', round: number, lie });
  if (outcome === undefined || isRefusal(outcome)) return false;
  onEvent?.({ type: 'proved', round: number, kind: lie.kind, because, gas: outcome.gas });
  return true;
}

async function findShownLie(
  parameters: Opponent,
  state: JobState,
  number: number,
  round: Round,
  untilMilliseconds: number,
): Promise<Lie | undefined> {
  const { job, store, signal } = parameters;
  const bounds = { signal, untilMilliseconds };
  const posted = round.posted!;
  const read = async (blob: Address, maximumBytes: number) =>
    (await store.get(blob, { ...bounds, maximumBytes })).bytes;
  return findLie({
    state,
    round: number,
    arithmetic: job.arithmetic,
    start: await read(round.model, maximumModelBytes(job.arithmetic)),
    // What is posted may be as long as a lie makes it: its length is then what is shown.
    next: await read(posted.model, maximumServedBytes),
    ...(posted.partials === undefined ? {} : { partials: await read(posted.partials, maximumServedBytes) }),
    updates: await readUpdates(parameters, round, bounds),
  });
}

/**
 * Messages of included participants. Those that are longer than they should be are left out, or
 * else their authors could keep any lie from being shown, except one that the step accepts: by
 * itself it shows the lie.
 */
async function readUpdates(
  { job, store }: Opponent,
  round: Round,
  bounds: CallOptions,
): Promise<Map<number, Uint8Array>> {
  const updates = new Map<number, Uint8Array>();
  const oversized: number[] = [];
  const read = async (participant: number, maximumBytes: number) => {
    const { bytes } = await store.get(round.commitments[participant]!.blob, { ...bounds, maximumBytes });
    updates.set(participant, bytes);
  };
  await Promise.all(
    includedParticipants(round).map(async (participant) => {
      try {
        await read(participant, updateBytes(job.arithmetic.entries));
      } catch (cause) {
        if (!(cause instanceof NonetError) || cause.code !== 'blob.oversized') throw cause;
        oversized.push(participant);
      }
    }),
  );
  const accepted = acceptedParticipants(round).find((participant) => oversized.includes(participant));
  if (accepted !== undefined) await read(accepted, maximumServedBytes);
  return updates;
}

async function object(
  { onEvent }: RoleParameters,
  view: JobView,
  { number, round, right, because }: WrongStep,
): Promise<boolean> {
  const claimed = objectedStep(round, right);
  const outcome = await view.submit({ type: 'object', round: number, ...claimed });
  if (outcome === undefined || isRefusal(outcome)) {
    onEvent?.({ type: 'unchecked', round: number, because: `${because}; the objection was not taken` });
    return false;
  }
  const posted = round.posted!.model;
  onEvent?.({ type: 'objected', round: number, posted, expected: claimed.model, because });
  return true;
}
