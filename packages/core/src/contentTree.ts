/**
 * Content addresses (docs/specs/content.md): a blob is named by the root of a SHA-256 tree over
 * leaves of 256 bytes. One leaf with its path shows a few bytes of a model to a contract; the
 * outline, one hash for each group of 256 leaves, lets a download be verified every 64 KiB while it
 * streams. Domain, index and length are bound: bytes count only at their own place in a blob of
 * that length.
 *
 * It hides nothing: a hash confirms a guess of the bytes beneath it. Verifiers never throw on
 * hostile input.
 */
import { equalBytes, fromHex, type Hex, toHex } from './bytes.ts';
import {
  bindLength,
  contentGroupBytes,
  contentLeafBytes,
  countPieces,
  hashBytes,
  hashGroup,
  hashLeaf,
  hashNode,
  hashOutline,
  hashSubtree,
  maximumContentBytes,
  pieceBytes,
} from './contentHash.ts';
import { MisuseError } from './errors.ts';
import { type Address, isAddress } from './hash.ts';
import { foldTree, siblingsOf } from './treeShape.ts';

export { contentGroupBytes, contentLeafBytes, maximumContentBytes };

// §1.
const isContentLength = (length: number) =>
  Number.isSafeInteger(length) && length >= 0 && length <= maximumContentBytes;
const isIndex = (index: number, count: number) => Number.isInteger(index) && index >= 0 && index < count;

/** The address of a blob: the root of its content tree (§2). */
export function addressOf(bytes: Uint8Array): Address {
  return hashOutline(contentOutline(bytes), bytes.length);
}

/** The outline of a blob (§4): 32 bytes for each group of 64 KiB; the last group may be shorter. */
export function contentOutline(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const outline = new Uint8Array(hashBytes * countPieces(bytes.length, contentGroupBytes));
  for (let group = 0; group * hashBytes < outline.length; group++) {
    const start = group * contentGroupBytes;
    outline.set(hashGroup(group, bytes.subarray(start, start + contentGroupBytes)), group * hashBytes);
  }
  return outline;
}

/** What a content hasher knows of the bytes so far. */
export interface ContentDigest {
  readonly address: Address;
  /** Bytes. */
  readonly length: number;
  /** As of `contentOutline`. */
  readonly outline: Uint8Array<ArrayBuffer>;
}

/** The address and the outline of bytes that come in chunks of any size. */
export interface ContentHasher {
  /** Throws `content.oversized` beyond 1 TiB. */
  update(chunk: Uint8Array): void;
  /** Of the bytes so far; more may follow. */
  digest(): ContentDigest;
}

/**
 * Keeps one group of 64 KiB and the outline: 32 bytes for each 64 KiB.
 *
 *     const hasher = createContentHasher();
 *     for await (const chunk of stream) hasher.update(chunk);
 *     const { address } = hasher.digest();
 */
export function createContentHasher(): ContentHasher {
  const group = new Uint8Array(contentGroupBytes);
  const complete: Uint8Array[] = [];
  let filled = 0;
  const countBytes = () => complete.length * contentGroupBytes + filled;
  return {
    update(chunk) {
      if (chunk.length > maximumContentBytes - countBytes()) {
        throw new MisuseError({
          code: 'content.oversized',
          expected: `a blob of at most ${maximumContentBytes} bytes`,
          found: `${countBytes()} bytes and ${chunk.length} more`,
          hint: 'Cut it into several blobs.',
        });
      }
      for (let at = 0; at < chunk.length; ) {
        // Not before more bytes follow: no empty group comes after a last one that is full.
        if (filled === contentGroupBytes) {
          complete.push(hashGroup(complete.length, group));
          filled = 0;
        }
        const taken = chunk.subarray(at, at + contentGroupBytes - filled);
        group.set(taken, filled);
        filled += taken.length;
        at += taken.length;
      }
    },
    digest() {
      const outline = new Uint8Array(hashBytes * (complete.length + 1));
      for (const [i, hash] of complete.entries()) outline.set(hash, i * hashBytes);
      outline.set(hashGroup(complete.length, group.subarray(0, filled)), complete.length * hashBytes);
      return { address: hashOutline(outline, countBytes()), length: countBytes(), outline };
    },
  };
}

/** One leaf of a blob and what ties it to the blob's address (§3). */
export interface ContentProof {
  /** Bytes of the whole blob. */
  readonly length: number;
  /** Which leaf: bytes `256 * index` and up. */
  readonly index: number;
  /** 256 bytes, or what is left of them at the end of the blob. */
  readonly leaf: Uint8Array;
  /** The hashes of the siblings, lowest first. */
  readonly path: readonly Hex[];
}

