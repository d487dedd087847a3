/** Checks of arguments at the public edge; each throws a `MisuseError` that names the argument. */
import { MisuseError, NonetError } from '@nonet/core';

/** What no theorem covers: the figure does not exist, whatever the caller changes about numbers. */
export class UncoveredError extends NonetError {
  override readonly name = 'UncoveredError';
}

/** Throws `dp.argument` unless `value` is a finite number above 0. */
export function assertPositive(name: string, value: number): void {
  if (!(value > 0 && value < Infinity)) refuse(name, 'a finite number above 0', value);
}

/** Throws `dp.argument` unless `value` is a finite number of at least 0. */
export function assertNotNegative(name: string, value: number): void {
  if (!(value >= 0 && value < Infinity)) refuse(name, 'a finite number of at least 0', value);
}

/** Throws `dp.argument` unless `value` is an integer from `least` to 2^53 - 1. */
export function assertCount(name: string, value: number, least = 1): void {
  if (!(Number.isSafeInteger(value) && value >= least))
    refuse(name, `an integer of at least ${least}`, value);
}

/** Throws `dp.argument` unless `value` is a probability above 0, and at most 1. */
export function assertRate(name: string, value: number): void {
  if (!(value > 0 && value <= 1)) refuse(name, 'a probability above 0 and at most 1', value);
}

/** Throws `dp.argument` unless 0 < delta < 1. */
export function assertDelta(delta: number): void {
  if (!(delta > 0 && delta < 1)) refuse('delta', 'a probability between 0 and 1', delta);
}

function refuse(name: string, expected: string, found: unknown): never {
  throw new MisuseError({ code: 'dp.argument', expected: `${name} to be ${expected}`, found: String(found) });
}
