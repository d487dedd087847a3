/**
 * One process for one directory: a lock of the operating system on a file in it, which is free when
 * its process ends, however that happened. SQLite takes it, since Node has no call for it. On a
 * network file system it is as good as that system's locks.
 */
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { MisuseError } from '@nonet/core';

/** SQLite's code for a file that another connection has locked. */
const busy = 5;
/** A lock is lost with its connection, and that with what refers to it. */
const held = new Set<DatabaseSync>();

/**
 * Creates the directory when needed, readable by its owner alone. Returns the release. Throws
 * `directory.busy` where another process, or another part of this one, still holds it after
 * `patienceMilliseconds`, for which it blocks this process.
 */
export function lockDirectory(directory: string, patienceMilliseconds: number): () => void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const file = join(directory, 'lock');
  const database = new DatabaseSync(file, { timeout: patienceMilliseconds });
  try {
    chmodSync(file, 0o600);
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (cause) {
    database.close();
    if ((cause as { errcode?: number }).errcode !== busy) throw cause;
    throw new MisuseError({
      code: 'directory.busy',
      expected: `no other process to work in ${directory}`,
      found: 'one that does',
      hint: 'Two processes of one site would use one secret twice. End the other one first.',
      cause,
    });
  }
  held.add(database);
  return () => {
    if (held.delete(database)) database.close();
  };
}
