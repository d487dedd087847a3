/**
 * Steps of training (loss, gradient, SGD with momentum) and inference of three models, beside
 * jax-js and TensorFlow.js where they are installed. Before anything is timed, every candidate
 * takes three steps from the same parameters on the same data, and the losses must agree; then
 * candidates take turns, so that what disturbs the machine disturbs all of them. Python's are
 * measured by `bench/peers/training.py`, which prints the same figures.
 */
import { fileURLToPath } from 'node:url';
import { NonetError } from '@nonet/core';
import {
  bind,
  createProgram,
  deriveClassifierStep,
  type Graph,
  initialParameters,
  lenet5,
  mlp,
  type Parameters,
  printProfile,
  transformer,
} from '@nonet/tensor';
import { bundleForBrowsers } from '../scripts/bundle.ts';
import { type BenchContext, benchFigure, type Figure, gzipSize, type Suite } from './suite.ts';

export const rate = 0.01;
export const momentum = 0.9;
export const tolerance = 1e-4;

type Values = Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>;

interface Workload {
  readonly name: string;
  readonly model: Graph;
  readonly shape: readonly number[];
  readonly x: Values;
  readonly y: Int32Array<ArrayBuffer>;
}

/** What takes part: `step` gives the loss, both are done when the promise is. */
interface Trainer {
  step(x: Values, shape: readonly number[], y: Int32Array<ArrayBuffer>): number | Promise<number>;
  infer(x: Values, shape: readonly number[]): unknown;
}

interface Peer {
  createTrainer(model: string, parameters: Parameters, rate: number, momentum: number): Promise<Trainer>;
}

/** Numbers in [0,1) that depend on their place only; no model learns them, none needs to. */
const scattered = (i: number) => ((i * 7919 + 13) % 1009) / 1009;

function workload(name: string, model: Graph, shape: readonly number[], labels: number): Workload {
  const length = shape.reduce((a, b) => a * b, 1);
  const isText = name === 'transformer';
  const x = isText
    ? Int32Array.from({ length }, (_, i) => Math.floor(64 * scattered(i)))
    : Float32Array.from({ length }, (_, i) => scattered(i));
  return { name, model, shape, x, y: Int32Array.from({ length: labels }, (_, i) => (i * 31 + 7) % 10) };
}

export function workloads(): readonly Workload[] {
  const language = transformer({ vocabulary: 64, width: 128, heads: 4, layers: 5, context: 64 });
  return [
    workload('mlp', mlp({ features: [784], hidden: [128], classes: 10 }), [64, 784], 64),
    workload('lenet', lenet5({ classes: 10 }), [64, 1, 28, 28], 64),
    workload('transformer', language, [8, 64], 8 * 64),
  ];
}

/** Ours, with the program of the step, for its memory plan and its profile. */
export async function createOurs({ model, shape, y }: Workload, parameters: Parameters) {
  const logits = { ...model, outputs: model.outputs.filter(({ name }) => name === 'logits') };
  const step = await createProgram(bind(deriveClassifierStep(model), { B: shape[0]! }));
  const forward = await createProgram(bind(logits, { B: shape[0]! }));
  step.setParameters(parameters);
  forward.setParameters(parameters);
  const constants = { w: new Float32Array(y.length).fill(1), learningRate: rate, momentum };
  const trainer: Trainer = {
    step: (x, _, labels) => step.run({ ...constants, x, y: labels }).loss![0]!,
    infer: (x) => forward.run({ x }),
  };
  return { trainer, step };
}

const peers = [
  { name: 'jaxjs', packageName: '@jax-js/jax', file: './jax.ts', models: ['mlp', 'lenet', 'transformer'] },
  { name: 'tfjs', packageName: '@tensorflow/tfjs', file: './tensorFlow.ts', models: ['mlp', 'lenet'] },
];

/** One call, in milliseconds. */
async function time(call: () => unknown): Promise<number> {
  const start = performance.now();
  await call();
  return performance.now() - start;
}

