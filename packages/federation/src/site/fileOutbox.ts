/**
 * An outbox in a directory of its own: one file per number, written beside its place, synced and
 * renamed. An update gives away examples, so that only its owner may read the directory; and two
 * processes that draw what one of them sends would use one secret twice, so that one holds it.
 */
import { open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { lockDirectory } from './directoryLock.ts';
import type { Outbox, OutboxKey } from './outbox.ts';

/** An outbox on disk, which this process alone holds until it closes it or ends. */
export interface FileOutbox extends Outbox {
  /** Lets another process have it. */
  close(): void;
}

/** For how long a process that was told to end may still hold what its successor needs. */
const handoverMilliseconds = 5000;

/**
 * `directory` belongs to one participant of one job; it is created when needed. Throws
 * `directory.busy` where another process still holds it after `patienceMilliseconds`, for which it
 * blocks this one. Default 5,000.
 */
export function createFileOutbox(directory: string, patienceMilliseconds = handoverMilliseconds): FileOutbox {
  const close = lockDirectory(directory, patienceMilliseconds);
  const pathOf = (key: OutboxKey) => join(directory, `${key}.update`);
  return {
    async read(key) {
      try {
        return new Uint8Array(await readFile(pathOf(key)));
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw cause;
      }
    },
    async write(key, bytes) {
      const incoming = `${pathOf(key)}.incoming`;
      const file = await open(incoming, 'w', 0o600);
      try {
        await file.writeFile(bytes);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(incoming, pathOf(key));
      const folder = await open(directory);
      await folder.sync().finally(() => folder.close());
    },
    async erase(key) {
      await rm(pathOf(key), { force: true });
    },
    close,
  };
}
