/**
 * How the thread that runs a program and its helpers talk: through words of shared memory, because
 * a helper that waited for messages would start some hundred microseconds late. Words 0 and 1 are a
 * number of the job and how many helpers still work on it; then each helper has its own words, the
 * number of a kernel and its arguments.
 */
export const jobWord = 0;
/** How many helpers still work on the job. */
export const pendingWord = 1;
const headerWords = 2;
const maximumArguments = 15;
const wordsPerHelper = 1 + maximumArguments;

/** Words that so many helpers need. */
export const controlWords = (helpers: number): number => headerWords + helpers * wordsPerHelper;
/** Where the words of a helper begin. */
export const placeOf = (helper: number): number => headerWords + helper * wordsPerHelper;

/**
 * Tries before a thread goes to sleep, some tens of microseconds: jobs are balanced and follow one
 * another, and waking up takes as long.
 */
export const spins = 20_000;

/** In place of a kernel: go back to waiting for messages. */
export const leave = -1;

/** What a helper is told before it can work on a program. */
export interface Assignment {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly control: SharedArrayBuffer;
  readonly helper: number;
}
