/**
 * The Fiat-Shamir transcript (docs/specs/zk.md §3): a chain of Keccak-256 over labels, lengths and
 * bytes. Prover and verifier make the same calls; what is drawn depends on all that was absorbed.
 */
import { modulus, type Quartic } from '@nonet/algebra';
import { utf8 } from '@nonet/core';
import type { Workspace } from './hash/hashKernels.ts';
import { quarticBytes } from './proofBytes.ts';

function u32(value: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}

/** The challenges of one proof. */
export class Transcript {
  readonly #workspace: Workspace;
  #state: Uint8Array<ArrayBuffer>;

  constructor(workspace: Workspace, domain: string) {
    this.#workspace = workspace;
    this.#state = workspace.hash(utf8(domain));
  }

  /** §3.1. */
  absorb(label: string, bytes: Uint8Array): void {
    this.#state = this.#chain(0, label, u32(bytes.length), bytes);
  }

  /** Elements, in the form that proofs have. */
  absorbElements(label: string, values: readonly Quartic[]): void {
    this.absorb(label, quarticBytes(values));
  }

  /** §3.2 and §3.3: `count` uniform elements of the extension. */
  elements(label: string, count: number): Quartic[] {
    const limbs: number[] = [];
    this.#squeeze(label, (word) => {
      const limb = word & 0x7fffffff;
      if (limb < modulus) limbs.push(limb);
      return limbs.length < 4 * count;
    });
    return Array.from({ length: count }, (_, i) => limbs.slice(4 * i, 4 * i + 4) as unknown as Quartic);
  }

  /** `count` uniform indices below 2^log, repetitions included. */
  indices(label: string, count: number, log: number): number[] {
    const indices: number[] = [];
    this.#squeeze(label, (word) => {
      indices.push(word & (2 ** log - 1));
      return indices.length < count;
    });
    return indices;
  }

  /** Gives words to `take` until it wants no more. */
  #squeeze(label: string, take: (word: number) => boolean): void {
    for (let i = 0, more = true; more; i++) {
      const block = new DataView(this.#chain(1, label, u32(i)).buffer);
      for (let at = 0; more && at < 32; at += 4) more = take(block.getUint32(at, true));
    }
    this.#state = this.#chain(2, label);
  }

  #chain(kind: number, label: string, ...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
    const text = utf8(label);
    return this.#workspace.hash(Uint8Array.of(kind), this.#state, u32(text.length), text, ...parts);
  }
}
