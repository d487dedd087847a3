/**
 * What the kernels need of threads: the port that `@nonet/tensor/threads` implements, so that a
 * program without threads loads none of it.
 */

/** The kernels that threads share the work of, by number. */
export const sharedKernels = ['matmul', 'matmulInt8', 'contract', 'contractDepthwise', 'map'] as const;
/** The name of one of these kernels. */
export type SharedKernel = (typeof sharedKernels)[number];

/** Threads that help one program after the other. */
export interface Threads {
  /** With the thread that runs the program; 1 where memory cannot be shared. */
  readonly count: number;
  /**
   * For `createProgram`. Throws `threads.busy` while they help another program, `threads.closed`,
   * and `threads.start` if one has ended.
   */
  attach(module: WebAssembly.Module, memory: WebAssembly.Memory): Promise<Team>;
  /** Ends them; a program that they helped cannot run any more. */
  close(): Promise<void>;
}

/** Threads at work on one memory. */
export interface Team {
  /**
   * Runs `kernel` once per thread with these arguments (i32); `here` runs the first of them on this
   * thread. Returns when all are done.
   */
  run(
    kernel: SharedKernel,
    parts: readonly (readonly number[])[],
    here: (part: readonly number[]) => void,
  ): void;
  /** Releases the threads. */
  detach(): void;
}
