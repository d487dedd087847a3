/**
 * An outbox in a directory of its own: one file per round, written beside its place, synced and
 * renamed. An update gives away examples, so that only its owner may read the directory.
 */
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Outbox } from './outbox.ts';

/** `directory` belongs to one participant of one job; it is created when needed. */
export function createFileOutbox(directory: string): Outbox {
  const pathOf = (round: number) => join(directory, `${round}.update`);
  return {
    async read(round) {
      try {
        return new Uint8Array(await readFile(pathOf(round)));
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw cause;
      }
    },
    async write(round, bytes) {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      const incoming = `${pathOf(round)}.incoming`;
      const file = await open(incoming, 'w', 0o600);
      try {
        await file.writeFile(bytes);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(incoming, pathOf(round));
      const folder = await open(directory);
      await folder.sync().finally(() => folder.close());
    },
    async erase(round) {
      await rm(pathOf(round), { force: true });
    },
  };
}
