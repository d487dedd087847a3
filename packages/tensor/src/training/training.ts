/**
 * Training a model here, step by step, so that it can be watched, stopped and resumed. Everything is determined by the arguments: a training that was
 * stopped, saved and resumed ends with the bits of one that was not. (`trainLocally` is what a participant of a job runs between two rounds: it starts from
 * the round's parameters, and keeps nothing.)
 */
import { concatBytes, fromHex, type Hex, MisuseError, NonetError, pause, sha256, utf8 } from '@nonet/core';
import { assertDataset, type Dataset, dataSchemaOf } from '../datasets/dataset.ts';
import type { DatasetSource } from '../datasets/source.ts';
import {
  arrangeParameters,
  initialParameters,
  type Parameter,
  type Parameters,
} from '../files/parameters.ts';
import { decodeSafetensors, encodeSafetensors } from '../files/safetensors.ts';
import type { Graph } from '../graph/graph.ts';
import type { Model, NamedGraph } from '../models/defineModel.ts';
import { attachCrossEntropy } from '../models/models.ts';
import { createProgram } from '../run/execute.ts';
import type { InputValue, OutputValue } from '../run/program.ts';
import type { Threads } from '../threads/index.ts';
import { bind } from '../transform/bind.ts';
import { differentiate } from '../transform/differentiate.ts';
import { forTraining } from '../transform/forTraining.ts';
import { lower } from '../transform/lower.ts';
import { attachOptimiser, type Optimiser } from '../transform/optimisers.ts';
import { createFeed, isSource } from './feed.ts';
import { assertFits, assertPositive, notFinite } from './train.ts';

/** All that a training needs to go on from where it is. */
export interface TrainingState {
  readonly parameters: Parameters;
  /** The optimiser's, such as momenta. */
  readonly states: Parameters;
  /** How many steps led here. */
  readonly step: number;
}

/** One number for all steps, or one for each step from 0: a schedule. */
export type Rate = number | ((step: number) => number);

export interface TrainingProgress {
  /** Steps done, from 1. */
  readonly step: number;
  readonly steps: number;
  /** Of this step's examples, before the step. */
  readonly loss: number;
}

interface Running {
  /** From `startThreads`: they share the work of large products, and change no bit. */
  readonly threads?: Threads;
  onProgress?(progress: TrainingProgress): void;
  /** Stops after the step that is running; the state so far is returned. */
  readonly signal?: AbortSignal;
}

type Inputs<Input extends string> = Readonly<Record<Input, InputValue>>;

export interface TrainStepsOptions<Input extends string, Scalar extends string> extends Running {
  /** A bound graph with the scalar output `loss`. */
  readonly graph: NamedGraph<Input>;
  readonly optimiser: Optimiser<Scalar>;
  /** The optimiser's scalars, such as the learning rate `lr`. */
  readonly rates: Readonly<Record<Scalar, Rate>>;
  /** Where to start: a state to resume, or a seed for the first parameters. */
  readonly from: TrainingState | Hex;
  /** Of the whole training, those before `from` included. */
  readonly steps: number;
  /** What step s, from 0, learns from; a function of s alone, or the training cannot be resumed. */
  inputs(step: number): Inputs<Input> | Promise<Inputs<Input>>;
}

/**
 * Minimises the `loss` of any graph. Throws `train.argument`, `program.input` where `inputs` gives too few, `parameters.mismatch` and `program.states` where
 * `from` belongs to another graph or optimiser, and `train.notFinite` as soon as a loss or a parameter is no finite number.
 */
export async function trainSteps<Input extends string, Scalar extends string>(
  options: TrainStepsOptions<Input, Scalar>,
): Promise<TrainingState> {
  const { graph, optimiser, rates, from, steps, signal, threads } = options;
  assertRates(optimiser, rates);
  const first = typeof from === 'string' ? 0 : from.step;
  if (!Number.isSafeInteger(steps) || steps < 1 || !Number.isSafeInteger(first) || first < 0) {
    throw new MisuseError({
      code: 'train.argument',
      expected: 'a positive number of steps, from a step of at least 0',
      found: `${steps} steps from ${first}`,
    });
  }
  const program = await createProgram(
    trainingStep(graph, optimiser),
    threads === undefined ? {} : { threads },
  );
  try {
    const start = typeof from === 'string' ? initialParameters(graph, from) : from.parameters;
    program.setParameters(arrangeParameters(program.graph, start));
    if (typeof from !== 'string') program.setStates(from.states);
    const waiting = createBreather();
    let step = first;
    while (step < steps && signal?.aborted !== true) {
      const { loss: losses } = program.run({ ...(await options.inputs(step)), ...ratesAt(rates, step) });
      step++;
      const loss = (losses as OutputValue)[0];
      if (!Number.isFinite(loss)) throw notFinite(`a loss of ${loss} in step ${step}`);
      options.onProgress?.({ step, steps, loss });
      await waiting();
    }
    const parameters = arrangeParameters(graph, program.parameters());
    const state = { parameters, states: program.states(), step };
    for (const { name, data } of [...state.parameters, ...state.states]) {
      if (!data.every((value) => Number.isFinite(value))) throw notFinite(`${name} after step ${step}`);
    }
    return state;
  } finally {
    program.close();
  }
}

