/**
 * The training loop, step by step, so that a training can be watched, stopped and resumed.
 * Everything is determined by the arguments: a training that was stopped, saved and resumed ends
 * with the same bits as one that ran through. `train` and `createLocalTrainer` run this loop on a
 * classifier and a dataset.
 */
import { type Hex, MisuseError, NonetError, pause } from '@nonet/core';
import { arrangeParameters, initialParameters } from '../files/parameters.ts';
import type { NamedGraph } from '../graph/defineGraph.ts';
import type { Graph } from '../graph/graph.ts';
import type { Threads } from '../kernels/team.ts';
import { createProgram } from '../run/execute.ts';
import type { InputValue, Program } from '../run/program.ts';
import type { Optimiser } from '../transform/optimisers.ts';
import { deriveTrainingStep } from '../transform/trainingStep.ts';
import { type Rate, rateAt } from './schedules.ts';
import type { TrainingState } from './trainingState.ts';

/** One step of a training, as it is reported. */
export interface TrainingProgress {
  /** Steps done, from 1. */
  readonly step: number;
  /** Of the whole training. */
  readonly steps: number;
  /** Of this step's examples, before the step. */
  readonly loss: number;
}

/** How a training is watched, stopped and shared among threads; none of it changes a bit. */
export interface TrainingControls {
  /** From `startThreads`: they share the work of large products. */
  readonly threads?: Threads;
  onProgress?(progress: TrainingProgress): void;
  /** Stops after the step that is running; the state so far is returned. */
  readonly signal?: AbortSignal;
}

type Inputs = Readonly<Record<string, InputValue>>;

/** What to minimise, how, and from where. */
export interface MinimiseOptions<Input extends string, Scalar extends string> extends TrainingControls {
  /** A bound graph with the scalar output `loss`. */
  readonly graph: NamedGraph<Input>;
  readonly optimiser: Optimiser<Scalar>;
  /** The optimiser's scalars, such as `learningRate`. */
  readonly rates: Readonly<Record<Scalar, Rate>>;
  /** Where to start: a state to resume, or a seed for the first parameters. */
  readonly from: TrainingState | Hex;
  /** Of the whole training, those before `from` included. */
  readonly steps: number;
  /** What step s, from 0, learns from; a function of s alone, or the training cannot be resumed. */
  inputs(step: number): Readonly<Record<Input, InputValue>> | Promise<Readonly<Record<Input, InputValue>>>;
}

/**
 * Minimises the `loss` of any graph. Throws `train.argument`, `program.input` where `inputs` lacks
 * one, `parameters.mismatch` and `program.states` where `from` belongs to another graph or
 * optimiser, and `train.notFinite` as soon as a loss or a parameter is not a finite number.
 *
 *     const state = await minimise({
 *       graph: bind(graph, { B: 16 }), optimiser: sgd, rates: { learningRate: 0.1 },
 *       from: '0x2a', steps: 100, inputs: (step) => ({ x: batchOf(step) }),
 *     });
 */
export async function minimise<Input extends string, Scalar extends string>(
  options: MinimiseOptions<Input, Scalar>,
): Promise<TrainingState> {
  const { graph, optimiser, rates, from, steps, threads } = options;
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
    deriveTrainingStep(graph, optimiser),
    threads === undefined ? {} : { threads },
  );
  try {
    const start = typeof from === 'string' ? initialParameters(graph, from) : from.parameters;
    program.setParameters(arrangeParameters(program.graph, start));
    if (typeof from !== 'string') program.setStates(from.states);
    return await runSteps(program, { ...options, first });
  } finally {
    program.close();
  }
}

/** What the loop needs besides the program. */
interface RunStepsOptions extends Pick<TrainingControls, 'onProgress' | 'signal'> {
  /** Whose order of parameters the result has. */
  readonly graph: Graph;
  readonly rates: Readonly<Record<string, Rate>>;
  /** Steps already done. */
  readonly first: number;
  readonly steps: number;
  inputs(step: number): Inputs | Promise<Inputs>;
}

/**
 * The loop itself, from the parameters and states in the program; other tasks get a turn between
 * steps.
 */
export async function runSteps(program: Program, options: RunStepsOptions): Promise<TrainingState> {
  const { graph, rates, first, steps, signal } = options;
  const giveTurn = createTurns();
  let step = first;
  while (step < steps && signal?.aborted !== true) {
    const loss = program.run({ ...(await options.inputs(step)), ...ratesAt(rates, step) }).loss[0];
    step++;
    if (!Number.isFinite(loss)) throw notFinite(`a loss of ${loss} in step ${step}`);
    options.onProgress?.({ step, steps, loss });
    await giveTurn();
  }
  const parameters = arrangeParameters(graph, program.parameters());
  const state = { parameters, states: program.states(), step };
  for (const { name, data } of [...state.parameters, ...state.states]) {
    const odd = data.find((value) => !Number.isFinite(value));
    if (odd !== undefined) throw notFinite(`${odd} in ${name} after step ${step}`);
  }
  return state;
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
  return Object.fromEntries(Object.entries(rates).map(([name, rate]) => [name, rateAt(name, rate, step)]));
}

/** Lets other tasks run ten times a second: a page paints, an abort is noticed. */
function createTurns(): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < 100) return;
    await pause(0);
    last = performance.now();
  };
}

function notFinite(found: string): NonetError {
  return new NonetError({
    code: 'train.notFinite',
    expected: 'finite losses and parameters',
    found,
    hint: 'Lower the learning rate, or standardise the features.',
  });
}
