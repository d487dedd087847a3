/** A web worker. */
import { NonetError } from '@nonet/core';
import type { Helper } from './spawn.ts';

/** Starts a web worker that helps. */
export function spawnHelper(): Helper {
  const worker = new Worker(new URL('./helper.browser.ts', import.meta.url), { type: 'module' });
  return {
    assign(assignment) {
      return new Promise((resolve, reject) => {
        worker.onmessage = () => resolve();
        worker.onerror = ({ message }) =>
          reject(new NonetError({ code: 'threads.start', expected: 'a thread that starts', found: message }));
        worker.postMessage(assignment);
      });
    },
    async terminate() {
      worker.terminate();
    },
  };
}
