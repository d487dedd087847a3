/**
 * The one base error of Nonet: a stable code, and a message in three parts: what was expected, what
 * was found, what to do. Codes are part of the interface (scripts match on them); wording is not.
 *
 * `MisuseError` is the caller's mistake (exit code 2), `UndecidedError` means that something needed
 * to decide is out of reach (exit code 3), everything else is a failed check or a failed operation
 * (exit code 1).
 */
export interface ErrorParts {
  /** Stable, dotted, lower camel case: `blob.truncated`. */
  readonly code: string;
  readonly expected: string;
  readonly found: string;
  /** What the reader can do about it; a full sentence. */
  readonly hint?: string;
  readonly cause?: unknown;
}

export class NonetError extends Error {
  override readonly name: string = 'NonetError';
  readonly code: string;
  readonly expected: string;
  readonly found: string;
  readonly hint: string | undefined;

  constructor({ code, expected, found, hint, cause }: ErrorParts) {
    super(
      `expected ${expected}, found ${found}.${hint === undefined ? '' : ` ${hint}`}`,
      cause === undefined ? undefined : { cause },
    );
    this.code = code;
    this.expected = expected;
    this.found = found;
    this.hint = hint;
  }
}

export class MisuseError extends NonetError {
  override readonly name = 'MisuseError';
}

export class UndecidedError extends NonetError {
  override readonly name = 'UndecidedError';
}

/** A mistake of ours: a branch that the types rule out was reached. */
export function unreachable(value: never): never {
  throw new NonetError({
    code: 'internal.unreachable',
    expected: 'no value here',
    found: String(value),
    hint: 'This is a defect of Nonet; please report it.',
  });
}
