/**
 * Training, evaluating and predicting with a model (a forward graph with `x`, `logits`, `probabilities`, `label`) on a dataset in
 * memory. Everything is determined by the arguments: the order of examples comes from the given stream.
 */
import { MisuseError, NonetError, type RandomStream, shuffledIndices } from '@nonet/core';
import { assertDataset, type Dataset } from '../datasets/dataset.ts';
import { type DatasetSource, sourceOf } from '../datasets/source.ts';
import { arrangeParameters, type Parameters } from '../files/parameters.ts';
import { type Graph, leavesOf, outputNamed } from '../graph/graph.ts';
import { attachCrossEntropy, stepGraph } from '../models/models.ts';
import { createProgram } from '../run/execute.ts';
import type { Program } from '../run/program.ts';
import { bind } from '../transform/bind.ts';
import { assertExamples, type ExampleInputs, fillBatch, isSource } from './feed.ts';

export interface TrainLocallyOptions {
  /** A model: input x, output logits. */
  readonly graph: Graph;
  readonly parameters: Parameters;
  readonly dataset: Dataset;
  readonly epochs: number;
  /** Examples of one step; the last step of an epoch is padded with examples of weight 0. */
  readonly batch: number;
  readonly learningRate: number;
  readonly momentum: number;
  /** For the order of examples: `createRandomStream` of (seed, participant, round). */
  readonly random: RandomStream;
  /** From `createTrainer`, to plan and compile once for several calls. */
  readonly trainer?: Program;
}

export interface TrainLocallyReturnType {
  readonly parameters: Parameters;
  /** Mean cross-entropy over the examples of the last epoch, in nats, each taken before its step. */
  readonly loss: number;
  readonly steps: number;
}

/** The training step of a model, bound to a batch, ready to run; for `trainLocally` only. */
export function createTrainer(graph: Graph, batch: number): Promise<Program> {
  assertPositive(batch, 'batch');
  return createProgram(bind(stepGraph(graph), { B: batch }));
}

export function assertPositive(value: number, name: string) {
  if (Number.isSafeInteger(value) && value > 0) return;
  throw new MisuseError({
    code: 'train.argument',
    expected: `a positive integer as ${name}`,
    found: String(value),
  });
}

function assertFinite(value: number, name: string) {
  if (Number.isFinite(value) && value >= 0) return;
  throw new MisuseError({
    code: 'train.argument',
    expected: `a finite ${name} of at least 0`,
    found: String(value),
  });
}

/** Throws `train.dataset` unless the dataset's examples are the model's inputs and its labels the model's classes. */
export function assertFits(graph: Graph, dataset: Pick<Dataset, 'shape' | 'vocabulary'>) {
  const x = leavesOf(graph, 'input').find(({ name }) => name === 'x');
  const [, ...features] = x?.shape ?? [];
  const classes = graph.nodes[outputNamed(graph, 'logits')].shape[1];
  const sizesFit = JSON.stringify(features) === JSON.stringify(dataset.shape);
  if (x !== undefined && sizesFit && classes === dataset.vocabulary.length) return;
  throw new MisuseError({
    code: 'train.dataset',
    expected: `examples of [${features.join(',')}] with ${classes} labels`,
    found: `[${dataset.shape.join(',')}] with ${dataset.vocabulary.length}`,
    hint: 'This dataset belongs to another model.',
  });
}

const inputsOf = (program: Program): ExampleInputs => ({
  x: program.input('x'),
  y: program.input('y'),
  w: program.input('w'),
});

/**
 * SGD with momentum over `epochs` passes, momentum from zero. Throws `train.argument`, `train.dataset`, `parameters.mismatch`, and
 * `train.notFinite` as soon as a loss or a parameter is no finite number (a learning rate too high).
 */
export async function trainLocally(options: TrainLocallyOptions): Promise<TrainLocallyReturnType> {
  const { graph, dataset, epochs, batch, learningRate, momentum, random } = options;
  assertPositive(epochs, 'epochs');
  assertPositive(batch, 'batch');
  assertFinite(learningRate, 'learning rate');
  assertFinite(momentum, 'momentum');
  assertDataset(dataset);
  assertFits(graph, dataset);
  const program = options.trainer ?? (await createTrainer(graph, batch));
  if (program.input('y').length !== batch) {
    throw new MisuseError({
      code: 'train.argument',
      expected: `a trainer for batches of ${batch}`,
      found: `one for ${program.input('y').length}`,
    });
  }
  program.setParameters(arrangeParameters(program.graph, options.parameters));
  program.resetStates();
  const count = dataset.labels.length;
  const drops = graph.nodes.some(({ kind }) => kind === 'dropout');
  const seed = drops ? { seed: Int32Array.of(random.u32(), random.u32()) } : {};
  let steps = 0;
  let total = 0;
  for (let epoch = 0; epoch < epochs; epoch++) {
    const order = shuffledIndices(count, random);
    total = 0;
    for (let start = 0; start < count; start += batch) {
      const indices = order.subarray(start, start + batch);
      fillBatch(inputsOf(program), dataset, indices);
      const fresh = { lr: learningRate, mu: momentum, ...seed, ...(drops ? { step: steps } : {}) };
      const loss = program.run(fresh).loss[0];
      steps++;
      if (!Number.isFinite(loss)) throw notFinite(`a loss of ${loss} in step ${steps}`);
      total += loss * indices.length;
    }
  }
  const parameters = arrangeParameters(graph, program.parameters());
  for (const { name, data } of parameters) {
    if (!data.every((value) => Number.isFinite(value))) throw notFinite(`${name} after step ${steps}`);
  }
  return { parameters, loss: total / count, steps };
}

