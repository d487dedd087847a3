/** A thread of Node. It does not keep the process alive. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { NonetError } from '@nonet/core';
import type { Helper } from './spawn.ts';

/** Starts a helping thread of Node. */
export function spawnHelper(): Helper {
  const worker = new Worker(new URL('./helper.node.ts', import.meta.url));
  worker.unref();
  const failed = (found: string, cause?: unknown) =>
    new NonetError({ code: 'threads.start', expected: 'a thread that starts', found, cause });
  const ended = once(worker, 'exit').then(
    () => Promise.reject(failed('a thread that ended')),
    (error: Error) => Promise.reject(failed(error.message, error)),
  );
  // A caller that waits for the thread is told; without one, the process goes on.
  ended.catch(() => {});
  return {
    async assign(assignment) {
      worker.ref();
      try {
        worker.postMessage(assignment);
        await Promise.race([new Promise((resolve) => worker.once('message', resolve)), ended]);
      } finally {
        worker.unref();
      }
    },
    async terminate() {
      await worker.terminate();
    },
  };
}
