/** What every participant brings to a job, and its training: the same for clear and masked updates. */
import { type Address, NonetError } from '@nonet/core';
import type { BlobStore, Round } from '@nonet/core/ports';
import { addressOfJob, largestMasked, type MaskedArithmetic, maskedEntries } from '@nonet/core/records';
import type { Outbox } from '../site/outbox.ts';
import type { PrivacyBudget } from '../site/privacyBudget.ts';
import type { SitePolicy } from '../site/sitePolicy.ts';
import type { PrivateTrainer, Trainer, TrainingRequest } from '../trainers/trainer.ts';
import { findClamped, findOutOfRange, subtractParameters } from '../update/fixedPoint.ts';
import type { HeldOut } from '../update/heldOut.ts';
import {
  decodeModel,
  type Model,
  type ModelSize,
  maximumModelBytes,
  readModel,
} from '../update/modelBlob.ts';
import type { RoleParameters } from './jobView.ts';

/** What a participant needs besides the job, the ledger and its key. */
export interface ParticipantParameters extends RoleParameters {
  /** Where models come from and updates go: the job's stores. */
  readonly store: BlobStore;
  /** A `PrivateTrainer` where each sum of a job has shares of noise in it. */
  readonly trainer: Trainer | PrivateTrainer;
  /** Of the data that the trainer trains on: charged where the job promises differential privacy. */
  readonly budget?: PrivacyBudget;
  /**
   * The address of the commitment to the data that the trainer trains on (docs/specs/dataset.md).
   */
  readonly dataset: Address;
  /** Keeps messages by step; where updates are masked, the secrets of each round. */
  readonly outbox: Outbox;
  readonly sitePolicy?: SitePolicy;
  /** Steps in which to stay away after training: a rehearsed drop-out. */
  readonly absences?: readonly number[];
}

/** The code of an event `missed` that `absences` asked for. */
export const rehearsedAbsence = 'rehearsal.absent';

/** What training at this site comes to. */
export interface TrainedModel {
  /** By how much each number of the model moved. */
  readonly moved: Float32Array<ArrayBuffer>;
  readonly examples: number;
  readonly heldOut?: HeldOut;
}

/** Trains the model that a round starts from on the site's own data. */
export async function trainModel(
  parameters: ParticipantParameters,
  participant: number,
  round: number,
  current: Pick<Round, 'model' | 'step'>,
): Promise<TrainedModel> {
  const { job, onEvent } = parameters;
  const { arithmetic } = job;
  const trainer = trainerOf(parameters, 'train');
  const { start, result } = await runTrainer(parameters, participant, round, current, async (request) => {
    const trained = await trainer.train(request);
    return { ...trained, result: trained };
  });
  const { examples, heldOut } = result;
  const trained = decodeTrained(start, result.model, arithmetic);
  const moved = subtractParameters(trained.flat, start.flat);
  if (arithmetic.kind !== 'maskedSum') {
    const { clamp: bound } = arithmetic;
    const clamped = findClamped(moved, start.tensors, arithmetic);
    if (clamped.length > 0) onEvent?.({ type: 'clamped', round, bound, tensors: clamped });
  }
  return { moved, examples, ...(heldOut === undefined ? {} : { heldOut }) };
}

/**
 * What a site adds to the sum of a round under differential privacy: integers with its noise in
 * them, fresh at each call. Throws `privacy.range` on integers that the job's sums have no room for.
 */
export async function contributePrivately(
  parameters: ParticipantParameters,
  participant: number,
  round: number,
  current: Pick<Round, 'model' | 'step'>,
  arithmetic: MaskedArithmetic,
): Promise<Int32Array<ArrayBuffer>> {
  const trainer = trainerOf(parameters, 'contribute');
  const { result: entries } = await runTrainer(parameters, participant, round, current, async (request) => {
    const { entries, site } = await trainer.contribute(request);
    return { examples: site.examples, result: entries };
  });
  const most = largestMasked(arithmetic);
  if (entries.length === maskedEntries(arithmetic) && findOutOfRange(entries, most) < 0) return entries;
  throw new NonetError({
    code: 'privacy.range',
    expected: `${maskedEntries(arithmetic)} integers of at most ${most}, for which the job has room`,
    found: `${entries.length}, some of them larger`,
  });
}

/** Fetches the model that a round starts from, and tells of the work on it. */
async function runTrainer<T>(
  { job, store, signal, onEvent }: ParticipantParameters,
  participant: number,
  round: number,
  { model: address, step }: Pick<Round, 'model' | 'step'>,
  work: (
    request: TrainingRequest,
  ) => Promise<{ readonly examples: number; readonly loss?: number; readonly result: T }>,
): Promise<{ readonly start: Model; readonly result: T }> {
  const maximumBytes = maximumModelBytes(job.arithmetic);
  const { bytes: model } = await store.get(address, { maximumBytes, signal });
  const start = decodeModel(model, job.arithmetic);
  onEvent?.({ type: 'training', round, step });
  const started = performance.now();
  // Counting needs no public randomness, and such a job has no seed.
  const seed = job.kind === 'train' ? job.seed : addressOfJob(job);
  const { examples, loss, result } = await work({ model, step, participant, seed, signal });
  const seconds = (performance.now() - started) / 1000;
  onEvent?.({ type: 'trained', round, step, examples, ...(loss === undefined ? {} : { loss }), seconds });
  return { start, result };
}

/**
 * The trainer of the kind that a job needs. Throws `job.trainer`: without noise nothing may leave
 * where noise was promised.
 */
function trainerOf<Kind extends 'train' | 'contribute'>(
  { trainer }: ParticipantParameters,
  kind: Kind,
): Kind extends 'train' ? Trainer : PrivateTrainer;
function trainerOf({ trainer }: ParticipantParameters, kind: 'train' | 'contribute') {
  if (kind in trainer) return trainer;
  throw new NonetError({
    code: 'job.trainer',
    expected: kind === 'train' ? 'a trainer of models' : 'a trainer that adds its share of noise',
    found: 'one of the other kind',
    hint: 'createGradientTrainer and createUpdateTrainer add noise; the others do not, or have no need to.',
  });
}

/**
 * What the trainer returned, which must have the tensors that it was given. Throws
 * `update.tensors`.
 */
function decodeTrained(start: Model, file: Uint8Array, size: ModelSize): Model {
  const trained = readModel(file, size);
  const describe = ({ tensors }: Model) => JSON.stringify(tensors.map(({ name, shape }) => [name, shape]));
  if (describe(start) === describe(trained)) return trained;
  throw new NonetError({
    code: 'update.tensors',
    expected: `the trainer to return ${describe(start)}`,
    found: describe(trained),
  });
}
