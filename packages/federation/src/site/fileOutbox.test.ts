import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createFileOutbox } from './fileOutbox.ts';

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'nonet-outbox-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

/** An outbox that is closed after the test. */
function openOutbox(directory: string, patienceMilliseconds?: number) {
  const outbox = createFileOutbox(directory, patienceMilliseconds);
  onTestFinished(() => outbox.close());
  return outbox;
}

/** A process that holds the directory, once it said so, until it is killed. */
async function startHolder(directory: string) {
  const module = JSON.stringify(new URL('./fileOutbox.ts', import.meta.url).href);
  const script = `
    const { createFileOutbox } = await import(${module});
    try {
      const outbox = createFileOutbox(${JSON.stringify(directory)}, 0);
      await outbox.write(0, Uint8Array.of(process.pid % 256));
      console.log('held');
      setInterval(() => {}, 1000);
    } catch ({ code }) {
      console.log(code);
    }`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, said: String(said).trim() };
}

const busy = expect.objectContaining({ code: 'directory.busy' });

test('keeps messages by round across processes; a torn write leaves the earlier state', async () => {
  const directory = join(await temporaryFolder(), 'deep', 'down');
  const first = openOutbox(directory);
  expect(await first.read(0)).toBeUndefined();
  await first.write(0, Uint8Array.of(1, 2));
  await first.write(3, Uint8Array.of(3));
  first.close();
  // What a crash in the middle of a write leaves.
  await writeFile(join(directory, '0.update.incoming'), 'torn');
  const outbox = openOutbox(directory);
  expect(await outbox.read(0)).toEqual(Uint8Array.of(1, 2));
  expect(await outbox.read(3)).toEqual(Uint8Array.of(3));
  await outbox.write(0, Uint8Array.of(9));
  expect(await outbox.read(0)).toEqual(Uint8Array.of(9));
  expect((await readdir(directory)).sort()).toEqual(['0.update', '3.update', 'lock']);
});

test.skipIf(process.platform === 'win32')('nobody but its owner reads an update', async () => {
  const directory = join(await temporaryFolder(), 'outbox');
  await openOutbox(directory).write(0, Uint8Array.of(1));
  const paths = [directory, join(directory, '0.update'), join(directory, 'lock')];
  const modes = await Promise.all(paths.map((path) => stat(path)));
  expect(modes.map(({ mode }) => mode & 0o777)).toEqual([0o700, 0o600, 0o600]);
});

test('one holder at a time; closing it lets the next one in, and is done once', async () => {
  const directory = await temporaryFolder();
  const first = openOutbox(directory);
  expect(() => createFileOutbox(directory, 0)).toThrow(busy);
  first.close();
  const second = openOutbox(directory, 0);
  first.close();
  expect(() => createFileOutbox(directory, 0)).toThrow(busy);
  second.close();
  openOutbox(directory, 0);
});

test('another process has it only once this one let go, and this one once that was killed', async () => {
  const directory = await temporaryFolder();
  const { child, said } = await startHolder(directory);
  expect(said).toBe('held');
  expect(() => createFileOutbox(directory, 0)).toThrow(busy);
  // Killed, not asked: nothing of it could tidy up. Its successor waits for it to be gone.
  child.kill('SIGKILL');
  const outbox = openOutbox(directory);
  expect(await outbox.read(0)).toEqual(Uint8Array.of(child.pid! % 256));
  expect((await startHolder(directory)).said).toBe('directory.busy');
});

test('of many processes that start at once one has it', async () => {
  const directory = await temporaryFolder();
  const said = await Promise.all(Array.from({ length: 5 }, async () => (await startHolder(directory)).said));
  expect(said.filter((one) => one === 'held')).toHaveLength(1);
  expect(said.filter((one) => one === 'directory.busy')).toHaveLength(4);
});
