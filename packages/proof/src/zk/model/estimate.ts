/**
 * What a proof will take, from shapes alone, before any work begins; and the largest batch that is
 * within the bounds of a program (docs/specs/zk.md §7.8) or of memory.
 */
import { quarticSize } from '@nonet/algebra';
import { commitmentBytes } from '../commitment/proveCommitment.ts';
import { Rejected } from '../rejection.ts';
import { analyseProgram, maximumBatchRows, type Program } from './program.ts';
import { type Relations, summedProducts } from './relations.ts';
import { relationLayouts } from './shape.ts';
import { assertSoundness } from './soundness.ts';

/** Bytes of a workspace before anything is in it, and what vectors of a chunk take. */
const baseBytes = 2 ** 21;

/**
 * Bytes of memory that a proof of these relations takes at its largest, about, the weights'
 * commitment included.
 */
export function estimateMemory(relations: Relations): number {
  const layouts = relationLayouts(relations);
  const { components, products, table } = relations;
  const commitments = layouts.reduce((sum, layout) => sum + commitmentBytes(layout), 0);
  const inputs = products.reduce(
    (most, { left, source, rows }) => Math.max(most, left === 'input' ? 4 * rows * 2 ** source.variables : 0),
    0,
  );
  const tables = components.reduce(
    (sum, { uses, publics, lookups, variables }) =>
      sum + (uses.length + publics.length + Math.ceil(lookups.length / 2) + 1) * 2 ** variables,
    6 * 2 ** table.variables,
  );
  const factors = summedProducts(relations).reduce(
    (sum, product) =>
      sum +
      (product.kind === 'linear' && product.groups > 1 ? 4 : 2) * 2 ** product.innerVariables +
      (product.kind === 'linear' && product.window !== undefined ? 3 : 0) * 2 ** product.source.variables,
    0,
  );
  // Tables of the rows of a commitment, for each group of claims; most columns share theirs.
  const rows = layouts.reduce((sum, { rowLog, columnLog }) => sum + 8 * 2 ** rowLog + 2 ** columnLog, 0);
  return baseBytes + commitments + inputs + quarticSize * (tables + factors + rows);
}

/** The largest power of two of rows that one proof can be about; 0 if not even one row fits. */
export function largestBatch(program: Program): number {
  const fits = (maximumBatch: number): boolean => {
    try {
      const changed = { ...program, maximumBatch };
      assertSoundness(changed, analyseProgram(changed));
      return true;
    } catch (error) {
      if (error instanceof Rejected) return false;
      throw error;
    }
  };
  let rows = 0;
  while (2 * rows <= maximumBatchRows && fits(Math.max(1, 2 * rows))) rows = Math.max(1, 2 * rows);
  return rows;
}