/** The proof of leaf `index` of `bytes`. Throws `content.index` where there is none. */
export function contentPath(bytes: Uint8Array, index: number): ContentProof {
  const { length } = bytes;
  const count = countPieces(length, contentLeafBytes);
  assertIndex(index, count);
  const leaf = bytes.slice(index * contentLeafBytes, (index + 1) * contentLeafBytes);
  const path = siblingsOf(index, count).map(({ from, count }) => toHex(hashSubtree(bytes, from, count)));
  return { length, index, leaf, path };
}

/**
 * The same for a leaf in the first group of a blob, from its length, its outline and that group,
 * which the caller has verified: so that a few bytes of a blob can be shown without reading all of
 * it. Throws `content.index` for a leaf that is not in that group.
 */
export function contentPathInHead(
  { length, outline }: Pick<ContentDigest, 'length' | 'outline'>,
  head: Uint8Array,
  index: number,
): ContentProof {
  const inHead = countPieces(head.length, contentLeafBytes);
  assertIndex(index, inHead);
  const entry = (group: number) => outline.subarray(group * hashBytes, (group + 1) * hashBytes);
  const path = siblingsOf(index, countPieces(length, contentLeafBytes)).map(({ from, count }) => {
    if (from < inHead) return toHex(hashSubtree(head, from, count));
    // Siblings beyond the first group begin with a group, and only the last one is not whole.
    const groups = Math.ceil((count * contentLeafBytes) / contentGroupBytes);
    return toHex(foldTree((from * contentLeafBytes) / contentGroupBytes, groups, entry, hashNode));
  });
  const leaf = head.slice(index * contentLeafBytes, (index + 1) * contentLeafBytes);
  return { length, index, leaf, path };
}

function assertIndex(index: number, count: number): void {
  if (isIndex(index, count)) return;
  throw new MisuseError({
    code: 'content.index',
    expected: `a leaf index below ${count}`,
    found: String(index),
  });
}

/**
 * The address that follows from a leaf and its path (§3.3); undefined where the proof is malformed
 * (§3.2). Never throws. With a changed leaf of the same size it is the address of the blob in which
 * only that leaf differs (§3.5), so a signed message can be climbed with its signature field
 * zeroed.
 */
export function contentRoot({ length, index, leaf, path }: ContentProof): Address | undefined {
  if (!isContentLength(length)) return undefined;
  const count = countPieces(length, contentLeafBytes);
  if (!isIndex(index, count)) return undefined;
  if (!(leaf instanceof Uint8Array) || leaf.length !== pieceBytes(index, length, contentLeafBytes)) {
    return undefined;
  }
  const siblings = siblingsOf(index, count);
  if (!Array.isArray(path) || path.length !== siblings.length) return undefined;
  let top = hashLeaf(index, leaf);
  for (const [depth, { side }] of siblings.entries()) {
    const hash: unknown = path[depth];
    if (!isAddress(hash)) return undefined;
    const sibling = fromHex(hash);
    top = side === 'left' ? hashNode(sibling, top) : hashNode(top, sibling);
  }
  return bindLength(length, top);
}

/**
 * Whether `proof` shows a leaf of the blob at `address`. Never throws: hostile input is simply
 * false.
 */
export function verifyContentLeaf(address: Address, proof: ContentProof): boolean {
  return contentRoot(proof) === address;
}

/** Whether the blob at `address` has `length` bytes and this outline (§4.3). Never throws. */
export function verifyOutline(address: Address, length: number, outline: Uint8Array): boolean {
  return isOutline(outline, length) && hashOutline(outline, length) === address;
}

/**
 * Whether `bytes` are group `group` of the blob of `length` bytes with that outline, which the
 * caller has verified (§4.3). Never throws.
 */
export function verifyGroup(outline: Uint8Array, group: number, bytes: Uint8Array, length: number): boolean {
  if (!isOutline(outline, length) || !isIndex(group, outline.length / hashBytes)) return false;
  if (!(bytes instanceof Uint8Array)) return false;
  if (bytes.length !== pieceBytes(group, length, contentGroupBytes)) return false;
  const expected = outline.subarray(group * hashBytes, (group + 1) * hashBytes);
  return equalBytes(hashGroup(group, bytes), expected);
}

function isOutline(outline: Uint8Array, length: number): boolean {
  if (!isContentLength(length) || !(outline instanceof Uint8Array)) return false;
  return outline.length === hashBytes * countPieces(length, contentGroupBytes);
}
