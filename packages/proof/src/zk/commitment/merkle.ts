/**
 * The tree over the positions of codewords (docs/specs/zk.md §4.4) and openings of many leaves at
 * once: a hash that follows from the leaves or from lower ones is not sent.
 */
import type { Address } from '@nonet/algebra';
import { digestSize, type Workspace } from '../hash/hashKernels.ts';

/** A node by its height, 0 for leaves, and its number from the left. */
export interface NodePlace {
  readonly height: number;
  readonly index: number;
}

/** What is missing for the root of 2^depth leaves besides those at `indices`, ascending (§5.6). */
export function missingNodes(indices: readonly number[], depth: number): NodePlace[] {
  const missing: NodePlace[] = [];
  let known = indices;
  for (let height = 0; height < depth; height++) {
    for (const [i, index] of known.entries()) {
      const sibling = index ^ 1;
      if (known[i + 1] !== sibling && known[i - 1] !== sibling) missing.push({ height, index: sibling });
    }
    known = parents(known);
  }
  return missing;
}

function parents(indices: readonly number[]): number[] {
  return indices.map((index) => index >>> 1).filter((index, i, all) => index !== all[i - 1]);
}

/**
 * The root of 2^depth leaves from the hashes, at `leaves`, of those at `indices`, ascending, and
 * from the missing ones, which `next` gives in their order.
 */
export function rootFromLeaves(
  { field, hashNodes }: Workspace,
  indices: readonly number[],
  leaves: Address,
  depth: number,
  next: () => Uint8Array,
): Uint8Array {
  const mark = field.mark();
  const children = field.allocate(2 * digestSize * indices.length);
  const out = field.allocate(digestSize * indices.length);
  field.bytes(out, digestSize * indices.length).set(field.bytes(leaves, digestSize * indices.length));
  let known = indices;
  for (let height = 0; height < depth; height++) {
    const above = parents(known);
    for (let i = 0, parent = 0; i < known.length; parent++) {
      const paired = known[i + 1] === (known[i] | 1) && (known[i] & 1) === 0;
      const own = field.bytes(out + i * digestSize, digestSize);
      const to = children + parent * 2 * digestSize;
      const side = known[i] & 1;
      field.bytes(to + side * digestSize, digestSize).set(own);
      const other = paired ? field.bytes(out + (i + 1) * digestSize, digestSize) : next();
      field.bytes(to + (1 - side) * digestSize, digestSize).set(other);
      i += paired ? 2 : 1;
    }
    hashNodes(out, children, above.length, height + 1);
    known = above;
  }
  const root = field.bytes(out, digestSize).slice();
  field.release(mark);
  return root;
}
