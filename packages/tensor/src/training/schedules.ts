/**
 * The rates of a training, such as the learning rate, and schedules for them. Arithmetic in f64
 * with + - * / only: Math.cos differs between engines, and a rate is an input of a step that may be
 * replayed.
 */
import { MisuseError } from '@nonet/core';

/** A rate as a function of the step, counted from 0. */
export type Schedule = (step: number) => number;

/** One number for all steps, or a schedule. */
export type Rate = number | Schedule;

/** Throws `train.argument` unless the rate in this step is a finite number of at least 0. */
export function rateAt(name: string, rate: Rate, step: number): number {
  const value = typeof rate === 'number' ? rate : rate(step);
  if (Number.isFinite(value) && value >= 0) return value;
  throw new MisuseError({
    code: 'train.argument',
    expected: `a finite ${name} of at least 0 in step ${step}`,
    found: String(value),
  });
}

function assertPositive(value: number, name: string) {
  if (Number.isFinite(value) && value > 0) return;
  throw new MisuseError({
    code: 'schedule.argument',
    expected: `a positive ${name}`,
    found: String(value),
  });
}

/**
 * `rate`, multiplied by `factor` once every `every` steps. Throws `schedule.argument` unless
 * `every` is positive.
 */
export function stepDecay({
  rate,
  factor,
  every,
}: {
  readonly rate: number;
  readonly factor: number;
  readonly every: number;
}): Schedule {
  assertPositive(every, 'number of steps');
  return (step) => {
    let value = rate;
    for (let i = Math.floor(step / every); i > 0; i--) value *= factor;
    return value;
  };
}

/**
 * cos(pi t) for 0 <= t <= 1: Taylor's series on the first quarter, beyond it by symmetry; within
 * 1e-15.
 */
function cosine(t: number): number {
  if (t > 0.5) return -cosine(1 - t);
  const z = Math.PI * t * (Math.PI * t);
  let value = 0;
  for (let n = 12; n > 0; n--) value = ((1 - value) * z) / (2 * n * (2 * n - 1));
  return 1 - value;
}

/**
 * From `rate` down to `floor` along half a cosine over `steps` steps, then `floor` (Loshchilov and
 * Hutter 2017, without restarts). Throws `schedule.argument` unless `steps` is positive.
 */
export function cosineDecay({
  rate,
  steps,
  floor = 0,
}: {
  readonly rate: number;
  readonly steps: number;
  readonly floor?: number;
}): Schedule {
  assertPositive(steps, 'number of steps');
  return (step) => floor + ((rate - floor) * (1 + cosine(Math.min(1, step / steps)))) / 2;
}

/**
 * The rate, its first `steps` steps scaled by 1/steps, 2/steps, ... Throws `schedule.argument`
 * unless `steps` is positive.
 *
 *     const learningRate = linearWarmup(cosineDecay({ rate: 0.1, steps: 1000 }), 50);
 */
export function linearWarmup(rate: Rate, steps: number): Schedule {
  assertPositive(steps, 'number of steps');
  return (step) => {
    const value = typeof rate === 'number' ? rate : rate(step);
    return step < steps ? (value * (step + 1)) / steps : value;
  };
}
