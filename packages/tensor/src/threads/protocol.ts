/**
 * How the thread that runs a program and its helpers talk: through words of shared memory, because
 * a helper that waited for messages would start some hundred microseconds late. A job is one kernel
 * with the arguments of its parts. A thread that is free claims the next part, the one that runs the
 * program too: a helper that wakes up late, or not at all, holds nobody up.
 */
import { maximumParts } from '../kernels/team.ts';

/** The job's number, times 256, plus how many of its parts nobody has claimed. */
export const claimWord = 0;
/** How many parts of the job are not done. */
export const pendingWord = 1;
/** The number of the kernel. */
export const kernelWord = 2;
/** 1: helpers go back to waiting for messages. */
export const leaveWord = 3;
const headerWords = 4;
const argumentsOfPart = 12;

/** Words that a program and its helpers share. */
export const controlWords = headerWords + maximumParts * argumentsOfPart;
/** Where the arguments of a part begin. */
export const placeOf = (part: number): number => headerWords + part * argumentsOfPart;

/**
 * Tries before a thread goes to sleep, some hundred microseconds: jobs are short and follow one
 * another, and waking up takes as long.
 */
export const spins = 20_000;

/** The number of a part that now is the caller's to do, or -1 if none is left. */
export function claimPart(words: Int32Array): number {
  for (;;) {
    const claim = Atomics.load(words, claimWord);
    const left = claim & 255;
    if (left === 0) return -1;
    if (Atomics.compareExchange(words, claimWord, claim, claim - 1) === claim) return left - 1;
  }
}

/** Says that a claimed part is done. */
export function endPart(words: Int32Array): void {
  if (Atomics.sub(words, pendingWord, 1) === 1) Atomics.notify(words, pendingWord);
}

/** Offers the parts of a job, whose kernel and arguments have been written. */
export function offerParts(words: Int32Array, count: number): void {
  Atomics.store(words, pendingWord, count);
  const job = (Atomics.load(words, claimWord) >>> 8) + 1;
  Atomics.store(words, claimWord, (job << 8) | count);
  Atomics.notify(words, claimWord);
}

/** What a helper is told before it can work on a program. */
export interface Assignment {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly control: SharedArrayBuffer;
  /** Addresses of its own scratch and registers, the last arguments of every kernel. */
  readonly place: readonly number[];
}
