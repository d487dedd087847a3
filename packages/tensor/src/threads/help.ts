/**
 * What a helping thread does: instantiates the kernels over the program's memory, then does parts
 * of each job until told to leave.
 */
import type { Kernels } from '../kernels/instance.ts';
import { sharedKernels } from '../kernels/team.ts';
import {
  type Assignment,
  claimPart,
  claimWord,
  endPart,
  kernelWord,
  leaveWord,
  placeOf,
  spins,
} from './protocol.ts';

/**
 * Blocks its thread; returns when the program is closed. `ready` is called once, before the first
 * job.
 */
export function help({ module, memory, control, place }: Assignment, ready: () => void): void {
  const kernels = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Kernels;
  const words = new Int32Array(control);
  ready();
  for (;;) {
    for (let part = claimPart(words); part >= 0; part = claimPart(words)) {
      // Every argument is an i32; a kernel takes as many as it has parameters.
      const run = kernels[sharedKernels[words[kernelWord]]] as (...values: number[]) => void;
      const at = placeOf(part);
      run(...words.subarray(at, at + run.length - place.length), ...place);
      endPart(words);
    }
    const seen = Atomics.load(words, claimWord);
    // Asked after that: when it is told to leave later, `seen` is no longer what it waits on.
    if (Atomics.load(words, leaveWord) === 1) return;
    if ((seen & 255) !== 0) continue;
    for (let spin = 0; spin < spins && Atomics.load(words, claimWord) === seen; spin++);
    Atomics.wait(words, claimWord, seen);
  }
}
