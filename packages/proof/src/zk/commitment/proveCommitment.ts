/**
 * Commitment to columns (docs/specs/zk.md §4): the matrix, its codewords, their tree, all kept in
 * the workspace until they are opened.
 */
import { type Address, fromInteger, quarticSize } from '@nonet/algebra';
import { digestSize, type Workspace } from '../hash/hashKernels.ts';
import { type Layout, placeOf, positionLog } from './layout.ts';

/** What a prover keeps of a commitment. */
export interface Committed {
  readonly layout: Layout;
  /** The committed rows in Montgomery form. */
  readonly matrix: Address;
  /** Position after position, `width` bytes each. */
  readonly codewords: Address;
  readonly width: number;
  /** The digests of height 0, then 1, ... */
  readonly tree: Address;
  readonly root: Uint8Array;
}

/** Bytes of a position with the entries of these rows, in vectors. */
function positionWidth({ rows }: Layout): number {
  return Math.ceil(rows.length / 4) * 16;
}

/** The values of a column: integers, or the coefficient number `limb` of extension elements. */
export type ColumnValues =
  | { readonly kind: 'integers'; readonly values: ArrayLike<number> }
  | { readonly kind: 'limb'; readonly elements: Address; readonly limb: number };

/** Commits to the columns of `layout`, whose values are `values`, in the same order. */
export function commitColumns(
  workspace: Workspace,
  layout: Layout,
  values: readonly ColumnValues[],
): Committed {
  const { field, hashLeaves, hashNodes } = workspace;
  const log = positionLog(layout);
  const columns = 2 ** layout.columnLog;
  const entries = layout.rows.length * columns;
  const width = positionWidth(layout);
  const matrix = field.allocate(entries * 4);
  const codewords = field.allocate(2 ** log * width);
  const tree = field.allocate(2 ** (log + 1) * digestSize);
  const roots = field.roots(log);

  // Integers first, since all that is there then becomes Montgomery form at once.
  const words = field.words(matrix, entries).fill(0);
  for (const [i, column] of values.entries()) {
    if (column.kind === 'integers')
      writeIntegers(words, placeOf(layout, i), column.values, layout.columns[i].live);
  }
  field.kernels.toMontgomery(matrix, matrix, entries / 4);
  for (const [i, column] of values.entries()) {
    if (column.kind === 'limb') {
      const to = matrix + 4 * placeOf(layout, i);
      field.kernels.takeLimbs(to, column.elements + 4 * column.limb, 2 ** layout.columns[i].variables);
    }
  }

  field.bytes(codewords, columns * width).fill(0);
  field.kernels.spreadRows(codewords, matrix, layout.rows.length, columns, width);
  field.kernels.encodeQuarter(codewords, width, log, roots);

  const mark = field.mark();
  const numbers = field.allocate(4 * 2 ** log);
  const all = field.words(numbers, 2 ** log);
  for (let i = 0; i < all.length; i++) all[i] = i;
  hashLeaves(tree, codewords, 2 ** log, width, layout.rows.length, numbers);
  field.release(mark);
  let level = tree;
  for (let height = 1, count = 2 ** log; count > 1; height++, count /= 2) {
    const next = level + count * digestSize;
    hashNodes(next, level, count / 2, height);
    level = next;
  }
  return { layout, matrix, codewords, width, tree, root: field.bytes(level, digestSize).slice() };
}

function writeIntegers(words: Uint32Array, place: number, values: ArrayLike<number>, live: number): void {
  for (let i = 0; i < live; i++) words[place + i] = fromInteger(values[i]);
}

/** The digest of a node of the tree. */
export function nodeDigest(
  { field }: Workspace,
  { tree, layout }: Committed,
  height: number,
  index: number,
): Uint8Array {
  const leaves = 2 ** positionLog(layout);
  const before = 2 * leaves - (2 * leaves) / 2 ** height;
  return field.bytes(tree + (before + index) * digestSize, digestSize);
}

/** Bytes of workspace that a commitment of this layout takes. */
export function commitmentBytes(layout: Layout): number {
  const positions = 2 ** positionLog(layout);
  const message = layout.rows.length * 2 ** layout.columnLog * 4;
  return message + positions * (positionWidth(layout) + 2 * digestSize + quarticSize);
}
