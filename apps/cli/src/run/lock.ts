/** One process per run: a file with the process number, taken over when that process is gone. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { MisuseError } from '@nonet/core';
import type { RunDirectory } from './runDirectory.ts';

/** Throws `run.busy` while another process runs it. Returns the release. */
export function lockRun(run: RunDirectory): () => void {
  const file = run.resolve('lock');
  for (;;) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' });
      return () => rmSync(file, { force: true });
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
    }
    const holder = Number(readFileSync(file, 'utf8'));
    if (isAlive(holder)) {
      throw new MisuseError({
        code: 'run.busy',
        expected: `no other process to run ${run.record.id}`,
        found: `process ${holder}`,
        hint: 'Wait for it, stop it, or start another run with --fresh.',
      });
    }
    rmSync(file, { force: true });
  }
}

function isAlive(processId: number): boolean {
  if (!Number.isInteger(processId) || processId <= 0) return false;
  try {
    process.kill(processId, 0);
    return true;
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === 'EPERM';
  }
}
