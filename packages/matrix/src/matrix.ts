/** The matrix as a fold over evidence: what this installation has measured, cell by cell. It runs nothing and reads records as data. */
import type { CellId, Evidence, Mechanism } from '@nonet/core/records';
import { type Cell, cells } from './cells.ts';

export interface FilledCell extends Cell {
  /** The mechanisms of this installation that serve the cell. */
  readonly mechanisms: readonly Pick<Mechanism<unknown>, 'id' | 'protects' | 'against'>[];
  /** Newest first. Assumptions support no cell, so they are left out. */
  readonly evidence: readonly Evidence[];
}

/** The nine cells in order, each with its mechanisms and evidence; an empty list means that nothing was measured yet. */
export function fillMatrix(
  mechanisms: readonly Mechanism<unknown>[],
  evidence: readonly Evidence[],
): readonly FilledCell[] {
  const serves = (id: CellId) => (entry: { readonly cells: readonly CellId[] }) => entry.cells.includes(id);
  const supporting = evidence
    .filter((record) => record.kind !== 'assumption')
    .toSorted((a, b) => (a.date < b.date ? 1 : a.date > b.date ? -1 : 0));
  return cells.map((cell) => ({
    ...cell,
    mechanisms: mechanisms.filter(serves(cell.id)),
    evidence: supporting.filter(serves(cell.id)),
  }));
}
