/**
 * Threads for a program: `const threads = startThreads(2); const program = await
 * createProgram(graph, { threads })`. Threads write disjoint blocks of outputs, each element by the
 * same sequence of operations, so their number never changes a bit.
 *
 * They need shared memory. In a page that is not isolated (headers COOP and COEP) there is none,
 * and a program then runs on one thread; `count` says how many there are. The thread that runs the
 * program waits for the others, so in a page that should be a worker.
 */
import { MisuseError } from '@nonet/core';
import { spawnHelper } from '#spawnHelper';
import type { Threads } from '../kernels/team.ts';
import { controlWords } from './protocol.ts';
import { createTeam } from './team.ts';

export type { Team, Threads } from '../kernels/team.ts';

const canShare = () => typeof SharedArrayBuffer !== 'undefined' && (globalThis.crossOriginIsolated ?? true);

/** `count` is the number of threads with this one. Throws `threads.count` unless it is 1 to 64. */
export function startThreads(count: number): Threads {
  if (!Number.isInteger(count) || count < 1 || count > 64) {
    throw new MisuseError({ code: 'threads.count', expected: '1 to 64 threads', found: String(count) });
  }
  const helpers = Array.from({ length: canShare() ? count - 1 : 0 }, () => spawnHelper());
  let busy = false;
  let closed = false;
  return {
    count: helpers.length + 1,
    async attach(module, memory, places) {
      if (busy) {
        throw new MisuseError({
          code: 'threads.busy',
          expected: 'threads that help no other program',
          found: 'threads at work',
          hint: 'Close the other program first, or start more threads.',
        });
      }
      if (closed) {
        throw new MisuseError({
          code: 'threads.closed',
          expected: 'open threads',
          found: 'threads that were closed',
        });
      }
      busy = true;
      const control = new SharedArrayBuffer(4 * controlWords);
      const team = createTeam(new Int32Array(control), () => {
        busy = false;
      });
      // All have answered before any is released, so that no late answer is taken for the next one.
      const answers = await Promise.allSettled(
        helpers.map((thread, helper) => thread.assign({ module, memory, control, place: places[helper] })),
      );
      const failed = answers.find((answer) => answer.status === 'rejected');
      if (failed === undefined) return team;
      team.detach();
      throw failed.reason;
    },
    async close() {
      closed = true;
      await Promise.all(helpers.map((helper) => helper.terminate()));
    },
  };
}