/** Calls of each kind in turn until each has had its seconds or its samples; at least three. */
async function sample(calls: ReadonlyMap<string, () => unknown>): Promise<Record<string, Figure>> {
  const seconds = 3;
  const most = 40;
  const samples = new Map([...calls.keys()].map((name): [string, number[]] => [name, []]));
  const wants = (times: readonly number[]) =>
    times.length < 3 || (times.length < most && times.reduce((a, b) => a + b, 0) < 1000 * seconds);
  // The engine compiles what is called often once more, better: nothing is timed before that.
  for (const call of calls.values()) {
    for (let spent = 0, count = 0; spent < 500 && count < 30; count++) spent += await time(call);
  }
  while ([...samples.values()].some(wants)) {
    for (const [name, times] of samples) if (wants(times)) times.push(await time(calls.get(name)!));
  }
  return Object.fromEntries([...samples].map(([name, times]) => [name, benchFigure(times, 'ms')]));
}

/** Three steps of each from the same parameters. Throws `bench.disagree`. */
async function assertSameLosses(trainers: ReadonlyMap<string, Trainer>, { name, x, shape, y }: Workload) {
  const losses: Record<string, number[]> = {};
  for (const [who, trainer] of trainers) {
    losses[who] = [];
    for (let step = 0; step < 3; step++) losses[who].push(await trainer.step(x, shape, y));
  }
  const ours = losses.ours!;
  const differs = (values: readonly number[]) =>
    values.some((loss, i) => !(Math.abs(loss - ours[i]!) <= tolerance));
  for (const [who, values] of Object.entries(losses)) {
    if (!differs(values)) continue;
    throw new NonetError({
      code: 'bench.disagree',
      expected: `the losses ${ours.join(', ')} of ${name} within ${tolerance}`,
      found: `${values.join(', ')} from ${who}`,
    });
  }
}

async function measure(work: Workload, context: BenchContext): Promise<Record<string, Figure>> {
  const parameters = initialParameters(work.model, '0x01');
  const ours = await createOurs(work, parameters);
  const trainers = new Map<string, Trainer>([['ours', ours.trainer]]);
  for (const { name, packageName, file, models } of peers) {
    if (!models.includes(work.name) || (await context.peer(packageName)) === undefined) continue;
    const peer = await context.peer<Peer>(file);
    trainers.set(name, await peer!.createTrainer(work.name, parameters, rate, momentum));
  }
  await assertSameLosses(trainers, work);
  const { x, shape, y } = work;
  const calls = [...trainers].flatMap(([who, trainer]): [string, () => unknown][] => [
    [`${who}.${work.name}.step`, () => trainer.step(x, shape, y)],
    [`${who}.${work.name}.infer`, () => trainer.infer(x, shape)],
  ]);
  const figures = await sample(new Map(calls));
  context.note(`${work.name}: ${printProfile(ours.step.graph, ours.step.profile(), 8)}`);
  return { ...figures, [`ours.${work.name}.memory`]: benchFigure(ours.step.plan.bytes, 'bytes') };
}

export const suite: Suite = {
  name: 'training',
  about:
    'steps of training and inference: an MLP 784-128-10 and LeNet-5 (6 and 16 kernels of 5x5, dense layers of 120, 84 and 10) at batch 64, a transformer of a million parameters at 8 x 64 tokens; TensorFlow.js on WebAssembly, but JavaScript for training LeNet-5, since its WebAssembly lacks the derivative of a filter',
  cells: ['performance-scalability'],
  async run(context) {
    const figures: Record<string, Figure> = {};
    for (const work of workloads()) Object.assign(figures, await measure(work, context));
    const engine = fileURLToPath(new URL('engine.ts', import.meta.url));
    const script = await bundleForBrowsers(engine, 'nonet');
    return { ...figures, 'size.gzip': benchFigure(gzipSize(script), 'bytes') };
  },
};
