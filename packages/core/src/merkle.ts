/**
 * Binary Merkle trees as in RFC 6962 §2.1 (Certificate Transparency): leaf and node hashes are domain-separated by a
 * leading byte, the left subtree of n leaves holds the largest power of two below n, nothing is duplicated or padded.
 */
import { concatBytes, fromHex, toHex } from './bytes.ts';
import { MisuseError } from './errors.ts';
import { type Address, isAddress, sha256 } from './hash.ts';

const leafPrefix = Uint8Array.of(0);
const nodePrefix = Uint8Array.of(1);

/** SHA-256(0x00 || bytes). */
export function leafHash(bytes: Uint8Array): Address {
  return toHex(sha256(concatBytes(leafPrefix, bytes))) as Address;
}

function nodeHash(left: Address, right: Address): Address {
  return toHex(sha256(concatBytes(nodePrefix, fromHex(left), fromHex(right)))) as Address;
}

/** `split` counts in 32 bits. */
const maximumLeaves = 2 ** 32;

/** The largest power of two below `count` (count >= 2). */
function split(count: number): number {
  return 2 ** (31 - Math.clz32(count - 1));
}

/** Root over leaf hashes; the root of no leaves is SHA-256 of nothing (RFC 6962 §2.1). */
export function merkleRoot(leaves: readonly Address[]): Address {
  if (leaves.length === 0) return toHex(sha256(new Uint8Array())) as Address;
  if (leaves.length === 1) return leaves[0]!;
  const k = split(leaves.length);
  return nodeHash(merkleRoot(leaves.slice(0, k)), merkleRoot(leaves.slice(k)));
}

/** The sibling hashes from leaf `index` up to the root (RFC 6962 §2.1.1), lowest first. */
export function merklePath(leaves: readonly Address[], index: number): readonly Address[] {
  if (!Number.isInteger(index) || index < 0 || index >= leaves.length) {
    throw new MisuseError({
      code: 'merkle.index',
      expected: `a leaf index below ${leaves.length}`,
      found: String(index),
    });
  }
  if (leaves.length === 1) return [];
  const k = split(leaves.length);
  return index < k
    ? [...merklePath(leaves.slice(0, k), index), merkleRoot(leaves.slice(k))]
    : [...merklePath(leaves.slice(k), index - k), merkleRoot(leaves.slice(0, k))];
}

/** Whether `leaf` is leaf `index` of `count` under `root`. Never throws: hostile input is simply false. */
export function verifyMerklePath(
  root: Address,
  leaf: Address,
  index: number,
  count: number,
  path: readonly Address[],
): boolean {
  if (!Number.isInteger(index) || !Number.isInteger(count) || index < 0 || index >= count) return false;
  if (count > maximumLeaves || !isAddress(leaf) || !path.every(isAddress)) return false;
  const climb = (index: number, count: number, depth: number): Address | undefined => {
    if (count === 1) return depth === 0 ? leaf : undefined;
    const sibling = path[depth - 1];
    if (sibling === undefined) return undefined;
    const k = split(count);
    const below = index < k ? climb(index, k, depth - 1) : climb(index - k, count - k, depth - 1);
    if (below === undefined) return undefined;
    return index < k ? nodeHash(below, sibling) : nodeHash(sibling, below);
  };
  return climb(index, count, path.length) === root;
}

/** The root of leaves that come one by one. */
export interface MerkleAccumulator {
  /** Leaves so far. */
  readonly count: number;
  append(leaf: Address): void;
  /** Of the leaves so far; equals `merkleRoot` of all of them. */
  root(): Address;
}

/** Keeps the roots of complete subtrees only: memory grows with the height of the tree. */
export function createMerkleAccumulator(): MerkleAccumulator {
  const subtrees: { root: Address; leaves: number }[] = [];
  let count = 0;
  return {
    get count() {
      return count;
    },
    append(leaf) {
      let top = { root: leaf, leaves: 1 };
      while (subtrees.at(-1)?.leaves === top.leaves) {
        const left = subtrees.pop()!;
        top = { root: nodeHash(left.root, top.root), leaves: 2 * top.leaves };
      }
      subtrees.push(top);
      count++;
    },
    root() {
      if (subtrees.length === 0) return merkleRoot([]);
      return subtrees.map(({ root }) => root).reduceRight((right, left) => nodeHash(left, right));
    },
  };
}
