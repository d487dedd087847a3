/**
 * Participant-level privacy: a participant's whole update, clipped, with its share of the noise.
 * docs/specs/dp.md §12.5. What trains may be anything, since the update is clipped whatever it is.
 */
import { NonetError } from '@nonet/core';
import type { TrainJob } from '@nonet/core/records';
import {
  createDiscreteGaussian,
  drawDiscreteGaussian,
  type ParticipantPrivacy,
  reviewPlan,
  type SecretWords,
  systemWords,
} from '@nonet/privacy/dp';
import { subtractParameters } from '../update/fixedPoint.ts';
import { readModel } from '../update/modelBlob.ts';
import type { PrivateTrainer, Trainer, TrainingRequest } from './trainer.ts';

/** What makes updates, and with which promise they leave. */
export interface UpdateTrainerParameters {
  readonly job: Pick<TrainJob, 'arithmetic' | 'minParticipants' | 'maxParticipants' | 'rounds'>;
  readonly trainer: Trainer;
  readonly parameters: ParticipantPrivacy;
  /** Of the noise: the operating system's. Only tests have a reason to give it. */
  readonly words?: SecretWords;
}

/**
 * A trainer of clipped updates. Training that diverges adds zeros and noise, and is not an error:
 * staying away would tell of it. Throws what `reviewPlan` throws of a promise that is not kept.
 */
export function createUpdateTrainer({
  job,
  trainer,
  parameters,
  words = systemWords,
}: UpdateTrainerParameters): PrivateTrainer {
  reviewPlan(parameters, { ...job, dimension: job.arithmetic.entries });
  const sampler = createDiscreteGaussian(parameters.shareSigma);
  return {
    async contribute(request) {
      const { update, examples } = await updateOf(trainer, request, job.arithmetic.entries);
      const entries = clipToGrid(update, parameters);
      const noise = drawDiscreteGaussian(sampler, entries.length, words);
      const noised = entries.map((entry, i) => entry + noise[i]!);
      const notFinite = Number(!update.every(Number.isFinite));
      entries.fill(0);
      noise.fill(0);
      return { entries: noised, site: { examples, notFinite, truncated: false } };
    },
  };
}

/** Trained minus start; NaN throughout where training diverged. */
async function updateOf(
  trainer: Trainer,
  request: TrainingRequest,
  entries: number,
): Promise<{ readonly update: Float32Array; readonly examples: number }> {
  try {
    const { model, examples } = await trainer.train(request);
    const [after, before] = [readModel(model, { entries }), readModel(request.model, { entries })];
    return { update: subtractParameters(after.flat, before.flat), examples };
  } catch (cause) {
    const diverged = ['train.notFinite', 'model.malformed', 'update.range'];
    if (cause instanceof NonetError && diverged.includes(cause.code)) {
      return { update: new Float32Array(entries).fill(Number.NaN), examples: 0 };
    }
    throw cause;
  }
}

/**
 * The update scaled to a norm of at most `clippingNorm`, in grid steps; zeros for one that is not
 * finite. Norm and scaling are f64: a zero update stays zero.
 */
export function clipToGrid(
  update: Float32Array,
  { clippingNorm, scale }: Pick<ParticipantPrivacy, 'clippingNorm' | 'scale'>,
): Int32Array<ArrayBuffer> {
  let square = 0;
  for (const value of update) square += value * value;
  const norm = Math.sqrt(square);
  const entries = new Int32Array(update.length);
  if (!Number.isFinite(norm)) return entries;
  const factor = scale * (norm > clippingNorm ? clippingNorm / norm : 1);
  for (let i = 0; i < update.length; i++) entries[i] = Math.round(update[i]! * factor);
  return entries;
}
