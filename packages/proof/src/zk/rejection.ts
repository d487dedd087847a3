/**
 * Why a verifier refuses: data, not an exception that escapes. Inside, a check throws `Rejected`,
 * and the verifier's edge turns it into the result.
 */

/** What failed: a stable code, what was expected, what was found. */
export interface Rejection {
  readonly code: string;
  readonly expected: string;
  readonly found: string;
}

/** Carries a rejection from the check that failed to the verifier's edge. */
export class Rejected extends Error {
  readonly rejection: Rejection;

  constructor(rejection: Rejection) {
    super(`expected ${rejection.expected}, found ${rejection.found}`);
    this.rejection = rejection;
  }
}

/** Ends the verification with this reason. */
export function reject(code: string, expected: string, found: string): never {
  throw new Rejected({ code, expected, found });
}

/** A value of any kind in a few words. */
export function describe(value: unknown): string {
  if (typeof value === 'string') return `"${value.slice(0, 80)}"`;
  if (typeof value === 'number' || typeof value === 'boolean') return `${value}`;
  if (value === null || value === undefined) return `${value}`;
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return typeof value === 'object' ? 'a record' : `a ${typeof value}`;
}
