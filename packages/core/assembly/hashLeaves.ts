// Leaves and nodes of a content tree (docs/specs/content.md §2), four at a time: the messages are
// framed once, in place, and only their contents change.
import { sha256 } from './sha256';

const DIGEST: usize = 32;
const LEAF: usize = 256;

// A message is a domain, a leaf's index, the content, and the padding of FIPS 180-4 §5.1.1.
const DOMAIN: usize = 11;
const LEAF_HEAD: usize = DOMAIN + 4;
const LEAF_BLOCKS: i32 = 5;
const LEAF_MESSAGE: usize = 64 * LEAF_BLOCKS;
const NODE_BLOCKS: i32 = 2;
const NODE_MESSAGE: usize = 64 * NODE_BLOCKS;

// Texts of four bytes, as they lie in memory: "nonet leaf\0" and "nonet node\0" are three each.
const NONE: u32 = 0x656e6f6e;
const T_LE: u32 = 0x656c2074;
const AF: u32 = 0x6661;
const T_NO: u32 = 0x6f6e2074;
const DE: u32 = 0x6564;

// Where things lie in the scratch; digests of 256 leaves come first.
const MESSAGES: usize = 256 * DIGEST;
const SCHEDULE: usize = MESSAGES + 4 * LEAF_MESSAGE;
const FOUR: usize = SCHEDULE + 1024;

// In steps of 16 bytes, which costs less than a call of memory.copy: up to 15 bytes more.
function copy(to: usize, from: usize, length: usize): void {
  for (let i: usize = 0; i < length; i += 16) v128.store(to + i, v128.load(from + i));
}

// What surrounds `length` bytes that begin at `head` of a message of `blocks` blocks.
function frame(message: usize, second: u32, third: u32, head: usize, length: usize, blocks: i32): void {
  const last = message + (<usize>blocks << 6) - 4;
  const tail = message + head + length;
  store<u32>(message, NONE);
  store<u32>(message, second, 4);
  // Three bytes: the fourth is the content's.
  store<u16>(message, third, 8);
  store<u8>(message, 0, 10);
  memory.fill(tail, 0, last - tail);
  store<u8>(tail, 0x80);
  store<u32>(last, bswap<u32>(<u32>(head + length) << 3));
}

function fillLeaf(message: usize, index: u32, bytes: usize, length: usize): void {
  store<u32>(message, bswap<u32>(index), DOMAIN);
  copy(message + LEAF_HEAD, bytes, length);
}

/**
 * The root, to `scratch`, over the leaves of `length` bytes at `bytes`, at most 65,536, the first
 * of which is leaf `index` of the blob. Up to 768 bytes more are read, which count for nothing.
 * `scratch`: 10,624 bytes.
 */
export function hashLeaves(bytes: usize, length: usize, index: u32, scratch: usize): void {
  const messages = scratch + MESSAGES;
  const schedule = scratch + SCHEDULE;
  const four = scratch + FOUR;
  const whole = length / LEAF;
  for (let lane: usize = 0; lane < 4; lane++) {
    frame(messages + lane * LEAF_MESSAGE, T_LE, AF, LEAF_HEAD, LEAF, LEAF_BLOCKS);
  }
  for (let leaf: usize = 0; leaf < whole; leaf += 4) {
    for (let i = leaf; i < leaf + 4; i++) {
      fillLeaf(messages + (i - leaf) * LEAF_MESSAGE, index + <u32>i, bytes + i * LEAF, LEAF);
    }
    sha256(messages, LEAF_MESSAGE, LEAF_BLOCKS, four, schedule);
    copy(scratch + leaf * DIGEST, four, 4 * DIGEST);
  }
  let count = whole;
  const rest = length - whole * LEAF;
  if (rest > 0 || whole == 0) {
    const blocks = <i32>((LEAF_HEAD + rest + 8) >> 6) + 1;
    fillLeaf(messages, index + <u32>whole, bytes + whole * LEAF, rest);
    frame(messages, T_LE, AF, LEAF_HEAD, rest, blocks);
    sha256(messages, LEAF_MESSAGE, blocks, four, schedule);
    copy(scratch + whole * DIGEST, four, DIGEST);
    count++;
  }
  for (let lane: usize = 0; lane < 4; lane++) {
    frame(messages + lane * NODE_MESSAGE, T_NO, DE, DOMAIN, 2 * DIGEST, NODE_BLOCKS);
  }
  // Level by level. One that is left over goes up as it is: the shape of RFC 6962 §2.1.
  while (count > 1) {
    const pairs = count >> 1;
    for (let pair: usize = 0; pair < pairs; pair += 4) {
      const children = scratch + pair * 2 * DIGEST;
      for (let lane: usize = 0; lane < 4; lane++) {
        copy(messages + lane * NODE_MESSAGE + DOMAIN, children + lane * 2 * DIGEST, 2 * DIGEST);
      }
      sha256(messages, NODE_MESSAGE, NODE_BLOCKS, four, schedule);
      copy(scratch + pair * DIGEST, four, min<usize>(4, pairs - pair) * DIGEST);
    }
    if (count & 1) copy(scratch + pairs * DIGEST, scratch + (count - 1) * DIGEST, DIGEST);
    count = pairs + (count & 1);
  }
}
