/**
 * Keccak-256 in WebAssembly on the memory of the field's kernels: whole layers of a tree in one
 * call (docs/specs/zk.md §3, §4.4).
 */
import { type Address, FieldMemory } from '@nonet/algebra';
import { fromHex } from '@nonet/core';
import { kernelBinary } from './kernelBinary.ts';

/** assembly/index.ts. Addresses and widths are in bytes. */
interface HashKernels {
  hashLeaves(
    out: Address,
    data: Address,
    count: number,
    width: number,
    words: number,
    numbers: Address,
    state: Address,
  ): void;
  hashNodes(out: Address, children: Address, count: number, height: number, state: Address): void;
  hash(out: Address, bytes: Address, length: number, state: Address): void;
}

/** Bytes of a digest. */
export const digestSize = 32;

const stateSize = 448;

let module: WebAssembly.Module | undefined;

/** The memory that a proof is made or verified in, with all kernels. */
export interface Workspace {
  readonly field: FieldMemory;
  /** Leaves of `count` positions: their entries lie `width` bytes apart, `words` of them count. */
  hashLeaves(
    out: Address,
    data: Address,
    count: number,
    width: number,
    words: number,
    numbers: Address,
  ): void;
  /** Nodes over `count` pairs of digests. */
  hashNodes(out: Address, children: Address, count: number, height: number): void;
  /** Keccak-256 of the parts, one after the other. */
  hash(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer>;
}

/** A workspace of at most `limit` bytes. */
export function createWorkspace(limit?: number): Workspace {
  const field = new FieldMemory(limit);
  module ??= new WebAssembly.Module(fromHex(`0x${kernelBinary}`));
  const kernels = new WebAssembly.Instance(module, { env: { memory: field.memory } })
    .exports as unknown as HashKernels;
  const state = field.allocate(stateSize);
  return {
    field,
    hashLeaves: (out, data, count, width, words, numbers) =>
      kernels.hashLeaves(out, data, count, width, words, numbers, state),
    hashNodes: (out, children, count, height) => kernels.hashNodes(out, children, count, height, state),
    hash(...parts) {
      const mark = field.mark();
      const length = parts.reduce((sum, part) => sum + part.length, 0);
      const out = field.allocate(digestSize);
      const at = field.allocate(length + 8);
      const bytes = field.bytes(at, length);
      let offset = 0;
      for (const part of parts) {
        bytes.set(part, offset);
        offset += part.length;
      }
      kernels.hash(out, at, length, state);
      const digest = field.bytes(out, digestSize).slice();
      field.release(mark);
      return digest;
    },
  };
}
