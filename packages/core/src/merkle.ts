/**
 * Merkle trees of lists of records, as in RFC 6962 §2.1 (Certificate Transparency): leaf and node
 * hashes are domain-separated by a leading byte, nothing is duplicated or padded. The bytes of
 * blobs have a tree of their own: contentTree.ts.
 */
import { concatBytes, fromHex, toHex } from './bytes.ts';
import { MisuseError } from './errors.ts';
import { type Address, isAddress, sha256 } from './hash.ts';
import { foldTree, maximumLeaves, siblingsOf } from './treeShape.ts';

const leafPrefix = Uint8Array.of(0);
const nodePrefix = Uint8Array.of(1);

/** SHA-256(0x00 || bytes). */
export function leafHash(bytes: Uint8Array): Address {
  return toHex(sha256(concatBytes(leafPrefix, bytes))) as Address;
}

function nodeHash(left: Address, right: Address): Address {
  return toHex(sha256(concatBytes(nodePrefix, fromHex(left), fromHex(right)))) as Address;
}

/** Root over leaf hashes; the root of no leaves is SHA-256 of nothing (RFC 6962 §2.1). */
export function merkleRoot(leaves: readonly Address[]): Address {
  if (leaves.length === 0) return toHex(sha256(new Uint8Array())) as Address;
  return foldTree(0, leaves.length, (index) => leaves[index]!, nodeHash);
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
  return siblingsOf(index, leaves.length).map(({ from, count }) =>
    merkleRoot(leaves.slice(from, from + count)),
  );
}

/**
 * Whether `leaf` is leaf `index` of `count` under `root`. Never throws: hostile input is simply
 * false.
 */
export function verifyMerklePath(
  root: Address,
  leaf: Address,
  index: number,
  count: number,
  path: readonly Address[],
): boolean {
  if (!Number.isInteger(index) || !Number.isInteger(count) || index < 0 || index >= count) return false;
  if (count > maximumLeaves || !isAddress(leaf)) return false;
  const siblings = siblingsOf(index, count);
  if (path.length !== siblings.length || !path.every(isAddress)) return false;
  const top = siblings.reduce(
    (below, { side }, depth) =>
      side === 'left' ? nodeHash(path[depth]!, below) : nodeHash(below, path[depth]!),
    leaf,
  );
  return top === root;
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
