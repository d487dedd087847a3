/** What the catalogue's projects claim, cell by cell, as their evidence supports it at a date. */

import type { Project } from '../evaluation/records.ts';
import { evaluateProject } from '../evaluation/report.ts';
import type { CellClaim } from './cell.ts';

/** This project's file in the catalogue. */
const ownProject = 'nonet';

/** Every claim of every project; `date` is ISO 8601. */
export function claimsAt(projects: readonly Project[], date: string): readonly CellClaim[] {
  return projects.flatMap((project) => {
    const { claims, decision } = evaluateProject(project, { asOf: date.slice(0, 10) });
    return claims.map(({ claim, interval }) => ({
      project: project.name,
      ...(project.id === ownProject ? { own: true } : {}),
      cell: claim.cell,
      quote: claim.quote,
      ledger: claim.ledger,
      level: { low: interval.lo, high: interval.hi },
      verdict: decision.verdict,
    }));
  });
}
