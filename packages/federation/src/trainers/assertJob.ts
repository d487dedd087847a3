/** Whether a job is about a site's data, and names the step that its graph gives. */
import { NonetError } from '@nonet/core';
import type { TrainJob } from '@nonet/core/records';
import { type Dataset, type Graph, graphAddress } from '@nonet/tensor';

function demand(code: string, name: string, expected: unknown, found: unknown): void {
  const [wanted, given] = [JSON.stringify(expected), JSON.stringify(found)];
  if (wanted !== given) throw new NonetError({ code, expected: `${name} ${wanted}`, found: given });
}

/** Throws `dataset.labels` and `dataset.shape` if the data are not as the job describes them. */
export function assertJobData({ data }: Pick<TrainJob, 'data'>, { vocabulary, shape }: Dataset): void {
  demand('dataset.labels', 'labels', data.labels, vocabulary);
  demand('dataset.shape', 'examples of', data.shape, shape);
}

/** Throws `job.step` if the step that the job names is not `derived`, which its graph gives. */
export function assertJobStep({ model }: Pick<TrainJob, 'model'>, derived: Graph): void {
  const found = model.kind === 'graph' ? model.step : undefined;
  demand('job.step', 'a job with the training step', graphAddress(derived), found);
}
