/**
 * What a watcher does about a wrong step: shows the ledger where it is wrong (docs/specs/round.md §8),
 * or, where the job has no rule that the ledger could judge by, objects with a bond (§9).
 */
import type { Address } from '@nonet/core';
import {
  type BlobStore,
  type GetOptions,
  isRefusal,
  type JobState,
  type Lie,
  type Round,
} from '@nonet/core/ports';
import { includedParticipants } from '../rules/state.ts';
import { findLie } from '../update/lies.ts';
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

/** True if a move was made. */
export async function oppose(
  parameters: RoleParameters & { readonly store: BlobStore },
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
  { job, store, signal }: RoleParameters & { readonly store: BlobStore },
  state: JobState,
  number: number,
  round: Round,
  untilMilliseconds: number,
): Promise<Lie | undefined> {
  const bounds = { signal, untilMilliseconds };
  const read = async (blob: Address, options: GetOptions = bounds) => (await store.get(blob, options)).bytes;
  const updates = await Promise.all(
    includedParticipants(round).map(
      async (participant) => [participant, await read(round.commitments[participant]!.blob)] as const,
    ),
  );
  const posted = round.posted!;
  return findLie({
    state,
    round: number,
    arithmetic: job.arithmetic,
    start: await read(round.model, { ...bounds, maximumBytes: maximumModelBytes(job.arithmetic) }),
    next: await read(posted.model),
    ...(posted.partials === undefined ? {} : { partials: await read(posted.partials) }),
    updates: new Map(updates),
  });
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
