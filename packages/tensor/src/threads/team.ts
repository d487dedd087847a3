/** The threads at work on one program, as the one that runs it sees them. */
import { NonetError } from '@nonet/core';
import { sharedKernels, type Team } from '../kernels/team.ts';
import {
  claimPart,
  endPart,
  kernelWord,
  leaveWord,
  offerParts,
  pendingWord,
  placeOf,
  spins,
} from './protocol.ts';

/**
 * Parts are balanced: a helper that has not ended its part this long after this thread's own, plus
 * three times the duration of those, has crashed.
 */
const patienceMilliseconds = 20_000;

/** Whether this thread may block: the main thread of a page may not. */
function maySleep(words: Int32Array): boolean {
  try {
    Atomics.wait(words, pendingWord, -1, 0);
    return true;
  } catch {
    return false;
  }
}

/** Over the words that the helpers were told of; `release` is called when it is detached. */
export function createTeam(words: Int32Array, release: () => void): Team {
  const sleeps = maySleep(words);
  return {
    run(kernel, parts, here) {
      words[kernelWord] = sharedKernels.indexOf(kernel);
      for (const [part, values] of parts.entries()) words.set(values, placeOf(part));
      const began = performance.now();
      offerParts(words, parts.length);
      for (let part = claimPart(words); part >= 0; part = claimPart(words)) {
        here(parts[part]);
        endPart(words);
      }
      awaitOthers(words, sleeps, patienceMilliseconds + 3 * (performance.now() - began));
    },
    detach() {
      Atomics.store(words, leaveWord, 1);
      offerParts(words, 0);
      release();
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
