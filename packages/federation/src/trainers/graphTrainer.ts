/**
 * A job's graph as a trainer: what a participant runs when the model is a graph of @nonet/tensor.
 * Everything is determined by job, participant, step and data, so that a repeated attempt gives the
 * same bits.
 */
import { NonetError } from '@nonet/core';
import type { BlobStore } from '@nonet/core/ports';
import type { GraphTrainJob } from '@nonet/core/records';
import { bind, createLocalTrainer, type Dataset, deriveClassifierStep, graphAddress } from '@nonet/tensor';
import { parametersOfModel, trainedModel } from '../update/graphModel.ts';
import { fetchGraph } from '../verify/graphEvaluator.ts';
import { type Trainer, trainingRandom } from './trainer.ts';

/** What is trained, on which data. */
export interface GraphTrainerParameters {
  readonly job: GraphTrainJob;
  readonly store: BlobStore;
  /** The participant's own data. */
  readonly dataset: Dataset;
}

/**
 * Trains the job's graph with the job's hyperparameters. Throws `dataset.labels` and
 * `dataset.shape` if the data are not as the job describes them, `job.step` if the step that the
 * job names is not the one that its graph and batch size give.
 */
export async function createGraphTrainer({ job, store, dataset }: GraphTrainerParameters): Promise<Trainer> {
  const demand = (code: string, name: string, expected: unknown, found: unknown) => {
    const [wanted, given] = [JSON.stringify(expected), JSON.stringify(found)];
    if (wanted !== given) throw new NonetError({ code, expected: `${name} ${wanted}`, found: given });
  };
  demand('dataset.labels', 'labels', job.data.labels, dataset.vocabulary);
  demand('dataset.shape', 'examples of', job.data.shape, dataset.shape);
  const graph = await fetchGraph(job, store);
  const derived = graphAddress(bind(deriveClassifierStep(graph), { B: job.training.batch }));
  demand('job.step', 'a job with the training step', derived, job.model.step);
  const trainer = await createLocalTrainer(graph, job.training.batch);
  return {
    async train({ model, step, participant, seed }) {
      const { parameters, loss } = await trainer.train({
        parameters: parametersOfModel(graph, model),
        dataset,
        ...job.training,
        random: trainingRandom(seed, participant, step),
      });
      const trained = trainedModel(graph, model, parameters);
      return { model: trained, examples: dataset.labels.length, loss };
    },
  };
}
