/**
 * `nonet matrix --html`: the matrix, the projects and the ledgers as one page that needs no server.
 */
import type { MatrixView, TrianglePrice, TrilemmaView } from '@nonet/matrix';
import { diffCells, gapsIn } from '@nonet/matrix';
import { evaluateProject, type ProjectReport } from '@nonet/matrix/evaluation';
import { leads, projects } from '@nonet/matrix/projects';
import { type MatrixPage, renderMatrixPage } from '@nonet/web';
import { writePage } from '../../files/writePage.ts';

/** What the page shows beside the projects of the catalogue. */
export interface MatrixPageParts {
  readonly now: MatrixView;
  readonly before: MatrixView;
  readonly trilemma: TrilemmaView;
  readonly triangle: { readonly run: string; readonly rows: readonly TrianglePrice[] } | undefined;
}

/** Evaluates all projects at the date of `now`. Throws `page.out`. */
export function writeMatrixPage(file: string, { now, before, trilemma, triangle }: MatrixPageParts): void {
  const reports: readonly ProjectReport[] = projects.map((project) =>
    evaluateProject(project, { asOf: now.date.slice(0, 10) }),
  );
  const page: MatrixPage = {
    view: now,
    changes: { since: before.date, cells: diffCells(before, now) },
    gaps: gapsIn(now),
    trilemma,
    triangle: triangle ?? null,
    projects: reports,
    leads: leads.map(({ id, name, about }) => ({ id, name, about })),
  };
  writePage(file, renderMatrixPage(page));
}
