/**
 * Up to 256 leaves of a content tree and the nodes over them, four at a time in WebAssembly
 * (assembly/): 2.3 times as fast as a call of Node's SHA-256 for each of them. Compiled on first
 * use, and synchronously, since addresses are; Chromium before 114 compiles no more than 4 KiB so
 * on a page's own thread, and a test holds the module to it.
 */
import { fromHex } from './bytes.ts';
import { kernelBinary } from './kernelBinary.ts';

/** assembly/index.ts: addresses and lengths in bytes. */
export interface LeafKernel {
  hashLeaves(bytes: number, length: number, index: number, scratch: number): void;
  sha256(messages: number, pitch: number, blocks: number, out: number, schedule: number): void;
}

// The module's own constants lie below 4 KiB.
const bytesOffset = 4096;
const scratchOffset = bytesOffset + 65_536;
/** 65,536 bytes each: room for the constants, a group and the scratch of 10,624 bytes. */
const memoryPages = 2;

/** A kernel with a memory of its own, which nothing but the kernel's arguments divides up. */
export function createLeafKernel(): LeafKernel & { readonly memory: Uint8Array } {
  const memory = new WebAssembly.Memory({ initial: memoryPages });
  const module = new WebAssembly.Module(fromHex(`0x${kernelBinary}`));
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  return { ...(exports as unknown as LeafKernel), memory: new Uint8Array(memory.buffer) };
}

let kernel: ReturnType<typeof createLeafKernel> | undefined;

/**
 * The root (docs/specs/content.md §2) over the leaves that `bytes`, at most 65,536, are cut into;
 * the first is leaf `index` of the blob. 32 bytes.
 */
export function hashLeavesInKernel(bytes: Uint8Array, index: number): Uint8Array {
  kernel ??= createLeafKernel();
  kernel.memory.set(bytes, bytesOffset);
  kernel.hashLeaves(bytesOffset, bytes.length, index, scratchOffset);
  return kernel.memory.slice(scratchOffset, scratchOffset + 32);
}
