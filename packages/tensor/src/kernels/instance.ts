/**
 * The kernels, compiled once per process and kind of memory, and instantiated once per program over
 * that program's own memory.
 */
import { kernelBinary } from './binary.ts';
import { toSharedModule } from './sharedModule.ts';

/** `assembly/matmul.ts`: addresses in bytes, strides in elements. */
type Matmul = (
  a: number,
  ai: number,
  ak: number,
  b: number,
  bk: number,
  bj: number,
  c: number,
  ci: number,
  m: number,
  n: number,
  k: number,
  then: number,
  scratch: number,
  registers: number,
) => void;

/** Kernels whose arguments are in memory, but for the scratch and the registers of the thread. */
type Described = (descriptor: number, scratch: number, registers: number) => void;

/** The exports of the WebAssembly module; addresses in bytes, strides in elements. */
export interface Kernels {
  matmul: Matmul;
  matmulInt8: Matmul;
  map: Described;
  reduce(descriptor: number): void;
  contract: Described;
  contractDepthwise: Described;
  contractInteger: Described;
  contractShort: Described;
  pad(descriptor: number): void;
  copyRows(to: number, toPitch: number, from: number, fromPitch: number, rows: number, width: number): void;
  /** These three return the position of the first index out of range, or -1. */
  gather(
    out: number,
    data: number,
    index: number,
    outer: number,
    size: number,
    inner: number,
    count: number,
  ): number;
  scatterAdd(
    out: number,
    source: number,
    index: number,
    outer: number,
    size: number,
    inner: number,
    count: number,
  ): number;
  lookup(out: number, x: number, table: number, low: number, size: number, count: number): number;
  requantise(
    out: number,
    x: number,
    table: number,
    channels: number,
    inner: number,
    low: number,
    high: number,
    count: number,
  ): void;
  random(out: number, seed: number, step: number, stream: number, count: number): void;
}

/**
 * Bytes that `matmul`, `matmulInt8` and `contract` need as scratch; `matmul` needs most:
 * a spare tile, then 64 panels of A and 86 of B, of 384 words by 3 and by 12, with 64 bytes between
 * panels.
 */
export const productScratchBytes = 192 + 64 * (4 * 384 * 3 + 64) + 86 * (4 * 384 * 12 + 64);

/** Bytes at the beginning of the memory where the module keeps constants. */
export const constantBytes = 2048;

let plain: Promise<WebAssembly.Module> | undefined;
let shared: Promise<WebAssembly.Module> | undefined;

function binary(): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: kernelBinary.length / 2 }, (_, i) =>
    Number.parseInt(kernelBinary.slice(2 * i, 2 * i + 2), 16),
  );
}

/** The module for a memory of one kind; compiled once. */
export function compileKernels(isShared: boolean): Promise<WebAssembly.Module> {
  if (isShared) return (shared ??= WebAssembly.compile(toSharedModule(binary())));
  return (plain ??= WebAssembly.compile(binary()));
}

/** The kernels over this memory. */
export async function instantiateKernels(memory: WebAssembly.Memory): Promise<Kernels> {
  const module = await compileKernels(!(memory.buffer instanceof ArrayBuffer));
  const { exports } = await WebAssembly.instantiate(module, { env: { memory } });
  return exports as unknown as Kernels;
}
