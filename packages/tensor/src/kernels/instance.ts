/** The kernels, compiled once per process and instantiated once per program over that program's own memory. */
import { kernelBinary } from './binary.ts';

export interface Kernels {
  matmul(
    a: number,
    ai: number,
    ak: number,
    b: number,
    bk: number,
    bj: number,
    c: number,
    m: number,
    n: number,
    k: number,
    scratch: number,
  ): void;
  map(descriptor: number): void;
  reduce(descriptor: number): void;
  contract(descriptor: number): void;
}

/** Bytes that `matmul` and `contract` want as scratch: a spare tile, tables, packed blocks of A and of B. */
export const productScratchBytes = 8192 + 4 * (128 + 256) * 256;

let compiled: Promise<WebAssembly.Module> | undefined;

export async function instantiateKernels(memory: WebAssembly.Memory): Promise<Kernels> {
  compiled ??= WebAssembly.compile(
    Uint8Array.from(atob(kernelBinary), (character) => character.charCodeAt(0)),
  );
  const { exports } = await WebAssembly.instantiate(await compiled, { env: { memory } });
  return exports as unknown as Kernels;
}
