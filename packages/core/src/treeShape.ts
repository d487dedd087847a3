/**
 * The shape of our hash trees, RFC 6962 §2.1: the left subtree of n leaves, n >= 2, holds the
 * largest power of two below n. What leaves and nodes hash to is up to each tree: merkle.ts,
 * contentTree.ts.
 */

/** `leavesOnTheLeft` counts in 32 bits. */
export const maximumLeaves = 2 ** 32;

function leavesOnTheLeft(count: number): number {
  return 2 ** (31 - Math.clz32(count - 1));
}

/** The root over `count` leaves from leaf `from` on, count >= 1. */
export function foldTree<T>(
  from: number,
  count: number,
  leafAt: (index: number) => T,
  join: (left: T, right: T) => T,
): T {
  if (count === 1) return leafAt(from);
  const left = leavesOnTheLeft(count);
  return join(foldTree(from, left, leafAt, join), foldTree(from + left, count - left, leafAt, join));
}

/** A subtree beside the way from a leaf to the root. */
export interface Sibling {
  readonly side: 'left' | 'right';
  /** Its first leaf. */
  readonly from: number;
  /** Its leaves. */
  readonly count: number;
}

/** The siblings that leaf `index` of `count` meets on its way up, lowest first: at most 32. */
export function siblingsOf(index: number, count: number): readonly Sibling[] {
  const siblings: Sibling[] = [];
  for (let from = 0; count > 1; ) {
    const left = leavesOnTheLeft(count);
    if (index < from + left) {
      siblings.push({ side: 'right', from: from + left, count: count - left });
      count = left;
    } else {
      siblings.push({ side: 'left', from, count: left });
      from += left;
      count -= left;
    }
  }
  return siblings.reverse();
}
