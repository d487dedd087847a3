/** A job around one trainer, for attacks on what a trainer gives, whatever round it is in. */
import { addressOf, toHex, utf8 } from '@nonet/core';
import { type GraphTrainJob, requireGraphJob } from '@nonet/core/records';
import { sampleJob } from '@nonet/core/testing/run';
import { createMemoryStore, type TrainingRequest } from '@nonet/federation';
import { encodeGraph, type Graph, graphAddress } from '@nonet/tensor';

/** A job that trains this graph by this step, with `more` in the place of the sample's; its store. */
export async function createTrainerJob(graph: Graph, step: Graph, more: Partial<GraphTrainJob>) {
  const store = createMemoryStore();
  await store.put(encodeGraph(graph));
  const job: GraphTrainJob = {
    ...requireGraphJob(sampleJob),
    ...more,
    model: {
      kind: 'graph',
      graph: graphAddress(graph),
      step: graphAddress(step),
      parameters: addressOf(utf8('not read')),
    },
  };
  return { job, store };
}

/** What a trainer is asked for in a round that starts from this model. */
export const requestFor = (model: Uint8Array, step: number, participant: number): TrainingRequest => ({
  model,
  step,
  participant,
  seed: toHex(new Uint8Array(32)),
  signal: new AbortController().signal,
});
