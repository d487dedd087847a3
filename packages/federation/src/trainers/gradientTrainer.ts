/**
 * Record-level privacy, distributed: a participant's part in one gradient step is the clipped sum
 * over a secret sample of its records, with its share of the noise. docs/specs/dp.md §12.3. Alone it
 * protects little: the shares of all honest participants together do, which is why it is masked
 * before it leaves.
 */
import type { BlobStore } from '@nonet/core/ports';
import type { TrainJob } from '@nonet/core/records';
import {
  createDiscreteGaussian,
  type DistributedPrivacy,
  drawDiscreteGaussian,
  reviewPlan,
  type SecretWords,
  systemWords,
} from '@nonet/privacy/dp';
import { type Dataset, parameterCount } from '@nonet/tensor';
import { fetchGraph } from '../verify/graphEvaluator.ts';
import { assertJobData, assertJobStep } from './assertJob.ts';
import { createSampledSum, deriveClippedStep, parametersOfFile } from './sampledSum.ts';
import type { PrivateTrainer } from './trainer.ts';

/** What is trained, on which data, with which promise. */
export interface GradientTrainerParameters {
  readonly job: TrainJob;
  readonly store: BlobStore;
  /** The participant's own data. */
  readonly dataset: Dataset;
  readonly parameters: DistributedPrivacy;
  /** Of the sample and of the noise: the operating system's. Only tests have a reason to give it. */
  readonly words?: SecretWords;
}

/**
 * A trainer of the sum of clipped gradients. Throws `dataset.labels`, `dataset.shape` and `job.step`
 * as `createGraphTrainer` does, `privacy.records` where the dataset is too large for the batch,
 * `privacy.batchNorm`, `privacy.dropout` and `exampleGradients.unsupported` for models whose records
 * cannot be protected one by one, and what `reviewPlan` throws of a promise that is not kept.
 */
export async function createGradientTrainer({
  job,
  store,
  dataset,
  parameters,
  words = systemWords,
}: GradientTrainerParameters): Promise<PrivateTrainer> {
  assertJobData(job, dataset);
  const graph = await fetchGraph(job, store);
  assertJobStep(job, deriveClippedStep(graph, parameters.clippingNorm));
  reviewPlan(parameters, { ...job, dimension: parameterCount(graph) });
  const sum = await createSampledSum(graph, dataset, parameters, words);
  const sampler = createDiscreteGaussian(parameters.shareSigma);
  return {
    async contribute({ model }) {
      const { entries, notFinite, truncated } = sum(parametersOfFile(graph, model));
      const noise = drawDiscreteGaussian(sampler, entries.length, words);
      const noised = entries.map((entry, i) => entry + noise[i]!);
      entries.fill(0);
      noise.fill(0);
      return { entries: noised, site: { examples: parameters.maximumBatch, notFinite, truncated } };
    },
  };
}
