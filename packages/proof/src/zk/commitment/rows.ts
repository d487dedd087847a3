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
