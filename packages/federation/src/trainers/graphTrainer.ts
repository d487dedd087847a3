/**
 * A job's graph as a trainer: what a participant runs when the model is a graph of @nonet/tensor.
 * Everything is determined by job, participant, step and data, so that a repeated attempt gives the
 * same bits.
 */
import type { BlobStore } from '@nonet/core/ports';
import type { GraphTrainJob } from '@nonet/core/records';
import {
  bind,
  createLocalTrainer,
  type Dataset,
  deriveClassifierStep,
  evaluate,
  type Graph,
} from '@nonet/tensor';
import { selectExamples } from '@nonet/tensor/datasets';
import { parametersOfModel, trainedModel } from '../update/graphModel.ts';
import { type HeldOut, splitHeldOut } from '../update/heldOut.ts';
import { fetchGraph } from '../verify/graphEvaluator.ts';
import { assertJobData, assertJobStep } from './assertJob.ts';
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
  assertJobData(job, dataset);
  const graph = await fetchGraph(job, store);
  assertJobStep(job, bind(deriveClassifierStep(graph), { B: job.training.batch }));
  const trainer = await createLocalTrainer(graph, job.training.batch);
  const { training, heldOut } = splitDataset(job, dataset);
  return {
    async train({ model, step, participant, seed }) {
      const { parameters, loss } = await trainer.train({
        parameters: parametersOfModel(graph, model),
        dataset: training,
        ...job.training,
        random: trainingRandom(seed, participant, step),
      });
      const trained = trainedModel(graph, model, parameters);
      const evaluation = heldOut && (await evaluateHeldOut(graph, model, heldOut));
      const examples = training.labels.length;
      return { model: trained, examples, loss, ...(evaluation === undefined ? {} : { heldOut: evaluation }) };
    },
  };
}

/** What is trained on; and what is held out, where the job asks for that and there is enough. */
function splitDataset(
  { arithmetic, seed }: GraphTrainJob,
  dataset: Dataset,
): { readonly training: Dataset; readonly heldOut?: Dataset } {
  const terms = arithmetic.kind === 'masked' ? arithmetic.heldOut : undefined;
  if (terms === undefined) return { training: dataset };
  const { training, heldOut } = splitHeldOut(terms, seed, dataset.labels.length);
  if (heldOut.length === 0) return { training: dataset };
  return { training: selectExamples(dataset, training), heldOut: selectExamples(dataset, heldOut) };
}

async function evaluateHeldOut(graph: Graph, model: Uint8Array, dataset: Dataset): Promise<HeldOut> {
  const { count, correct, loss } = await evaluate({
    graph,
    parameters: parametersOfModel(graph, model),
    dataset,
  });
  return { examples: count, correct, loss };
}
