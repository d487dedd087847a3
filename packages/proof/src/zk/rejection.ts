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
