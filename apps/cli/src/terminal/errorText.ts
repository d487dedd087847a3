/** Errors as the command line shows them: to a person, and as the one JSON document of `--json`. */
import { MisuseError, NonetError, UndecidedError } from '@nonet/core';
import { foreignText } from './foreignText.ts';
import { bold, dim, red } from './terminal.ts';

/** What a person sees of an error: never a stack trace for a `NonetError`. */
export function formatError(error: unknown): string {
  if (error instanceof NonetError) {
    const { expected, found, hint, code } = error;
    return [
      // They may quote a stranger's file.
      `${red('✗')} ${bold(`expected ${foreignText(expected)}`)}`,
      `  found ${foreignText(found)}`,
      ...(hint === undefined ? [] : [`  ${foreignText(hint)}`]),
      dim(`  (${code})`),
    ].join('\n');
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** An error as JSON. The fields are always the same; `hint` is null where there is none. */
export interface ErrorDocument {
  readonly error: {
    readonly code: string;
    readonly expected: string;
    readonly found: string;
    readonly hint: string | null;
  };
}

/** What `--json` prints of an error; one that is not ours has the code `internal`. */
export function errorDocument(error: unknown): ErrorDocument {
  if (error instanceof NonetError) {
    const { code, expected, found, hint = null } = error;
    return { error: { code, expected, found, hint } };
  }
  const parts = { code: 'internal', expected: 'no error inside the program', found: String(error) };
  return { error: { ...parts, hint: null } };
}

/** 2: the caller can mend it; 3: it could not be decided; 1: any other. */
export function exitCodeOfError(error: unknown): 1 | 2 | 3 {
  return error instanceof MisuseError ? 2 : error instanceof UndecidedError ? 3 : 1;
}
