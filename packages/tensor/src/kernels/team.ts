/**
 * What the kernels need of threads: the port that `@nonet/tensor/threads` implements, so that a
 * program without threads loads none of it.
 */

/** The kernels that threads share the work of, by number. */
export const sharedKernels = [
  'matmul',
  'matmulInt8',
  'contract',
  'contractDepthwise',
  'contractInteger',
  'contractShort',
  'map',
] as const;
/** The name of one of these kernels. */
export type SharedKernel = (typeof sharedKernels)[number];

/** The most parts that a call is divided into: two for each of 64 threads. */
export const maximumParts = 128;

/** Threads that help one program after the other. */
export interface Threads {
  /** With the thread that runs the program; 1 where memory cannot be shared. */
  readonly count: number;
  /**
   * For `createProgram`; `places` are the addresses of scratch and registers of each thread but the
   * one that runs the program. Throws `threads.busy` while they help another program,
   * `threads.closed`, and `threads.start` if one has ended.
   */
  attach(
    module: WebAssembly.Module,
    memory: WebAssembly.Memory,
    places: readonly (readonly number[])[],
  ): Promise<Team>;
  /** Ends them; a program that they helped cannot run any more. */
  close(): Promise<void>;
}

/** Threads at work on one memory. */
export interface Team {
  /**
   * Runs `kernel` once with the arguments (i32) of each part, on whichever thread is free; `here`
   * runs a part on this thread. The kernel's last arguments are the scratch and the registers of
   * the thread. Returns when all are done.
   */
  run(
    kernel: SharedKernel,
    parts: readonly (readonly number[])[],
    here: (part: readonly number[]) => void,
  ): void;
  /** Releases the threads. */
  detach(): void;
}
