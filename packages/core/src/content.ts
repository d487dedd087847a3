/**
 * Contents: bytes with what their tree says of them, so that a blob is hashed once on its way
 * through a process, where it is made or where it comes in, and not by each function that asks for
 * its address. Only the functions here make one, from bytes that they hash or verify; nothing
 * writes to the bytes of a content any more.
 */
import { contentGroupBytes, hashBytes, hashGroup, hashOutline } from './contentHash.ts';
import { type ContentDigest, contentOutline, verifyGroup, verifyOutline } from './contentTree.ts';
import { MisuseError } from './errors.ts';
import type { Address } from './hash.ts';

declare const hashed: unique symbol;

/** Bytes, and their digest. */
export interface Content extends ContentDigest {
  /** Must not be changed: address and outline are of these. */
  readonly bytes: Uint8Array;
  /** No object literal is a content. */
  readonly [hashed]: true;
}

function createContent(bytes: Uint8Array, outline: Uint8Array<ArrayBuffer>): Content {
  const { length } = bytes;
  return { address: hashOutline(outline, length), length, outline, bytes } as Content;
}

/** Hashes bytes, unless they are a content already. Keeps them; it does not copy. */
export function contentOf(blob: Uint8Array | Content): Content {
  return blob instanceof Uint8Array ? createContent(blob, contentOutline(blob)) : blob;
}

/**
 * A copy of a content with `bytes` from byte `offset` on: only the groups of 64 KiB that change are
 * hashed again. Throws `content.range` unless the content has that many bytes there.
 */
export function replaceBytes(content: Content, offset: number, bytes: Uint8Array): Content {
  const end = offset + bytes.length;
  if (!Number.isInteger(offset) || offset < 0 || end > content.length) {
    throw new MisuseError({
      code: 'content.range',
      expected: `a range within ${content.length} bytes`,
      found: `${bytes.length} bytes from ${offset} on`,
    });
  }
  const changed = new Uint8Array(content.bytes);
  changed.set(bytes, offset);
  const outline = new Uint8Array(content.outline);
  for (let group = Math.floor(offset / contentGroupBytes); group * contentGroupBytes < end; group++) {
    const start = group * contentGroupBytes;
    outline.set(hashGroup(group, changed.subarray(start, start + contentGroupBytes)), group * hashBytes);
  }
  return createContent(changed, outline);
}

/** What of a blob has been verified so far; several stores may add to it, even at the same time. */
export interface PartialContent {
  readonly address: Address;
  /** Of the whole blob: bytes; undefined until its outline is known. */
  readonly length: number | undefined;
  /** So many bytes from the start are verified. */
  readonly verified: number;
  /** Takes the outline (docs/specs/content.md §4), unless it is not that of the address. */
  takeOutline(length: number, outline: Uint8Array): boolean;
  /** Takes the group that begins at byte `offset`, unless it is not what the outline says. */
  takeGroup(offset: number, bytes: Uint8Array): boolean;
  /** The blob, once all of it is verified. */
  readonly content: Content | undefined;
}

/**
 * A blob on its way: the groups that came so far, each verified by the outline, which was verified
 * by the address (docs/specs/content.md §4). Nothing else is kept, so it does not matter who sent
 * them.
 */
export function createPartialContent(address: Address): PartialContent {
  let length: number | undefined;
  let outline = new Uint8Array();
  let bytes = new Uint8Array();
  let groups = 0;
  let content: Content | undefined;
  return {
    address,
    get length() {
      return length;
    },
    get verified() {
      return Math.min(groups * contentGroupBytes, length ?? 0);
    },
    get content() {
      return content;
    },
    takeOutline(size, hashes) {
      if (!verifyOutline(address, size, hashes)) return false;
      length = size;
      outline = new Uint8Array(hashes);
      return true;
    },
    takeGroup(offset, group) {
      const index = offset / contentGroupBytes;
      if (index < groups) return true;
      if (length === undefined || index > groups || !verifyGroup(outline, index, group, length)) return false;
      // Only now: a length that no group has followed yet takes no memory.
      if (groups === 0) bytes = new Uint8Array(length);
      bytes.set(group, offset);
      groups++;
      if (groups === outline.length / hashBytes) content = createContent(bytes, outline);
      return true;
    },
  };
}
