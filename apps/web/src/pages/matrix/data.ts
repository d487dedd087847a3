/** What the matrix page shows: plain data, made by `nonet matrix --html`. */
import type { CellChange, Gap, MatrixView, TrianglePrice, TrilemmaView } from '@nonet/matrix';
import type { Lead, ProjectReport } from '@nonet/matrix/evaluation';

export interface MatrixPage {
  readonly view: MatrixView;
  /** What is different from an earlier date. */
  readonly changes: { readonly since: string; readonly cells: readonly CellChange[] };
  readonly gaps: readonly Gap[];
  readonly trilemma: TrilemmaView;
  /** What the mechanisms of one run took from the other corners. */
  readonly triangle: { readonly run: string; readonly rows: readonly TrianglePrice[] } | null;
  readonly projects: readonly ProjectReport[];
  readonly leads: readonly Pick<Lead, 'id' | 'name' | 'about'>[];
}
