/**
 * Gradient inversion: what an aggregator reads out of the update of one site. The network is that
 * of `examples/digits.job.ts`, the update that of its trainer; reconstructions are kept beside the
 * originals as `inversion.png`.
 */
import { createRandomStream, toHex } from '@nonet/core';
import { createFigures, qualifyFigure } from '@nonet/core/records';
import {
  createSiloTrainer,
  deriveClippedStep,
  encodeModel,
  modelOfParameters,
  readModel,
} from '@nonet/federation';
import { planPrivacy } from '@nonet/privacy/dp';
import { initialParameters } from '@nonet/tensor';
import { type Dataset, dataSchemaOf } from '@nonet/tensor/datasets';
import type { Attack, Trial } from './attack.ts';
import { digitsModel, readDigits } from './digits.ts';
import { createFederation, playMasks, vectorOf } from './federation.ts';
import { attackFigures } from './figures.ts';
import { clampImage, compareImages, drawGrid, side } from './image.ts';
import { invertGradient, type LayerGradient, readUnits } from './invert.ts';
import { createTrainerJob, requestFor } from './trainerJob.ts';

const sites = 10;
const victim = 3;
const hidden = 128;
const batch = 8;
const pixels = side * side;

export const attack: Attack = {
  name: 'inversion',
  about: 'reconstructs the examples that an update was trained on',
  cells: ['privacy-decentralisation'],
  async run({ seed, note, keep }) {
    const typical = meanImage(readDigits());
    const federation = await createFederation({ sites, threshold: 66, seed, hidden, examples: batch });
    const dataset = federation.datasets[victim]!;
    const round = { model: federation.simulation.state().terms.model, step: 0 };
    const vectors = await Promise.all(
      federation.datasets.map((_, site) => vectorOf(federation, site, round)),
    );
    const invert = (numbers: ArrayLike<number>, examples = batch) =>
      invertLayer(numbers, examples, createRandomStream([seed, 0x1e4d]));

    note(`the update of ${batch} examples in the clear`);
    const clear = invert(vectors[victim]!);
    const single = await createFederation({ sites: batch, threshold: 66, seed, hidden, examples: 1 });
    const alone = await Promise.all(single.datasets.map((_, site) => vectorOf(single, site, round)));
    const one = invert(alone[0]!, 1);
    note('the same update, masked');
    const masked = invert(new Int32Array(playMasks(vectors).messages.get(victim)!.slice().buffer));
    note(`the sum of ${batch} sites with one example each`);
    const summed = invert(playMasks(alone).sum);
    note('the same site with noise of its own');
    const noised = invert(await trainSilo(dataset, seed));

    const originals = imagesOf(dataset);
    const baseline = meanScore(originals, [typical]);
    const trial = (
      condition: Trial['condition'],
      setting: string,
      images: readonly Float64Array[],
      sought: readonly Float64Array[] = originals,
    ): Trial & { readonly score: number } => {
      const score = meanScore(sought, images);
      return {
        condition,
        setting,
        measured: `similarity ${score.toFixed(3)} of the best reconstruction of each example (1 is a copy, the mean digit has ${baseline.toFixed(3)})`,
        succeeded: score > (1 + baseline) / 2,
        score,
      };
    };
    const of = (federation: { readonly datasets: readonly Dataset[] }) =>
      federation.datasets.flatMap(imagesOf);
    const open = [
      trial('without', 'an update in the clear, of one example', one, of(single).slice(0, 1)),
      trial('without', `an update in the clear, of ${batch} examples in one step`, clear),
    ];
    const guarded = trial(
      'with',
      `the same update of ${batch} examples, masked in a round of ${sites} sites`,
      masked,
    );
    const beyond = trial(
      'beyond',
      `the opened sum of ${batch} sites with one example each: whose is whose stays hidden`,
      summed,
      of(single),
    );
    const noisy = trial(
      'with',
      'one noised step on the same examples, all other sites known to the attacker',
      noised,
    );
    keep(
      'inversion.png',
      drawGrid([
        originals,
        bestImages(originals, clear),
        bestImages(originals, masked),
        bestImages(originals, noised),
        of(single),
        bestImages(of(single), summed),
      ]),
    );
    const figuresOf = (trials: readonly (Trial & { readonly score: number })[]) =>
      createFigures([
        [attackFigures.similarity, baseline],
        ...(['without', 'with', 'beyond'] as const).flatMap((condition) => {
          const scores = trials.filter((each) => each.condition === condition).map(({ score }) => score);
          return scores.length === 0
            ? []
            : [[qualifyFigure(attackFigures.similarity, condition), scores] as const];
        }),
      ]);
    const power =
      'SSIM over windows of 7 x 7; an attack succeeds above the middle between the mean digit and a copy';
    return [
      {
        name: 'a masked update',
        mechanism: 'privacy.masking',
        claimed: 'of single updates nothing can be read; the sum is public (docs/specs/secagg.md §9.1)',
        power,
        trials: [...open, guarded, beyond],
        figures: figuresOf([...open, guarded, beyond]),
      },
      {
        name: 'a noised update',
        mechanism: 'privacy.dp',
        claimed:
          'epsilon 8 at delta 0.00001 for each record of a silo, whatever others know (docs/specs/dp.md §12.4)',
        power: `${power}; that a reconstruction fails shows no epsilon, see the attack audit`,
        trials: [...open, noisy],
        figures: figuresOf([...open, noisy]),
      },
    ];
  },
};

