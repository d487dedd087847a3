/**
 * The model that a job ended with, for verifiers of what is said about it: by the ledger record of
 * the receipt, and from blobs.
 */
import { type Address, NonetError } from '@nonet/core';
import type { BlobStore, Ledger } from '@nonet/core/ports';
import type { Receipt } from '@nonet/core/receipt';
import { requireTrainJob } from '@nonet/core/records';
import type { Dataset, Graph, Parameters } from '@nonet/tensor';
import { decodeDataset } from '@nonet/tensor/datasets';
import { finalModel } from '../rules/state.ts';
import { parametersOfModel } from '../update/graphModel.ts';
import { maximumModelBytes } from '../update/modelBlob.ts';
import { testInputs } from './claims.ts';
import { fetchGraph } from './graphEvaluator.ts';
import { recordOf } from './verifiers.ts';

/** A final model, with what it is evaluated on. */
export interface FinalModelReading {
  readonly address: Address;
  readonly graph: Graph;
  readonly parameters: Parameters;
  readonly testSet: Dataset;
  /** The blobs that it was read from, besides the ledger record. */
  readonly inputs: readonly Address[];
}

/**
 * Throws what replaying the ledger record throws, `evaluation.none` where the job has no public
 * test set, and `blob.missing`.
 */
export async function readFinalModel(
  address: Address | undefined,
  blobs: BlobStore,
  receipt: Receipt,
  ledger: Ledger | undefined,
): Promise<FinalModelReading> {
  const { record, job: told } = await recordOf(address, blobs, receipt, ledger);
  const job = requireTrainJob(told);
  const model = finalModel(record.state);
  if (job.testSet === undefined) {
    throw new NonetError({
      code: 'evaluation.none',
      expected: 'a job with a public test set',
      found: 'none',
    });
  }
  const graph = await fetchGraph(job, blobs);
  const { bytes } = await blobs.get(model, { maximumBytes: maximumModelBytes(job.arithmetic) });
  const testSet = decodeDataset((await blobs.get(job.testSet)).bytes);
  const parameters = parametersOfModel(graph, bytes);
  return { address: model, graph, parameters, testSet, inputs: [model, ...testInputs(job)] };
}
