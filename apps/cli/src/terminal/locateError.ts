/** Mistakes of the caller, with the place where they stand: a file, an option. */
import { MisuseError, NonetError } from '@nonet/core';

/**
 * The error to throw instead of `error`: a `MisuseError` with its code, whose text ends with
 * `place`, such as `in patients.csv` or `for --sites`. What is no `NonetError` stays what it is.
 */
export function locateError(error: unknown, place: string): unknown {
  if (!(error instanceof NonetError)) return error;
  const { code, expected, found, hint } = error;
  const parts = { code, expected: `${expected}, ${place}`, found, cause: error };
  return new MisuseError(hint === undefined ? parts : { ...parts, hint });
}
