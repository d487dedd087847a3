/**
 * A job's graph as a trainer and as an evaluator: what participants and watchers run when the model is a graph of @nonet/tensor. Everything is
 * determined by job, participant, round and data, so that a round trained again gives the same bits.
 */
import { type Address, NonetError } from '@nonet/core';
import type { BlobStore } from '@nonet/core/ports';
import type { Job } from '@nonet/core/records';
import {
  bind,
  createLocalTrainer,
  type Dataset,
  decodeGraph,
  decodeParameters,
  deriveClassifierStep,
  encodeParameters,
  evaluate,
  type Graph,
  graphAddress,
  largeConstantAddresses,
} from '@nonet/tensor';
import { decodeDataset } from '@nonet/tensor/datasets';
import type { ModelEvaluation } from './roles/events.ts';
import { type Trainer, trainingRandom } from './roles/trainer.ts';

/** A graph is a program of some hundred nodes; its constants, tables of means. All of them together. */
const maximumGraphBytes = 16 * 2 ** 20;

/** The job's forward graph, with the constants that it names by address. Throws `blob.oversized` if they are too large together. */
export async function fetchGraph(job: Job, store: BlobStore): Promise<Graph> {
  let left = maximumGraphBytes;
  const get = async (address: Address) => {
    const bytes = await store.get(address, { maximumBytes: left });
    left -= bytes.length;
    return bytes;
  };
  const bytes = await get(job.model.graph);
  const constants = new Map<Address, Uint8Array>();
  for (const address of largeConstantAddresses(bytes)) constants.set(address, await get(address));
  return decodeGraph(bytes, constants);
}

export interface GraphTrainerParameters {
  readonly job: Job;
  readonly store: BlobStore;
  /** The participant's own data. */
  readonly dataset: Dataset;
}

/**
 * Trains the job's graph with the job's hyperparameters. Throws `dataset.labels` and `dataset.shape` if the data are not as the job describes
 * them, `job.step` if the step that the job names is not the one that its graph and batch size give.
 */
export async function createGraphTrainer({ job, store, dataset }: GraphTrainerParameters): Promise<Trainer> {
  const demand = (code: string, name: string, expected: unknown, found: unknown) => {
    const [wanted, given] = [JSON.stringify(expected), JSON.stringify(found)];
    if (wanted !== given) throw new NonetError({ code, expected: `${name} ${wanted}`, found: given });
  };
  demand('dataset.labels', 'labels', job.data.labels, dataset.vocabulary);
  demand('dataset.shape', 'examples of', job.data.shape, dataset.shape);
  const graph = await fetchGraph(job, store);
  const step = graphAddress(bind(deriveClassifierStep(graph), { B: job.training.batch }));
  demand('job.step', 'a job with the training step', step, job.model.step);
  const trainer = await createLocalTrainer(graph, job.training.batch);
  return {
    async train({ model, round, participant, seed }) {
      const { parameters, loss } = await trainer.train({
        parameters: decodeParameters(graph, model),
        dataset,
        ...job.training,
        random: trainingRandom(seed, participant, round),
      });
      return { model: encodeParameters(parameters), examples: dataset.labels.length, loss };
    },
  };
}

/** Evaluates models on the job's public test set; undefined if the job has none. */
export async function createGraphEvaluator(
  job: Job,
  store: BlobStore,
): Promise<((model: Uint8Array) => Promise<ModelEvaluation>) | undefined> {
  if (job.evaluation === undefined) return undefined;
  const graph = await fetchGraph(job, store);
  const dataset = decodeDataset(await store.get(job.evaluation));
  return (model) => evaluate({ graph, parameters: decodeParameters(graph, model), dataset });
}
