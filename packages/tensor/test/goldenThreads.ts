/**
 * For a page that is isolated: the golden runs on two threads. The test calls `runOnTwoThreads`.
 */
import { createProgram } from '../src/index.ts';
import { startThreads } from '../src/threads/index.ts';
import { goldenRuns, hashOf, stepOf } from './goldenRuns.ts';

/** How many threads there were, and the hashes in order. */
async function runOnTwoThreads(): Promise<{ readonly threads: number; readonly hashes: readonly string[] }> {
  const threads = startThreads(2);
  const hashes: string[] = [];
  for (const run of goldenRuns) {
    const program = await createProgram(stepOf(run), { threads });
    hashes.push(await hashOf(run, () => program));
    program.close();
  }
  await threads.close();
  return { threads: threads.count, hashes };
}

Object.assign(globalThis, { runOnTwoThreads });
