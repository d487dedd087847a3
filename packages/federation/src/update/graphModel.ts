/**
 * The parameters of a graph as a job's model, and back (docs/specs/update.md §3.6).
 *
 * An entry of an update holds at most +-8, in steps of 2^-20: enough for what gradients move, and
 * too little for running statistics, which are in the units of the data (the variance of salaries
 * may be 10^9). A running statistic is therefore sent as three numbers, in units of 1, 2^24 and
 * 2^48, each of them an ordinary number of the model with an entry of its own: together they reach
 * 2^51 in steps of 2^-20. The average of each is exact, so the average of the whole is, and the
 * ledger judges them like any other number, without knowing of units. Which parameters these are
 * follows from the graph, so no record says it.
 */
import { NonetError } from '@nonet/core';
import {
  decodeParameters,
  decodeSafetensors,
  encodeParameters,
  encodeSafetensors,
  type Graph,
  leavesOf,
  type Parameter,
  type Parameters,
  parameterCount,
  runningStatistics,
} from '@nonet/tensor';
import { type Model, readModel } from './modelBlob.ts';
import { isStateName } from './serverStep.ts';

/** Units of the numbers that a running statistic is sent as besides its own; the largest last. */
const units = [2 ** 24, 2 ** 48] as const;
/** Steps of an entry, in its unit; and how far one reaches, as `arithmetic` has it in every job. */
const step = 2 ** -20;
const reach = 8;

/** The tensor that holds a running statistic in units of 2^24 or 2^48. */
const partName = (name: string, unit: number) => `${name}*2^${Math.log2(unit)}`;

/** How many numbers the model of a graph has: those of its parameters, and parts of statistics. */
export function modelEntries(graph: Graph): number {
  const statistics = new Set(runningStatistics(graph).map(({ name }) => name));
  return leavesOf(graph, 'parameter').reduce(
    (count, { name, shape: [channels] }) => (statistics.has(name) ? count + units.length * channels! : count),
    parameterCount(graph),
  );
}

/** The first model of a job: these parameters, all of them in units of 1. */
export function modelOfParameters(graph: Graph, parameters: Parameters): Model {
  const statistics = new Set(runningStatistics(graph).map(({ name }) => name));
  const parts = parameters
    .filter(({ name }) => statistics.has(name))
    .flatMap(({ name, shape, data }) =>
      units.map((unit) => ({ name: partName(name, unit), shape, data: new Float32Array(data.length) })),
    );
  return readModel(encodeParameters([...parameters, ...parts]), { entries: modelEntries(graph) });
}

/**
 * The parameters that a model stands for: a running statistic is `fround` of the sum of its parts
 * in doubles, the smallest unit first, and a variance at least 0. Throws `parameters.mismatch` on
 * the model of another graph, and what `decodeParameters` throws.
 */
export function parametersOfModel(graph: Graph, file: Uint8Array): Parameters {
  return joinParts(graph, readParts(graph, file));
}

/**
 * A model as a file for other tools: every parameter one tensor, without what a step remembers, and
 * the same bytes where nothing has to be joined or left out. Throws what `parametersOfModel` throws.
 */
export function joinModel(graph: Graph, file: Uint8Array): Uint8Array {
  const parameters = parametersOfModel(graph, file);
  const isOwn =
    runningStatistics(graph).length === 0 &&
    !decodeSafetensors(file).tensors.some(({ name }) => isStateName(name));
  return isOwn ? file : encodeParameters(parameters);
}

/**
 * The model that training made of `start`: what a running statistic moved by is divided among its
 * parts, each by a whole number of steps, the largest unit first. Throws `update.range` where a
 * statistic moved by more than its parts can hold: cut to that, it would be wrong for everyone; and
 * what `parametersOfModel` throws.
 */
export function trainedModel(graph: Graph, start: Uint8Array, trained: Parameters): Uint8Array<ArrayBuffer> {
  const { own, parts } = readParts(graph, start);
  if (parts.size === 0) return encodeParameters(trained);
  const numbers = new Map(own.map(({ name, data }) => [name, data]));
  const before = new Map(joinParts(graph, { own, parts }).map(({ name, data }) => [name, data]));
  return encodeParameters(
    trained.flatMap((parameter) => {
      const { name, shape, data } = parameter;
      const larger = parts.get(name);
      if (larger === undefined) return [parameter];
      const moved = Float64Array.from(data, (value, i) => value - before.get(name)![i]!);
      const next = units.map(
        (unit, level): Parameter => ({
          name: partName(name, unit),
          shape,
          data: new Float32Array(larger[level]!),
        }),
      );
      for (const [level, unit] of [...units.entries()].reverse()) {
        for (const [i, left] of moved.entries()) {
          const part = Math.round(left / (unit * step)) * step;
          if (Math.abs(part) > reach) throw outOfReach(name, left);
          moved[i] = left - part * unit;
          next[level]!.data[i]! += part;
        }
      }
      const rest = Float32Array.from(moved, (value, i) => numbers.get(name)![i]! + value);
      return [{ name, shape, data: rest }, ...next];
    }),
  );
}

function outOfReach(name: string, by: number): NonetError {
  return new NonetError({
    code: 'update.range',
    expected: `running statistics that move by at most ${reach * units[1]} in a round`,
    found: `${name} moved by ${by}`,
    hint: 'Standardise the features: their values are too large for batch normalisation.',
  });
}

interface Parts {
  /** The parameters of the graph, running statistics without their larger parts. */
  readonly own: Parameters;
  /** Of each running statistic, its parts in the order of `units`. */
  readonly parts: ReadonlyMap<string, readonly Float32Array[]>;
}

function readParts(graph: Graph, file: Uint8Array): Parts {
  const statistics = runningStatistics(graph);
  const { tensors } = decodeSafetensors(file);
  const isOwn = statistics.length === 0 && !tensors.some(({ name }) => isStateName(name));
  if (isOwn) return { own: decodeParameters(graph, file), parts: new Map() };
  const names = new Set(statistics.flatMap(({ name }) => units.map((unit) => partName(name, unit))));
  const own = decodeParameters(
    graph,
    encodeSafetensors(tensors.filter(({ name }) => !names.has(name) && !isStateName(name))),
  );
  const shapes = new Map(own.map(({ name, shape }) => [name, JSON.stringify(shape)]));
  const parts = statistics.map(({ name }) => {
    const found = units.map((unit) => {
      const wanted = partName(name, unit);
      const tensor = tensors.find((one) => one.name === wanted);
      const fits = JSON.stringify(tensor?.shape) === shapes.get(name) && tensor?.stored === undefined;
      if (fits && tensor?.data instanceof Float32Array) return tensor.data;
      throw new NonetError({
        code: 'parameters.mismatch',
        expected: `the F32 tensor ${wanted} of shape ${shapes.get(name)}`,
        found: tensor === undefined ? 'none' : `${tensor.data.constructor.name} [${tensor.shape.join(',')}]`,
      });
    });
    return [name, found] as const;
  });
  return { own, parts: new Map(parts) };
}

function joinParts(graph: Graph, { own, parts }: Parts): Parameters {
  const least = new Map(
    runningStatistics(graph).map(({ name, kind }) => [name, kind === 'variance' ? 0 : -Infinity]),
  );
  return own.map((parameter) => {
    const larger = parts.get(parameter.name);
    if (larger === undefined) return parameter;
    const whole = (value: number, i: number) =>
      larger.reduce((sum, part, level) => sum + units[level]! * part[i]!, value);
    const data = parameter.data.map((value, i) => Math.max(least.get(parameter.name)!, whole(value, i)));
    return { ...parameter, data };
  });
}
