/**
 * A job's graph as an evaluator: it runs forwards on the job's public test set. Nothing here
 * trains, so that a verifier can use it.
 */
import { type Address, NonetError } from '@nonet/core';
import type { BlobStore } from '@nonet/core/ports';
import type { RoundJob, TrainJob } from '@nonet/core/records';
import {
  decodeGraph,
  type Evaluation,
  estimateEvaluation,
  evaluate,
  type Graph,
  largeConstantAddresses,
  type RunCost,
  usualBudget,
} from '@nonet/tensor';
import { decodeDataset } from '@nonet/tensor/datasets';
import { parametersOfModel } from '../update/graphModel.ts';

/** How good a model is on the public test set. */
export type ModelEvaluation = Evaluation;

/**
 * The job's forward graph, with the constants that it names by address. Together they may have the
 * bytes of the usual budget, since its program holds them. Throws `blob.oversized` beyond,
 * `job.model` if the job's model is opaque, and what the store throws.
 */
export async function fetchGraph({ model }: TrainJob, store: BlobStore): Promise<Graph> {
  if (model.kind !== 'graph') {
    throw new NonetError({ code: 'job.model', expected: 'a job whose model is a graph', found: model.kind });
  }
  let left = usualBudget.bytes;
  const get = async (address: Address) => {
    const { bytes } = await store.get(address, { maximumBytes: left });
    left -= bytes.length;
    return bytes;
  };
  const bytes = await get(model.graph);
  const constants = new Map<Address, Uint8Array>();
  for (const address of largeConstantAddresses(bytes)) constants.set(address, await get(address));
  return decodeGraph(bytes, constants);
}

/**
 * Evaluates models on the job's public test set; undefined if the job has none. `admit` is told
 * what one evaluation takes before any is run, and throws if that is too much.
 */
export async function createGraphEvaluator(
  job: RoundJob,
  store: BlobStore,
  admit: (cost: RunCost) => void = () => {},
): Promise<((model: Uint8Array) => Promise<ModelEvaluation>) | undefined> {
  if (job.kind !== 'train' || job.testSet === undefined) return undefined;
  const graph = await fetchGraph(job, store);
  const dataset = decodeDataset((await store.get(job.testSet)).bytes);
  admit(estimateEvaluation(graph, dataset.labels.length));
  return (model) => evaluate({ graph, parameters: parametersOfModel(graph, model), dataset });
}
