/**
 * Threads for a program: `const threads = startThreads(2); const program = await
 * createProgram(graph, { threads })`. Threads write disjoint blocks of outputs, each element by the
 * same sequence of operations, so their number never changes a bit.
 *
 * They need shared memory. In a page that is not isolated (headers COOP and COEP) there is none,
 * and a program then runs on one thread; `count` says how many there are. The thread that runs the
 * program waits for the others, so in a page that should be a worker.
 */
import { MisuseError, NonetError } from '@nonet/core';
import { spawnHelper } from '#spawnHelper';
import { sharedKernels, type Threads } from '../kernels/team.ts';
import { controlWords, jobWord, leave, pendingWord, placeOf, spins } from './protocol.ts';

export type { Team, Threads } from '../kernels/team.ts';

/**
 * Parts are balanced: a helper that has not answered this long after this thread's own part, plus
 * three times the duration of that part, has crashed.
 */
const patienceMilliseconds = 20_000;
const canShare = () => typeof SharedArrayBuffer !== 'undefined' && (globalThis.crossOriginIsolated ?? true);

/** Whether this thread may block: the main thread of a page may not. */
function maySleep(words: Int32Array): boolean {
  try {
    Atomics.wait(words, pendingWord, -1, 0);
    return true;
  } catch {
    return false;
  }
}

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
    async attach(module, memory) {
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
      const control = new SharedArrayBuffer(4 * controlWords(helpers.length));
      const words = new Int32Array(control);
      await Promise.all(helpers.map((thread, helper) => thread.assign({ module, memory, control, helper })));
      const sleeps = maySleep(words);
      const start = () => {
        Atomics.add(words, jobWord, 1);
        Atomics.notify(words, jobWord);
      };
      return {
        run(kernel, [first, ...others], here) {
          Atomics.store(words, pendingWord, helpers.length);
          for (const [helper, part] of others.entries()) {
            words[placeOf(helper)] = sharedKernels.indexOf(kernel);
            words.set(part, placeOf(helper) + 1);
          }
          start();
          const began = performance.now();
          here(first);
          awaitOthers(words, sleeps, patienceMilliseconds + 3 * (performance.now() - began));
        },
        detach() {
          for (const helper of helpers.keys()) words[placeOf(helper)] = leave;
          start();
          busy = false;
        },
      };
    },
    async close() {
      closed = true;
      await Promise.all(helpers.map((helper) => helper.terminate()));
    },
  };
}

function awaitOthers(words: Int32Array, sleeps: boolean, patience: number): void {
  for (let spin = 0; spin < spins; spin++) if (Atomics.load(words, pendingWord) === 0) return;
  const end = performance.now() + patience;
  for (;;) {
    const pending = Atomics.load(words, pendingWord);
    if (pending === 0) return;
    if (performance.now() > end) {
      throw new NonetError({
        code: 'threads.lost',
        expected: 'every thread to end its part',
        found: `${pending} without an answer for ${Math.round(patience / 1000)} s`,
        hint: 'Start the threads and the program again.',
      });
    }
    if (sleeps) Atomics.wait(words, pendingWord, pending, 1000);
  }
}
