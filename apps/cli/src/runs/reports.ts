/**
 * log.jsonl of a run: what every process reported, kept so that a resumed run can tell the whole
 * story.
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { toJson } from '@nonet/core/records';
import type { Reported } from '../roles/messages.ts';
import type { RunDirectory } from './runDirectory.ts';

/** All reports so far, oldest first; lines that a kill has torn are left out. */
export function readReports(run: RunDirectory): Reported[] {
  const file = run.resolve('log.jsonl');
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line) => {
      // A kill may have torn a line.
      try {
        return line === '' ? [] : [JSON.parse(line) as Reported];
      } catch {
        return [];
      }
    });
}

/** Adds one line. */
export function appendReport(run: RunDirectory, reported: Reported): void {
  appendFileSync(run.resolve('log.jsonl'), `${toJson(reported, 0)}\n`);
}
