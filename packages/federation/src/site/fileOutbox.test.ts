import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createFileOutbox } from './fileOutbox.ts';

test('keeps messages by round across processes; a torn write leaves the earlier state', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'nonet-outbox-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const directory = join(folder, 'deep', 'down');
  expect(await createFileOutbox(directory).read(0)).toBeUndefined();
  await createFileOutbox(directory).write(0, Uint8Array.of(1, 2));
  await createFileOutbox(directory).write(3, Uint8Array.of(3));
  // What a crash in the middle of a write leaves.
  await writeFile(join(directory, '0.update.incoming'), 'torn');
  const outbox = createFileOutbox(directory);
  expect(await outbox.read(0)).toEqual(Uint8Array.of(1, 2));
  expect(await outbox.read(3)).toEqual(Uint8Array.of(3));
  await outbox.write(0, Uint8Array.of(9));
  expect(await outbox.read(0)).toEqual(Uint8Array.of(9));
  expect((await readdir(directory)).sort()).toEqual(['0.update', '3.update']);
});

test.skipIf(process.platform === 'win32')('nobody but its owner reads an update', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'nonet-outbox-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const directory = join(folder, 'outbox');
  await createFileOutbox(directory).write(0, Uint8Array.of(1));
  const modes = await Promise.all([directory, join(directory, '0.update')].map((path) => stat(path)));
  expect(modes.map(({ mode }) => mode & 0o777)).toEqual([0o700, 0o600]);
});
