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
import { fixedPointOf } from '@nonet/core/records';
import { acceptedParticipants, includedParticipants } from '../rules/state.ts';
import { findLie, showLeaf } from '../update/lies.ts';
import { updateBytes } from '../update/message.ts';
import { maximumModelBytes } from '../update/modelBlob.ts';
import { countGroups, partialSumBytes } from '../update/partialSums.ts';
import { objectedStep, type Step } from '../update/step.ts';
import { readFirstLeaf } from './firstLeaf.ts';
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

/**
 * What can be shown of a step. A blob that is longer than it should be is a lie by its length, and
 * is not read any further; but updates that are refused may be as long as their authors like.
 */
async function findShownLie(
  parameters: Opponent,
  state: JobState,
  number: number,
  round: Round,
  untilMilliseconds: number,
): Promise<Lie | undefined> {
  const { job, store, signal } = parameters;
  const { entries } = job.arithmetic;
  const bounds = { signal, untilMilliseconds };
  const posted = round.posted!;
  const maximumBytes = maximumModelBytes(job.arithmetic);
  const { bytes: start } = await store.get(round.model, { ...bounds, maximumBytes });
  const next = await readUpTo(store, posted.model, maximumBytes, bounds);
  if (next === undefined) {
    return {
      kind: 'header',
      index: 0,
      start: showLeaf(start, 0),
      next: await readFirstLeaf(store, posted.model, bounds),
    };
  }
  const updates = new Map<number, Uint8Array>();
  await Promise.all(
    includedParticipants(round).map(async (participant) => {
      const { blob } = round.commitments[participant]!;
      const bytes = await readUpTo(store, blob, updateBytes(entries), bounds);
      if (bytes !== undefined) updates.set(participant, bytes);
    }),
  );
  const long = acceptedParticipants(round).find((participant) => !updates.has(participant));
  if (long !== undefined) {
    const shown = await readFirstLeaf(store, round.commitments[long]!.blob, bounds);
    return { kind: 'accepted', participant: long, reason: 'WrongLength', entry: 0, shown };
  }
  const question = { state, round: number, arithmetic: fixedPointOf(job), start, next, updates };
  if (posted.partials === undefined) return findLie(question);
  const partialBytes = partialSumBytes(entries, countGroups(round.size));
  const partials = await readUpTo(store, posted.partials, partialBytes, bounds);
  if (partials !== undefined) return findLie({ ...question, partials });
  const sum = await readFirstLeaf(store, posted.partials, bounds);
  return { kind: 'group', group: 0, entry: 0, sum, terms: [] };
}

/** The bytes of a blob; undefined if there are more than `maximumBytes`. */
async function readUpTo(
  store: BlobStore,
  blob: Address,
  maximumBytes: number,
  bounds: CallOptions,
): Promise<Uint8Array | undefined> {
  try {
    return (await store.get(blob, { ...bounds, maximumBytes })).bytes;
  } catch (cause) {
    if (!(cause instanceof NonetError) || cause.code !== 'blob.oversized') throw cause;
    return undefined;
  }
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
