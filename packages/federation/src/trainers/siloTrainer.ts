/**
 * Record-level privacy, silo: a participant trains by noised gradient steps of its own (DP-SGD; Abadi
 * et al., CCS 2016), with all of the noise, so that whatever it sends protects its records although
 * all others collude. docs/specs/dp.md §12.4. The model that it sends is then an ordinary one.
 */
import type { BlobStore } from '@nonet/core/ports';
import type { TrainJob } from '@nonet/core/records';
import {
  createDiscreteGaussian,
  drawDiscreteGaussian,
  reviewPlan,
  type SecretWords,
  type SiloPrivacy,
  systemWords,
} from '@nonet/privacy/dp';
import { type Dataset, encodeParameters, type Parameters, parameterCount } from '@nonet/tensor';
import { fetchGraph } from '../verify/graphEvaluator.ts';
import { assertJobData, assertJobStep } from './assertJob.ts';
import { createSampledSum, deriveClippedStep, parametersOfFile } from './sampledSum.ts';
import type { Trainer } from './trainer.ts';

/** What is trained, on which data, with which promise. */
export interface SiloTrainerParameters {
  readonly job: TrainJob;
  readonly store: BlobStore;
  /** The participant's own data. */
  readonly dataset: Dataset;
  readonly parameters: SiloPrivacy;
  /** Of SGD with momentum, whose velocity starts from zero in each round. */
  readonly learningRate: number;
  readonly momentum: number;
  /** Of samples and noise: the operating system's. Only tests have a reason to give it. */
  readonly words?: SecretWords;
}

/**
 * A trainer whose models are private as they are. It reports no loss, which no noise hides. Throws
 * what `createGradientTrainer` throws.
 */
export async function createSiloTrainer({
  job,
  store,
  dataset,
  parameters,
  learningRate,
  momentum,
  words = systemWords,
}: SiloTrainerParameters): Promise<Trainer> {
  assertJobData(job, dataset);
  const graph = await fetchGraph(job, store);
  assertJobStep(job, deriveClippedStep(graph, parameters.clippingNorm));
  reviewPlan(parameters, { ...job, dimension: parameterCount(graph) });
  const sum = await createSampledSum(graph, dataset, parameters, words);
  const sampler = createDiscreteGaussian(parameters.sigma);
  const examples = dataset.labels.length;
  const expected = parameters.samplingRate * examples * parameters.scale;
  return {
    async train({ model, signal }) {
      let current = sortByName(parametersOfFile(graph, model));
      const velocities = current.map(({ data }) => new Float32Array(data.length));
      for (let step = 0; step < parameters.stepsPerRound; step++) {
        signal.throwIfAborted();
        const { entries } = sum(current);
        const noise = drawDiscreteGaussian(sampler, entries.length, words);
        let offset = 0;
        current = current.map((parameter, p) => {
          const velocity = velocities[p]!;
          const data = parameter.data.map((value, i) => {
            const gradient = (entries[offset + i]! + noise[offset + i]!) / expected;
            velocity[i] = momentum * velocity[i]! - learningRate * gradient;
            return value + velocity[i]!;
          });
          offset += data.length;
          return { ...parameter, data };
        });
        entries.fill(0);
        noise.fill(0);
      }
      return { model: encodeParameters(current), examples };
    },
  };
}

/** The order of a model's file, which sums have. */
const sortByName = (parameters: Parameters) => parameters.toSorted((a, b) => (a.name < b.name ? -1 : 1));
