/** What every participant brings to a job, and its training: the same for clear and masked updates. */
import { type Address, NonetError } from '@nonet/core';
import type { BlobStore, Round } from '@nonet/core/ports';
import type { Outbox } from '../site/outbox.ts';
import type { SitePolicy } from '../site/sitePolicy.ts';
import type { Trainer } from '../trainers/trainer.ts';
import { findClamped, subtractParameters } from '../update/fixedPoint.ts';
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
  readonly trainer: Trainer;
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
}

/** Trains the model that a round starts from on the site's own data. */
export async function trainModel(
  { job, store, trainer, signal, onEvent }: ParticipantParameters,
  participant: number,
  round: number,
  { model: address, step }: Pick<Round, 'model' | 'step'>,
): Promise<TrainedModel> {
  const maximumBytes = maximumModelBytes(job.arithmetic);
  const { bytes: model } = await store.get(address, { maximumBytes, signal });
  const start = decodeModel(model, job.arithmetic);
  onEvent?.({ type: 'training', round, step });
  const started = performance.now();
  const result = await trainer.train({ model, step, participant, seed: job.seed, signal });
  const { examples, loss } = result;
  const seconds = (performance.now() - started) / 1000;
  onEvent?.({ type: 'trained', round, step, examples, ...(loss === undefined ? {} : { loss }), seconds });
  const trained = decodeTrained(start, result.model, job.arithmetic);
  const moved = subtractParameters(trained.flat, start.flat);
  const clamped = findClamped(moved, start.tensors, job.arithmetic);
  if (clamped.length > 0) {
    onEvent?.({ type: 'clamped', round, bound: job.arithmetic.clamp, tensors: clamped });
  }
  return { moved, examples };
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