export function notFinite(found: string): NonetError {
  return new NonetError({
    code: 'train.notFinite',
    expected: 'finite losses and parameters',
    found,
    hint: 'Lower the learning rate, or standardise the features.',
  });
}

export interface EvaluateOptions {
  readonly graph: Graph;
  readonly parameters: Parameters;
  /** In memory, or a source, which is then read batch by batch. */
  readonly dataset: Dataset | DatasetSource;
}

export interface Evaluation {
  readonly count: number;
  readonly correct: number;
  readonly accuracy: number;
  /** Mean cross-entropy in nats. */
  readonly loss: number;
  /** (classes, classes): row = true label, column = predicted label. */
  readonly confusion: readonly (readonly number[])[];
}

/** Examples of one run when nothing is learned from it. */
const inferenceBatch = 128;

/** The first of the largest. */
function largest(row: Float32Array): number {
  return row.reduce((best, value, i) => (value > row[best] ? i : best), 0);
}

/** Predicts every example and counts. Throws `train.dataset` and `parameters.mismatch`, and what a source throws. */
export async function evaluate({ graph, parameters, dataset }: EvaluateOptions): Promise<Evaluation> {
  const source = isSource(dataset) ? dataset : sourceOf(dataset);
  assertFits(graph, { shape: source.schema.shape, vocabulary: source.schema.labels });
  const program = await createProgram(bind(attachCrossEntropy(graph), { B: inferenceBatch }));
  program.setParameters(parameters);
  const classes = source.schema.labels.length;
  const confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  const rows = Uint32Array.from({ length: inferenceBatch }, (_, row) => row);
  let count = 0;
  let correct = 0;
  let total = 0;
  for await (const batch of source.batches(inferenceBatch)) {
    const size = batch.labels.length;
    fillBatch(inputsOf(program), batch, rows.subarray(0, size));
    const { loss, logits } = program.run();
    count += size;
    total += loss[0] * size;
    for (const [row, truth] of batch.labels.entries()) {
      const label = largest((logits as Float32Array).subarray(row * classes, (row + 1) * classes));
      confusion[truth][label]++;
      if (label === truth) correct++;
    }
  }
  assertExamples(count);
  return { count, correct, accuracy: correct / count, loss: total / count, confusion };
}

export interface PredictOptions {
  readonly graph: Graph;
  readonly parameters: Parameters;
  /** (N, ...features) */
  readonly features: Float32Array | Uint8Array;
}

export interface PredictReturnType {
  /** (N, classes) */
  readonly probabilities: Float32Array<ArrayBuffer>;
  /** (N) */
  readonly labels: Int32Array<ArrayBuffer>;
}

/** Probabilities and labels of examples without labels. Throws `train.dataset` if they are no whole number of examples. */
export async function predict({ graph, parameters, features }: PredictOptions): Promise<PredictReturnType> {
  const classes = graph.nodes[outputNamed(graph, 'probabilities')].shape[1] as number;
  const program = await createProgram(bind(graph, { B: inferenceBatch }));
  program.setParameters(parameters);
  const x = program.input('x');
  const width = x.length / inferenceBatch;
  const count = features.length / width;
  if (!Number.isInteger(count)) {
    throw new MisuseError({
      code: 'train.dataset',
      expected: `examples of ${width} features`,
      found: `${features.length} features`,
    });
  }
  const probabilities = new Float32Array(count * classes);
  const labels = new Int32Array(count);
  for (let start = 0; start < count; start += inferenceBatch) {
    const rows = Math.min(inferenceBatch, count - start);
    x.fill(0).set(features.subarray(start * width, (start + rows) * width));
    const output = program.run();
    probabilities.set((output.probabilities as Float32Array).subarray(0, rows * classes), start * classes);
    labels.set(output.label.subarray(0, rows), start);
  }
  return { probabilities, labels };
}
