/**
 * How the next model follows from the one before and what participants sent together. A step is a
 * pure function of numbers, so that all roles compute the same. What a step has to remember, a
 * momentum say, lies in the model's own file, in tensors whose names sort after those of the
 * parameters: so entry `i` of an update is about number `i` of the model, whatever state follows.
 */
import { MisuseError } from '@nonet/core';
import type { SumStep } from '@nonet/core/records';
import type { Model } from './modelBlob.ts';

/** `Total`: an average in f32, or a sum in integers. */
export interface ServerStep<Total extends Float32Array | Int32Array = Float32Array> {
  /**
   * The numbers of the next model, as many as `start` has: the parameters, one for each entry of
   * `total`, then the state, in the order of the file. Arithmetic must be exact to the bit.
   */
  apply(start: Float32Array, total: Total): Float32Array<ArrayBuffer>;
}

/**
 * W' = fround(W + average) (docs/specs/update.md §4.3): the step that the ledger can judge. No
 * state.
 */
export const averaging: ServerStep = {
  apply: (start, average) => new Float32Array(start).map((value, i) => value + average[i]!),
};

/** What a sum of integers does to a model. */
export function createSumStep(step: SumStep): ServerStep<Int32Array> {
  return step.kind === 'count' ? counting : createMomentumStep(step);
}

/** Half of the bits of an integer: what each of its two numbers has, exactly. */
const halfRange = 2 ** 16;

/**
 * The sum is added to the integers of the model (docs/specs/statistics.md §6.2), which `countsOf`
 * reads. Exact while they fit 32 bits.
 */
const counting: ServerStep<Int32Array> = {
  apply(start, sum) {
    const next = new Float32Array(start);
    for (const [i, count] of countsOf(start).entries()) {
      const total = count + sum[i]!;
      next[i] = Math.floor(total / halfRange);
      next[sum.length + i] = total - next[i] * halfRange;
    }
    return next;
  },
};

/** The first model of a job that counts: zeros. */
export function createCounts(length: number): Model {
  const halves = ['high', 'low'].map((name) => ({ name, shape: [length] }));
  return { tensors: halves, flat: new Float32Array(2 * length) };
}

/** The integers in the numbers of a model of counts: the halves that are high, then the low ones. */
export function countsOf(flat: Float32Array): Float64Array<ArrayBuffer> {
  const length = flat.length / 2;
  return Float64Array.from({ length }, (_, i) => flat[i]! * halfRange + flat[length + i]!);
}

/**
 * Gradient descent with momentum on a sum of integers (docs/specs/update.md §4.6):
 * V' = fround(momentum * V - rate * sum), W' = fround(W + V'), in IEEE doubles, which no engine may
 * contract or keep in more bits. The velocities V are the second half of the model's numbers.
 */
function createMomentumStep({
  rate,
  momentum,
}: Extract<SumStep, { kind: 'momentum' }>): ServerStep<Int32Array> {
  return {
    apply(start, sum) {
      const next = new Float32Array(start);
      const moved = sum.length;
      for (let i = 0; i < moved; i++) {
        next[moved + i] = momentum * start[moved + i]! - rate * sum[i]!;
        next[i] = start[i]! + next[moved + i]!;
      }
      return next;
    },
  };
}

/** In front of the names of velocities: behind every name that a parameter may have beside them. */
const velocityMark = '~velocity ';

/** Whether a tensor of a model is what a step has to remember, and no parameter. */
export function isStateName(name: string): boolean {
  return name.startsWith(velocityMark);
}

/**
 * The first model of a job whose step has momentum: these parameters, with a velocity of 0 for each.
 * Throws `model.names` on parameters whose names sort behind those of velocities.
 */
export function addVelocities({ tensors, flat }: Model): Model {
  const last = tensors.find(({ name }) => name >= '~');
  if (last !== undefined) {
    throw new MisuseError({
      code: 'model.names',
      expected: 'names of parameters that sort before "~", behind which the velocities of a job lie',
      found: last.name,
      hint: 'Rename the parameter.',
    });
  }
  const velocities = tensors.map(({ name, shape }) => ({ name: `${velocityMark}${name}`, shape }));
  const numbers = new Float32Array(2 * flat.length);
  numbers.set(flat);
  return { tensors: [...tensors, ...velocities], flat: numbers };
}
