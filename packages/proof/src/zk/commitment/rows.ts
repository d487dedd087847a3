/** What prover and verifier both need of rows and positions. */
import { type Address, one, type Quartic, quarticSize } from '@nonet/algebra';
import type { Workspace } from '../hash/hashKernels.ts';

/** Ascending, each once. */
export function distinctIndices(indices: readonly number[]): number[] {
  return [...new Set(indices)].sort((a, b) => a - b);
}

/** eq(point, row) of the committed rows, and zeros up to a multiple of 4. */
export function gatherRows(
  { field }: Workspace,
  rows: readonly number[],
  point: readonly Quartic[],
): Address {
  const out = field.allocate(Math.ceil(rows.length / 4) * 4 * quarticSize);
  const mark = field.mark();
  const all = field.placeEq(point, one);
  const source = field.words(all, 4 * 2 ** point.length);
  const target = field.words(out, Math.ceil(rows.length / 4) * 16).fill(0);
  for (const [i, row] of rows.entries()) target.set(source.subarray(4 * row, 4 * row + 4), 4 * i);
  field.release(mark);
  return out;
}

/** The coordinates of a point behind the leading ones that are 0 or 1, and which block those name. */
export function splitBits(point: readonly Quartic[]): { readonly block: number; readonly rest: Quartic[] } {
  const isBit = ([a, b, c, d]: Quartic) => a <= 1 && b === 0 && c === 0 && d === 0;
  const firstFree = point.findIndex((coordinate) => !isBit(coordinate));
  const fixed = firstFree < 0 ? point.length : firstFree;
  const block = point.slice(0, fixed).reduce((index, [bit]) => 2 * index + bit, 0);
  return { block, rest: point.slice(fixed) };
}
