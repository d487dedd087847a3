/**
 * Membership inference: was this record trained on? The likelihood-ratio attack (lira.ts) on a
 * trained model, each of many models in turn being the target and the others its shadows. Its
 * scores are turned into guesses, and those into a lower bound on epsilon, as in the audit: records
 * are in the training set by tosses of a coin, so the bound is valid for each target by itself.
 *
 * Attackers know the pool of records, and train shadows by the same trainer. What audit.ts asks of
 * canaries made for it, this asks of ordinary records and the final model.
 */
import { createRandomStream, toHex } from '@nonet/core';
import { createFigures, qualifyFigure } from '@nonet/core/records';
import {
  createGraphTrainer,
  createSiloTrainer,
  deriveClippedStep,
  encodeModel,
  modelOfParameters,
  type Trainer,
} from '@nonet/federation';
import { planPrivacy } from '@nonet/privacy/dp';
import {
  bind,
  deriveClassifierStep,
  evaluate,
  initialParameters,
  mlp,
  type Parameters,
  parameterCount,
  predict,
} from '@nonet/tensor';
import { type Dataset, dataSchemaOf, selectExamples } from '@nonet/tensor/datasets';
import { parametersOfFile } from '../packages/federation/src/trainers/sampledSum.ts';
import type { Attack, Trial } from './attack.ts';
import { drawShares, halveDigits, readDigits } from './digits.ts';
import { attackFigures } from './figures.ts';
import { type ShadowModels, scoreMembership } from './lira.ts';
import {
  areaUnderCurve,
  boundEpsilon,
  guessExtremes,
  isMoreOften,
  median,
  truePositivesAt,
} from './statistics.ts';
import { createTrainerJob, requestFor } from './trainerJob.ts';

const claim = { epsilon: 2, delta: 1e-5 } as const;
const error = 0.05;
const guesses = 100;
/** Of the pool; half of them are expected in each training set. */
const records = 1000;
const batch = 32;
const clippingNorm = 1;
const cohort = { minParticipants: 3, maxParticipants: 3, rounds: 1 };

/** Softmax regression on digits of 14 x 14: 1,970 numbers. */
const graph = mlp({ features: [14, 14], standardise: { mean: 0, deviation: 255 }, hidden: [], classes: 10 });

export const attack: Attack = {
  name: 'membership',
  about: 'tells which records a model was trained on, by shadow models',
  cells: ['privacy-decentralisation'],
  async run({ seed, long, note }) {
    const models = long ? 128 : 32;
    const pool = halveDigits(drawShares(readDigits(), 1, records, seed)[0]!);
    const test = halveDigits(readDigits('t10k'));
    const outcomeOf = async (createTrainer: CreateTrainer, name: string) => {
      const trained = await trainModels({ pool, test, models, seed, createTrainer });
      note(`${name}: ${models} models`);
      return inferMembership(trained);
    };
    const open = await outcomeOf(createOpenTrainer, 'without privacy');
    const guarded = await outcomeOf(createPrivateTrainer, 'with privacy');
    const describe = ({ bounds, accuracy, area, positives }: Outcome) =>
      `epsilon is at least ${median(bounds).toFixed(2)} in the median of ${models} targets, and above ${claim.epsilon} for ${countAbove(bounds)}; ` +
      `of the members ${(100 * positives).toFixed(1)} % are found at 1 % false positives, area under the curve ${area.toFixed(3)}; accuracy ${(100 * accuracy).toFixed(1)} %`;
    const trials: Trial[] = [
      {
        condition: 'without',
        setting: `the trainer of jobs without privacy, 100 epochs on about ${records / 2} records`,
        measured: describe(open),
        succeeded: median(open.bounds) > claim.epsilon,
      },
      {
        condition: 'with',
        setting: `the silo trainer, ${privateSteps} noised steps on about ${records / 2} records`,
        measured: describe(guarded),
        succeeded: isMoreOften(countAbove(guarded.bounds), models, error),
      },
    ];
    return [
      {
        name: 'a trained model',
        mechanism: 'privacy.dp',
        claimed: `epsilon ${claim.epsilon} at delta ${claim.delta} for each record (docs/specs/dp.md §12.4)`,
        power: `${guesses} guesses about ${records} records, ${models - 1} shadow models; a bound is above the truth for at most ${100 * error} % of targets`,
        trials,
        figures: createFigures([
          [attackFigures.epsilonClaimed, claim.epsilon],
          [attackFigures.epsilonAtLeast, guarded.bounds],
          [qualifyFigure(attackFigures.found, 'without'), open.positives],
          [qualifyFigure(attackFigures.found, 'with'), guarded.positives],
        ]),
      },
    ];
  },
};

