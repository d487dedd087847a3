/** What the operating system refuses, as errors that say what to do. */
import { MisuseError } from '@nonet/core';

interface Trouble {
  readonly code: string;
  readonly expected: string;
  readonly found: string;
  readonly hint: string;
}

const goesOn = 'Then give the same command again: what is whole is kept, and it goes on from there.';

const full: Trouble = {
  code: 'system.space',
  expected: 'room on the disk',
  found: 'a disk or quota that is full, or has no room for another file',
  hint: `Make room (\`df -h\` and \`df -i\` say where). ${goesOn}`,
};
const closed: Trouble = {
  code: 'system.permission',
  expected: 'to be allowed to',
  found: 'a file system that is read-only, or a file or folder of another user',
  hint: `Give this user the right to write there, or work in another folder. ${goesOn}`,
};
const handles: Trouble = {
  code: 'system.files',
  expected: 'to be allowed to open another file',
  found: 'as many open files as this user or machine may have',
  hint: `Raise the limit (\`ulimit -n\` says it). ${goesOn}`,
};

const troubles: Readonly<Record<string, Trouble>> = {
  ENOSPC: full,
  EDQUOT: full,
  EROFS: closed,
  EACCES: closed,
  EPERM: closed,
  EMFILE: handles,
  ENFILE: handles,
};
/** Primary result codes of SQLite, which keeps the journal of the embedded chain. */
const sqliteTroubles: Readonly<Record<number, Trouble>> = { 8: closed, 13: full, 14: handles };

/** The error to show instead of `error`, if the system is behind it and its user can help. */
export function explainSystemError(error: unknown): MisuseError | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, path, syscall, errcode } = error as NodeJS.ErrnoException & { errcode?: number };
  const trouble = errcode === undefined ? troubles[code ?? ''] : sqliteTroubles[errcode & 0xff];
  if (trouble !== undefined) {
    const doing = syscall === undefined ? '' : ` to ${syscall}`;
    const where = path === undefined ? '' : ` ${path}`;
    const { expected, ...rest } = trouble;
    return new MisuseError({ ...rest, expected: `${expected}${doing}${where}`, cause: error });
  }
  return explainSystemError(error.cause);
}