/**
 * Reconstructions of the examples behind an update of the network: exact where it is the gradient of
 * one step, else what single units show. Numbers are in the order of the model's file: the biases of
 * the hidden layer, then its weights (pixel, unit).
 */
function invertLayer(
  numbers: ArrayLike<number>,
  examples: number,
  random: Parameters<typeof invertGradient>[2],
): Float64Array[] {
  const gradient: LayerGradient = {
    biases: Float64Array.from({ length: hidden }, (_, unit) => numbers[unit]!),
    weights: Array.from({ length: hidden }, (_, unit) =>
      Float64Array.from({ length: pixels }, (_, pixel) => numbers[hidden + pixel * hidden + unit]!),
    ),
  };
  const images = invertGradient(gradient, examples, random) ?? readUnits(gradient, 4 * examples);
  return images.map(clampImage);
}

/** Of each original, how much the most similar of the images is like it; the mean over originals. */
function meanScore(originals: readonly Float64Array[], images: readonly Float64Array[]): number {
  const scores = originals.map((original) =>
    Math.max(...images.map((image) => compareImages(original, image))),
  );
  return scores.reduce((sum, score) => sum + score, 0) / scores.length;
}

function bestImages(originals: readonly Float64Array[], images: readonly Float64Array[]): Float64Array[] {
  return originals.map((original) =>
    images.reduce((best, image) =>
      compareImages(original, image) > compareImages(original, best) ? image : best,
    ),
  );
}

const imagesOf = ({ features, labels }: Dataset): Float64Array[] =>
  Array.from({ length: labels.length }, (_, i) =>
    Float64Array.from(features.subarray(i * pixels, (i + 1) * pixels), (value) => value / 255),
  );

/** What an attacker knows of digits anyway. */
function meanImage({ features, labels }: Dataset): Float64Array {
  const sum = new Float64Array(pixels);
  for (let i = 0; i < features.length; i++) sum[i % pixels]! += features[i]! / 255;
  return sum.map((value) => value / labels.length);
}

/** What a silo with these records moves the model by in one noised step, under a job's plan. */
async function trainSilo(dataset: Dataset, seed: number): Promise<Float32Array> {
  const graph = digitsModel(hidden);
  const start = modelOfParameters(graph, initialParameters(graph, toHex(new Uint8Array(32).fill(seed))));
  const cohort = { minParticipants: sites, maxParticipants: sites, rounds: 10 };
  const { parameters } = planPrivacy(
    {
      unit: 'record',
      form: 'silo',
      epsilon: 8,
      delta: 1e-5,
      clippingNorm: 1,
      releases: cohort.rounds,
      samplingRate: 1,
      maximumBatch: 3008,
      maximumRecords: 3000,
      stepsPerRound: 1,
    },
    { dimension: start.flat.length, ...cohort },
  );
  const step = deriveClippedStep(graph, parameters.clippingNorm);
  const { job, store } = await createTrainerJob(graph, step, { ...cohort, data: dataSchemaOf(dataset) });
  const trainer = await createSiloTrainer({ job, store, dataset, parameters, learningRate: 1, momentum: 0 });
  const { model } = await trainer.train(requestFor(encodeModel(start), 0, victim));
  const { flat } = readModel(model, { entries: start.flat.length });
  return flat.map((value, i) => value - start.flat[i]!);
}
