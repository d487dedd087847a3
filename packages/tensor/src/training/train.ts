/** Training a classifier on a dataset; resumable, and the same bits for the same seed. */
import { type Hex, MisuseError, seededKey } from '@nonet/core';
import { assertDataset, type Dataset, dataSchemaOf } from '../datasets/dataset.ts';
import type { DatasetSource } from '../datasets/source.ts';
import type { NamedGraph } from '../graph/defineGraph.ts';
import type { Model } from '../models/defineModel.ts';
import { bind } from '../transform/bind.ts';
import { attachCrossEntropy } from '../transform/losses.ts';
import type { Optimiser } from '../transform/optimisers.ts';
import { usesDropout } from '../transform/trainingMode.ts';
import { assertFits, assertPositive, isSource } from './classifier.ts';
import { createFeed, orderBySeed } from './feed.ts';
import { minimise, type TrainingControls } from './minimise.ts';
import type { Rate } from './schedules.ts';
import type { TrainingState } from './trainingState.ts';

/** How a classifier is trained. */
export interface TrainOptions<Scalar extends string> extends TrainingControls {
  readonly optimiser: Optimiser<Scalar>;
  /** The optimiser's scalars, such as `learningRate`: numbers, or functions of the step. */
  readonly rates: Readonly<Record<Scalar, Rate>>;
  /** Passes over the dataset. */
  readonly epochs: number;
  /** Examples of one step; the last step of an epoch is padded with examples of weight 0. */
  readonly batch: number;
  /** Of the first parameters, of the order of examples, and of dropout. */
  readonly seed: Hex;
  /** A state of this same training, to go on from. */
  readonly from?: TrainingState;
}

/** A model with what it learned: what `evaluate` and `predict` take, and what resumes. */
export interface Trained<Label extends string = string> extends Model<Label>, TrainingState {}

/**
 * Trains a classifier on a dataset in memory, or on a source larger than memory (feed.ts says in
 * which order). Throws `train.argument`, `train.dataset` if the data belong to another model, what
 * a source throws, and what `minimise` throws.
 *
 *     const trained = await train(model, dataset, {
 *       optimiser: sgdMomentum, rates: { learningRate: 0.05, momentum: 0.9 },
 *       epochs: 3, batch: 64, seed: '0x2a',
 *     });
 */
export async function train<Label extends string, Scalar extends string>(
  { graph, labels }: Model<Label>,
  data: Dataset | DatasetSource,
  options: TrainOptions<Scalar>,
): Promise<Trained<Label>> {
  const { epochs, batch, seed, from = seed } = options;
  assertPositive(epochs, 'epochs');
  assertPositive(batch, 'batch');
  if (!isSource(data)) assertDataset(data);
  const { shape, labels: vocabulary } = isSource(data) ? data.schema : dataSchemaOf(data);
  assertFits(graph, { shape, vocabulary });
  assertLabels(labels, vocabulary);
  const feed = await createFeed(graph, data, { batch, orderOf: orderBySeed(seed) });
  const loss = bind(attachCrossEntropy(graph), { B: batch }) as NamedGraph<'x' | 'y' | 'w'>;
  const steps = epochs * feed.stepsPerEpoch;
  const dropoutSeed = usesDropout(graph) ? dropoutSeedOf(seed) : undefined;
  const inputs = async (step: number) => {
    const examples = await feed.inputs(step);
    return dropoutSeed === undefined ? examples : { ...examples, seed: dropoutSeed, step };
  };
  const state = await minimise({ ...options, graph: loss, from, steps, inputs });
  return { graph, labels, ...state };
}

/**
 * The key of dropout's generator: the first 8 bytes of SHA-256("nonet dropout" || seed),
 * little-endian.
 */
function dropoutSeedOf(seed: Hex): Int32Array<ArrayBuffer> {
  return Int32Array.from(seededKey(seed, 'nonet dropout'));
}

function assertLabels(labels: readonly string[], vocabulary: readonly string[]): void {
  const [expected, found] = [JSON.stringify(labels), JSON.stringify(vocabulary)];
  if (expected === found) return;
  throw new MisuseError({
    code: 'train.dataset',
    expected: `the labels ${expected.slice(0, 200)}`,
    found: found.slice(0, 200),
    hint: 'Labels and their order belong to the model.',
  });
}
