/**
 * What leaves, nodes, groups and outlines hash to (docs/specs/content.md §1 and §2): what
 * contentTree.ts and content.ts are made of.
 */
import { concatBytes, toHex, utf8 } from './bytes.ts';
import { type Address, sha256 } from './hash.ts';
import { hashLeavesInKernel } from './leafKernel.ts';
import { foldTree, maximumLeaves } from './treeShape.ts';

/** Bytes of each leaf but the last, which may be shorter. */
export const contentLeafBytes = 256;
const groupLeaves = 256;
/** Bytes of each group but the last: 256 leaves, one hash of the outline. */
export const contentGroupBytes = groupLeaves * contentLeafBytes;
/** 1 TiB: the index of a leaf has 32 bits. */
export const maximumContentBytes = maximumLeaves * contentLeafBytes;

/** Bytes of each hash of an outline. */
export const hashBytes = 32;

// §2. What is hashed is put together in place: no allocation for each leaf and node.
const leafDomain = utf8('nonet leaf\0');
const nodeDomain = utf8('nonet node\0');
const blobDomain = utf8('nonet blob\0');
const leafHead = leafDomain.length + 4;
const leafInput = concatBytes(leafDomain, new Uint8Array(4 + contentLeafBytes));
const leafView = new DataView(leafInput.buffer);
const nodeInput = concatBytes(nodeDomain, new Uint8Array(2 * hashBytes));

export function hashLeaf(index: number, bytes: Uint8Array): Uint8Array {
  leafView.setUint32(leafDomain.length, index);
  leafInput.set(bytes, leafHead);
  return sha256(leafInput.subarray(0, leafHead + bytes.length));
}

export function hashNode(left: Uint8Array, right: Uint8Array): Uint8Array {
  nodeInput.set(left, nodeDomain.length);
  nodeInput.set(right, nodeDomain.length + hashBytes);
  return sha256(nodeInput);
}

export function bindLength(length: number, top: Uint8Array): Address {
  const size = new Uint8Array(8);
  new DataView(size.buffer).setBigUint64(0, BigInt(length));
  return toHex(sha256(concatBytes(blobDomain, size, top))) as Address;
}

// §1.
/** Of pieces of `size` bytes; nothing is one empty piece. */
export const countPieces = (length: number, size: number) => Math.max(1, Math.ceil(length / size));
/** Bytes of piece `index` of `length` bytes. */
export const pieceBytes = (index: number, length: number, size: number) =>
  Math.min(size, length - index * size);

/** Below this many leaves a lane of the kernel would be idle, and a call for each is faster. */
const minimumKernelLeaves = 4;

/** The root over the leaves of `bytes`, 64 KiB at most, the first of which is leaf `index`. */
function hashLeaves(bytes: Uint8Array, index: number): Uint8Array {
  const count = countPieces(bytes.length, contentLeafBytes);
  if (count >= minimumKernelLeaves) return hashLeavesInKernel(bytes, index);
  const leafAt = (leaf: number) =>
    hashLeaf(index + leaf, bytes.subarray(leaf * contentLeafBytes, (leaf + 1) * contentLeafBytes));
  return foldTree(0, count, leafAt, hashNode);
}

/** The entry of the outline for group `group`, which consists of `bytes`. */
export function hashGroup(group: number, bytes: Uint8Array): Uint8Array {
  return hashLeaves(bytes, group * groupLeaves);
}

/** The root of a subtree of the blob `bytes`: `count` leaves from leaf `from` on. */
export function hashSubtree(bytes: Uint8Array, from: number, count: number): Uint8Array {
  const covered = bytes.subarray(from * contentLeafBytes, (from + count) * contentLeafBytes);
  const groupAt = (group: number) =>
    hashLeaves(
      covered.subarray(group * contentGroupBytes, (group + 1) * contentGroupBytes),
      from + group * groupLeaves,
    );
  return foldTree(0, countPieces(covered.length, contentGroupBytes), groupAt, hashNode);
}

export function hashOutline(outline: Uint8Array, length: number): Address {
  const entry = (group: number) => outline.subarray(group * hashBytes, (group + 1) * hashBytes);
  return bindLength(length, foldTree(0, outline.length / hashBytes, entry, hashNode));
}
