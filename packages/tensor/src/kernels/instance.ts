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
  contractInteger(descriptor: number): void;
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
