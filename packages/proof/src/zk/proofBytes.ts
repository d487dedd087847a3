/**
 * The bytes of a proof (docs/specs/zk.md §2.2): elements in Montgomery form and digests, one after
 * the other, in an order that the program fixes; no length is part of them. The reader refuses
 * elements that are not below p, missing bytes and bytes left over.
 */
import { fromMontgomery, modulus, type Quartic, quarticSize, toMontgomery } from '@nonet/algebra';
import { concatBytes } from '@nonet/core';
import { digestSize } from './hash/hashKernels.ts';
import { reject } from './rejection.ts';

/** The bytes of elements, 16 each. */
export function quarticBytes(values: readonly Quartic[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(values.length * quarticSize);
  const view = new DataView(bytes.buffer);
  for (const [i, value] of values.entries()) {
    for (const [j, limb] of value.entries())
      view.setUint32(i * quarticSize + j * 4, toMontgomery(limb), true);
  }
  return bytes;
}

/** Collects the bytes of a proof. */
export class ProofWriter {
  readonly #parts: Uint8Array[] = [];

  /** Bytes as they are; they are copied. */
  bytes(bytes: Uint8Array): void {
    this.#parts.push(bytes.slice());
  }

  /** All that was written. */
  finish(): Uint8Array<ArrayBuffer> {
    return concatBytes(...this.#parts);
  }
}

/** Reads the bytes of a proof. */
export class ProofReader {
  readonly #bytes: Uint8Array;
  #offset = 0;

  /** Refuses more than `limit` bytes, before anything is allocated for them. */
  constructor(bytes: Uint8Array, limit: number) {
    if (bytes.length > limit) {
      reject('proof.oversized', `at most ${limit} bytes`, `${bytes.length}`);
    }
    this.#bytes = bytes;
  }

  /** The next `length` bytes. */
  bytes(length: number): Uint8Array {
    const end = this.#offset + length;
    if (end > this.#bytes.length) {
      reject('proof.truncated', `${length} more bytes`, `${this.#bytes.length - this.#offset}`);
    }
    const part = this.#bytes.subarray(this.#offset, end);
    this.#offset = end;
    return part;
  }

  /** The next 32 bytes. */
  digest(): Uint8Array {
    return this.bytes(digestSize);
  }

  /** The next `count` words in Montgomery form, checked, still in that form. */
  words(count: number): Uint32Array<ArrayBuffer> {
    const part = this.bytes(4 * count);
    const view = new DataView(part.buffer, part.byteOffset, part.byteLength);
    const words = new Uint32Array(count);
    for (let i = 0; i < count; i++) {
      const word = view.getUint32(4 * i, true);
      if (word >= modulus) reject('proof.element', `an element below ${modulus}`, `${word}`);
      words[i] = word;
    }
    return words;
  }

  /** The next `count` elements of the extension. */
  quartics(count: number): Quartic[] {
    const words = this.words(4 * count);
    return Array.from(
      { length: count },
      (_, i) => Array.from(words.subarray(4 * i, 4 * i + 4), fromMontgomery) as unknown as Quartic,
    );
  }

  /** Refuses what is left over. */
  end(): void {
    const rest = this.#bytes.length - this.#offset;
    if (rest > 0) reject('proof.trailing', 'no bytes behind the proof', `${rest}`);
  }
}
