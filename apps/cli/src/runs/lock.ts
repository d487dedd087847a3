/**
 * One process per run: a file that names the process, taken over when that process is gone. A
 * process is its number and, where the system tells, the time it started: after a restart of the
 * machine the number may be that of another.
 */
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { MisuseError } from '@nonet/core';
import type { RunDirectory } from './runDirectory.ts';

/** Throws `run.busy` while another process runs it. Returns the release. */
export function lockRun(run: Pick<RunDirectory, 'record' | 'resolve'>): () => void {
  const file = run.resolve('lock');
  const own = run.resolve(`lock.${process.pid}`);
  // Linked into place when it is complete: an empty lock would look like one without a holder.
  writeFileSync(own, describeProcess(process.pid)!);
  try {
    for (;;) {
      try {
        linkSync(own, file);
        return () => rmSync(file, { force: true });
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
      }
      const holder = readHolder(file);
      if (holder === undefined) continue;
      const processId = Number.parseInt(holder, 10);
      if (describeProcess(processId) === holder) {
        throw new MisuseError({
          code: 'run.busy',
          expected: `no other process to run ${run.record.id}`,
          found: `process ${processId}`,
          hint: 'Wait for it, stop it, or start another run with --fresh.',
        });
      }
      rmSync(file, { force: true });
    }
  } finally {
    rmSync(own, { force: true });
  }
}

function readHolder(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/**
 * `NUMBER START` of a running process, `NUMBER` where no start is known, undefined if there is no
 * such process.
 */
function describeProcess(processId: number): string | undefined {
  if (!Number.isInteger(processId) || processId <= 0) return undefined;
  try {
    process.kill(processId, 0);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EPERM') return undefined;
  }
  return [processId, startOf(processId)].join(' ').trim();
}

/**
 * Clock ticks from boot to the start of the process: field 22 of /proc/PID/stat, counted after the
 * name, which may hold spaces.
 */
function startOf(processId: number): string {
  try {
    const text = readFileSync(`/proc/${processId}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}
