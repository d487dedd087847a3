/**
 * What a helping thread does: instantiates the kernels over the program's memory, then runs its
 * part of each job until told to leave.
 */
import type { Kernels } from '../kernels/instance.ts';
import { sharedKernels } from '../kernels/team.ts';
import { type Assignment, jobWord, leave, pendingWord, placeOf, spins } from './protocol.ts';

/**
 * Blocks its thread; returns when the program is closed. `ready` is called once, before the first
 * job.
 */
export function help({ module, memory, control, helper }: Assignment, ready: () => void): void {
  const kernels = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Kernels;
  const words = new Int32Array(control);
  const place = placeOf(helper);
  let job = Atomics.load(words, jobWord);
  ready();
  for (;;) {
    // The next job is usually about to come: waking up takes longer than most of them.
    for (let spin = 0; spin < spins && Atomics.load(words, jobWord) === job; spin++);
    Atomics.wait(words, jobWord, job);
    job = Atomics.load(words, jobWord);
    const kernel = words[place];
    if (kernel === leave) return;
    // Every argument is an i32; a kernel takes as many as it has parameters.
    const run = kernels[sharedKernels[kernel]] as (...values: number[]) => void;
    run(...words.subarray(place + 1, place + 1 + run.length));
    if (Atomics.sub(words, pendingWord, 1) === 1) Atomics.notify(words, pendingWord);
  }
}
