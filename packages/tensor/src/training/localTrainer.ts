/**
 * What a participant of federated training runs in each round: some epochs on its own data from
 * given parameters, by SGD with momentum, the velocities starting from zero. Only parameters and
 * loss come out. Everything is determined by the arguments; all randomness comes from one stream.
 */
import { type RandomStream, shuffledIndices } from '@nonet/core';
import { assertDataset, type Dataset } from '../datasets/dataset.ts';
import { arrangeParameters, type Parameters } from '../files/parameters.ts';
import type { Graph } from '../graph/graph.ts';
import { createProgram } from '../run/execute.ts';
import { bind } from '../transform/bind.ts';
import { usesDropout } from '../transform/trainingMode.ts';
import { deriveClassifierStep } from '../transform/trainingStep.ts';
import { assertFits, assertPositive } from './classifier.ts';
import { createFeed } from './feed.ts';
import { runSteps } from './minimise.ts';

/** One round of local training. */
export interface LocalTrainingOptions {
  /** To start from. */
  readonly parameters: Parameters;
  readonly dataset: Dataset;
  /** Passes over the dataset. */
  readonly epochs: number;
  readonly learningRate: number;
  readonly momentum: number;
  /**
   * Of dropout and of the order of examples: `createRandomStream` of (seed, participant, round).
   */
  readonly random: RandomStream;
}

/** What a round of local training gives. */
export interface LocalTrainingReturnType {
  readonly parameters: Parameters;
  /**
   * Mean cross-entropy over the examples of the last epoch, in nats, each taken before its step.
   */
  readonly loss: number;
  readonly steps: number;
}

/** A training step that is planned and compiled once, for many rounds. */
export interface LocalTrainer {
  /**
   * Throws `train.argument`, `train.dataset` if the data belong to another model,
   * `parameters.mismatch`, and `train.notFinite` as soon as a loss or a parameter is not a finite
   * number (the learning rate is too high). One call at a time.
   */
  train(options: LocalTrainingOptions): Promise<LocalTrainingReturnType>;
}

/**
 * A trainer for a classifier (input x, output logits) in batches of `batch` examples; the last step
 * of an epoch is padded with examples of weight 0. Throws `train.argument`.
 */
export async function createLocalTrainer(graph: Graph, batch: number): Promise<LocalTrainer> {
  assertPositive(batch, 'batch');
  const program = await createProgram(bind(deriveClassifierStep(graph), { B: batch }));
  return {
    async train({ parameters, dataset, epochs, learningRate, momentum, random }) {
      assertPositive(epochs, 'epochs');
      assertDataset(dataset);
      assertFits(graph, dataset);
      program.setParameters(arrangeParameters(program.graph, parameters));
      program.resetStates();
      const dropoutSeed = usesDropout(graph) ? Int32Array.of(random.u32(), random.u32()) : undefined;
      const feed = await createFeed(graph, dataset, {
        batch,
        orderOf: (size) => shuffledIndices(size, random),
      });
      const count = dataset.labels.length;
      let total = 0;
      const state = await runSteps(program, {
        graph,
        rates: { learningRate, momentum },
        first: 0,
        steps: epochs * feed.stepsPerEpoch,
        async inputs(step) {
          const examples = await feed.inputs(step);
          return dropoutSeed === undefined ? examples : { ...examples, seed: dropoutSeed, step };
        },
        onProgress({ step, loss }) {
          const start = ((step - 1) % feed.stepsPerEpoch) * batch;
          if (start === 0) total = 0;
          total += loss * Math.min(batch, count - start);
        },
      });
      return { parameters: state.parameters, loss: total / count, steps: state.step };
    },
  };
}
