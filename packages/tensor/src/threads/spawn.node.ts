/** A thread of Node. It does not keep the process alive. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Helper } from './spawn.ts';

export function spawnHelper(): Helper {
  const worker = new Worker(new URL('./helper.node.ts', import.meta.url));
  worker.unref();
  return {
    async assign(assignment) {
      worker.ref();
      worker.postMessage(assignment);
      // Rejects if the thread fails before it is ready.
      await once(worker, 'message');
      worker.unref();
    },
    async terminate() {
      await worker.terminate();
    },
  };
}
