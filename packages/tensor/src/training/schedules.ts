/**
 * Learning rates as functions of the step, from 0. Arithmetic in f64 with + - * / only, because
 * Math.cos differs between engines and a rate is an input of a step that others replay.
 */
import { MisuseError } from '@nonet/core';

export type Schedule = (step: number) => number;

function assertPositive(value: number, name: string) {
  if (Number.isFinite(value) && value > 0) return;
  throw new MisuseError({
    code: 'schedule.argument',
    expected: `a positive ${name}`,
    found: String(value),
  });
}

/** The same rate always. */
export const constantRate =
  (rate: number): Schedule =>
  () =>
    rate;

/** `rate`, multiplied by `factor` once every `every` steps. */
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
 * Hutter 2017, without restarts).
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

/** The schedule, its first `steps` steps scaled by 1/steps, 2/steps, ... */
export function linearWarmup(schedule: Schedule, steps: number): Schedule {
  assertPositive(steps, 'number of steps');
  return (step) => (step < steps ? (schedule(step) * (step + 1)) / steps : schedule(step));
}