/** The training step of a graph with a loss: one run changes parameters and states. What `stepGraph` is to a classifier. */
export function trainingStep(graph: Graph, optimiser: Optimiser): Graph {
  const outputs = graph.outputs.filter(({ name }) => name === 'loss');
  return attachOptimiser(differentiate(lower(forTraining({ ...graph, outputs })), 'loss'), optimiser);
}

function assertRates(optimiser: Optimiser, rates: Readonly<Record<string, Rate>>): void {
  const names = Object.keys(rates).sort().join(', ');
  const wanted = [...optimiser.inputs].sort().join(', ');
  if (names === wanted) return;
  throw new MisuseError({
    code: 'train.argument',
    expected: `the rates ${wanted} of this optimiser`,
    found: names || 'none',
  });
}

function ratesAt(rates: Readonly<Record<string, Rate>>, step: number): Record<string, number> {
  return Object.fromEntries(
    Object.entries(rates).map(([name, rate]) => {
      const value = typeof rate === 'number' ? rate : rate(step);
      if (Number.isFinite(value) && value >= 0) return [name, value];
      throw new MisuseError({
        code: 'train.argument',
        expected: `a finite ${name} of at least 0 in step ${step}`,
        found: String(value),
      });
    }),
  );
}

/** Lets others run ten times a second: a page paints, an abort is heard. */
function createBreather(): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < 100) return;
    await pause(0);
    last = performance.now();
  };
}

export interface TrainOptions<Scalar extends string> extends Running {
  readonly optimiser: Optimiser<Scalar>;
  /** The optimiser's scalars, such as the learning rate `lr`: numbers, or functions of the step. */
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

/** A model with what it learnt: what `evaluate` and `predict` take, and what resumes. */
export interface Trained<Label extends string = string> extends Model<Label>, TrainingState {}

/**
 * Trains a classifier on a dataset in memory, or on a source larger than memory (feed.ts says in which order). Throws `train.argument`,
 * `train.dataset` where the data are not the model's, what a source throws, and what `trainSteps` throws.
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
  const feed = await createFeed(graph, data, { seed, batch });
  const loss = bind(attachCrossEntropy(graph), { B: batch }) as NamedGraph<'x' | 'y' | 'w'>;
  const steps = epochs * feed.stepsPerEpoch;
  const random = graph.nodes.some(({ kind }) => kind === 'dropout') ? seedWords(seed) : undefined;
  const inputs = async (step: number) => {
    const examples = await feed.inputs(step);
    return random === undefined ? examples : { ...examples, seed: random, step };
  };
  const state = await trainSteps({ ...options, graph: loss, from, steps, inputs });
  return { graph, labels, ...state };
}

/** The key of dropout's generator: the first 8 bytes of SHA-256("nonet dropout" || seed), little-endian. */
function seedWords(seed: Hex): Int32Array<ArrayBuffer> {
  const view = new DataView(sha256(concatBytes(utf8('nonet dropout'), fromHex(seed))).buffer);
  return Int32Array.of(view.getInt32(0, true), view.getInt32(4, true));
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

/** One safetensors file with parameters, optimiser's states and the number of the step. */
export function encodeTraining({ parameters, states, step }: TrainingState): Uint8Array<ArrayBuffer> {
  const names = (tensors: Parameters) => tensors.map(({ name }) => name);
  return encodeSafetensors([...parameters, ...states], {
    'nonet.training': JSON.stringify({ step, parameters: names(parameters), states: names(states) }),
  });
}

/** Reads what `encodeTraining` writes. Throws `safetensors.malformed` or `training.malformed`; whether it fits, the training that it resumes finds out. */
export function decodeTraining(bytes: Uint8Array): TrainingState {
  const { tensors, metadata } = decodeSafetensors(bytes);
  const { step, parameters, states } = parseTraining(metadata['nonet.training']);
  const known = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const take = (name: string): Parameter => {
    const tensor = known.get(name);
    known.delete(name);
    if (tensor?.data instanceof Float32Array) return { ...tensor, data: tensor.data };
    return refuse(`one F32 tensor ${name.slice(0, 80)}`, tensor === undefined ? 'none' : 'another type');
  };
  const state = { step, parameters: parameters.map(take), states: states.map(take) };
  if (known.size > 0) refuse('no other tensor', [...known.keys()].join(', ').slice(0, 80));
  return state;
}

interface TrainingHeader {
  readonly step: number;
  readonly parameters: readonly string[];
  readonly states: readonly string[];
}

function parseTraining(text: string | undefined): TrainingHeader {
  if (text === undefined) return refuse('the metadata nonet.training', 'none');
  const isNames = (value: unknown) => Array.isArray(value) && value.every((name) => typeof name === 'string');
  try {
    const value = JSON.parse(text) as Partial<TrainingHeader> | null;
    const { step = -1, parameters, states } = value ?? {};
    if (Number.isSafeInteger(step) && step >= 0 && isNames(parameters) && isNames(states))
      return value as TrainingHeader;
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
  }
  return refuse('step, parameters and states in the metadata nonet.training', text.slice(0, 80));
}

function refuse(expected: string, found: string): never {
  throw new NonetError({ code: 'training.malformed', expected, found });
}
