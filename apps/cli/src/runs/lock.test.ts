import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockRun } from './lock.ts';
import type { RunDirectory } from './runDirectory.ts';

let folder: string;
const run = () =>
  ({ record: { id: 'a-run' }, resolve: (name: string) => join(folder, name) }) as unknown as RunDirectory;
const busy = expect.objectContaining({ code: 'run.busy', found: `process ${process.pid}` });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nonet-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('one holder at a time; the release lets the next one in, and leaves nothing', () => {
  const release = lockRun(run());
  expect(() => lockRun(run())).toThrow(busy);
  release();
  lockRun(run())();
  expect(readdirSync(folder)).toEqual([]);
});

test('the lock of a process that is gone is taken over', async () => {
  const child = spawn(process.execPath, ['-e', '']);
  const { pid } = child;
  await once(child, 'exit');
  writeFileSync(join(folder, 'lock'), String(pid));
  lockRun(run())();
});

test.each(['', 'rubbish', '-1', '0'])('a lock that says %j has no holder', (text) => {
  writeFileSync(join(folder, 'lock'), text);
  lockRun(run())();
});

test.skipIf(!existsSync('/proc/self/stat'))(
  'a number that now belongs to another process holds nothing',
  () => {
    const release = lockRun(run());
    const [pid, start] = readFileSync(join(folder, 'lock'), 'utf8').split(' ');
    release();
    writeFileSync(join(folder, 'lock'), `${pid} ${Number(start) - 1}`);
    lockRun(run())();
  },
);