const countAbove = (bounds: readonly number[]) => bounds.filter((bound) => bound > claim.epsilon).length;

/** Steps of the private trainer, whose moves are at most as long as the rate: gradients are clipped to 1. */
const privateSteps = 10;
const privateRate = 8;

type CreateTrainer = (dataset: Dataset) => Promise<Trainer>;

/** Trains until nothing is left to learn: what overfits tells most. */
const createOpenTrainer: CreateTrainer = async (dataset) => {
  const training = { kind: 'graph', epochs: 100, batch, learningRate: 0.5, momentum: 0 } as const;
  const step = bind(deriveClassifierStep(graph), { B: batch });
  const data = dataSchemaOf(dataset);
  const { job, store } = await createTrainerJob(graph, step, { ...cohort, data, training });
  return createGraphTrainer({ job, store, dataset });
};

/** What a silo would send under the claim; of its size, which is public, it tells nothing. */
const createPrivateTrainer: CreateTrainer = async (dataset) => {
  const { parameters } = planPrivacy(
    {
      ...claim,
      unit: 'record',
      form: 'silo',
      clippingNorm,
      releases: cohort.rounds,
      samplingRate: 1,
      maximumBatch: 64 * Math.ceil(records / 64),
      maximumRecords: records,
      stepsPerRound: privateSteps,
    },
    { dimension: parameterCount(graph), ...cohort },
  );
  const step = deriveClippedStep(graph, clippingNorm);
  const { job, store } = await createTrainerJob(graph, step, { ...cohort, data: dataSchemaOf(dataset) });
  // The trainer divides by its number of records, which its neighbour has not: taken out again here.
  const learningRate = (privateRate * dataset.labels.length) / records;
  return createSiloTrainer({ job, store, dataset, parameters, learningRate, momentum: 0 });
};

interface TrainedModels extends ShadowModels {
  /** On the test set, the mean over models. */
  readonly accuracy: number;
}

/** Models from one start, each trained on a half of the pool of its own: a coin for each record. */
async function trainModels({
  pool,
  test,
  models,
  seed,
  createTrainer,
}: {
  readonly pool: Dataset;
  readonly test: Dataset;
  readonly models: number;
  readonly seed: number;
  readonly createTrainer: CreateTrainer;
}): Promise<TrainedModels> {
  const start = encodeModel(
    modelOfParameters(graph, initialParameters(graph, toHex(new Uint8Array(32).fill(seed)))),
  );
  const confidences: Float64Array[] = [];
  const isIn: boolean[][] = [];
  let accuracy = 0;
  for (let model = 0; model < models; model++) {
    const coins = createRandomStream([seed, 0xc014], [model, 0]);
    const chosen = Array.from({ length: records }, () => coins.below(2) === 1);
    const members = Uint32Array.from(chosen.flatMap((is, record) => (is ? [record] : [])));
    const trainer = await createTrainer(selectExamples(pool, members));
    const trained = parametersOfFile(graph, (await trainer.train(requestFor(start, 0, model))).model);
    isIn.push(chosen);
    confidences.push(await readConfidences(trained, pool));
    accuracy += (await evaluate({ graph, parameters: trained, dataset: test })).accuracy / models;
  }
  return { confidences, isIn, accuracy };
}

/** ln(p / (1 - p)) of each right label. */
async function readConfidences(parameters: Parameters, { features, labels }: Dataset): Promise<Float64Array> {
  const { probabilities } = await predict({ graph, parameters, features });
  const classes = probabilities.length / labels.length;
  return Float64Array.from(labels, (label, example) => {
    const all = probabilities.subarray(example * classes, (example + 1) * classes);
    // Summed, since 1 - p is 0 in f32 where a model is sure; 1e-38 is the least that f32 tells from 0.
    const others = all.reduce((sum, p, c) => sum + (c === label ? 0 : p), 1e-38);
    return Math.log(all[label]! + 1e-38) - Math.log(others);
  });
}

interface Outcome {
  /** On epsilon, from below: one for each target. */
  readonly bounds: readonly number[];
  /** Of all targets together. */
  readonly area: number;
  readonly positives: number;
  readonly accuracy: number;
}

/** Each model in turn is the target. */
function inferMembership(models: TrainedModels): Outcome {
  const ins: number[] = [];
  const outs: number[] = [];
  const bounds = models.isIn.map((isIn, target) => {
    const scores = scoreMembership(models, target);
    for (const [record, score] of scores.entries()) (isIn[record] ? ins : outs).push(score);
    return boundEpsilon(guessExtremes(scores, isIn, guesses), claim.delta, error);
  });
  return {
    bounds,
    area: areaUnderCurve(ins, outs),
    positives: truePositivesAt(0.01, ins, outs),
    accuracy: models.accuracy,
  };
}
