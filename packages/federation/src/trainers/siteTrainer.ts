/** The trainer that a job's record asks for: what a site runs without knowing more of the job. */
import type { BlobStore } from '@nonet/core/ports';
import { requireGraphJob, type TrainJob } from '@nonet/core/records';
import type { Dataset } from '@nonet/tensor';
import { privacyOf } from '../privacy.ts';
import { createGradientTrainer } from './gradientTrainer.ts';
import { createGraphTrainer } from './graphTrainer.ts';
import { createSiloTrainer } from './siloTrainer.ts';
import type { PrivateTrainer, Trainer } from './trainer.ts';
import { createUpdateTrainer } from './updateTrainer.ts';

/** What is trained, on which data. */
export interface SiteTrainerParameters {
  readonly job: TrainJob;
  readonly store: BlobStore;
  /** The participant's own data. */
  readonly dataset: Dataset;
}

/**
 * The trainer of a graph job, with the clipping and noise of its guarantee `privacy.dp` if it has
 * one. Throws what the trainers throw, `job.training` on jobs that a program of the site's own
 * trains, and `mechanism.parameters`.
 */
export async function createSiteTrainer({
  job,
  store,
  dataset,
}: SiteTrainerParameters): Promise<Trainer | PrivateTrainer> {
  const parameters = privacyOf(job)?.parameters;
  const { training } = job;
  if (parameters?.form === 'silo' && training.kind === 'clippedSteps') {
    return createSiloTrainer({ job, store, dataset, parameters, ...training });
  }
  if (parameters?.unit === 'record' && parameters.form === 'distributed') {
    return createGradientTrainer({ job, store, dataset, parameters });
  }
  const trainer = await createGraphTrainer({ job: requireGraphJob(job), store, dataset });
  return parameters?.unit === 'participant' ? createUpdateTrainer({ job, trainer, parameters }) : trainer;
}
